package main

import (
	"encoding/xml"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/cenote-id/cenote/cenoteauth"
)

// permitted are IAM users who may do one thing, by the number of statements
// that are looked at before it turns out that they may.
type permitted struct {
	mu   sync.Mutex // guards keys
	keys map[int]accessKey
}

// statementsAtOnce is how many statements a managed policy holds, which may
// have 6,144 characters.
const statementsAtOnce = 40

// key returns an access key of a user with that many statements, whom it makes
// when first asked.
func (p *permitted) key(w *world, statements int) (k accessKey, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if k, ok := p.keys[statements]; ok {
		return k, nil
	}
	err = w.dialOnce(func(c *conn) error {
		k, err = w.permit(c, fmt.Sprintf("bench-%s-%d", w.nonce, statements), policiesOf(statements))
		return err
	})
	if p.keys == nil {
		p.keys = map[int]accessKey{}
	}
	p.keys[statements] = k
	return k, err
}

// policiesOf writes documents with so many statements together, of which the
// last allows what is measured. Attached in the order of their names, the last
// document is looked at last.
func policiesOf(statements int) []string {
	var documents []string
	for from := 0; from < statements; from += statementsAtOnce {
		var parts []string
		for i := from; i < min(from+statementsAtOnce, statements); i++ {
			part := fmt.Sprintf(`{"Effect":"Allow","Action":["svc%d:Get*","svc%[1]d:List*"],"Resource":"arn:aws:svc%[1]d:*:*:thing/${aws:username}/*"}`, i)
			if i == statements-1 {
				part = `{"Effect":"Allow","Action":["cognito-identity:DescribeIdentityPool","cenote:Authorize","notes:Get*"],"Resource":"*"}`
			}
			parts = append(parts, part)
		}
		documents = append(documents, `{"Version":"2012-10-17","Statement":[`+strings.Join(parts, ",")+`]}`)
	}
	return documents
}

// permit makes a user with policies and an access key.
func (w *world) permit(c *conn, name string, documents []string) (k accessKey, err error) {
	var reply struct {
		Policy string `xml:"CreatePolicyResult>Policy>Arn"`
		ID     string `xml:"CreateAccessKeyResult>AccessKey>AccessKeyId"`
		Secret string `xml:"CreateAccessKeyResult>AccessKey>SecretAccessKey"`
	}
	call := func(action string, more ...string) {
		if err != nil {
			return
		}
		form := url.Values{"Action": {action}, "Version": {"2010-05-08"}}
		for i := 0; i < len(more); i += 2 {
			form.Set(more[i], more[i+1])
		}
		var body []byte
		if body, err = c.expect(w.signed(call{service: "iam", body: form.Encode()}, w.root(), time.Now()), nil); err == nil {
			err = xml.Unmarshal(body, &reply)
		}
	}
	call("CreateUser", "UserName", name)
	for i, d := range documents {
		call("CreatePolicy", "PolicyName", fmt.Sprintf("%s-%02d", name, i), "PolicyDocument", d)
		call("AttachUserPolicy", "UserName", name, "PolicyArn", reply.Policy)
	}
	call("CreateAccessKey", "UserName", name)
	return accessKey{id: reply.ID, secret: reply.Secret}, err
}

// evaluating measures a call whose caller has so many statements.
func evaluating(statements int) operation {
	return operation{
		name: fmt.Sprintf("%d statements", statements), calls: "DescribeIdentityPool, signed by an IAM user with so many policy statements",
		crypto: recipe{hmacSum: 5},
		prepare: func(w *world, _, _ int) step {
			k, err := w.permitted.key(w, statements)
			if err != nil {
				return func(*conn) error { return err }
			}
			return rounds([]request{w.signed(identityPools("DescribeIdentityPool", `{"IdentityPoolId":"`+w.IdentityPool+`"}`), k, time.Now())}, []byte(`"IdentityPoolName":"`))
		},
	}
}

// permissionOperations measure what permissions cost, and credentials for
// those whom others vouch for.
var permissionOperations = []operation{
	{
		name: "AssumeRoleWithWebIdentity", calls: "AssumeRoleWithWebIdentity with a token of an identity pool",
		crypto: recipe{sealing: 1, hmacSum: 1},
		prepare: func(w *world, n, _ int) step {
			p := &w.people[n%len(w.people)]
			var r request
			return func(c *conn) error {
				if r == nil { // the token is good for ten minutes
					token, err := ask[struct{ Token string }](c, w.unsigned(identityPools("GetOpenIdToken",
						text(federation{IdentityID: p.identity, Logins: map[string]string{w.provider(): p.id}}))))
					if err != nil {
						return err
					}
					form := url.Values{
						"Action": {"AssumeRoleWithWebIdentity"}, "Version": {"2011-06-15"}, "RoleArn": {w.Role}, "RoleSessionName": {"bench"},
						"WebIdentityToken": {token.Token},
					}
					r = w.unsigned(call{service: "sts", body: form.Encode()})
				}
				_, err := c.expect(r, []byte("<AssumedRoleUser>"))
				return err
			}
		},
	},
	evaluating(10),
	evaluating(200),
	{
		name: "question of a service", calls: "POST /_cenote/authorize about a signed request, signed",
		crypto: recipe{hmacSum: 10},
		prepare: func(w *world, _, _ int) step {
			k, err := w.permitted.key(w, 10)
			if err != nil {
				return func(*conn) error { return err }
			}
			now := time.Now()
			about := headersOf(w.signed(call{service: "notes"}, k, now))
			q := cenoteauth.Question{
				Request: cenoteauth.Signed{Service: "notes", Method: "POST", Target: "/", Host: w.address, Headers: about, PayloadHash: hexSum("")},
				Access:  cenoteauth.Access{Action: "notes:GetNote", Resource: "*"},
			}
			return rounds([]request{w.signed(call{service: cenoteauth.SigningName, path: cenoteauth.Path, body: text(q)}, k, now)}, []byte(`"decision":"allowed"`))
		},
	},
}

// headersOf reads the headers of a request back.
func headersOf(r request) map[string][]string {
	head, _, _ := strings.Cut(string(r), "\r\n\r\n")
	headers := map[string][]string{}
	for _, line := range strings.Split(head, "\r\n")[1:] {
		name, value, _ := strings.Cut(line, ": ")
		headers[name] = []string{value}
	}
	delete(headers, "Host")
	return headers
}
