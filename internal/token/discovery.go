package token

// Discovery says where a pool's endpoints are.
type Discovery struct {
	Issuer string // iss
	JWKS   string // URL of the key set
	Domain string // base URL of the hosted domain; empty where the pool has none
}

// Document writes the OpenID Connect discovery document of a pool, members in
// the order of the real service's. What a pool without a domain says of the
// endpoints that it does not have is UNCONFIRMED: they are left out.
func (d Discovery) Document() []byte {
	o := object{'{'}
	endpoint := func(name, path string) {
		if d.Domain != "" {
			o.text(name, d.Domain+path)
		}
	}
	endpoint("authorization_endpoint", "/oauth2/authorize")
	endpoint("end_session_endpoint", "/logout")
	o.texts("id_token_signing_alg_values_supported", []string{UseID.algorithm()})
	o.text("issuer", d.Issuer)
	o.text("jwks_uri", d.JWKS)
	o.texts("response_types_supported", []string{"code", "token"})
	endpoint("revocation_endpoint", "/oauth2/revoke")
	o.texts("scopes_supported", []string{"openid", "email", "phone", "profile"})
	o.texts("subject_types_supported", []string{"public"})
	endpoint("token_endpoint", "/oauth2/token")
	o.texts("token_endpoint_auth_methods_supported", []string{"client_secret_basic", "client_secret_post"})
	endpoint("userinfo_endpoint", "/oauth2/userInfo")
	return append(o, '}')
}
