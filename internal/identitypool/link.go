package identitypool

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"time"

	"github.com/cenote-id/cenote/internal/awsapi/cognitoidentity"
)

// maxLogins is how many logins one identity may have (MergeDeveloperIdentities
// in the API reference).
const maxLogins = 20

// maxRaces is how often two requests for one new login may collide before the
// second gives up. One repetition is enough to see the other's row.
const maxRaces = 3

// settle returns the identity that proven logins lead to, linking and merging
// as needed. named is the identity that the request names, nil for GetId.
//
//   - Logins that nobody has yet go to the named identity if it is a guest or
//     one of the other logins is its own; to the identity of the other logins;
//     or to a new one.
//   - Logins of several identities merge them. The named identity survives,
//     else the oldest, which keeps its id and takes over all logins; the
//     others are disabled. (Which one survives was not observed.)
//   - A guest that turns out to be somebody known is given up for the known
//     identity.
//   - An identity has one login at a public provider. A second one is a
//     conflict. The developer may know an identity by several.
//   - A named identity that has other logins than these, or had and lost them,
//     is not opened by these: the answer is the identity of the logins if the
//     named one was disabled by a merge, and a refusal otherwise.
//
// Where nothing has to change this costs a read a login.
func (s *Service) settle(ctx context.Context, p *Pool, named *Identity, proofs []proof) (*Identity, error) {
	if named != nil && len(proofs) > 0 && !slices.ContainsFunc(proofs, func(pr proof) bool { return !named.Has(pr.Login) }) {
		return named, nil
	}
	if named == nil && len(proofs) == 1 {
		found, err := s.Identities.ByLogin(ctx, p.ID, proofs[0].Login)
		if err == nil || !errors.Is(err, fs.ErrNotExist) {
			return found, wrapFind(err)
		}
	}
	fresh, now := p.Region+":"+s.NewUUID(), s.now()
	var settled *Identity
	for race := 1; ; race++ {
		err := s.Tx(ctx, func(ctx context.Context) error {
			var err error
			settled, err = s.settleTx(ctx, p, named, proofs, fresh, now)
			return err
		})
		if err == nil {
			return settled, nil
		}
		if !errors.Is(err, fs.ErrExist) || race == maxRaces {
			return nil, err
		}
	}
}

func wrapFind(err error) error {
	if err != nil {
		return fmt.Errorf("find identity by login: %w", err)
	}
	return nil
}

// settleTx is settle inside a transaction.
func (s *Service) settleTx(ctx context.Context, p *Pool, named *Identity, proofs []proof, fresh string, now time.Time) (*Identity, error) {
	known, err := s.holders(ctx, p, proofs)
	if err != nil {
		return nil, err
	}
	if named != nil {
		if named, err = s.Identities.Get(ctx, named.ID); err != nil {
			return nil, fmt.Errorf("read identity: %w", err)
		}
		switch {
		case !named.Disabled && registeredElsewhere(known, named, proofs):
			return nil, cognitoidentity.DeveloperUserAlreadyRegisteredException(textDeveloperUserTaken)
		case named.Guest():
			known = append(known, named)
		case named.Disabled && len(known) > 0:
		case !slices.ContainsFunc(known, func(k *Identity) bool { return k.ID == named.ID }):
			return nil, notAuthorized(textLoginsDontMatch)
		}
	}
	if len(known) == 0 {
		created := &Identity{PoolID: p.ID, ID: fresh, CreatedAt: now, ModifiedAt: now}
		if _, err := p.add(created, proofs); err != nil {
			return nil, err
		}
		return created, s.Identities.Create(ctx, created)
	}
	survivor := survivorOf(known, named)
	changed := false
	for _, other := range known {
		if other.ID == survivor.ID {
			continue
		}
		for _, l := range other.Logins {
			if err := p.addLogin(survivor, l); err != nil {
				return nil, err
			}
		}
		changed = changed || len(other.Logins) > 0
		other.Logins, other.Disabled, other.ModifiedAt = nil, true, now
		// First the losers, so that their logins are free.
		if err := s.Identities.Update(ctx, other); err != nil {
			return nil, fmt.Errorf("disable identity: %w", err)
		}
	}
	linked, err := p.add(survivor, proofs)
	if err != nil || !(linked || changed) {
		return survivor, err
	}
	survivor.ModifiedAt = now
	if err := s.Identities.Update(ctx, survivor); err != nil {
		return nil, fmt.Errorf("link logins: %w", err)
	}
	return survivor, nil
}

// holders returns the distinct identities that already have one of the logins.
func (s *Service) holders(ctx context.Context, p *Pool, proofs []proof) ([]*Identity, error) {
	var known []*Identity
	for _, pr := range proofs {
		found, err := s.Identities.ByLogin(ctx, p.ID, pr.Login)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, wrapFind(err)
		}
		if !slices.ContainsFunc(known, func(k *Identity) bool { return k.ID == found.ID }) {
			known = append(known, found)
		}
	}
	return known, nil
}

// survivorOf chooses which of several identities goes on: one that somebody
// is known by before a guest, then the named one, then the oldest.
func survivorOf(known []*Identity, named *Identity) *Identity {
	return slices.MinFunc(known, func(a, b *Identity) int {
		return cmp.Or(
			compareBool(!a.Guest(), !b.Guest()),
			compareBool(named != nil && a.ID == named.ID, named != nil && b.ID == named.ID),
			a.CreatedAt.Compare(b.CreatedAt),
			cmp.Compare(a.ID, b.ID),
		)
	})
}

// compareBool orders true before false.
func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return -1
	}
	return 1
}

// registeredElsewhere reports whether the developer speaks for a user whom
// another identity than the named one has.
func registeredElsewhere(known []*Identity, named *Identity, proofs []proof) bool {
	return slices.ContainsFunc(proofs, func(pr proof) bool {
		return pr.vouched && slices.ContainsFunc(known, func(k *Identity) bool { return k.ID != named.ID && k.Has(pr.Login) })
	})
}

// add links proven logins and reports whether any was new.
func (p *Pool) add(i *Identity, proofs []proof) (linked bool, err error) {
	for _, pr := range proofs {
		if i.Has(pr.Login) {
			continue
		}
		if err := p.addLogin(i, pr.Login); err != nil {
			return false, err
		}
		linked = true
	}
	return linked, nil
}

func (p *Pool) addLogin(i *Identity, l Login) error {
	if i.Has(l) {
		return nil
	}
	if l.Provider != p.DeveloperProvider && i.knownAt(l.Provider) {
		return conflict(textLoginTaken)
	}
	if len(i.Logins) == maxLogins {
		return conflict(textTooManyLogins, maxLogins)
	}
	i.Logins = append(slices.Clip(i.Logins), l)
	return nil
}
