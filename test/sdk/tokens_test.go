package sdk

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	ci "github.com/aws/aws-sdk-go-v2/service/cognitoidentity"
	citypes "github.com/aws/aws-sdk-go-v2/service/cognitoidentity/types"
)

// Sentences that an identity pool refuses tokens with.
const (
	textUnsupported = "Token is not from a supported provider of this identity pool."
	textIssuer      = "Invalid login token. Issuer doesn't match providerName"
	textNoAudience  = "Invalid login token. Missing a required claim: aud"
	textForm        = "Invalid login token. Not a valid OpenId Connect identity token."
	textSignature   = "Invalid login token. Couldn't verify signed token."
	textOwn         = "Invalid login token. Can't pass in a Cognito token."
	textNoMatch     = "Logins don't match. Please include at least one valid login for this identity or identity pool."
)

// entrances are all calls that take a login. Each tries to get in to alice's
// identity.
func (i *identities) entrances(alice string) map[string]func(logins map[string]string) error {
	return map[string]func(map[string]string) error{
		"GetId": func(logins map[string]string) error {
			_, err := i.tryID(logins)
			return err
		},
		"GetOpenIdToken": func(logins map[string]string) error {
			_, err := i.public.GetOpenIdToken(i.t.Context(), &ci.GetOpenIdTokenInput{IdentityId: &alice, Logins: logins})
			return err
		},
		"GetCredentialsForIdentity": func(logins map[string]string) error {
			_, err := i.tryKeys(alice, logins)
			return err
		},
		"UnlinkIdentity": func(logins map[string]string) error {
			_, err := i.public.UnlinkIdentity(i.t.Context(), &ci.UnlinkIdentityInput{IdentityId: &alice, Logins: logins, LoginsToRemove: keysOf(logins)})
			return err
		},
	}
}

func keysOf(m map[string]string) []string {
	var keys []string
	for k := range m {
		keys = append(keys, k)
	}
	return keys
}

// shut tries a login on all entrances: each must refuse it with NotAuthorized
// and that sentence, and nothing may have changed.
func (i *identities) shut(what, alice string, logins map[string]string, message string) {
	i.t.Helper()
	before := i.count()
	for name, enter := range i.entrances(alice) {
		refused[*citypes.NotAuthorizedException](i.t, name+" with "+what, enter(logins), message)
	}
	if after := i.count(); after != before {
		i.t.Errorf("%s: %d identities, %d before", what, after, before)
	}
	identity := must(i.admin.DescribeIdentity(i.t.Context(), &ci.DescribeIdentityInput{IdentityId: &alice}))(i.t)
	if want := []string{*i.trusted[0].ProviderName}; !slices.Equal(identity.Logins, want) {
		i.t.Errorf("%s: alice's logins are %v, want %v", what, identity.Logins, want)
	}
}

func TestOtherPeoplesTokens(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p, stranger := w.people(t, w.alpha, west), w.people(t, w.alpha, west)
		i := w.identities(t, w.beta, tokyo, p)
		good := p.signIn("alice")
		alice := i.id(p.login(good.IdToken))

		i.shut("a pool that is not listed", alice, stranger.login(stranger.signIn("alice").IdToken), textUnsupported)
		i.shut("its token under the listed name", alice, p.login(stranger.signIn("alice").IdToken), textIssuer)
		i.shut("the listed token under its name", alice, stranger.login(good.IdToken), textUnsupported)
		i.shut("another client's token", alice, p.login(p.signInTo(p.newClient("other"), "alice").IdToken), textUnsupported)
		i.shut("an access token", alice, p.login(good.AccessToken), textNoAudience)
		i.shut("a refresh token", alice, p.login(good.RefreshToken), textForm)
		nonsense := "nonsense"
		i.shut("nonsense", alice, p.login(&nonsense), textForm)

		// Good and bad together are bad.
		both := p.login(good.IdToken)
		both[stranger.provider] = *stranger.signIn("alice").IdToken
		i.shut("one good and one bad login", alice, both, textUnsupported)

		// What identity pools hand out is no login for them.
		own := must(i.public.GetOpenIdToken(t.Context(), &ci.GetOpenIdTokenInput{IdentityId: &alice, Logins: p.login(good.IdToken)}))(t)
		i.shut("an identity token", alice, map[string]string{"cognito-identity.amazonaws.com": *own.Token}, textOwn)
		i.shut("an identity token as the user pool's", alice, p.login(own.Token), textOwn)

		// Bob is a good user, and not alice.
		p.add("bob")
		bob := p.login(p.signIn("bob").IdToken)
		i.id(bob)
		for name, enter := range i.entrances(alice) {
			if name != "GetId" {
				refused[*citypes.NotAuthorizedException](t, name+" of alice with bob's login", enter(bob), textNoMatch)
			}
		}
		i.keys(alice, p.login(good.IdToken)) // which was good all along
	})
}

func TestExpiredToken(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p := w.people(t, w.alpha, west)
		i := w.identities(t, w.alpha, tokyo, p)
		login := p.login(p.signIn("alice").IdToken)
		alice := i.id(login)
		expires := int64(parse(t, login[p.provider]).value(t, "exp").(float64))
		if life := time.Unix(expires, 0).Sub(w.Clock().Now()); life < 59*time.Minute || life > time.Hour {
			t.Errorf("the token lives %v", life)
		}
		w.Clock().Advance(time.Hour + time.Minute)
		for name, enter := range i.entrances(alice) {
			err := enter(login)
			now := w.Clock().Now().Unix()
			e, ok := errors.AsType[*citypes.NotAuthorizedException](err)
			var at, end int64
			if !ok {
				t.Errorf("%s: %v", name, err)
			} else if n, _ := fmt.Sscanf(e.ErrorMessage(), "Invalid login token. Token expired: %d >= %d", &at, &end); n != 2 || end != expires || at > now || now-at > 60 {
				t.Errorf("%s: %s, want %d >= %d", name, e.ErrorMessage(), now, expires)
			}
		}
	})
}

