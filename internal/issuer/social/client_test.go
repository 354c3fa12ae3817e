package social_test

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cenote-id/cenote/internal/issuer"
	"github.com/cenote-id/cenote/internal/issuer/remote"
	"github.com/cenote-id/cenote/internal/issuer/social"
)

// providers is all of them on one server, each under a path of its own.
func providers(t *testing.T, mux *http.ServeMux) *social.Client {
	t.Helper()
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	at := map[string]*url.URL{}
	var peers []*url.URL
	for name, path := range map[string]string{issuer.Facebook: "/facebook", issuer.Amazon: "/amazon", issuer.Twitter: "/twitter", issuer.Digits: "/digits"} {
		u, err := url.Parse(server.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		at[name] = u
		peers = append(peers, u)
	}
	return social.New(social.Config{
		Asker: remote.New(remote.Config{Peers: peers}), Elsewhere: at,
		Now: func() time.Time { return time.Unix(1318622958, 0) }, Nonce: func() string { return "kYjzVBB8Y0ZFabxSWbWovY3uYSQ2pTgmZeNu2VS4cg" },
	})
}

func answer(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		fmt.Fprint(w, body)
	}
}

func TestFacebook(t *testing.T) {
	mux := http.NewServeMux()
	bearer := func(body string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Authorization") != "Bearer good" || strings.Contains(r.URL.RawQuery, "good") {
				w.WriteHeader(http.StatusUnauthorized)
				return
			}
			fmt.Fprint(w, body)
		}
	}
	mux.HandleFunc("GET /facebook/app", bearer(`{"id":"app-1","name":"Notes"}`))
	mux.HandleFunc("GET /facebook/me", bearer(`{"id":"person-1"}`))
	c := providers(t, mux)
	got, err := c.Introspect(t.Context(), issuer.Facebook, "good", []string{"app-1"})
	want := &issuer.Introspection{Subject: "person-1", Apps: []string{"app-1"}, Claims: map[string]string{"id": "person-1", "app_id": "app-1"}}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Error(diff, err)
	}
	if _, err := c.Introspect(t.Context(), issuer.Facebook, "bad", nil); !errors.Is(err, issuer.ErrRejected) {
		t.Errorf("a bad token: %v", err)
	}
}

func TestAmazon(t *testing.T) {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /amazon/auth/o2/tokeninfo", func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Query().Get("access_token") {
		case "Atza|good&x":
			fmt.Fprint(w, `{"iss":"https://www.amazon.com","user_id":"amzn1.account.K2","aud":"client-1","app_id":"amzn1.application.1","exp":3597,"iat":1311280970}`)
		case "old":
			fmt.Fprint(w, `{"user_id":"amzn1.account.K2","aud":"client-1","app_id":"amzn1.application.1","exp":0}`)
		default:
			w.WriteHeader(http.StatusBadRequest)
		}
	})
	c := providers(t, mux)
	got, err := c.Introspect(t.Context(), issuer.Amazon, "Atza|good&x", nil)
	want := &issuer.Introspection{
		Subject: "amzn1.account.K2", Apps: []string{"client-1", "amzn1.application.1"},
		Claims: map[string]string{"user_id": "amzn1.account.K2", "app_id": "amzn1.application.1"},
	}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Error(diff, err)
	}
	for _, token := range []string{"bad", "old"} {
		if _, err := c.Introspect(t.Context(), issuer.Amazon, token, nil); !errors.Is(err, issuer.ErrRejected) {
			t.Errorf("%s: %v", token, err)
		}
	}
}

