package hostedui_test

import (
	"html"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cenote-id/cenote/cenotetest"
)

// site is a deployment with a pool that confirms sign-ups by link.
type site struct {
	*cenotetest.Server
	t            *testing.T
	idp          *idp.Client
	pool, client string
	log          *strings.Builder
}

func newSite(t *testing.T, change ...func(*idp.CreateUserPoolClientInput)) *site {
	s := &site{t: t, log: &strings.Builder{}}
	s.Server = cenotetest.New(t, cenotetest.Log(slog.New(slog.NewTextHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug}))))
	s.idp = idp.New(idp.Options{
		BaseEndpoint: aws.String(s.URL()), Region: "eu-west-1", Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
	})
	pool, err := s.idp.CreateUserPool(t.Context(), &idp.CreateUserPoolInput{
		PoolName: aws.String("people"), AutoVerifiedAttributes: []types.VerifiedAttributeType{types.VerifiedAttributeTypeEmail},
		VerificationMessageTemplate: &types.VerificationMessageTemplateType{DefaultEmailOption: types.DefaultEmailOptionTypeConfirmWithLink},
	})
	if err != nil {
		t.Fatal(err)
	}
	s.pool = *pool.UserPool.Id
	s.client = s.newClient(change...)
	return s
}

func (s *site) newClient(change ...func(*idp.CreateUserPoolClientInput)) string {
	s.t.Helper()
	in := &idp.CreateUserPoolClientInput{UserPoolId: &s.pool, ClientName: aws.String("web")}
	for _, f := range change {
		f(in)
	}
	out, err := s.idp.CreateUserPoolClient(s.t.Context(), in)
	if err != nil {
		s.t.Fatal(err)
	}
	return *out.UserPoolClient.ClientId
}

// signUp signs a user up and returns the link that they get.
func (s *site) signUp(name string) *url.URL {
	s.t.Helper()
	email := name + "@example.com"
	_, err := s.idp.SignUp(s.t.Context(), &idp.SignUpInput{
		ClientId: &s.client, Username: &name, Password: aws.String("Correct-Horse-1"), UserAttributes: []types.AttributeType{{Name: aws.String("email"), Value: &email}},
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return s.link(email)
}

func (s *site) link(email string) *url.URL {
	s.t.Helper()
	box := s.Outbox(s.t.Context(), email)
	u, err := url.Parse(box[len(box)-1].Link)
	if err != nil || !strings.HasPrefix(u.String(), s.URL()+"/confirmUser?") {
		s.t.Fatalf("link %q: %v", box[len(box)-1].Link, err)
	}
	return u
}

// status is where a user stands, and whether their address is verified.
func (s *site) status(name string) string {
	s.t.Helper()
	out, err := s.idp.AdminGetUser(s.t.Context(), &idp.AdminGetUserInput{UserPoolId: &s.pool, Username: &name})
	if err != nil {
		s.t.Fatal(err)
	}
	status := string(out.UserStatus)
	for _, a := range out.UserAttributes {
		if *a.Name == "email_verified" && *a.Value == "true" {
			status += " verified"
		}
	}
	return status
}

var (
	title  = regexp.MustCompile(`<h1>(.*)</h1>`)
	hidden = regexp.MustCompile(`<input type="hidden" name="(.*)" value="(.*)">`)
)

// browse fetches a page as a browser does and returns its status, its heading
// and its form.
func (s *site) browse(r *http.Request) (status int, heading string, form url.Values) {
	s.t.Helper()
	res, err := s.Client().Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	h := res.Header
	if csp := h.Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") || strings.Contains(csp, "script-src") {
		s.t.Errorf("policy %q", csp)
	}
	for name, want := range map[string]string{
		"Referrer-Policy": "no-referrer", "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY",
		"Content-Type": "text/html; charset=utf-8", "Set-Cookie": "",
	} {
		if got := h.Get(name); got != want {
			s.t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	form = url.Values{}
	for _, m := range hidden.FindAllStringSubmatch(string(body), -1) {
		form.Set(html.UnescapeString(m[1]), html.UnescapeString(m[2]))
	}
	if m := title.FindStringSubmatch(string(body)); m != nil {
		heading = html.UnescapeString(m[1])
	}
	if strings.Contains(string(body), "<script") || strings.Contains(string(body), "ZgotmplZ") {
		s.t.Errorf("page %s", body)
	}
	return res.StatusCode, heading, form
}

func (s *site) get(u string) (int, string, url.Values) {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), http.MethodGet, u, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	return s.browse(r)
}

func (s *site) post(form url.Values) (int, string) {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), http.MethodPost, s.URL()+"/confirmUser", strings.NewReader(form.Encode()))
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	status, heading, _ := s.browse(r)
	return status, heading
}

