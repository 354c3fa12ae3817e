package wellknown_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/cenote-id/cenote/internal/api/wellknown"
	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
	"github.com/cenote-id/cenote/internal/secretbox"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/store/storetest"
	"github.com/cenote-id/cenote/internal/token"
	"github.com/cenote-id/cenote/internal/userpool"
)

const public = "https://id.example.com"

// site is the door on a database.
type site struct {
	server *httptest.Server
	pools  *userpool.Service
	keys   *token.Keys
}

func each(t *testing.T, f func(t *testing.T, s *site)) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		stock(t, db)
		s := &site{keys: token.NewKeys(token.KeysConfig{Store: db.SigningKeys(), Stock: db.SigningKeys(), Now: time.Now})}
		s.pools = userpool.New(userpool.Config{
			Store: db.UserPools(), Clients: db.UserPoolClients(), Groups: db.UserPoolGroups(), Providers: db.UserPoolProviders(), Keys: s.keys, Users: nobody{}, Now: time.Now,
			Issuers: userpool.Issuers{PublicURL: public},
		})
		mux := http.NewServeMux()
		wellknown.New(wellknown.Config{
			Pools: s.pools, Keys: s.keys, PublicURL: public, IdentityIssuer: public + "/cognito-identity",
			Log: slog.New(slog.NewTextHandler(t.Output(), nil)),
		}).Mount(mux)
		s.server = httptest.NewServer(mux)
		t.Cleanup(s.server.Close)
		f(t, s)
	})
}

// spares are signing keys: making one takes long.
var spares = sync.OnceValues(func() (made [][]byte, err error) {
	for range 4 {
		key, err := rsa.GenerateKey(rand.Reader, token.Bits)
		if err != nil {
			return nil, err
		}
		made = append(made, x509.MarshalPKCS1PrivateKey(key))
	}
	return made, nil
})

func stock(t *testing.T, db *store.DB) {
	t.Helper()
	private, err := spares()
	if err != nil {
		t.Fatal(err)
	}
	for i := range 12 {
		k := token.SpareKey{ID: base64.StdEncoding.EncodeToString(secretbox.Bytes(32)), Private: private[i%len(private)]}
		if err := db.SigningKeys().PutSpareKey(t.Context(), k); err != nil {
			t.Fatal(err)
		}
	}
}

type nobody struct{}

func (nobody) CountUsers(context.Context, string) (int64, error) { return 0, nil }

func (s *site) pool(t *testing.T, account, region, issuer string) *userpool.Pool {
	t.Helper()
	in := &cognitoidp.CreateUserPoolRequest{PoolName: new("p")}
	if issuer != "" {
		in.UserPoolTags = map[string]string{userpool.IssuerTag: issuer}
	}
	p, err := s.pools.Create(t.Context(), userpool.Owner{Account: account, Region: region}, in)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// get fetches a document and checks what all of them have in common.
func (s *site) get(t *testing.T, path string, status int) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.server.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Origin", "https://app.example.com")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.Body.Close() != nil {
		t.Fatal(err)
	}
	if resp.StatusCode != status {
		t.Fatalf("%s answers %d %s, want %d", path, resp.StatusCode, body, status)
	}
	for name, want := range map[string]string{
		"Content-Type": "application/json", "Access-Control-Allow-Origin": "*", "X-Content-Type-Options": "nosniff",
	} {
		if got := resp.Header.Get(name); got != want {
			t.Errorf("%s: %s is %q, want %q", path, name, got, want)
		}
	}
	if keep := resp.Header.Get("Cache-Control"); status == http.StatusOK != strings.HasPrefix(keep, "public, max-age=") {
		t.Errorf("%s: status %d may be kept %q", path, status, keep)
	}
	return string(body)
}

func TestDiscovery(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		for _, tt := range []struct{ account, region, tag, issuer string }{
			{"111111111111", "us-west-2", "", public + "/POOL"},
			{"222222222222", "ap-northeast-1", "path", public + "/POOL"},
			{"222222222222", "us-west-2", "aws", "https://cognito-idp.us-west-2.amazonaws.com/POOL"},
			{"111111111111", "ap-northeast-1", "https://login.example.org", "https://login.example.org"},
		} {
			p := s.pool(t, tt.account, tt.region, tt.tag)
			want := strings.ReplaceAll(`{"id_token_signing_alg_values_supported":["RS256"],"issuer":"`+tt.issuer+`",`+
				`"jwks_uri":"https://id.example.com/POOL/.well-known/jwks.json","response_types_supported":["code","token"],`+
				`"scopes_supported":["openid","email","phone","profile"],"subject_types_supported":["public"],`+
				`"token_endpoint_auth_methods_supported":["client_secret_basic","client_secret_post"]}`, "POOL", p.ID)
			if got := s.get(t, "/"+p.ID+"/.well-known/openid-configuration", http.StatusOK); got != want {
				t.Errorf("discovery of a pool with tag %q\n got %s\nwant %s", tt.tag, got, want)
			}
		}
	})
}

