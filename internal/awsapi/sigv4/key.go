package sigv4

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"strings"
	"sync"
)

// keyScope is what a signing key is good for: one access key on one day in
// one region for one service.
type keyScope struct {
	accessKeyID, date, region, service string
}

// signingKey is a derived key. It signs within its scope and does not lead
// back to the secret.
type signingKey [sha256.Size]byte

// deriveKey runs the SigV4 key chain.
func deriveKey(secret string, s keyScope) signingKey {
	step := func(key []byte, data string) []byte {
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(data))
		return mac.Sum(nil)
	}
	k := step([]byte("AWS4"+secret), s.date)
	k = step(k, s.region)
	k = step(k, s.service)
	return signingKey(step(k, terminator))
}

// keyCacheSize bounds each of the two generations of a keyCache. An entry
// takes about 200 bytes.
const keyCacheSize = 4096

// keyCache remembers derived keys, which saves most of the work of a
// verification. It keeps two generations: when the young one is full it
// becomes the old one and the old one is dropped, so it never holds more than
// twice keyCacheSize entries and a scope in use survives.
//
// An entry remembers a hash of the secret it came from, so that a changed
// secret never meets a key of the former one. The zero value is empty.
type keyCache[K any] struct {
	mu         sync.RWMutex // guards both maps
	young, old map[keyScope]cachedKey[K]
}

type cachedKey[K any] struct {
	secret [sha256.Size]byte // SHA-256 of the secret access key
	key    K
}

// get returns the derived key of a scope, if it came from this very secret.
func (c *keyCache[K]) get(s keyScope, secret string) (key K, ok bool) {
	c.mu.RLock()
	e, ok := c.young[s]
	aged := false
	if !ok {
		e, ok = c.old[s]
		aged = ok
	}
	c.mu.RUnlock()
	if !ok {
		return key, false
	}
	sum := sha256.Sum256([]byte(secret))
	if subtle.ConstantTimeCompare(sum[:], e.secret[:]) == 0 {
		return key, false
	}
	if aged {
		c.put(s, secret, e.key)
	}
	return e.key, true
}

// put remembers a key. Only keys that verified a signature may be put, so that
// strangers cannot fill the cache.
func (c *keyCache[K]) put(s keyScope, secret string, key K) {
	// The parts of s point into the request's headers; the cache must not keep
	// those alive.
	s = keyScope{strings.Clone(s.accessKeyID), strings.Clone(s.date), strings.Clone(s.region), strings.Clone(s.service)}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.young) >= keyCacheSize {
		c.young, c.old = nil, c.young
	}
	if c.young == nil {
		c.young = make(map[keyScope]cachedKey[K])
	}
	c.young[s] = cachedKey[K]{sha256.Sum256([]byte(secret)), key}
}
