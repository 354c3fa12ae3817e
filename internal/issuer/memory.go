package issuer

import (
	"crypto/sha256"
	"sync"
)

// maxVerified bounds what the remembered tokens take, in bytes: room for some
// 16,000 of the usual kind. Their number alone would be no bound, since a token
// may have fifty thousand characters and whoever issues tokens can make many.
const maxVerified = 64 << 20

// memory remembers which tokens have a good signature, so that a client that
// uses its ID token many times costs one RSA verification. It holds hashes of
// tokens, never tokens, and proves nothing but the signature: issuer, expiry
// and audience are checked each time, and the key must still be published.
//
// There are two generations; when the young one takes half the limit it becomes
// the old one, and the old one is dropped.
type memory struct {
	half int // bytes

	mu         sync.Mutex // guards what follows
	young, old map[digest]signed
	size       int // of the young one, bytes
}

type digest [sha256.Size]byte

// digestOf names a token under the rules of one kind of issuer: what is good
// for one kind may use an algorithm that another refuses.
func digestOf(kind Kind, token string) digest {
	h := sha256.New()
	h.Write([]byte{byte(kind)})
	h.Write([]byte(token))
	return digest(h.Sum(nil))
}

// signed is a token and the key that verified its signature.
type signed struct {
	claims           *Claims
	keyID, algorithm string
	key              Key
}

func newMemory(limit int) *memory { return &memory{half: limit / 2, young: map[digest]signed{}} }

func (m *memory) get(d digest) (signed, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	s, ok := m.young[d]
	if !ok {
		if s, ok = m.old[d]; ok {
			m.keep(d, s)
		}
	}
	return s, ok
}

func (m *memory) put(d digest, s signed) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.keep(d, s)
}

func (m *memory) keep(d digest, s signed) {
	if _, there := m.young[d]; there {
		return
	}
	n := s.weight()
	if m.size+n > m.half {
		m.young, m.old, m.size = map[digest]signed{}, m.young, 0
	}
	m.young[d] = s
	m.size += n
}

// weight is about how many bytes a token takes: its claims' texts, and for
// each a place in a map.
func (s *signed) weight() int {
	const entry, claim = 512, 96
	n := entry
	for name, raw := range s.claims.all {
		n += claim + len(name) + len(raw)
	}
	return n
}
