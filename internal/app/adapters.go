package app

import (
	"context"
	"crypto/sha256"
	"errors"
	"net/http"

	"github.com/cenote-id/cenote/internal/account"
	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/sigv4"
	"github.com/cenote-id/cenote/internal/config"
	"github.com/cenote-id/cenote/internal/identitypool"
	"github.com/cenote-id/cenote/internal/secretbox"
	"github.com/cenote-id/cenote/internal/token"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/userpool"
)

// unknownKey returns the secret from which the verifiers of users who do not
// exist are made. It comes from the oldest data key: what it makes must not
// change with a rotation, because a real user's salt does not either.
func unknownKey(ring *secretbox.Ring) func() []byte {
	return func() []byte {
		ids := ring.Keys() // the newest first
		key, err := ring.DeriveFrom(ids[len(ids)-1], "unknown users")
		if err != nil {
			panic(err) // the ring has just named the key
		}
		return key
	}
}

// devKeys lets access keys that nobody issued be root of an account, in
// development mode.
func devKeys(c *Config, directory account.Directory, accounts *account.Service) func(string) (awsapi.Caller, bool) {
	if c.Mode != config.Dev {
		return nil
	}
	n := &account.Newcomers{Default: c.DevAccount, Directory: directory, Service: accounts, Log: c.Log}
	return n.Caller
}

// authenticator verifies signatures and writes down which access keys and roles
// are in use.
type authenticator struct {
	*sigv4.Verifier
	usage *account.Usage
}

// Verify implements api.Authenticator.
func (a authenticator) Verify(ctx context.Context, r *http.Request, body []byte, svc *awsapi.Service, region string) (sigv4.Result, error) {
	return a.VerifyHashed(ctx, r, sha256.Sum256(body), svc, region)
}

// VerifyHashed implements authorize.Authenticator.
func (a authenticator) VerifyHashed(ctx context.Context, r *http.Request, body [sha256.Size]byte, svc *awsapi.Service, region string) (sigv4.Result, error) {
	res, err := a.Verifier.VerifyHashed(ctx, r, body, svc, region)
	if err == nil && res.Verified {
		if c := &res.Caller; c.Kind == awsapi.AssumedRole {
			a.usage.NoteRole(ctx, c.Account, c.EntityID, res.Region)
		} else {
			a.usage.Note(ctx, res.AccessKeyID, svc.Name, res.Region)
		}
	}
	return res, err
}

// signedIn answers identity pools that ask a local user pool whether a token
// still counts.
type signedIn struct {
	users    *user.Service
	pools    *userpool.Service
	sessions *token.Sessions
}

// SignedIn implements identitypool.Users.
func (s signedIn) SignedIn(ctx context.Context, t identitypool.SignIn) (bool, error) {
	pool, err := s.pools.Find(ctx, t.PoolID)
	if err != nil {
		return false, absent(err)
	}
	u, err := s.users.Find(ctx, pool, t.Subject)
	if err != nil {
		return false, absent(err)
	}
	if !u.Enabled {
		return false, nil
	}
	return s.sessions.Alive(ctx, t.PoolID, t.OriginJTI, t.Subject, t.IssuedAt)
}

// absent turns what the API says of things that are not there into no error.
func absent(err error) error {
	if _, refused := awsapi.AsError(err); refused || errors.Is(err, user.ErrNotFound) {
		return nil
	}
	return err
}
