package sigv4_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/sigv4"
)

const (
	scope    = "20150830/us-east-1/sts/aws4_request"
	idpScope = "20150830/us-east-1/cognito-idp/aws4_request"
	anySig   = "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"
	mismatch = "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details."
)

func header(credential, signedHeaders, signature string) string {
	return "AWS4-HMAC-SHA256 Credential=" + credential + ", SignedHeaders=" + signedHeaders + ", Signature=" + signature
}

// handSigned signs without normalising anything, written from the public
// description of Signature Version 4 and independent of the code under test.
func handSigned(r *http.Request, signedHeaders string, body []byte) string {
	var canonical strings.Builder
	canonical.WriteString(r.Method + "\n" + r.URL.Path + "\n" + r.URL.RawQuery + "\n")
	for name := range strings.SplitSeq(signedHeaders, ";") {
		value := r.Header.Get(name)
		if name == "host" {
			value = r.Host
		}
		canonical.WriteString(name + ":" + value + "\n")
	}
	sum := sha256.Sum256(body)
	canonical.WriteString("\n" + signedHeaders + "\n" + hex.EncodeToString(sum[:]))
	sum = sha256.Sum256([]byte(canonical.String()))
	toSign := "AWS4-HMAC-SHA256\n20150830T123600Z\n" + scope + "\n" + hex.EncodeToString(sum[:])
	key := []byte("AWS4" + goodSecret)
	for step := range strings.SplitSeq(scope+"|", "/") {
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(strings.TrimSuffix(step, "|")))
		key = mac.Sum(nil)
	}
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(toSign))
	return header(goodID+"/"+scope, signedHeaders, hex.EncodeToString(mac.Sum(nil)))
}

