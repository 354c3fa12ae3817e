package identitypool

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/cenote-id/cenote/internal/issuer"
)

// proveDeveloper verifies a token of GetDeveloperToken: the login that it
// proves is the developer's user whom it names, with the ways in and the
// session tags that it carries.
//
// The user must still have the identity that the token is for, or the one that
// this was merged into. Other tokens of identity pools are no logins: they were
// made from some, and to take them would be to let them renew themselves.
func (s *Service) proveDeveloper(ctx context.Context, p *Pool, token string) (proof, error) {
	from, err := s.Issuers.IdentityPools()
	if err != nil {
		return proof{}, fmt.Errorf("issuer of identity pools: %w", err)
	}
	of := &provider{key: ownProvider, name: p.DeveloperProvider, issuer: from}
	c, err := s.Issuers.Verify(ctx, from, token, nil)
	if refused, ok := errors.AsType[*issuer.Error](err); ok && refused.Reason == issuer.Expired {
		return proof{}, notAuthorized(textTokenOld).WithCause(err)
	}
	if err != nil {
		return proof{}, s.refusal(err, of, token)
	}
	if len(c.Audience) != 1 || c.Audience[0] != p.ID {
		return proof{}, notAuthorized(textUnsupportedToken)
	}
	methods := c.Values("amr")
	at := slices.IndexFunc(methods, func(m string) bool { return strings.HasPrefix(m, p.developerMethod()) })
	if p.DeveloperProvider == "" || at < 0 || !slices.Contains(methods, p.DeveloperProvider) {
		return proof{}, notAuthorized(textTokenOwn)
	}
	login := Login{Provider: p.DeveloperProvider, Subject: strings.TrimPrefix(methods[at], p.developerMethod())}
	if err := s.stillHas(ctx, p, c.Subject, login); err != nil {
		return proof{}, err
	}
	tags, err := tagsOf(c)
	if err != nil {
		return proof{}, err
	}
	return proof{Login: login, provider: of, claims: nothing{}, methods: methods[1:], tags: tags, until: c.Expiry}, nil
}

// stillHas refuses a login that the identity has lost, unless to the identity
// that it was merged into.
func (s *Service) stillHas(ctx context.Context, p *Pool, identityID string, l Login) error {
	holder, err := s.Identities.ByLogin(ctx, p.ID, l)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return notAuthorized(textLoginsDontMatch)
	case err != nil:
		return wrapFind(err)
	case holder.ID == identityID:
		return nil
	}
	was, err := s.Identities.Get(ctx, identityID)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("find identity %s: %w", identityID, err)
	}
	if err != nil || was.PoolID != p.ID || !was.Disabled {
		return notAuthorized(textLoginsDontMatch)
	}
	return nil
}

// tagsOf reads the session tags that an identity pool put into its token.
func tagsOf(c *issuer.Claims) (map[string]string, error) {
	raw := c.Raw(claimTags)
	if raw == nil {
		return nil, nil
	}
	var carried tokenTags
	if err := json.Unmarshal(raw, &carried); err != nil {
		return nil, fmt.Errorf("tags of our own token: %w", err)
	}
	tags := map[string]string{}
	for key, values := range carried.Principal {
		tags[key] = first(values)
	}
	return tags, nil
}
