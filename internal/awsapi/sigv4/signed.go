package sigv4

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/cenote-id/cenote/internal/awsapi"
)

// Bounds on what a request may carry. Honest ones stay far below.
const (
	maxAuthorization = 8 << 10 // bytes of the Authorization header
	maxSignedHeaders = 100
	maxQueryParams   = 256
	maxCredential    = 256 // bytes
	maxRegion        = 32  // bytes
)

const (
	symmetric   = "AWS4-HMAC-SHA256"
	asymmetric  = "AWS4-ECDSA-P256-SHA256" // SigV4A
	terminator  = "aws4_request"
	basicFormat = "20060102T150405Z"

	// maxPresign is the largest X-Amz-Expires, in seconds.
	maxPresign = 7 * 24 * 60 * 60

	// presignCap bounds how long a presigned request is honoured, whatever
	// X-Amz-Expires asks for. AWS STS behaves so according to the Kubernetes
	// authenticator's documentation (UNCONFIRMED for other services).
	presignCap = 15 * time.Minute
)

// signed is the signature that a request carries, cut into its parts. Nothing
// in it has been verified.
type signed struct {
	presigned     bool
	algorithm     string // symmetric or asymmetric
	credential    string // as sent: keyid/date/region/service/terminator, without region if asymmetric
	scope         keyScope
	regionSet     string // X-Amz-Region-Set, asymmetric signatures only
	token         string // session token; empty when there is none
	signedHeaders string // as sent: names joined with semicolons
	signature     string
	time          time.Time
	date          string // time in ISO 8601 basic format
	payloadHash   string // X-Amz-Content-SHA256 among the query parameters
	expires       string // X-Amz-Expires
	validFor      time.Duration
	query         []param
}

// parse finds the signature of r and checks everything that needs neither a
// clock nor a key.
func parse(r *http.Request, svc *awsapi.Service) (*signed, error) {
	if !validPath(r.URL.EscapedPath()) {
		return nil, invalidURI.New("%s", msgInvalidURI)
	}
	query, err := parseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, err
	}

	s := &signed{query: query}
	authorization := r.Header["Authorization"]
	queryAlgorithm, presigned := first(query, "X-Amz-Algorithm")
	switch {
	case len(authorization) == 0 && !presigned:
		return nil, awsapi.MissingToken.New("%s", textsOf(svc.Protocol).missing)
	case len(authorization) > 1 || len(authorization) == 1 && presigned:
		return nil, awsapi.InvalidSignature.New("")
	case presigned:
		s.algorithm = queryAlgorithm
		err = s.readQuery(svc)
	default:
		err = s.readHeader(authorization[0], r.Header, svc)
	}
	if err != nil {
		return nil, err
	}

	if !s.signs("host") && !s.signs(":authority") {
		return nil, awsapi.InvalidSignature.New("%s", msgHostUnsigned)
	}
	if len(r.Header["X-Amz-Target"]) > 0 && !s.signs("x-amz-target") {
		return nil, awsapi.InvalidSignature.New("%s", msgTargetUnsigned)
	}
	if s.algorithm == asymmetric && !presigned && !s.signs("x-amz-region-set") {
		return nil, awsapi.InvalidSignature.New("%s", msgRegionsUnsigned)
	}
	if strings.Count(s.signedHeaders, ";") >= maxSignedHeaders {
		return nil, awsapi.IncompleteSignature.New("%s", msgTooManyHeaders)
	}
	if err := s.readDate(); err != nil {
		return nil, err
	}
	return s, s.readExpires(svc)
}

// signs reports whether the signature covers a header.
func (s *signed) signs(name string) bool {
	for rest, more := s.signedHeaders, true; more; {
		var n string
		if n, rest, more = strings.Cut(rest, ";"); n == name {
			return true
		}
	}
	return false
}

