package api_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	idpclient "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	iamclient "github.com/aws/aws-sdk-go-v2/service/iam"
	stsclient "github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"github.com/cenote-id/cenote/internal/api"
	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/cognitoidentity"
	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
	"github.com/cenote-id/cenote/internal/awsapi/iam"
	"github.com/cenote-id/cenote/internal/awsapi/sigv4"
	"github.com/cenote-id/cenote/internal/awsapi/sts"
	"github.com/cenote-id/cenote/internal/lane"
	"github.com/cenote-id/cenote/internal/ratelimit"
)

// plainDoor answers a few operations, each with as little as it can.
func plainDoor() *door {
	return &door{handlers: []awsapi.Handler{
		cognitoidp.GetUser.Bind(func(ctx context.Context, _ *cognitoidp.GetUserRequest) (*cognitoidp.GetUserResponse, error) {
			name, _ := ctx.Value(userKey{}).(string)
			return &cognitoidp.GetUserResponse{Username: &name}, nil
		}),
		cognitoidp.ListUserPools.Bind(func(context.Context, *cognitoidp.ListUserPoolsRequest) (*cognitoidp.ListUserPoolsResponse, error) {
			return &cognitoidp.ListUserPoolsResponse{}, nil
		}),
		cognitoidp.SignUp.Bind(func(ctx context.Context, _ *cognitoidp.SignUpRequest) (*cognitoidp.SignUpResponse, error) {
			return nil, cognitoidp.UsernameExistsException("User already exists")
		}),
		cognitoidentity.GetId.Bind(func(ctx context.Context, _ *cognitoidentity.GetIdInput) (*cognitoidentity.GetIdResponse, error) {
			return &cognitoidentity.GetIdResponse{IdentityId: new(awsapi.RequestFrom(ctx).Region)}, nil
		}),
		sts.AssumeRoleWithWebIdentity.Bind(func(context.Context, *sts.AssumeRoleWithWebIdentityRequest) (*sts.AssumeRoleWithWebIdentityResponse, error) {
			return &sts.AssumeRoleWithWebIdentityResponse{Provider: new("p")}, nil
		}),
		iam.CreateSAMLProvider.Bind(func(_ context.Context, in *iam.CreateSAMLProviderRequest) (*iam.CreateSAMLProviderResponse, error) {
			return &iam.CreateSAMLProviderResponse{SAMLProviderArn: in.Name}, nil
		}),
		iam.GetRole.Bind(func(context.Context, *iam.GetRoleRequest) (*iam.GetRoleResponse, error) {
			return &iam.GetRoleResponse{}, nil
		}),
	}}
}

const (
	webIdentity = "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fapp&RoleSessionName=ab&WebIdentityToken=abcd"
	callerID    = "Action=GetCallerIdentity&Version=2011-06-15"
)

