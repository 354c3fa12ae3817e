package sdk

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	ststypes "github.com/aws/aws-sdk-go-v2/service/sts/types"
	"github.com/google/go-cmp/cmp"

	"github.com/cenote-id/cenote/cenoteauth"
)

// notes is a service of somebody's own: it keeps nothing and says who wrote.
type notes struct {
	w     *world
	t     *testing.T
	owner owner
	url   string
	user  string // IAM user whose keys the service has
	// What the service says of its resources, for those who are from
	// elsewhere.
	policy  string
	context map[string][]string
	auth    *cenoteauth.Authorizer
}

// served is what the service answers those whom it lets in.
type served struct {
	Caller *cenoteauth.Caller
	Body   string
}

// notes starts the service, as an IAM user who may ask about its resources.
func (w *world) notes(t *testing.T, o owner, change func(*cenoteauth.Config)) *notes {
	t.Helper()
	n := &notes{w: w, t: t, owner: o, user: "notes-service"}
	admin := w.iam(o.keys)
	must(admin.CreateUser(t.Context(), &iam.CreateUserInput{UserName: &n.user}))(t)
	n.mayAsk(allow("cenote:Authorize", n.arn("*")))
	key := must(admin.CreateAccessKey(t.Context(), &iam.CreateAccessKeyInput{UserName: &n.user}))(t).AccessKey
	mux := http.NewServeMux()
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	n.url = server.URL
	cfg := cenoteauth.Config{
		Endpoint: w.URL(), Service: "notes", Hosts: []string{strings.TrimPrefix(server.URL, "http://")}, HTTPClient: w.Client(),
		Credentials: cenoteauth.Static(*key.AccessKeyId, *key.SecretAccessKey), Now: w.Clock().Now, MaxBody: 4096,
	}
	if change != nil {
		change(&cfg)
	}
	n.auth = must(cenoteauth.New(cfg))(t)
	mux.Handle("/{owner}/{note...}", n.auth.Require(func(r *http.Request) cenoteauth.Access {
		action := map[string]string{"GET": "notes:GetNote", "PUT": "notes:PutNote"}[r.Method]
		return cenoteauth.Access{
			Action: action, Resource: n.arn("note/" + r.PathValue("owner") + "/" + r.PathValue("note")),
			ResourcePolicy: n.policy, Context: n.context,
		}
	}, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		if err := json.NewEncoder(w).Encode(served{cenoteauth.CallerFrom(r.Context()), string(body)}); err != nil {
			t.Error(err)
		}
	})))
	return n
}

func (n *notes) arn(resource string) string {
	return "arn:aws:notes:us-east-1:" + n.owner.account + ":" + resource
}

// mayAsk says what the service may ask about.
func (n *notes) mayAsk(policy string) {
	n.t.Helper()
	must(n.w.iam(n.owner.keys).PutUserPolicy(n.t.Context(), &iam.PutUserPolicyInput{
		UserName: &n.user, PolicyName: aws.String("ask"), PolicyDocument: &policy,
	}))(n.t)
}

// signed makes a request to the service as its clients do.
func (n *notes) signed(keys aws.Credentials, method, path, body string) *http.Request {
	n.t.Helper()
	return n.signedFor(keys, method, path, body, "notes")
}

func (n *notes) signedFor(keys aws.Credentials, method, path, body, service string) *http.Request {
	n.t.Helper()
	r := must(http.NewRequest(method, n.url+path, strings.NewReader(body)))(n.t)
	err := v4.NewSigner().SignHTTP(n.t.Context(), keys, r, sum(body), service, "us-east-1", n.w.Clock().Now())
	if err != nil {
		n.t.Fatal(err)
	}
	return r
}

func sum(body string) string {
	h := sha256.Sum256([]byte(body))
	return hex.EncodeToString(h[:])
}

// send returns what the service answered: what it served, or the error code
// and sentence.
func (n *notes) send(r *http.Request) (*served, string) {
	n.t.Helper()
	reply := must(http.DefaultClient.Do(r))(n.t)
	text := must(io.ReadAll(reply.Body))(n.t)
	if err := reply.Body.Close(); err != nil {
		n.t.Error(err)
	}
	if reply.StatusCode == http.StatusOK {
		var out served
		if err := json.Unmarshal(text, &out); err != nil {
			n.t.Fatal(err)
		}
		return &out, ""
	}
	var e struct {
		Type    string `json:"__type"`
		Message string `json:"message"`
	}
	if err := json.Unmarshal(text, &e); err != nil {
		n.t.Fatalf("status %d: %s", reply.StatusCode, text)
	}
	return nil, e.Type + ": " + e.Message
}

