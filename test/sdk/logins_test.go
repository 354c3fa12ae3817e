package sdk

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	ci "github.com/aws/aws-sdk-go-v2/service/cognitoidentity"
	citypes "github.com/aws/aws-sdk-go-v2/service/cognitoidentity/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	ststypes "github.com/aws/aws-sdk-go-v2/service/sts/types"

	"github.com/cenote-id/cenote/cenotetest"
)

// Names of the public login providers, and of the applications that they know.
const (
	google, apple, facebook = "accounts.google.com", "appleid.apple.com", "graph.facebook.com"
	amazon, twitter, digits = "www.amazon.com", "api.twitter.com", "www.digits.com"

	app = "app-1"
)

// standIn is all public login providers in one.
type standIn struct {
	*httptest.Server
	asked atomic.Int64 // questions about opaque tokens
	away  atomic.Bool
}

func newStandIn(t *testing.T) *standIn {
	t.Helper()
	s := &standIn{}
	mux := http.NewServeMux()
	write := func(w http.ResponseWriter, v any) { _ = json.NewEncoder(w).Encode(v) }
	for _, host := range []string{google, apple, "www.facebook.com"} {
		mux.HandleFunc("GET /"+host+"/.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
			write(w, map[string]string{"issuer": "https://" + host, "jwks_uri": s.URL + "/keys"})
		})
	}
	mux.HandleFunc("GET /keys", func(w http.ResponseWriter, _ *http.Request) { write(w, map[string]any{"keys": []any{evilJWK()}}) })
	// Opaque tokens read "person of app"; anything else is not known.
	opaque := func(answer func(person, app string) map[string]any) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			s.asked.Add(1)
			token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ") + r.URL.Query().Get("access_token")
			person, app, ok := strings.Cut(token, " of ")
			switch {
			case s.away.Load():
				w.WriteHeader(http.StatusServiceUnavailable)
			case !ok:
				w.WriteHeader(http.StatusBadRequest)
			default:
				write(w, answer(person, app))
			}
		}
	}
	mux.HandleFunc("GET /"+facebook+"/app", opaque(func(_, app string) map[string]any { return map[string]any{"id": app} }))
	mux.HandleFunc("GET /"+facebook+"/me", opaque(func(person, _ string) map[string]any { return map[string]any{"id": person} }))
	mux.HandleFunc("GET /"+amazon+"/auth/o2/tokeninfo", opaque(func(person, app string) map[string]any {
		return map[string]any{"user_id": person, "aud": "client of " + app, "app_id": app, "exp": 3600}
	}))
	old := func(w http.ResponseWriter, r *http.Request) {
		if h := r.Header.Get("Authorization"); !strings.Contains(h, `oauth_consumer_key="app-1"`) || !strings.Contains(h, `oauth_token="pair"`) {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		write(w, map[string]string{"id_str": "ann"})
	}
	mux.HandleFunc("GET /"+twitter+"/1.1/account/verify_credentials.json", old)
	mux.HandleFunc("GET /"+digits+"/1.1/sdk/account.json", old)
	s.Server = httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s
}

// eachLogin is each, with the stand-in in place of the public providers.
func eachLogin(t *testing.T, f func(t *testing.T, w *world, s *standIn)) {
	options := func(s *standIn) []cenotetest.Option {
		var list []cenotetest.Option
		for _, name := range []string{google, apple, facebook, "www.facebook.com", amazon, twitter, digits} {
			list = append(list, cenotetest.LoginProvider(name, s.URL+"/"+name))
		}
		return list
	}
	t.Run("development", func(t *testing.T) { s := newStandIn(t); f(t, development(t, options(s)...), s) })
	t.Run("production", func(t *testing.T) { s := newStandIn(t); f(t, production(t, append(options(s), postgres(t))...), s) })
}

// idToken is one of a provider that speaks OpenID Connect.
func (w *world) idToken(t *testing.T, iss, sub, aud string) string {
	t.Helper()
	now := w.Clock().Now()
	payload := must(json.Marshal(map[string]any{"iss": iss, "sub": sub, "aud": aud, "iat": now.Unix(), "exp": now.Add(time.Hour).Unix(), "email": sub + "@example.com"}))(t)
	return jwt{header: []byte(`{"alg":"RS256","kid":"evil"}`), payload: payload}.rs256(t).String()
}

// loginPool makes a pool that lets people of every public provider in.
func (w *world) loginPool(t *testing.T, o owner, region string) *identities {
	t.Helper()
	i := &identities{w: w, t: t, owner: o, admin: w.identity(o.keys, region), public: w.identity(nobody, region), iam: w.iam(o.keys), region: region}
	out := must(i.admin.CreateIdentityPool(t.Context(), &ci.CreateIdentityPoolInput{IdentityPoolName: aws.String("logins"), SupportedLoginProviders: map[string]string{
		google: "other;" + app, apple: app, facebook: app, amazon: app, twitter: app + ";secret", digits: app + ";secret",
	}}))(t)
	i.pool = *out.IdentityPoolId
	i.role(authRole, trust(i.pool, "authenticated"), allow("*", "*"))
	i.role(guestRole, trust(i.pool, "unauthenticated"), allow("*", "*"))
	i.setRoles(authRole, guestRole)
	return i
}