func TestRefusalsInFront(t *testing.T) {
	r := start(t, plainDoor())
	twice := func(req *http.Request) { req.Header.Add("X-Amz-Target", idp+"SignUp") }
	accept := func(req *http.Request) { req.Header.Set("Accept", "application/json") }
	for _, tc := range []struct {
		name   string
		answer answer
		status int
		body   string // part of it
	}{
		{"unknown operation", r.target(idp+"DropTables", "{}"), 400, `{"__type":"UnknownOperationException","Message":"cognito-idp has no operation DropTables."}`},
		{"unknown service", r.target("DynamoDB_20120810.ListTables", "{}"), 400, `{"__type":"UnknownOperationException","Message":"X-Amz-Target names no service that this endpoint knows."}`},
		{"other case", r.target(strings.ToLower(idp)+"signup", "{}"), 400, `"UnknownOperationException"`},
		{"two targets", r.target(idp+"SignUp", "{}", twice), 400, `with one X-Amz-Target header`},
		{"JSON without target", r.target("", "{}", func(req *http.Request) { req.Header.Del("X-Amz-Target") }), 400, `with one X-Amz-Target header`},
		{"JSON by GET", r.target(idp+"SignUp", "", func(req *http.Request) { req.Method = http.MethodGet }), 400, `with one X-Amz-Target header`},
		{"not implemented", r.target(idp+"CreateTerms", "{}"), 400, `{"__type":"UnknownOperationException","Message":"Cenote does not implement cognito-idp:CreateTerms yet."}`},
		{"not implemented, Query", r.form("Action=CreateGroup&Version=2010-05-08"), 501, `<Code>NotImplemented</Code><Message>Cenote does not implement iam:CreateGroup yet.</Message>`},
		{"unknown action", r.form("Action=X&Version=2010-05-08"), 400, `<ErrorResponse xmlns="http://webservices.amazon.com/AWSFault/2005-15-09"><Error><Type>Sender</Type><Code>InvalidAction</Code><Message>Could not find operation X for version 2010-05-08</Message>`},
		{"action of another service", r.form("Action=GetRole&Version=2011-06-15"), 400, `Could not find operation GetRole for version 2011-06-15`},
		{"no version", r.form("Action=GetRole"), 400, `Could not find operation GetRole for version NO_VERSION_SPECIFIED`},
		{"unknown action, JSON", r.form("Action=X&Version=2010-05-08", accept), 400, `{"Error":{"Code":"InvalidAction","Message":"Could not find operation X for version 2010-05-08","Type":"Sender"},"RequestId":`},
		{"markup in the action", r.form("Action=%3Cscript%3E&Version=1"), 400, `Could not find operation &lt;script&gt; for version 1`},
		{"parameter twice", r.form(webIdentity + "&RoleArn=x"), 400, `<Code>MalformedInput</Code><Message>Parameter RoleArn appears twice.</Message>`},
		{"no signature, JSON", r.target(idp+"ListUserPools", `{"MaxResults":1}`), 400, `{"__type":"MissingAuthenticationTokenException","Message":"Missing Authentication Token"}`},
		{"no signature, Query", r.form("Action=GetRole&Version=2010-05-08&RoleName=a"), 403, `<Code>MissingAuthenticationToken</Code>`},
		{"no signature comes before a bad body", r.target(idp+"ListUserPools", `{`), 400, `MissingAuthenticationTokenException`},
		{"bad JSON", r.target(idp+"SignUp", `{"ClientId":`), 400, `{"__type":"SerializationException","Message":"The request body is not valid JSON`},
		{"wrong type", r.target(idp+"SignUp", `{"ClientId":7}`), 400, `{"__type":"SerializationException","Message":"NUMBER_VALUE can not be converted to a String"}`},
		{"constraints", r.target(idp+"GetUser", `{}`), 400, `{"__type":"InvalidParameterException","message":"1 validation error detected: Value null at 'accessToken' failed to satisfy constraint: Member must not be null"}`},
		{"bad token", r.target(idp+"GetUser", `{"AccessToken":"bad-token"}`), 400, `{"__type":"NotAuthorizedException","message":"Invalid Access Token"}`},
		{"the handler's error", r.target(idp+"SignUp", `{"ClientId":"abc","Username":"jane","Password":"p"}`), 400, `{"__type":"UsernameExistsException","message":"User already exists"}`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if tc.answer.status != tc.status || !strings.Contains(tc.answer.body, tc.body) {
				t.Errorf("answered %d %s\nwant %d %s", tc.answer.status, tc.answer.body, tc.status, tc.body)
			}
			if tc.answer.header.Get("x-amzn-RequestId") == "" {
				t.Error("no request id")
			}
		})
	}
}

func TestNoCall(t *testing.T) {
	r := start(t, plainDoor())
	for _, tc := range []struct {
		method, path string
		status       int
	}{
		{http.MethodGet, "/", 200},
		{http.MethodGet, "/favicon.ico", 404},
		{http.MethodPost, "/", 404},
		{http.MethodPost, "/x?y=z", 404},
		{http.MethodPut, "/", 405},
		{http.MethodDelete, "/x", 405},
	} {
		req, err := http.NewRequest(tc.method, r.url+tc.path, nil)
		if err != nil {
			t.Fatal(err)
		}
		a := r.do(req)
		if a.status != tc.status || !strings.HasPrefix(a.header.Get("Content-Type"), "text/plain") || strings.Count(a.body, "\n") != 1 {
			t.Errorf("%s %s answered %d %s", tc.method, tc.path, a.status, a.body)
		}
	}
}

func TestThePathSaysNothing(t *testing.T) {
	r := start(t, plainDoor())
	r.url += "/base/path?x=1"
	a := r.target(idp+"GetUser", `{"AccessToken":"good-token"}`)
	if a.status != http.StatusOK || a.body != `{"Username":"jane"}` {
		t.Errorf("answered %d %s", a.status, a.body)
	}
}

