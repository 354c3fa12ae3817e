package cenotetest_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cenote-id/cenote/cenotetest"
)

// call makes an unsigned JSON call, as apps do, or one with a development key.
func call(t *testing.T, srv *cenotetest.Server, key, target string, in, out any) int {
	t.Helper()
	body, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, srv.URL(), bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-amz-json-1.1")
	req.Header.Set("X-Amz-Target", target)
	if key != "" {
		date := srv.Clock().Now().Format("20060102T150405Z")
		req.Header.Set("X-Amz-Date", date)
		req.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+key+"/"+date[:8]+
			"/us-east-1/cognito-idp/aws4_request, SignedHeaders=host;x-amz-date;x-amz-target, Signature="+strings.Repeat("0", 64))
	}
	res, err := srv.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	reply, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	if out != nil {
		if err := json.Unmarshal(reply, out); err != nil {
			t.Fatalf("%s: %v: %s", target, err, reply)
		}
	}
	return res.StatusCode
}

const provider = "AWSCognitoIdentityProviderService."

// newPool makes a user pool whose people are sent codes by e-mail, and a client.
func newPool(t *testing.T, srv *cenotetest.Server) (poolID, clientID string) {
	t.Helper()
	var pool struct{ UserPool struct{ Id, Arn string } }
	if status := call(t, srv, "test", provider+"CreateUserPool", map[string]any{
		"PoolName": "app", "AutoVerifiedAttributes": []string{"email"},
	}, &pool); status != http.StatusOK {
		t.Fatalf("CreateUserPool: %d", status)
	}
	var client struct{ UserPoolClient struct{ ClientId string } }
	call(t, srv, "test", provider+"CreateUserPoolClient", map[string]any{
		"UserPoolId": pool.UserPool.Id, "ClientName": "web", "ExplicitAuthFlows": []string{"ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"},
	}, &client)
	return pool.UserPool.Id, client.UserPoolClient.ClientId
}

func signUp(t *testing.T, srv *cenotetest.Server, clientID, name string) {
	t.Helper()
	if status := call(t, srv, "", provider+"SignUp", map[string]any{
		"ClientId": clientID, "Username": name, "Password": "Correct-Horse-1",
		"UserAttributes": []any{map[string]string{"Name": "email", "Value": name + "@example.com"}},
	}, nil); status != http.StatusOK {
		t.Fatalf("SignUp: %d", status)
	}
}

func confirm(t *testing.T, srv *cenotetest.Server, clientID, name, code string) string {
	t.Helper()
	var refused struct {
		Type string `json:"__type"`
	}
	call(t, srv, "", provider+"ConfirmSignUp", map[string]any{"ClientId": clientID, "Username": name, "ConfirmationCode": code}, &refused)
	return refused.Type
}

func TestOutbox(t *testing.T) {
	srv := cenotetest.New(t)
	poolID, clientID := newPool(t, srv)
	signUp(t, srv, clientID, "alice")
	signUp(t, srv, clientID, "bob")
	if all := srv.Outbox(t.Context(), ""); len(all) != 2 || all[0].Destination != "alice@example.com" || all[1].Destination != "bob@example.com" {
		t.Errorf("outbox: %+v", all)
	}
	mine := srv.Outbox(t.Context(), "alice@example.com")
	if len(mine) != 1 {
		t.Fatalf("%d messages", len(mine))
	}
	m := mine[0]
	if m.Medium != "EMAIL" || m.UserPoolID != poolID || m.Account != "123456789012" || m.Region != "us-east-1" ||
		len(m.Code) != 6 || !strings.Contains(m.Body, m.Code) || m.Subject == "" || srv.Clock().Now().Sub(m.Created) > time.Minute {
		t.Errorf("%+v", m)
	}
	if refused := confirm(t, srv, clientID, "bob", srv.WaitCode(t.Context(), "bob@example.com")); refused != "" {
		t.Error(refused)
	}
	// The newest code counts.
	if status := call(t, srv, "", provider+"ResendConfirmationCode", map[string]any{"ClientId": clientID, "Username": "alice"}, nil); status != http.StatusOK {
		t.Fatalf("ResendConfirmationCode: %d", status)
	}
	if refused := confirm(t, srv, clientID, "alice", srv.WaitCode(t.Context(), "alice@example.com")); refused != "" {
		t.Error(refused)
	}
}

func TestClock(t *testing.T) {
	start := time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)
	srv := cenotetest.New(t, cenotetest.At(start))
	if now := srv.Clock().Now(); !now.Equal(start) {
		t.Errorf("clock at %v", now)
	}
	_, clientID := newPool(t, srv)
	signUp(t, srv, clientID, "alice")
	code := srv.WaitCode(t.Context(), "alice@example.com")
	srv.Clock().Advance(24*time.Hour + time.Second)
	if refused := confirm(t, srv, clientID, "alice", code); refused != "ExpiredCodeException" {
		t.Errorf("a day later: %q", refused)
	}
	res, err := srv.Client().Get(srv.URL() + "/_cenote/health/ready")
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != http.StatusOK {
		t.Errorf("ready: %s", res.Status)
	}

	real := cenotetest.New(t).Clock()
	real.Advance(-time.Hour)
	if off := time.Until(real.Now()) + time.Hour; off.Abs() > time.Minute {
		t.Errorf("%v off", off)
	}
}

