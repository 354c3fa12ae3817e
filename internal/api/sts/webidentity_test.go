package sts_test

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awssts "github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/go-jose/go-jose/v4"
)

const (
	webAction = "sts:AssumeRoleWithWebIdentity"
	cognito   = "cognito-identity.amazonaws.com"
	poolID    = "ap-northeast-1:6b1c0000-0000-4000-8000-000000000000"
	otherPool = "ap-northeast-1:6b1c0000-0000-4000-8000-000000000001"
	person    = "ap-northeast-1:0f3a0000-0000-4000-8000-000000000000"

	notAuthorized = "Not authorized to perform sts:AssumeRoleWithWebIdentity"
	notValidated  = "The web identity token provided could not be validated. See the AssumeRoleWithWebIdentity documentation for requirements."
	notJWT        = "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)"
)

// oidcRole trusts users of the test provider under a further condition.
func (w *world) oidcRole(name, condition string) string {
	more := `"Condition":{"StringEquals":{"` + idpName + `:aud":"app"` + condition + `}}`
	return w.role(home, name, trust(webAction+" sts:TagSession", federated("arn:aws:iam::"+home+":oidc-provider/"+idpName), more), anything)
}

func (w *world) withToken(role string, token *string) (*awssts.AssumeRoleWithWebIdentityOutput, error) {
	return w.anonymous().AssumeRoleWithWebIdentity(w.t.Context(), &awssts.AssumeRoleWithWebIdentityInput{
		RoleArn: &role, RoleSessionName: new("web"), WebIdentityToken: token,
	})
}

func TestWebIdentity(t *testing.T) {
	w := newWorld(t)
	arn := w.provider(home, idpName, "app")
	role := w.oidcRole("web", "")
	out, err := w.withToken(role, w.claims(idpURL, "app").sign(t, jose.RS256, "k1", rightKey()))
	if err != nil {
		t.Fatal(err)
	}
	if *out.SubjectFromWebIdentityToken != "user-1" || *out.Audience != "app" || *out.Provider != arn ||
		*out.AssumedRoleUser.Arn != "arn:aws:sts::"+home+":assumed-role/web/web" || !out.Credentials.Expiration.Equal(w.now().Add(time.Hour)) {
		t.Errorf("subject %s, audience %s, provider %s, user %s, until %v", *out.SubjectFromWebIdentityToken, *out.Audience, *out.Provider, *out.AssumedRoleUser.Arn, out.Credentials.Expiration)
	}
	who, err := w.client(temporary(out.Credentials)).GetCallerIdentity(t.Context(), nil)
	if err != nil || *who.Arn != "arn:aws:sts::"+home+":assumed-role/web/web" {
		t.Errorf("%+v, %v", who, err)
	}
}