func TestReplyHeaders(t *testing.T) {
	at := time.Date(2030, 5, 6, 7, 8, 9, 0, time.UTC)
	r := start(t, plainDoor(), func(c *api.Config) { c.Now = func() time.Time { return at } })
	good := r.target(idp+"GetUser", `{"AccessToken":"good-token"}`)
	bad := r.target(idp+"GetUser", `{"AccessToken":"bad token"}`)
	query := r.form(webIdentity)
	for _, a := range []answer{good, bad, query} {
		want := map[string]string{
			"Access-Control-Allow-Origin":   "*",
			"Access-Control-Expose-Headers": "x-amzn-RequestId,x-amzn-ErrorType,x-amzn-ErrorMessage,x-cenote-authorization-message,Date",
			"Cache-Control":                 "no-store",
			"Date":                          "Mon, 06 May 2030 07:08:09 GMT",
		}
		for name, v := range want {
			if got := a.header.Values(name); len(got) != 1 || got[0] != v {
				t.Errorf("%s: %q, want %q", name, got, v)
			}
		}
		if a.header.Get("Content-Length") == "" {
			t.Error("no Content-Length")
		}
	}
	if good.header.Get("Content-Type") != "application/x-amz-json-1.1" || query.header.Get("Content-Type") != "text/xml" {
		t.Errorf("content types %q, %q", good.header.Get("Content-Type"), query.header.Get("Content-Type"))
	}
	if got := bad.header.Get("x-amzn-ErrorType"); got != "InvalidParameterException:" {
		t.Errorf("x-amzn-ErrorType: %s", got)
	}
	if got := bad.header.Get("x-amzn-ErrorMessage"); !strings.HasPrefix(got, "1 validation error detected: Value at 'accessToken'") {
		t.Errorf("x-amzn-ErrorMessage: %s", got)
	}
	if good.header.Get("x-amzn-ErrorType") != "" {
		t.Error("an error type on a good reply")
	}
}

func TestErrorHeadersHoldNoLineEnds(t *testing.T) {
	r := start(t, plainDoor())
	a := r.target(identity+"GetId", `{"IdentityPoolId":"x\r\nSet-Cookie: a=b\u00e9"}`)
	if a.header.Get("Set-Cookie") != "" || strings.ContainsFunc(a.header.Get("x-amzn-ErrorMessage"), func(r rune) bool { return r < ' ' || r > '~' }) {
		t.Errorf("headers %q", a.header)
	}
	if !strings.Contains(a.body, `x\r\nSet-Cookie: a=bé`) {
		t.Errorf("body %s", a.body)
	}
}