const base64URL = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

// Whatever byte of a token is changed, it is no token any more.
func TestChangedByte(t *testing.T) {
	w := development(t)
	p := w.people(t, w.alpha, west)
	i := w.identities(t, w.alpha, tokyo, p)
	token := *p.signIn("alice").IdToken
	i.id(p.login(&token))
	seen := map[string]int{}
	for at := range len(token) {
		// The neighbour in the alphabet: in the last character of a part it
		// may change nothing but bits that base64 leaves unused.
		bent := []byte(token)
		if n := strings.IndexByte(base64URL, token[at]); n >= 0 {
			bent[at] = base64URL[n^1]
		} else {
			bent[at] = '_' // a dot
		}
		text := string(bent)
		_, err := i.tryID(p.login(&text))
		e, ok := errors.AsType[*citypes.NotAuthorizedException](err)
		if !ok {
			t.Fatalf("byte %d: %v", at, err)
		}
		seen[e.ErrorMessage()]++
	}
	for message, n := range seen {
		if n > 0 && !strings.HasPrefix(message, "Invalid login token. ") {
			t.Errorf("%d times: %s", n, message)
		}
	}
	if seen[textSignature] < len(token)/2 {
		t.Errorf("refusals: %v", seen)
	}
	if n := i.count(); n != 1 {
		t.Errorf("%d identities", n)
	}
}

// Forgeries that a careless verifier takes.
func TestForgedTokens(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p, stranger := w.people(t, w.alpha, west), w.people(t, w.beta, west)
		i := w.identities(t, w.alpha, tokyo, p)
		good := parse(t, *p.signIn("alice").IdToken)
		alice := i.id(map[string]string{p.provider: good.String()})
		kid := good.kid(t)
		shut := func(what string, j jwt, message string) {
			t.Helper()
			i.shut(what, alice, map[string]string{p.provider: j.String()}, message)
		}

		unsigned := good
		unsigned.signature = nil
		shut("no signature", unsigned, textSignature)
		for _, alg := range []string{"none", "None", "NONE", "nOnE", ""} {
			header := fmt.Sprintf(`{"alg":%q,"kid":%q}`, alg, kid)
			shut("alg "+alg, unsigned.with(header), textSignature)
			shut("alg "+alg+" and the good signature", good.with(header), textSignature)
		}
		shut("no alg", good.with(fmt.Sprintf(`{"kid":%q}`, kid)), textSignature)
		for name, secret := range asSecrets(t, p.publicKey(kid)) {
			shut("HS256 with the public key as "+name, good.with(fmt.Sprintf(`{"alg":"HS256","kid":%q}`, kid)).hmac256(secret), textSignature)
		}
		for _, alg := range []string{"RS384", "RS512", "PS256", "ES256", "EdDSA"} {
			shut(alg, good.with(fmt.Sprintf(`{"alg":%q,"kid":%q}`, alg, kid)), textSignature)
		}

		// Keys that the token brings along or points to are not asked.
		var visits atomic.Int64
		site := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
			visits.Add(1)
			_ = json.NewEncoder(rw).Encode(map[string]any{"keys": []any{evilJWK()}})
		}))
		defer site.Close()
		own := string(must(json.Marshal(evilJWK()))(t))
		for name, header := range map[string]string{
			"the good key's id":    fmt.Sprintf(`{"alg":"RS256","kid":%q}`, kid),
			"an unknown key id":    `{"alg":"RS256","kid":"evil"}`,
			"no key id":            `{"alg":"RS256"}`,
			"a key inside":         `{"alg":"RS256","kid":"evil","jwk":` + own + `}`,
			"a key elsewhere":      fmt.Sprintf(`{"alg":"RS256","kid":"evil","jku":%q,"x5u":%q}`, site.URL, site.URL),
			"a key id with a path": `{"alg":"RS256","kid":"../../../../dev/null"}`,
		} {
			shut("our own signature and "+name, good.with(header).rs256(t), textSignature)
			shut("as somebody else, with our own signature and "+name, good.with(header).claim(t, "sub", "00000000-0000-4000-8000-000000000000").rs256(t), textSignature)
		}
		if n := visits.Load(); n != 0 {
			t.Errorf("%d visits to where a token pointed", n)
		}

		// Every claim is under the signature.
		shut("a longer life", good.claim(t, "exp", 4102444800), textSignature)
		shut("another user", good.claim(t, "sub", "00000000-0000-4000-8000-000000000000"), textSignature)
		shut("a role", good.claim(t, "cognito:preferred_role", i.roleARN("admin")), textSignature)
		// The key of one pool says nothing about another.
		theirs := parse(t, *stranger.signIn("alice").IdToken)
		shut("a stranger's key", theirs.claim(t, "iss", good.value(t, "iss")).claim(t, "aud", p.client), textSignature)
		// One kind of token is not another, even with a good signature.
		access := parse(t, *p.signIn("alice").AccessToken)
		shut("an access token with an audience", access.claim(t, "aud", p.client).claim(t, "token_use", "id"), textSignature)
		i.keys(alice, map[string]string{p.provider: good.String()})
	})
}

func evilJWK() map[string]string {
	return map[string]string{"kty": "RSA", "kid": "evil", "alg": "RS256", "use": "sig", "e": "AQAB", "n": encode(evilKey().N.Bytes())}
}
