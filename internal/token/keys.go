package token

import (
	"context"
	"crypto/rsa"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/cenote-id/cenote/internal/lane"
)

// KeysConfig is what a Keys needs. Lane and Log may be left out.
type KeysConfig struct {
	Store KeyStore
	Stock Stock
	Lane  *lane.Lane // signs; nil for the caller's own goroutine
	Now   func() time.Time
	Log   *slog.Logger
}

// Keys makes, keeps and uses signing keys. It is safe for concurrent use.
type Keys struct {
	store KeyStore
	stock Stock
	lane  *lane.Lane
	now   func() time.Time
	log   *slog.Logger

	short chan struct{} // has a token when the stock may need filling

	mu     sync.RWMutex
	sets   *recent[string, *keyset]
	owners *recent[string, string] // by key id
}

const (
	// fresh is how long keys in memory are used without a look at the store:
	// what another node did is known here after that.
	fresh = 30 * time.Second
	// ahead is how long a new key is published before it signs, so that all
	// nodes and most verifiers know it by then.
	ahead = 2 * fresh
	// overlap is how long an old key is published after the new one has begun
	// to sign: the longest life of a token, and what clocks may differ.
	overlap = 24*time.Hour + 15*time.Minute
	// maxSets bounds the owners whose keys are held in memory, some 4 kB each.
	maxSets = 10_000
)

// NewKeys returns a Keys. Run must be running for the stock to fill.
func NewKeys(c KeysConfig) *Keys {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return &Keys{
		store: c.Store, stock: c.Stock, lane: c.Lane, now: c.Now, log: c.Log,
		short: make(chan struct{}, 1),
		sets:  newRecent[string, *keyset](maxSets), owners: newRecent[string, string](2 * maxSets),
	}
}

// CreateKeys gives a new pool its keys, in ctx's transaction. Call Warm before
// the transaction, or it may have to generate them while it holds the store.
func (k *Keys) CreateKeys(ctx context.Context, poolID string) error {
	now := k.now()
	return k.store.Tx(ctx, func(ctx context.Context) error {
		return k.add(ctx, poolID, now, now, UseID, UseAccess)
	})
}

// EnsureIdentityKeys makes the key of the deployment's identity pools, if
// there is none yet.
func (k *Keys) EnsureIdentityKeys(ctx context.Context) error {
	if set, err := k.load(ctx, IdentityPools); err == nil && set.signer(UseIdentity, k.now()) != nil {
		return nil
	}
	if err := k.Warm(ctx); err != nil {
		return err
	}
	now := k.now()
	return k.store.Tx(ctx, func(ctx context.Context) error {
		keys, err := k.store.Keys(ctx, IdentityPools)
		if err != nil || len(keys) > 0 {
			return err
		}
		return k.add(ctx, IdentityPools, now, now, UseIdentity)
	})
}

// CreateOutboundKeys gives an account's issuer its keys, in ctx's transaction.
func (k *Keys) CreateOutboundKeys(ctx context.Context, issuer string) error {
	now := k.now()
	return k.store.Tx(ctx, func(ctx context.Context) error {
		return k.add(ctx, Outbound(issuer), now, now, UseOutboundRSA, UseOutboundEC)
	})
}

// add takes keys off the stock for an owner, in ctx's transaction.
func (k *Keys) add(ctx context.Context, owner string, now, active time.Time, uses ...Use) error {
	curves := 0
	for _, use := range uses {
		if use == UseOutboundEC {
			curves++
		}
	}
	spares, err := k.stock.TakeSpareKeys(ctx, len(uses)-curves)
	if err != nil {
		return err
	}
	k.store.AfterCommit(ctx, func() {
		k.forget(owner)
		k.refill()
	})
	region, _, isPool := strings.Cut(owner, "_")
	if !isPool {
		region = ""
	}
	for _, use := range uses {
		var made SpareKey
		switch {
		case use == UseOutboundEC:
			made, err = generateEC(now)
		case len(spares) > 0:
			made, spares = spares[0], spares[1:]
		default:
			made, err = generate(now)
		}
		if err != nil {
			return err
		}
		key := &Key{Owner: owner, Region: region, ID: made.ID, Use: use, Private: made.Private, Created: now, Active: active}
		if err := k.store.PutKey(ctx, key); err != nil {
			return fmt.Errorf("keep %v: %w", key, err)
		}
	}
	return nil
}

