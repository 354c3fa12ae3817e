package attacks

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/cenote-id/cenote/internal/config"
)

// replace puts another body under a request, signed or not.
func replace(r *http.Request, body string) *http.Request {
	r.Body, r.ContentLength = io.NopCloser(strings.NewReader(body)), int64(len(body))
	return r
}

const (
	whoami     = "Action=GetCallerIdentity&Version=2011-06-15"
	createUser = "Action=CreateUser&UserName=mallory&Version=2010-05-08"
)

// A signature is good for the request that was signed, whole, and for no
// other: not for another operation, service, region, body, host or time.
func TestSignaturesCoverTheRequest(t *testing.T) {
	w := serve(t, options{})
	root := w.roots[home]
	list := func() *http.Request {
		return w.sign(w.jsonRequest("cognito-idp", "ListUserPools", []byte(`{"MaxResults":1}`)), root, "cognito-idp", west)
	}
	form := func(text string) *http.Request { return w.sign(w.formRequest(text), root, "iam", "us-east-1") }
	w.send(list()).ok(t, nil)
	w.send(form("Action=ListUsers&Version=2010-05-08")).ok(t, nil)

	presigned := func(text string, change func(*http.Request)) *http.Request {
		r := w.formRequest("")
		r.Method, r.Body, r.ContentLength = http.MethodGet, http.NoBody, 0
		r.Header.Del("Content-Type")
		r.URL.RawQuery = text + "&X-Amz-Expires=900"
		const empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
		signed, _, err := v4.NewSigner().PresignHTTP(t.Context(), root, r, empty, "sts", "us-east-1", w.now())
		if err != nil {
			t.Fatal(err)
		}
		if r.URL, err = url.Parse(signed); err != nil {
			t.Fatal(err)
		}
		change(r)
		return r
	}
	w.send(presigned(whoami, func(*http.Request) {})).ok(t, nil)

	for name, tt := range map[string]struct {
		r    *http.Request
		code string // one of them, separated by spaces
	}{
		"another target": {func() *http.Request {
			r := list()
			r.Header.Set("X-Amz-Target", targets["cognito-idp"]+"DeleteUserPool")
			return r
		}(), "InvalidSignatureException"},
		"two targets": {func() *http.Request {
			r := list()
			r.Header.Add("X-Amz-Target", targets["cognito-idp"]+"DeleteUserPool")
			return r
		}(), "UnknownOperationException"},
		"target of another service": {func() *http.Request {
			r := list()
			r.Header.Set("X-Amz-Target", targets["cognito-identity"]+"ListIdentityPools")
			return r
		}(), "InvalidSignatureException"},
		"target without a signature": {func() *http.Request {
			r := form(createUser)
			r.Header.Set("X-Amz-Target", targets["cognito-idp"]+"ListUserPools")
			return r
		}(), "InvalidSignatureException"},
		"target over a form": {func() *http.Request {
			r := form(createUser)
			r.Header.Set("X-Amz-Target", targets["cognito-idp"]+"SignUp")
			return r
		}(), "SerializationException"},
		"another body":  {replace(list(), `{"MaxResults":60}`), "InvalidSignatureException"},
		"another form":  {replace(form("Action=ListUsers&Version=2010-05-08"), createUser), "SignatureDoesNotMatch"},
		"body in front": {replace(form("Action=ListUsers&Version=2010-05-08"), createUser+"&Action=ListUsers"), "MalformedInput"},
		"action in the query, too": {func() *http.Request {
			r := form("Action=ListUsers&Version=2010-05-08")
			r.URL.RawQuery = createUser
			return r
		}(), "MalformedInput"},
		"parameter in the query": {func() *http.Request {
			r := form("Action=ListUsers&Version=2010-05-08")
			r.URL.RawQuery = "MaxItems=1"
			return r
		}(), "SignatureDoesNotMatch"},
		"another method":         {func() *http.Request { r := form(createUser); r.Method = http.MethodGet; return r }(), "SignatureDoesNotMatch"},
		"another host":           {func() *http.Request { r := list(); r.Host = "elsewhere.example"; return r }(), "InvalidSignatureException"},
		"host of another region": {func() *http.Request { r := list(); r.Host = "cognito-idp." + tokyo + ".amazonaws.com"; return r }(), "InvalidSignatureException"},
		"two signatures": {func() *http.Request {
			r := list()
			r.Header.Add("Authorization", r.Header.Get("Authorization"))
			return r
		}(), "InvalidSignatureException"},
		"header and query": {func() *http.Request { r := list(); r.URL.RawQuery = "X-Amz-Algorithm=AWS4-HMAC-SHA256"; return r }(), "InvalidSignatureException"},
		"another date": {func() *http.Request {
			r := list()
			r.Header.Set("X-Amz-Date", w.now().UTC().Format("20060102T150400Z"))
			return r
		}(), "InvalidSignatureException"},
		"two dates":                 {func() *http.Request { r := list(); r.Header.Add("X-Amz-Date", "20200101T000000Z"); return r }(), "InvalidSignatureException"},
		"presigned, with a body":    {presigned(whoami, func(r *http.Request) { replace(r, "RoleArn=x") }), "SignatureDoesNotMatch"},
		"presigned, body wins":      {presigned("Version=2011-06-15", func(r *http.Request) { r.Method = http.MethodPost; replace(r, "Action=GetSessionToken") }), "SignatureDoesNotMatch"},
		"presigned for STS, to IAM": {presigned(createUser, func(*http.Request) {}), "SignatureDoesNotMatch"},
		"presigned, longer": {presigned(whoami, func(r *http.Request) {
			r.URL.RawQuery = strings.Replace(r.URL.RawQuery, "Expires=900", "Expires=604800", 1)
		}), "SignatureDoesNotMatch"},
		"unsigned payload": {func() *http.Request {
			r := replace(list(), `{"MaxResults":60}`)
			r.Header.Set("X-Amz-Content-Sha256", "UNSIGNED-PAYLOAD")
			return r
		}(), "InvalidSignatureException"},
		"no signature":        {w.jsonRequest("cognito-idp", "ListUserPools", []byte(`{"MaxResults":1}`)), "MissingAuthenticationTokenException"},
		"no signature, form":  {w.formRequest(createUser), "MissingAuthenticationToken"},
		"basic authorization": {func() *http.Request { r := w.formRequest(createUser); r.SetBasicAuth("root", "root"); return r }(), "IncompleteSignature"},
		"bearer": {func() *http.Request {
			r := w.formRequest(createUser)
			r.Header.Set("Authorization", "Bearer x")
			return r
		}(), "IncompleteSignature"},
	} {
		if got := w.send(tt.r); got.status == http.StatusOK || got.code != tt.code {
			t.Errorf("%s: answered %d %s, want %s", name, got.status, got.body, tt.code)
		}
	}
	link := presigned(whoami, func(*http.Request) {})
	w.pass(15 * 60e9)
	w.send(link).ok(t, nil)
	w.pass(1e9)
	w.send(link).refused(t, "presigned, too late", "SignatureDoesNotMatch", "Signature expired")
	if r := w.query(root, "iam", "Action=ListUsers"); strings.Contains(string(r.body), "mallory") {
		t.Errorf("somebody got through: %s", r.body)
	}
}

