package main

import (
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"
)

// accessKey signs requests; the session token is empty for long-lived keys.
type accessKey struct{ id, secret, token string }

// call is an API call before it is a request.
type call struct {
	service string // signing name
	target  string // X-Amz-Target of AWS JSON; empty for AWS Query
	body    string
	path    string // empty: "/"
}

// site is where a server answers, and in which region.
type site struct{ address, region string }

func userPools(operation, body string) call {
	return call{service: "cognito-idp", target: "AWSCognitoIdentityProviderService." + operation, body: body}
}

func identityPools(operation, body string) call {
	return call{service: "cognito-identity", target: "AWSCognitoIdentityService." + operation, body: body}
}

func (c call) contentType() string {
	if c.target == "" {
		return "application/x-www-form-urlencoded; charset=utf-8"
	}
	return "application/x-amz-json-1.1"
}

// unsigned writes the request of a call that needs no signature.
func (s site) unsigned(c call) request { return s.write(c) }

// header is one line of a request's head beside those that all have.
type header struct{ name, value string }

func (s site) write(c call, more ...header) request {
	var b strings.Builder
	fmt.Fprintf(&b, "POST %s HTTP/1.1\r\nHost: %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n", cmp.Or(c.path, "/"), s.address, c.contentType(), len(c.body))
	if c.target != "" {
		fmt.Fprintf(&b, "X-Amz-Target: %s\r\n", c.target)
	}
	for _, h := range more {
		fmt.Fprintf(&b, "%s: %s\r\n", h.name, h.value)
	}
	b.WriteString("\r\n")
	b.WriteString(c.body)
	return request(b.String())
}

const algorithm = "AWS4-HMAC-SHA256"

// signed writes the request of a call, signed for now with Signature Version 4
// (AWS General Reference, "Create a signed AWS API request").
func (s site) signed(c call, k accessKey, now time.Time) request {
	stamp := now.UTC().Format("20060102T150405Z")
	day, region := stamp[:8], s.region
	if c.service == "iam" {
		region = "us-east-1" // where IAM, which has no regions, is signed for
	}
	scope := day + "/" + region + "/" + c.service + "/aws4_request"

	signed := []header{{"content-type", c.contentType()}, {"host", s.address}, {"x-amz-date", stamp}}
	more := []header{{"X-Amz-Date", stamp}}
	if k.token != "" {
		signed = append(signed, header{"x-amz-security-token", k.token})
		more = append(more, header{"X-Amz-Security-Token", k.token})
	}
	if c.target != "" {
		signed = append(signed, header{"x-amz-target", c.target})
	}
	names := make([]string, len(signed))
	canonical := "POST\n" + cmp.Or(c.path, "/") + "\n\n"
	for i, h := range signed {
		names[i] = h.name
		canonical += h.name + ":" + h.value + "\n"
	}
	list := strings.Join(names, ";")
	canonical += "\n" + list + "\n" + hexSum(c.body)

	key := []byte("AWS4" + k.secret)
	for _, part := range []string{day, region, c.service, "aws4_request"} {
		key = mac(key, part)
	}
	signature := hex.EncodeToString(mac(key, algorithm+"\n"+stamp+"\n"+scope+"\n"+hexSum(canonical)))
	more = append(more, header{"Authorization", fmt.Sprintf("%s Credential=%s/%s, SignedHeaders=%s, Signature=%s", algorithm, k.id, scope, list, signature)})
	return s.write(c, more...)
}

func hexSum(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

func mac(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	return h.Sum(nil)
}