// TestErrorRows goes through every row of the order of checks, in that order:
// each request also has a fault of a later row, so the order is proved too.
func TestErrorRows(t *testing.T) {
	const date = "20150830T123600Z"
	good := header(goodID+"/"+scope, "host;x-amz-date", anySig)
	withDate := func(auth, date string) http.Header {
		return http.Header{"Authorization": {auth}, "X-Amz-Date": {date}}
	}
	presigned := func(change map[string]string) string {
		q := url.Values{
			"X-Amz-Algorithm": {"AWS4-HMAC-SHA256"}, "X-Amz-Credential": {goodID + "/" + scope},
			"X-Amz-Date": {date}, "X-Amz-SignedHeaders": {"host"}, "X-Amz-Signature": {anySig},
		}
		for k, v := range change {
			if q.Set(k, v); v == "" {
				q.Del(k)
			}
		}
		return "/?" + q.Encode()
	}
	for _, tt := range []struct {
		name    string
		target  string
		header  http.Header
		service *awsapi.Service
		shape   *awsapi.ErrorShape
		message string
	}{
		{name: "path leaves the root", target: "/a/../../b", shape: &awsapi.ErrorShape{Name: "InvalidURIException", Code: "InvalidURI", Status: 400, Front: true}, message: "Couldn't parse the specified URI."},
		{name: "query ends in an escape", target: "/?a=%2", shape: awsapi.MalformedQuery, message: "Incomplete trailing escape % sequence"},
		{name: "query escape is not hex", target: "/?a=%2g", shape: awsapi.MalformedQuery, message: "Illegal hex character in escape % pattern: %2g"},
		{name: "too many parameters", target: "/?" + strings.Repeat("a&", 256), shape: awsapi.MalformedQuery, message: "Too many query parameters"},
		{name: "no signature", shape: awsapi.MissingToken, message: "Request is missing Authentication Token"},
		{name: "no signature, json", service: idpService, shape: awsapi.MissingToken, message: "Missing Authentication Token"},
		{name: "both forms", target: presigned(nil), header: withDate("nonsense", date), shape: awsapi.InvalidSignature},
		{name: "two headers", header: http.Header{"Authorization": {good, good}}, shape: awsapi.InvalidSignature},
		{name: "algorithm", header: withDate("AWS4-HMAC-SHA1 nonsense", date), shape: awsapi.IncompleteSignature, message: "Unsupported AWS 'algorithm': 'AWS4-HMAC-SHA1'."},
		{name: "bearer token", header: withDate("Bearer abc", date), shape: awsapi.IncompleteSignature, message: "Unsupported AWS 'algorithm': 'Bearer'."},
		{name: "grammar", header: withDate("AWS4-HMAC-SHA256 Credential=x, nonsense", ""), shape: awsapi.IncompleteSignature, message: "Invalid key=value pair (missing equal-sign) in Authorization header (hashed with SHA-256 and encoded with Base64): 'JCDRbZGiR3nAvowk/XihKfE2qhWB9eylGcrJ2TSQzzM='."},
		{name: "header too long", header: withDate("AWS4-HMAC-SHA256 "+strings.Repeat("a=b,", 3000), date), shape: awsapi.IncompleteSignature, message: "Authorization header is too long."},
		{name: "everything missing", header: withDate("AWS4-HMAC-SHA256", ""), shape: awsapi.IncompleteSignature, message: "Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' parameter. Authorization header requires 'SignedHeaders' parameter. Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. (Hashed with SHA-256 and encoded with Base64) Authorization=YI2YWea8FSxnksZL2ETHbs5elHm9HQufxTLK0W0ffV0="},
		{name: "query algorithm", target: presigned(map[string]string{"X-Amz-Algorithm": "AWS4-HMAC-SHA1"}), shape: awsapi.MissingToken, message: "Request is missing Authentication Token"},
		{name: "query without parts", target: "/?X-Amz-Algorithm=AWS4-HMAC-SHA256", shape: awsapi.IncompleteSignature, message: "AWS query-string parameters must include 'X-Amz-Credential'. AWS query-string parameters must include 'X-Amz-Signature'. AWS query-string parameters must include 'X-Amz-SignedHeaders'. AWS query-string parameters must include 'X-Amz-Date'. Re-examine the query-string parameters."},
		{name: "host not signed", header: withDate(header(goodID+"/"+scope, "x-amz-date", anySig), "nonsense"), shape: awsapi.InvalidSignature, message: "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization."},
		{name: "target not signed", header: http.Header{"Authorization": {good}, "X-Amz-Date": {"nonsense"}, "X-Amz-Target": {"A.B"}}, service: idpService, shape: awsapi.InvalidSignature, message: "'X-Amz-Target' must be a 'SignedHeader' in the AWS Authorization."},
		{name: "too many signed headers", header: withDate(header(goodID+"/"+scope, "host"+strings.Repeat(";a", 100), anySig), date), shape: awsapi.IncompleteSignature, message: "Too many 'SignedHeaders'."},
		{name: "date", header: withDate(header("bad", "host", anySig), "2015-08-30"), shape: awsapi.IncompleteSignature, message: "Date must be in ISO-8601 'basic format'. Got '2015-08-30'. See http://en.wikipedia.org/wiki/ISO_8601"},
		{name: "date with a fraction", header: withDate(good, "20150830T123600.5Z"), shape: awsapi.IncompleteSignature, message: "Date must be in ISO-8601 'basic format'. Got '20150830T123600.5Z'. See http://en.wikipedia.org/wiki/ISO_8601"},
		{name: "expires is no number", target: presigned(map[string]string{"X-Amz-Expires": "soon"}), shape: awsapi.IncompleteSignature, message: "X-Amz-Expires should be a number"},
		{name: "expires negative", target: presigned(map[string]string{"X-Amz-Expires": "-1"}), shape: awsapi.IncompleteSignature, message: "X-Amz-Expires must be non-negative"},
		{name: "expires too long", target: presigned(map[string]string{"X-Amz-Expires": "604801"}), shape: awsapi.IncompleteSignature, message: "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than 604800 seconds"},
		{name: "old", header: withDate(header("bad", "host", anySig), "20150830T122059Z"), shape: awsapi.InvalidSignature, message: "Signature expired: 20150830T122059Z is now earlier than 20150830T122100Z (20150830T123600Z - 15 min.)"},
		{name: "old, json", header: withDate(header("bad", "host", anySig), "20150830T123059Z"), service: idpService, shape: awsapi.InvalidSignature, message: "Signature expired: 20150830T123059Z is now earlier than 20150830T123100Z (20150830T123600Z - 5 min.)"},
		{name: "new", header: withDate(header("bad", "host", anySig), "20150830T125101Z"), shape: awsapi.InvalidSignature, message: "Signature not yet current: 20150830T125101Z is still later than 20150830T125100Z (20150830T123600Z + 15 min.)"},
		{name: "presigned, term over", target: presigned(map[string]string{"X-Amz-Date": "20150830T123459Z", "X-Amz-Expires": "60"}), shape: awsapi.InvalidSignature, message: "Signature expired: 20150830T123459Z is now earlier than 20150830T123500Z (20150830T123600Z - 1 min.)"},
		{name: "presigned, odd term over", target: presigned(map[string]string{"X-Amz-Date": "20150830T123429Z", "X-Amz-Expires": "90"}), shape: awsapi.InvalidSignature, message: "Signature expired: 20150830T123429Z is now earlier than 20150830T123430Z (20150830T123600Z - 90 sec.)"},
		{name: "presigned, longest term", target: presigned(map[string]string{"X-Amz-Date": "20150830T122059Z", "X-Amz-Expires": "604800"}), shape: awsapi.InvalidSignature, message: "Signature expired: 20150830T122059Z is now earlier than 20150830T122100Z (20150830T123600Z - 15 min.)"},
		{name: "presigned, ahead", target: presigned(map[string]string{"X-Amz-Date": "20150830T125101Z"}), shape: awsapi.InvalidSignature, message: "Signature not yet current: 20150830T125101Z is still later than 20150830T125100Z (20150830T123600Z + 15 min.)"},
		{name: "four parts", header: withDate(header("AKIDUNKNOWN/20150830/us-east-1/sts", "host", anySig), date), shape: awsapi.IncompleteSignature, message: "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got 'AKIDUNKNOWN/20150830/us-east-1/sts'"},
		{name: "six parts", header: withDate(header("AKIDUNKNOWN/"+scope+"/x", "host", anySig), date), shape: awsapi.IncompleteSignature, message: "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got 'AKIDUNKNOWN/20150830/us-east-1/sts/aws4_request/x'"},
		{name: "whole scope wrong", header: withDate(header("AKIDUNKNOWN/20150829/-X-/s3/aws4", "host", anySig), date), shape: awsapi.InvalidSignature, message: "Credential should be scoped to a valid region, not '-X-'. Credential should be scoped to correct service: 'sts'. Credential should be scoped with a valid terminator: 'aws4_request', not 'aws4'. Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '20150829' != '20150830', from '20150830T123600Z'."},
		{name: "unknown key", header: withDate(header("AKIDUNKNOWN/"+scope, "host", anySig), date), shape: awsapi.UnrecognizedClient, message: "The security token included in the request is invalid."},
		{name: "inactive key", header: withDate(header("AKIDINACTIVE/"+scope, "host", anySig), date), shape: awsapi.UnrecognizedClient, message: "The AWS access key provided does not exist in our records."},
		{name: "inactive key, json", header: withDate(header("AKIDINACTIVE/"+idpScope, "host", anySig), date), service: idpService, shape: awsapi.UnrecognizedClient, message: "The security token included in the request is invalid."},
		{name: "long-term key with a token", header: http.Header{"Authorization": {good}, "X-Amz-Date": {date}, "X-Amz-Security-Token": {"x"}}, shape: awsapi.UnrecognizedClient, message: "The security token included in the request is invalid."},
		{name: "temporary key without a token", header: withDate(header(tempID+"/"+scope, "host", anySig), date), shape: awsapi.UnrecognizedClient, message: "The security token included in the request is invalid."},
		{name: "damaged token", header: http.Header{"Authorization": {header(tempID+"/"+scope, "host", anySig)}, "X-Amz-Date": {date}, "X-Amz-Security-Token": {"x"}}, shape: awsapi.UnrecognizedClient, message: "The security token included in the request is invalid"},
		{name: "expired token", header: http.Header{"Authorization": {header(tempID+"/"+scope, "host", anySig)}, "X-Amz-Date": {date}, "X-Amz-Security-Token": {"expired"}}, shape: awsapi.ExpiredToken, message: "The security token included in the request is expired"},
		{name: "signature", header: withDate(good, date), shape: awsapi.InvalidSignature, message: mismatch},
		{name: "signed header absent", header: withDate(header(goodID+"/"+scope, "host;x-amz-meta", anySig), date), shape: awsapi.InvalidSignature, message: mismatch},
		{name: "presigned signature", target: presigned(nil), shape: awsapi.InvalidSignature, message: mismatch},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if tt.target == "" {
				tt.target = "/"
			}
			if tt.service == nil {
				tt.service = stsService
			}
			r := httptest.NewRequest("POST", "/", nil)
			var err error
			if r.URL, err = url.ParseRequestURI(tt.target); err != nil {
				t.Fatal(err)
			}
			if r.Header = tt.header; r.Header == nil {
				r.Header = http.Header{}
			}
			_, err = newVerifier().Verify(t.Context(), r, nil, tt.service, "")
			got, ok := awsapi.AsError(err)
			if !ok {
				t.Fatalf("answered %v", err)
			}
			if *got.Shape != *tt.shape || got.Message != tt.message {
				t.Errorf("got  %s %q\nwant %s %q", got.Shape.Name, got.Message, tt.shape.Name, tt.message)
			}
		})
	}
}

