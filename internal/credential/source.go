package credential

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/cenote-id/cenote/internal/account"
	"github.com/cenote-id/cenote/internal/awsapi/sigv4"
)

// temporaryPrefix begins the access key ids of temporary credentials.
const temporaryPrefix = "ASIA"

// Key implements sigv4.KeySource: long-term keys come from the directory,
// temporary ones from their session token.
func (s *Service) Key(ctx context.Context, accessKeyID, token string) (sigv4.Key, error) {
	if strings.HasPrefix(accessKeyID, temporaryPrefix) {
		return s.temporaryKey(ctx, accessKeyID, token)
	}
	k, err := s.cfg.Directory.Key(ctx, accessKeyID)
	switch {
	case errors.Is(err, account.ErrKeyDeleted):
		return sigv4.Key{}, sigv4.ErrInvalidKey
	case errors.Is(err, fs.ErrNotExist):
		return sigv4.Key{}, sigv4.ErrUnknownKey
	case err != nil:
		return sigv4.Key{}, fmt.Errorf("access key %s: %w", accessKeyID, err)
	case token != "":
		return sigv4.Key{}, sigv4.ErrInvalidKey
	case !k.Active:
		return sigv4.Key{}, sigv4.ErrInactiveKey
	}
	return sigv4.Key{Secret: k.Secret, Caller: k.Caller()}, nil
}

func (s *Service) temporaryKey(ctx context.Context, accessKeyID, token string) (sigv4.Key, error) {
	if token == "" {
		return sigv4.Key{}, sigv4.ErrInvalidKey
	}
	r, secret, err := open(s.cfg.Ring, accessKeyID, token)
	if err != nil {
		return sigv4.Key{}, err
	}
	if !s.cfg.Now().Before(r.session.ExpiresAt) {
		return sigv4.Key{}, sigv4.ErrExpiredToken
	}
	if err := s.alive(ctx, r); err != nil {
		return sigv4.Key{}, err
	}
	return sigv4.Key{Secret: secret, Caller: r.caller()}, nil
}

// alive makes sure that whoever the session belongs to still exists.
func (s *Service) alive(ctx context.Context, r *record) error {
	var err error
	if r.entityID == "" { // root, or a federated user of root
		_, err = s.cfg.Directory.Account(ctx, r.account)
	} else {
		_, err = s.cfg.Directory.Principal(ctx, r.account, r.entityID)
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return sigv4.ErrInvalidKey
	case err != nil:
		return fmt.Errorf("principal of session: %w", err)
	}
	return nil
}
