package cognitoidp_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
)

// A client made of a name alone, as it was captured on the service.
const freshClient = `{"UserPoolClient":{"UserPoolId":"POOL","ClientName":"web","ClientId":"CLIENT",
	"LastModifiedDate":1795341600.123,"CreationDate":1795341600.123,
	"RefreshTokenValidity":30,"TokenValidityUnits":{},"AllowedOAuthFlowsUserPoolClient":false,
	"EnableTokenRevocation":true,"EnablePropagateAdditionalUserContextData":false,"AuthSessionValidity":3}}`

// everyClient is a client with every optional member set, of a pool with the
// custom attribute plan.
func everyClient(pool string) *idp.CreateUserPoolClientInput {
	return &idp.CreateUserPoolClientInput{
		UserPoolId: &pool, ClientName: aws.String("site"), GenerateSecret: true,
		RefreshTokenValidity: 43200, AccessTokenValidity: aws.Int32(60), IdTokenValidity: aws.Int32(3600),
		TokenValidityUnits: &types.TokenValidityUnitsType{AccessToken: "minutes", IdToken: "seconds", RefreshToken: "minutes"},
		ReadAttributes:     []string{"email", "email_verified", "custom:plan"}, WriteAttributes: []string{"email", "custom:plan"},
		ExplicitAuthFlows:          []types.ExplicitAuthFlowsType{"ALLOW_USER_SRP_AUTH", "ALLOW_USER_PASSWORD_AUTH", "ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_USER_SRP_AUTH"},
		SupportedIdentityProviders: []string{"COGNITO"},
		CallbackURLs:               []string{"https://app.example.com/cb", "http://localhost:3000/cb", "http://127.0.0.1/cb", "http://[::1]:8080", "myapp://signed-in"},
		LogoutURLs:                 []string{"https://app.example.com/"}, DefaultRedirectURI: aws.String("http://localhost:3000/cb"),
		AllowedOAuthFlows: []types.OAuthFlowType{"code", "implicit"}, AllowedOAuthScopes: []string{"openid", "email", "aws.cognito.signin.user.admin"},
		AllowedOAuthFlowsUserPoolClient: true,
		AnalyticsConfiguration:          &types.AnalyticsConfigurationType{ApplicationArn: aws.String("arn:aws:mobiletargeting:us-west-2:111111111111:apps/a"), UserDataShared: true},
		PreventUserExistenceErrors:      "ENABLED", EnableTokenRevocation: aws.Bool(false), EnablePropagateAdditionalUserContextData: aws.Bool(true),
		AuthSessionValidity:  aws.Int32(15),
		RefreshTokenRotation: &types.RefreshTokenRotationType{Feature: "ENABLED", RetryGracePeriodSeconds: aws.Int32(10)},
	}
}

const fullClient = `{"UserPoolClient":{"UserPoolId":"POOL","ClientName":"site","ClientId":"CLIENT","ClientSecret":"SECRET",
	"LastModifiedDate":1795341600.123,"CreationDate":1795341600.123,
	"RefreshTokenValidity":43200,"AccessTokenValidity":60,"IdTokenValidity":3600,
	"TokenValidityUnits":{"AccessToken":"minutes","IdToken":"seconds","RefreshToken":"minutes"},
	"ReadAttributes":["email","email_verified","custom:plan"],"WriteAttributes":["email","custom:plan"],
	"ExplicitAuthFlows":["ALLOW_ADMIN_USER_PASSWORD_AUTH","ALLOW_USER_PASSWORD_AUTH","ALLOW_USER_SRP_AUTH"],
	"SupportedIdentityProviders":["COGNITO"],
	"CallbackURLs":["https://app.example.com/cb","http://localhost:3000/cb","http://127.0.0.1/cb","http://[::1]:8080","myapp://signed-in"],
	"LogoutURLs":["https://app.example.com/"],"DefaultRedirectURI":"http://localhost:3000/cb",
	"AllowedOAuthFlows":["code","implicit"],"AllowedOAuthScopes":["openid","email","aws.cognito.signin.user.admin"],
	"AllowedOAuthFlowsUserPoolClient":true,
	"AnalyticsConfiguration":{"ApplicationArn":"arn:aws:mobiletargeting:us-west-2:111111111111:apps/a","UserDataShared":true},
	"PreventUserExistenceErrors":"ENABLED","EnableTokenRevocation":false,"EnablePropagateAdditionalUserContextData":true,
	"AuthSessionValidity":15,"RefreshTokenRotation":{"Feature":"ENABLED","RetryGracePeriodSeconds":10}}}`