// A verifier that knows nothing but the issuer can check a token.
func TestKeysVerifyTokens(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		p, other := s.pool(t, "111111111111", "us-west-2", ""), s.pool(t, "111111111111", "us-west-2", "")
		issuer := s.pools.Issuer(p)
		now := time.Now()
		signed, err := s.keys.Mint(t.Context(), &token.Grant{
			Pool: p.ID, Issuer: issuer, Client: "client", Sub: "sub", Username: "alice", EventID: "e", AuthTime: now, IDLife: time.Hour, AccessLife: time.Hour,
		})
		if err != nil {
			t.Fatal(err)
		}
		set := s.keySet(t, strings.TrimPrefix(issuer, public))
		if len(set.Keys) != 2 || set.Keys[0].KeyID == set.Keys[1].KeyID {
			t.Fatalf("the pool publishes %d keys", len(set.Keys))
		}
		strangers := s.keySet(t, "/"+other.ID)
		for name, text := range map[string]string{"ID": signed.ID, "access": signed.Access} {
			jws, err := jose.ParseSignedCompact(text, []jose.SignatureAlgorithm{jose.RS256})
			if err != nil {
				t.Fatal(err)
			}
			kid := jws.Signatures[0].Header.KeyID
			if keys := set.Key(kid); len(keys) != 1 {
				t.Errorf("%s token is signed by a key that is not published", name)
			} else if _, err := jws.Verify(keys[0]); err != nil {
				t.Errorf("%s token: %v", name, err)
			}
			if len(strangers.Key(kid)) != 0 {
				t.Errorf("another pool publishes the key of the %s token", name)
			}
		}
	})
}

func (s *site) keySet(t *testing.T, path string) (set jose.JSONWebKeySet) {
	t.Helper()
	text := s.get(t, path+"/.well-known/jwks.json", http.StatusOK)
	if !strings.HasPrefix(text, `{"keys":[{"alg":"RS256","e":"AQAB","kid":"`) || strings.Contains(text, `"d":`) {
		t.Errorf("key set is %s", text)
	}
	if err := json.Unmarshal([]byte(text), &set); err != nil {
		t.Fatal(err)
	}
	return set
}

func TestIdentityPoolIssuer(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		if got, want := s.get(t, "/cognito-identity/.well-known/openid-configuration", http.StatusOK),
			`{"issuer":"https://id.example.com/cognito-identity","jwks_uri":"https://id.example.com/cognito-identity/.well-known/jwks_uri",`+
				`"authorization_endpoint":"https://id.example.com/cognito-identity","response_types_supported":["token"],`+
				`"subject_types_supported":["public"],"id_token_signing_alg_values_supported":["RS512"]}`; got != want {
			t.Errorf("discovery is %s", got)
		}
		s.get(t, "/cognito-identity/.well-known/jwks_uri", http.StatusNotFound)
		if err := s.keys.EnsureIdentityKeys(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := s.get(t, "/cognito-identity/.well-known/jwks_uri", http.StatusOK); !strings.HasPrefix(got, `{"keys":[{"alg":"RS512",`) {
			t.Errorf("key set is %s", got)
		}
		// It is no user pool.
		s.get(t, "/cognito-identity/.well-known/jwks.json", http.StatusNotFound)
	})
}

func TestWhatIsNotThere(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		p := s.pool(t, "111111111111", "us-west-2", "")
		if err := s.pools.Delete(t.Context(), p.Owner, p.ID); err != nil {
			t.Fatal(err)
		}
		for id, name := range map[string]string{
			p.ID: p.ID, "us-west-2_none": "us-west-2_none", "x": "x", "us-west-2_%00": "us-west-2_\\u0000", "us-west-2_%22%3E": `us-west-2_\"\u003e`,
			strings.Repeat("a", 5000): strings.Repeat("a", 5000),
		} {
			want := `{"message":"User pool ` + name + ` does not exist."}`
			for _, doc := range []string{"openid-configuration", "jwks.json"} {
				if got := s.get(t, "/"+id+"/.well-known/"+doc, http.StatusNotFound); got != want {
					t.Errorf("%s of %.40s: %.200s", doc, id, got)
				}
			}
		}
	})
}
