package attacks

import (
	"encoding/base64"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/beevik/etree"

	"github.com/cenote-id/cenote/internal/saml/samltest"
)

const samlAttribute = "https://aws.amazon.com/SAML/Attributes/"

// corp is a company's SAML provider in the home account, the role that it may
// offer, and an identity pool that trusts it.
type corp struct {
	*world
	idp            *samltest.IDP
	provider, role string
	pool           string
}

func (w *world) corp() *corp {
	w.t.Helper()
	c := &corp{world: w, idp: samltest.New(w.t, "https://idp.example.com", 0, w.now())}
	c.provider, c.role = "arn:aws:iam::"+home+":saml-provider/Corp", "arn:aws:iam::"+home+":role/corp"
	if w.roots == nil { // in development any key is root of the account that it names
		w.roots = map[string]aws.Credentials{home: {AccessKeyID: home, SecretAccessKey: "test"}}
	}
	root := w.roots[home]
	w.query(root, "iam", values([]string{"Action", "CreateSAMLProvider", "Name", "Corp", "SAMLMetadataDocument", c.idp.Metadata()})).ok(w.t, nil)
	trusted := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Federated":"` + c.provider + `"},"Action":"sts:AssumeRoleWithSAML","Condition":{"StringEquals":{"SAML:aud":"https://signin.aws.amazon.com/saml"}}}]}`
	w.query(root, "iam", values([]string{"Action", "CreateRole", "RoleName", "corp", "AssumeRolePolicyDocument", trusted})).ok(w.t, nil)
	var pool struct{ IdentityPoolId string }
	w.signed(root, "cognito-identity", west, "CreateIdentityPool", input{
		"IdentityPoolName": "corp", "AllowUnauthenticatedIdentities": false, "SamlProviderARNs": []string{c.provider},
	}).ok(w.t, &pool)
	c.pool = pool.IdentityPoolId
	return c
}

// statement says that somebody may have the role.
func (c *corp) statement(subject string) samltest.Statement {
	return samltest.ToAWS(subject, c.now()).With(samlAttribute+"Role", c.role+","+c.provider).With(samlAttribute+"RoleSessionName", subject)
}

func (c *corp) assume(w *world, response string) reply {
	return w.send(w.formRequest(values([]string{"Action", "AssumeRoleWithSAML", "Version", "2011-06-15", "RoleArn", c.role, "PrincipalArn", c.provider, "SAMLAssertion", response})))
}

func (c *corp) enter(response string) reply {
	return c.unsigned("cognito-identity", "GetId", input{"IdentityPoolId": c.pool, "Logins": input{c.provider: response}})
}

// identities is how many people the pool knows.
func (c *corp) identities() int {
	c.t.Helper()
	var list struct{ Identities []struct{ IdentityId string } }
	c.signed(c.roots[home], "cognito-identity", west, "ListIdentities", input{"IdentityPoolId": c.pool, "MaxResults": 60}).ok(c.t, &list)
	return len(list.Identities)
}

