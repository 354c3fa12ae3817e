package sts_test

import (
	"crypto/sha1"
	"encoding/base64"
	"strings"
	"testing"
	"time"

	awssts "github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/aws-sdk-go-v2/service/sts/types"
	"github.com/google/go-cmp/cmp"

	"github.com/cenote-id/cenote/internal/account"
	"github.com/cenote-id/cenote/internal/saml/samltest"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/store/storetest"
)

const (
	samlEntity   = "https://idp.example.com/saml"
	samlProvider = "arn:aws:iam::" + home + ":saml-provider/Corp"
	samlAction   = "sts:AssumeRoleWithSAML"
	awsAttribute = "https://aws.amazon.com/SAML/Attributes/"
	samlDenied   = "Not authorized to perform sts:AssumeRoleWithSAML"
)

// corp is a company's provider, known to an account as Corp.
func (w *world) corp(acct string) *samltest.IDP {
	w.t.Helper()
	idp := samltest.New(w.t, samlEntity, 0, start)
	_, err := w.accounts.CreateSAMLProvider(w.t.Context(), account.SAMLProvider{Account: acct, Name: "Corp", Document: idp.Metadata()})
	w.must(err)
	return idp
}

// samlRole trusts people of Corp who came to AWS.
func (w *world) samlRole(name, condition string) string {
	more := `"Condition":{"StringEquals":{"SAML:aud":"https://signin.aws.amazon.com/saml"` + condition + `}}`
	return w.role(home, name, trust(samlAction+" sts:TagSession sts:SetSourceIdentity", federated(samlProvider), more), anything)
}

// offer is a statement about ann that offers her a role.
func (w *world) offer(role string) samltest.Statement {
	return samltest.ToAWS("ann", w.now()).With(awsAttribute+"Role", role+","+samlProvider).With(awsAttribute+"RoleSessionName", "ann@example.com")
}

func (w *world) withSAML(role, response string, change ...func(*awssts.AssumeRoleWithSAMLInput)) (*awssts.AssumeRoleWithSAMLOutput, error) {
	in := &awssts.AssumeRoleWithSAMLInput{RoleArn: &role, PrincipalArn: new(samlProvider), SAMLAssertion: &response}
	for _, f := range change {
		f(in)
	}
	return w.anonymous().AssumeRoleWithSAML(w.t.Context(), in)
}

func lasting(seconds int32) func(*awssts.AssumeRoleWithSAMLInput) {
	return func(in *awssts.AssumeRoleWithSAMLInput) { in.DurationSeconds = &seconds }
}

func TestSAML(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := &world{t: t, time: start}
		w.open(db)
		idp := w.corp(home)
		role := w.samlRole("corp", "")
		s := w.offer(role).With(awsAttribute+"PrincipalTag:team", "red").With(awsAttribute+"TransitiveTagKeys", "team").With(awsAttribute+"SourceIdentity", "ann")
		response := idp.Respond(s)
		out, err := w.withSAML(role, response)
		if err != nil {
			t.Fatal(err)
		}
		sum := sha1.Sum([]byte(samlEntity + home + "/Corp"))
		got := map[string]string{
			"subject": *out.Subject, "type": *out.SubjectType, "issuer": *out.Issuer, "audience": *out.Audience, "qualifier": *out.NameQualifier,
			"user": *out.AssumedRoleUser.Arn, "source": *out.SourceIdentity, "until": out.Credentials.Expiration.Format(time.RFC3339),
		}
		want := map[string]string{
			"subject": "ann", "type": "persistent", "issuer": samlEntity, "audience": "https://signin.aws.amazon.com/saml",
			"qualifier": base64.StdEncoding.EncodeToString(sum[:]), "user": "arn:aws:sts::" + home + ":assumed-role/corp/ann@example.com",
			"source": "ann", "until": w.now().Add(time.Hour).Format(time.RFC3339),
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		who, err := w.client(temporary(out.Credentials)).GetCallerIdentity(t.Context(), nil)
		if err != nil || *who.Arn != want["user"] {
			t.Errorf("%+v, %v", who, err)
		}

		// Once for each role, and no longer than five minutes.
		_, err = w.withSAML(role, response)
		fails(t, "replay", err, "InvalidIdentityToken", "SAML assertion has already been used for this role")
		other := w.samlRole("other", "")
		both := s.With(awsAttribute+"Role", role+","+samlProvider, samlProvider+" , "+other)
		response = idp.Respond(both)
		for _, role := range []string{role, other} {
			if _, err := w.withSAML(role, response); err != nil {
				t.Errorf("%s of two: %v", role, err)
			}
		}
		_, err = w.withSAML(other, response)
		fails(t, "replay of the second", err, "InvalidIdentityToken", "SAML assertion has already been used for this role")
		old := w.offer(role)
		old.Until = w.now().Add(time.Hour)
		response = idp.Respond(old)
		w.pass(5 * time.Minute)
		_, err = w.withSAML(role, response)
		fails(t, "an hour long, after five minutes", err, "ExpiredTokenException", "Token must be redeemed within 5 minutes of issuance")
		if _, err = w.withSAML(role, idp.Respond(w.offer(role))); err != nil {
			t.Errorf("a new one: %v", err)
		}
	})
}

