package cognitoidp_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
)

func (p *people) refresh(token string) (*idp.InitiateAuthOutput, error) {
	return p.initiate(types.AuthFlowTypeRefreshTokenAuth, "REFRESH_TOKEN", token)
}

func (p *people) getTokens(token string) (*types.AuthenticationResultType, error) {
	out, err := p.pub.GetTokensFromRefreshToken(p.t.Context(), &idp.GetTokensFromRefreshTokenInput{ClientId: &p.client, RefreshToken: &token})
	if err != nil {
		return nil, err
	}
	return out.AuthenticationResult, nil
}

func (p *people) whoami(accessToken string) error {
	_, err := p.pub.GetUser(p.t.Context(), &idp.GetUserInput{AccessToken: &accessToken})
	return err
}

func TestRefresh(t *testing.T) {
	eachPeople(t, setup{}, func(t *testing.T, p *people) {
		p.confirmed("alice", attr("name", "before"))
		first := p.tokensOf("alice", goodPassword)
		if parts := strings.Split(*first.RefreshToken, "."); len(parts) != 5 || !strings.HasPrefix(*first.RefreshToken, "eyJjdHkiOiJKV1QiLCJlbmMiOiJBMjU2R0NNIiwiYWxnIjoiUlNBLU9BRVAifQ.") {
			t.Errorf("refresh token of %d parts", len(parts))
		}
		p.pass(time.Minute)
		p.update("alice", attr("name", "after"))
		for _, flow := range []types.AuthFlowType{types.AuthFlowTypeRefreshToken, types.AuthFlowTypeRefreshTokenAuth} {
			out, err := p.initiate(flow, "REFRESH_TOKEN", *first.RefreshToken)
			if err != nil {
				t.Fatal(err)
			}
			if out.AuthenticationResult.RefreshToken != nil || out.AuthenticationResult.ExpiresIn != 3600 {
				t.Errorf("reply %s", p.raw)
			}
			_, was := claims(t, *first.IdToken)
			_, is := claims(t, *out.AuthenticationResult.IdToken)
			for _, kept := range []string{"sub", "origin_jti", "auth_time", "event_id", "aud", "iss"} {
				if string(was[kept]) != string(is[kept]) {
					t.Errorf("%s: %s became %s", kept, was[kept], is[kept])
				}
			}
			for _, changed := range []string{"jti", "iat", "exp", "name"} {
				if string(was[changed]) == string(is[changed]) {
					t.Errorf("%s is still %s", changed, is[changed])
				}
			}
		}
		if r, err := p.getTokens(*first.RefreshToken); err != nil || r.RefreshToken != nil {
			t.Errorf("GetTokensFromRefreshToken: %v, %s", err, p.raw)
		}
		p.pass(30 * 24 * time.Hour)
		_, err := p.refresh(*first.RefreshToken)
		want(t, err, "NotAuthorizedException", "Refresh Token has expired")
	})
}

func TestRefreshTokenRotation(t *testing.T) {
	rotating := setup{client: func(in *idp.CreateUserPoolClientInput) {
		in.ExplicitAuthFlows = []types.ExplicitAuthFlowsType{types.ExplicitAuthFlowsTypeAllowUserPasswordAuth}
		in.RefreshTokenRotation = &types.RefreshTokenRotationType{Feature: types.FeatureTypeEnabled, RetryGracePeriodSeconds: aws.Int32(10)}
	}}
	eachPeople(t, rotating, func(t *testing.T, p *people) {
		p.confirmed("alice")
		first := p.tokensOf("alice", goodPassword)
		_, err := p.refresh(*first.RefreshToken)
		want(t, err, "InvalidParameterException", "Refresh Token flow not enabled for this client")
		second, err := p.getTokens(*first.RefreshToken)
		if err != nil || second.RefreshToken == nil || *second.RefreshToken == *first.RefreshToken {
			t.Fatalf("%v: %s", err, p.raw)
		}
		if _, err := p.getTokens(*first.RefreshToken); err != nil {
			t.Errorf("within the grace: %v", err)
		}
		p.pass(11 * time.Second)
		_, err = p.getTokens(*first.RefreshToken)
		want(t, err, "RefreshTokenReuseException", "Refresh token has been reused")
		if _, err := p.getTokens(*second.RefreshToken); err != nil {
			t.Error(err)
		}
	})
}

