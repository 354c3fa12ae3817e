package sdk

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	secrethash "github.com/cenote-id/cenote/internal/password"
)

const textRevoked = "Access Token has been revoked"

func (p *people) whoami(access *string) error {
	_, err := p.public.GetUser(p.t.Context(), &idp.GetUserInput{AccessToken: access})
	return err
}

// ask calls an operation of user pools that the SDK does not have, signed by a
// root user unless o is nobody's.
func (w *world) ask(t *testing.T, o owner, op string, in any) (status int, code, reply string) {
	t.Helper()
	body := must(json.Marshal(in))(t)
	req := must(http.NewRequestWithContext(t.Context(), http.MethodPost, w.URL(), bytes.NewReader(body)))(t)
	req.Header.Set("Content-Type", "application/x-amz-json-1.1")
	req.Header.Set("X-Amz-Target", "AWSCognitoIdentityProviderService."+op)
	if o != (owner{}) {
		if err := w.signer().SignHTTP(t.Context(), o.keys, req, sum(string(body)), "cognito-idp", west, time.Time{}); err != nil {
			t.Fatal(err)
		}
	}
	res := must(w.Client().Do(req))(t)
	defer res.Body.Close()
	raw := must(io.ReadAll(res.Body))(t)
	var e struct {
		Type string `json:"__type"`
	}
	if err := json.Unmarshal(raw, &e); err != nil {
		t.Fatalf("%s: %v: %s", op, err, raw)
	}
	return res.StatusCode, e.Type, string(raw)
}

// What a sign-in gave is renewed, rotated and ended.
func TestRefreshTokenLife(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p, ctx := w.people(t, w.alpha, west), t.Context()
		renew := func(client, token string) (*types.AuthenticationResultType, error) {
			out, err := p.public.GetTokensFromRefreshToken(ctx, &idp.GetTokensFromRefreshTokenInput{ClientId: &client, RefreshToken: &token})
			if err != nil {
				return nil, err
			}
			return out.AuthenticationResult, nil
		}
		revoke := func(client, token string) error {
			_, err := p.public.RevokeToken(ctx, &idp.RevokeTokenInput{ClientId: &client, Token: &token})
			return err
		}
		first, other := p.signIn("alice"), p.newClient("other")
		w.Clock().Advance(time.Minute)
		if again := must(renew(p.client, *first.RefreshToken))(t); again.RefreshToken != nil || parse(t, *again.AccessToken).value(t, "origin_jti") != parse(t, *first.AccessToken).value(t, "origin_jti") {
			t.Errorf("reply %s", w.wire.reply)
		}
		_, err := renew(p.client, "junk")
		refused[*types.NotAuthorizedException](t, "renew with junk", err, "Invalid Refresh Token.")
		_, err = renew(other, *first.RefreshToken)
		refused[*types.NotAuthorizedException](t, "renew through another client", err, "Invalid Refresh Token.")

		refused[*types.UnsupportedTokenTypeException](t, "revoke an access token", revoke(p.client, *first.AccessToken), "Only refresh tokens can be revoked")
		refused[*types.UnauthorizedException](t, "revoke through another client", revoke(other, *first.RefreshToken), "Refresh token was not issued to this client.")
		if err := p.whoami(first.AccessToken); err != nil {
			t.Fatal(err)
		}
		if err := revoke(p.client, *first.RefreshToken); err != nil {
			t.Fatal(err)
		}
		refused[*types.NotAuthorizedException](t, "after the revocation", p.whoami(first.AccessToken), textRevoked)
		_, err = renew(p.client, *first.RefreshToken)
		refused[*types.NotAuthorizedException](t, "renew after the revocation", err, "Refresh Token has been revoked")

		// Every session ends at once, whoever asks for it.
		signOut := func(access *string) error {
			_, err := p.public.GlobalSignOut(ctx, &idp.GlobalSignOutInput{AccessToken: access})
			return err
		}
		one, two := p.signIn("alice"), p.signIn("alice")
		if err := signOut(one.AccessToken); err != nil {
			t.Fatal(err)
		}
		for _, r := range []*types.AuthenticationResultType{one, two} {
			refused[*types.NotAuthorizedException](t, "after the sign-out", p.whoami(r.AccessToken), textRevoked)
		}
		refused[*types.NotAuthorizedException](t, "sign out again", signOut(one.AccessToken), textRevoked)
		_, err = p.admin.AdminUserGlobalSignOut(ctx, &idp.AdminUserGlobalSignOutInput{UserPoolId: &p.pool, Username: aws.String("nobody")})
		refused[*types.UserNotFoundException](t, "sign nobody out", err, textNoUser)

		// With rotation each refresh token is good once, and for a moment more.
		out := must(p.admin.CreateUserPoolClient(ctx, &idp.CreateUserPoolClientInput{
			UserPoolId: &p.pool, ClientName: aws.String("rotating"), ExplicitAuthFlows: []types.ExplicitAuthFlowsType{types.ExplicitAuthFlowsTypeAllowAdminUserPasswordAuth},
			RefreshTokenRotation: &types.RefreshTokenRotationType{Feature: types.FeatureTypeEnabled, RetryGracePeriodSeconds: aws.Int32(10)},
		}))(t)
		rotating := *out.UserPoolClient.ClientId
		begun := p.signInTo(rotating, "alice")
		next := must(renew(rotating, *begun.RefreshToken))(t)
		if next.RefreshToken == nil || *next.RefreshToken == *begun.RefreshToken {
			t.Fatalf("reply %s", w.wire.reply)
		}
		must(renew(rotating, *begun.RefreshToken))(t)
		w.Clock().Advance(11 * time.Second)
		_, err = renew(rotating, *begun.RefreshToken)
		refused[*types.RefreshTokenReuseException](t, "a token of before", err, "Refresh token has been reused")
		must(renew(rotating, *next.RefreshToken))(t)
	})
}