// A failing key store is our fault, not the caller's.
func TestKeySourceFailureIsInternal(t *testing.T) {
	c := call{id: "AKIDBROKEN"}
	_, err := verify(t, newVerifier(), c, c.sign(t))
	if _, ok := awsapi.AsError(err); ok || err == nil {
		t.Errorf("answered %v", err)
	}
}

func TestTamperedRequests(t *testing.T) {
	const body = "Action=GetCallerIdentity&Version=2011-06-15"
	for name, tamper := range map[string]func(r *http.Request, body *string){
		"body replaced":             func(_ *http.Request, body *string) { *body = "Action=AssumeRole" },
		"body emptied":              func(_ *http.Request, body *string) { *body = "" },
		"method":                    func(r *http.Request, _ *string) { r.Method = "PUT" },
		"host":                      func(r *http.Request, _ *string) { r.Host = "evil.example" },
		"parameter added":           func(r *http.Request, _ *string) { r.URL.RawQuery = "Action=X" },
		"signed header changed":     func(r *http.Request, _ *string) { r.Header.Set("Content-Type", "text/plain") },
		"signed header repeated":    func(r *http.Request, _ *string) { r.Header.Add("Content-Type", "text/plain") },
		"signed header removed":     func(r *http.Request, _ *string) { r.Header.Del("Content-Type") },
		"date moved":                func(r *http.Request, _ *string) { r.Header.Set("X-Amz-Date", "20150830T123601Z") },
		"payload hash of another":   func(r *http.Request, _ *string) { r.Header.Set("X-Amz-Content-Sha256", strings.Repeat("0", 64)) },
		"payload declared unsigned": func(r *http.Request, _ *string) { r.Header.Set("X-Amz-Content-Sha256", "UNSIGNED-PAYLOAD") },
		"signature in upper case": func(r *http.Request, _ *string) {
			a, sig, _ := strings.Cut(r.Header.Get("Authorization"), "Signature=")
			r.Header.Set("Authorization", a+"Signature="+strings.ToUpper(sig))
		},
		"signed headers in capitals": func(r *http.Request, _ *string) {
			r.Header.Set("Authorization", strings.Replace(r.Header.Get("Authorization"), "content-type", "Content-Type", 1))
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := call{body: body, header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}}
			r := c.sign(t)
			if _, err := verify(t, newVerifier(), c, r); err != nil {
				t.Fatalf("before tampering: %v", err)
			}
			tamper(r, &c.body)
			_, err := verify(t, newVerifier(), c, r)
			if got, ok := awsapi.AsError(err); !ok || got.Message != mismatch {
				t.Errorf("answered %v", err)
			}
		})
	}
}