func TestRevokeToken(t *testing.T) {
	eachPeople(t, setup{}, func(t *testing.T, p *people) {
		p.confirmed("alice")
		r, untouched := p.tokensOf("alice", goodPassword), p.tokensOf("alice", goodPassword)
		revoke := func(client, token string) error {
			_, err := p.pub.RevokeToken(t.Context(), &idp.RevokeTokenInput{ClientId: &client, Token: &token})
			return err
		}
		want(t, revoke(p.client, *r.AccessToken), "UnsupportedTokenTypeException", "Only refresh tokens can be revoked")
		want(t, revoke("noclient", *r.RefreshToken), "UnauthorizedException", "User pool client noclient does not exist.")
		other := p.newClient(p.poolID, nil)
		want(t, revoke(other, *r.RefreshToken), "UnauthorizedException", "Refresh token was not issued to this client.")
		off := p.newClient(p.poolID, func(in *idp.CreateUserPoolClientInput) { in.EnableTokenRevocation = aws.Bool(false) })
		want(t, revoke(off, *r.RefreshToken), "UnsupportedOperationException", "Please enable token revocation before revoking tokens for this client")
		secret := p.newClient(p.poolID, func(in *idp.CreateUserPoolClientInput) { in.GenerateSecret = true })
		want(t, revoke(secret, *r.RefreshToken), "UnauthorizedException", "Client secret is missing or not valid.")
		if err := p.whoami(*r.AccessToken); err != nil {
			t.Fatalf("before the revocation: %v", err)
		}
		for range 2 { // a second time is no error
			if err := revoke(p.client, *r.RefreshToken); err != nil {
				t.Fatal(err)
			}
		}
		want(t, p.whoami(*r.AccessToken), "NotAuthorizedException", "Access Token has been revoked")
		_, err := p.refresh(*r.RefreshToken)
		want(t, err, "NotAuthorizedException", "Refresh Token has been revoked")
		if err := p.whoami(*untouched.AccessToken); err != nil {
			t.Errorf("another session: %v", err)
		}
	})
}

func TestSignOutEverywhere(t *testing.T) {
	eachPeople(t, setup{}, func(t *testing.T, p *people) {
		p.confirmed("alice")
		for name, signOut := range map[string]func(accessToken *string) error{
			"GlobalSignOut": func(accessToken *string) error {
				_, err := p.pub.GlobalSignOut(t.Context(), &idp.GlobalSignOutInput{AccessToken: accessToken})
				return err
			},
			"AdminUserGlobalSignOut": func(*string) error {
				_, err := p.admin.AdminUserGlobalSignOut(t.Context(), &idp.AdminUserGlobalSignOutInput{UserPoolId: &p.poolID, Username: aws.String("alice")})
				return err
			},
		} {
			one, two := p.tokensOf("alice", goodPassword), p.tokensOf("alice", goodPassword)
			if err := signOut(one.AccessToken); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			for _, r := range []*types.AuthenticationResultType{one, two} {
				want(t, p.whoami(*r.AccessToken), "NotAuthorizedException", "Access Token has been revoked")
				_, err := p.refresh(*r.RefreshToken)
				want(t, err, "NotAuthorizedException", "Refresh Token has been revoked")
			}
			if err := p.whoami(*p.tokensOf("alice", goodPassword).AccessToken); err != nil {
				t.Errorf("%s: signed in again: %v", name, err)
			}
		}
		_, err := p.admin.AdminUserGlobalSignOut(t.Context(), &idp.AdminUserGlobalSignOutInput{UserPoolId: &p.poolID, Username: aws.String("bob")})
		want(t, err, "UserNotFoundException", noUser)
	})
}

func TestGetUser(t *testing.T) {
	p := onePeople(t, setup{client: func(in *idp.CreateUserPoolClientInput) { in.ReadAttributes = []string{"email"} }})
	p.confirmed("alice", attr("email", "a@example.com"), attr("name", "unreadable"))
	r := p.tokensOf("alice", goodPassword)
	out, err := p.pub.GetUser(t.Context(), &idp.GetUserInput{AccessToken: r.AccessToken})
	if err != nil || *out.Username != "alice" || profile(out.UserAttributes) != "email=a@example.com" || sub(t, out.UserAttributes) == "" {
		t.Errorf("%v: %s", err, p.raw)
	}
	want(t, p.whoami(*r.IdToken), "NotAuthorizedException", "Invalid Access Token")
	want(t, p.whoami("garbage"), "NotAuthorizedException", "Invalid Access Token")
	p.pass(time.Hour)
	want(t, p.whoami(*r.AccessToken), "NotAuthorizedException", "Access Token has expired")
	r = p.tokensOf("alice", goodPassword)
	if _, err := p.admin.DeleteUserPoolClient(t.Context(), &idp.DeleteUserPoolClientInput{UserPoolId: &p.poolID, ClientId: &p.client}); err != nil {
		t.Fatal(err)
	}
	if p.whoami(*r.AccessToken) == nil {
		t.Error("a token of a deleted client is still good")
	}
}