func withPlan(in *idp.CreateUserPoolInput) {
	in.Schema = []types.SchemaAttributeType{{Name: aws.String("plan"), AttributeDataType: "String"}}
}

func TestClientsReadAsOnTheService(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c := w.root(alpha, west)
		pool := w.pool(c, withPlan)
		plain := ok(c.CreateUserPoolClient(t.Context(), &idp.CreateUserPoolClientInput{UserPoolId: &pool, ClientName: aws.String("web")}))(t).UserPoolClient.ClientId
		w.wantReply(t, freshClient)
		ok(c.DescribeUserPoolClient(t.Context(), &idp.DescribeUserPoolClientInput{UserPoolId: &pool, ClientId: plain}))(t)
		w.wantReply(t, freshClient)

		in := everyClient(pool)
		full := ok(c.CreateUserPoolClient(t.Context(), in))(t).UserPoolClient
		w.wantReply(t, fullClient)
		secret := *full.ClientSecret
		described := ok(c.DescribeUserPoolClient(t.Context(), &idp.DescribeUserPoolClientInput{UserPoolId: &pool, ClientId: full.ClientId}))(t)
		w.wantReply(t, fullClient)
		if *described.UserPoolClient.ClientSecret != secret {
			t.Error("the secret reads back as another one")
		}
		ok(c.UpdateUserPoolClient(t.Context(), &idp.UpdateUserPoolClientInput{
			UserPoolId: &pool, ClientId: full.ClientId, ClientName: in.ClientName,
			RefreshTokenValidity: in.RefreshTokenValidity, AccessTokenValidity: in.AccessTokenValidity, IdTokenValidity: in.IdTokenValidity,
			TokenValidityUnits: in.TokenValidityUnits, ReadAttributes: in.ReadAttributes, WriteAttributes: in.WriteAttributes,
			ExplicitAuthFlows: in.ExplicitAuthFlows, SupportedIdentityProviders: in.SupportedIdentityProviders, CallbackURLs: in.CallbackURLs,
			LogoutURLs: in.LogoutURLs, DefaultRedirectURI: in.DefaultRedirectURI, AllowedOAuthFlows: in.AllowedOAuthFlows,
			AllowedOAuthScopes: in.AllowedOAuthScopes, AllowedOAuthFlowsUserPoolClient: in.AllowedOAuthFlowsUserPoolClient,
			AnalyticsConfiguration: in.AnalyticsConfiguration, PreventUserExistenceErrors: in.PreventUserExistenceErrors,
			EnableTokenRevocation: in.EnableTokenRevocation, EnablePropagateAdditionalUserContextData: in.EnablePropagateAdditionalUserContextData,
			AuthSessionValidity: in.AuthSessionValidity, RefreshTokenRotation: in.RefreshTokenRotation,
		}))(t)
		w.wantReply(t, fullClient)

		// An update that sets nothing brings the defaults back; name and secret stay.
		w.pass(time.Second)
		reset := ok(c.UpdateUserPoolClient(t.Context(), &idp.UpdateUserPoolClientInput{UserPoolId: &pool, ClientId: full.ClientId}))(t)
		w.wantReply(t, strings.NewReplacer(`"web"`, `"site"`, `"ClientId":"CLIENT",`, `"ClientId":"CLIENT","ClientSecret":"SECRET",`,
			`"LastModifiedDate":1795341600.123`, `"LastModifiedDate":1795341601.123`).Replace(freshClient))
		if *reset.UserPoolClient.ClientSecret != secret {
			t.Error("an update has changed the secret")
		}
	})
}

