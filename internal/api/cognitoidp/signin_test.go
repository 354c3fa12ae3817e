package cognitoidp_test

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/google/go-cmp/cmp"

	"github.com/cenote-id/cenote/internal/password"
)

func unbase64(t *testing.T, s string) []byte {
	t.Helper()
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

const (
	incorrect = "Incorrect username or password."
	noUser    = "User does not exist."
)

func TestPasswordFlows(t *testing.T) {
	eachPeople(t, setup{}, func(t *testing.T, p *people) {
		p.confirmed("alice")
		t.Run("USER_PASSWORD_AUTH", func(t *testing.T) {
			out, err := p.signIn("alice", goodPassword)
			if err != nil {
				t.Fatal(err)
			}
			r := out.AuthenticationResult
			if r == nil || r.RefreshToken == nil || r.ExpiresIn != 3600 || *r.TokenType != "Bearer" || out.ChallengeName != "" || out.Session != nil {
				t.Errorf("reply %s", p.raw)
			}
			if !strings.HasPrefix(string(p.raw), `{"ChallengeParameters":{},"AuthenticationResult":{"AccessToken":`) {
				t.Errorf("reply begins %.100s", p.raw)
			}
		})
		for _, flow := range []types.AuthFlowType{types.AuthFlowTypeAdminNoSrpAuth, types.AuthFlowTypeAdminUserPasswordAuth} {
			t.Run(string(flow), func(t *testing.T) {
				in := &idp.AdminInitiateAuthInput{
					UserPoolId: &p.poolID, ClientId: &p.client, AuthFlow: flow,
					AuthParameters: map[string]string{"USERNAME": "alice", "PASSWORD": goodPassword},
				}
				out, err := p.admin.AdminInitiateAuth(t.Context(), in)
				if err != nil || out.AuthenticationResult == nil {
					t.Fatalf("%v: %s", err, p.raw)
				}
				_, err = p.root(beta, west).AdminInitiateAuth(t.Context(), in)
				want(t, err, "ResourceNotFoundException", "User pool "+p.poolID+" does not exist.")
				_, err = p.initiate(flow, "USERNAME", "alice", "PASSWORD", goodPassword)
				want(t, err, "InvalidParameterException", "Initiate Auth method not supported.")
			})
		}
		_, err := p.signIn("alice", "wrong")
		want(t, err, "NotAuthorizedException", incorrect)
		_, err = p.signIn("nobody", goodPassword)
		want(t, err, "UserNotFoundException", noUser)
	})
}

func TestParametersAreAskedFor(t *testing.T) {
	p := onePeople(t, setup{})
	for _, c := range []struct {
		flow    types.AuthFlowType
		given   []string
		missing string
	}{
		{types.AuthFlowTypeUserPasswordAuth, nil, "USERNAME"},
		{types.AuthFlowTypeUserPasswordAuth, []string{"USERNAME", "alice"}, "PASSWORD"},
		{types.AuthFlowTypeUserSrpAuth, []string{"USERNAME", "alice", "PASSWORD", goodPassword}, "SRP_A"},
		{types.AuthFlowTypeRefreshTokenAuth, nil, "REFRESH_TOKEN"},
	} {
		_, err := p.initiate(c.flow, c.given...)
		want(t, err, "InvalidParameterException", "Missing required parameter "+c.missing)
	}
	for _, c := range []struct {
		name    types.ChallengeNameType
		given   []string
		missing string
	}{
		{types.ChallengeNameTypePasswordVerifier, nil, "USERNAME"},
		{types.ChallengeNameTypePasswordVerifier, []string{"USERNAME", "alice"}, "PASSWORD_CLAIM_SECRET_BLOCK"},
		{types.ChallengeNameTypeNewPasswordRequired, []string{"USERNAME", "alice", "NEW_PASSWORD", newPassword}, "Session"},
		{types.ChallengeNameTypeSmsMfa, []string{"USERNAME", "alice"}, "Session"},
	} {
		_, err := p.answer(c.name, nil, c.given...)
		want(t, err, "InvalidParameterException", "Missing required parameter "+c.missing)
	}
	_, err := p.pub.InitiateAuth(t.Context(), &idp.InitiateAuthInput{
		ClientId: aws.String("unknownclient"), AuthFlow: types.AuthFlowTypeUserPasswordAuth,
	})
	want(t, err, "ResourceNotFoundException", "User pool client unknownclient does not exist.")
}

func TestFlowsMustBeEnabled(t *testing.T) {
	p := onePeople(t, setup{client: func(in *idp.CreateUserPoolClientInput) {
		in.ExplicitAuthFlows = []types.ExplicitAuthFlowsType{types.ExplicitAuthFlowsTypeAllowCustomAuth}
	}})
	p.confirmed("alice")
	for flow, message := range map[types.AuthFlowType]string{
		types.AuthFlowTypeUserPasswordAuth: "USER_PASSWORD_AUTH flow not enabled for this client",
		types.AuthFlowTypeUserSrpAuth:      "USER_SRP_AUTH is not enabled for the client.",
		types.AuthFlowTypeUserAuth:         "USER_AUTH is not enabled for the client.",
		types.AuthFlowTypeRefreshToken:     "Refresh Token flow not enabled for this client",
		types.AuthFlowTypeRefreshTokenAuth: "Refresh Token flow not enabled for this client",
	} {
		_, err := p.initiate(flow, "USERNAME", "alice", "PASSWORD", goodPassword)
		want(t, err, "InvalidParameterException", message)
	}
	_, err := p.admin.AdminInitiateAuth(t.Context(), &idp.AdminInitiateAuthInput{
		UserPoolId: &p.poolID, ClientId: &p.client, AuthFlow: types.AuthFlowTypeAdminUserPasswordAuth,
		AuthParameters: map[string]string{"USERNAME": "alice", "PASSWORD": goodPassword},
	})
	want(t, err, "InvalidParameterException", "Auth flow not enabled for this client")
	// Enabled, but without functions that define it there is no custom flow.
	_, err = p.initiate(types.AuthFlowTypeCustomAuth, "USERNAME", "alice")
	want(t, err, "InvalidUserPoolConfigurationException", "Custom auth lambda trigger is not configured for the user pool.")
}

// What a client writes in AuthFlow or ChallengeName is never taken for
// something else.
func TestUnknownFlowsAreRefused(t *testing.T) {
	p := onePeople(t, setup{})
	p.confirmed("alice")
	for _, c := range []struct{ operation, body, want string }{
		{
			"InitiateAuth", `{"ClientId":"` + p.client + `","AuthFlow":"NO_AUTH","AuthParameters":{"USERNAME":"alice"}}`,
			`1 validation error detected: Value 'NO_AUTH' at 'authFlow' failed to satisfy constraint: Member must satisfy enum value set`,
		},
		{
			"RespondToAuthChallenge", `{"ClientId":"` + p.client + `","ChallengeName":"NOTHING","ChallengeResponses":{"USERNAME":"alice"}}`,
			`1 validation error detected: Value 'NOTHING' at 'challengeName' failed to satisfy constraint`,
		},
	} {
		status, reply := p.post(c.operation, c.body)
		if status != 400 || !strings.Contains(reply, c.want) || strings.Contains(reply, "AuthenticationResult") {
			t.Errorf("%s: %d %s", c.operation, status, reply)
		}
	}
}

func TestSRP(t *testing.T) {
	eachPeople(t, setup{}, func(t *testing.T, p *people) {
		p.confirmed("alice")
		out, err := p.srpSignIn("alice", goodPassword)
		if err != nil || out.AuthenticationResult == nil || out.ChallengeName != "" {
			t.Fatalf("%v: %s", err, p.raw)
		}
		_, err = p.srpSignIn("alice", "wrong-Password-1")
		want(t, err, "NotAuthorizedException", incorrect)
		_, err = p.srpSignIn("nobody", goodPassword)
		want(t, err, "UserNotFoundException", noUser)
		_, err = p.initiate(types.AuthFlowTypeUserSrpAuth, "USERNAME", "alice", "SRP_A", "xyz")
		want(t, err, "InvalidParameterException", "Invalid SRP_A value.")
	})
}

// A client whose clock is off, or that takes too long, starts again.
func TestSRPIsOfThisMoment(t *testing.T) {
	p := onePeople(t, setup{})
	p.confirmed("alice")
	answer := p.srpChallenge("alice")
	p.pass(4 * time.Minute) // AuthSessionValidity is 3
	_, err := answer(goodPassword)
	want(t, err, "NotAuthorizedException", "Invalid session for the user, session is expired.")
}

func TestNewPasswordRequired(t *testing.T) {
	required := setup{pool: func(in *idp.CreateUserPoolInput) {
		in.Schema = []types.SchemaAttributeType{{Name: aws.String("name"), Required: aws.Bool(true)}, {Name: aws.String("email"), Required: aws.Bool(true)}}
	}}
	eachPeople(t, required, func(t *testing.T, p *people) {
		p.invited("alice", goodPassword, attr("email", "alice@example.com"), attr("email_verified", "True"))
		for _, via := range []string{"password", "srp"} {
			var session *string
			var parameters map[string]string
			if via == "srp" {
				out, err := p.srpSignIn("alice", goodPassword)
				if err != nil {
					t.Fatal(err)
				}
				session, parameters = out.Session, out.ChallengeParameters
				if out.AuthenticationResult != nil || out.ChallengeName != types.ChallengeNameTypeNewPasswordRequired {
					t.Fatalf("%s: %s", via, p.raw)
				}
			} else {
				out, err := p.signIn("alice", goodPassword)
				if err != nil {
					t.Fatal(err)
				}
				session, parameters = out.Session, out.ChallengeParameters
				if out.AuthenticationResult != nil || out.ChallengeName != types.ChallengeNameTypeNewPasswordRequired {
					t.Fatalf("%s: %s", via, p.raw)
				}
			}
			if diff := cmp.Diff(map[string]string{
				"USER_ID_FOR_SRP": "alice", "requiredAttributes": `["userAttributes.name"]`,
				"userAttributes": `{"email":"alice@example.com","email_verified":"true"}`,
			}, parameters); diff != "" {
				t.Errorf("%s: parameters %s", via, diff)
			}
			for _, c := range []struct {
				given         []string
				code, message string
			}{
				{nil, "InvalidParameterException", "Missing required parameter NEW_PASSWORD"},
				{[]string{"NEW_PASSWORD", "short"}, "InvalidPasswordException", "Password did not conform with policy: Password not long enough"},
				{[]string{"NEW_PASSWORD", newPassword}, "InvalidParameterException", "Invalid attributes given, name is missing"},
				{[]string{"NEW_PASSWORD", newPassword, "userAttributes.email", "b@example.com"}, "NotAuthorizedException", "Cannot modify an already provided email"},
				{[]string{"NEW_PASSWORD", newPassword, "userAttributes.email_verified", "true"}, "NotAuthorizedException", "A client attempted to write unauthorized attribute"},
			} {
				_, err := p.answer(types.ChallengeNameTypeNewPasswordRequired, session, append(c.given, "USERNAME", "alice")...)
				want(t, err, c.code, c.message)
			}
			if via == "password" {
				continue // the next round starts again
			}
			out, err := p.answer(types.ChallengeNameTypeNewPasswordRequired, session,
				"USERNAME", "alice", "NEW_PASSWORD", newPassword, "userAttributes.name", "Alice A.")
			if err != nil || out.AuthenticationResult == nil {
				t.Fatalf("%v: %s", err, p.raw)
			}
			_, values := claims(t, *out.AuthenticationResult.IdToken)
			if string(values["name"]) != `"Alice A."` {
				t.Errorf("name claim %s: tokens must tell what was just given", values["name"])
			}
			_, err = p.answer(types.ChallengeNameTypeNewPasswordRequired, session,
				"USERNAME", "alice", "NEW_PASSWORD", newPassword, "userAttributes.name", "Alice A.")
			want(t, err, "NotAuthorizedException", "Invalid session for the user, session can only be used once.")
		}
		if u := p.get("alice"); u.UserStatus != types.UserStatusTypeConfirmed || profile(u.UserAttributes) != "email=alice@example.com email_verified=true name=Alice A." {
			t.Errorf("user is %s: %s", u.UserStatus, profile(u.UserAttributes))
		}
		_, err := p.signIn("alice", goodPassword)
		want(t, err, "NotAuthorizedException", incorrect)
		p.tokensOf("alice", newPassword)
	})
}

func TestTemporaryPasswordsExpire(t *testing.T) {
	p := onePeople(t, setup{})
	p.invited("alice", goodPassword)
	p.pass(7*24*time.Hour - time.Second)
	if out, err := p.signIn("alice", goodPassword); err != nil || out.ChallengeName != types.ChallengeNameTypeNewPasswordRequired {
		t.Errorf("%v: %s", err, p.raw)
	}
	p.pass(time.Second)
	for _, f := range []func() error{
		func() error { _, err := p.signIn("alice", goodPassword); return err },
		func() error { _, err := p.srpSignIn("alice", goodPassword); return err },
	} {
		want(t, f(), "NotAuthorizedException", "Temporary password has expired and must be reset by an administrator.")
	}
	_, err := p.signIn("alice", "wrong")
	want(t, err, "NotAuthorizedException", incorrect)
}

// What comes before the password, and what comes after it.
func TestOrderOfChecks(t *testing.T) {
	p := onePeople(t, setup{})
	p.confirmed("alice")
	_, err := p.admin.AdminDisableUser(t.Context(), &idp.AdminDisableUserInput{UserPoolId: &p.poolID, Username: aws.String("alice")})
	if err != nil {
		t.Fatal(err)
	}
	for _, pw := range []string{goodPassword, "wrong"} {
		_, err := p.signIn("alice", pw)
		want(t, err, "NotAuthorizedException", "User is disabled.")
		_, err = p.srpSignIn("alice", pw)
		want(t, err, "NotAuthorizedException", "User is disabled.")
	}
	if _, err := p.pub.SignUp(t.Context(), &idp.SignUpInput{ClientId: &p.client, Username: aws.String("bob"), Password: aws.String(goodPassword)}); err != nil {
		t.Fatal(err)
	}
	_, err = p.signIn("bob", "wrong")
	want(t, err, "NotAuthorizedException", incorrect)
	_, err = p.signIn("bob", goodPassword)
	want(t, err, "UserNotConfirmedException", "User is not confirmed.")
	_, err = p.srpSignIn("bob", "wrong")
	want(t, err, "NotAuthorizedException", incorrect)
	_, err = p.srpSignIn("bob", goodPassword)
	want(t, err, "UserNotConfirmedException", "User is not confirmed.")
}

// Pools that want more than can be checked let nobody in.
func TestUncheckablePoolsAreClosed(t *testing.T) {
	for name, c := range map[string]struct {
		change        func(*idp.CreateUserPoolInput)
		code, message string
	}{
		"function before sign-in": {func(in *idp.CreateUserPoolInput) {
			in.LambdaConfig = &types.LambdaConfigType{PreAuthentication: aws.String("arn:aws:lambda:us-west-2:111111111111:function:f")}
		}, "UnexpectedLambdaException", "PreAuthentication invocation failed due to configuration."},
		"function that changes tokens": {func(in *idp.CreateUserPoolInput) {
			in.LambdaConfig = &types.LambdaConfigType{PreTokenGeneration: aws.String("arn:aws:lambda:us-west-2:111111111111:function:f")}
		}, "UnexpectedLambdaException", "PreTokenGeneration invocation failed due to configuration."},
	} {
		t.Run(name, func(t *testing.T) {
			p := onePeople(t, setup{pool: c.change})
			p.confirmed("alice")
			_, err := p.signIn("alice", goodPassword)
			want(t, err, c.code, c.message)
			_, err = p.srpSignIn("alice", goodPassword)
			want(t, err, c.code, c.message)
		})
	}
}

// Who can neither use nor set up the second factor that a pool requires stays
// out.
func TestRequiredSecondFactorKeepsEverybodyOut(t *testing.T) {
	p := onePeople(t, setup{})
	p.confirmed("alice")
	p.mfa(types.UserPoolMfaTypeOn, func(in *idp.SetUserPoolMfaConfigInput) {
		in.SoftwareTokenMfaConfiguration, in.EmailMfaConfiguration = nil, nil
	})
	const message = "User pool requires a second factor that the user can neither use nor set up."
	_, err := p.signIn("alice", goodPassword)
	want(t, err, "InvalidUserPoolConfigurationException", message)
	_, err = p.srpSignIn("alice", goodPassword)
	want(t, err, "InvalidUserPoolConfigurationException", message)
	_, err = p.signIn("alice", "wrong")
	want(t, err, "NotAuthorizedException", incorrect)
}

func TestSecretHash(t *testing.T) {
	p := onePeople(t, setup{client: func(in *idp.CreateUserPoolClientInput) { in.GenerateSecret = true }})
	p.confirmed("alice")
	described, err := p.admin.DescribeUserPoolClient(t.Context(), &idp.DescribeUserPoolClientInput{UserPoolId: &p.poolID, ClientId: &p.client})
	if err != nil {
		t.Fatal(err)
	}
	hash := func(name string) string {
		return password.SecretHash(*described.UserPoolClient.ClientSecret, name, p.client)
	}
	withHash := func(h string) (*idp.InitiateAuthOutput, error) {
		pairs := []string{"USERNAME", "alice", "PASSWORD", goodPassword}
		if h != "" {
			pairs = append(pairs, "SECRET_HASH", h)
		}
		return p.initiate(types.AuthFlowTypeUserPasswordAuth, pairs...)
	}
	_, err = withHash("")
	want(t, err, "NotAuthorizedException", "Client "+p.client+" is configured with secret but SECRET_HASH was not received")
	for _, wrong := range []string{hash("bob"), "AAAA", "%%%"} {
		_, err = withHash(wrong)
		want(t, err, "NotAuthorizedException", "Unable to verify secret hash for client "+p.client)
	}
	out, err := withHash(hash("alice"))
	if err != nil {
		t.Fatal(err)
	}
	refresh := *out.AuthenticationResult.RefreshToken
	_, err = p.initiate(types.AuthFlowTypeRefreshTokenAuth, "REFRESH_TOKEN", refresh)
	want(t, err, "NotAuthorizedException", "Client "+p.client+" is configured with secret but SECRET_HASH was not received")
	_, err = p.initiate(types.AuthFlowTypeRefreshTokenAuth, "REFRESH_TOKEN", refresh, "SECRET_HASH", hash("bob"))
	want(t, err, "NotAuthorizedException", "SecretHash does not match for the client: "+p.client)
	for _, name := range []string{"alice", sub(t, p.get("alice").UserAttributes)} {
		if _, err = p.initiate(types.AuthFlowTypeRefreshTokenAuth, "REFRESH_TOKEN", refresh, "SECRET_HASH", hash(name)); err != nil {
			t.Errorf("refresh with hash over %s: %v", name, err)
		}
	}

	public := p.newClient(p.poolID, nil)
	_, err = p.pub.InitiateAuth(t.Context(), &idp.InitiateAuthInput{
		ClientId: &public, AuthFlow: types.AuthFlowTypeUserPasswordAuth,
		AuthParameters: map[string]string{"USERNAME": "alice", "PASSWORD": goodPassword, "SECRET_HASH": hash("alice")},
	})
	want(t, err, "NotAuthorizedException", "Client "+public+" is not configured for secret but secret was received")
}

func sub(t *testing.T, attrs []types.AttributeType) string {
	t.Helper()
	for _, a := range attrs {
		if *a.Name == "sub" {
			return *a.Value
		}
	}
	t.Fatal("no sub")
	return ""
}

func TestTokenClaims(t *testing.T) {
	p := onePeople(t, setup{
		pool: func(in *idp.CreateUserPoolInput) {
			in.Schema = []types.SchemaAttributeType{{Name: aws.String("plan"), AttributeDataType: types.AttributeDataTypeString}}
		},
		client: func(in *idp.CreateUserPoolClientInput) {
			in.ReadAttributes = []string{"email", "email_verified", "phone_number_verified", "custom:plan", "name"}
		},
	})
	p.confirmed("alice", attr("email", "alice@example.com"), attr("email_verified", "true"), attr("custom:plan", "gold"),
		attr("nickname", "unreadable"), attr("phone_number", "+15550100"), attr("phone_number_verified", "false"))
	r := p.tokensOf("alice", goodPassword)

	names, id := claims(t, *r.IdToken)
	if diff := cmp.Diff([]string{
		"sub", "email_verified", "iss", "phone_number_verified", "cognito:username", "origin_jti", "aud", "event_id", "token_use",
		"auth_time", "exp", "iat", "jti", "custom:plan", "email",
	}, names); diff != "" {
		t.Errorf("ID token claims: %s", diff)
	}
	at := p.now().Unix()
	for name, value := range map[string]any{
		"iss": publicURL + "/" + p.poolID, "aud": p.client, "token_use": "id", "cognito:username": "alice",
		"auth_time": at, "iat": at, "exp": at + 3600, "email": "alice@example.com", "email_verified": true,
		"phone_number_verified": false, "custom:plan": "gold", "sub": sub(t, p.get("alice").UserAttributes),
	} {
		if want, err := json.Marshal(value); err != nil || string(want) != string(id[name]) {
			t.Errorf("ID token %s is %s, want %s", name, id[name], want)
		}
	}
	names, access := claims(t, *r.AccessToken)
	if diff := cmp.Diff([]string{
		"sub", "iss", "client_id", "origin_jti", "event_id", "token_use", "scope", "auth_time", "exp", "iat", "jti", "username",
	}, names); diff != "" {
		t.Errorf("access token claims: %s", diff)
	}
	if string(access["scope"]) != `"aws.cognito.signin.user.admin"` || string(access["token_use"]) != `"access"` {
		t.Errorf("scope %s, token_use %s", access["scope"], access["token_use"])
	}
	for _, shared := range []string{"sub", "iss", "origin_jti", "event_id"} {
		if string(id[shared]) != string(access[shared]) {
			t.Errorf("%s differs between the tokens", shared)
		}
	}
	if string(id["jti"]) == string(access["jti"]) {
		t.Error("both tokens have one jti")
	}
	header := func(jwt string) (h struct{ Kid, Alg, Typ string }) {
		if err := json.Unmarshal(unbase64(t, strings.Split(jwt, ".")[0]), &h); err != nil {
			t.Fatal(err)
		}
		return h
	}
	if i, a := header(*r.IdToken), header(*r.AccessToken); i.Kid == a.Kid || i.Alg != "RS256" || a.Alg != "RS256" || i.Typ != "" {
		t.Errorf("headers %v and %v", i, a)
	}
}

func TestClientsWithoutRevocationGetNoSessionIDs(t *testing.T) {
	p := onePeople(t, setup{client: func(in *idp.CreateUserPoolClientInput) { in.EnableTokenRevocation = aws.Bool(false) }})
	p.confirmed("alice")
	r := p.tokensOf("alice", goodPassword)
	for _, jwt := range []string{*r.IdToken, *r.AccessToken} {
		_, values := claims(t, jwt)
		if values["jti"] != nil || values["origin_jti"] != nil {
			t.Errorf("jti %s, origin_jti %s", values["jti"], values["origin_jti"])
		}
	}
}

func TestSignInByOtherNames(t *testing.T) {
	t.Run("alias", func(t *testing.T) {
		p := onePeople(t, setup{pool: func(in *idp.CreateUserPoolInput) {
			in.AliasAttributes = []types.AliasAttributeType{types.AliasAttributeTypeEmail, types.AliasAttributeTypePreferredUsername}
		}})
		p.confirmed("alice", attr("email", "alice@example.com"), attr("preferred_username", "ally"))
		for _, c := range []struct {
			name string
			ok   bool
		}{
			{"alice", true}, {"ally", true}, {"alice@example.com", false}, {"ALLY", false}, {sub(t, p.get("alice").UserAttributes), true},
		} {
			_, err := p.signIn(c.name, goodPassword)
			if (err == nil) != c.ok {
				t.Errorf("as %s: %v", c.name, err)
			}
		}
		p.update("alice", attr("email_verified", "true"))
		p.tokensOf("alice@example.com", goodPassword)
		if out, err := p.srpSignIn("alice@example.com", goodPassword); err != nil || out.AuthenticationResult == nil {
			t.Errorf("SRP by alias: %v", err)
		}
		p.update("alice", attr("email", "new@example.com"))
		for _, gone := range []string{"alice@example.com", "new@example.com"} {
			_, err := p.signIn(gone, goodPassword)
			want(t, err, "UserNotFoundException", noUser)
		}
	})
	t.Run("username attribute", func(t *testing.T) {
		p := onePeople(t, setup{pool: func(in *idp.CreateUserPoolInput) {
			in.UsernameAttributes = []types.UsernameAttributeType{types.UsernameAttributeTypeEmail}
			in.UsernameConfiguration = &types.UsernameConfigurationType{CaseSensitive: aws.Bool(false)}
		}})
		p.confirmed("Alice@Example.com")
		u := p.get("alice@example.com")
		id := sub(t, u.UserAttributes)
		if *u.Username != id || profile(u.UserAttributes) != "email=Alice@Example.com" {
			t.Errorf("username %s, sub %s, %s", *u.Username, id, profile(u.UserAttributes))
		}
		r := p.tokensOf("ALICE@example.com", goodPassword)
		_, access := claims(t, *r.AccessToken)
		if string(access["username"]) != `"`+id+`"` {
			t.Errorf("username claim %s, want the sub", access["username"])
		}
		if out, err := p.srpSignIn("alice@EXAMPLE.com", goodPassword); err != nil || out.AuthenticationResult == nil {
			t.Errorf("SRP: %v", err)
		}
		p.update(id, attr("email", "other@example.com"))
		p.tokensOf("other@example.com", goodPassword)
		_, err := p.signIn("alice@example.com", goodPassword)
		want(t, err, "UserNotFoundException", noUser)
	})
}

func TestSRPIgnoresTheCaseOfNames(t *testing.T) {
	p := onePeople(t, setup{pool: func(in *idp.CreateUserPoolInput) {
		in.UsernameConfiguration = &types.UsernameConfigurationType{CaseSensitive: aws.Bool(false)}
	}})
	p.confirmed("Alice")
	for _, name := range []string{"Alice", "ALICE", "alice"} {
		if out, err := p.srpSignIn(name, goodPassword); err != nil || out.AuthenticationResult == nil {
			t.Errorf("as %s: %v", name, err)
		}
		p.tokensOf(name, goodPassword)
	}
	if u := p.get("ALICE"); *u.Username != "Alice" {
		t.Errorf("username is %s, want it as it was first written", *u.Username)
	}
}

// update changes attributes as an administrator.
func (p *people) update(name string, attrs ...types.AttributeType) {
	p.t.Helper()
	_, err := p.admin.AdminUpdateUserAttributes(p.t.Context(), &idp.AdminUpdateUserAttributesInput{
		UserPoolId: &p.poolID, Username: &name, UserAttributes: attrs,
	})
	if err != nil {
		p.t.Fatal(err)
	}
}