// Operations that nobody signs do not care for a signature, good or bad, and
// take nothing from it.
func TestUnsignedOperationsIgnoreSignatures(t *testing.T) {
	w := serve(t, options{})
	p := w.pool(w.roots[home], west, nil, nil)
	p.person("alice")
	body := []byte(fmt.Sprintf(`{"ClientId":%q,"AuthFlow":"ADMIN_USER_PASSWORD_AUTH","AuthParameters":{"USERNAME":"alice","PASSWORD":%q}}`, p.client, goodPassword))
	for name, r := range map[string]*http.Request{
		"none":   w.jsonRequest("cognito-idp", "InitiateAuth", body),
		"root's": w.sign(w.jsonRequest("cognito-idp", "InitiateAuth", body), w.roots[home], "cognito-idp", west),
		"broken": func() *http.Request {
			r := w.jsonRequest("cognito-idp", "InitiateAuth", body)
			r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=")
			return r
		}(),
	} {
		w.send(r).refused(t, name+" signature, the administrator's flow", "InvalidParameterException", "Initiate Auth method not supported.")
	}
}

// Bodies made to be read in two ways, to be deep, wide or long.
func TestHostileBodies(t *testing.T) {
	w := serve(t, options{})
	root := w.roots[home]
	p := w.pool(root, west, nil, nil)
	for name, body := range map[string]string{
		"a name twice":         `{"ClientId":"` + p.client + `","Username":"a","Username":"b","Password":"x"}`,
		"twice, escaped":       `{"ClientId":"` + p.client + `","Username":"a","\u0055sername":"b"}`,
		"a key twice":          `{"ClientId":"` + p.client + `","AuthFlow":"USER_PASSWORD_AUTH","AuthParameters":{"USERNAME":"a","USERNAME":"b"}}`,
		"two bodies":           `{"ClientId":"x"}{"ClientId":"` + p.client + `"}`,
		"a comment":            `{"ClientId":"x"/**/}`,
		"single quotes":        `{'ClientId':'x'}`,
		"a trailing comma":     `{"ClientId":"x",}`,
		"not UTF-8":            "{\"ClientId\":\"\xff\"}",
		"half a character":     `{"ClientId":"\ud800"}`,
		"UTF-16":               "\xff\xfe{\x00}\x00",
		"byte order mark":      "\xef\xbb\xbf{}",
		"deep, unknown member": `{"x":` + strings.Repeat("[", 400_000),
		"deep, objects":        strings.Repeat(`{"x":`, 100_000),
		"a list":               `[]`,
		"a string":             `"x"`,
		"infinity":             `{"ClientId":Infinity}`,
		"a plus sign":          `{"x":+1}`,
		"leading zeros":        `{"x":01}`,
	} {
		for _, op := range []string{"SignUp", "InitiateAuth"} {
			r := w.send(w.jsonRequest("cognito-idp", op, []byte(body)))
			if r.status != 400 || r.code != "SerializationException" && !(op == "SignUp" && strings.Contains(name, "key")) && !(op == "InitiateAuth" && strings.Contains(name, "twice")) {
				t.Errorf("%s to %s: answered %d %s", name, op, r.status, r.body)
			}
		}
	}
	for name, number := range map[string]string{"huge": "1e400", "long": strings.Repeat("9", 500_000), "negative": "-9223372036854775809", "tiny": "1e-400000"} {
		r := w.send(w.sign(w.jsonRequest("cognito-idp", "ListUserPools", []byte(`{"MaxResults":`+number+`}`)), root, "cognito-idp", west))
		if r.status != 400 {
			t.Errorf("%s number: answered %d %s", name, r.status, r.body)
		}
	}
	for name, form := range map[string]string{
		"a huge index":       "Action=CreateUser&UserName=u&Tags.member.4294967295.Key=a&Tags.member.4294967295.Value=b",
		"index zero":         "Action=CreateUser&UserName=u&Tags.member.0.Key=a&Tags.member.0.Value=b",
		"a negative index":   "Action=CreateUser&UserName=u&Tags.member.-1.Key=a&Tags.member.-1.Value=b",
		"one index, twice":   "Action=CreateUser&UserName=u&Tags.member.1.Key=a&Tags.member.01.Key=b",
		"a gap":              "Action=CreateUser&UserName=u&Tags.member.1.Key=a&Tags.member.1.Value=b&Tags.member.3.Key=a&Tags.member.3.Value=b",
		"a name twice":       "Action=CreateUser&UserName=u&UserName=v",
		"twice, escaped":     "Action=CreateUser&UserName=u&%55serName=v",
		"two actions":        "Action=ListUsers&Action=CreateUser&UserName=u",
		"deep":               "Action=CreateUser&UserName=u&" + strings.Repeat("a.", 10_000) + "a=b",
		"many parameters":    "Action=CreateUser&UserName=u" + parameters(20_000),
		"not UTF-8":          "Action=CreateUser&UserName=%ff",
		"a broken escape":    "Action=CreateUser&UserName=%zz",
		"a list as a value":  "Action=CreateUser&UserName.member.1=u",
		"a value and a list": "Action=CreateUser&UserName=u&Tags=x&Tags.member.1.Key=a",
	} {
		if r := w.query(root, "iam", form); r.status == 200 {
			t.Errorf("%s: answered %d %s", name, r.status, r.body)
		}
	}
	if r := w.query(root, "iam", "Action=ListUsers"); strings.Contains(string(r.body), "<UserName>") || strings.Contains(string(r.body), `"UserName"`) {
		t.Errorf("a user came to be: %s", r.body)
	}
}