func TestClientBringsItsSecret(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c := w.root(alpha, west)
		pool := w.pool(c)
		const own = "my_own_secret_of_thirty_chars1"
		made := ok(c.CreateUserPoolClient(t.Context(), &idp.CreateUserPoolClientInput{UserPoolId: &pool, ClientName: aws.String("web"), ClientSecret: aws.String(own)}))(t)
		if *made.UserPoolClient.ClientSecret != own {
			t.Errorf("secret is %s", *made.UserPoolClient.ClientSecret)
		}
		_, err := c.CreateUserPoolClient(t.Context(), &idp.CreateUserPoolClientInput{
			UserPoolId: &pool, ClientName: aws.String("web"), ClientSecret: aws.String(own), GenerateSecret: true,
		})
		want(t, err, "InvalidParameterException", "ClientSecret cannot be provided when GenerateSecret is true.")
		found, p, err := w.pools.FindClient(t.Context(), *made.UserPoolClient.ClientId)
		if err != nil || p.ID != pool || !found.VerifySecret(own) || found.VerifySecret(own+"x") {
			t.Errorf("client %+v of %v: %v", found, p, err)
		}
	})
}

func TestClientSettingsThatContradict(t *testing.T) {
	type change = func(*idp.CreateUserPoolClientInput)
	oauth := func(flow types.OAuthFlowType, more ...change) change {
		return func(in *idp.CreateUserPoolClientInput) {
			in.AllowedOAuthFlowsUserPoolClient = true
			in.AllowedOAuthFlows = append(in.AllowedOAuthFlows, flow)
			in.AllowedOAuthScopes = []string{"openid"}
			in.CallbackURLs = []string{"https://app.example.com"}
			for _, f := range more {
				f(in)
			}
		}
	}
	lives := func(access, refresh int32, units types.TokenValidityUnitsType) change {
		return func(in *idp.CreateUserPoolClientInput) {
			in.AccessTokenValidity, in.RefreshTokenValidity, in.TokenValidityUnits = &access, refresh, &units
		}
	}
	callback := func(u string) change {
		return func(in *idp.CreateUserPoolClientInput) { in.CallbackURLs = []string{u} }
	}
	logout := func(u string) change {
		return func(in *idp.CreateUserPoolClientInput) { in.LogoutURLs = []string{u} }
	}
	reads := func(names ...string) change {
		return func(in *idp.CreateUserPoolClientInput) { in.ReadAttributes = names }
	}
	writes := func(names ...string) change {
		return func(in *idp.CreateUserPoolClientInput) { in.WriteAttributes = names }
	}
	const invalid = "InvalidParameterException"
	cases := []struct {
		what, code, message string
		change              change
	}{
		{
			"flows of both kinds", invalid, "Auth flow name with prefix 'ALLOW' cannot be used with legacy auth flow names.",
			func(in *idp.CreateUserPoolClientInput) {
				in.ExplicitAuthFlows = []types.ExplicitAuthFlowsType{"ALLOW_USER_SRP_AUTH", "ADMIN_NO_SRP_AUTH"}
			},
		},
		{
			"rotation beside the refresh flow", invalid, "ALLOW_REFRESH_TOKEN_AUTH cannot be enabled in ExplicitAuthFlows when refresh token rotation is enabled.",
			func(in *idp.CreateUserPoolClientInput) {
				in.ExplicitAuthFlows = []types.ExplicitAuthFlowsType{"ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"}
				in.RefreshTokenRotation = &types.RefreshTokenRotationType{Feature: "ENABLED"}
			},
		},
		{"access tokens of four minutes", invalid, "Invalid range for token validity.", lives(4, 30, types.TokenValidityUnitsType{AccessToken: "minutes"})},
		{"access tokens of two days", invalid, "Invalid range for token validity.", lives(2, 30, types.TokenValidityUnitsType{AccessToken: "days"})},
		{"access tokens of 25 hours", invalid, "Invalid range for token validity.", lives(25, 30, types.TokenValidityUnitsType{})},
		{"refresh tokens of 59 minutes", invalid, "Invalid range for token validity.", lives(1, 59, types.TokenValidityUnitsType{RefreshToken: "minutes"})},
		{"refresh tokens of eleven years", invalid, "Invalid range for token validity.", lives(1, 3651, types.TokenValidityUnitsType{})},
		{"refresh tokens beyond counting", invalid, "Invalid range for token validity.", lives(1, 315360000, types.TokenValidityUnitsType{RefreshToken: "days"})},
		{
			"access outliving refresh", invalid, "Access and Id Token expiration times must be less than or equal to refresh token expiration times.",
			lives(2, 1, types.TokenValidityUnitsType{RefreshToken: "hours"}),
		},
		{"reading what is not there", invalid, "Invalid read attributes specified while % a client", reads("email", "custom:none")},
		{"reading what is the owner's", invalid, "Invalid read attributes specified while % a client", reads("dev:custom:score")},
		{"writing what is not there", invalid, "Invalid write attributes specified while % a client", writes("family_name", "custom:none")},
		{"writing what is proven", invalid, "Invalid write attributes specified while % a client", writes("family_name", "email_verified")},
		{"writing the subject", invalid, "Invalid write attributes specified while % a client", writes("family_name", "sub")},
		{"not writing what is required", invalid, "Invalid write attributes specified while % a client", writes("email")},
		{
			"context without a secret", invalid, "Client Secret is required to set EnablePropagateAdditionalUserContextData as true",
			func(in *idp.CreateUserPoolClientInput) {
				in.EnablePropagateAdditionalUserContextData = aws.Bool(true)
			},
		},
		{
			"analytics by id without a role", invalid, "Invalid analytics configuration given, either <application arn> or <application id, role arn, external id> are valid",
			func(in *idp.CreateUserPoolClientInput) {
				in.AnalyticsConfiguration = &types.AnalyticsConfigurationType{ApplicationId: aws.String("ab")}
			},
		},
		{
			"a provider that is not there", invalid, "The provider Google does not exist for User Pool POOL.",
			func(in *idp.CreateUserPoolClientInput) { in.SupportedIdentityProviders = []string{"COGNITO", "Google"} },
		},
		{
			"a scope that is not there", "ScopeDoesNotExistException", "Invalid scope requested: api/read",
			oauth("code", func(in *idp.CreateUserPoolClientInput) { in.AllowedOAuthScopes = []string{"openid", "api/read"} }),
		},
		{
			"OAuth without flows", invalid, "AllowedOAuthFlows and AllowedOAuthScopes are required if user pool client is allowed to use OAuth flows.",
			oauth("code", func(in *idp.CreateUserPoolClientInput) { in.AllowedOAuthFlows = nil }),
		},
		{
			"OAuth without scopes", invalid, "AllowedOAuthFlows and AllowedOAuthScopes are required if user pool client is allowed to use OAuth flows.",
			oauth("code", func(in *idp.CreateUserPoolClientInput) { in.AllowedOAuthScopes = nil }),
		},
		{
			"code without a callback", "InvalidOAuthFlowException", "CallbackUrls can not be empty when code flow or implicit flow is selected",
			oauth("code", func(in *idp.CreateUserPoolClientInput) { in.CallbackURLs = nil }),
		},
		{
			"machines beside people", "InvalidOAuthFlowException", "client_credentials flow can not be selected along with code flow or implicit flow.",
			oauth("code", oauth("client_credentials")),
		},
		{
			"machines without a secret", "InvalidOAuthFlowException", "client_credentials flow can not be selected if client does not have a client secret.",
			oauth("client_credentials"),
		},
		{
			"a default callback of its own", invalid, "The default redirect URI https://other.example.com is not in the callback URIs list.",
			oauth("code", func(in *idp.CreateUserPoolClientInput) {
				in.DefaultRedirectURI = aws.String("https://other.example.com")
			}),
		},
		{"plain HTTP", invalid, "http://app.example.com/cb cannot use the HTTP protocol.", callback("http://app.example.com/cb")},
		{"plain HTTP at sign-out", invalid, "http://app.example.com/ cannot use the HTTP protocol.", logout("http://app.example.com/")},
		{"a host that only begins like ours", invalid, "http://localhost.example.com cannot use the HTTP protocol.", callback("http://localhost.example.com")},
		{"a host behind a user name", invalid, "http://localhost:1@example.com cannot use the HTTP protocol.", callback("http://localhost:1@example.com")},
		{"a fragment", invalid, "https://app.example.com/#x cannot use fragment", callback("https://app.example.com/#x")},
		{"no scheme", invalid, "app.example.com/cb is not a valid redirect URI", callback("app.example.com/cb")},
		{"no host", invalid, "https:///cb is not a valid redirect URI", callback("https:///cb")},
		{"a script", invalid, "JavaScript:alert(1) is not a valid redirect URI", callback("JavaScript:alert(1)")},
		{"a document", invalid, "data:text/html,x is not a valid redirect URI", logout("data:text/html,x")},
	}
	each(t, func(t *testing.T, w *world) {
		c := w.root(alpha, west)
		pool := w.pool(c, func(in *idp.CreateUserPoolInput) {
			in.Schema = []types.SchemaAttributeType{
				{Name: aws.String("family_name"), Required: aws.Bool(true)},
				{Name: aws.String("score"), AttributeDataType: "Number", DeveloperOnlyAttribute: aws.Bool(true)},
			}
		})
		client := ok(c.CreateUserPoolClient(t.Context(), &idp.CreateUserPoolClientInput{UserPoolId: &pool, ClientName: aws.String("web")}))(t).UserPoolClient.ClientId
		for _, tt := range cases {
			t.Run(tt.what, func(t *testing.T) {
				in := &idp.CreateUserPoolClientInput{UserPoolId: &pool, ClientName: aws.String("x")}
				tt.change(in)
				message := strings.ReplaceAll(tt.message, "POOL", pool)
				_, err := c.CreateUserPoolClient(t.Context(), in)
				want(t, err, tt.code, strings.ReplaceAll(message, "%", "creating"))
				_, err = c.UpdateUserPoolClient(t.Context(), &idp.UpdateUserPoolClientInput{
					UserPoolId: &pool, ClientId: client,
					RefreshTokenValidity: in.RefreshTokenValidity, AccessTokenValidity: in.AccessTokenValidity, TokenValidityUnits: in.TokenValidityUnits,
					ReadAttributes: in.ReadAttributes, WriteAttributes: in.WriteAttributes, ExplicitAuthFlows: in.ExplicitAuthFlows,
					SupportedIdentityProviders: in.SupportedIdentityProviders, CallbackURLs: in.CallbackURLs, LogoutURLs: in.LogoutURLs,
					DefaultRedirectURI: in.DefaultRedirectURI, AllowedOAuthFlows: in.AllowedOAuthFlows, AllowedOAuthScopes: in.AllowedOAuthScopes,
					AllowedOAuthFlowsUserPoolClient: in.AllowedOAuthFlowsUserPoolClient, AnalyticsConfiguration: in.AnalyticsConfiguration,
					EnablePropagateAdditionalUserContextData: in.EnablePropagateAdditionalUserContextData, RefreshTokenRotation: in.RefreshTokenRotation,
				})
				want(t, err, tt.code, strings.ReplaceAll(message, "%", "updating"))
			})
		}
		ok(c.DescribeUserPoolClient(t.Context(), &idp.DescribeUserPoolClientInput{UserPoolId: &pool, ClientId: client}))(t)
		w.wantReply(t, freshClient)
		if got := ok(c.ListUserPoolClients(t.Context(), &idp.ListUserPoolClientsInput{UserPoolId: &pool}))(t).UserPoolClients; len(got) != 1 {
			t.Errorf("refused requests left %d clients", len(got)-1)
		}
	})
}