// readQuery fills s from the parameters of a presigned request.
func (s *signed) readQuery(svc *awsapi.Service) error {
	if !accepts(svc, s.algorithm) {
		return awsapi.MissingToken.New("%s", textsOf(svc.Protocol).missing)
	}
	s.presigned = true
	var missing []string
	take := func(name string) string {
		value, ok := first(s.query, name)
		if !ok || value == "" {
			missing = append(missing, "AWS query-string parameters must include '"+name+"'.")
		}
		return unescape(value)
	}
	s.credential = take("X-Amz-Credential")
	s.signature = take("X-Amz-Signature")
	s.signedHeaders = take("X-Amz-SignedHeaders")
	s.date = take("X-Amz-Date")
	if s.algorithm == asymmetric {
		s.regionSet = take("X-Amz-Region-Set")
	}
	if missing != nil {
		return awsapi.IncompleteSignature.New("%s Re-examine the query-string parameters.", strings.Join(missing, " "))
	}
	optional := func(name string) string {
		value, _ := first(s.query, name)
		return unescape(value)
	}
	s.token = optional("X-Amz-Security-Token")
	s.payloadHash = optional("X-Amz-Content-Sha256")
	s.expires = optional("X-Amz-Expires")
	return nil
}

// readHeader fills s from an Authorization header and its companions.
func (s *signed) readHeader(authorization string, h http.Header, svc *awsapi.Service) error {
	a, err := parseAuthorization(authorization, svc)
	if err != nil {
		return err
	}
	s.date = h.Get("X-Amz-Date")
	if s.date == "" {
		s.date = h.Get("Date")
		if t, err := http.ParseTime(s.date); err == nil {
			s.date = t.UTC().Format(basicFormat)
		}
	}
	var missing []string
	need := func(value, name string) {
		if value == "" {
			missing = append(missing, "Authorization header requires '"+name+"' parameter.")
		}
	}
	need(a.credential, "Credential")
	need(a.signature, "Signature")
	need(a.signedHeaders, "SignedHeaders")
	if s.date == "" {
		missing = append(missing, "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.")
	}
	if s.regionSet = h.Get("X-Amz-Region-Set"); a.algorithm == asymmetric && s.regionSet == "" {
		missing = append(missing, "Authorization header requires existence of a 'X-Amz-Region-Set' header.") // UNCONFIRMED
	}
	if missing != nil {
		return awsapi.IncompleteSignature.New("%s (Hashed with SHA-256 and encoded with Base64) Authorization=%s",
			strings.Join(missing, " "), fingerprint(authorization))
	}
	s.algorithm, s.credential, s.signature, s.signedHeaders = a.algorithm, a.credential, a.signature, a.signedHeaders
	s.token = h.Get("X-Amz-Security-Token")
	return nil
}

// readDate parses the signing time. The comparison with its own printing
// turns away the fractions that time.Parse lets pass.
func (s *signed) readDate() error {
	t, err := time.Parse(basicFormat, s.date)
	if err == nil && t.Format(basicFormat) == s.date {
		s.time = t
		return nil
	}
	return awsapi.IncompleteSignature.New(
		"Date must be in ISO-8601 'basic format'. Got '%s'. See http://en.wikipedia.org/wiki/ISO_8601", clip(s.date))
}

// readExpires bounds the life that a presigned request asks for. Authenticators
// of Kubernetes ask STS for a minute, and use what they got for a quarter of an
// hour: they found that it does not look at what they ask.
func (s *signed) readExpires(svc *awsapi.Service) error {
	if !s.presigned {
		return nil
	}
	most := svc.MaxPresign
	if most == 0 {
		most = presignCap
	}
	s.validFor = most
	if s.expires == "" {
		return nil
	}
	n, err := strconv.ParseInt(s.expires, 10, 64)
	switch {
	case err != nil:
		return awsapi.IncompleteSignature.New("X-Amz-Expires should be a number")
	case n < 0:
		return awsapi.IncompleteSignature.New("X-Amz-Expires must be non-negative")
	case n > maxPresign:
		return awsapi.IncompleteSignature.New(
			"X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than %d seconds", maxPresign)
	}
	if !svc.FixedPresign {
		s.validFor = min(time.Duration(n)*time.Second, most)
	}
	return nil
}
