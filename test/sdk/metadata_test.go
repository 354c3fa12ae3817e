package sdk

import (
	"reflect"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
)

// What apps tell of themselves and of the device that they run on is taken
// wherever the API has a place for it, and changes no answer.
func TestWhatAppsTellOfThemselves(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p, ctx := w.people(t, w.alpha, west).verified(), t.Context()
		must(p.admin.UpdateUserPoolClient(ctx, &idp.UpdateUserPoolClientInput{
			UserPoolId: &p.pool, ClientId: &p.client, ExplicitAuthFlows: []types.ExplicitAuthFlowsType{
				types.ExplicitAuthFlowsTypeAllowUserPasswordAuth, types.ExplicitAuthFlowsTypeAllowAdminUserPasswordAuth, types.ExplicitAuthFlowsTypeAllowRefreshTokenAuth,
			},
		}))(t)
		analytics := &types.AnalyticsMetadataType{AnalyticsEndpointId: aws.String("an endpoint")}
		device := &types.UserContextDataType{EncodedData: aws.String("ZGV2aWNl"), IpAddress: aws.String("192.0.2.7")}
		context := &types.ContextDataType{
			EncodedData: aws.String("ZGV2aWNl"), IpAddress: aws.String("192.0.2.7"), ServerName: aws.String("shop.example.com"), ServerPath: aws.String("/sign-in"),
			HttpHeaders: []types.HttpHeader{{HeaderName: aws.String("User-Agent"), HeaderValue: aws.String("browser")}},
		}
		bob, first := aws.String("bob"), "Temporary-Horse-0"
		to := "bob@example.com"

		calls := []struct {
			operation string
			call      func() error
		}{
			{"SignUp", func() error {
				_, err := p.public.SignUp(ctx, &idp.SignUpInput{
					ClientId: &p.client, Username: bob, Password: aws.String(password), UserAttributes: attributes("email", to),
					AnalyticsMetadata: analytics, UserContextData: device,
				})
				return err
			}},
			{"ResendConfirmationCode", func() error {
				_, err := p.public.ResendConfirmationCode(ctx, &idp.ResendConfirmationCodeInput{ClientId: &p.client, Username: bob, AnalyticsMetadata: analytics, UserContextData: device})
				return err
			}},
			{"ConfirmSignUp", func() error {
				_, err := p.public.ConfirmSignUp(ctx, &idp.ConfirmSignUpInput{
					ClientId: &p.client, Username: bob, ConfirmationCode: aws.String(p.code(to)), AnalyticsMetadata: analytics, UserContextData: device,
				})
				return err
			}},
			{"ForgotPassword", func() error {
				_, err := p.public.ForgotPassword(ctx, &idp.ForgotPasswordInput{ClientId: &p.client, Username: bob, AnalyticsMetadata: analytics, UserContextData: device})
				return err
			}},
			{"ConfirmForgotPassword", func() error {
				_, err := p.public.ConfirmForgotPassword(ctx, &idp.ConfirmForgotPasswordInput{
					ClientId: &p.client, Username: bob, ConfirmationCode: aws.String(p.code(to)), Password: aws.String(newPassword), AnalyticsMetadata: analytics, UserContextData: device,
				})
				return err
			}},
			{"InitiateAuth", func() error {
				out, err := p.public.InitiateAuth(ctx, &idp.InitiateAuthInput{
					ClientId: &p.client, AuthFlow: types.AuthFlowTypeUserPasswordAuth, AuthParameters: map[string]string{"USERNAME": *bob, "PASSWORD": newPassword},
					AnalyticsMetadata: analytics, UserContextData: device,
				})
				if err == nil && out.AuthenticationResult == nil {
					t.Errorf("asked for %s", out.ChallengeName)
				}
				return err
			}},
			{"RespondToAuthChallenge", func() error {
				p.setTemporary(*bob, first)
				asked := must(p.try(*bob, first))(t)
				out, err := p.public.RespondToAuthChallenge(ctx, &idp.RespondToAuthChallengeInput{
					ClientId: &p.client, ChallengeName: asked.ChallengeName, Session: asked.Session, AnalyticsMetadata: analytics, UserContextData: device,
					ChallengeResponses: map[string]string{"USERNAME": *bob, "NEW_PASSWORD": newPassword},
				})
				if err == nil && out.AuthenticationResult == nil {
					t.Errorf("asked for %s", out.ChallengeName)
				}
				return err
			}},
			{"AdminInitiateAuth", func() error {
				p.setTemporary(*bob, first)
				_, err := p.admin.AdminInitiateAuth(ctx, &idp.AdminInitiateAuthInput{
					UserPoolId: &p.pool, ClientId: &p.client, AuthFlow: types.AuthFlowTypeAdminUserPasswordAuth,
					AuthParameters: map[string]string{"USERNAME": *bob, "PASSWORD": first}, AnalyticsMetadata: analytics, ContextData: context,
				})
				return err
			}},
			{"AdminRespondToAuthChallenge", func() error {
				asked := must(p.try(*bob, first))(t)
				out, err := p.admin.AdminRespondToAuthChallenge(ctx, &idp.AdminRespondToAuthChallengeInput{
					UserPoolId: &p.pool, ClientId: &p.client, ChallengeName: asked.ChallengeName, Session: asked.Session, AnalyticsMetadata: analytics, ContextData: context,
					ChallengeResponses: map[string]string{"USERNAME": *bob, "NEW_PASSWORD": newPassword},
				})
				if err == nil && out.AuthenticationResult == nil {
					t.Errorf("asked for %s", out.ChallengeName)
				}
				return err
			}},
		}
		var told []string
		for _, c := range calls {
			told = append(told, c.operation)
			if err := c.call(); err != nil {
				t.Fatalf("%s: %v", c.operation, err)
			}
		}
		// The list above is all of them.
		var places []string
		for _, op := range cognitoidp.Service.Operations {
			if hasMember(op.Input, "AnalyticsMetadata") || hasMember(op.Input, "UserContextData") || hasMember(op.Input, "ContextData") {
				places = append(places, op.Name)
			}
		}
		slices.Sort(told)
		slices.Sort(places)
		if !slices.Equal(told, places) {
			t.Errorf("told %v\nof %v", told, places)
		}
	})
}

func hasMember(of reflect.Type, name string) bool {
	_, ok := of.FieldByName(name)
	return ok
}

// setTemporary gives a user a password that has to be changed.
func (p *people) setTemporary(name, to string) {
	p.t.Helper()
	must(p.admin.AdminSetUserPassword(p.t.Context(), &idp.AdminSetUserPasswordInput{UserPoolId: &p.pool, Username: &name, Password: &to}))(p.t)
}
