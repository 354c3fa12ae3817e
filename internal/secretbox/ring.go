package secretbox

import (
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// KeyID names a data key. The zero value names none.
type KeyID uint32

// Key is one unwrapped data key.
type Key struct {
	ID     KeyID
	Secret []byte    // 32 bytes
	Active time.Time // from when on the key may seal; it may open at once
}

// String names the key without its secret.
func (k Key) String() string { return fmt.Sprintf("data key %d", k.ID) }

// GoString is String, so that no verb prints the secret.
func (k Key) GoString() string { return k.String() }

// A sealed value is: version, key id (big endian), nonce, ciphertext with tag.
const (
	formatVersion = 1
	headerSize    = 1 + 4
	// Overhead is how many bytes longer a sealed value is than its plaintext.
	Overhead = headerSize + nonceSize + tagSize
)

// ErrSealed is the error for every value that does not open: cut short,
// changed, sealed for another purpose or under an unknown key. It does not say
// which, so that it may reach a caller.
var ErrSealed = errors.New("sealed value does not open")

// Ring seals and opens under a set of data keys. It is safe for concurrent
// use; the set may be replaced at any time.
type Ring struct {
	now  func() time.Time
	keys atomic.Pointer[keySet]

	// reload fetches a newer set when a value names an unknown key. It runs at
	// most once in reloadEvery, because strangers choose the key ids of the
	// tokens that they send.
	reload     func()
	reloadMu   sync.Mutex // held while reload runs; guards reloadedAt
	reloadedAt time.Time
}

const reloadEvery = 5 * time.Second

type keySet struct {
	byID   map[KeyID]*ringKey
	newest []*ringKey // highest id first
}

type ringKey struct {
	Key
	cipher *xaes
	sub    *sync.Map // purpose → []byte
}

// NewRing returns a ring of keys, of which the one with the highest id that is
// active at now() seals; the lowest, if none is.
func NewRing(now func() time.Time, keys ...Key) (*Ring, error) {
	r := &Ring{now: now}
	if err := r.Replace(keys...); err != nil {
		return nil, err
	}
	return r, nil
}

// OnUnknownKey sets what is called when a value names a key that the ring does
// not have. It must be set before the ring is shared.
func (r *Ring) OnUnknownKey(reload func()) { r.reload = reload }

// Replace swaps the whole set of keys.
func (r *Ring) Replace(keys ...Key) error {
	if len(keys) == 0 {
		return errors.New("secretbox: a ring needs a key")
	}
	old := r.keys.Load()
	set := &keySet{byID: make(map[KeyID]*ringKey, len(keys))}
	for _, k := range keys {
		if k.ID == 0 || len(k.Secret) != keySize {
			return fmt.Errorf("secretbox: data key %d has %d bytes, want %d", k.ID, len(k.Secret), keySize)
		}
		if set.byID[k.ID] != nil {
			return fmt.Errorf("secretbox: data key %d given twice", k.ID)
		}
		rk := &ringKey{Key: k, cipher: newXAES(k.Secret), sub: new(sync.Map)}
		if old != nil && old.byID[k.ID] != nil && hmac.Equal(old.byID[k.ID].Secret, k.Secret) {
			rk.sub = old.byID[k.ID].sub
		}
		set.byID[k.ID] = rk
		set.newest = append(set.newest, rk)
	}
	slices.SortFunc(set.newest, func(a, b *ringKey) int { return cmp.Compare(b.ID, a.ID) })
	r.keys.Store(set)
	return nil
}

// Keys returns the ids of all keys, the highest first.
func (r *Ring) Keys() []KeyID {
	var ids []KeyID
	for _, k := range r.keys.Load().newest {
		ids = append(ids, k.ID)
	}
	return ids
}

// Secret returns the data key of an id, for whoever wraps it again.
func (r *Ring) Secret(id KeyID) ([]byte, bool) {
	k := r.keys.Load().byID[id]
	if k == nil {
		return nil, false
	}
	return k.Secret, true
}

func (r *Ring) active() *ringKey {
	set := r.keys.Load()
	if len(set.newest) > 1 {
		now := r.now()
		for _, k := range set.newest {
			if !k.Active.After(now) {
				return k
			}
		}
	}
	return set.newest[len(set.newest)-1]
}

// Seal encrypts plaintext under the active key. The associated data says what
// and whose the value is, such as a table, an owner id and a row id: Open
// refuses a value that was moved. It must not be empty.
func (r *Ring) Seal(plaintext, ad []byte) []byte {
	mustBind(ad)
	k := r.active()
	sealed := make([]byte, headerSize+nonceSize, Overhead+len(plaintext))
	sealed[0] = formatVersion
	binary.BigEndian.PutUint32(sealed[1:], uint32(k.ID))
	nonce := sealed[headerSize:]
	copy(nonce, Bytes(nonceSize))
	return k.cipher.seal(sealed, nonce, plaintext, sealedAD(sealed[:headerSize], ad))
}

// Open decrypts what Seal made with the same associated data. Every failure is
// ErrSealed.
func (r *Ring) Open(sealed, ad []byte) ([]byte, error) {
	mustBind(ad)
	if len(sealed) < Overhead || sealed[0] != formatVersion {
		return nil, ErrSealed
	}
	k := r.find(KeyID(binary.BigEndian.Uint32(sealed[1:])))
	if k == nil {
		return nil, ErrSealed
	}
	header, rest := sealed[:headerSize], sealed[headerSize:]
	plaintext, err := k.cipher.open(rest[:nonceSize], rest[nonceSize:], sealedAD(header, ad))
	if err != nil {
		return nil, ErrSealed
	}
	return plaintext, nil
}

// SealedUnder returns the id of the key that sealed a value, without opening
// it, and whether the value looks sealed at all.
func SealedUnder(sealed []byte) (KeyID, bool) {
	if len(sealed) < Overhead || sealed[0] != formatVersion {
		return 0, false
	}
	return KeyID(binary.BigEndian.Uint32(sealed[1:])), true
}

// Derive returns a 32-byte sub-key of the active key for one purpose, and the
// id by which DeriveFrom finds it again. Keep the id beside whatever the
// sub-key made.
func (r *Ring) Derive(purpose string) (KeyID, []byte) {
	k := r.active()
	return k.ID, k.derive(purpose)
}

// DeriveFrom returns the sub-key of a given key; ErrSealed if the key is
// unknown.
func (r *Ring) DeriveFrom(id KeyID, purpose string) ([]byte, error) {
	k := r.find(id)
	if k == nil {
		return nil, ErrSealed
	}
	return k.derive(purpose), nil
}

// derive is HKDF-Expand (RFC 5869) for one block, by HMAC-SHA-256: the data
// key is uniform already and needs no extraction. The caller must not change
// the result. Purposes are constants of the code, so the cache is bounded.
func (k *ringKey) derive(purpose string) []byte {
	if v, ok := k.sub.Load(purpose); ok {
		return v.([]byte)
	}
	mac := hmac.New(sha256.New, k.Secret)
	mac.Write([]byte("cenote sub-key: " + purpose))
	mac.Write([]byte{1})
	v, _ := k.sub.LoadOrStore(purpose, mac.Sum(nil))
	return v.([]byte)
}

func (r *Ring) find(id KeyID) *ringKey {
	if k := r.keys.Load().byID[id]; k != nil || r.reload == nil {
		return k
	}
	r.reloadMu.Lock()
	defer r.reloadMu.Unlock()
	if k := r.keys.Load().byID[id]; k != nil {
		return k
	}
	if now := r.now(); r.reloadedAt.IsZero() || now.Sub(r.reloadedAt) >= reloadEvery {
		r.reload()
		r.reloadedAt = now
	}
	return r.keys.Load().byID[id]
}

// sealedAD binds the header too: a value cannot be relabelled.
func sealedAD(header, ad []byte) []byte {
	return append(append(make([]byte, 0, len(header)+len(ad)), header...), ad...)
}

func mustBind(ad []byte) {
	if len(ad) == 0 {
		panic("secretbox: sealing needs associated data")
	}
}
