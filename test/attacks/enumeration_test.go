package attacks

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cenote-id/cenote/internal/password"
	"github.com/cenote-id/cenote/internal/srp/srpclient"
)

// somebody and nobody, in every standing that a user can have: a client that
// hides users answers all of them alike, whatever is asked, until it has been
// given a right password or code. Repeated questions are part of it: locks and
// limits count names, not users.
func TestNobodyLearnsWhoExists(t *testing.T) {
	w := serve(t, options{})
	for _, kind := range []struct {
		name string
		pool input
		as   func(name string) string // how people call themselves
	}{
		{"usernames", nil, func(name string) string { return name }},
		{"usernames, folded", input{"UsernameConfiguration": input{"CaseSensitive": false}}, strings.ToUpper},
		{"e-mail as username", input{"UsernameAttributes": []string{"email"}}, func(name string) string { return name + "@example.com" }},
		{"e-mail as alias", input{"AliasAttributes": []string{"email"}}, func(name string) string { return name + "@example.com" }},
	} {
		t.Run(kind.name, func(t *testing.T) {
			for _, secret := range []bool{false, true} {
				p := w.pool(w.roots[home], west, kind.pool, input{"PreventUserExistenceErrors": "ENABLED", "GenerateSecret": secret})
				names := p.crowd(kind.as)
				for _, q := range questions() {
					answers := map[string][]string{}
					for _, name := range names {
						a := fmt.Sprintf("%.600s", p.ask(q, name))
						answers[a] = append(answers[a], name)
					}
					if len(answers) != 1 {
						t.Errorf("%s, secret %v: answers tell people apart:", q.name, secret)
						for a, who := range answers {
							t.Errorf("  %v: %s", who, a)
						}
					}
				}
				w.pass(24 * time.Hour) // past locks and limits
			}
		})
	}
}

// crowd makes users in every standing, and adds names that mean nobody. All
// names are of one length and begin alike, so that what is made of a name looks
// alike.
func (p *pool) crowd(as func(string) string) (names []string) {
	p.t.Helper()
	create := func(i int, verified bool, more input) string {
		name := as(fmt.Sprintf("person%d", i))
		username := name
		attributes := []input{{"Name": "email", "Value": fmt.Sprintf("person%d@example.com", i)}, {"Name": "email_verified", "Value": fmt.Sprint(verified)}}
		if strings.Contains(name, "@") && len(p.alias()) > 0 {
			username = fmt.Sprintf("user-%d", i)
		}
		in := input{"Username": username, "MessageAction": "SUPPRESS", "UserAttributes": attributes, "TemporaryPassword": goodPassword}
		for k, v := range more {
			in[k] = v
		}
		p.admin("AdminCreateUser", in).ok(p.t, nil)
		names = append(names, name)
		return name
	}
	set := func(name string) {
		p.admin("AdminSetUserPassword", input{"Username": name, "Password": goodPassword, "Permanent": true}).ok(p.t, nil)
	}
	set(create(1, true, nil)) // confirmed
	create(2, true, nil)      // with a temporary password
	disabled := create(3, true, nil)
	set(disabled)
	p.admin("AdminDisableUser", input{"Username": disabled}).ok(p.t, nil)
	reset := create(4, true, nil)
	set(reset)
	p.admin("AdminResetUserPassword", input{"Username": reset}).ok(p.t, nil)
	return append(names, as("person7"), as("person8"))
}

// alias returns the pool's alias attributes.
func (p *pool) alias() []string {
	p.t.Helper()
	var out struct {
		UserPool struct{ AliasAttributes []string }
	}
	p.admin("DescribeUserPool", nil).ok(p.t, &out)
	return out.UserPool.AliasAttributes
}

type question struct {
	name   string
	op     string
	in     func(p *pool, name string) input
	secret bool // where the secret hash belongs: false among the parameters, true beside them
}

