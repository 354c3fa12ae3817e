package identitypool

import (
	"context"
	"fmt"
	"net/netip"
	"slices"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/cognitoidentity"
)

// IDRequest is a call of GetId.
type IDRequest struct {
	Region    string // where the call arrived
	PoolID    string
	AccountID string // empty for not sent
	Logins    map[string]string
}

// GetID returns the identity of the logins, making it if they are new. Without
// logins it makes a new guest at each call; clients keep its id.
func (s *Service) GetID(ctx context.Context, r IDRequest) (string, error) {
	p, err := s.public(ctx, r.Region, r.PoolID)
	if err != nil {
		return "", err
	}
	if r.AccountID != "" && r.AccountID != p.Account {
		return "", notAuthorized(textPoolForbidden, p.ID)
	}
	if len(r.Logins) == 0 {
		return s.newGuest(ctx, p)
	}
	proofs, err := s.prove(ctx, p, r.Logins)
	if err != nil {
		return "", err
	}
	i, err := s.settle(ctx, p, nil, proofs)
	if err != nil {
		return "", err
	}
	return i.ID, nil
}

func (s *Service) newGuest(ctx context.Context, p *Pool) (string, error) {
	if !p.AllowUnauthenticated {
		return "", notAuthorized(textNoGuests)
	}
	if !s.guests.Allow(guestSource{p.ID, network(awsapi.RequestFrom(ctx).SourceIP)}) {
		return "", cognitoidentity.TooManyRequestsException("Rate exceeded")
	}
	now := s.now()
	guest := &Identity{PoolID: p.ID, ID: p.Region + ":" + s.NewUUID(), CreatedAt: now, ModifiedAt: now}
	if err := s.Identities.Create(ctx, guest); err != nil {
		return "", fmt.Errorf("create guest: %w", err)
	}
	return guest.ID, nil
}

// network is what counts as one address.
func network(a netip.Addr) netip.Prefix {
	bits := a.BitLen()
	if a.Is6() {
		bits = 64
	}
	p, _ := a.Prefix(bits) // a request without an address has the zero one
	return p
}

// entry is how somebody came in: an identity, and the proofs that it is
// theirs; none for a guest.
type entry struct {
	pool     *Pool
	identity *Identity
	proofs   []proof
}

// enter admits the holder of logins, or a guest, to a named identity.
func (s *Service) enter(ctx context.Context, p *Pool, named *Identity, logins map[string]string) (*entry, error) {
	if len(logins) == 0 {
		switch {
		case !named.Guest():
			return nil, notAuthorized(textIdentityForbidden, named.ID)
		case !p.AllowUnauthenticated:
			return nil, notAuthorized(textNoGuests)
		}
		return &entry{pool: p, identity: named}, nil
	}
	proofs, err := s.prove(ctx, p, logins)
	if err != nil {
		return nil, err
	}
	i, err := s.settle(ctx, p, named, proofs)
	if err != nil {
		return nil, err
	}
	return &entry{pool: p, identity: i, proofs: proofs}, nil
}

// amr tells how somebody came in, as trust policies and the identity token
// have it.
func (e *entry) amr() []string {
	if len(e.proofs) == 0 {
		return []string{"unauthenticated"}
	}
	amr := []string{"authenticated"}
	for _, pr := range e.proofs {
		for _, m := range pr.methods {
			if !slices.Contains(amr, m) {
				amr = append(amr, m)
			}
		}
	}
	return amr
}
