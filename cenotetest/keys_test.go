package cenotetest

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"flag"
	"os"
	"testing"

	"github.com/cenote-id/cenote/internal/token"
)

var update = flag.Bool("update", false, "generate the keys that are shipped again")

// shippedKeys is how many there are: one for the server, two for each of a few
// pools.
const shippedKeys = 9

func TestShippedKeys(t *testing.T) {
	if *update {
		var text bytes.Buffer
		for range shippedKeys {
			key, err := rsa.GenerateKey(rand.Reader, token.Bits)
			if err != nil {
				t.Fatal(err)
			}
			if err := pem.Encode(&text, &pem.Block{Type: keyBlock, Bytes: x509.MarshalPKCS1PrivateKey(key)}); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.WriteFile("testdata/keys.pem", text.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	moduli := map[string]bool{}
	for rest := shipped; ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		key, err := x509.ParsePKCS1PrivateKey(block.Bytes)
		if err != nil || block.Type != keyBlock || key.N.BitLen() != token.Bits {
			t.Errorf("%s: %v", block.Type, err)
			continue
		}
		moduli[key.N.String()] = true
	}
	if len(moduli) != shippedKeys {
		t.Errorf("%d different keys, want %d", len(moduli), shippedKeys)
	}
}

// Servers that run at the same time never sign with the same key, and nobody
// gets a key under an id that it had before.
func TestStock(t *testing.T) {
	all := &keyStock{free: [][]byte{{1}, {2}, {3}, {4}}}
	one, two := &keys{stock: all}, &keys{stock: all}
	take := func(k *keys, n int) (private, ids []string) {
		t.Helper()
		list, err := k.TakeSpareKeys(t.Context(), n)
		if err != nil {
			t.Fatal(err)
		}
		for _, key := range list {
			private, ids = append(private, string(key.Private)), append(ids, key.ID)
		}
		return private, ids
	}
	count := func(want int) {
		t.Helper()
		if n, err := one.CountSpareKeys(t.Context()); err != nil || n != want {
			t.Errorf("%d spare keys, %v; want %d", n, err, want)
		}
	}
	first, firstIDs := take(one, 1)
	count(token.StockSize)
	second, _ := take(two, 2)
	count(1)
	third, _ := take(two, 2) // fewer than asked for
	if len(first) != 1 || len(second) != 2 || len(third) != 1 {
		t.Fatalf("%d, %d and %d keys", len(first), len(second), len(third))
	}
	seen := map[string]bool{}
	for _, k := range append(append(first, second...), third...) {
		if seen[k] {
			t.Errorf("key %q is with two servers", k)
		}
		seen[k] = true
	}
	count(0)
	if err := one.PutSpareKey(t.Context(), token.SpareKey{ID: "x", Private: []byte{5}}); err != nil {
		t.Fatal(err)
	}
	count(1)
	one.giveBack(one.held())
	count(token.StockSize)
	again, againIDs := take(two, 2)
	if again[1] != first[0] || againIDs[1] == firstIDs[0] {
		t.Errorf("key %q under %s, then %q under %s", first, firstIDs, again, againIDs)
	}
}
