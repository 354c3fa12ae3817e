// Package local answers for the issuers of this deployment itself: its user
// pools, and the identity pools as a whole. Everything comes from memory.
package local

import (
	"context"
	"errors"
	"io/fs"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/issuer"
	"github.com/cenote-id/cenote/internal/token"
	"github.com/cenote-id/cenote/internal/userpool"
)

// Pools finds user pools; userpool.Service does. Find answers a pool that is
// not there with an error of the API.
type Pools interface {
	Find(ctx context.Context, id string) (*userpool.Pool, error)
	FindByIssuer(ctx context.Context, account, issuer string) (*userpool.Pool, error)
	Issuer(p *userpool.Pool) string
}

// Keys hands out published keys; token.Keys does.
type Keys interface {
	PublicKeys(ctx context.Context, owner string) ([]token.PublicKey, error)
}

// UserPools implements issuer.UserPools.
type UserPools struct {
	Pools Pools
	Keys  Keys
}

// IssuerByPool returns who a pool is.
func (u UserPools) IssuerByPool(ctx context.Context, poolID string) (issuer.LocalPool, error) {
	return u.local(u.Pools.Find(ctx, poolID))
}

// IssuerByName returns the account's pool with a custom issuer. Custom issuers
// are always HTTPS.
func (u UserPools) IssuerByName(ctx context.Context, account, name string) (issuer.LocalPool, error) {
	return u.local(u.Pools.FindByIssuer(ctx, account, "https://"+name))
}

func (u UserPools) local(p *userpool.Pool, err error) (issuer.LocalPool, error) {
	if _, refused := awsapi.AsError(err); refused {
		return issuer.LocalPool{}, fs.ErrNotExist
	}
	if err != nil {
		return issuer.LocalPool{}, err
	}
	return issuer.LocalPool{ID: p.ID, Account: p.Account, Issuer: u.Pools.Issuer(p)}, nil
}

// VerificationKeys returns the keys of a pool's ID tokens. Those of its access
// tokens are left out: no access token is an identity.
func (u UserPools) VerificationKeys(ctx context.Context, poolID string) ([]issuer.Key, error) {
	return published(ctx, u.Keys, poolID, token.UseID)
}

// IdentityPools implements issuer.IdentityTokens.
type IdentityPools struct {
	Issuer string // "iss" of identity tokens
	Keys   Keys
}

// IdentityIssuer returns the issuer of identity tokens.
func (i IdentityPools) IdentityIssuer() string { return i.Issuer }

// IdentityKeys returns the keys of identity tokens.
func (i IdentityPools) IdentityKeys(ctx context.Context) ([]issuer.Key, error) {
	return published(ctx, i.Keys, token.IdentityPools, token.UseIdentity)
}

func published(ctx context.Context, keys Keys, owner string, use token.Use) ([]issuer.Key, error) {
	public, err := keys.PublicKeys(ctx, owner)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var found []issuer.Key
	for _, k := range public {
		if k.Use == use {
			found = append(found, issuer.Key{ID: k.ID, Algorithm: k.Algorithm, Public: k.Key})
		}
	}
	return found, nil
}
