package token

import "context"

// Mint makes the ID and access tokens of a grant. It fails with lane.ErrBusy
// when too many others want tokens, and with fs.ErrNotExist for a pool that
// there is not.
func (k *Keys) Mint(ctx context.Context, g *Grant) (*Tokens, error) {
	idKey, err := k.signer(ctx, g.Pool, UseID)
	if err != nil {
		return nil, err
	}
	accessKey, err := k.signer(ctx, g.Pool, UseAccess)
	if err != nil {
		return nil, err
	}
	t := times{auth: g.AuthTime.Unix(), issued: k.now().Unix()}
	payload, err := g.AccessChanges.apply(UseAccess, g.accessPayload(t))
	if err != nil {
		return nil, err
	}
	access := newDraft(accessKey, payload)
	if g.Domain {
		if err := k.sign(ctx, access); err != nil {
			return nil, err
		}
	}
	if payload, err = g.IDChanges.apply(UseID, g.idPayload(t, access.token)); err != nil {
		return nil, err
	}
	id := newDraft(idKey, payload)
	drafts := []*draft{access, id}
	if g.Domain {
		drafts = drafts[1:]
	}
	if err := k.sign(ctx, drafts...); err != nil {
		return nil, err
	}
	return &Tokens{ID: id.token, Access: access.token, ExpiresIn: seconds(g.AccessLife)}, nil
}

// MintAccess makes only the access token of a grant: the domain's answer to a
// request without the scope openid.
func (k *Keys) MintAccess(ctx context.Context, g *Grant) (*Tokens, error) {
	t := times{auth: g.AuthTime.Unix(), issued: k.now().Unix()}
	return k.mintOne(ctx, g.Pool, g.accessPayload(t), g.AccessChanges, seconds(g.AccessLife))
}

// MintClient makes the access token of a client that signs in for itself.
func (k *Keys) MintClient(ctx context.Context, g *ClientGrant) (*Tokens, error) {
	return k.mintOne(ctx, g.Pool, g.payload(k.now().Unix()), g.Changes, seconds(g.Life))
}

func (k *Keys) mintOne(ctx context.Context, pool string, payload []byte, c *Changes, expiresIn int64) (*Tokens, error) {
	payload, err := c.apply(UseAccess, payload)
	if err != nil {
		return nil, err
	}
	key, err := k.signer(ctx, pool, UseAccess)
	if err != nil {
		return nil, err
	}
	d := newDraft(key, payload)
	if err := k.sign(ctx, d); err != nil {
		return nil, err
	}
	return &Tokens{Access: d.token, ExpiresIn: expiresIn}, nil
}