func TestConfirmByLink(t *testing.T) {
	s := newSite(t)
	link := s.signUp("alice")
	// Whoever opens the link, however often, has changed nothing.
	for range 3 {
		status, heading, form := s.get(link.String())
		if status != 200 || heading != "Confirm your email address" || form.Get("user_name") != "alice" {
			t.Fatalf("%d %s %v", status, heading, form)
		}
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodHead, link.String(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if res, err := s.Client().Do(r); err != nil || res.StatusCode != 200 {
		t.Errorf("HEAD: %v, %v", res, err)
	} else {
		res.Body.Close()
	}
	if got := s.status("alice"); got != "UNCONFIRMED" {
		t.Fatalf("opening the link made alice %s", got)
	}
	_, _, form := s.get(link.String())
	if status, heading := s.post(form); status != 200 || heading != "Email address confirmed" {
		t.Errorf("%d %s", status, heading)
	}
	if got := s.status("alice"); got != "CONFIRMED verified" {
		t.Errorf("alice is %s", got)
	}
	if status, heading := s.post(form); status != 200 || heading != "Already confirmed" {
		t.Errorf("again: %d %s", status, heading)
	}
	if log := s.log.String(); strings.Contains(log, form.Get("confirmation_code")) {
		t.Errorf("the log holds the secret:\n%s", log)
	}
}

func TestLinksThatDoNotWork(t *testing.T) {
	s := newSite(t)
	other := s.newClient()
	alice, bob := s.signUp("alice").Query(), s.signUp("bob").Query()
	with := func(q url.Values, pairs ...string) url.Values {
		out := url.Values{}
		for k := range q {
			out.Set(k, q.Get(k))
		}
		for i := 0; i < len(pairs); i += 2 {
			out.Set(pairs[i], pairs[i+1])
		}
		return out
	}
	if _, err := s.idp.ResendConfirmationCode(t.Context(), &idp.ResendConfirmationCodeInput{ClientId: &s.client, Username: aws.String("bob")}); err != nil {
		t.Fatal(err)
	}
	for name, form := range map[string]url.Values{
		"nothing":               {},
		"another user's secret": with(alice, "user_name", "bob"),
		"another client's":      with(alice, "client_id", other),
		"no such client":        with(alice, "client_id", "0123456789abcdefghijklmnop"),
		"no such user":          with(alice, "user_name", "carol"),
		"a guess":               with(alice, "confirmation_code", strings.Repeat("a", 32)),
		"a code of six digits":  with(alice, "confirmation_code", "123456"),
		"replaced by a newer":   bob,
		"markup":                with(alice, "user_name", `"><script>alert(1)</script>`),
		"a long name":           with(alice, "user_name", strings.Repeat("x", 129)),
		"a huge form":           with(alice, "user_name", strings.Repeat("x", 10_000)),
		"no UTF-8":              with(alice, "user_name", "\xff"),
	} {
		if status, heading := s.post(form); status != http.StatusBadRequest || heading != "This link does not work" {
			t.Errorf("%s: %d %s", name, status, heading)
		}
	}
	if got := s.status("alice") + s.status("bob"); got != "UNCONFIRMEDUNCONFIRMED" {
		t.Errorf("users are %s", got)
	}
	// A page shows what the link says as text.
	if status, _, form := s.get(s.URL() + "/confirmUser?" + with(alice, "user_name", `"><b>`).Encode()); status != 200 || form.Get("user_name") != `"><b>` {
		t.Errorf("%d %v", status, form)
	}
	if status, heading, _ := s.get(s.URL() + "/confirmUser"); status != http.StatusBadRequest || heading != "This link does not work" {
		t.Errorf("%d %s", status, heading)
	}
	s.Clock().Advance(24 * time.Hour)
	if status, heading := s.post(alice); status != http.StatusBadRequest || heading != "This link does not work" {
		t.Errorf("a day later: %d %s", status, heading)
	}
}

// A stranger who tries links is slowed down as one who calls the API is.
func TestGuessing(t *testing.T) {
	s := newSite(t)
	alice := s.signUp("alice").Query()
	guess := url.Values{"client_id": alice["client_id"], "user_name": alice["user_name"], "confirmation_code": {strings.Repeat("b", 32)}}
	limited := 0
	for range 20 {
		if status, _ := s.post(guess); status == http.StatusTooManyRequests {
			limited++
		}
	}
	if limited == 0 {
		t.Error("twenty guesses were all heard")
	}
}

func TestJapanese(t *testing.T) {
	s := newSite(t, func(in *idp.CreateUserPoolClientInput) {
		in.CallbackURLs = []string{"https://shop.example/welcome"}
		in.DefaultRedirectURI = aws.String("https://shop.example/welcome")
	})
	link := s.signUp("alice")
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, link.String(), nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Accept-Language", "ja-JP,ja;q=0.9")
	_, heading, form := s.browse(r)
	if heading != "メールアドレスの確認" {
		t.Errorf("heading %s", heading)
	}
	// The reply is in the language of the page, whatever the browser says.
	if _, heading := s.post(form); heading != "確認が完了しました" {
		t.Errorf("heading %s", heading)
	}
}
