package issuer

import (
	"crypto/sha256"
	"sync"
)

// maxVerified bounds the tokens whose signatures are remembered.
const maxVerified = 16384

// memory remembers which tokens have a good signature, so that a client that
// uses its ID token many times costs one RSA verification. It holds hashes of
// tokens, never tokens, and proves nothing but the signature: issuer, expiry
// and audience are checked each time, and the key must still be published.
//
// There are two generations; when the young one is half the limit it becomes
// the old one, and the old one is dropped.
type memory struct {
	half int

	mu         sync.Mutex
	young, old map[digest]signed
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
	if len(m.young) >= m.half {
		m.young, m.old = make(map[digest]signed, m.half), m.young
	}
	m.young[d] = s
}