// The keys by which the provider vouched for the person stay with the session.
func TestFederationKeysStay(t *testing.T) {
	w := newWorld(t)
	w.provider(home, idpName, "app")
	mine := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:GetAccessKeyInfo","Resource":"*","Condition":{"StringEquals":{
		"` + idpName + `:sub":"user-1","` + idpName + `:aud":"app","aws:FederatedProvider":"arn:aws:iam::` + home + `:oidc-provider/` + idpName + `"}}}]}`
	role := w.role(home, "mine", trust(webAction, federated("arn:aws:iam::"+home+":oidc-provider/"+idpName), `"Condition":{"StringEquals":{"`+idpName+`:aud":"app"}}`), mine)
	for sub, want := range map[string]bool{"user-1": true, "user-2": false, "*": false} {
		out, err := w.withToken(role, w.claims(idpURL, "app").with("sub", sub).sign(t, jose.RS256, "k1", rightKey()))
		if err != nil {
			t.Fatal(err)
		}
		_, err = w.client(temporary(out.Credentials)).GetAccessKeyInfo(t.Context(), &awssts.GetAccessKeyInfoInput{AccessKeyId: out.Credentials.AccessKeyId})
		if (err == nil) != want {
			t.Errorf("subject %q: %v", sub, err)
		}
	}
}

func TestForgedTokens(t *testing.T) {
	w := newWorld(t)
	w.provider(home, idpName, "app")
	role := w.oidcRole("web", "")
	part := func(v any) string {
		b, _ := json.Marshal(v)
		return base64.RawURLEncoding.EncodeToString(b)
	}
	none := part(map[string]string{"alg": "none", "kid": "k1"}) + "." + part(w.claims(idpURL, "app")) + "."
	good := *w.claims(idpURL, "app").sign(t, jose.RS256, "k1", rightKey())
	pieces := strings.Split(good, ".")
	swapped := pieces[0] + "." + part(w.claims(idpURL, "app").with("sub", "admin")) + "." + pieces[2]
	bare := pieces[0] + "." + pieces[1] + "."
	publicPEM, _ := json.Marshal(jose.JSONWebKey{Key: &rightKey().PublicKey})

	withKeyInside, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: wrongKey()}, &jose.SignerOptions{EmbedJWK: true})
	if err != nil {
		t.Fatal(err)
	}
	payload, _ := json.Marshal(w.claims(idpURL, "app"))
	embedded, _ := withKeyInside.Sign(payload)
	inside, _ := embedded.CompactSerialize()

	for name, tt := range map[string]struct {
		token   *string
		message string
	}{
		"no token at all":                {new("not a token"), notJWT},
		"algorithm none":                 {&none, notJWT},
		"signature removed":              {&bare, notValidated},
		"hand-made, key id of the right": {w.claims(idpURL, "app").sign(t, jose.RS256, "k1", wrongKey()), notValidated},
		"claims replaced":                {&swapped, notValidated},
		"public key as hmac secret":      {w.claims(idpURL, "app").sign(t, jose.HS256, "k1", publicPEM), notJWT},
		"key inside the token":           {&inside, notValidated},
		"unknown key id":                 {w.claims(idpURL, "app").sign(t, jose.RS256, "k9", wrongKey()), "Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity documentation for requirements"},
		"wrong audience":                 {w.claims(idpURL, "other").sign(t, jose.RS256, "k1", rightKey()), "Incorrect token audience"},
		"party is another client":        {w.claims(idpURL, "app").with("azp", "other").sign(t, jose.RS256, "k1", rightKey()), "Incorrect token audience"},
		"two audiences":                  {w.claims(idpURL, "").with("aud", []string{"app", "other"}).sign(t, jose.RS256, "k1", rightKey()), "Token audience contains more than one audience while authorized party is not present"},
		"access token":                   {w.claims(idpURL, "app").with("aud", nil).sign(t, jose.RS256, "k1", rightKey()), "Missing a required claim: aud."},
		"unlisted provider":              {w.claims("https://evil.example.test", "app").sign(t, jose.RS256, "k1", rightKey()), "No OpenIDConnect provider found in your account for https://evil.example.test"},
		"issuer with a slash more":       {w.claims(idpURL+"/", "app").sign(t, jose.RS256, "k1", rightKey()), "No OpenIDConnect provider found in your account for " + idpURL + "/"},
		"claims to be an identity pool":  {w.claims(ownIss, poolID).sign(t, jose.RS512, "own", wrongKey()), notValidated},
		"identity pool, wrong algorithm": {w.claims(ownIss, poolID).sign(t, jose.RS256, "own", rightKey()), notValidated},
	} {
		_, err := w.withToken(role, tt.token)
		fails(t, name, err, "InvalidIdentityToken", tt.message)
	}
	for _, url := range w.idp.fetched {
		if !strings.HasPrefix(url, idpURL+"/") {
			t.Errorf("fetched %s", url)
		}
	}
}

func TestExpiredWebIdentity(t *testing.T) {
	w := newWorld(t)
	w.provider(home, idpName, "app")
	role := w.oidcRole("web", "")
	exp := w.now().Unix() + 600
	token := w.claims(idpURL, "app").sign(t, jose.RS256, "k1", rightKey())
	w.pass(15*time.Minute - time.Second) // five minutes of leeway
	if _, err := w.withToken(role, token); err != nil {
		t.Errorf("within the leeway: %v", err)
	}
	w.pass(time.Second)
	_, err := w.withToken(role, token)
	fails(t, "expired", err, "ExpiredTokenException", "Token expired: current date/time "+itoa(exp+300)+" must be before the expiration date/time "+itoa(exp))
}

func itoa(n int64) string {
	b, _ := json.Marshal(n)
	return string(b)
}

func TestProviderIsAway(t *testing.T) {
	w := newWorld(t)
	w.provider(home, idpName, "app")
	role := w.oidcRole("web", "")
	w.idp.away = true
	_, err := w.withToken(role, w.claims(idpURL, "app").sign(t, jose.RS256, "k1", rightKey()))
	fails(t, "away", err, "IDPCommunicationError", "Couldn't connect to the identity provider of the web identity token")
}

func TestWebIdentityRefusals(t *testing.T) {
	w := newWorld(t)
	w.provider(home, idpName, "app")
	w.provider(home, "other.example.test", "app")
	token := w.claims(idpURL, "app").sign(t, jose.RS256, "k1", rightKey())
	role := w.oidcRole("web", "")

	for name, arn := range map[string]string{
		"missing role":              "arn:aws:iam::" + home + ":role/app/missing",
		"another person's role":     w.oidcRole("hers", `,"`+idpName+`:sub":"user-2"`),
		"trusts another provider":   w.role(home, "other", trust(webAction, federated("arn:aws:iam::"+home+":oidc-provider/other.example.test"), ""), ""),
		"trusts everybody with sts": w.role(home, "everybody", trust("sts:AssumeRole", awsPrincipal("*"), ""), ""),
	} {
		_, err := w.withToken(arn, token)
		fails(t, name, err, "AccessDenied", notAuthorized)
	}

	// The provider must be one of the role's own account.
	provider := w.provider(abroad, idpName, "app")
	foreign := w.role(abroad, "web", trust(webAction, federated(provider), `"Condition":{"StringEquals":{"`+idpName+`:aud":"app"}}`), "")
	if _, err := w.withToken(foreign, token); err != nil {
		t.Errorf("provider of the role's own account: %v", err)
	}
	w.must(w.accounts.DeleteProvider(t.Context(), abroad, provider))
	_, err := w.withToken(foreign, token)
	fails(t, "provider of another account", err, "InvalidIdentityToken", "No OpenIDConnect provider found in your account for "+idpURL)

	_, err = w.withToken("nobody's role is called so", token)
	fails(t, "no role arn", err, "ValidationError", "nobody's role is called so is invalid")
	_, err = w.anonymous().AssumeRoleWithWebIdentity(t.Context(), &awssts.AssumeRoleWithWebIdentityInput{RoleArn: &role, RoleSessionName: new("web"), WebIdentityToken: token, DurationSeconds: aws.Int32(7201)})
	fails(t, "too long", err, "ValidationError", "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
	_, err = w.anonymous().AssumeRoleWithWebIdentity(t.Context(), &awssts.AssumeRoleWithWebIdentityInput{RoleArn: &role, RoleSessionName: new("web"), WebIdentityToken: new("opaque"), ProviderId: new("graph.facebook.com")})
	fails(t, "opaque token", err, "InvalidIdentityToken", notValidated)
}

// Condition keys compare without regard to case, claims do not: one must not
// stand in for another by its spelling. Maps are in no order, hence the many
// attempts.
func TestClaimsStandInForNoOther(t *testing.T) {
	w := newWorld(t)
	w.provider(home, idpName, "app")
	base := func() claims { return w.claims(idpURL, "app") }
	for name, tt := range map[string]struct {
		key    string
		claims claims
	}{
		"sub":          {"sub", base().with("SUB", "boss")},
		"oaud":         {"oaud", base().with("aud", []string{"app", "other"}).with("azp", "app").with("oaud", "boss")},
		"amr":          {"amr", base().with("AMR", "boss").with("amr", []string{"pwd"})},
		"two spelt so": {"role", base().with("Role", "boss").with("role", "clerk")},
		"a colon":      {"sub", base().with("x:sub", "boss")},
	} {
		role := w.oidcRole("boss"+strings.ReplaceAll(name, " ", ""), `,"`+idpName+`:`+tt.key+`":"boss"`)
		for range 24 {
			_, err := w.withToken(role, tt.claims.sign(t, jose.RS256, "k1", rightKey()))
			fails(t, name, err, "AccessDenied", notAuthorized)
		}
	}
	role := w.oidcRole("clerk", `,"`+idpName+`:ROLE":"clerk"`)
	if _, err := w.withToken(role, base().with("role", "clerk").sign(t, jose.RS256, "k1", rightKey())); err != nil {
		t.Errorf("a claim of one spelling: %v", err)
	}
}

func TestIdentityPoolTokens(t *testing.T) {
	w := newWorld(t)
	authenticated := w.role(home, "auth", trust(webAction, federated(cognito), `"Condition":{
		"StringEquals":{"`+cognito+`:aud":"`+poolID+`"},"ForAnyValue:StringLike":{"`+cognito+`:amr":"authenticated"}}`), "")
	token := func(aud string, amr ...string) *string {
		return w.claims(ownIss, aud).with("sub", person).with("amr", amr).sign(t, jose.RS512, "own", rightKey())
	}
	out, err := w.withToken(authenticated, token(poolID, "authenticated", "cognito-idp.us-west-2.amazonaws.com/us-west-2_AbCdEf123"))
	if err != nil {
		t.Fatal(err)
	}
	if *out.Provider != cognito || *out.Audience != poolID || *out.SubjectFromWebIdentityToken != person {
		t.Errorf("provider %s, audience %s, subject %s", *out.Provider, *out.Audience, *out.SubjectFromWebIdentityToken)
	}
	_, err = w.withToken(authenticated, token(otherPool, "authenticated"))
	fails(t, "another pool", err, "AccessDenied", notAuthorized)
	_, err = w.withToken(authenticated, token(poolID, "unauthenticated"))
	fails(t, "guest", err, "AccessDenied", notAuthorized)

	// In another account the trust policy alone decides.
	elsewhere := w.role(abroad, "auth", trust(webAction, federated(cognito), `"Condition":{"StringEquals":{"`+cognito+`:aud":"`+poolID+`"}}`), "")
	if _, err := w.withToken(elsewhere, token(poolID, "unauthenticated")); err != nil {
		t.Errorf("role of another account: %v", err)
	}
	w.pass(10 * time.Minute)
	stale := token(poolID, "authenticated")
	w.pass(10 * time.Minute)
	_, err = w.withToken(authenticated, stale)
	now := w.now().Unix()
	fails(t, "expired", err, "ExpiredTokenException", "Token expired: current date/time "+itoa(now)+" must be before the expiration date/time "+itoa(now))
}

func TestClaimsThatSTSHonours(t *testing.T) {
	const (
		tags     = "https://aws.amazon.com/tags"
		roles    = "https://aws.amazon.com/roles"
		identity = "https://aws.amazon.com/source_identity"
	)
	w := newWorld(t)
	w.provider(home, idpName, "app")
	principal := federated("arn:aws:iam::" + home + ":oidc-provider/" + idpName)
	aud := `"StringEquals":{"` + idpName + `:aud":"app"`
	plain := w.role(home, "plain", trust(webAction, principal, `"Condition":{`+aud+`}}`), "")
	blue := w.role(home, "blue", trust(webAction+" sts:TagSession sts:SetSourceIdentity", principal, `"Condition":{`+aud+`,"aws:RequestTag/team":"blue"}}`), "")
	listed := w.role(home, "listed", trust(webAction, principal, `"Condition":{`+aud+`},"Bool":{"sts:RoleAuthorizedByIdp":"true"}}`), "")
	level := w.role(home, "level", trust(webAction, principal, `"Condition":{`+aud+`,"`+idpName+`:level":"7"}}`), "")
	named := w.role(home, "named", trust(webAction+" sts:SetSourceIdentity", principal, `"Condition":{`+aud+`,"sts:SourceIdentity":"alice"}}`), "")
	nested := func(team string) map[string]any {
		return map[string]any{"principal_tags": map[string]any{"Team": []string{team}}, "transitive_tag_keys": []string{"Team"}}
	}
	for _, tt := range []struct {
		name          string
		role          string
		claim         string
		value         any
		code, message string // empty when it works
	}{
		{"tags", blue, tags, nested("blue"), "", ""},
		{"flat tags", blue, tags + "/principal_tags/Team", []string{"blue"}, "", ""},
		{"other tag value", blue, tags, nested("red"), "AccessDenied", notAuthorized},
		{"tags without sts:TagSession", plain, tags, nested("blue"), "AccessDenied", notAuthorized},
		{"tags of a wrong type", blue, tags, "Team=blue", "InvalidIdentityToken", "The tags claim of the identity token is not valid"},
		{"two values", blue, tags, map[string]any{"principal_tags": map[string]any{"Team": []string{"blue", "red"}}}, "InvalidIdentityToken", "The tags claim of the identity token is not valid"},
		{"tag key too long", blue, tags, map[string]any{"principal_tags": map[string]any{strings.Repeat("k", 129): []string{"x"}}}, "InvalidIdentityToken", "The tags claim of the identity token is not valid"},
		{"role listed", listed, roles, []string{listed}, "", ""},
		{"one role", listed, roles, listed, "", ""},
		{"role not listed", plain, roles, []string{listed}, "InvalidIdentityToken", "The target role ARN is not present in the roles claim of the identity token"},
		{"no role listed", plain, roles, []string{}, "InvalidIdentityToken", "The target role ARN is not present in the roles claim of the identity token"},
		{"not authorized by the provider", listed, "x", "y", "AccessDenied", notAuthorized},
		{"other claim", level, "level", 7, "", ""},
		{"other claim, other value", level, "level", 8, "AccessDenied", notAuthorized},
		{"source identity", named, identity, "alice", "", ""},
		{"other source identity", named, identity, "mallory", "AccessDenied", notAuthorized},
		{"source identity without permission", plain, identity, "alice", "AccessDenied", notAuthorized},
		{"malformed source identity", named, identity, "aws:alice", "InvalidIdentityToken", "The source identity claim of the identity token is not valid"},
	} {
		out, err := w.withToken(tt.role, w.claims(idpURL, "app").with(tt.claim, tt.value).sign(t, jose.RS256, "k1", rightKey()))
		switch {
		case tt.code != "":
			fails(t, tt.name, err, tt.code, tt.message)
		case err != nil:
			t.Errorf("%s: %v", tt.name, err)
		case tt.claim == identity && (out.SourceIdentity == nil || *out.SourceIdentity != "alice"):
			t.Errorf("%s: answered %v", tt.name, out.SourceIdentity)
		}
	}
}
