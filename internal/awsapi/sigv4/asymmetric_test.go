package sigv4_test

import (
	"context"
	"encoding/hex"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/sigv4"
)

// The public key of AWS's SigV4A test suite (AKIDEXAMPLE), first four bytes of
// each coordinate.
func TestDerivedPublicKey(t *testing.T) {
	key, err := sigv4.DerivePublicKey(goodID, goodSecret)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := key.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	if x, y := hex.EncodeToString(raw[1:5]), hex.EncodeToString(raw[33:37]); x != "b6618f6a" || y != "865ed22a" {
		t.Errorf("X %s…, Y %s…", x, y)
	}
}

// caught keeps what a client would send, and sends nothing.
type caught struct {
	r    *http.Request
	body []byte
}

func (c *caught) Do(r *http.Request) (*http.Response, error) {
	c.r = r
	c.r.Host = r.URL.Host
	if r.Body != nil {
		c.body, _ = io.ReadAll(r.Body)
	}
	return &http.Response{StatusCode: 200, Body: io.NopCloser(strings.NewReader("<GetCallerIdentityResponse><GetCallerIdentityResult/></GetCallerIdentityResponse>"))}, nil
}

// asymmetricCall has the STS client sign with SigV4A and returns what the
// server would receive.
func asymmetricCall(t *testing.T, c aws.Credentials) *caught {
	t.Helper()
	sent := &caught{}
	client := sdk.New(sdk.Options{
		Region: "eu-west-1", BaseEndpoint: new("http://sts.example.test"), HTTPClient: sent,
		AuthSchemePreference: []string{"sigv4a"},
		Credentials:          aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return c, nil }),
	})
	if _, err := client.GetCallerIdentity(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(sent.r.Header.Get("Authorization"), "AWS4-ECDSA-P256-SHA256 ") {
		t.Fatalf("signed %q", sent.r.Header.Get("Authorization"))
	}
	return sent
}

func TestAsymmetricSignatures(t *testing.T) {
	v := newVerifier(func(c *sigv4.Config) { c.Now = time.Now })
	good := aws.Credentials{AccessKeyID: goodID, SecretAccessKey: goodSecret}
	for name, c := range map[string]aws.Credentials{
		"long-term key": good,
		"session":       {AccessKeyID: tempID, SecretAccessKey: goodSecret, SessionToken: tempToken},
	} {
		sent := asymmetricCall(t, c)
		for range 2 { // the second time with a cached key
			got, err := v.Verify(t.Context(), sent.r, sent.body, stsService, "")
			if err != nil || got.Region != "eu-west-1" || got.Caller.Name != "ann" {
				t.Errorf("%s: %+v, %v", name, got, err)
			}
		}
	}

	for name, tt := range map[string]struct {
		creds   aws.Credentials
		tamper  func(c *caught)
		service *awsapi.Service
		region  string // of the endpoint
		message string
	}{
		"wrong secret":        {creds: aws.Credentials{AccessKeyID: goodID, SecretAccessKey: "wrong"}, message: mismatch},
		"changed body":        {creds: good, tamper: func(c *caught) { c.body = append(c.body, '&') }, message: mismatch},
		"changed path":        {creds: good, tamper: func(c *caught) { c.r.URL.Path = "/x" }, message: mismatch},
		"changed region set":  {creds: good, tamper: func(c *caught) { c.r.Header.Set("X-Amz-Region-Set", "*") }, message: mismatch},
		"broken signature":    {creds: good, tamper: func(c *caught) { setSignature(c.r, "zz") }, message: mismatch},
		"empty sequence":      {creds: good, tamper: func(c *caught) { setSignature(c.r, "3000") }, message: mismatch},
		"zero signature":      {creds: good, tamper: func(c *caught) { setSignature(c.r, "3006020100020100") }, message: mismatch},
		"signature too long":  {creds: good, tamper: func(c *caught) { setSignature(c.r, strings.Repeat("30", 4000)) }, message: "Authorization header is too long."},
		"region set unsigned": {creds: good, tamper: func(c *caught) { replaceIn(c.r, ";x-amz-region-set", "") }, message: "'X-Amz-Region-Set' must be a 'SignedHeader' in the AWS Authorization."},
		"another region":      {creds: good, region: "us-west-2", message: "Credential should be scoped to a valid region, not 'eu-west-1'."},
		"five elements":       {creds: good, tamper: func(c *caught) { replaceIn(c.r, "/sts/", "/eu-west-1/sts/") }, message: "Credential must have exactly 4 slash-delimited elements, e.g. keyid/date/service/term, got '" + goodID + "/" + time.Now().UTC().Format("20060102") + "/eu-west-1/sts/aws4_request'"},
		"another service":     {creds: good, service: idpService, message: "Unsupported AWS 'algorithm': 'AWS4-ECDSA-P256-SHA256'."},
	} {
		sent := asymmetricCall(t, tt.creds)
		if tt.tamper != nil {
			tt.tamper(sent)
		}
		if tt.service == nil {
			tt.service = stsService
		}
		_, err := v.Verify(t.Context(), sent.r, sent.body, tt.service, tt.region)
		if e, ok := awsapi.AsError(err); !ok || e.Message != tt.message {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestRegionSets(t *testing.T) {
	for _, tt := range []struct {
		set, endpoint string
		want          bool
	}{
		{"eu-west-1", "eu-west-1", true},
		{"eu-west-1", "", true},
		{"eu-west-1", "us-west-2", false},
		{"*", "us-west-2", true},
		{"*", "", true},
		{"us-west-*", "us-west-2", true},
		{"us-west-*", "us-east-1", false},
		{"us-east-1,us-west-2", "us-west-2", true},
		{"us-east-1, us-west-2", "us-west-2", true},
		{"us-east-1", "us-west-2", false},
		{"*-*", "us-west-2", false},
		{"us-west-2us-west-2*us-west-2", "us-west-2", false},
		{",", "", false},
		{"US-WEST-2", "", false},
	} {
		r, err := http.NewRequest("POST", "http://h/", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header = http.Header{
			"X-Amz-Date": {now.Format("20060102T150405Z")}, "X-Amz-Region-Set": {tt.set},
			"Authorization": {"AWS4-ECDSA-P256-SHA256 Credential=" + goodID + "/20150830/sts/aws4_request, SignedHeaders=host;x-amz-region-set, Signature=00"},
		}
		_, err = newVerifier().Verify(t.Context(), r, nil, stsService, tt.endpoint)
		e, ok := awsapi.AsError(err)
		if !ok || (e.Message == mismatch) != tt.want {
			t.Errorf("set %q at endpoint %q: %v", tt.set, tt.endpoint, err)
		}
	}
}

func setSignature(r *http.Request, signature string) {
	before, _, _ := strings.Cut(r.Header.Get("Authorization"), "Signature=")
	r.Header.Set("Authorization", before+"Signature="+signature)
}

func replaceIn(r *http.Request, old, with string) {
	r.Header.Set("Authorization", strings.Replace(r.Header.Get("Authorization"), old, with, 1))
}
