package cenotetest

import (
	"context"
	_ "embed"
	"encoding/base64"
	"encoding/pem"
	"sync"

	"github.com/cenote-id/cenote/internal/secretbox"
	"github.com/cenote-id/cenote/internal/token"
)

// shipped are signing keys for the first pools of a process, in PEM form.
// Generating an RSA key takes longer than most tests, and what a server in a
// test signs is worth nothing outside of it.
//
//go:embed testdata/keys.pem
var shipped []byte

const keyBlock = "TESTING KEY"

// stock holds the spare signing keys of all servers of a process. A server in
// memory gives back what it took when it ends, so that two servers have a key
// in common only one after the other, and never under the same key id.
var stock = sync.OnceValue(func() *keyStock {
	var s keyStock
	for rest := shipped; ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			return &s
		}
		s.free = append(s.free, block.Bytes)
	}
})

type keyStock struct {
	mu   sync.Mutex
	free [][]byte // PKCS #1
}

// keys is one server's part of the stock. It implements token.Stock.
type keys struct {
	stock *keyStock
	taken [][]byte // guarded by stock.mu
}

// enough is how many keys the next pool may need.
const enough = 2

// CountSpareKeys calls the stock full as soon as it has enough for a pool:
// filling it further would take time from the tests that run.
func (k *keys) CountSpareKeys(context.Context) (int, error) {
	k.stock.mu.Lock()
	defer k.stock.mu.Unlock()
	if n := len(k.stock.free); n < enough {
		return n, nil
	}
	return token.StockSize, nil
}

// PutSpareKey adds a key that was just generated.
func (k *keys) PutSpareKey(_ context.Context, key token.SpareKey) error {
	k.stock.mu.Lock()
	defer k.stock.mu.Unlock()
	k.stock.free = append(k.stock.free, key.Private)
	return nil
}

// TakeSpareKeys hands out keys under new ids.
func (k *keys) TakeSpareKeys(_ context.Context, n int) ([]token.SpareKey, error) {
	k.stock.mu.Lock()
	defer k.stock.mu.Unlock()
	n = min(n, len(k.stock.free))
	out := make([]token.SpareKey, n)
	for i, private := range k.stock.free[:n] {
		out[i] = token.SpareKey{ID: base64.StdEncoding.EncodeToString(secretbox.Bytes(32)), Private: private}
	}
	k.taken = append(k.taken, k.stock.free[:n]...)
	k.stock.free = k.stock.free[n:]
	return out, nil
}

// held tells how many keys the server has taken so far.
func (k *keys) held() int {
	k.stock.mu.Lock()
	defer k.stock.mu.Unlock()
	return len(k.taken)
}

// giveBack returns the first n keys that the server took.
func (k *keys) giveBack(n int) {
	k.stock.mu.Lock()
	defer k.stock.mu.Unlock()
	k.stock.free = append(k.stock.free, k.taken[:n]...)
	k.taken = k.taken[n:]
}
