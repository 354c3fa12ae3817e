package sigv4_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/sigv4"
)

var (
	stsService = &awsapi.Service{Name: "sts", Protocol: awsapi.Query, MaxSkew: 15 * time.Minute}
	iamService = &awsapi.Service{Name: "iam", Protocol: awsapi.Query, MaxSkew: 15 * time.Minute, Global: true}
	idpService = &awsapi.Service{Name: "cognito-idp", Protocol: awsapi.JSON, MaxSkew: 5 * time.Minute}
)

const (
	goodID     = "AKIDEXAMPLE"
	goodSecret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
	tempID     = "ASIAEXAMPLE"
	tempToken  = "token/of+the=session"
)

var now = time.Date(2015, 8, 30, 12, 36, 0, 0, time.UTC)

// keys is a KeySource with one long-term key, one session and one key for
// every reason to refuse.
type keys struct{}

func (keys) Key(_ context.Context, id, token string) (sigv4.Key, error) {
	key := sigv4.Key{Secret: goodSecret, Caller: awsapi.Caller{Kind: awsapi.User, Account: "123456789012", Name: "ann"}}
	switch {
	case id == goodID && token == "", id == tempID && token == tempToken:
		return key, nil
	case id == tempID && token == "expired":
		return sigv4.Key{}, sigv4.ErrExpiredToken
	case id == tempID && token != "":
		return sigv4.Key{}, sigv4.ErrDamagedToken
	case id == goodID, id == tempID:
		return sigv4.Key{}, sigv4.ErrInvalidKey
	case id == "AKIDINACTIVE":
		return sigv4.Key{}, sigv4.ErrInactiveKey
	case id == "AKIDBROKEN":
		return sigv4.Key{}, errors.New("database is away")
	}
	return sigv4.Key{}, sigv4.ErrUnknownKey
}

func newVerifier(change ...func(*sigv4.Config)) *sigv4.Verifier {
	cfg := sigv4.Config{Keys: keys{}, Now: func() time.Time { return now }}
	for _, f := range change {
		f(&cfg)
	}
	return sigv4.New(cfg)
}

// call is a request before it is signed.
type call struct {
	method, url, body string
	header            http.Header
	service           *awsapi.Service
	region            string
	id, secret, token string
	at                time.Time
	presign           bool
}

func (c call) withDefaults() call {
	if c.method == "" {
		c.method = "POST"
	}
	if c.url == "" {
		c.url = "http://sts.us-east-1.example.test/"
	}
	if c.service == nil {
		c.service = stsService
	}
	if c.region == "" {
		c.region = "us-east-1"
	}
	if c.id == "" {
		c.id = goodID
	}
	if c.secret == "" {
		c.secret = goodSecret
	}
	if c.at.IsZero() {
		c.at = now
	}
	return c
}