func parameters(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "&p%d=", i)
	}
	return b.String()
}

// Whatever comes over the wire, the answer has none of its own headers broken
// and no line of it is HTML.
func TestAnswersCarryNothingOver(t *testing.T) {
	w := serve(t, options{})
	const evil = "x\r\nSet-Cookie: a=b\r\n\r\n<script>alert(1)</script>"
	var body bytes.Buffer
	fmt.Fprintf(&body, `{"ClientId":%q,"AuthFlow":%q}`, evil, evil)
	for name, r := range map[string]*http.Request{
		"a value": w.jsonRequest("cognito-idp", "InitiateAuth", body.Bytes()),
		"an operation": func() *http.Request {
			r := w.jsonRequest("cognito-idp", "x", nil)
			r.Header.Set("X-Amz-Target", targets["cognito-idp"]+"<script>alert(1)</script>")
			return r
		}(),
		"an action": w.formRequest("Action=" + url.QueryEscape(evil) + "&Version=" + url.QueryEscape(evil)),
	} {
		r.Header.Del("Accept")
		got := w.send(r)
		if got.header.Get("Set-Cookie") != "" || strings.Contains(got.header.Get("Content-Type"), "html") ||
			strings.HasPrefix(got.header.Get("Content-Type"), "text/xml") && bytes.Contains(got.body, []byte("<script>")) {
			t.Errorf("%s: answered %v %s", name, got.header, got.body)
		}
	}
}

