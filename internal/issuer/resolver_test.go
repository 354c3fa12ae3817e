package issuer_test

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"github.com/cenote-id/cenote/internal/issuer"
)

func TestUserPoolNames(t *testing.T) {
	for name, want := range map[string][2]string{
		"cognito-idp.us-west-2.amazonaws.com/us-west-2_AbCdEf123":         {"us-west-2", "us-west-2_AbCdEf123"},
		"cognito-idp.ap-northeast-1.amazonaws.com/ap-northeast-1_x":       {"ap-northeast-1", "ap-northeast-1_x"},
		"cognito-idp.cn-north-1.amazonaws.com.cn/cn-north-1_AbCdEf123":    {"cn-north-1", "cn-north-1_AbCdEf123"},
		"cognito-idp.us-gov-west-1.amazonaws.com/us-gov-west-1_AbCdEf123": {"us-gov-west-1", "us-gov-west-1_AbCdEf123"},
	} {
		region, id, ok := issuer.ParseUserPool(name)
		if !ok || region != want[0] || id != want[1] || issuer.UserPoolName(id) != name {
			t.Errorf("%s: %s %s %v", name, region, id, ok)
		}
	}
	for _, name := range []string{
		"", "us-west-2_AbCdEf123", "https://cognito-idp.us-west-2.amazonaws.com/us-west-2_AbCdEf123",
		"cognito-idp.us-west-2.amazonaws.com/us-east-1_AbCdEf123", "cognito-idp.us-west-2.amazonaws.com/us-west-2_AbCdEf123/",
		"cognito-idp.us-west-2.amazonaws.com/us-west-2_AbCdEf123:client", "cognito-idp.us-west-2.amazonaws.com.evil.com/us-west-2_A",
		"cognito-idp.us-west-2.amazonaws.com/us-west-2_", "xcognito-idp.us-west-2.amazonaws.com/us-west-2_A",
		"cognito-idp.us-west-2xamazonaws.com/us-west-2_A", "cognito-idp.us--west-2.amazonaws.com/us--west-2_A", "cognito-idp.us-2.amazonaws.com/us-2_A",
		"cognito-idp.us-west-.amazonaws.com/us-west-_A", "cognito-idp.us-west--2.amazonaws.com/us-west--2_A", "cognito-idp.us-west-2.amazonaws.com/us-west-2_A_B",
		"cognito-idp.US-west-2.amazonaws.com/US-west-2_A", "cognito-idp.cn-north-1.amazonaws.com/cn-north-1_A", "cognito-idp.us-west-2.amazonaws.com.cn/us-west-2_A",
		"cognito-idp.us-west-2.amazonaws.com/us-west-2_" + strings.Repeat("a", 50), "cognito-idp.us-west-2.amazonaws.com/us-west-2_A\n",
	} {
		if _, _, ok := issuer.ParseUserPool(name); ok {
			t.Errorf("%q taken for a user pool", name)
		}
	}
}

func TestOrderOfTrust(t *testing.T) {
	const (
		custom  = "us-west-2_Custom000"
		foreign = "us-west-2_Foreign00"
		tokyo   = "ap-northeast-1_Foreign00"
	)
	pools := onePool()
	pools.pools = append(pools.pools, issuer.LocalPool{ID: custom, Account: account, Issuer: "https://login.acme.com"})
	r := newResolver(t, issuer.Config{
		Pools: pools, Now: newClock().Now,
		Peers: []issuer.Peer{
			{Name: "us-west-2", URL: mustURL(t, "https://peer.example:8443/base")},
			{Name: "https://login.partner.com", URL: mustURL(t, "https://10.0.0.7/auth")},
		},
	})
	for name, want := range map[string]struct {
		canonical string
		local     bool
	}{
		awsName:                             {awsName, true},
		"id.example.com/" + poolID:          {awsName, true},
		issuer.UserPoolName(custom):         {issuer.UserPoolName(custom), true},
		"login.acme.com":                    {issuer.UserPoolName(custom), true},
		issuer.UserPoolName(foreign):        {issuer.UserPoolName(foreign), false},
		"peer.example:8443/base/" + foreign: {issuer.UserPoolName(foreign), false},
		"login.partner.com":                 {"login.partner.com", false},
	} {
		got, err := r.UserPool(t.Context(), account, name)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got.Name != want.canonical || got.Local != want.local {
			t.Errorf("%s: got %+v", name, got)
		}
	}
	for _, name := range []string{
		issuer.UserPoolName(tokyo), "peer.example:8443/base/" + tokyo, "peer.example/base/" + foreign,
		"peer.example:8443/" + foreign, "evil.example/" + poolID, "id.example.com", "",
	} {
		if _, err := r.UserPool(t.Context(), account, name); !errors.Is(err, issuer.ErrUntrusted) {
			t.Errorf("%q: %v", name, err)
		}
	}
	if _, err := r.UserPool(t.Context(), "222222222222", "login.acme.com"); !errors.Is(err, issuer.ErrUntrusted) {
		t.Errorf("a custom issuer spoke outside its account: %v", err)
	}
	if _, err := r.UserPool(t.Context(), "222222222222", issuer.UserPoolName(custom)); err != nil {
		t.Errorf("its AWS name is for every account: %v", err)
	}
}