// The signature is checked by a verifier that was written from RFC 5849 alone.
func TestTwitter(t *testing.T) {
	mux := http.NewServeMux()
	for path, name := range map[string]string{"/twitter/1.1/account/verify_credentials.json": "twitter", "/digits/1.1/sdk/account.json": "digits"} {
		mux.HandleFunc("GET "+path, func(w http.ResponseWriter, r *http.Request) {
			if !signedWell(t, r, "key", "key secret", "token secret") {
				w.WriteHeader(http.StatusUnauthorized)
				return
			}
			fmt.Fprintf(w, `{"id_str":"%s person"}`, name)
		})
	}
	c := providers(t, mux)
	for name, subject := range map[string]string{issuer.Twitter: "twitter person", issuer.Digits: "digits person"} {
		got, err := c.Introspect(t.Context(), name, "token;token secret", []string{"key", "key secret"})
		if err != nil || got.Subject != subject || cmp.Diff([]string{"key"}, got.Apps) != "" {
			t.Errorf("%+v, %v", got, err)
		}
		for _, bad := range []string{"token;other", "token", ";", ""} {
			if _, err := c.Introspect(t.Context(), name, bad, []string{"key", "key secret"}); !errors.Is(err, issuer.ErrRejected) {
				t.Errorf("%q: %v", bad, err)
			}
		}
		if _, err := c.Introspect(t.Context(), name, "token;token secret", []string{"key"}); !errors.Is(err, issuer.ErrRejected) {
			t.Errorf("without a consumer secret: %v", err)
		}
	}
}

func signedWell(t *testing.T, r *http.Request, key, keySecret, tokenSecret string) bool {
	t.Helper()
	header, ok := strings.CutPrefix(r.Header.Get("Authorization"), "OAuth ")
	if !ok {
		return false
	}
	sent := map[string]string{}
	for part := range strings.SplitSeq(header, ", ") {
		name, value, _ := strings.Cut(part, "=")
		text, err := url.PathUnescape(strings.Trim(value, `"`))
		if err != nil {
			t.Fatal(err)
		}
		sent[name] = text
	}
	list := url.Values{}
	for name, value := range sent {
		if name != "oauth_signature" {
			list.Set(name, value)
		}
	}
	quote := func(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }
	base := "GET&" + quote("http://"+r.Host+r.URL.Path) + "&" + quote(strings.ReplaceAll(list.Encode(), "+", "%20"))
	mac := hmac.New(sha1.New, []byte(quote(keySecret)+"&"+quote(tokenSecret)))
	mac.Write([]byte(base))
	return sent["oauth_consumer_key"] == key && sent["oauth_signature"] == base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// What is wrong with a provider is not the token's fault, and no error tells a
// token.
func TestProvidersThatFail(t *testing.T) {
	for name, h := range map[string]http.HandlerFunc{
		"failure":  answer(http.StatusInternalServerError, ""),
		"too many": answer(http.StatusTooManyRequests, ""),
		"not JSON": answer(http.StatusOK, "<html>"),
		"long":     answer(http.StatusOK, strings.Repeat("x", 2<<20)),
		"elsewhere": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://127.0.0.1:1/secret-token", http.StatusFound)
		},
		"hangs up":   func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"wrong type": answer(http.StatusOK, `{"aud":1}`),
	} {
		mux := http.NewServeMux()
		mux.HandleFunc("/", h)
		c := providers(t, mux)
		for _, provider := range []string{issuer.Facebook, issuer.Amazon} {
			_, err := c.Introspect(t.Context(), provider, "secret-token", nil)
			if name == "wrong type" && provider == issuer.Facebook {
				continue // it has no member of Amazon's
			}
			if err == nil || errors.Is(err, issuer.ErrRejected) {
				t.Errorf("%s, %s: %v", provider, name, err)
			}
			if strings.Contains(fmt.Sprint(err), "secret-token") {
				t.Errorf("%s, %s: the error tells the token: %v", provider, name, err)
			}
		}
	}
	// Without the operator's word, inner addresses are not asked.
	at, err := url.Parse("https://127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	c := social.New(social.Config{Asker: remote.New(remote.Config{}), Elsewhere: map[string]*url.URL{issuer.Amazon: at}, Now: time.Now, Nonce: func() string { return "n" }})
	if _, err := c.Introspect(t.Context(), issuer.Amazon, "t", nil); !errors.Is(err, remote.ErrRefused) {
		t.Errorf("an inner address: %v", err)
	}
}