func TestReset(t *testing.T) {
	srv := cenotetest.New(t)
	for range 3 {
		poolID, clientID := newPool(t, srv)
		signUp(t, srv, clientID, "alice")
		srv.Reset()
		if status := call(t, srv, "test", provider+"DescribeUserPool", map[string]string{"UserPoolId": poolID}, nil); status != http.StatusBadRequest {
			t.Errorf("pool after reset: %d", status)
		}
		if all := srv.Outbox(t.Context(), ""); len(all) != 0 {
			t.Errorf("outbox after reset: %+v", all)
		}
	}
}

func TestProduction(t *testing.T) {
	srv := cenotetest.New(t, cenotetest.Production())
	list := map[string]int{"MaxResults": 1}
	if status := call(t, srv, "test", provider+"ListUserPools", list, nil); status != http.StatusBadRequest {
		t.Errorf("unknown key: %d", status)
	}
	a, b := srv.CreateAccount("a"), srv.CreateAccount("b")
	if a.AccountID == b.AccountID || len(a.AccountID) != 12 || !strings.HasPrefix(a.AccessKeyID, "AKIA") || len(a.SecretAccessKey) != 40 {
		t.Errorf("%v and %v", a.AccountID, b.AccountID)
	}
	// The key is known, the signature is not one.
	var refused struct {
		Type string `json:"__type"`
	}
	call(t, srv, a.AccessKeyID, provider+"ListUserPools", list, &refused)
	if refused.Type != "InvalidSignatureException" {
		t.Errorf("zeros for a signature: %q", refused.Type)
	}
	for _, path := range []string{"/_cenote/outbox", "/_cenote/reset"} {
		res, err := srv.Client().Post(srv.URL()+path, "", nil)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode < 400 {
			t.Errorf("%s: %s", path, res.Status)
		}
	}
}

func TestTLS(t *testing.T) {
	one, two := cenotetest.New(t, cenotetest.TLS()), cenotetest.New(t, cenotetest.TLS())
	if !strings.HasPrefix(one.URL(), "https://localhost:") || bytes.Equal(one.CA(), two.CA()) {
		t.Errorf("%s, CA %s", one.URL(), one.CA())
	}
	newPool(t, one)
	if res, err := one.Client().Get(two.URL()); err == nil {
		res.Body.Close()
		t.Error("a client of one trusts the other")
	}
}

func TestIssuers(t *testing.T) {
	issuer := func(srv *cenotetest.Server) string {
		poolID, _ := newPool(t, srv)
		res, err := srv.Client().Get(srv.URL() + "/" + poolID + "/.well-known/openid-configuration")
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		var document struct{ Issuer string }
		if err := json.NewDecoder(res.Body).Decode(&document); err != nil {
			t.Fatal(err)
		}
		return strings.ReplaceAll(document.Issuer, poolID, "POOL")
	}
	srv := cenotetest.New(t)
	for want, s := range map[string]*cenotetest.Server{
		srv.URL() + "/POOL": srv,
		"https://cognito-idp.us-east-1.amazonaws.com/POOL": cenotetest.New(t, cenotetest.AWSIssuers()),
		"https://id.example.com/POOL":                      cenotetest.New(t, cenotetest.PublicURL("https://id.example.com")),
	} {
		if got := issuer(s); got != want {
			t.Errorf("issuer %s, want %s", got, want)
		}
	}
}

// A directory outlives its servers.
func TestData(t *testing.T) {
	dir := t.TempDir()
	first := cenotetest.New(t, cenotetest.Data(dir))
	poolID, clientID := newPool(t, first)
	signUp(t, first, clientID, "alice")
	first.Stop()

	srv := cenotetest.New(t, cenotetest.Data(dir), cenotetest.Region("eu-west-1"), cenotetest.Account("111111111111"))
	if refused := confirm(t, srv, clientID, "alice", srv.WaitCode(t.Context(), "alice@example.com")); refused != "" {
		t.Error(refused)
	}
	if status := call(t, srv, "test", provider+"DescribeUserPool", map[string]string{"UserPoolId": poolID}, nil); status != http.StatusBadRequest {
		t.Errorf("from another account: %d", status)
	}
	if status := call(t, srv, "123456789012", provider+"DescribeUserPool", map[string]string{"UserPoolId": poolID}, nil); status != http.StatusOK {
		t.Errorf("from its own: %d", status)
	}
}

// life is a test inside a benchmark.
type life struct {
	testing.TB
	end []func()
}

func (l *life) Cleanup(f func()) { l.end = append(l.end, f) }

func BenchmarkServer(b *testing.B) {
	for b.Loop() {
		l := &life{TB: b}
		cenotetest.New(l)
		for _, f := range slices.Backward(l.end) {
			f()
		}
	}
}