// Whatever is put around, into or in place of what the provider signed, nobody
// gets in who was not in it.
func TestSAMLResponsesAreWhole(t *testing.T) {
	for name, mode := range map[string]func(*testing.T, options) *world{"serve": serve, "dev": develop} {
		t.Run(name, func(t *testing.T) {
			c := mode(t, options{}).corp()
			stranger := samltest.New(t, "https://idp.example.com", 1, c.now())
			good := c.idp.Respond(c.statement("ann"))
			text, err := base64.StdEncoding.DecodeString(good)
			if err != nil {
				t.Fatal(err)
			}
			edit := func(old, changed string) string {
				if !strings.Contains(string(text), old) {
					t.Fatalf("no %s", old)
				}
				return base64.StdEncoding.EncodeToString([]byte(strings.Replace(string(text), old, changed, 1)))
			}
			shape := func(f func(response, assertion, signature, evil *etree.Element)) string {
				doc := etree.NewDocument()
				if err := doc.ReadFromBytes(text); err != nil {
					t.Fatal(err)
				}
				r := doc.Root()
				a := r.SelectElement("saml:Assertion")
				f(r, a, a.SelectElement("ds:Signature"), c.idp.Assertion(c.statement("eve")))
				return c.idp.Encode(r)
			}
			attacks := map[string]string{
				"no signature":                shape(func(_, a, s, _ *etree.Element) { a.RemoveChild(s) }),
				"a certificate of its own":    stranger.Respond(c.statement("eve")),
				"another subject":             edit(">ann</saml:NameID>", ">eve</saml:NameID>"),
				"a comment in the subject":    edit(">ann</saml:NameID>", ">a<!---->nn</saml:NameID>"),
				"an entity":                   edit("<samlp:Response ", `<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><samlp:Response `),
				"another assertion before":    shape(func(r, _, _, e *etree.Element) { r.InsertChildAt(0, e) }),
				"another assertion after":     shape(func(r, _, _, e *etree.Element) { r.AddChild(e) }),
				"the good one inside another": shape(func(r, a, _, e *etree.Element) { r.RemoveChild(a); e.AddChild(a); r.AddChild(e) }),
				"the good one in the signature": shape(func(r, a, s, e *etree.Element) {
					r.RemoveChild(a)
					a.RemoveChild(s)
					s.CreateElement("ds:Object").AddChild(a)
					e.AddChild(s)
					r.AddChild(e)
				}),
				"the good one in extensions": shape(func(r, a, _, e *etree.Element) {
					r.RemoveChild(a)
					r.CreateElement("samlp:Extensions").AddChild(a)
					r.AddChild(e)
				}),
				"the signature on another": shape(func(r, a, s, e *etree.Element) { a.RemoveChild(s); r.RemoveChild(a); e.AddChild(s); r.AddChild(e) }),
				"both with one ID": shape(func(r, a, _, e *etree.Element) {
					e.CreateAttr("ID", a.SelectAttrValue("ID", ""))
					r.InsertChildAt(0, e)
				}),
				"a response of nobody around it":   c.idp.Encode(stranger.Sign(c.idp.Wrap(c.idp.Sign(c.idp.Assertion(c.statement("ann")))))),
				"five megabytes of nothing inside": base64.StdEncoding.EncodeToString([]byte("<a>" + strings.Repeat("<b/>", 18_000) + "</a>")),
			}
			for name, response := range attacks {
				for how, answer := range map[string]reply{"STS": c.assume(c.world, response), "identity pool": c.enter(response)} {
					if answer.status < 400 || answer.status >= 500 || answer.code == "" || strings.Contains(string(answer.body), "SessionToken") {
						t.Errorf("%s at %s: %d %s", name, how, answer.status, answer.body)
					}
				}
			}
			if n := c.identities(); n != 0 {
				t.Errorf("%d people came in", n)
			}
			c.assume(c.world, good).ok(t, nil)
			c.enter(good).ok(t, nil)
		})
	}
}

// Of many who show one response at the same moment, to two nodes, one gets the
// role.
func TestSAMLResponsesServeOnce(t *testing.T) {
	a, b := pair(t)
	c := a.corp()
	response := c.idp.Respond(c.statement("ann"))
	var mu sync.Mutex
	answers := map[string]int{}
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			at := a
			if i%2 == 1 {
				at = b
			}
			r := c.assume(at, response)
			mu.Lock()
			defer mu.Unlock()
			answers[r.code]++
		})
	}
	wg.Wait()
	if answers[""] != 1 || answers["InvalidIdentityToken"] != 7 {
		t.Errorf("answers %v", answers)
	}
	a.pass(10 * time.Minute)
	c.assume(b, response).refused(t, "an old one", "ExpiredTokenException", "")
}

// Responses and tokens are keys while they last: no log has them.
func TestLoginsAreNotLogged(t *testing.T) {
	c := serve(t, options{}).corp()
	good := c.idp.Respond(c.statement("ann"))
	bad := samltest.New(t, "https://idp.example.com", 1, c.now()).Respond(c.statement("eve"))
	c.assume(c.world, good).ok(t, nil)
	c.enter(good).ok(t, nil)
	for _, r := range []reply{c.assume(c.world, bad), c.enter(bad)} {
		if r.code == "" {
			t.Errorf("answered %d %s", r.status, r.body)
		}
	}
	var pool struct{ IdentityPoolId string }
	c.signed(c.roots[home], "cognito-identity", west, "CreateIdentityPool", input{
		"IdentityPoolName": "own", "AllowUnauthenticatedIdentities": false, "DeveloperProviderName": "login.example.com",
		"SupportedLoginProviders": input{"www.amazon.com": "app", "api.twitter.com": "key;consumer-canary-secret"},
	}).ok(t, &pool)
	var developer struct{ Token string }
	c.signed(c.roots[home], "cognito-identity", west, "GetOpenIdTokenForDeveloperIdentity", input{
		"IdentityPoolId": pool.IdentityPoolId, "Logins": input{"login.example.com": "ann"},
	}).ok(t, &developer)
	c.unsigned("cognito-identity", "GetId", input{"IdentityPoolId": pool.IdentityPoolId, "Logins": input{"cognito-identity.amazonaws.com": developer.Token}}).ok(t, nil)
	log := c.log.String()
	for name, secret := range map[string]string{
		"response": good[200:300], "refused response": bad[200:300], "developer's token": developer.Token[100:200], "consumer secret": "consumer-canary-secret",
	} {
		if strings.Contains(log, secret) {
			t.Errorf("the %s is in the log", name)
		}
	}
}
