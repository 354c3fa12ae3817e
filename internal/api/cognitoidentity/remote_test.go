package cognitoidentity_test

import (
	"crypto/x509"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	ci "github.com/aws/aws-sdk-go-v2/service/cognitoidentity"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentity/types"
	"github.com/go-jose/go-jose/v4"

	"github.com/cenote-id/cenote/internal/issuer"
	"github.com/cenote-id/cenote/internal/issuer/remote"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/store/storetest"
)

const (
	farPool = "eu-west-1_Foreign00"
	farName = "cognito-idp.eu-west-1.amazonaws.com/" + farPool
)

// far is another deployment, over HTTPS under a CA of its own.
type far struct {
	*httptest.Server
	mu     sync.Mutex
	visits map[string]int // by path
	keys   []jose.JSONWebKey
	away   bool
}

func newFar(t *testing.T) *far {
	t.Helper()
	f := &far{visits: map[string]int{}, keys: []jose.JSONWebKey{{Key: &evilKey().PublicKey, KeyID: "far1", Algorithm: "RS256", Use: "sig"}}}
	f.Server = httptest.NewTLSServer(f)
	t.Cleanup(f.Close)
	return f
}

func (f *far) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.visits[r.URL.Path]++
	switch {
	case f.away:
		rw.WriteHeader(http.StatusServiceUnavailable)
	case strings.HasSuffix(r.URL.Path, "/.well-known/openid-configuration"):
		base := f.URL + strings.TrimSuffix(r.URL.Path, "/.well-known/openid-configuration")
		fmt.Fprintf(rw, `{"issuer":%q,"jwks_uri":%q}`, base, base+"/.well-known/jwks.json")
	case strings.HasSuffix(r.URL.Path, "/.well-known/jwks.json"):
		_ = json.NewEncoder(rw).Encode(jose.JSONWebKeySet{Keys: f.keys})
	default:
		rw.WriteHeader(http.StatusNotFound)
	}
}

func (f *far) asked() (n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, v := range f.visits {
		n += v
	}
	return n
}

func (f *far) login(t *testing.T, w *world, kid string) map[string]string {
	t.Helper()
	c := w.claims(farPool, client, "fay").with("iss", f.URL+"/"+farPool).with("exp", w.now().Unix()+100_000)
	return map[string]string{farName: c.sign(t, jose.RS256, kid, evilKey())}
}

// eachFar runs f on every engine, with a deployment that peers with another
// for the region eu-west-1.
func eachFar(t *testing.T, f func(t *testing.T, w *world, other *far)) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		other := newFar(t)
		at, err := url.Parse(other.URL)
		if err != nil {
			t.Fatal(err)
		}
		roots := x509.NewCertPool()
		roots.AddCert(other.Certificate())
		f(t, newWorld(t, db, options{
			fetcher: remote.New(remote.Config{Peers: []*url.URL{at}, Roots: roots}),
			peers:   []issuer.Peer{{Name: "eu-west-1", URL: at}},
		}), other)
	})
}

func TestAnotherDeployment(t *testing.T) {
	eachFar(t, func(t *testing.T, w *world, other *far) {
		id := w.pool(alpha, tokyo, trusting(farName, client))
		w.roles(alpha, tokyo, id)
		if n := other.asked(); n != 0 {
			t.Errorf("%d requests before anybody signed in", n)
		}
		logins := other.login(t, w, "far1")
		fay := w.getID(id, logins)
		if again := w.getID(id, logins); again != fay {
			t.Errorf("%s, then %s", fay, again)
		}
		alias := strings.TrimPrefix(other.URL, "https:/"+"/") + "/" + farPool
		if got := w.getID(id, map[string]string{alias: logins[farName]}); got != fay {
			t.Errorf("by its own host name: %s, want %s", got, fay)
		}
		if got := w.arn(w.credentials(fay, logins)); !strings.Contains(got, "assumed-role/auth-") {
			t.Errorf("got %s", got)
		}
		if n := other.asked(); n != 2 { // metadata and keys
			t.Errorf("%d requests for all that", n)
		}

		// Made-up key ids cost one fetch a minute, whatever comes.
		for minute := range 3 {
			w.pass(time.Minute)
			for n := range 10 {
				_, err := w.anyone().GetId(t.Context(), &ci.GetIdInput{IdentityPoolId: &id, Logins: other.login(t, w, fmt.Sprint("made-up ", n))})
				want(t, "made-up key", err, "NotAuthorizedException", "Invalid login token. Couldn't verify signed token.")
			}
			if n := other.asked(); n != 2*(minute+2) {
				t.Errorf("%d requests in minute %d", n, minute)
			}
		}
		other.mu.Lock()
		other.keys = append(other.keys, jose.JSONWebKey{Key: &evilKey().PublicKey, KeyID: "far2", Algorithm: "RS256", Use: "sig"})
		other.mu.Unlock()
		w.pass(time.Minute)
		if got := w.getID(id, other.login(t, w, "far2")); got != fay {
			t.Errorf("after a rotation: %s, want %s", got, fay)
		}
	})
}

