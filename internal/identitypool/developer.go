package identitypool

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"time"
)

// developerTokenLife is how long a token for a developer's user is good where
// the request does not say.
const developerTokenLife = 15 * time.Minute

// DeveloperTokenRequest is a call of GetOpenIdTokenForDeveloperIdentity.
type DeveloperTokenRequest struct {
	PoolID     string
	IdentityID string // empty for not sent
	Logins     map[string]string
	Tags       map[string]string // session tags that the token will carry
	Duration   time.Duration     // 0 for a quarter of an hour
}

// GetDeveloperToken returns a token for somebody whom the developer's own
// server has signed in, and the identity that it is for. The request is signed
// by that server: its word for the one login under the developer's name is
// proof enough, while logins of public providers are verified as ever.
//
// A user that nobody knows goes to the identity that the request names, to that
// of the other logins, or to a new one. One that another identity has is never
// taken from it in passing: MergeDeveloperIdentities is for that.
func (s *Service) GetDeveloperToken(ctx context.Context, owner Owner, r DeveloperTokenRequest) (identityID, token string, err error) {
	p, err := s.owned(ctx, owner, r.PoolID)
	if err != nil {
		return "", "", err
	}
	word, err := p.developerWord(r)
	if err != nil {
		return "", "", err
	}
	var named *Identity
	if r.IdentityID != "" {
		if named, err = s.identityOf(ctx, p, r.IdentityID); err != nil {
			return "", "", err
		}
	}
	proofs := []proof{word}
	if public := maps.Clone(r.Logins); len(public) > 1 {
		delete(public, p.DeveloperProvider)
		others, err := s.prove(ctx, p, public)
		if err != nil {
			return "", "", err
		}
		proofs = append(proofs, others...)
		slices.SortStableFunc(proofs, func(a, b proof) int { return strings.Compare(a.Provider, b.Provider) })
	}
	i, err := s.settle(ctx, p, named, proofs)
	if err != nil {
		return "", "", err
	}
	life := r.Duration
	if life == 0 {
		life = developerTokenLife
	}
	e := &entry{pool: p, identity: i, proofs: proofs}
	token, err = s.sign(ctx, e, e.bounded(s.Now(), life))
	return i.ID, token, err
}

// developerWord is the login that the request itself vouches for.
func (p *Pool) developerWord(r DeveloperTokenRequest) (proof, error) {
	user, ok := r.Logins[p.DeveloperProvider]
	if !ok || p.DeveloperProvider == "" {
		return proof{}, invalid(textDeveloperProvider)
	}
	if user == "" || len(user) > maxSubject {
		return proof{}, invalid(textDeveloperUserForm, maxSubject)
	}
	for key := range r.Tags {
		if strings.HasPrefix(strings.ToLower(key), "aws:") {
			return proof{}, invalid(textTagReserved)
		}
	}
	return proof{
		Login: Login{Provider: p.DeveloperProvider, Subject: user}, provider: &provider{key: p.DeveloperProvider, name: p.DeveloperProvider},
		claims: nothing{}, methods: []string{p.DeveloperProvider, p.developerMethod() + user}, vouched: true, tags: r.Tags,
	}, nil
}

// developerMethod begins the part of "amr" that names a developer's user.
func (p *Pool) developerMethod() string { return p.DeveloperProvider + ":" + p.ID + ":" }

// nothing is what a developer's server says about its users beside who they
// are: role mappings and tag maps find no claim.
type nothing struct{}

func (nothing) Values(string) []string { return nil }

// identityOf returns an identity of a pool that the caller owns.
func (s *Service) identityOf(ctx context.Context, p *Pool, id string) (*Identity, error) {
	i, _, err := s.ownedIdentity(ctx, p.Owner, id)
	if err != nil {
		return nil, err
	}
	if i.PoolID != p.ID {
		return nil, notFound(textIdentityNotFound, id)
	}
	return i, nil
}

// LookupRequest is a call of LookupDeveloperIdentity.
type LookupRequest struct {
	PoolID     string
	IdentityID string // empty for not sent; one of this and User is required
	User       string
	Limit      int
	Token      string
}

