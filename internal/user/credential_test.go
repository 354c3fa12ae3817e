package user_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/cenote-id/cenote/internal/password"
	"github.com/cenote-id/cenote/internal/user"
)

func TestCredentialRoundTrip(t *testing.T) {
	stored := rapid.Custom(func(t *rapid.T) password.Stored {
		return password.Stored{
			Salt:     rapid.SliceOfN(rapid.Byte(), 0, 32).Draw(t, "salt"),
			Verifier: rapid.SliceOfN(rapid.Byte(), 0, 384).Draw(t, "verifier"),
			Hash:     rapid.StringN(0, 20, 100).Draw(t, "hash"),
		}
	})
	rapid.Check(t, func(t *rapid.T) {
		c := &user.Credential{
			Stored: stored.Draw(t, "stored"),
			SetAt:  time.UnixMicro(rapid.Int64Range(0, 1<<52).Draw(t, "set at")).UTC(),
			Past:   rapid.SliceOfN(stored, 0, 24).Draw(t, "past"),
		}
		got, err := user.DecodeCredential(c.Encode())
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c, got, cmpopts.EquateEmpty()); diff != "" {
			t.Fatal(diff)
		}
	})
}

func FuzzDecodeCredential(f *testing.F) {
	f.Add([]byte{})
	f.Add((&user.Credential{SetAt: noon}).Encode())
	f.Add((&user.Credential{Stored: password.Stored{Salt: []byte("s"), Verifier: []byte("v")}, Past: []password.Stored{{Hash: "h"}}}).Encode())
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := user.DecodeCredential(b)
		if err != nil {
			return
		}
		again, err := user.DecodeCredential(c.Encode())
		if err != nil || !bytes.Equal(again.Encode(), c.Encode()) {
			t.Errorf("%x decodes to something else the second time: %v", b, err)
		}
	})
}
