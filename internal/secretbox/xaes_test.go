package secretbox

import (
	"bytes"
	"encoding/hex"
	"testing"
)

// The two published vectors of the XAES-256-GCM specification; between them
// they cover both values of the bit that decides the CMAC mask's reduction.
func TestXAESVectors(t *testing.T) {
	for _, v := range []struct {
		key        byte
		ad, sealed string
	}{
		{1, "", "ce546ef63c9cc60765923609b33a9a1974e96e52daf2fcf7075e2271"},
		{3, "c2sp.org/XAES-256-GCM", "986ec1832593df5443a179437fd083bf3fdb41abd740a21f71eb769d"},
	} {
		x := newXAES(bytes.Repeat([]byte{v.key}, 32))
		nonce := []byte("ABCDEFGHIJKLMNOPQRSTUVWX")
		sealed := x.seal(nil, nonce, []byte("XAES-256-GCM"), []byte(v.ad))
		if got := hex.EncodeToString(sealed); got != v.sealed {
			t.Errorf("key %d: sealed %s, want %s", v.key, got, v.sealed)
		}
		opened, err := x.open(nonce, sealed, []byte(v.ad))
		if err != nil || string(opened) != "XAES-256-GCM" {
			t.Errorf("key %d: opened %q, %v", v.key, opened, err)
		}
	}
}

func BenchmarkSeal600(b *testing.B) {
	x, nonce, text := newXAES(Bytes(32)), Bytes(24), Bytes(600)
	for b.Loop() {
		x.seal(nil, nonce, text, nil)
	}
}
