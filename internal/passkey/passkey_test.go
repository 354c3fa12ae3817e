package passkey_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/descope/virtualwebauthn"

	"github.com/cenote-id/cenote/internal/passkey"
)

var (
	now  = time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	site = virtualwebauthn.RelyingParty{ID: "example.com", Name: "example.com", Origin: "https://www.example.com"}
)

func ceremony() passkey.Ceremony {
	return passkey.Ceremony{
		RelyingParty: "example.com", Challenge: bytes.Repeat([]byte("c"), passkey.ChallengeSize), User: []byte("a-sub"), Verified: true,
	}
}

func create(t *testing.T, rp virtualwebauthn.RelyingParty, auth virtualwebauthn.Authenticator, key virtualwebauthn.Credential) []byte {
	t.Helper()
	options, err := ceremony().Creation("alice", nil)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := virtualwebauthn.ParseAttestationOptions(string(options))
	if err != nil {
		t.Fatal(err)
	}
	return []byte(virtualwebauthn.CreateAttestationResponse(rp, auth, key, *parsed))
}

func sign(t *testing.T, c passkey.Ceremony, rp virtualwebauthn.RelyingParty, auth virtualwebauthn.Authenticator, key virtualwebauthn.Credential, known []passkey.Credential) []byte {
	t.Helper()
	options, err := c.Request(known)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := virtualwebauthn.ParseAssertionOptions(options)
	if err != nil {
		t.Fatal(err)
	}
	return []byte(virtualwebauthn.CreateAssertionResponse(rp, auth, key, *parsed))
}

func TestOptions(t *testing.T) {
	c := ceremony()
	known := []passkey.Credential{
		{ID: []byte("one"), RelyingParty: "example.com", Transports: []string{"usb"}}, {ID: []byte("two"), RelyingParty: "example.org"},
	}
	got, err := c.Creation("alice", known)
	if err != nil {
		t.Fatal(err)
	}
	challenge := base64.RawURLEncoding.EncodeToString(c.Challenge)
	want := `{"authenticatorSelection":{"requireResidentKey":true,"residentKey":"required","userVerification":"required"},` +
		`"challenge":"` + challenge + `","excludeCredentials":[{"id":"b25l","type":"public-key"}],` +
		`"pubKeyCredParams":[{"alg":-7,"type":"public-key"},{"alg":-257,"type":"public-key"}],` +
		`"rp":{"id":"example.com","name":"example.com"},"timeout":60000,"user":{"displayName":"alice","id":"YS1zdWI","name":"alice"}}`
	if string(got) != want {
		t.Errorf("creation\n%s, want\n%s", got, want)
	}
	c.Verified = false
	request, err := c.Request(known)
	want = `{"challenge":"` + challenge + `","timeout":180000,"rpId":"example.com",` +
		`"allowCredentials":[{"id":"b25l","transports":["usb"],"type":"public-key"}],"userVerification":"preferred"}`
	if err != nil || request != want {
		t.Errorf("request\n%s, want\n%s", request, want)
	}
}

func TestBothCeremonies(t *testing.T) {
	for name, kind := range map[string]virtualwebauthn.KeyType{"EC": virtualwebauthn.KeyTypeEC2, "RSA": virtualwebauthn.KeyTypeRSA} {
		t.Run(name, func(t *testing.T) {
			auth, key := virtualwebauthn.NewAuthenticator(), ec2Key()
			if kind != virtualwebauthn.KeyTypeEC2 {
				key = virtualwebauthn.NewCredential(kind)
			}
			auth.Options.UserHandle = []byte("a-sub")
			c, err := ceremony().Register(create(t, site, auth, key), now)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(c.ID, key.ID) || c.RelyingParty != "example.com" || c.Name() != "Roaming passkey" || !c.CreatedAt.Equal(now) {
				t.Errorf("%+v", c)
			}
			key.Counter = 5
			used, verified, err := ceremony().Authenticate(sign(t, ceremony(), site, auth, key, []passkey.Credential{*c}), []passkey.Credential{*c})
			if err != nil || !verified || used.SignCount != 5 {
				t.Fatalf("%+v, %t, %v", used, verified, err)
			}
			// A counter that does not move is a copy's.
			if _, _, err := ceremony().Authenticate(sign(t, ceremony(), site, auth, key, nil), []passkey.Credential{used}); !errors.Is(err, passkey.ErrInvalid) {
				t.Errorf("the same counter: %v", err)
			}
		})
	}
}

