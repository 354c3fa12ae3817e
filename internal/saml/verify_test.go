package saml_test

import (
	"encoding/base64"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/beevik/etree"
	"github.com/google/go-cmp/cmp"
	dsig "github.com/russellhaering/goxmldsig"

	"github.com/cenote-id/cenote/internal/saml"
	"github.com/cenote-id/cenote/internal/saml/samltest"
)

var now = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

const entity = "https://idp.example.com/saml"

func provider(t testing.TB) (*samltest.IDP, *saml.Metadata) {
	t.Helper()
	idp := samltest.New(t, entity, 0, now)
	m, err := saml.ParseMetadata([]byte(idp.Metadata()))
	if err != nil {
		t.Fatal(err)
	}
	return idp, m
}

func expect(at time.Time) saml.Expect {
	return saml.Expect{Us: saml.AsAWS("https://id.example.com"), Now: at}
}

// ann is a statement with everything that is read.
func ann() samltest.Statement {
	return samltest.ToAWS("ann", now).With("groups", "red", "blue").With("mail", "ann@example.com")
}

func TestGoodResponses(t *testing.T) {
	idp, m := provider(t)
	s := ann()
	s.ID, s.SessionEnd = "_a", now.Add(time.Hour)
	for name, response := range map[string]string{
		"assertion signed":       idp.Respond(s),
		"response signed":        idp.Encode(idp.Sign(idp.Wrap(idp.Assertion(s)))),
		"both signed":            idp.Encode(idp.Sign(idp.Wrap(idp.Sign(idp.Assertion(s))))),
		"assertion alone":        idp.Encode(idp.Sign(idp.Assertion(s))),
		"RSA with SHA-512":       idp.Encode(idp.Wrap(idp.SignWith(idp.Assertion(s), dsig.RSASHA512SignatureMethod, dsig.MakeC14N10ExclusiveCanonicalizerWithPrefixList("")))),
		"base64 broken in lines": strings.Join(chunks(idp.Respond(s), 76), "\r\n"),
	} {
		got, err := saml.Verify(response, m, expect(now.Add(time.Minute)))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		const aws = "https://signin.aws.amazon.com/saml"
		want := &saml.Assertion{
			ID: "_a", Issuer: entity, Subject: "ann", SubjectFormat: "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent",
			Recipient: aws, Audiences: []string{aws}, IssuedAt: now, NotBefore: now.Add(-time.Minute), Until: now.Add(5 * time.Minute), SessionEnd: now.Add(time.Hour),
		}
		groups, mail := got.Values("groups"), got.Values("mail")
		got.Attributes = nil
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if cmp.Diff([]string{"red", "blue"}, groups) != "" || cmp.Diff([]string{"ann@example.com"}, mail) != "" {
			t.Errorf("%s: groups %v, mail %v", name, groups, mail)
		}
	}
}

func chunks(text string, n int) (parts []string) {
	for len(text) > n {
		parts, text = append(parts, text[:n]), text[n:]
	}
	return append(parts, text)
}