// sign signs with the AWS SDK and returns what a server would receive.
func (c call) sign(t testing.TB) *http.Request {
	t.Helper()
	c = c.withDefaults()
	var body *strings.Reader
	if body = strings.NewReader(c.body); c.body == "" {
		body = nil
	}
	var r *http.Request
	var err error
	if body == nil {
		r, err = http.NewRequest(c.method, c.url, nil)
	} else {
		r, err = http.NewRequest(c.method, c.url, body)
	}
	if err != nil {
		t.Fatal(err)
	}
	for k, v := range c.header {
		r.Header[k] = v
	}
	sum := sha256.Sum256([]byte(c.body))
	hash := hex.EncodeToString(sum[:])
	creds := aws.Credentials{AccessKeyID: c.id, SecretAccessKey: c.secret, SessionToken: c.token}
	signer := v4.NewSigner()
	if c.presign {
		signedURL, h, err := signer.PresignHTTP(t.Context(), creds, r, hash, c.service.Name, c.region, c.at)
		if err != nil {
			t.Fatal(err)
		}
		host := r.Host
		r, err = http.NewRequest(c.method, signedURL, strings.NewReader(c.body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header, r.Host = h, host
	} else if err := signer.SignHTTP(t.Context(), creds, r, hash, c.service.Name, c.region, c.at); err != nil {
		t.Fatal(err)
	}
	return overTheWire(t, r)
}

// overTheWire writes a request as a client does and reads it as a server does.
func overTheWire(t testing.TB, r *http.Request) *http.Request {
	t.Helper()
	var raw bytes.Buffer
	if err := r.Write(&raw); err != nil {
		t.Fatal(err)
	}
	line, rest, _ := strings.Cut(raw.String(), "\r\n")
	got := httptest.NewRequest(r.Method, strings.Fields(line)[1], nil)
	got.Header = http.Header{}
	head, _, _ := strings.Cut(rest, "\r\n\r\n")
	for l := range strings.SplitSeq(head, "\r\n") {
		name, value, _ := strings.Cut(l, ": ")
		if name == "Host" {
			got.Host = value
			continue
		}
		got.Header.Add(name, value)
	}
	got.ContentLength = r.ContentLength
	return got
}

func verify(t testing.TB, v *sigv4.Verifier, c call, r *http.Request) (sigv4.Result, error) {
	t.Helper()
	c = c.withDefaults()
	return v.Verify(t.Context(), r, []byte(c.body), c.service, "")
}

func TestGoodSignatures(t *testing.T) {
	form := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
	target := http.Header{"Content-Type": {"application/x-amz-json-1.1"}, "X-Amz-Target": {"AWSCognitoIdentityProviderService.ListUserPools"}}
	for name, c := range map[string]call{
		"form post":             {body: "Action=GetCallerIdentity&Version=2011-06-15", header: form},
		"get with query":        {method: "GET", url: "http://h/?Version=2011-06-15&Action=GetCallerIdentity"},
		"json":                  {service: idpService, region: "us-west-2", body: `{"MaxResults":1}`, header: target},
		"session token":         {id: tempID, token: tempToken, body: "Action=GetCallerIdentity", header: form},
		"iam in another region": {service: iamService, region: "eu-central-1", body: "Action=ListRoles"},
		"empty body":            {},
		"no path":               {url: "http://h"},
		"custom port":           {url: "http://localhost:2366/"},
		"base path":             {url: "http://h/base/path"},
		"base path with slash":  {url: "http://h/base/path/"},
		"escaped path":          {url: "http://h/a%20b/c%2Fd/%C3%A9~'()*!"},
		"unicode path":          {url: "http://h/ሴ/é"},
		"plain odd characters":  {url: "http://h/a:b@c$d&e+f,g;h=i"},
		"query order":           {url: "http://h/?b=2&a=2&a=1&a-=x&a/=y&B=3"},
		"query escapes":         {url: "http://h/?a=%2f%2F&b=x%20y&%c3%a9=~-._"},
		"query without value":   {url: "http://h/?flag&Action=X"},
		"query empty value":     {url: "http://h/?flag=&Action=X"},
		"header spaces":         {header: http.Header{"X-Amz-Meta": {"  a   b  \"c   d\" "}}},
		"repeated header":       {header: http.Header{"X-Amz-Meta": {"b", "a", " c  d "}}},
		"empty header":          {header: http.Header{"X-Amz-Meta": {""}}},
		"clock 14 min behind":   {at: now.Add(-14 * time.Minute)},
		"clock 14 min ahead":    {at: now.Add(14 * time.Minute)},
		"json 5 min behind":     {service: idpService, at: now.Add(-5 * time.Minute), header: target},
	} {
		for _, presign := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s presign=%t", name, presign), func(t *testing.T) {
				c := c
				c.presign = presign
				v := newVerifier()
				r := c.sign(t)
				for range 2 { // the second time with a cached key
					got, err := verify(t, v, c, r)
					if err != nil {
						t.Fatalf("%v\n%s %s\n%v", err, r.Method, r.URL, r.Header)
					}
					want := c.withDefaults()
					if got.AccessKeyID != want.id || got.Region != want.region || !got.Verified ||
						got.Caller.Name != "ann" || got.Caller.AccessKeyID != want.id {
						t.Errorf("result %+v", got)
					}
				}
			})
		}
	}
}

// Two clients normalise paths before they sign (botocore, the Java SDK), the
// signer used here does not: its signature of the normal path must be good
// for the longer spelling.
func TestPathIsNormalised(t *testing.T) {
	for raw, canonical := range map[string]string{
		"//": "/", "/./": "/", "/a/../": "/", "/a/b/..": "/a/", "/a//b": "/a/b", "/a/./b/": "/a/b/", "/a/.": "/a/",
	} {
		c := call{url: "http://h" + canonical}
		r := c.sign(t)
		r.URL.Path = raw
		if _, err := verify(t, newVerifier(), c, r); err != nil {
			t.Errorf("%s signed as %s: %v", raw, canonical, err)
		}
	}
}

func TestUnsignedSessionTokenHeader(t *testing.T) {
	c := call{id: tempID}
	r := c.sign(t)
	r.Header.Set("X-Amz-Security-Token", tempToken)
	if _, err := verify(t, newVerifier(), c, r); err != nil {
		t.Error(err)
	}
}

func TestDateHeader(t *testing.T) {
	c := call{}
	r := c.sign(t)
	// X-Amz-Date is signed by the SDK; sign a request without it by hand.
	r.Header.Del("X-Amz-Date")
	r.Header.Set("Date", now.Format(http.TimeFormat))
	r.Header.Set("Authorization", handSigned(r, "date;host", nil))
	if _, err := verify(t, newVerifier(), c, r); err != nil {
		t.Error(err)
	}
}