func TestRegistrationIsRefused(t *testing.T) {
	auth, key := virtualwebauthn.NewAuthenticator(), ec2Key()
	elsewhere := func(origin string) virtualwebauthn.RelyingParty {
		return virtualwebauthn.RelyingParty{ID: "example.com", Origin: origin}
	}
	unverified := virtualwebauthn.NewAuthenticatorWithOptions(virtualwebauthn.AuthenticatorOptions{UserNotVerified: true})
	absent := virtualwebauthn.NewAuthenticatorWithOptions(virtualwebauthn.AuthenticatorOptions{UserNotPresent: true})
	other := ceremony()
	other.Challenge = bytes.Repeat([]byte("d"), passkey.ChallengeSize)
	for name, c := range map[string]struct {
		answer []byte
		want   error
	}{
		"no JSON":                {[]byte("{"), passkey.ErrInvalid},
		"nothing":                {[]byte("{}"), passkey.ErrInvalid},
		"too much":               {bytes.Repeat([]byte(" "), 1<<20), passkey.ErrInvalid},
		"a page of others":       {create(t, elsewhere("https://example.com.evil.test"), auth, key), passkey.ErrOrigin},
		"a name that ends alike": {create(t, elsewhere("https://evilexample.com"), auth, key), passkey.ErrOrigin},
		"no TLS":                 {create(t, elsewhere("http://example.com"), auth, key), passkey.ErrOrigin},
		"an app":                 {create(t, elsewhere("android:apk-key-hash:AAAA"), auth, key), passkey.ErrOrigin},
		"another relying party":  {create(t, virtualwebauthn.RelyingParty{ID: "example.org", Origin: site.Origin}, auth, key), passkey.ErrRelyingParty},
		"nobody verified":        {create(t, site, unverified, key), passkey.ErrInvalid},
		"nobody present":         {create(t, site, absent, key), passkey.ErrInvalid},
		"not discoverable": {
			[]byte(strings.Replace(string(create(t, site, auth, key)), "{", `{"clientExtensionResults":{"credProps":{"rk":false}},`, 1)), passkey.ErrUnsupported,
		},
		"a signature of something else": {tamper(t, create(t, site, auth, key)), passkey.ErrInvalid},
	} {
		if got, err := ceremony().Register(c.answer, now); !errors.Is(err, c.want) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	if _, err := other.Register(create(t, site, auth, key), now); !errors.Is(err, passkey.ErrChallenge) {
		t.Errorf("another challenge: %v", err)
	}
}

// tamper adds a member to the client data that was signed.
func tamper(t *testing.T, answer []byte) []byte {
	t.Helper()
	var parts map[string]json.RawMessage
	var response map[string]string
	if err := errors.Join(json.Unmarshal(answer, &parts), json.Unmarshal(parts["response"], &response)); err != nil {
		t.Fatal(err)
	}
	data, err := base64.RawURLEncoding.DecodeString(response["clientDataJSON"])
	if err != nil {
		t.Fatal(err)
	}
	response["clientDataJSON"] = base64.RawURLEncoding.EncodeToString(append(data, ' '))
	if parts["response"], err = json.Marshal(response); err != nil {
		t.Fatal(err)
	}
	out, err := json.Marshal(parts)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestSignInIsRefused(t *testing.T) {
	auth, key, stranger := virtualwebauthn.NewAuthenticator(), ec2Key(), ec2Key()
	registered, err := ceremony().Register(create(t, site, auth, key), now)
	if err != nil {
		t.Fatal(err)
	}
	known := []passkey.Credential{*registered}
	forged := stranger
	forged.ID = key.ID
	handle := virtualwebauthn.NewAuthenticatorWithOptions(virtualwebauthn.AuthenticatorOptions{UserHandle: []byte("another-sub")})
	synced := virtualwebauthn.NewAuthenticatorWithOptions(virtualwebauthn.AuthenticatorOptions{BackupEligible: true})
	unverified := virtualwebauthn.NewAuthenticatorWithOptions(virtualwebauthn.AuthenticatorOptions{UserNotVerified: true})
	other := ceremony()
	other.Challenge = bytes.Repeat([]byte("d"), passkey.ChallengeSize)
	for name, c := range map[string]struct {
		answer []byte
		want   error
	}{
		"nothing":              {[]byte("{}"), passkey.ErrInvalid},
		"an unknown key":       {sign(t, ceremony(), site, auth, stranger, nil), passkey.ErrInvalid},
		"another key's answer": {sign(t, ceremony(), site, auth, forged, nil), passkey.ErrInvalid},
		"another challenge":    {sign(t, other, site, auth, key, nil), passkey.ErrChallenge},
		"another user":         {sign(t, ceremony(), site, handle, key, nil), passkey.ErrInvalid},
		"another origin":       {sign(t, ceremony(), virtualwebauthn.RelyingParty{ID: "example.com", Origin: "https://example.org"}, auth, key, nil), passkey.ErrOrigin},
		"another party":        {sign(t, ceremony(), virtualwebauthn.RelyingParty{ID: "example.org", Origin: site.Origin}, auth, key, nil), passkey.ErrRelyingParty},
		"suddenly synced":      {sign(t, ceremony(), site, synced, key, nil), passkey.ErrInvalid},
		"nobody verified":      {sign(t, ceremony(), site, unverified, key, nil), passkey.ErrInvalid},
		"a registration":       {create(t, site, auth, key), passkey.ErrInvalid},
		"changed":              {tamper(t, sign(t, ceremony(), site, auth, key, nil)), passkey.ErrInvalid},
	} {
		if used, _, err := ceremony().Authenticate(c.answer, known); !errors.Is(err, c.want) {
			t.Errorf("%s: %+v, %v", name, used, err)
		}
	}
}

// Whatever a stranger sends is refused or checked, and never more than that.
func FuzzAnswers(f *testing.F) {
	f.Add([]byte(`{}`))
	f.Add([]byte(`{"id":"AA","rawId":"AA","type":"public-key","response":{"clientDataJSON":"e30","attestationObject":"oA"}}`))
	f.Add([]byte(`{"id":"AA","rawId":"AA","type":"public-key","response":{"clientDataJSON":"e30","authenticatorData":"AA","signature":"AA"}}`))
	f.Fuzz(func(t *testing.T, answer []byte) {
		if c, err := ceremony().Register(answer, now); err == nil {
			t.Errorf("registered %+v", c)
		}
		known := []passkey.Credential{{ID: []byte{0}, PublicKey: []byte{0xa0}, RelyingParty: "example.com"}}
		if c, _, err := ceremony().Authenticate(answer, known); err == nil {
			t.Errorf("signed in by %+v", c)
		}
	})
}

// ec2Key returns a credential with a P-256 key. The library leaves leading
// zeros of the coordinates out, which COSE does not allow (RFC 9053, section
// 7.1.1), so one key in 128 would be refused; those are thrown away.
func ec2Key() virtualwebauthn.Credential {
	const encoded = 77 // bytes of the COSE key with both coordinates whole
	for {
		if c := virtualwebauthn.NewCredential(virtualwebauthn.KeyTypeEC2); len(c.Key.AttestationData()) == encoded {
			return c
		}
	}
}