// A payload that the client itself signed as UNSIGNED-PAYLOAD is refused too.
func TestUnsignedPayloadIsRefused(t *testing.T) {
	for _, marker := range []string{"UNSIGNED-PAYLOAD", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"} {
		c := call{header: http.Header{"X-Amz-Content-Sha256": {marker}}, body: "Action=GetCallerIdentity"}
		if _, err := verify(t, newVerifier(), c, c.sign(t)); err == nil {
			t.Errorf("%s accepted", marker)
		}
		c.presign = true
		if _, err := verify(t, newVerifier(), c, c.sign(t)); err == nil {
			t.Errorf("presigned %s accepted", marker)
		}
	}
}

func TestPresignedTerm(t *testing.T) {
	for _, tt := range []struct {
		expires string
		after   time.Duration
		want    bool
	}{
		{"60", time.Minute, true},
		{"60", 2 * time.Minute, false},
		{"", 15 * time.Minute, true},
		{"", 15*time.Minute + time.Second, false},
		{"604800", 30 * time.Minute, false},
	} {
		c := call{method: "GET", url: "http://h/?Action=GetCallerIdentity&X-Amz-Expires=" + tt.expires, presign: true}
		if tt.expires == "" {
			c.url = "http://h/?Action=GetCallerIdentity"
		}
		v := newVerifier(func(c *sigv4.Config) { c.Now = func() time.Time { return now.Add(tt.after) } })
		if _, err := verify(t, v, c, c.sign(t)); (err == nil) != tt.want {
			t.Errorf("X-Amz-Expires=%s after %v: %v", tt.expires, tt.after, err)
		}
	}
}