func TestRefusedResponses(t *testing.T) {
	idp, m := provider(t)
	stranger := samltest.New(t, entity, 1, now)
	s := ann()
	change := func(f func(*samltest.Statement)) string {
		c := s
		f(&c)
		return idp.Respond(c)
	}
	raw := func(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }
	// edited changes the text of a good response.
	edited := func(old, changed string) string {
		doc, err := base64.StdEncoding.DecodeString(idp.Respond(s))
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(doc), old) {
			t.Fatalf("no %q in %s", old, doc)
		}
		return raw(strings.Replace(string(doc), old, changed, 1))
	}
	// shaped signs, and then changes the response before it is sent.
	shaped := func(f func(response, assertion, signature *etree.Element)) string {
		doc := etree.NewDocument()
		text, err := base64.StdEncoding.DecodeString(idp.Respond(s))
		if err == nil {
			err = doc.ReadFromBytes(text)
		}
		if err != nil {
			t.Fatal(err)
		}
		r := doc.Root()
		a := r.SelectElement("saml:Assertion")
		f(r, a, a.SelectElement("ds:Signature"))
		return idp.Encode(r)
	}
	signedWith := func(method string, c dsig.Canonicalizer) string {
		return idp.Encode(idp.Wrap(idp.SignWith(idp.Assertion(s), method, c)))
	}
	eve := func() *etree.Element { e := s; e.Subject = "eve"; return idp.Assertion(e) }
	exclusive := dsig.MakeC14N10ExclusiveCanonicalizerWithPrefixList("")

	for _, c := range []struct {
		name     string
		reason   saml.Reason
		response string
	}{
		{"nothing", saml.Malformed, ""},
		{"no base64", saml.Malformed, "%%%"},
		{"no XML", saml.Malformed, raw("hello")},
		{"two roots", saml.Malformed, raw(`<a/><b/>`)},
		{"something else", saml.Malformed, raw(`<samlp:LogoutResponse xmlns:samlp="` + samltest.NSProtocol + `"/>`)},
		{"document type", saml.Malformed, edited("<samlp:Response ", `<!DOCTYPE r [<!ENTITY e "eve">]><samlp:Response `)},
		{"processing instruction", saml.Malformed, edited("<saml:Issuer>", "<?php?><saml:Issuer>")},
		{"comment in the subject", saml.Malformed, edited(">ann</saml:NameID>", ">an<!-- -->n</saml:NameID>")},
		{"an attribute twice", saml.Malformed, edited(`Version="2.0"`, `Version="2.0" Version="2.0"`)},
		{"another character set", saml.Malformed, edited("<samlp:Response ", `<?xml version="1.0" encoding="utf-7"?><samlp:Response `)},
		{"deep", saml.Malformed, raw(strings.Repeat("<a>", 100) + strings.Repeat("</a>", 100))},
		{"long", saml.Malformed, raw(`<a>` + strings.Repeat("x", 80_000) + `</a>`)},
		{"encrypted", saml.Encrypted, shaped(func(r, a, _ *etree.Element) { a.Tag = "EncryptedAssertion" })},
		{"a failure", saml.Failed, edited("status:Success", "status:Responder")},

		{"stripped signature", saml.Unsigned, shaped(func(_, a, s *etree.Element) { a.RemoveChild(s) })},
		{"never signed", saml.Unsigned, idp.Encode(idp.Wrap(idp.Assertion(s)))},
		{"another key", saml.BadSignature, stranger.Respond(s)},
		{"changed subject", saml.BadSignature, edited(">ann<", ">eve<")},
		{"changed attribute", saml.BadSignature, edited(">red<", ">adm<")},
		{"SHA-1", saml.BadSignature, signedWith(dsig.RSASHA1SignatureMethod, exclusive)},
		{"inclusive canonicalization", saml.BadSignature, signedWith(dsig.RSASHA256SignatureMethod, dsig.MakeC14N11Canonicalizer())},
		{"canonicalization with comments", saml.BadSignature, signedWith(dsig.RSASHA256SignatureMethod, dsig.MakeC14N10ExclusiveWithCommentsCanonicalizerWithPrefixList(""))},
		{"a reference to nothing", saml.BadSignature, shaped(func(_, _, s *etree.Element) { s.FindElement(".//ds:Reference").CreateAttr("URI", "") })},
		{"a reference to another", saml.BadSignature, shaped(func(_, _, s *etree.Element) { s.FindElement(".//ds:Reference").CreateAttr("URI", "#other") })},
		{"two references", saml.BadSignature, shaped(func(_, _, s *etree.Element) {
			s.SelectElement("ds:SignedInfo").AddChild(s.FindElement(".//ds:Reference").Copy())
		})},
		{"two SignedInfos", saml.BadSignature, shaped(func(_, _, s *etree.Element) { s.AddChild(s.SelectElement("ds:SignedInfo").Copy()) })},
		{"a further transform", saml.BadSignature, shaped(func(_, _, s *etree.Element) {
			s.FindElement(".//ds:Transforms").CreateElement("ds:Transform").CreateAttr("Algorithm", "http://www.w3.org/TR/1999/REC-xslt-19991116")
		})},
		{"one signature good, one bad", saml.BadSignature, idp.Encode(stranger.Sign(idp.Wrap(idp.Sign(idp.Assertion(s)))))},
		{"an empty signature", saml.BadSignature, shaped(func(_, _, s *etree.Element) { s.SelectElement("ds:SignatureValue").SetText("") })},

		// Signature wrapping: the signed assertion is there, and another beside
		// it, around it, within it or in the signature.
		{"wrapping: evil before", saml.Malformed, shaped(func(r, a, _ *etree.Element) { r.InsertChildAt(0, eve()) })},
		{"wrapping: evil after", saml.Malformed, shaped(func(r, _, _ *etree.Element) { r.AddChild(eve()) })},
		{"wrapping: same ID", saml.Malformed, shaped(func(r, a, _ *etree.Element) {
			e := eve()
			e.CreateAttr("ID", a.SelectAttrValue("ID", ""))
			r.InsertChildAt(0, e)
		})},
		{"wrapping: good inside evil", saml.Malformed, shaped(func(r, a, s *etree.Element) {
			e := eve()
			r.RemoveChild(a)
			e.AddChild(a)
			r.AddChild(e)
		})},
		{"wrapping: good inside the signature of evil", saml.Malformed, shaped(func(r, a, s *etree.Element) {
			e := eve()
			r.RemoveChild(a)
			a.RemoveChild(s)
			s.CreateElement("ds:Object").AddChild(a)
			e.AddChild(s)
			r.AddChild(e)
		})},
		{"wrapping: signature moved to evil", saml.BadSignature, shaped(func(r, a, s *etree.Element) {
			e := eve()
			a.RemoveChild(s)
			r.RemoveChild(a)
			e.AddChild(s)
			r.AddChild(e)
		})},
		{"wrapping: good in extensions", saml.Malformed, shaped(func(r, a, _ *etree.Element) {
			r.RemoveChild(a)
			r.CreateElement("samlp:Extensions").AddChild(a)
			r.AddChild(eve())
		})},
		{"wrapping: a response within", saml.Malformed, func() string {
			good := idp.Sign(idp.Wrap(idp.Assertion(s)))
			outer := idp.Wrap(eve())
			outer.CreateElement("samlp:Extensions").AddChild(good)
			return idp.Encode(outer)
		}()},
		{"wrapping: evil under another namespace", saml.Malformed, shaped(func(r, _, _ *etree.Element) {
			r.CreateElement("saml:Advice").CreateElement("Assertion").CreateAttr("xmlns", "urn:other")
		})},
		{"a stray signature", saml.Malformed, shaped(func(r, _, s *etree.Element) { r.SelectElement("samlp:Status").AddChild(s.Copy()) })},

		{"another issuer", saml.WrongIssuer, change(func(s *samltest.Statement) { s.Issuer = "https://other.example.com" })},
		{"another audience", saml.WrongAudience, change(func(s *samltest.Statement) { s.Audience = "https://other.example.com" })},
		{"another recipient", saml.WrongRecipient, change(func(s *samltest.Statement) { s.Recipient = "https://other.example.com" })},
		{"no recipient", saml.WrongRecipient, change(func(s *samltest.Statement) { s.Recipient = "" })},
		{"old", saml.Expired, change(func(s *samltest.Statement) { s.Until = now.Add(time.Minute) })},
		{"early", saml.NotYetValid, change(func(s *samltest.Statement) { s.NotBefore = now.Add(10 * time.Minute) })},
		{"from the future", saml.NotYetValid, change(func(s *samltest.Statement) { s.IssuedAt = now.Add(10 * time.Minute); s.NotBefore = now })},
		{"no subject", saml.Malformed, change(func(s *samltest.Statement) { s.Subject = "" })},
	} {
		got, err := saml.Verify(c.response, m, expect(now.Add(time.Minute)))
		e, ok := errors.AsType[*saml.Error](err)
		if !ok || e.Reason != c.reason {
			t.Errorf("%s: %+v, %v; want: %s", c.name, got, err, c.reason)
		}
	}

	if _, err := saml.Verify(idp.Respond(s), m, expect(now.Add(500*24*time.Hour))); err == nil {
		t.Error("a certificate that expired was honoured")
	}
}

