package sigv4

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/cenote-id/cenote/internal/awsapi"
)

// Credentials sign requests to services of AWS, or to what speaks their APIs.
type Credentials struct {
	AccessKeyID  string
	Secret       string
	SessionToken string // empty for long-term keys
}

// Sign adds a signature in header form to a request that this deployment
// makes itself. body is the whole body. All headers that the request has by
// now are signed, so it must be called last.
func Sign(r *http.Request, body []byte, c Credentials, region, service string, at time.Time) {
	at = at.UTC()
	r.Header.Set("X-Amz-Date", at.Format(basicFormat))
	if c.SessionToken != "" {
		r.Header.Set("X-Amz-Security-Token", c.SessionToken)
	}
	if r.Host == "" {
		r.Host = r.URL.Host
	}
	names := []string{"host"}
	for name := range r.Header {
		names = append(names, strings.ToLower(name))
	}
	slices.Sort(names)
	scope := keyScope{accessKeyID: c.AccessKeyID, date: at.Format("20060102"), region: region, service: service}
	s := &signed{
		algorithm: symmetric, scope: scope, date: at.Format(basicFormat), signedHeaders: strings.Join(names, ";"),
		credential: strings.Join([]string{scope.accessKeyID, scope.date, scope.region, scope.service, terminator}, "/"),
	}
	payload := sha256.Sum256(body)
	s.query, _ = parseQuery(r.URL.RawQuery)                                                                // of our own making
	canonical, _ := s.appendCanonicalRequest(nil, r, hex.AppendEncode(nil, payload[:]), &awsapi.Service{}) // all its headers are there
	key := deriveKey(c.Secret, scope)
	mac := hmac.New(sha256.New, key[:])
	mac.Write(s.appendStringToSign(nil, sha256.Sum256(canonical)))
	r.Header.Set("Authorization", symmetric+" Credential="+s.credential+", SignedHeaders="+s.signedHeaders+
		", Signature="+hex.EncodeToString(mac.Sum(nil)))
}