func questions() []question {
	auth := func(flow string, more ...string) func(*pool, string) input {
		return func(_ *pool, name string) input {
			parameters := map[string]string{"USERNAME": name}
			for i := 0; i < len(more); i += 2 {
				parameters[more[i]] = more[i+1]
			}
			return input{"AuthFlow": flow, "AuthParameters": parameters}
		}
	}
	code := func(more input) func(*pool, string) input {
		return func(_ *pool, name string) input {
			in := input{"Username": name}
			for k, v := range more {
				in[k] = v
			}
			return in
		}
	}
	list := []question{
		{"resend", "ResendConfirmationCode", code(nil), true},
		{"forgot", "ForgotPassword", code(nil), true},
		{"forgotten, wrong code", "ConfirmForgotPassword", code(input{"ConfirmationCode": "000000", "Password": newPassword}), true},
		{"forgotten, weak password", "ConfirmForgotPassword", code(input{"ConfirmationCode": "000000", "Password": "weak-1"}), true},
		{"no password", "InitiateAuth", auth("USER_PASSWORD_AUTH"), false},
		{"no SRP_A", "InitiateAuth", auth("USER_SRP_AUTH"), false},
		{"SRP", "InitiateAuth", auth("USER_SRP_AUTH", "SRP_A", srpclient.FromSecret([]byte("always the same")).A()), false},
		{"bad SRP_A", "InitiateAuth", auth("USER_SRP_AUTH", "SRP_A", "0"), false},
	}
	for i := range 8 { // into the lock, and beyond
		list = append(list, question{fmt.Sprintf("wrong password %d", i), "InitiateAuth", auth("USER_PASSWORD_AUTH", "PASSWORD", "Wrong-Password-1"), false})
	}
	list = append(list, question{"SRP while locked", "InitiateAuth", auth("USER_SRP_AUTH", "SRP_A", srpclient.FromSecret([]byte("always the same")).A()), false})
	for i := range 17 { // into the limit
		list = append(list, question{fmt.Sprintf("wrong code %d", i), "ConfirmSignUp", code(input{"ConfirmationCode": "000000"}), true})
	}
	for i := range 6 {
		list = append(list, question{fmt.Sprintf("forgot again %d", i), "ForgotPassword", code(nil), true},
			question{fmt.Sprintf("resend again %d", i), "ResendConfirmationCode", code(nil), true})
	}
	return list
}

var (
	ownNames = regexp.MustCompile(`(?i)person\d|user-\d`)
	uuids    = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)
)

// ask puts a question about a name and returns the answer without what differs
// for any two names: challenges keep their names and lengths.
func (p *pool) ask(q question, name string) string {
	p.t.Helper()
	in := q.in(p, name)
	if hash := p.secretHash(name); hash != "" {
		if q.secret {
			in["SecretHash"] = hash
		} else {
			in["AuthParameters"].(map[string]string)["SECRET_HASH"] = hash
		}
	}
	r := p.public(q.op, in)
	var c signedIn
	if json.Unmarshal(r.body, &c) == nil && c.ChallengeName != "" {
		var parts []string
		for k, v := range c.ChallengeParameters {
			length := len(v)
			if k == "SRP_B" || k == "SALT" {
				length = 0 // leading zeros are not written
			}
			if k == "USERNAME" || k == "USER_ID_FOR_SRP" {
				v = uuids.ReplaceAllString(ownNames.ReplaceAllString(v, "NAME"), "NAME")
				parts = append(parts, k+"="+v)
				continue
			}
			parts = append(parts, fmt.Sprint(k, length))
		}
		slices.Sort(parts)
		return c.ChallengeName + " " + strings.Join(parts, " ")
	}
	return fmt.Sprintf("%d %s", r.status, maskedAddress.ReplaceAllString(ownNames.ReplaceAllString(string(r.body), "NAME"), "MASK"))
}

var maskedAddress = regexp.MustCompile(`.\*\*\*@.\*\*\*`)

// secretHash proves the secret of the pool's client; empty if it has none.
func (p *pool) secretHash(username string) string {
	p.t.Helper()
	var out struct{ UserPoolClient struct{ ClientSecret string } }
	p.admin("DescribeUserPoolClient", input{"ClientId": p.client}).ok(p.t, &out)
	if out.UserPoolClient.ClientSecret == "" {
		return ""
	}
	return password.SecretHash(out.UserPoolClient.ClientSecret, username, p.client)
}
