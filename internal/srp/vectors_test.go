package srp_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/cenote-id/cenote/internal/srp"
	"github.com/cenote-id/cenote/internal/srp/modp"
	"github.com/cenote-id/cenote/internal/srp/srpclient"
)

type vector struct {
	Name, Pool, User, Password, Salt, Timestamp string
	X, U, K, Signature                          string
	V                                           string `json:"sha256_pad_v"`
	A                                           string `json:"sha256_pad_A"`
	B                                           string `json:"sha256_pad_B"`
	S                                           string `json:"sha256_pad_S"`
}

// vectorSecret stretches a letter to the 1024-bit secret of the vectors.
func vectorSecret(letter byte) []byte {
	var b []byte
	for i := range byte(4) {
		h := sha256.Sum256([]byte{letter, i})
		b = append(b, h[:]...)
	}
	return b
}

func hexOf(b []byte) string { return hex.EncodeToString(b) }

func padHash(b []byte) string {
	h := sha256.Sum256(srp.Pad(b))
	return hexOf(h[:])
}

func salt(t testing.TB, s string) (out [srp.SaltSize]byte) {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil || len(b) != len(out) {
		t.Fatalf("salt %q", s)
	}
	return [srp.SaltSize]byte(b)
}

func TestVectors(t *testing.T) {
	raw, err := os.ReadFile("testdata/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var vectors []vector
	if err := json.Unmarshal(raw, &vectors); err != nil {
		t.Fatal(err)
	}
	block := []byte("fixed-secret-block-0123456789")
	for _, v := range vectors {
		t.Run(v.Name, func(t *testing.T) {
			client := srpclient.FromSecret(vectorSecret('a'))
			a, err := srp.ParsePublicKey(client.A())
			if err != nil {
				t.Fatal(err)
			}
			id := srp.Identity{Pool: v.Pool, Name: v.User}
			got := srp.Trace(id, v.Password, salt(t, v.Salt), a, vectorSecret('b'))
			for _, c := range []struct{ step, got, want string }{
				{"x", hexOf(got.X), v.X},
				{"v", padHash(got.V), v.V},
				{"A", padHash(got.A), v.A},
				{"B", padHash(got.B), v.B},
				{"u", hexOf(got.U), v.U},
				{"S", padHash(got.S), v.S},
				{"K", hexOf(got.K), v.K},
			} {
				if c.got != c.want {
					t.Errorf("%s = %s, want %s", c.step, c.got, c.want)
				}
			}
			mac := hmac.New(sha256.New, got.K)
			mac.Write([]byte(v.Pool + v.User + string(block) + v.Timestamp))
			if s := base64.StdEncoding.EncodeToString(mac.Sum(nil)); s != v.Signature {
				t.Errorf("signature = %s, want %s", s, v.Signature)
			}

			at, err := time.Parse(time.UnixDate, v.Timestamp)
			if err != nil {
				t.Fatal(err)
			}
			claim, err := client.Answer(srpclient.Challenge{
				Pool: v.Pool, User: v.User, Salt: v.Salt, B: hexOf(got.B),
				SecretBlock: base64.StdEncoding.EncodeToString(block),
			}, v.Password, at)
			if err != nil {
				t.Fatal(err)
			}
			if want := (srpclient.Claim{Timestamp: v.Timestamp, Signature: v.Signature}); claim != want {
				t.Errorf("the client answers %+v, want %+v", claim, want)
			}
		})
	}
}

func TestPad(t *testing.T) {
	for in, want := range map[string]string{
		"": "00", "00": "00", "01": "01", "7f": "7f", "80": "0080", "0abc": "0abc", "000080": "0080", "ff00": "00ff00",
	} {
		b, err := hex.DecodeString(in)
		if err != nil {
			t.Fatal(err)
		}
		if got := hexOf(srp.Pad(b)); got != want {
			t.Errorf("pad(%s) = %s, want %s", in, got, want)
		}
	}
}

func TestMultiplier(t *testing.T) {
	n := modp.Prime()
	h := sha256.Sum256(append(srp.Pad(n[:]), 2))
	if got := hexOf(srp.Multiplier()); got != hexOf(h[:]) {
		t.Errorf("k = %s, want %s", got, hexOf(h[:]))
	}
	if !strings.HasPrefix(hexOf(n[:]), "ffffffffffffffffc90fdaa2") {
		t.Errorf("N = %x", n)
	}
}
