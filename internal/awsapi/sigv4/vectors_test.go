package sigv4_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/cenote-id/cenote/internal/awsapi"
)

// TestPublishedVectors checks signatures of AWS's public Signature Version 4
// test suite: key AKIDEXAMPLE, 2015-08-30T12:36:00Z, us-east-1, service
// "service", host example.amazonaws.com.
func TestPublishedVectors(t *testing.T) {
	svc := &awsapi.Service{Name: "service", Protocol: awsapi.Query, MaxSkew: stsService.MaxSkew}
	form := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
	for _, tt := range []struct {
		name, method, target, body string
		header                     http.Header
		signed, signature          string
	}{
		{
			name: "get-vanilla", method: "GET", target: "/", signed: "host;x-amz-date",
			signature: "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
		},
		{
			name: "post-vanilla", method: "POST", target: "/", signed: "host;x-amz-date",
			signature: "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b",
		},
		{
			name: "get-vanilla-query-order-key-case", method: "GET", target: "/?Param2=value2&Param1=value1", signed: "host;x-amz-date",
			signature: "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
		},
		{
			name: "get-unreserved", method: "GET", target: "/-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", signed: "host;x-amz-date",
			signature: "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f",
		},
		{
			name: "post-x-www-form-urlencoded", method: "POST", target: "/", body: "Param1=value1", header: form, signed: "content-type;host;x-amz-date",
			signature: "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a",
		},
		{
			name: "get-header-value-trim", method: "GET", target: "/", header: http.Header{"My-Header1": {" value1"}, "My-Header2": {` "a   b   c"`}}, signed: "host;my-header1;my-header2;x-amz-date",
			signature: "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := httptest.NewRequest(tt.method, tt.target, nil)
			r.Host = "example.amazonaws.com"
			r.Header = http.Header{
				"X-Amz-Date":    {"20150830T123600Z"},
				"Authorization": {header(goodID+"/20150830/us-east-1/service/aws4_request", tt.signed, tt.signature)},
			}
			for k, v := range tt.header {
				r.Header[k] = v
			}
			if _, err := newVerifier().Verify(t.Context(), r, []byte(tt.body), svc, ""); err != nil {
				t.Error(err)
			}
		})
	}
}