func TestRealAWSOnlyIfToldSo(t *testing.T) {
	const id = "eu-central-1_RealPool1"
	now, site := newClock(), newWeb()
	name := issuer.UserPoolName(id)
	site.serve("https://"+name+"/.well-known/jwks.json", page{body: jwks(t, jwk("b", "RS256", &keyB().PublicKey)), age: -1})
	strict := newResolver(t, issuer.Config{Fetcher: site, Now: now.Now})
	if _, err := strict.UserPool(t.Context(), account, name); !errors.Is(err, issuer.ErrUntrusted) {
		t.Fatal(err)
	}
	r := newResolver(t, issuer.Config{Fetcher: site, Now: now.Now, TrustAWS: true})
	pool := userPool(t, r, name)
	token := sign(t, jose.RS256, "b", keyB(), now.claims("https://"+name))
	if _, err := r.Verify(t.Context(), pool, token, []string{client}); err != nil {
		t.Fatal(err)
	}
	for _, alias := range []string{name, "issuer-" + name} {
		updated := sign(t, jose.RS256, "b", keyB(), now.claims("https://issuer-"+name))
		if _, err := r.Verify(t.Context(), userPool(t, r, alias), updated, []string{client}); err != nil || userPool(t, r, alias).Name != name {
			t.Errorf("updated issuer by %s: %v", alias, err)
		}
	}
	if _, err := r.UserPool(t.Context(), account, "id.example.com/"+id); !errors.Is(err, issuer.ErrUntrusted) {
		t.Errorf("only the AWS name is AWS: %v", err)
	}
}

func TestPeerSaysItsIssuer(t *testing.T) {
	const id = "us-west-2_Foreign00"
	now, site := newClock(), newWeb()
	at := "https://peer.example/" + id
	site.serve(at+"/.well-known/openid-configuration", page{body: `{"issuer":"https://login.partner.com","jwks_uri":"https://10.1.2.3/never"}`, age: -1})
	site.serve(at+"/.well-known/jwks.json", page{body: jwks(t, jwk("b", "RS256", &keyB().PublicKey)), age: -1})
	r := newResolver(t, issuer.Config{Fetcher: site, Now: now.Now, Peers: []issuer.Peer{{Name: "us-west-2", URL: mustURL(t, "https://peer.example")}}})
	pool := userPool(t, r, issuer.UserPoolName(id))
	if _, err := r.Verify(t.Context(), pool, sign(t, jose.RS256, "b", keyB(), now.claims("https://login.partner.com")), []string{client}); err != nil {
		t.Fatal(err)
	}
	_, err := r.Verify(t.Context(), pool, sign(t, jose.RS256, "b", keyB(), now.claims(at)), []string{client})
	if reason(t, err) != issuer.WrongIssuer {
		t.Error(err)
	}
	if n := site.fetches("https://10.1.2.3/never"); n != 0 {
		t.Errorf("a peer's keys were looked for elsewhere")
	}
}

func TestPeersHaveOneName(t *testing.T) {
	u := &url.URL{Scheme: "https", Host: "a"}
	_, err := issuer.New(issuer.Config{Pools: onePool(), Fetcher: newWeb(), Now: newClock().Now, Peers: []issuer.Peer{
		{Name: "https://login.partner.com", URL: u}, {Name: "login.partner.com", URL: u},
	}})
	if err == nil {
		t.Error("two peers of one name accepted")
	}
}

func TestMetadataOfAnotherIssuer(t *testing.T) {
	const iss = "https://login.example.org"
	now, site := newClock(), newWeb()
	site.serve(iss+"/.well-known/openid-configuration", page{body: `{"issuer":"https://other.example.org","jwks_uri":"https://login.example.org/k"}`, age: -1})
	r := newResolver(t, issuer.Config{Fetcher: site, Now: now.Now})
	provider, err := r.OpenIDProvider(t.Context(), account, iss)
	if err != nil {
		t.Fatal(err)
	}
	_, err = r.Verify(t.Context(), provider, sign(t, jose.RS256, "b", keyB(), now.claims(iss)), []string{client})
	if reason(t, err) != issuer.Unreachable {
		t.Error(err)
	}
	if _, err := r.OpenIDProvider(t.Context(), account, "http://login.example.org"); !errors.Is(err, issuer.ErrUntrusted) {
		t.Errorf("plain HTTP: %v", err)
	}
}