func TestAnotherDeploymentAway(t *testing.T) {
	eachFar(t, func(t *testing.T, w *world, other *far) {
		id := w.pool(alpha, tokyo, trusting(farName, client))
		other.away = true
		for range 3 {
			_, err := w.anyone().GetId(t.Context(), &ci.GetIdInput{IdentityPoolId: &id, Logins: other.login(t, w, "far1")})
			want(t, "away", err, "ExternalServiceException", "Couldn't reach the identity provider "+farName+".")
		}
		if n := other.asked(); n != 1 {
			t.Errorf("%d requests to somebody who is away", n)
		}
		other.mu.Lock()
		other.away = false
		other.mu.Unlock()
		w.pass(10 * time.Second)
		w.getID(id, other.login(t, w, "far1"))
	})
}

// TestUnlistedIssuersAreNotAsked: that the operator trusts a deployment does
// not mean that every pool does.
func TestUnlistedIssuersAreNotAsked(t *testing.T) {
	eachFar(t, func(t *testing.T, w *world, other *far) {
		id := w.pool(alpha, tokyo, guests, trusting(westName, client))
		host := strings.TrimPrefix(other.URL, "https:/"+"/")
		token := other.login(t, w, "far1")[farName]
		for _, key := range []string{farName, host + "/" + farPool, host, "graph.facebook.com"} {
			_, err := w.anyone().GetId(t.Context(), &ci.GetIdInput{IdentityPoolId: &id, Logins: map[string]string{key: token}})
			want(t, key, err, "NotAuthorizedException", "Token is not from a supported provider of this identity pool.")
		}
		_, err := w.anyone().GetId(t.Context(), &ci.GetIdInput{IdentityPoolId: &id, Logins: map[string]string{westName: token}})
		want(t, "under a local name", err, "NotAuthorizedException", "Invalid login token. Issuer doesn't match providerName")
		if n := other.asked(); n != 0 {
			t.Errorf("%d requests", n)
		}

		_, err = w.root(alpha, tokyo).CreateIdentityPool(t.Context(), &ci.CreateIdentityPoolInput{
			IdentityPoolName: aws.String("x"), CognitoIdentityProviders: []types.CognitoIdentityProvider{{ProviderName: aws.String(farName), ClientId: aws.String(client), ServerSideTokenCheck: aws.Bool(true)}},
		})
		want(t, "server-side check elsewhere", err, "InvalidParameterException", "ServerSideTokenCheck needs a user pool of this deployment: "+farName+" is not one.")
	})
}

// TestOpenIDProvider: an IAM provider whose issuer points at an inner address
// is not followed there, and one of the peers is.
func TestOpenIDProvider(t *testing.T) {
	eachFar(t, func(t *testing.T, w *world, other *far) {
		inner := newFar(t)
		name := func(f *far) string { return strings.TrimPrefix(f.URL, "https:/"+"/") + "/tenant" }
		var arns []string
		for _, f := range []*far{other, inner} {
			arns = append(arns, w.iam.provider(alpha, f.URL+"/tenant", client))
		}
		id := w.pool(alpha, tokyo, func(in *ci.CreateIdentityPoolInput) { in.OpenIdConnectProviderARNs = arns })
		w.roles(alpha, tokyo, id)
		login := func(f *far, more claims) map[string]string {
			c := w.claims(farPool, client, "fay").with("iss", f.URL+"/tenant").with("token_use", nil)
			for k, v := range more {
				c.with(k, v)
			}
			return map[string]string{name(f): c.sign(t, jose.RS256, "far1", evilKey())}
		}
		fay := w.getID(id, login(other, nil))
		if got := w.getID(id, login(other, claims{"azp": client, "aud": []string{"x", "y"}})); got != fay {
			t.Errorf("by azp: %s", got)
		}
		out, err := w.anyone().GetOpenIdToken(t.Context(), &ci.GetOpenIdTokenInput{IdentityId: &fay, Logins: login(other, nil)})
		if err != nil {
			t.Fatal(err)
		}
		if amr := fmt.Sprint(part(t, *out.Token, 1)["amr"]); amr != "[authenticated "+name(other)+" "+arns[0]+":OIDC:fay]" {
			t.Errorf("amr %s", amr)
		}
		for what, more := range map[string]claims{
			"azp of another client": {"azp": "someone"}, "two audiences": {"aud": []string{client, "x"}}, "another client": {"aud": "x"},
		} {
			_, err := w.anyone().GetId(t.Context(), &ci.GetIdInput{IdentityPoolId: &id, Logins: login(other, more)})
			want(t, what, err, "NotAuthorizedException", "Token is not from a supported provider of this identity pool.")
		}
		_, err = w.anyone().GetId(t.Context(), &ci.GetIdInput{IdentityPoolId: &id, Logins: login(inner, nil)})
		want(t, "inner address", err, "ExternalServiceException", "Couldn't reach the identity provider "+name(inner)+".")
		if n := inner.asked(); n != 0 {
			t.Errorf("%d requests to an inner address", n)
		}
	})
}