func TestPreflight(t *testing.T) {
	r := start(t, plainDoor())
	preflight := func(headers string) answer {
		req, err := http.NewRequest(http.MethodOptions, r.url, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Origin", "https://app.example")
		req.Header.Set("Access-Control-Request-Method", "POST")
		req.Header.Set("Access-Control-Request-Headers", headers)
		return r.do(req)
	}
	a := preflight("content-type,x-amz-target,x-amz-user-agent,cache-control")
	if a.status != http.StatusOK || a.body != "" || a.header.Get("Access-Control-Allow-Origin") != "*" ||
		a.header.Get("Access-Control-Allow-Headers") != "content-type,x-amz-target,x-amz-user-agent,cache-control" ||
		!strings.Contains(a.header.Get("Access-Control-Allow-Methods"), "POST") || a.header.Get("Access-Control-Max-Age") != "172800" {
		t.Errorf("answered %d %v", a.status, a.header)
	}
	if got := preflight(strings.Repeat("x", 4000)).header.Get("Access-Control-Allow-Headers"); !strings.Contains(got, "x-amz-target") || len(got) > 400 {
		t.Errorf("headers %q", got)
	}
}

func TestBodiesAreBounded(t *testing.T) {
	r := start(t, plainDoor(), func(c *api.Config) { c.MaxBody = 10_000 })
	big := `{"AccessToken":"` + strings.Repeat("a", 20_000) + `"}`
	chunked := func(req *http.Request) { req.ContentLength = -1 }
	for name, a := range map[string]answer{
		"JSON":                         r.target(idp+"GetUser", big),
		"JSON, chunked":                r.target(idp+"GetUser", big, chunked),
		"Query":                        r.form(webIdentity + strings.Repeat("a", 20_000)),
		"Query, chunked":               r.form(webIdentity+strings.Repeat("a", 20_000), chunked),
		"other":                        r.form(strings.Repeat("a", 20_000)),
		"a large operation, too large": r.form("Action=CreateSAMLProvider&Version=2010-05-08&SAMLMetadataDocument="+strings.Repeat("a", 17<<20), chunked),
	} {
		if a.status != http.StatusRequestEntityTooLarge || !strings.Contains(a.body, "The request body exceeds") {
			t.Errorf("%s: answered %d %s", name, a.status, a.body)
		}
	}
	if a := r.target(idp+"GetUser", `{"AccessToken":"good-token"}`+strings.Repeat(" ", 9_900)); a.status != http.StatusOK {
		t.Errorf("a body within the limit: %d %s", a.status, a.body)
	}
	out, err := iamclient.NewFromConfig(r.aws(rootKey)).CreateSAMLProvider(context.Background(), &iamclient.CreateSAMLProviderInput{
		Name: aws.String("idp"), SAMLMetadataDocument: aws.String(strings.Repeat("<>", 100_000)),
	})
	if err != nil || aws.ToString(out.SAMLProviderArn) != "idp" {
		t.Errorf("an operation that may be large: %v", err)
	}
}

func TestAuthorization(t *testing.T) {
	d := plainDoor()
	r := start(t, d)
	ctx := context.Background()
	list := func(key string) error {
		_, err := idpclient.NewFromConfig(r.aws(key)).ListUserPools(ctx, &idpclient.ListUserPoolsInput{MaxResults: aws.Int32(1)})
		return err
	}
	asked := func() []string {
		got := r.policies.asked
		r.policies.asked = nil
		return got
	}
	if err := list(accessKey); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"cognito-idp:ListUserPools *"}, asked()); diff != "" {
		t.Errorf("by default (-want +got)\n%s", diff)
	}
	if err := list(rootKey); err != nil || asked() != nil {
		t.Errorf("root: %v", err)
	}
	d.access = func(*awsapi.Operation, any) ([]awsapi.Access, error) {
		return []awsapi.Access{{Action: "a:X", Resource: "r1"}, {Action: "a:Y", Resource: "r2"}}, nil
	}
	if err := list(accessKey); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"a:X r1", "a:Y r2"}, asked()); diff != "" {
		t.Errorf("the door's questions (-want +got)\n%s", diff)
	}
	r.policies.allowed = map[string]bool{"a:X r1": true}
	if e, ok := errors.AsType[smithy.APIError](list(accessKey)); !ok || e.ErrorCode() != "AccessDeniedException" ||
		e.ErrorMessage() != "User: arn:aws:iam::123456789012:user/jane is not authorized to perform: a:Y" {
		t.Errorf("one of two allowed: %v", e)
	}
	d.access = func(*awsapi.Operation, any) ([]awsapi.Access, error) { return []awsapi.Access{}, nil }
	asked()
	if err := list(accessKey); err != nil || asked() != nil {
		t.Errorf("nothing to ask: %v", err)
	}
	d.access = func(*awsapi.Operation, any) ([]awsapi.Access, error) {
		return nil, cognitoidp.ResourceNotFoundException("User pool does not exist.")
	}
	if e, ok := errors.AsType[smithy.APIError](list(rootKey)); ok && e.ErrorCode() == "ResourceNotFoundException" {
		t.Error("ListUserPools does not declare ResourceNotFoundException and Strict let it pass")
	}
}

func TestUnsignedOperationsIgnoreSignatures(t *testing.T) {
	r := start(t, plainDoor())
	a := r.target(idp+"GetUser", `{"AccessToken":"good-token"}`, func(req *http.Request) {
		req.Header.Set("Authorization", "AWS4-HMAC-SHA256 nonsense")
	})
	if a.status != http.StatusOK {
		t.Errorf("answered %d %s", a.status, a.body)
	}
	if r.policies.asked != nil {
		t.Errorf("IAM was asked %q", r.policies.asked)
	}
}