// An account names its providers freely, so the metadata of one must not reach
// what only peers may be asked for: the key set elsewhere is fetched as the
// internet has it. Metadata of an issuer that the operator named may point
// where it likes.
func TestMetadataPointsAtNoPeer(t *testing.T) {
	const iss, inner = "https://login.example.org", "https://peer.internal:8443/keys?all"
	keys := page{body: jwks(t, jwk("b", "RS256", &keyB().PublicKey)), age: -1}
	for name, tt := range map[string]struct {
		peers []issuer.Peer
		want  int
	}{
		"provider of an account": {nil, 0},
		"named by the operator":  {[]issuer.Peer{{Name: iss, URL: mustURL(t, iss)}}, 1},
	} {
		now, inside, outside := newClock(), newWeb(), newWeb()
		inside.serve(iss+"/.well-known/openid-configuration", page{body: `{"issuer":"` + iss + `","jwks_uri":"` + inner + `"}`})
		inside.serve(inner, keys)
		r := newResolver(t, issuer.Config{Fetcher: inside, Public: outside, Now: now.Now, Peers: tt.peers})
		provider, err := r.OpenIDProvider(t.Context(), account, iss)
		if err != nil {
			t.Fatal(err)
		}
		token := sign(t, jose.RS256, "b", keyB(), now.claims(iss))
		_, err = r.Verify(t.Context(), provider, token, []string{client})
		if n := inside.fetches(inner); n != tt.want || (err == nil) != (tt.want == 1) || outside.fetches(inner) != 1-tt.want {
			t.Errorf("%s: %d fetches inside, %d outside, %v", name, n, outside.fetches(inner), err)
		}
	}
}

func TestOpenIDProviderOfOurOwn(t *testing.T) {
	now, site := newClock(), newWeb()
	r := newResolver(t, issuer.Config{Pools: onePool(), Fetcher: site, Now: now.Now, Identity: ownTokens{}})
	provider, err := r.OpenIDProvider(t.Context(), "222222222222", poolIss)
	if err != nil || provider.Kind != issuer.OpenID || !provider.Local {
		t.Fatalf("%+v, %v", provider, err)
	}
	if _, err := r.Verify(t.Context(), provider, sign(t, jose.RS256, "a", keyA(), now.claims(poolIss)), []string{client}); err != nil {
		t.Error(err)
	}

	if _, err := r.OpenIDProvider(t.Context(), account, "https://"+awsName); !errors.Is(err, issuer.ErrUntrusted) {
		t.Errorf("a URL that is not the pool's issuer: %v", err)
	}

	own, err := r.IdentityPools()
	if err != nil {
		t.Fatal(err)
	}
	claims := with(now.claims(ownIss), "aud", "us-west-2:00000000-0000-4000-8000-000000000000", "token_use", nil)
	if _, err := r.Verify(t.Context(), own, sign(t, jose.RS512, "k1", keyB(), claims), nil); err != nil {
		t.Error(err)
	}
	if _, err := r.Verify(t.Context(), own, sign(t, jose.RS256, "k1", keyB(), claims), nil); reason(t, err) != issuer.WrongAlgorithm {
		t.Error(err)
	}
	if site.total() != 0 {
		t.Error("fetched what is here")
	}
}

const ownIss = "https://id.example.com/cognito-identity"

type ownTokens struct{}

func (ownTokens) IdentityIssuer() string { return ownIss }

func (ownTokens) IdentityKeys(context.Context) ([]issuer.Key, error) {
	return []issuer.Key{{ID: "k1", Algorithm: "RS512", Public: &keyB().PublicKey}}, nil
}

func TestPeek(t *testing.T) {
	now := newClock()
	if iss, ok := issuer.Peek(sign(t, jose.RS256, "zz", keyB(), now.claims("https://who.example"))); !ok || iss != "https://who.example" {
		t.Errorf("%q, %v", iss, ok)
	}
	for _, token := range []string{"", "opaque", "a.b.c", raw(t, `{"alg":"none"}`, `{"iss":"https://who.example"}`)} {
		if iss, ok := issuer.Peek(token); ok {
			t.Errorf("%q: %q", token, iss)
		}
	}
}