func TestDevModeLetsUnknownKeysIn(t *testing.T) {
	v := newVerifier(func(c *sigv4.Config) {
		c.AcceptUnknownKeys = func(id string) (awsapi.Caller, bool) {
			return awsapi.Caller{Kind: awsapi.Root, Account: "123456789012"}, id != "refused"
		}
	})
	c := call{id: "test", secret: "test", token: "test"}
	got, err := verify(t, v, c, c.sign(t))
	if err != nil || got.Verified || got.Caller.Kind != awsapi.Root || got.Caller.AccessKeyID != "test" {
		t.Errorf("unknown key: %+v, %v", got, err)
	}

	for name, c := range map[string]call{
		"known key, wrong secret":       {secret: "wrong"},
		"temporary key, wrong token":    {id: tempID, token: "other"},
		"temporary key, no token":       {id: tempID},
		"unknown temporary key":         {id: "ASIAUNKNOWN", token: "x"},
		"known key with a token":        {token: "x"},
		"inactive key":                  {id: "AKIDINACTIVE"},
		"unknown key, old signature":    {id: "test", at: now.Add(-time.Hour)},
		"unknown key, other service":    {id: "test", service: idpService},
		"unknown key that is not liked": {id: "refused"},
	} {
		r := c.sign(t)
		if got, err := v.Verify(t.Context(), r, nil, stsService, ""); err == nil {
			t.Errorf("%s: let in as %+v", name, got.Caller)
		}
	}
}

func TestRegionOfTheEndpoint(t *testing.T) {
	for _, tt := range []struct {
		service          *awsapi.Service
		scope, endpoint  string
		configured, want bool
	}{
		{stsService, "us-west-2", "us-west-2", true, true},
		{stsService, "us-west-2", "", true, true},
		{stsService, "us-west-2", "eu-west-1", true, false},
		{stsService, "us-west-2", "us-west-2", false, false},
		{iamService, "us-west-2", "us-east-1", true, true},
		{iamService, "us-west-2", "", false, false},
		{stsService, "Us-West-2", "", true, false},
	} {
		v := newVerifier()
		if !tt.configured {
			v = newVerifier(func(c *sigv4.Config) { c.Regions = func(r string) bool { return r == "ap-northeast-1" } })
		}
		c := call{service: tt.service, region: tt.scope}
		_, err := v.Verify(t.Context(), c.sign(t), nil, tt.service, tt.endpoint)
		if (err == nil) != tt.want {
			t.Errorf("scope %s at endpoint %q, configured %t: %v", tt.scope, tt.endpoint, tt.configured, err)
		}
	}
}

// A derived key must never outlive a change of the secret.
func TestCachedKeyFollowsTheSecret(t *testing.T) {
	secret := "first"
	v := newVerifier(func(c *sigv4.Config) {
		c.Keys = keyFunc(func(string, string) (sigv4.Key, error) { return sigv4.Key{Secret: secret}, nil })
	})
	first := call{secret: "first"}
	if _, err := verify(t, v, first, first.sign(t)); err != nil {
		t.Fatal(err)
	}
	secret = "second"
	if _, err := verify(t, v, first, first.sign(t)); err == nil {
		t.Error("the former secret still signs")
	}
	second := call{secret: "second"}
	if _, err := verify(t, v, second, second.sign(t)); err != nil {
		t.Error(err)
	}
}

// Many keys push each other out of the cache; every one still verifies.
func TestCacheOverflow(t *testing.T) {
	v := newVerifier(func(c *sigv4.Config) {
		c.Keys = keyFunc(func(string, string) (sigv4.Key, error) { return sigv4.Key{Secret: goodSecret}, nil })
	})
	for i := range 9000 {
		c := call{id: fmt.Sprintf("AKID%d", i%8500)}
		if _, err := verify(t, v, c, c.sign(t)); err != nil {
			t.Fatalf("key %d: %v", i, err)
		}
	}
}

type keyFunc func(id, token string) (sigv4.Key, error)

func (f keyFunc) Key(_ context.Context, id, token string) (sigv4.Key, error) { return f(id, token) }

func BenchmarkVerify(b *testing.B) {
	c := call{
		body: "Action=GetCallerIdentity&Version=2011-06-15", id: tempID, token: strings.Repeat("t", 600),
		header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}, "Amz-Sdk-Invocation-Id": {"1"}, "Amz-Sdk-Request": {"attempt=1; max=3"}},
	}
	v := newVerifier(func(c *sigv4.Config) {
		c.Keys = keyFunc(func(string, string) (sigv4.Key, error) { return sigv4.Key{Secret: goodSecret}, nil })
	})
	r := c.sign(b)
	body := []byte(c.body)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := v.Verify(b.Context(), r, body, stsService, ""); err != nil {
			b.Fatal(err)
		}
	}
}