func TestRegionOfUnsignedCalls(t *testing.T) {
	narrow := func(c *api.Config) {
		c.Regions = func(region string) bool { return slices.Contains([]string{"us-east-1", "eu-west-3"}, region) }
	}
	for _, tc := range []struct {
		host, pool, want string
		change           []func(*api.Config)
	}{
		{"localhost:2366", "ap-northeast-1:0a", "ap-northeast-1", nil},
		{"cognito-identity.eu-west-3.amazonaws.com", "ap-northeast-1:0a", "eu-west-3", nil},
		{"cognito-identity-fips.us-gov-west-1.amazonaws.com:443", "ap-northeast-1:0a", "us-gov-west-1", nil},
		{"cognito-identity.localhost", "ap-northeast-1:0a", "ap-northeast-1", nil},
		{"sts.amazonaws.com", "nowhere:0a", "us-east-1", nil},
		{"localhost", "ap-northeast-1:0a", "us-east-1", []func(*api.Config){narrow}},
		{"cognito-identity.ap-northeast-1.amazonaws.com", "eu-west-3:0a", "eu-west-3", []func(*api.Config){narrow}},
	} {
		r := start(t, plainDoor(), tc.change...)
		a := r.target(identity+"GetId", `{"IdentityPoolId":"`+tc.pool+`"}`, func(req *http.Request) { req.Host = tc.host })
		if want := `{"IdentityId":"` + tc.want + `"}`; a.body != want {
			t.Errorf("%s, %s: answered %s, want %s", tc.host, tc.pool, a.body, want)
		}
	}
}

func TestRateLimits(t *testing.T) {
	at := time.Unix(1_900_000_000, 0)
	now := func() time.Time { return at }
	byAddress := start(t, plainDoor(), func(c *api.Config) {
		c.ByAddress = ratelimit.New[netip.Addr](ratelimit.Config{Rate: 1, Burst: 3, Now: now})
	})
	call := func() answer { return byAddress.target(idp+"GetUser", `{"AccessToken":"good-token"}`) }
	if a := call(); a.status != http.StatusOK {
		t.Fatalf("answered %d %s", a.status, a.body)
	}
	byAddress.form("x=1")
	byAddress.form(webIdentity)
	if a := call(); a.status != 400 || a.body != `{"__type":"TooManyRequestsException","message":"Rate exceeded"}` {
		t.Errorf("answered %d %s", a.status, a.body)
	}
	if a := byAddress.form(webIdentity); !strings.Contains(a.body, "<Code>Throttling</Code><Message>Rate exceeded</Message>") {
		t.Errorf("answered %d %s", a.status, a.body)
	}

	byPrincipal := start(t, plainDoor(), func(c *api.Config) {
		c.ByPrincipal = ratelimit.New[string](ratelimit.Config{Rate: 1, Burst: 1, Now: now})
	})
	list := func(key string) error {
		_, err := idpclient.NewFromConfig(byPrincipal.aws(key)).ListUserPools(context.Background(), &idpclient.ListUserPoolsInput{MaxResults: aws.Int32(1)})
		return err
	}
	if err := list(accessKey); err != nil {
		t.Fatal(err)
	}
	if e, ok := errors.AsType[smithy.APIError](list(accessKey)); !ok || e.ErrorCode() != "TooManyRequestsException" {
		t.Errorf("a second call at once: %v", e)
	}
	if err := list(rootKey); err != nil {
		t.Errorf("another principal: %v", err)
	}
	for range 5 {
		if a := byPrincipal.target(idp+"GetUser", `{"AccessToken":"good-token"}`); a.status != http.StatusOK {
			t.Errorf("an unsigned call is limited by principal: %s", a.body)
		}
	}
}

// A full lane is no failure of the service: callers are asked to slow down.
func TestBusyLanesThrottle(t *testing.T) {
	r := start(t, &door{handlers: []awsapi.Handler{
		cognitoidp.SignUp.Bind(func(context.Context, *cognitoidp.SignUpRequest) (*cognitoidp.SignUpResponse, error) {
			return nil, fmt.Errorf("hash password: %w", lane.ErrBusy)
		}),
	}})
	a := r.target(idp+"SignUp", `{"ClientId":"abc","Username":"jane","Password":"x"}`)
	if a.status != 400 || a.body != `{"__type":"TooManyRequestsException","message":"Rate exceeded"}` {
		t.Errorf("answered %d %s", a.status, a.body)
	}
}