func TestSAMLRefusals(t *testing.T) {
	w := newWorld(t)
	idp := w.corp(home)
	stranger := samltest.New(t, samlEntity, 1, start)
	role := w.samlRole("corp", "")
	const ok = ""
	for _, c := range []struct {
		name, code, message string
		response            string
		change              func(*awssts.AssumeRoleWithSAMLInput)
	}{
		{name: "good", response: idp.Respond(w.offer(role))},
		{name: "provider before role", response: idp.Respond(w.offer(role).With(awsAttribute+"Role", samlProvider+","+role))},
		{name: "our own URL", response: func() string {
			s := w.offer(role)
			s.Audience = "https://id.example.com"
			return idp.Respond(s)
		}()},
		{name: "another key", code: "InvalidIdentityToken", message: "Response signature invalid", response: stranger.Respond(w.offer(role))},
		{name: "not signed", code: "InvalidIdentityToken", message: "Response signature invalid", response: idp.Encode(idp.Wrap(idp.Assertion(w.offer(role))))},
		{name: "nothing", code: "InvalidIdentityToken", message: "Invalid SAML response", response: "AAAA"},
		{name: "another issuer", code: "InvalidIdentityToken", message: "Issuer not present in specified provider", response: func() string {
			s := w.offer(role)
			s.Issuer = "https://other.example.com"
			return idp.Respond(s)
		}()},
		{name: "another audience", code: "InvalidIdentityToken", message: "Response does not contain the required audience.", response: func() string {
			s := w.offer(role)
			s.Audience = "https://other.example.com"
			return idp.Respond(s)
		}()},
		{name: "another recipient", code: "InvalidIdentityToken", message: "Response does not contain the required recipient.", response: func() string {
			s := w.offer(role)
			s.Recipient = "https://other.example.com"
			return idp.Respond(s)
		}()},
		{name: "too early", code: "InvalidIdentityToken", message: "SAML assertion is not yet valid", response: func() string {
			s := w.offer(role)
			s.NotBefore = w.now().Add(time.Hour)
			return idp.Respond(s)
		}()},
		{name: "over", code: "ExpiredTokenException", message: "SAML assertion has expired", response: func() string {
			s := w.offer(role)
			s.Until = w.now()
			return idp.Respond(s)
		}()},
		{name: "session over", code: "ExpiredTokenException", message: "SAML assertion has expired", response: func() string {
			s := w.offer(role)
			s.SessionEnd = w.now()
			return idp.Respond(s)
		}()},
		{
			name: "no name", code: "InvalidIdentityToken", message: "RoleSessionName is required in AuthnResponse",
			response: idp.Respond(samltest.ToAWS("ann", w.now()).With(awsAttribute+"Role", role+","+samlProvider)),
		},
		{
			name: "bad name", code: "InvalidIdentityToken", message: "RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}",
			response: idp.Respond(w.offer(role).With(awsAttribute+"RoleSessionName", "ann of corp")),
		},
		{
			name: "bad source identity", code: "InvalidIdentityToken", message: `Source Identity must match [a-zA-Z_0-9+=,.@-]{2,64} and not begin with "aws:"`,
			response: idp.Respond(w.offer(role).With(awsAttribute+"SourceIdentity", "a b")),
		},
		{
			name: "bad duration", code: "InvalidIdentityToken", message: "SessionDuration in AuthnResponse must be between 900 and 43200",
			response: idp.Respond(w.offer(role).With(awsAttribute+"SessionDuration", "60")),
		},
		{
			name: "tag with two values", code: "InvalidIdentityToken", message: "PrincipalTag in AuthnResponse is not valid",
			response: idp.Respond(w.offer(role).With(awsAttribute+"PrincipalTag:team", "a", "b")),
		},
		{name: "role not offered", code: "AccessDenied", message: samlDenied, response: idp.Respond(w.offer("arn:aws:iam::" + home + ":role/other"))},
		{
			name: "role offered to another provider", code: "AccessDenied", message: samlDenied,
			response: idp.Respond(w.offer(role).With(awsAttribute+"Role", role+",arn:aws:iam::"+home+":saml-provider/Other")),
		},
		{
			name: "role that is not there", code: "AccessDenied", message: samlDenied, response: idp.Respond(w.offer("arn:aws:iam::" + home + ":role/none")),
			change: func(in *awssts.AssumeRoleWithSAMLInput) { in.RoleArn = new("arn:aws:iam::" + home + ":role/none") },
		},
		{
			name: "provider that is not there", code: "InvalidIdentityToken", message: "Specified provider doesn't exist.", response: idp.Respond(w.offer(role)),
			change: func(in *awssts.AssumeRoleWithSAMLInput) {
				in.PrincipalArn = new("arn:aws:iam::" + home + ":saml-provider/None")
			},
		},
		{
			name: "provider of another account", code: "InvalidIdentityToken", message: "Specified provider doesn't exist.", response: idp.Respond(w.offer(role)),
			change: func(in *awssts.AssumeRoleWithSAMLInput) {
				in.PrincipalArn = new("arn:aws:iam::" + abroad + ":saml-provider/Corp")
			},
		},
		{
			name: "too long for the role", code: "ValidationError", message: "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
			response: idp.Respond(w.offer(role)), change: lasting(43200),
		},
	} {
		change := c.change
		if change == nil {
			change = func(*awssts.AssumeRoleWithSAMLInput) {}
		}
		_, err := w.withSAML(role, c.response, change)
		if c.code == ok {
			if err != nil {
				t.Errorf("%s: %v", c.name, err)
			}
			continue
		}
		fails(t, c.name, err, c.code, c.message)
	}
}