// serves fails the test unless the service lets the request in.
func (n *notes) serves(what string, r *http.Request) *served {
	n.t.Helper()
	out, refusal := n.send(r)
	if out == nil {
		n.t.Fatalf("%s: %s", what, refusal)
	}
	return out
}

// refuses fails the test unless the service answers like this; a want that
// ends in an asterisk is the beginning.
func (n *notes) refuses(what string, r *http.Request, want string) {
	n.t.Helper()
	_, got := n.send(r)
	if start, open := strings.CutSuffix(want, "*"); got == "" || got != want && (!open || !strings.HasPrefix(got, start)) {
		n.t.Errorf("%s:\n got %s\nwant %s", what, got, want)
	}
}

const mismatch = "InvalidSignatureException: The request signature we calculated does not match the signature you provided. " +
	"Check your AWS Secret Access Key and signing method. Consult the service documentation for details."

// TestServiceHonoursIdentityPool is the story of a service of one's own: the
// people of an identity pool reach their own notes and nobody else's.
func TestServiceHonoursIdentityPool(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p := w.people(t, w.alpha, west)
		i := w.identities(t, w.alpha, tokyo, p)
		n := w.notes(t, w.alpha, nil)
		i.role(authRole, trust(i.pool, "authenticated"), allow("notes:*Note", n.arn("note/${cognito-identity.amazonaws.com:sub}/*")))

		login := p.login(p.signIn("alice").IdToken)
		id := i.id(login)
		alice := i.keys(id, login)
		own, other := "/"+url.PathEscape(id)+"/a b", "/someone/else"
		got := n.serves("her own note", n.signed(alice, "PUT", own, "remember the milk"))
		if got.Body != "remember the milk" {
			t.Errorf("the service received %q", got.Body)
		}
		want := &cenoteauth.Caller{
			Type: cenoteauth.AssumedRole, Account: w.alpha.account, Name: authRole, SessionName: "CognitoIdentityCredentials",
			ARN:          "arn:aws:sts::" + w.alpha.account + ":assumed-role/app-auth/CognitoIdentityCredentials",
			PrincipalARN: "arn:aws:iam::" + w.alpha.account + ":role/app-auth", AccessKeyID: alice.AccessKeyID,
			UserID: *w.caller(t, alice).UserId, FederatedProvider: "cognito-identity.amazonaws.com", ExpiresAt: &alice.Expires,
			Identity: &cenoteauth.Identity{ID: id, PoolID: i.pool, AMR: got.Caller.Identity.AMR},
			Federation: map[string][]string{
				"cognito-identity.amazonaws.com:sub": {id}, "cognito-identity.amazonaws.com:aud": {i.pool},
				"cognito-identity.amazonaws.com:amr": got.Caller.Identity.AMR,
			},
		}
		if diff := cmp.Diff(want, got.Caller); diff != "" {
			t.Errorf("caller (-want +got):\n%s", diff)
		}
		if amr := got.Caller.Identity.AMR; len(amr) < 2 || amr[0] != "authenticated" {
			t.Errorf("amr %v", amr)
		}
		n.refuses("somebody else's", n.signed(alice, "GET", other, ""),
			"AccessDeniedException: User: "+want.ARN+" is not authorized to perform: notes:GetNote on resource: "+n.arn("note/someone/else")+
				" because no identity-based policy allows the notes:GetNote action")

		// The role of guests allows everything; what an identity pool gives them
		// is bounded all the same.
		guest := i.keys(i.id(nil), nil)
		n.refuses("a guest", n.signed(guest, "GET", own, ""), "AccessDeniedException: User: arn:aws:sts::"+w.alpha.account+
			":assumed-role/app-guest/CognitoIdentityCredentials is not authorized to perform: notes:GetNote on resource: "+
			n.arn("note/"+id+"/a b")+" because no session policy allows the notes:GetNote action")

		// A decision is not kept: what the administrator does counts at once.
		i.role(authRole, trust(i.pool, "authenticated"), allow("notes:GetNote", "*"))
		n.refuses("after a change of the policy", n.signed(alice, "PUT", own, "x"), "AccessDeniedException: *")
		n.serves("what is still allowed", n.signed(alice, "GET", other, ""))
		i.setRoles(authRole, authRole)
		i.deleteRole(authRole)
		n.refuses("after the role is gone", n.signed(alice, "GET", own, ""),
			"UnrecognizedClientException: The security token included in the request is invalid.")
		w.Clock().Advance(2 * time.Hour)
		n.refuses("after the keys have expired", n.signed(alice, "GET", own, ""),
			"ExpiredTokenException: The security token included in the request is expired")
	})
}

