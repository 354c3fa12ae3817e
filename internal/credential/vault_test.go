package credential

import (
	"encoding/base64"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/sigv4"
	"github.com/cenote-id/cenote/internal/awsapi/sts"
	"github.com/cenote-id/cenote/internal/secretbox"
)

func dataKey(id secretbox.KeyID, fill string) secretbox.Key {
	return secretbox.Key{ID: id, Secret: []byte(strings.Repeat(fill, 32))}
}

func newRing(t testing.TB, keys ...secretbox.Key) *secretbox.Ring {
	t.Helper()
	ring, err := secretbox.NewRing(func() time.Time { return time.Unix(1_700_000_000, 0) }, keys...)
	if err != nil {
		t.Fatal(err)
	}
	return ring
}

func guest() *record {
	return &record{
		kind: awsapi.AssumedRole, account: "123456789012", name: "guest", path: "/app/", entityID: "AROAQAAAAAAAAAAAAAAAA",
		session: awsapi.Session{
			Name: "CognitoIdentityCredentials", IssuedAt: time.Unix(1_700_000_000, 0).UTC(), ExpiresAt: time.Unix(1_700_003_600, 0).UTC(),
			FederatedProvider: "cognito-identity.amazonaws.com",
			Context: map[string][]string{
				"cognito-identity.amazonaws.com:aud": {"ap-northeast-1:00000000-0000-4000-8000-000000000000"},
				"cognito-identity.amazonaws.com:sub": {"ap-northeast-1:11111111-0000-4000-8000-000000000000"},
				"cognito-identity.amazonaws.com:amr": {"unauthenticated"},
			},
		},
	}
}

// anyRecord draws a record as a caller of mint may build it.
func anyRecord(t *rapid.T) *record {
	text := rapid.StringN(0, 12, 40)
	texts := rapid.SliceOfN(text, 0, 4)
	issued := time.Unix(rapid.Int64Range(1, 1<<33).Draw(t, "issued"), 0).UTC()
	r := &record{
		kind:    rapid.SampledFrom(kinds).Draw(t, "kind"),
		account: rapid.StringMatching(`[0-9]{12}`).Draw(t, "account"),
		name:    text.Draw(t, "name"), path: text.Draw(t, "path"), entityID: text.Draw(t, "id"),
		session: awsapi.Session{
			Name: text.Draw(t, "session"), IssuedAt: issued,
			ExpiresAt:         issued.Add(time.Duration(rapid.Int64Range(0, 129600).Draw(t, "lasts")) * time.Second),
			Policies:          texts.Draw(t, "policies"),
			PolicyARNs:        texts.Draw(t, "arns"),
			Restricted:        rapid.Bool().Draw(t, "restricted"),
			Tags:              rapid.MapOfN(text, text, 0, 5).Draw(t, "tags"),
			TransitiveTags:    texts.Draw(t, "transitive"),
			SourceIdentity:    text.Draw(t, "identity"),
			FederatedProvider: text.Draw(t, "provider"),
			Context:           rapid.MapOfN(text, texts, 0, 5).Draw(t, "context"),
			ChainDepth:        rapid.IntRange(0, 1000).Draw(t, "depth"),
			MFAAuthenticated:  rapid.Bool().Draw(t, "mfa"),
		},
	}
	if r.session.MFAAuthenticated {
		r.session.MFAAt = issued
	}
	return r
}

func TestRecordsSurvive(t *testing.T) {
	ring := newRing(t, dataKey(1, "k"))
	rapid.Check(t, func(rt *rapid.T) {
		want := anyRecord(rt)
		c, _, err := mint(ring, want, 0)
		if err != nil {
			rt.Fatal(err)
		}
		got, secret, err := open(ring, c.AccessKeyID, c.SessionToken)
		if err != nil {
			rt.Fatal(err)
		}
		if secret != c.SecretAccessKey || len(secret) != 40 {
			rt.Errorf("secret %q, minted as %q", secret, c.SecretAccessKey)
		}
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(record{}), cmpopts.EquateEmpty()); diff != "" {
			rt.Error(diff)
		}
	})
}