// Two secrets overlap, so that a client can change its own without a break.
func TestClientSecretLife(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p, ctx := w.people(t, w.alpha, west), t.Context()
		made := must(p.admin.CreateUserPoolClient(ctx, &idp.CreateUserPoolClientInput{
			UserPoolId: &p.pool, ClientName: aws.String("server"), GenerateSecret: true,
			ExplicitAuthFlows: []types.ExplicitAuthFlowsType{types.ExplicitAuthFlowsTypeAllowAdminUserPasswordAuth, types.ExplicitAuthFlowsTypeAllowRefreshTokenAuth},
		}))(t).UserPoolClient
		add := func(client string) (*idp.AddUserPoolClientSecretOutput, error) {
			return p.admin.AddUserPoolClientSecret(ctx, &idp.AddUserPoolClientSecretInput{UserPoolId: &p.pool, ClientId: &client})
		}
		ids := func() (ids []string) {
			t.Helper()
			list := must(p.admin.ListUserPoolClientSecrets(ctx, &idp.ListUserPoolClientSecretsInput{UserPoolId: &p.pool, ClientId: made.ClientId}))(t)
			for _, s := range list.ClientSecrets {
				ids = append(ids, *s.ClientSecretId)
			}
			return ids
		}
		remove := func(id string) error {
			_, err := p.admin.DeleteUserPoolClientSecret(ctx, &idp.DeleteUserPoolClientSecretInput{UserPoolId: &p.pool, ClientId: made.ClientId, ClientSecretId: &id})
			return err
		}
		old := ids()
		w.Clock().Advance(time.Second)
		second := must(add(*made.ClientId))(t).ClientSecretDescriptor
		_, err := add(*made.ClientId)
		refused[*types.LimitExceededException](t, "a third", err, "A client cannot have more than 2 secrets.")
		_, err = add(p.client)
		refused[*types.InvalidParameterException](t, "for a public client", err, "The client has no secret to rotate.")

		signIn := func(secret string) error {
			_, err := p.admin.AdminInitiateAuth(ctx, &idp.AdminInitiateAuthInput{
				UserPoolId: &p.pool, ClientId: made.ClientId, AuthFlow: types.AuthFlowTypeAdminUserPasswordAuth,
				AuthParameters: map[string]string{"USERNAME": "alice", "PASSWORD": password, "SECRET_HASH": secrethash.SecretHash(secret, "alice", *made.ClientId)},
			})
			return err
		}
		for _, secret := range []string{*made.ClientSecret, *second.ClientSecretValue} {
			if err := signIn(secret); err != nil {
				t.Error(err)
			}
		}
		if err := remove(old[0]); err != nil {
			t.Fatal(err)
		}
		refused[*types.NotAuthorizedException](t, "the old secret", signIn(*made.ClientSecret), "Unable to verify secret hash for client "+*made.ClientId)
		if err := signIn(*second.ClientSecretValue); err != nil {
			t.Error(err)
		}
		if got := ids(); !slices.Equal(got, []string{*second.ClientSecretId}) {
			t.Errorf("secrets %v", got)
		}
		refused[*types.ResourceNotFoundException](t, "delete again", remove(old[0]), "Client secret "+old[0]+" does not exist.")
		refused[*types.InvalidParameterException](t, "delete the last", remove(*second.ClientSecretId), "The last secret of a client cannot be deleted.")

		var names []string
		clients := idp.NewListUserPoolClientsPaginator(p.admin, &idp.ListUserPoolClientsInput{UserPoolId: &p.pool, MaxResults: aws.Int32(1)})
		for clients.HasMorePages() {
			for _, c := range must(clients.NextPage(ctx))(t).UserPoolClients {
				names = append(names, *c.ClientName)
			}
		}
		if slices.Sort(names); !slices.Equal(names, []string{"app", "server"}) {
			t.Errorf("clients %v", names)
		}
	})
}