// The provider's word bounds the session, and the shortest bound counts.
func TestSAMLDuration(t *testing.T) {
	w := newWorld(t)
	idp := w.corp(home)
	role := w.samlRole("corp", "")
	for _, c := range []struct {
		asked     int32
		attribute string
		session   time.Duration
		want      time.Duration
	}{
		{asked: 7200, want: 2 * time.Hour},
		{asked: 7200, attribute: "1800", want: 30 * time.Minute},
		{asked: 900, attribute: "1800", want: 15 * time.Minute},
		{asked: 7200, attribute: "1800", session: 10 * time.Minute, want: 10 * time.Minute},
		{asked: 7200, session: 3 * time.Hour, want: 2 * time.Hour},
	} {
		s := w.offer(role)
		if c.attribute != "" {
			s = s.With(awsAttribute+"SessionDuration", c.attribute)
		}
		if c.session > 0 {
			s.SessionEnd = w.now().Add(c.session)
		}
		out, err := w.withSAML(role, idp.Respond(s), lasting(c.asked))
		if err != nil {
			t.Errorf("%+v: %v", c, err)
			continue
		}
		if got := out.Credentials.Expiration.Sub(w.now()); got != c.want {
			t.Errorf("%+v: %v", c, got)
		}
	}
}

// Every key that a trust policy may ask about, and those that stay with the
// session.
func TestSAMLConditionKeys(t *testing.T) {
	w := newWorld(t)
	idp := w.corp(home)
	sum := sha1.Sum([]byte(samlEntity + home + "/Corp"))
	qualifier := base64.StdEncoding.EncodeToString(sum[:])
	for i, c := range []struct {
		condition string
		want      bool
	}{
		{`"saml:iss":"` + samlEntity + `"`, true},
		{`"saml:iss":"https://other.example.com"`, false},
		{`"saml:sub":"ann"`, true},
		{`"saml:sub":"bob"`, false},
		{`"saml:sub_type":"persistent"`, true},
		{`"saml:sub_type":"transient"`, false},
		{`"saml:namequalifier":"` + qualifier + `"`, true},
		{`"saml:doc":"` + home + `/Corp"`, true},
		{`"saml:doc":"` + abroad + `/Corp"`, false},
		{`"saml:eduPersonOrgDN":"o=corp"`, true},
		{`"saml:eduPersonOrgDN":"o=other"`, false},
		{`"aws:RequestTag/team":"red"`, true},
		{`"aws:RequestTag/team":"blue"`, false},
		{`"sts:RoleSessionName":"ann@example.com"`, true},
		{`"aws:FederatedProvider":"` + samlProvider + `"`, true},
	} {
		role := w.samlRole("role"+string(rune('a'+i)), ","+c.condition)
		s := w.offer(role).With("urn:oid:1.3.6.1.4.1.5923.1.1.1.3", "o=corp").With(awsAttribute+"PrincipalTag:team", "red")
		_, err := w.withSAML(role, idp.Respond(s))
		if c.want != (err == nil) {
			t.Errorf("%s: %v", c.condition, err)
		}
		if !c.want {
			fails(t, c.condition, err, "AccessDenied", samlDenied)
		}
	}

	mine := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:GetAccessKeyInfo","Resource":"*","Condition":{"StringEquals":{
		"saml:sub":"ann","saml:sub_type":"persistent","saml:namequalifier":"` + qualifier + `"}}}]}`
	role := w.role(home, "mine", trust(samlAction, federated(samlProvider), `"Condition":{"StringEquals":{"SAML:aud":"https://signin.aws.amazon.com/saml"}}`), mine)
	for subject, want := range map[string]bool{"ann": true, "bob": false} {
		s := w.offer(role)
		s.Subject = subject
		out, err := w.withSAML(role, idp.Respond(s))
		if err != nil {
			t.Fatal(err)
		}
		_, err = w.client(temporary(out.Credentials)).GetAccessKeyInfo(t.Context(), &awssts.GetAccessKeyInfoInput{AccessKeyId: out.Credentials.AccessKeyId})
		if (err == nil) != want {
			t.Errorf("%s: %v", subject, err)
		}
	}

	// Tags need a permission of their own, and session policies narrow.
	plain := w.role(home, "plain", trust(samlAction, federated(samlProvider), `"Condition":{"StringEquals":{"SAML:aud":"https://signin.aws.amazon.com/saml"}}`), anything)
	_, err := w.withSAML(plain, idp.Respond(w.offer(plain).With(awsAttribute+"PrincipalTag:team", "red")))
	fails(t, "tags without permission", err, "AccessDenied", samlDenied)
	_, err = w.withSAML(plain, idp.Respond(w.offer(plain).With(awsAttribute+"SourceIdentity", "ann")))
	fails(t, "source identity without permission", err, "AccessDenied", samlDenied)
	out, err := w.withSAML(plain, idp.Respond(w.offer(plain)), func(in *awssts.AssumeRoleWithSAMLInput) {
		in.Policy = new(strings.Replace(anything, `"Action":"*"`, `"Action":"s3:*"`, 1))
		in.PolicyArns = []types.PolicyDescriptorType{}
	})
	if err != nil {
		t.Fatal(err)
	}
	//lint:ignore SA1019 clients made before September 2026 read it
	if out.PackedPolicySize == nil {
		t.Error("no packed size with a session policy")
	}
	// A provider that was replaced no longer counts, whatever was cached.
	w.must(w.accounts.SetSAMLMetadata(t.Context(), home, samlProvider, samltest.New(t, samlEntity, 1, start).Metadata()))
	_, err = w.withSAML(plain, idp.Respond(w.offer(plain)))
	fails(t, "key that was replaced", err, "InvalidIdentityToken", "Response signature invalid")
	w.must(w.accounts.DeleteSAMLProvider(t.Context(), home, samlProvider))
	_, err = w.withSAML(plain, idp.Respond(w.offer(plain)))
	fails(t, "provider that was deleted", err, "InvalidIdentityToken", "Specified provider doesn't exist.")
}