func TestFailuresAreBland(t *testing.T) {
	secret := "hunter2"
	handlers := map[string]func() error{
		"panic":      func() error { panic("at the disco") },
		"plain":      func() error { return errors.New("dial tcp: refused") },
		"undeclared": func() error { return cognitoidp.GroupExistsException("never declared") },
		"with cause": func() error {
			return cognitoidp.InternalErrorException("try again").WithCause(errors.New("disk full"))
		},
	}
	for name, fail := range handlers {
		for _, strict := range []bool{true, false} {
			d := &door{handlers: []awsapi.Handler{
				cognitoidp.SignUp.Bind(func(context.Context, *cognitoidp.SignUpRequest) (*cognitoidp.SignUpResponse, error) {
					return nil, fail()
				}),
			}}
			r := start(t, d, func(c *api.Config) { c.Strict = strict })
			a := r.target(idp+"SignUp", `{"ClientId":"abc","Username":"jane","Password":"`+secret+`"}`)
			log := r.log.String()
			want, status := "The service failed to answer this request.", 500
			switch {
			case name == "with cause":
				want = "try again"
				if !strings.Contains(log, "disk full") {
					t.Errorf("%s: the cause is not in the log: %s", name, log)
				}
			case name == "undeclared" && !strict:
				want, status = "never declared", 400
			case strict:
				continue // a strict kernel tells the test what happened
			}
			if a.status != status || !strings.Contains(a.body, want) || strings.Contains(a.body, "disco") || strings.Contains(a.body, "dial") || strings.Contains(a.body, "disk") {
				t.Errorf("%s, strict %v: answered %d %s", name, strict, a.status, a.body)
			}
			if strings.Contains(log, secret) || strings.Contains(log, "jane") {
				t.Errorf("%s: the log says too much: %s", name, log)
			}
			if name == "panic" && !strings.Contains(log, "at the disco") {
				t.Errorf("the panic is not in the log: %s", log)
			}
		}
	}
}

func TestStrictRefusesUndeclaredErrors(t *testing.T) {
	d := &door{handlers: []awsapi.Handler{
		cognitoidp.SignUp.Bind(func(context.Context, *cognitoidp.SignUpRequest) (*cognitoidp.SignUpResponse, error) {
			return nil, cognitoidp.GroupExistsException("never declared")
		}),
	}}
	a := start(t, d).target(idp+"SignUp", `{"ClientId":"abc","Username":"jane","Password":"p"}`)
	if a.status != 500 || !strings.Contains(a.body, "cognito-idp:SignUp does not declare GroupExistsException") {
		t.Errorf("answered %d %s", a.status, a.body)
	}
}

func TestAClientThatLeavesIsNoFailure(t *testing.T) {
	d := &door{handlers: []awsapi.Handler{
		cognitoidp.SignUp.Bind(func(ctx context.Context, _ *cognitoidp.SignUpRequest) (*cognitoidp.SignUpResponse, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		}),
	}}
	r := start(t, d)
	ctx, leave := context.WithCancel(context.Background())
	leave()
	req := httptest.NewRequestWithContext(ctx, http.MethodPost, "/", strings.NewReader(`{"ClientId":"abc","Username":"jane","Password":"p"}`))
	req.Header.Set("X-Amz-Target", idp+"SignUp")
	r.kernel.ServeHTTP(httptest.NewRecorder(), req)
	if log := r.log.String(); !strings.Contains(log, `"code":"ClientGone"`) || !strings.Contains(log, `"level":"INFO"`) {
		t.Errorf("logged %s", log)
	}
}

func TestManyAtOnce(t *testing.T) {
	r := start(t, plainDoor())
	var wg sync.WaitGroup
	for i := range 32 {
		wg.Go(func() {
			for range 20 {
				if i%2 == 0 {
					if a := r.target(idp+"GetUser", `{"AccessToken":"good-token"}`); a.body != `{"Username":"jane"}` {
						t.Errorf("answered %d %s", a.status, a.body)
					}
					continue
				}
				if a := r.form(webIdentity); !strings.Contains(a.body, "<Provider>p</Provider>") {
					t.Errorf("answered %d %s", a.status, a.body)
				}
			}
		})
	}
	wg.Wait()
}

func TestAHandlerMustAnswerSomething(t *testing.T) {
	d := &door{handlers: []awsapi.Handler{
		cognitoidp.SignUp.Bind(func(context.Context, *cognitoidp.SignUpRequest) (*cognitoidp.SignUpResponse, error) { return nil, nil }),
	}}
	a := start(t, d).target(idp+"SignUp", `{"ClientId":"abc","Username":"jane","Password":"p"}`)
	if a.status != 500 || !strings.Contains(a.body, "InternalErrorException") {
		t.Errorf("answered %d %s", a.status, a.body)
	}
}

