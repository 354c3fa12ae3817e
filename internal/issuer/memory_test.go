package issuer

import (
	"encoding/binary"
	"encoding/json"
	"strings"
	"testing"
)

// The memory is bounded in bytes, however long the tokens are.
func TestMemoryIsBounded(t *testing.T) {
	const limit = 1 << 20
	for _, length := range []int{0, 1000, 40_000} {
		m := newMemory(limit)
		token := signed{claims: &Claims{all: map[string]json.RawMessage{"x": json.RawMessage(strings.Repeat("1", length))}}}
		for i := range uint64(10_000) {
			var d digest
			binary.BigEndian.PutUint64(d[:], i)
			m.put(d, token)
			m.put(d, token) // the same again takes no more
			if _, ok := m.get(d); !ok {
				t.Fatalf("length %d: token %d was not kept", length, i)
			}
		}
		kept := (len(m.young) + len(m.old)) * token.weight()
		if kept > limit || kept < limit/2-2*token.weight() {
			t.Errorf("length %d: %d tokens take %d bytes of %d", length, len(m.young)+len(m.old), kept, limit)
		}
	}
}