// LookupDeveloper finds the identity of a developer's user, and the users of
// an identity. Given both it answers both, if they belong together.
func (s *Service) LookupDeveloper(ctx context.Context, owner Owner, r LookupRequest) (identityID string, users []string, next string, err error) {
	p, err := s.owned(ctx, owner, r.PoolID)
	if err != nil {
		return "", nil, "", err
	}
	var i *Identity
	switch {
	case r.IdentityID == "" && r.User == "":
		return "", nil, "", invalid(textDeveloperLookup)
	case r.IdentityID == "":
		i, err = s.developerUser(ctx, p, r.User)
	default:
		i, err = s.identityOf(ctx, p, r.IdentityID)
	}
	if err != nil {
		return "", nil, "", err
	}
	if r.IdentityID != "" && r.User != "" {
		if !i.Has(Login{Provider: p.DeveloperProvider, Subject: r.User}) {
			return "", nil, "", conflict(textDeveloperUserOther)
		}
		return i.ID, []string{r.User}, "", nil
	}
	bound := "LookupDeveloperIdentity\x00" + p.ID + "\x00" + i.ID
	after, err := s.openPage(bound, r.Token)
	if err != nil {
		return "", nil, "", err
	}
	for _, l := range i.Logins {
		if l.Provider == p.DeveloperProvider && l.Subject > after {
			users = append(users, l.Subject)
		}
	}
	slices.Sort(users)
	if len(users) > r.Limit {
		users = users[:r.Limit]
		next = s.sealPage(bound, users[r.Limit-1])
	}
	return i.ID, users, next, nil
}

// developerUser returns the identity that a developer's user has.
func (s *Service) developerUser(ctx context.Context, p *Pool, user string) (*Identity, error) {
	i, err := s.Identities.ByLogin(ctx, p.ID, Login{Provider: p.DeveloperProvider, Subject: user})
	if errors.Is(err, fs.ErrNotExist) {
		return nil, notFound(textDeveloperUserGone)
	}
	return i, wrapFind(err)
}

// MergeRequest is a call of MergeDeveloperIdentities.
type MergeRequest struct {
	PoolID, Provider    string
	Source, Destination string // developer user identifiers
}

// MergeDeveloper moves every login of one user's identity to another's, and
// disables what it leaves behind. It returns the identity that remains.
func (s *Service) MergeDeveloper(ctx context.Context, owner Owner, r MergeRequest) (string, error) {
	p, err := s.owned(ctx, owner, r.PoolID)
	if err != nil {
		return "", err
	}
	if r.Provider != p.DeveloperProvider {
		return "", invalid(textDeveloperProvider)
	}
	now := s.now()
	var remains string
	err = s.Tx(ctx, func(ctx context.Context) error {
		source, err := s.developerUser(ctx, p, r.Source)
		if err != nil {
			return err
		}
		destination, err := s.developerUser(ctx, p, r.Destination)
		if err != nil {
			return err
		}
		remains = destination.ID
		if source.ID == destination.ID {
			return nil
		}
		for _, l := range source.Logins {
			if err := p.addLogin(destination, l); err != nil {
				return err
			}
		}
		source.Logins, source.Disabled, source.ModifiedAt = nil, true, now
		if err := s.Identities.Update(ctx, source); err != nil {
			return fmt.Errorf("disable identity: %w", err)
		}
		destination.ModifiedAt = now
		return s.Identities.Update(ctx, destination)
	})
	return remains, err
}

// DeveloperUnlinkRequest is a call of UnlinkDeveloperIdentity.
type DeveloperUnlinkRequest struct{ PoolID, IdentityID, Provider, User string }

// UnlinkDeveloper takes a developer's user off an identity: the next time that
// user is seen, it is somebody new. Without its last login an identity is
// disabled.
func (s *Service) UnlinkDeveloper(ctx context.Context, owner Owner, r DeveloperUnlinkRequest) error {
	p, err := s.owned(ctx, owner, r.PoolID)
	if err != nil {
		return err
	}
	if r.Provider != p.DeveloperProvider {
		return invalid(textDeveloperProvider)
	}
	named, err := s.identityOf(ctx, p, r.IdentityID)
	if err != nil {
		return err
	}
	now, login := s.now(), Login{Provider: p.DeveloperProvider, Subject: r.User}
	return s.Tx(ctx, func(ctx context.Context) error {
		holder, err := s.developerUser(ctx, p, r.User)
		if err != nil {
			return err
		}
		if holder.ID != named.ID {
			return conflict(textDeveloperUserOther)
		}
		holder.Logins = slices.DeleteFunc(holder.Logins, func(l Login) bool { return l == login })
		holder.Disabled, holder.ModifiedAt = len(holder.Logins) == 0, now
		return s.Identities.Update(ctx, holder)
	})
}
