package sdk

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/google/go-cmp/cmp"
)

// A client that signs in for itself needs neither a user nor IAM: its secret
// is what counts.
func TestClientToken(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p := w.people(t, w.alpha, west)
		const allow = types.ExplicitAuthFlowsType("ALLOW_CLIENT_TOKEN_AUTH")
		create := func(secret bool, flows ...types.ExplicitAuthFlowsType) (*types.UserPoolClientType, error) {
			out, err := p.admin.CreateUserPoolClient(t.Context(), &idp.CreateUserPoolClientInput{
				UserPoolId: &p.pool, ClientName: aws.String("machine"), GenerateSecret: secret, ExplicitAuthFlows: flows,
			})
			if err != nil {
				return nil, err
			}
			return out.UserPoolClient, nil
		}
		machine := must(create(true, allow))(t)
		if diff := cmp.Diff([]types.ExplicitAuthFlowsType{allow}, machine.ExplicitAuthFlows); diff != "" {
			t.Errorf("flows (-want +got):\n%s", diff)
		}
		_, err := create(true, allow, types.ExplicitAuthFlowsTypeAllowUserSrpAuth)
		refused[*types.InvalidParameterException](t, "users, too", err, "ALLOW_CLIENT_TOKEN_AUTH cannot be enabled along with other auth flows.")
		_, err = create(false, allow)
		refused[*types.InvalidParameterException](t, "no secret", err, "ALLOW_CLIENT_TOKEN_AUTH can not be selected if client does not have a client secret.")

		get := func(id, secret string, scopes ...string) (*types.ClientAuthenticationResultType, error) {
			out, err := p.public.GetClientToken(t.Context(), &idp.GetClientTokenInput{ClientId: &id, Secret: &secret, Scopes: scopes})
			if err != nil {
				return nil, err
			}
			return out.ClientAuthenticationResult, nil
		}
		got := must(get(*machine.ClientId, *machine.ClientSecret))(t)
		if *got.TokenType != "Bearer" || got.ExpiresIn != 3600 {
			t.Errorf("reply %s", w.wire.reply)
		}
		j := parse(t, *got.AccessToken)
		for claim, want := range map[string]any{
			"sub": *machine.ClientId, "client_id": *machine.ClientId, "token_use": "access", "version": 2.0, "scope": "",
		} {
			if v := j.value(t, claim); v != want {
				t.Errorf("%s is %v, want %v", claim, v, want)
			}
		}
		for _, claim := range []string{`"username"`, `"origin_jti"`, `"event_id"`, `"aud"`} {
			if strings.Contains(string(j.payload), claim) {
				t.Errorf("%s in %s", claim, j.payload)
			}
		}
		// It opens nothing that is a user's.
		_, err = p.public.GetUser(t.Context(), &idp.GetUserInput{AccessToken: got.AccessToken})
		refused[*types.NotAuthorizedException](t, "GetUser", err, "Access Token does not have required scopes")

		_, err = get(*machine.ClientId, strings.Repeat("a", 52))
		refused[*types.NotAuthorizedException](t, "a wrong secret", err, "Client secret is not valid.")
		_, err = get(*machine.ClientId, *machine.ClientSecret, "aws.cognito.signin.user.admin")
		refused[*types.InvalidParameterException](t, "a scope of users", err, "Invalid scope requested: aws.cognito.signin.user.admin")
		_, err = get("1example23456789abcdefghij", *machine.ClientSecret)
		refused[*types.ResourceNotFoundException](t, "no client", err, "User pool client 1example23456789abcdefghij does not exist.")
		_, err = get(p.client, strings.Repeat("a", 52))
		refused[*types.NotAuthorizedException](t, "a public client", err, "Client secret is not valid.")
		people := must(create(true, types.ExplicitAuthFlowsTypeAllowUserSrpAuth))(t)
		_, err = get(*people.ClientId, *people.ClientSecret)
		refused[*types.NotAuthorizedException](t, "a client of people", err, "ALLOW_CLIENT_TOKEN_AUTH is not enabled for the client.")
		_, err = p.public.InitiateAuth(t.Context(), &idp.InitiateAuthInput{
			ClientId: machine.ClientId, AuthFlow: types.AuthFlowTypeUserPasswordAuth, AuthParameters: map[string]string{"USERNAME": "alice", "PASSWORD": password},
		})
		refused[*types.InvalidParameterException](t, "a person through it", err, "USER_PASSWORD_AUTH flow not enabled for this client")
	})
}