// A signature is for one request, one service, and a short time.
func TestServiceRefusesWhatWasNotSigned(t *testing.T) {
	w := production(t)
	n := w.notes(t, w.alpha, nil)
	keys := w.alpha.keys // root may do everything
	n.serves("an honest request", n.signed(keys, "PUT", "/a/b?c=d%20e&a=", "text"))

	change := func(what, want string, alter func(*http.Request)) {
		t.Helper()
		r := n.signed(keys, "PUT", "/a/b?c=d", "text")
		alter(r)
		n.refuses(what, r, want)
	}
	body := func(s string) io.ReadCloser { return io.NopCloser(strings.NewReader(s)) }
	change("another body", mismatch, func(r *http.Request) { r.Body = body("tax!") })
	change("another body with its hash", mismatch, func(r *http.Request) {
		r.Body = body("tax!")
		r.Header.Set("X-Amz-Content-Sha256", sum("tax!"))
	})
	change("the hash of the signed body beside another", mismatch, func(r *http.Request) {
		r.Body = body("tax!")
		r.Header.Set("X-Amz-Content-Sha256", sum("text"))
	})
	change("a body that claims to be unsigned", mismatch, func(r *http.Request) { r.Header.Set("X-Amz-Content-Sha256", "UNSIGNED-PAYLOAD") })
	change("another path", mismatch, func(r *http.Request) { r.URL.Path = "/a/c" })
	change("another query", mismatch, func(r *http.Request) { r.URL.RawQuery = "c=e" })
	change("another method", mismatch, func(r *http.Request) { r.Method = "GET" })
	change("a target that is not signed", "InvalidSignatureException: 'X-Amz-Target' must be a 'SignedHeader' in the AWS Authorization.",
		func(r *http.Request) { r.Header.Set("X-Amz-Target", "Notes.DeleteNote") })
	change("no signature", "MissingAuthenticationTokenException: Missing Authentication Token", func(r *http.Request) { r.Header.Del("Authorization") })
	change("two signatures", "InvalidSignatureException: ", func(r *http.Request) { r.Header.Add("Authorization", r.Header.Get("Authorization")) })
	change("another name of the service", "MisdirectedRequestException: This service does not answer to that name.", func(r *http.Request) { r.Host = "evil.example" })
	change("a token beside long-term keys", "UnrecognizedClientException: The security token included in the request is invalid.",
		func(r *http.Request) { r.Header.Set("X-Amz-Security-Token", "abc") })
	n.refuses("a signature for another service", n.signedFor(keys, "GET", "/a/b", "", "files"),
		"InvalidSignatureException: Credential should be scoped to correct service: 'notes'.")
	n.refuses("a key that nobody has", n.signed(aws.Credentials{AccessKeyID: "AKIAIOSFODNN7EXAMPLE", SecretAccessKey: "x"}, "GET", "/a/b", ""),
		"UnrecognizedClientException: The security token included in the request is invalid.")
	n.refuses("another secret", n.signed(aws.Credentials{AccessKeyID: keys.AccessKeyID, SecretAccessKey: "x"}, "GET", "/a/b", ""), mismatch)
	n.refuses("a body that is too long", n.signed(keys, "PUT", "/a/b", strings.Repeat("x", 4097)),
		"RequestEntityTooLargeException: The request body exceeds 4096 bytes.")

	// The very same request is good for five minutes.
	r := n.signed(keys, "GET", "/a/b", "")
	w.Clock().Advance(4 * time.Minute)
	n.serves("the same again", r.Clone(t.Context()))
	w.Clock().Advance(2 * time.Minute)
	n.refuses("too late", r.Clone(t.Context()), "InvalidSignatureException: Signature expired: *")
	w.Clock().Advance(-12 * time.Minute)
	n.refuses("too early", r.Clone(t.Context()), "InvalidSignatureException: Signature not yet current: *")
}