// Sessions of users: the SDK does not have the operations yet, so they are
// asked by plain JSON; the tokens are the SDK's.
func TestUserSessionLife(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p := w.people(t, w.alpha, west)
		type in = map[string]any
		done := func(o owner, op string, body in) string {
			t.Helper()
			status, _, reply := w.ask(t, o, op, body)
			if status != 200 {
				t.Fatalf("%s: %d %s", op, status, reply)
			}
			return reply
		}
		fails := func(what string, o owner, op string, body in, code string) {
			t.Helper()
			if status, got, _ := w.ask(t, o, op, body); status != 400 || got != code {
				t.Errorf("%s: %s answers %d %s, want %s", what, op, status, got, code)
			}
		}
		root, anybody := w.alpha, owner{}
		pool := in{"UserPoolId": p.pool}
		first, second := p.signIn("alice"), p.signIn("alice")
		fails("not counted", anybody, "ListUserSessions", in{"AccessToken": *first.AccessToken}, "OperationNotEnabledException")
		fails("not counted", root, "AdminListUserSessions", in{"UserPoolId": p.pool, "Username": "alice"}, "OperationNotEnabledException")
		if got := done(root, "GetUserPoolSessionConfiguration", pool); !strings.Contains(got, `"UserSessionTracking":"DISABLED"`) {
			t.Errorf("reply %s", got)
		}
		tracked := in{"UserPoolId": p.pool, "UserSessionTracking": "ENABLED", "TokenSession": in{"MaxPerUser": 5}}
		fails("another account", w.beta, "SetUserPoolSessionConfiguration", tracked, "ResourceNotFoundException")
		done(root, "SetUserPoolSessionConfiguration", tracked)
		client := in{"UserPoolId": p.pool, "ClientId": p.client, "SSOSession": in{"MaxValidityMinutes": 30}}
		done(root, "SetUserPoolClientSessionConfiguration", client)
		delete(client, "SSOSession")
		if got := done(root, "GetUserPoolClientSessionConfiguration", client); !strings.Contains(got, `"MaxValidityMinutes":30`) {
			t.Errorf("reply %s", got)
		}
		fails("another account", w.beta, "GetUserPoolClientSessionConfiguration", client, "ResourceNotFoundException")

		list := func(reply string) (ids []string, current int) {
			t.Helper()
			var out struct {
				Sessions []struct {
					SessionId        string
					IsCurrentSession bool
				}
			}
			if err := json.Unmarshal([]byte(reply), &out); err != nil {
				t.Fatal(err)
			}
			current = -1
			for i, s := range out.Sessions {
				ids = append(ids, s.SessionId)
				if s.IsCurrentSession {
					current = i
				}
			}
			return ids, current
		}
		ids, mine := list(done(anybody, "ListUserSessions", in{"AccessToken": *first.AccessToken}))
		if len(ids) != 2 || mine < 0 {
			t.Fatalf("sessions %v", ids)
		}
		other := ids[1-mine]
		fails("one's own", anybody, "RevokeUserSession", in{"AccessToken": *first.AccessToken, "SessionId": ids[mine]}, "InvalidParameterException")
		fails("junk", anybody, "RevokeUserSession", in{"AccessToken": "junk", "SessionId": other}, "NotAuthorizedException")
		done(anybody, "RevokeUserSession", in{"AccessToken": *first.AccessToken, "SessionId": other})
		refused[*types.NotAuthorizedException](t, "the session that was ended", p.whoami(second.AccessToken), textRevoked)
		fails("again", anybody, "RevokeUserSession", in{"AccessToken": *first.AccessToken, "SessionId": other}, "ResourceNotFoundException")

		of := in{"UserPoolId": p.pool, "Username": "alice"}
		if ids, _ := list(done(root, "AdminListUserSessions", of)); !slices.Equal(ids, []string{ids[0]}) || ids[0] == other {
			t.Errorf("sessions %v", ids)
		}
		of["SessionId"] = ids[mine]
		fails("another account", w.beta, "AdminRevokeUserSession", of, "ResourceNotFoundException")
		fails("nobody", root, "AdminRevokeUserSession", in{"UserPoolId": p.pool, "Username": "nobody", "SessionId": other}, "UserNotFoundException")
		done(root, "AdminRevokeUserSession", of)
		refused[*types.NotAuthorizedException](t, "the session that was ended by an administrator", p.whoami(first.AccessToken), textRevoked)
	})
}
