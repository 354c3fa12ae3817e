package identitypool

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/cognitoidentity"
)

// Identity returns one of the owner's identities.
func (s *Service) Identity(ctx context.Context, owner Owner, id string) (*Identity, *Pool, error) {
	return s.ownedIdentity(ctx, owner, id)
}

// ListIdentities returns a page of a pool's identities, by id, and the token
// of the next. hideDisabled leaves out those that lost their logins.
func (s *Service) ListIdentities(ctx context.Context, owner Owner, poolID string, limit int, token string, hideDisabled bool) ([]*Identity, string, error) {
	if _, err := s.owned(ctx, owner, poolID); err != nil {
		return nil, "", err
	}
	bound := "ListIdentities\x00" + poolID + "\x00" + strconv.FormatBool(hideDisabled)
	after, err := s.openPage(bound, token)
	if err != nil {
		return nil, "", err
	}
	list, err := s.Identities.List(ctx, poolID, after, limit+1, hideDisabled)
	if err != nil {
		return nil, "", fmt.Errorf("list identities: %w", err)
	}
	if len(list) <= limit {
		return list, "", nil
	}
	return list[:limit], s.sealPage(bound, list[limit-1].ID), nil
}

// DeleteIdentities removes identities. Ids that name none are taken as done;
// those of other accounts and failures are reported one by one.
func (s *Service) DeleteIdentities(ctx context.Context, owner Owner, ids []string) []cognitoidentity.UnprocessedIdentityId {
	var unprocessed []cognitoidentity.UnprocessedIdentityId
	for _, id := range ids {
		i, _, err := s.ownedIdentity(ctx, owner, id)
		if err == nil {
			err = s.Identities.Delete(ctx, i.PoolID, i.ID)
		}
		if err == nil || isNotFound(err) {
			continue
		}
		code := cognitoidentity.ErrorCodeInternalServerError
		if _, refused := awsapi.AsError(err); refused {
			code = cognitoidentity.ErrorCodeAccessDenied
		}
		unprocessed = append(unprocessed, cognitoidentity.UnprocessedIdentityId{IdentityId: &id, ErrorCode: &code})
	}
	return unprocessed
}

func isNotFound(err error) bool {
	e, ok := awsapi.AsError(err)
	return ok && e.Is(notFound(""))
}

// UnlinkRequest is a call of UnlinkIdentity.
type UnlinkRequest struct {
	Region     string // where the call arrived
	IdentityID string
	Logins     map[string]string
	Remove     []string // Logins keys
}

// Unlink takes logins off an identity for somebody who proves to be that
// identity. Without its last login an identity is disabled: nobody could prove
// to be it, and a guest it never becomes.
func (s *Service) Unlink(ctx context.Context, r UnlinkRequest) error {
	named, p, err := s.identity(ctx, r.Region, r.IdentityID)
	if err != nil {
		return err
	}
	proofs, err := s.prove(ctx, p, r.Logins)
	if err != nil {
		return err
	}
	var remove []string
	for _, key := range r.Remove {
		if key == ownProvider || key == p.DeveloperProvider {
			return invalid(textPublicProvider) // only the developer's own server unlinks those
		}
		name, err := s.canonical(ctx, p, key)
		if err != nil {
			return err
		}
		remove = append(remove, name)
	}
	now := s.now()
	return s.Tx(ctx, func(ctx context.Context) error {
		i, err := s.Identities.Get(ctx, named.ID)
		if err != nil {
			return fmt.Errorf("read identity: %w", err)
		}
		if !slices.ContainsFunc(proofs, func(pr proof) bool { return i.Has(pr.Login) }) {
			return notAuthorized(textLoginsDontMatch)
		}
		for _, name := range remove {
			at := slices.IndexFunc(i.Logins, func(l Login) bool { return l.Provider == name })
			if at < 0 {
				return invalid(textUnlinkUnknownLogin, name)
			}
			i.Logins = slices.Delete(i.Logins, at, at+1)
		}
		i.Disabled, i.ModifiedAt = len(i.Logins) == 0, now
		return s.Identities.Update(ctx, i)
	})
}

// canonical returns the name under which logins of a Logins key are kept. A
// provider that the pool lists no longer may still be unlinked.
func (s *Service) canonical(ctx context.Context, p *Pool, key string) (string, error) {
	found, err := s.provider(ctx, p, key, "")
	if _, refused := awsapi.AsError(err); refused {
		return key, nil
	}
	if err != nil {
		return "", err
	}
	return found.name, nil
}