func TestNamesOfAWS(t *testing.T) {
	us := saml.AsAWS("https://id.example.com")
	for _, name := range []string{
		"https://signin.aws.amazon.com/saml", "urn:amazon:webservices", "https://us-west-2.signin.aws.amazon.com/saml",
		"https://id.example.com", "https://id.example.com/saml",
	} {
		if !us(name) {
			t.Errorf("%s is not us", name)
		}
	}
	for _, name := range []string{
		"", "https://evil.example.com/.signin.aws.amazon.com/saml", "https://.signin.aws.amazon.com/saml",
		"http://signin.aws.amazon.com/saml", "https://id.example.com/samlx", "https://a.b.signin.aws.amazon.com/saml",
	} {
		if us(name) {
			t.Errorf("%s is us", name)
		}
	}
}

func TestMetadata(t *testing.T) {
	idp := samltest.New(t, entity, 0, now)
	good := idp.Metadata()
	m, err := saml.ParseMetadata([]byte(strings.Replace(good, "entityID=", `validUntil="2027-01-01T00:00:00Z" entityID=`, 1)))
	if err != nil || m.EntityID != entity || len(m.Certificates) != 1 || m.ValidUntil.Year() != 2027 {
		t.Errorf("%+v, %v", m, err)
	}
	if _, err := saml.Verify(idp.Respond(ann()), m, expect(now)); err != nil {
		t.Error(err)
	}
	m.ValidUntil = now
	if _, err := saml.Verify(idp.Respond(ann()), m, expect(now)); err == nil {
		t.Error("metadata that expired were honoured")
	}
	for name, c := range map[string][2]string{
		"no entityID":          {"entityID=", "entityId="},
		"a service provider":   {"IDPSSODescriptor", "SPSSODescriptor"},
		"no certificate":       {`use="signing"`, `use="encryption"`},
		"a bad certificate":    {"<ds:X509Certificate>", "<ds:X509Certificate>AAAA"},
		"a document type":      {"<md:EntityDescriptor ", "<!DOCTYPE x><md:EntityDescriptor "},
		"no time":              {"entityID=", `validUntil="soon" entityID=`},
		"another root element": {"EntityDescriptor", "EntitiesDescriptor"},
	} {
		text := strings.ReplaceAll(good, c[0], c[1])
		if text == good {
			t.Fatalf("%s: nothing changed", name)
		}
		if c[1] == "<!DOCTYPE x><md:EntityDescriptor " {
			text = strings.Replace(good, c[0], c[1], 1)
		}
		if m, err := saml.ParseMetadata([]byte(text)); err == nil {
			t.Errorf("%s: %+v", name, m)
		}
	}
}