// A presigned URL is good for as long as it says, within what the service
// allows.
func TestServiceTakesPresignedURLs(t *testing.T) {
	w := production(t)
	presigned := func(n *notes, service, hash string, seconds string) *http.Request {
		t.Helper()
		r := must(http.NewRequest("GET", n.url+"/a/b c?X-Amz-Expires="+seconds, nil))(t)
		at := w.Clock().Now()
		s3 := func(o *v4.SignerOptions) { o.DisableURIPathEscaping = service == "files" }
		signed, _, err := v4.NewSigner().PresignHTTP(t.Context(), w.alpha.keys, r, hash, service, "us-east-1", at, s3)
		return must(http.NewRequest("GET", must(signed, err)(t), nil))(t)
	}
	n := w.notes(t, w.alpha, nil)
	link := presigned(n, "notes", sum(""), "600")
	n.serves("a presigned URL", link.Clone(t.Context()))
	w.Clock().Advance(601 * time.Second)
	n.refuses("after its time", link.Clone(t.Context()), "InvalidSignatureException: Signature expired: *")
	long := presigned(n, "notes", sum(""), "604800")
	w.Clock().Advance(14 * time.Minute)
	n.serves("a URL that asks for a week", long.Clone(t.Context()))
	w.Clock().Advance(2 * time.Minute)
	n.refuses("after what the service allows", long.Clone(t.Context()), "InvalidSignatureException: Signature expired: *")
	n.refuses("more than a week", presigned(n, "notes", sum(""), "604801"), "IncompleteSignatureException: *")
	n.refuses("a payload that is not signed", presigned(n, "notes", "UNSIGNED-PAYLOAD", "60"), mismatch)

	// Services whose clients sign as S3's do.
	files := w.notes(t, w.beta, func(c *cenoteauth.Config) {
		c.Service, c.S3Signing, c.MaxPresign = "files", true, 7*24*time.Hour
	})
	files.owner = w.alpha // the link is that account's: no resource of beta's opens to it
	files.refuses("a resource of another account", presigned(files, "files", "UNSIGNED-PAYLOAD", "60"), "ServiceUnavailableException: *")
	files.owner = w.beta
	files.policy = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"` + w.alpha.account + `"},"Action":"notes:GetNote","Resource":"*"}}`
	week := presigned(files, "files", "UNSIGNED-PAYLOAD", "604800")
	w.Clock().Advance(6 * 24 * time.Hour)
	files.serves("a link of a week", week.Clone(t.Context()))
	w.Clock().Advance(25 * time.Hour)
	files.refuses("a week later", week.Clone(t.Context()), "InvalidSignatureException: Signature expired: *")
	withBody := presigned(files, "files", "UNSIGNED-PAYLOAD", "60")
	withBody.Body, withBody.ContentLength = io.NopCloser(strings.NewReader("x")), 1
	files.refuses("a body that nobody signed", withBody, mismatch)
}

// The resource belongs to the account of the service: who comes from another
// one needs its consent and that of his own account.
func TestServiceAcrossAccounts(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		n := w.notes(t, w.alpha, nil)
		bob := "bob"
		admin := w.iam(w.beta.keys)
		must(admin.CreateUser(t.Context(), &iam.CreateUserInput{UserName: &bob}))(t)
		key := must(admin.CreateAccessKey(t.Context(), &iam.CreateAccessKeyInput{UserName: &bob}))(t).AccessKey
		keys := aws.Credentials{AccessKeyID: *key.AccessKeyId, SecretAccessKey: *key.SecretAccessKey}
		arn := "arn:aws:iam::" + w.beta.account + ":user/bob"
		denied := "AccessDeniedException: User: " + arn + " is not authorized to perform: notes:GetNote on resource: " + n.arn("note/a/b") + " "
		get := func() *http.Request { return n.signed(keys, "GET", "/a/b", "") }

		must(admin.PutUserPolicy(t.Context(), &iam.PutUserPolicyInput{UserName: &bob, PolicyName: aws.String("p"), PolicyDocument: aws.String(allow("*", "*"))}))(t)
		n.refuses("without the service's consent", get(), denied+"because no resource-based policy allows the notes:GetNote action")
		// What led to it is for the caller's account to read, and not for the
		// service's.
		reply := must(http.DefaultClient.Do(get()))(t)
		_ = reply.Body.Close()
		message := reply.Header.Get("X-Cenote-Authorization-Message")
		if m := must(w.decode(t, w.beta.keys, message))(t); m.Allowed || m.Context.Principal.ARN != arn || m.Context.Action != "notes:GetNote" || m.Context.Resource != n.arn("note/a/b") {
			t.Errorf("decoded: %+v", m)
		}
		if m, err := w.decode(t, w.alpha.keys, message); err == nil {
			t.Errorf("the service's account reads %+v", m)
		}
		n.policy = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"` + arn + `"},"Action":"notes:GetNote","Resource":"*"}}`
		n.serves("with it", get())
		policy := must(admin.CreatePolicy(t.Context(), &iam.CreatePolicyInput{PolicyName: aws.String("no"), PolicyDocument: aws.String(
			`{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"notes:*","Resource":"*"}}`)}))(t).Policy
		must(admin.AttachUserPolicy(t.Context(), &iam.AttachUserPolicyInput{UserName: &bob, PolicyArn: policy.Arn}))(t)
		n.refuses("without that of his account, whose policies are not named", get(), denied+"with an explicit deny in an identity-based policy")

		// The other way round there is nothing to probe.
		_, err := n.auth.Ask(t.Context(), n.auth.Question(get(), sha256.Sum256(nil), cenoteauth.Access{
			Action: "notes:GetNote", Resource: "arn:aws:notes:us-east-1:" + w.beta.account + ":note/a/b",
		}))
		if err == nil || !strings.Contains(err.Error(), "resource must belong to the account of the service that asks, "+w.alpha.account) {
			t.Errorf("about a resource of another account: %v", err)
		}
	})
}

