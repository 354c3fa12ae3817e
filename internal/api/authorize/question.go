package authorize

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/cenote-id/cenote/cenoteauth"
	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/iampolicy"
)

// question is a checked question, with what its texts stand for.
type question struct {
	cenoteauth.Question
	request  *http.Request // that the signature is on, without its body
	payload  [sha256.Size]byte
	service  *awsapi.Service
	sourceIP netip.Addr
	policy   *iampolicy.Policy // nil: the resource has none
}

const (
	defaultPresign = 15 * time.Minute
	longestPresign = 7 * 24 * time.Hour
)

func invalid(format string, args ...any) error { return awsapi.Validation.New(format, args...) }

// read decodes and checks a question of an account.
func read(body []byte, asker string) (*question, error) {
	q := &question{}
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&q.Question); err != nil {
		return nil, awsapi.Serialization.New("The question is no JSON of the documented form.").WithCause(err)
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, awsapi.Serialization.New("There is something behind the question.")
	}
	if err := q.readRequest(); err != nil {
		return nil, err
	}
	return q, q.readAccess(asker)
}

// readRequest makes an HTTP request of what the service says it received.
func (q *question) readRequest() error {
	s := &q.Request
	if !cenoteauth.ValidService(s.Service) {
		return invalid("request.service must be the asking service's own name, of lower-case letters, digits and hyphens")
	}
	presign := time.Duration(s.MaxPresign) * time.Second
	switch {
	case s.MaxPresign == 0:
		presign = defaultPresign
	case s.MaxPresign < 0 || s.MaxPresign > int(longestPresign/time.Second):
		return invalid("request.maxPresign must be between 1 and %d seconds", int(longestPresign/time.Second))
	}
	if s.Signing != "" && s.Signing != cenoteauth.SigningS3 {
		return invalid("request.signing must be absent or %q", cenoteauth.SigningS3)
	}
	q.service = &awsapi.Service{
		Name: s.Service, Protocol: awsapi.JSON, MaxSkew: clockSkew, MaxPresign: presign, S3Signing: s.Signing == cenoteauth.SigningS3,
	}
	hash, err := hex.DecodeString(s.PayloadHash)
	if err != nil || len(hash) != len(q.payload) || s.PayloadHash != strings.ToLower(s.PayloadHash) {
		return invalid("request.payloadHash must be the SHA-256 of the body in 64 lower-case hexadecimal digits")
	}
	copy(q.payload[:], hash)
	if s.SourceIP != "" {
		addr, err := netip.ParseAddr(s.SourceIP)
		if err != nil {
			return invalid("request.sourceIp must be an IP address")
		}
		q.sourceIP = addr.Unmap().WithZone("")
	}
	target, err := url.ParseRequestURI(s.Target)
	if err != nil {
		return invalid("request.target must be the target of a request line")
	}
	if s.Method == "" || s.Host == "" {
		return invalid("request.method and request.host are required")
	}
	if len(s.Headers) > cenoteauth.MaxHeaders {
		return invalid("request.headers has more than %d fields", cenoteauth.MaxHeaders)
	}
	q.request = &http.Request{Method: s.Method, URL: target, Host: s.Host, Header: http.Header{}, ContentLength: -1}
	for name, values := range s.Headers {
		name = http.CanonicalHeaderKey(name)
		if q.request.Header[name] != nil {
			return invalid("request.headers has a field twice")
		}
		q.request.Header[name] = values
	}
	return nil
}

// readAccess checks what the request wants to do.
func (q *question) readAccess(asker string) error {
	a := &q.Access
	if a.Action == "" {
		if a.Resource != "" || a.Context != nil || a.ResourcePolicy != "" {
			return invalid("a question without an action cannot have a resource, context or policy")
		}
		return nil
	}
	prefix, name, _ := strings.Cut(a.Action, ":")
	if len(a.Action) > cenoteauth.MaxAction || !isName(prefix, "-") || !isName(name, "-_./") {
		return invalid("action must be a service prefix and a name, such as notes:GetNote")
	}
	switch arn, ok := awsapi.ParseARN(a.Resource); {
	case a.Resource == "*":
	case !ok || len(a.Resource) > cenoteauth.MaxResource:
		return invalid("resource must be an ARN of at most %d bytes, or \"*\"", cenoteauth.MaxResource)
	case arn.Account != "" && arn.Account != asker:
		return invalid("resource must belong to the account of the service that asks, %s", asker)
	}
	if err := checkContext(a.Context, prefix); err != nil {
		return err
	}
	if a.ResourcePolicy == "" {
		return nil
	}
	if len(a.ResourcePolicy) > cenoteauth.MaxResourcePolicy {
		return invalid("resourcePolicy exceeds %d bytes", cenoteauth.MaxResourcePolicy)
	}
	policy, err := iampolicy.Load(a.ResourcePolicy)
	if err != nil {
		return invalid("resourcePolicy: %s", err)
	}
	q.policy = policy
	return nil
}

// isName reports whether s has letters, digits and those others only. A
// pattern is no action.
func isName(s, others string) bool {
	return s != "" && strings.IndexFunc(s, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune(others, r)
	}) < 0
}

// checkContext admits the condition keys that a service may know: its own, and
// the tags of the resource and of the request. Who the caller is and how the
// request came is not for it to say, not even where the caller has no such
// key: an MFA that was never used, a tag that a session lacks.
func checkContext(context map[string][]string, prefix string) error {
	if len(context) > cenoteauth.MaxContextKeys {
		return invalid("context has more than %d keys", cenoteauth.MaxContextKeys)
	}
	n := 0
	seen := map[string]bool{}
	for key, values := range context {
		lower := strings.ToLower(key)
		own := strings.HasPrefix(lower, strings.ToLower(prefix)+":") && len(key) > len(prefix)+1
		tag := strings.HasPrefix(lower, "aws:resourcetag/") || strings.HasPrefix(lower, "aws:requesttag/") || lower == "aws:tagkeys"
		switch {
		case len(key) > cenoteauth.MaxContextValue || !own && !tag || strings.EqualFold(prefix, "aws") && !tag:
			return invalid("context may have keys with the prefix %s:, aws:ResourceTag/…, aws:RequestTag/… and aws:TagKeys", prefix)
		case strings.EqualFold(prefix, "sts") || strings.EqualFold(prefix, "saml"):
			return invalid("the context keys of %s are not for a service to say", prefix)
		case seen[lower]:
			return invalid("context has a key twice")
		case slices.ContainsFunc(values, func(v string) bool { return len(v) > cenoteauth.MaxContextValue }):
			return invalid("context has a value of more than %d bytes", cenoteauth.MaxContextValue)
		}
		seen[lower] = true
		if n += len(values); n > cenoteauth.MaxContextValues {
			return invalid("context has more than %d values", cenoteauth.MaxContextValues)
		}
	}
	return nil
}

// decisions are outcomes in the words of the policy simulator.
var decisions = map[iampolicy.Outcome]cenoteauth.Decision{
	iampolicy.Allowed: cenoteauth.Allowed, iampolicy.ExplicitDeny: cenoteauth.ExplicitDeny, iampolicy.ImplicitDeny: cenoteauth.ImplicitDeny,
}