// FuzzVerify looks for a text that the provider never signed and that says
// anything but what it did sign. What it signed is in testdata, because keys
// take long to make where every step is watched; theirs is thrown away.
func FuzzVerify(f *testing.F) {
	read := func(name string) []byte {
		text, err := os.ReadFile(filepath.Join("testdata", name+".xml"))
		if err != nil {
			f.Fatal(err)
		}
		return text
	}
	m, err := saml.ParseMetadata(read("metadata"))
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range []string{"assertion-signed", "response-signed", "both-signed", "unsigned"} {
		f.Add(string(read(name)))
	}
	f.Add(`<a b="c" xmlns:d="e"><d:f/></a>`)
	f.Fuzz(func(t *testing.T, doc string) {
		got, err := saml.Verify(base64.StdEncoding.EncodeToString([]byte(doc)), m, expect(now))
		if err == nil && (got.Subject != "ann" || got.Issuer != entity || len(got.Values("groups")) != 2) {
			t.Errorf("%+v", got)
		}
		if _, err := saml.ParseMetadata([]byte(doc)); err == nil && !strings.Contains(doc, "EntityDescriptor") {
			t.Error("metadata without EntityDescriptor")
		}
	})
}

// What is in testdata is good, or the fuzzer would start from nothing.
func TestSignedOnce(t *testing.T) {
	text, err := os.ReadFile("testdata/metadata.xml")
	if err != nil {
		t.Fatal(err)
	}
	m, err := saml.ParseMetadata(text)
	if err != nil {
		t.Fatal(err)
	}
	for name, ok := range map[string]bool{"assertion-signed": true, "response-signed": true, "both-signed": true, "unsigned": false} {
		if text, err = os.ReadFile("testdata/" + name + ".xml"); err != nil {
			t.Fatal(err)
		}
		if _, err := saml.Verify(base64.StdEncoding.EncodeToString(text), m, expect(now)); (err == nil) != ok {
			t.Errorf("%s: %v", name, err)
		}
	}
}