// counts is a Metrics that remembers.
type counts []string

func (c *counts) Observe(op *awsapi.Operation, code string, took time.Duration) {
	name := "-"
	if op != nil {
		name = op.Name
	}
	if took < 0 {
		name = "negative"
	}
	*c = append(*c, name+" "+code)
}

func TestOneLineAndOneMetricACall(t *testing.T) {
	m := new(counts)
	r := start(t, plainDoor(), func(c *api.Config) { c.Metrics = m })
	r.target(idp+"GetUser", `{"AccessToken":"good-token"}`)
	r.target(idp+"SignUp", `{"ClientId":"abc","Username":"jane@example.com","Password":"hunter2"}`)
	r.target(idp+"Nothing", `{}`)
	if _, err := stsclient.NewFromConfig(r.aws(accessKey)).GetCallerIdentity(context.Background(), nil); err == nil {
		t.Error("GetCallerIdentity has no handler and answered")
	}
	if _, err := iamclient.NewFromConfig(r.aws(accessKey)).GetRole(context.Background(), &iamclient.GetRoleInput{RoleName: aws.String("app")}); err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff(counts{"GetUser OK", "SignUp UsernameExistsException", "- UnknownOperationException", "GetCallerIdentity UnknownOperationException", "GetRole OK"}, *m); diff != "" {
		t.Errorf("metrics (-want +got)\n%s", diff)
	}
	type line struct{ Op, Code, Req, IP, Account, Region, Level string }
	var got []line
	for text := range strings.Lines(r.log.String()) {
		var l line
		if err := json.Unmarshal([]byte(text), &l); err != nil {
			t.Fatal(err)
		}
		got = append(got, l)
		var all map[string]any
		if err := json.Unmarshal([]byte(text), &all); err != nil {
			t.Fatal(err)
		}
		for key := range all {
			if !slices.Contains([]string{"time", "level", "msg", "op", "code", "dur", "req", "ip", "account", "region"}, key) {
				t.Errorf("the line has a key %s: %s", key, text)
			}
		}
	}
	want := []line{
		{"cognito-idp:GetUser", "OK", "req-1", "127.0.0.1", "", "us-east-1", "INFO"},
		{"cognito-idp:SignUp", "UsernameExistsException", "req-2", "127.0.0.1", "", "us-east-1", "INFO"},
		{"-", "UnknownOperationException", "req-3", "127.0.0.1", "", "", "INFO"},
		{"sts:GetCallerIdentity", "UnknownOperationException", "req-4", "127.0.0.1", "", "", "INFO"},
		{"iam:GetRole", "OK", "req-5", "127.0.0.1", account, "eu-central-1", "INFO"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if log := r.log.String(); strings.Contains(log, "hunter2") || strings.Contains(log, "jane@") || strings.Contains(log, "good-token") {
		t.Errorf("the log says too much: %s", log)
	}
}

func TestNewRefuses(t *testing.T) {
	good := func() api.Config {
		return api.Config{
			Authenticator: nil, Authorizer: new(policies), AccessTokens: tokens{},
			Log: slog.New(slog.DiscardHandler), Now: time.Now, NewID: func() string { return "x" }, DefaultRegion: "us-east-1",
		}
	}
	if _, err := api.New(good()); err == nil || !strings.Contains(err.Error(), "Authenticator") {
		t.Errorf("without an authenticator: %v", err)
	}
	twice := plainDoor()
	twice.handlers = append(twice.handlers, twice.handlers[0])
	alien := *cognitoidp.SignUp.Operation
	for name, d := range map[string]*door{
		"is bound twice":   twice,
		"bound to nothing": {handlers: []awsapi.Handler{{Operation: cognitoidp.SignUp.Operation}}},
		"no service has":   {handlers: []awsapi.Handler{{Operation: &alien}}},
	} {
		cfg := good()
		cfg.Authenticator = sigv4.New(sigv4.Config{Keys: keys{}, Now: time.Now})
		cfg.Doors = []api.Door{d}
		if _, err := api.New(cfg); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("a door that %s: %v", name, err)
		}
	}
	if _, err := api.New(api.Config{}); err == nil || strings.Count(err.Error(), "\n") < 5 {
		t.Errorf("with nothing: %v", err)
	}
}
