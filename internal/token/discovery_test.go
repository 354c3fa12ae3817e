package token_test

import (
	"testing"

	"github.com/cenote-id/cenote/internal/token"
)

func TestDiscovery(t *testing.T) {
	for _, c := range []struct {
		in   token.Discovery
		want string
	}{
		{
			token.Discovery{Issuer: "http://localhost:2366/p", JWKS: "http://localhost:2366/p/.well-known/jwks.json"},
			`{"id_token_signing_alg_values_supported":["RS256"],"issuer":"http://localhost:2366/p",` +
				`"jwks_uri":"http://localhost:2366/p/.well-known/jwks.json","response_types_supported":["code","token"],` +
				`"scopes_supported":["openid","email","phone","profile"],"subject_types_supported":["public"],` +
				`"token_endpoint_auth_methods_supported":["client_secret_basic","client_secret_post"]}`,
		},
		{
			token.Discovery{Issuer: "i", JWKS: "k", Domain: "https://d.example.com"},
			`{"authorization_endpoint":"https://d.example.com/oauth2/authorize","end_session_endpoint":"https://d.example.com/logout",` +
				`"id_token_signing_alg_values_supported":["RS256"],"issuer":"i","jwks_uri":"k","response_types_supported":["code","token"],` +
				`"revocation_endpoint":"https://d.example.com/oauth2/revoke","scopes_supported":["openid","email","phone","profile"],` +
				`"subject_types_supported":["public"],"token_endpoint":"https://d.example.com/oauth2/token",` +
				`"token_endpoint_auth_methods_supported":["client_secret_basic","client_secret_post"],` +
				`"userinfo_endpoint":"https://d.example.com/oauth2/userInfo"}`,
		},
	} {
		if got := string(c.in.Document()); got != c.want {
			t.Errorf("%+v:\n%s\nwant\n%s", c.in, got, c.want)
		}
	}
}