// A client that speaks for a machine, with a secret, is fine.
func TestClientForMachines(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c := w.root(alpha, west)
		pool := w.pool(c)
		ok(c.CreateUserPoolClient(t.Context(), &idp.CreateUserPoolClientInput{
			UserPoolId: &pool, ClientName: aws.String("robot"), GenerateSecret: true,
			AllowedOAuthFlowsUserPoolClient: true, AllowedOAuthFlows: []types.OAuthFlowType{"client_credentials"}, AllowedOAuthScopes: []string{"email"},
		}))(t)
		choice := &idp.CreateUserPoolClientInput{UserPoolId: &pool, ClientName: aws.String("choice"), ExplicitAuthFlows: []types.ExplicitAuthFlowsType{"ALLOW_USER_AUTH"}}
		ok(c.CreateUserPoolClient(t.Context(), choice))(t)
		lite := w.pool(c, func(in *idp.CreateUserPoolInput) { in.UserPoolTier = "LITE" })
		choice.UserPoolId = &lite
		_, err := c.CreateUserPoolClient(t.Context(), choice)
		want(t, err, "FeatureUnavailableInTierException", "The following features need to be disabled for the LITE pricing tier configured: Choice-Based Sign-In")
	})
}

func TestClientsStayInTheirPool(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c := w.root(alpha, west)
		pool, neighbour := w.pool(c), w.pool(c)
		var ids []string
		for range 5 {
			made := ok(c.CreateUserPoolClient(t.Context(), &idp.CreateUserPoolClientInput{UserPoolId: &pool, ClientName: aws.String("web")}))(t)
			ids = append(ids, *made.UserPoolClient.ClientId)
		}
		slices.Sort(ids)
		missing := "User pool client " + ids[0] + " does not exist."
		_, err := c.DescribeUserPoolClient(t.Context(), &idp.DescribeUserPoolClientInput{UserPoolId: &neighbour, ClientId: &ids[0]})
		want(t, err, "ResourceNotFoundException", missing)
		_, err = c.UpdateUserPoolClient(t.Context(), &idp.UpdateUserPoolClientInput{UserPoolId: &neighbour, ClientId: &ids[0]})
		want(t, err, "ResourceNotFoundException", missing)
		_, err = c.DeleteUserPoolClient(t.Context(), &idp.DeleteUserPoolClientInput{UserPoolId: &neighbour, ClientId: &ids[0]})
		want(t, err, "ResourceNotFoundException", missing)
		for _, other := range []*idp.Client{w.root(beta, west), w.root(alpha, tokyo)} {
			missing := "User pool " + pool + " does not exist."
			_, err := other.CreateUserPoolClient(t.Context(), &idp.CreateUserPoolClientInput{UserPoolId: &pool, ClientName: aws.String("web")})
			want(t, err, "ResourceNotFoundException", missing)
			_, err = other.DescribeUserPoolClient(t.Context(), &idp.DescribeUserPoolClientInput{UserPoolId: &pool, ClientId: &ids[0]})
			want(t, err, "ResourceNotFoundException", missing)
			_, err = other.UpdateUserPoolClient(t.Context(), &idp.UpdateUserPoolClientInput{UserPoolId: &pool, ClientId: &ids[0]})
			want(t, err, "ResourceNotFoundException", missing)
			_, err = other.DeleteUserPoolClient(t.Context(), &idp.DeleteUserPoolClientInput{UserPoolId: &pool, ClientId: &ids[0]})
			want(t, err, "ResourceNotFoundException", missing)
			_, err = other.ListUserPoolClients(t.Context(), &idp.ListUserPoolClientsInput{UserPoolId: &pool})
			want(t, err, "ResourceNotFoundException", missing)
		}

		var listed []string
		pages := idp.NewListUserPoolClientsPaginator(c, &idp.ListUserPoolClientsInput{UserPoolId: &pool, MaxResults: aws.Int32(2)})
		for pages.HasMorePages() {
			page := ok(pages.NextPage(t.Context()))(t)
			for _, client := range page.UserPoolClients {
				if *client.UserPoolId != pool || *client.ClientName != "web" {
					t.Errorf("lists %s of %s", *client.ClientName, *client.UserPoolId)
				}
				listed = append(listed, *client.ClientId)
			}
			if page.NextToken != nil {
				_, err := c.ListUserPoolClients(t.Context(), &idp.ListUserPoolClientsInput{UserPoolId: &neighbour, NextToken: page.NextToken})
				want(t, err, "InvalidParameterException", "Invalid pagination token given.")
			}
		}
		if !slices.Equal(ids, listed) {
			t.Errorf("pages hold %v, want %v", listed, ids)
		}

		ok(c.DeleteUserPoolClient(t.Context(), &idp.DeleteUserPoolClientInput{UserPoolId: &pool, ClientId: &ids[0]}))(t)
		_, err = c.DeleteUserPoolClient(t.Context(), &idp.DeleteUserPoolClientInput{UserPoolId: &pool, ClientId: &ids[0]})
		want(t, err, "ResourceNotFoundException", missing)
		_, err = c.DescribeUserPoolClient(t.Context(), &idp.DescribeUserPoolClientInput{UserPoolId: &pool, ClientId: &ids[0]})
		want(t, err, "ResourceNotFoundException", missing)
	})
}