// What a service may ask is itself a permission, and what it says is bounded.
func TestWhoMayAsk(t *testing.T) {
	w := production(t)
	n := w.notes(t, w.alpha, nil)
	get := func() *http.Request { return n.signed(w.alpha.keys, "GET", "/a/b", "") }
	ask := func(access cenoteauth.Access, change func(*cenoteauth.Question)) error {
		q := n.auth.Question(get(), sha256.Sum256(nil), access)
		if change != nil {
			change(q)
		}
		_, err := n.auth.Ask(t.Context(), q)
		return err
	}
	note := cenoteauth.Access{Action: "notes:GetNote", Resource: n.arn("note/a/b")}
	fails := func(what string, err error, want string) {
		t.Helper()
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", what, err, want)
		}
	}
	if err := ask(note, nil); err != nil {
		t.Error(err)
	}
	user := "arn:aws:iam::" + w.alpha.account + ":user/notes-service is not authorized to perform: cenote:Authorize on resource: "
	other := cenoteauth.Access{Action: "s3:GetObject", Resource: "arn:aws:s3:::bucket/key"}
	fails("about a resource that is not the service's", ask(other, nil), user+other.Resource)
	n.mayAsk(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"cenote:Authorize","Resource":"*","Condition":{
		"StringLike":{"cenote:Action":"notes:Get*"},"StringEquals":{"cenote:Service":"notes"}}}}`)
	if err := ask(note, nil); err != nil {
		t.Error(err)
	}
	fails("about another action", ask(cenoteauth.Access{Action: "notes:PutNote", Resource: note.Resource}, nil), user+note.Resource)
	fails("only who it was", ask(cenoteauth.Access{}, nil), user+"*")
	n.mayAsk(allow("cenote:Authorize", "*"))
	answer := must(n.auth.Ask(t.Context(), n.auth.Question(get(), sha256.Sum256(nil), cenoteauth.Access{})))(t)
	if answer.Caller == nil || answer.Caller.Type != cenoteauth.Root || answer.Decision != "" || answer.Allowed() {
		t.Errorf("only who it was: %+v", answer)
	}

	with := func(key string) cenoteauth.Access {
		a := note
		a.Context = map[string][]string{key: {"true"}}
		return a
	}
	for _, key := range []string{
		"aws:MultiFactorAuthPresent", "aws:PrincipalTag/admin", "aws:PrincipalArn", "aws:SourceIp", "aws:SourceIdentity", "aws:FederatedProvider",
		"cognito-identity.amazonaws.com:sub", "saml:sub", "sts:ExternalId", "files:Label", "notes:", "notes", "",
	} {
		fails("context key "+key, ask(with(key), nil), "context may have keys with the prefix notes:")
	}
	for _, key := range []string{"notes:Label", "aws:ResourceTag/team", "AWS:RequestTag/team", "aws:TagKeys"} {
		if err := ask(with(key), nil); err != nil {
			t.Errorf("context key %s: %v", key, err)
		}
	}
	for what, c := range map[string]struct {
		change func(*cenoteauth.Question)
		want   string
	}{
		"a service of Cenote's":   {func(q *cenoteauth.Question) { q.Request.Service = "sts" }, "request.service"},
		"no hash":                 {func(q *cenoteauth.Question) { q.Request.PayloadHash = "" }, "request.payloadHash"},
		"a marker for a hash":     {func(q *cenoteauth.Question) { q.Request.PayloadHash = "UNSIGNED-PAYLOAD" }, "request.payloadHash"},
		"a pattern":               {func(q *cenoteauth.Question) { q.Action = "notes:*" }, "action must be"},
		"no ARN":                  {func(q *cenoteauth.Question) { q.Resource = "note" }, "resource must be an ARN"},
		"more than a week":        {func(q *cenoteauth.Question) { q.Request.MaxPresign = 604801 }, "request.maxPresign"},
		"no policy":               {func(q *cenoteauth.Question) { q.ResourcePolicy = "{" }, "resourcePolicy"},
		"a policy that is long":   {func(q *cenoteauth.Question) { q.ResourcePolicy = strings.Repeat(" ", 20481) }, "resourcePolicy exceeds"},
		"a value that is long":    {func(q *cenoteauth.Question) { q.Context = map[string][]string{"notes:a": {strings.Repeat("x", 1025)}} }, "context has a value"},
		"many values":             {func(q *cenoteauth.Question) { q.Context = map[string][]string{"notes:a": make([]string, 251)} }, "context has more than"},
		"a question that is long": {func(q *cenoteauth.Question) { q.Resource = strings.Repeat("x", 65536) }, "The question exceeds"},
	} {
		fails(what, ask(note, c.change), c.want)
	}

	// Whoever may not sign a question learns nothing, and the service lets
	// nobody in.
	must(w.iam(w.alpha.keys).DeleteUserPolicy(t.Context(), &iam.DeleteUserPolicyInput{UserName: &n.user, PolicyName: aws.String("ask")}))(t)
	n.refuses("a service that may not ask", get(), "ServiceUnavailableException: Permissions cannot be checked at the moment.")
	reply := must(w.Client().Post(w.URL()+cenoteauth.Path, "application/json", strings.NewReader("{}")))(t)
	if text := must(io.ReadAll(reply.Body))(t); reply.StatusCode != 403 || !bytes.Contains(text, []byte("MissingAuthenticationTokenException")) {
		t.Errorf("a question that nobody signed: %d %s", reply.StatusCode, text)
	}
	_ = reply.Body.Close()
	w.Stop()
	n.refuses("without Cenote", get(), "ServiceUnavailableException: Permissions cannot be checked at the moment.")
}

// Policies of services of one's own have all that policies have: conditions on
// tags of the session and the resource, on keys of the service, on the source.
func TestServiceConditions(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		n := w.notes(t, w.alpha, nil)
		admin := w.iam(w.alpha.keys)
		trust := `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"` + w.alpha.account + `"},"Action":["sts:AssumeRole","sts:TagSession"]}}`
		must(admin.CreateRole(t.Context(), &iam.CreateRoleInput{RoleName: aws.String("writer"), AssumeRolePolicyDocument: &trust}))(t)
		policy := `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"notes:*","Resource":"*","Condition":{
			"StringEquals":{"aws:ResourceTag/team":"${aws:PrincipalTag/team}","notes:Label":["draft","final"]},"IpAddress":{"aws:SourceIp":"127.0.0.0/8"}}}}`
		must(admin.PutRolePolicy(t.Context(), &iam.PutRolePolicyInput{RoleName: aws.String("writer"), PolicyName: aws.String("p"), PolicyDocument: &policy}))(t)
		boss := "boss"
		must(admin.CreateUser(t.Context(), &iam.CreateUserInput{UserName: &boss}))(t)
		must(admin.PutUserPolicy(t.Context(), &iam.PutUserPolicyInput{UserName: &boss, PolicyName: aws.String("p"), PolicyDocument: aws.String(allow("sts:*", "*"))}))(t)
		key := must(admin.CreateAccessKey(t.Context(), &iam.CreateAccessKeyInput{UserName: &boss}))(t).AccessKey
		assumed := must(w.sts(aws.Credentials{AccessKeyID: *key.AccessKeyId, SecretAccessKey: *key.SecretAccessKey}).AssumeRole(t.Context(), &sts.AssumeRoleInput{
			RoleArn: aws.String("arn:aws:iam::" + w.alpha.account + ":role/writer"), RoleSessionName: aws.String("shift"), Tags: []ststypes.Tag{{Key: aws.String("team"), Value: aws.String("red")}},
		}))(t).Credentials
		keys := aws.Credentials{AccessKeyID: *assumed.AccessKeyId, SecretAccessKey: *assumed.SecretAccessKey, SessionToken: *assumed.SessionToken}
		get := func() *http.Request { return n.signed(keys, "GET", "/a/b", "") }
		n.refuses("without the keys", get(), "AccessDeniedException: *")
		n.context = map[string][]string{"aws:ResourceTag/team": {"red"}, "notes:Label": {"draft"}}
		if got := n.serves("with them", get()); got.Caller.SessionTags["team"] != "red" || got.Caller.SessionName != "shift" {
			t.Errorf("caller %+v", got.Caller)
		}
		n.context["aws:ResourceTag/team"] = []string{"blue"}
		n.refuses("of another team", get(), "AccessDeniedException: *")
		n.context["aws:ResourceTag/team"] = []string{"*"}
		n.refuses("a value that looks like a pattern", get(), "AccessDeniedException: *")
	})
}

// Credentials of the service that cannot be had stop its clients, too.
func TestServiceWithoutCredentials(t *testing.T) {
	w := production(t)
	n := w.notes(t, w.alpha, func(c *cenoteauth.Config) {
		c.Credentials = func(context.Context) (cenoteauth.Credentials, error) {
			return cenoteauth.Credentials{}, io.ErrUnexpectedEOF
		}
	})
	n.refuses("a request", n.signed(w.alpha.keys, "GET", "/a/b", ""), "ServiceUnavailableException: Permissions cannot be checked at the moment.")
}

// The request id of a refusal finds the decision again, with the values of the
// condition keys that the service gave.
func TestWhyAServiceRefused(t *testing.T) {
	w := development(t)
	n := w.notes(t, w.alpha, nil)
	admin, ann := w.iam(w.alpha.keys), "ann"
	must(admin.CreateUser(t.Context(), &iam.CreateUserInput{UserName: &ann}))(t)
	policy := `{"Version":"2012-10-17","Statement":{"Sid":"Drafts","Effect":"Allow","Action":"notes:*","Resource":"*","Condition":{"StringEquals":{"notes:Label":"draft"}}}}`
	must(admin.PutUserPolicy(t.Context(), &iam.PutUserPolicyInput{UserName: &ann, PolicyName: aws.String("own"), PolicyDocument: &policy}))(t)
	key := must(admin.CreateAccessKey(t.Context(), &iam.CreateAccessKeyInput{UserName: &ann}))(t).AccessKey
	n.context = map[string][]string{"notes:Label": {"final"}}
	keys := aws.Credentials{AccessKeyID: *key.AccessKeyId, SecretAccessKey: *key.SecretAccessKey}
	reply := must(http.DefaultClient.Do(n.signed(keys, "GET", "/a/b", "")))(t)
	_ = reply.Body.Close()
	all, text := w.why(t, url.Values{"request": {reply.Header.Get("X-Amzn-RequestId")}})
	i := slices.IndexFunc(all, func(d decision) bool { return d.Action == "notes:GetNote" })
	if i < 0 {
		t.Fatalf("not explained: %s", text)
	}
	d := all[i]
	if d.Principal != "arn:aws:iam::"+w.alpha.account+":user/ann" || d.Operation != "cenote:Authorize" || d.Outcome != "implicitDeny" || len(d.Statements) != 1 ||
		d.Statements[0].Sid != "Drafts" || len(d.Statements[0].Conditions) != 1 || !slices.Equal(d.Statements[0].Conditions[0].Actual, []string{"final"}) {
		t.Errorf("explained: %s", text)
	}
}