func TestCallers(t *testing.T) {
	for _, tt := range []struct {
		kind            awsapi.PrincipalKind
		id              string
		arn, own, which string
	}{
		{awsapi.AssumedRole, "AROAX", "arn:aws:sts::123456789012:assumed-role/n/s", "arn:aws:iam::123456789012:role/p/n", "AROAX:s"},
		{awsapi.User, "AIDAX", "arn:aws:iam::123456789012:user/p/n", "arn:aws:iam::123456789012:user/p/n", "AIDAX"},
		{awsapi.FederatedUser, "AIDAX", "arn:aws:sts::123456789012:federated-user/n", "arn:aws:sts::123456789012:federated-user/n", "123456789012:n"},
		{awsapi.Root, "", "arn:aws:iam::123456789012:root", "arn:aws:iam::123456789012:root", "123456789012"},
	} {
		r := record{kind: tt.kind, account: "123456789012", name: "n", path: "/p/", entityID: tt.id, session: awsapi.Session{Name: "s"}}
		c := r.caller()
		if c.ARN != tt.arn || c.PrincipalARN != tt.own || c.UserID != tt.which {
			t.Errorf("%s: %s, %s, %s", tt.kind, c.ARN, c.PrincipalARN, c.UserID)
		}
	}
}

func TestAnyChangedCharacterIsRefused(t *testing.T) {
	ring := newRing(t, dataKey(1, "k"))
	c, _, err := mint(ring, guest(), 0)
	if err != nil {
		t.Fatal(err)
	}
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="
	for i := range c.SessionToken {
		for _, with := range []byte{alphabet[i%65], alphabet[(i+31)%65], ' ', '\n'} {
			changed := []byte(c.SessionToken)
			if changed[i] == with {
				continue
			}
			changed[i] = with
			if _, _, err := open(ring, c.AccessKeyID, string(changed)); !errors.Is(err, sigv4.ErrDamagedToken) {
				t.Fatalf("character %d changed to %q: %v", i, with, err)
			}
		}
	}
	for name, token := range map[string]string{
		"empty": "", "cut short": c.SessionToken[:len(c.SessionToken)-4], "longer": c.SessionToken + "AAAA", "with a line break": c.SessionToken + "\n",
		"twice": c.SessionToken + c.SessionToken, "too long": strings.Repeat("A", 1<<20), "not base64": "IQoJb3JpZ2lu_",
		"not ours": base64.StdEncoding.EncodeToString([]byte(strings.Repeat("x", 200))),
	} {
		if _, _, err := open(ring, c.AccessKeyID, token); !errors.Is(err, sigv4.ErrDamagedToken) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTokensAreBoundToTheirKeyID(t *testing.T) {
	ring := newRing(t, dataKey(1, "k"))
	a, _, _ := mint(ring, guest(), 0)
	b, _, _ := mint(ring, guest(), 0)
	if a.AccessKeyID == b.AccessKeyID || a.SecretAccessKey == b.SecretAccessKey || a.SessionToken == b.SessionToken {
		t.Fatal("two sessions share a part of their credentials")
	}
	if _, _, err := open(ring, a.AccessKeyID, b.SessionToken); !errors.Is(err, sigv4.ErrDamagedToken) {
		t.Errorf("token of another key id: %v", err)
	}
}

// A sealed value of another part of the deployment is not a session token.
func TestTokensAreBoundToTheirPurpose(t *testing.T) {
	ring := newRing(t, dataKey(1, "k"))
	const id = "ASIAQAAAAAAAAAAAAAAA"
	for _, ad := range []string{id, "page token\x00" + id, tokenPurpose} {
		token := base64.StdEncoding.EncodeToString(ring.Seal(guest().encode(nil), []byte(ad)))
		if _, _, err := open(ring, id, token); !errors.Is(err, sigv4.ErrDamagedToken) {
			t.Errorf("sealed for %q: %v", ad, err)
		}
	}
}

func TestRotationKeepsSessions(t *testing.T) {
	ring := newRing(t, dataKey(1, "a"))
	c, _, err := mint(ring, guest(), 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := ring.Replace(dataKey(1, "a"), dataKey(2, "b")); err != nil {
		t.Fatal(err)
	}
	if _, secret, err := open(ring, c.AccessKeyID, c.SessionToken); err != nil || secret != c.SecretAccessKey {
		t.Errorf("after a rotation: secret kept %t, %v", secret == c.SecretAccessKey, err)
	}
	if err := ring.Replace(dataKey(2, "b")); err != nil {
		t.Fatal(err)
	}
	if _, _, err := open(ring, c.AccessKeyID, c.SessionToken); !errors.Is(err, sigv4.ErrDamagedToken) {
		t.Errorf("after the key was dropped: %v", err)
	}
	other := newRing(t, dataKey(1, "z"))
	if _, _, err := open(other, c.AccessKeyID, c.SessionToken); !errors.Is(err, sigv4.ErrDamagedToken) {
		t.Errorf("in another deployment: %v", err)
	}
}

func TestPackedSize(t *testing.T) {
	ring := newRing(t, dataKey(1, "k"))
	plain, percent, err := mint(ring, guest(), 0)
	if err != nil || percent != nil {
		t.Errorf("neither policies nor tags: packed %v, %v", percent, err)
	}
	if len(plain.SessionToken) > 700 {
		t.Errorf("a plain session takes %d characters", len(plain.SessionToken))
	}

	small := guest()
	small.session.Policies = []string{`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}`}
	if _, percent, err = mint(ring, small, 0); err != nil || percent == nil || *percent < 1 || *percent > 10 {
		t.Errorf("small policy: packed %v, %v", percent, err)
	}

	// Random text does not compress.
	for name, bloat := range map[string]func(s *awsapi.Session, text string){
		"policy":  func(s *awsapi.Session, text string) { s.Policies = []string{text} },
		"tags":    func(s *awsapi.Session, text string) { s.Tags = map[string]string{"t": text} },
		"context": func(s *awsapi.Session, text string) { s.Context["x"] = []string{text} },
	} {
		r := guest()
		bloat(&r.session, secretbox.String(4000, secretbox.Alphanumeric))
		_, _, err = mint(ring, r, 0)
		if !errors.Is(err, sts.PackedPolicyTooLargeException("")) || !strings.Contains(err.Error(), "Serialized token too large for session") {
			t.Errorf("large %s: %v", name, err)
		}
	}
}

func TestTokenSize(t *testing.T) {
	ring := newRing(t, dataKey(1, "k"))
	rapid.Check(t, func(rt *rapid.T) {
		atLeast := rapid.Int64Range(0, maxToken).Draw(rt, "at least")
		c, _, err := mint(ring, guest(), atLeast)
		if err != nil {
			rt.Fatal(err)
		}
		if n := int64(len(c.SessionToken)); n < atLeast || n > max(atLeast+3, 700) {
			rt.Errorf("asked for %d, got %d", atLeast, n)
		}
		if got, _, err := open(ring, c.AccessKeyID, c.SessionToken); err != nil || got.name != "guest" {
			rt.Errorf("opened as %+v, %v", got, err)
		}
	})
	full, _, err := mint(ring, guest(), maxToken)
	if err != nil || full.Utilization() != 100 {
		t.Errorf("the longest token: %d %%, %v", full.Utilization(), err)
	}
}

// FuzzDecode feeds the record reader what no honest token holds.
func FuzzDecode(f *testing.F) {
	r := guest()
	f.Add(r.encode(nil))
	r.session.Tags = map[string]string{"a": "b"}
	f.Add(r.encode(pack(&r.session)))
	f.Add([]byte{recordFormat, 2, 3, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1})
	f.Fuzz(func(t *testing.T, b []byte) {
		got, err := decode(b)
		if err != nil {
			return
		}
		again, err := decode(got.encode(pack(&got.session)))
		if err != nil {
			t.Fatalf("%x does not read back: %v", b, err)
		}
		if diff := cmp.Diff(got, again, cmp.AllowUnexported(record{}), cmpopts.EquateEmpty()); diff != "" {
			t.Fatal(diff)
		}
	})
}

func BenchmarkMint(b *testing.B) {
	ring := newRing(b, dataKey(1, "k"))
	r := guest()
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := mint(ring, r, 0); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkOpen(b *testing.B) {
	ring := newRing(b, dataKey(1, "k"))
	c, _, _ := mint(ring, guest(), 0)
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := open(ring, c.AccessKeyID, c.SessionToken); err != nil {
			b.Fatal(err)
		}
	}
}