func TestPublicLogins(t *testing.T) {
	eachLogin(t, func(t *testing.T, w *world, s *standIn) {
		i := w.loginPool(t, w.alpha, tokyo)
		ids := map[string]string{}
		for _, c := range []struct{ name, provider, token string }{
			{"Google", google, w.idToken(t, "https://accounts.google.com", "ann", app)},
			{"Google, older form", google, w.idToken(t, "accounts.google.com", "ann", app)},
			{"Apple", apple, w.idToken(t, "https://appleid.apple.com", "ann", app)},
			{"Facebook", facebook, "ann of " + app},
			{"Facebook, limited", facebook, w.idToken(t, "https://www.facebook.com", "ann", app)},
			{"Amazon", amazon, "ann of " + app},
			{"Twitter", twitter, "pair;secret"},
			{"Digits", digits, "pair;secret"},
		} {
			login := map[string]string{c.provider: c.token}
			id, err := i.tryID(login)
			if err != nil {
				t.Errorf("%s: %v", c.name, err)
				continue
			}
			if known, ok := ids[c.provider]; ok && known != id {
				t.Errorf("%s: the same person is %s and %s", c.name, known, id)
			}
			ids[c.provider] = id
			if got := w.caller(t, i.keys(id, login)); !strings.Contains(*got.Arn, authRole) {
				t.Errorf("%s: keys of %s", c.name, *got.Arn)
			}
			out := must(i.public.GetOpenIdToken(t.Context(), &ci.GetOpenIdTokenInput{IdentityId: &id, Logins: login}))(t)
			amr := fmt.Sprint(parse(t, *out.Token).value(t, "amr"))
			if want := "[authenticated " + c.provider + " " + c.provider + ":"; !strings.HasPrefix(amr, want) || !strings.HasSuffix(amr, ":ann]") {
				t.Errorf("%s: amr %s", c.name, amr)
			}
		}
		// Default session tags: the application, and the person.
		must(i.admin.SetPrincipalTagAttributeMap(t.Context(), &ci.SetPrincipalTagAttributeMapInput{
			IdentityPoolId: &i.pool, IdentityProviderName: aws.String(amazon), UseDefaults: aws.Bool(true),
		}))(t)
		login := map[string]string{amazon: "ann of " + app}
		out := must(i.public.GetOpenIdToken(t.Context(), &ci.GetOpenIdTokenInput{IdentityId: aws.String(i.id(login)), Logins: login}))(t)
		if tags := fmt.Sprint(parse(t, *out.Token).value(t, "https://aws.amazon.com/tags")); tags != "map[principal_tags:map[client:[client of app-1] username:[ann]]]" {
			t.Errorf("tags %s", tags)
		}
		if len(ids) != 6 {
			t.Errorf("%d providers", len(ids))
		}
		if n := i.count(); n != 6 {
			t.Errorf("%d identities", n)
		}
	})
}