// The address that policies and limits go by is the connection's, whatever
// headers say, until the operator trusts the proxy at its other end.
func TestAddressesAreNotForged(t *testing.T) {
	policy := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"IpAddress":{"aws:SourceIp":"198.51.100.7"}}}]}`
	ask := func(w *world, c aws.Credentials, forwarded ...string) reply {
		r := w.jsonRequest("cognito-idp", "ListUserPools", []byte(`{"MaxResults":1}`))
		for _, f := range forwarded {
			r.Header.Add("X-Forwarded-For", f)
		}
		r.Header.Set("X-Real-Ip", "198.51.100.7")
		r.Header.Set("Forwarded", "for=198.51.100.7")
		return w.send(w.sign(r, c, "cognito-idp", west))
	}
	w := serve(t, options{})
	bob := w.user("bob", policy)
	ask(w, bob, "198.51.100.7").refused(t, "nobody is trusted", "AccessDeniedException", "")

	w = serve(t, options{settings: func(s *config.Server) { s.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")} }})
	bob = w.user("bob", policy)
	ask(w, bob, "198.51.100.7").ok(t, nil)
	ask(w, bob, "203.0.113.1, 198.51.100.7").ok(t, nil)
	for _, spoofed := range [][]string{
		{"198.51.100.7, 203.0.113.1"}, {"198.51.100.7", "203.0.113.1"}, {"198.51.100.7, rubbish"}, {"198.51.100.7, 203.0.113.1, 127.0.0.1"}, {""},
	} {
		ask(w, bob, spoofed...).refused(t, strings.Join(spoofed, " | "), "AccessDeniedException", "")
	}
}