// DeletePool removes a pool's keys, in ctx's transaction. Its tokens verify no
// more on this node at once, on others within seconds.
func (k *Keys) DeletePool(ctx context.Context, poolID string) error {
	if err := k.store.DeleteKeys(ctx, poolID); err != nil {
		return err
	}
	k.store.AfterCommit(ctx, func() { k.forget(poolID) })
	return nil
}

// JWKS returns the key set document of an owner, or fs.ErrNotExist.
func (k *Keys) JWKS(ctx context.Context, owner string) ([]byte, error) {
	set, err := k.load(ctx, owner)
	if err != nil {
		return nil, err
	}
	return set.jwks(k.now()), nil
}

// PublicKey is a key that verifies.
type PublicKey struct {
	ID        string // kid
	Algorithm string // RS256 or RS512
	Use       Use
	Key       *rsa.PublicKey
}

// PublicKeys returns the published RSA keys of an owner, or fs.ErrNotExist.
// Others are of issuers that nobody in the deployment trusts by its rows.
func (k *Keys) PublicKeys(ctx context.Context, owner string) ([]PublicKey, error) {
	set, err := k.load(ctx, owner)
	if err != nil {
		return nil, err
	}
	var keys []PublicKey
	now := k.now()
	for _, key := range set.keys {
		if key.private != nil && key.published(now) {
			keys = append(keys, PublicKey{ID: key.ID, Algorithm: key.Use.algorithm(), Use: key.Use, Key: &key.private.PublicKey})
		}
	}
	return keys, nil
}

// load returns the keys of an owner, from memory if they are fresh.
func (k *Keys) load(ctx context.Context, owner string) (*keyset, error) {
	k.mu.RLock()
	old, found := k.sets.get(owner)
	k.mu.RUnlock()
	if found && k.now().Sub(old.loaded).Abs() < fresh {
		return old, nil
	}
	loaded := k.now()
	rows, err := k.store.Keys(ctx, owner)
	if err == nil && len(rows) == 0 {
		err = fmt.Errorf("keys of %s: %w", owner, fs.ErrNotExist)
	}
	if errors.Is(err, fs.ErrNotExist) {
		k.forget(owner)
	}
	if err != nil {
		return nil, err
	}
	set := &keyset{loaded: loaded}
	for _, row := range rows {
		key, err := old.reuse(row)
		if err != nil {
			return nil, err
		}
		set.keys = append(set.keys, key)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.sets.put(owner, set)
	for _, key := range set.keys {
		k.owners.put(key.ID, owner)
	}
	return set, nil
}

// reuse returns the key of a row, parsed before if it was: parsing a private
// key takes as long as a signature.
func (s *keyset) reuse(row *Key) (*signingKey, error) {
	if s != nil {
		for _, k := range s.keys {
			if k.ID == row.ID {
				again := *k
				again.Key = *row
				return &again, nil
			}
		}
	}
	return parseKey(row)
}

// lookup finds a published key by its id, whoever owns it. It returns nil for
// a key that there is not.
func (k *Keys) lookup(ctx context.Context, id string) (*signingKey, error) {
	k.mu.RLock()
	owner, found := k.owners.get(id)
	k.mu.RUnlock()
	if !found {
		var err error
		if owner, err = k.store.KeyOwner(ctx, id); errors.Is(err, fs.ErrNotExist) {
			return nil, nil
		} else if err != nil {
			return nil, err
		}
		k.forget(owner) // whatever is in memory does not have this key
	}
	set, err := k.load(ctx, owner)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	return set.find(id, k.now()), nil
}

func (k *Keys) forget(owner string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.sets.drop(owner)
}

// Forget drops all keys from memory, after the store was emptied.
func (k *Keys) Forget() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.sets.clear()
	k.owners.clear()
	k.refill()
}