func TestPublicLoginsAreRefused(t *testing.T) {
	eachLogin(t, func(t *testing.T, w *world, s *standIn) {
		i := w.loginPool(t, w.alpha, tokyo)
		const unsupported, unverified = "Token is not from a supported provider of this identity pool.", "Invalid login token. Couldn't verify signed token."
		for _, c := range []struct{ name, provider, token, message string }{
			{"Google, another app", google, w.idToken(t, "https://accounts.google.com", "ann", "app-2"), unsupported},
			{"Google, another issuer", google, w.idToken(t, "https://appleid.apple.com", "ann", app), "Invalid login token. Issuer doesn't match providerName"},
			{"Google, no token", google, "ann of " + app, "Invalid login token. Not a valid OpenId Connect identity token."},
			{"Google, changed", google, parse(t, w.idToken(t, "https://accounts.google.com", "ann", app)).claim(t, "sub", "bob").String(), unverified},
			{"Facebook, another app", facebook, "ann of app-2", unsupported},
			{"Facebook, not known", facebook, "nobody", unverified},
			{"Facebook, limited, another app", facebook, w.idToken(t, "https://www.facebook.com", "ann", "app-2"), unsupported},
			{"Facebook, Google's token", facebook, w.idToken(t, "https://accounts.google.com", "ann", app), unverified},
			{"Facebook, a header more", facebook, "ann of " + app + "\r\nX-Forwarded-For: 10.0.0.1", unverified},
			{"Amazon, long", amazon, "ann of " + app + strings.Repeat("x", 5000), unverified},
			{"Amazon, another app", amazon, "ann of app-2", unsupported},
			{"Amazon, not known", amazon, "nobody", unverified},
			{"Twitter, another pair", twitter, "other;secret", unverified},
			{"Twitter, no pair", twitter, "pair", unverified},
		} {
			_, err := i.tryID(map[string]string{c.provider: c.token})
			refused[*citypes.NotAuthorizedException](t, c.name, err, c.message)
		}
		if n := i.count(); n != 0 {
			t.Errorf("%d identities of people who were refused", n)
		}

		// An answer counts for a minute, so that one sign-in is one question;
		// a provider that is away is not the token's fault.
		before := s.asked.Load()
		login := map[string]string{amazon: "ann of " + app}
		ann := i.id(login)
		i.keys(ann, login)
		i.id(login)
		if n := s.asked.Load() - before; n != 1 {
			t.Errorf("asked %d times", n)
		}
		s.away.Store(true)
		i.id(login)
		w.Clock().Advance(time.Minute)
		_, err := i.tryID(login)
		refused[*citypes.ExternalServiceException](t, "a provider that is away", err, "Couldn't reach the identity provider www.amazon.com.")
		s.away.Store(false)
		if got := i.id(login); got != ann {
			t.Errorf("ann is %s, want %s", got, ann)
		}
		// A pool that does not list a provider does not have it asked.
		before = s.asked.Load()
		plain := must(i.admin.CreateIdentityPool(t.Context(), &ci.CreateIdentityPoolInput{IdentityPoolName: aws.String("plain"), SupportedLoginProviders: map[string]string{google: app}}))(t)
		_, err = i.public.GetId(t.Context(), &ci.GetIdInput{IdentityPoolId: plain.IdentityPoolId, Logins: map[string]string{amazon: "bob of " + app}})
		refused[*citypes.NotAuthorizedException](t, "a provider that is not listed", err, unsupported)
		if n := s.asked.Load() - before; n != 0 {
			t.Errorf("asked %d times", n)
		}
	})
}

// The providers that STS has built in need nothing in IAM: the trust policy
// names application and person.
func TestBuiltInWebIdentity(t *testing.T) {
	eachLogin(t, func(t *testing.T, w *world, s *standIn) {
		admin := w.iam(w.alpha.keys)
		role := func(name, provider, condition string) string {
			t.Helper()
			return *must(admin.CreateRole(t.Context(), &iam.CreateRoleInput{
				RoleName: &name, AssumeRolePolicyDocument: aws.String(trusting(`{"Federated":"`+provider+`"}`, `{"StringEquals":{`+condition+`}}`)),
			}))(t).Role.Arn
		}
		for _, c := range []struct{ name, provider, id, condition, good, bad string }{
			{
				"google", google, "", `"accounts.google.com:aud":"app-1","accounts.google.com:sub":"ann","accounts.google.com:email":"ann@example.com"`,
				w.idToken(t, "https://accounts.google.com", "ann", app), w.idToken(t, "https://accounts.google.com", "ann", "app-2"),
			},
			{"facebook", facebook, facebook, `"graph.facebook.com:app_id":"app-1","graph.facebook.com:id":"ann"`, "ann of " + app, "ann of app-2"},
			{"amazon", amazon, amazon, `"www.amazon.com:app_id":"app-1","www.amazon.com:user_id":"ann"`, "ann of " + app, "bob of " + app},
		} {
			arn := role(c.name, c.provider, c.condition)
			assume := func(token string) (*sts.AssumeRoleWithWebIdentityOutput, error) {
				in := &sts.AssumeRoleWithWebIdentityInput{RoleArn: &arn, RoleSessionName: aws.String("ann"), WebIdentityToken: &token}
				if c.id != "" {
					in.ProviderId = &c.id
				}
				return w.sts(nobody).AssumeRoleWithWebIdentity(t.Context(), in)
			}
			out, err := assume(c.good)
			if err != nil {
				t.Errorf("%s: %v", c.name, err)
				continue
			}
			if *out.Provider != c.provider || *out.SubjectFromWebIdentityToken != "ann" {
				t.Errorf("%s: %s of %s", c.name, *out.SubjectFromWebIdentityToken, *out.Provider)
			}
			_, err = assume(c.bad)
			refusedCode(t, c.name+": another's token", err, "AccessDenied", textNotAssumed)
			_, err = assume("x.y.z")
			if err == nil {
				t.Errorf("%s: nonsense is good for a role", c.name)
			}
		}
		_, err := w.sts(nobody).AssumeRoleWithWebIdentity(t.Context(), &sts.AssumeRoleWithWebIdentityInput{
			RoleArn: aws.String("arn:aws:iam::" + w.alpha.account + ":role/google"), RoleSessionName: aws.String("ann"), WebIdentityToken: aws.String("nobody"), ProviderId: aws.String(facebook),
		})
		refused[*ststypes.InvalidIdentityTokenException](t, "a token that nobody knows", err, "The web identity token provided could not be validated. See the AssumeRoleWithWebIdentity documentation for requirements.")
	})
}
