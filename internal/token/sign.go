package token

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"errors"
	"fmt"
)

// draft is a token without its signature: header, dot, payload.
type draft struct {
	key   *signingKey
	text  []byte
	token string // set by sign
}

func newDraft(k *signingKey, payload []byte) *draft {
	text := make([]byte, 0, len(k.header)+4*(len(payload)+Bits/8)/3+8)
	text = append(text, k.header...)
	return &draft{key: k, text: appendEncoded(text, payload)}
}

func (d *draft) sign() error {
	var signature []byte
	var err error
	switch d.key.Use {
	case UseOutboundEC:
		signature, err = d.signEC()
	case UseIdentity:
		sum := sha512.Sum512(d.text)
		signature, err = rsa.SignPKCS1v15(nil, d.key.private, crypto.SHA512, sum[:])
	default:
		sum := sha256.Sum256(d.text)
		signature, err = rsa.SignPKCS1v15(nil, d.key.private, crypto.SHA256, sum[:])
	}
	if err != nil {
		return fmt.Errorf("sign with %v: %w", &d.key.Key, err)
	}
	d.token = string(appendEncoded(append(d.text, '.'), signature))
	return nil
}

// signEC makes a signature in the form of RFC 7518, section 3.4: both numbers
// at full length.
func (d *draft) signEC() ([]byte, error) {
	sum := sha512.Sum384(d.text)
	r, s, err := ecdsa.Sign(rand.Reader, d.key.curve, sum[:])
	if err != nil {
		return nil, err
	}
	signature := make([]byte, 2*curveSize)
	r.FillBytes(signature[:curveSize])
	s.FillBytes(signature[curveSize:])
	return signature, nil
}

// sign signs all drafts: side by side while the lane has workers with nothing
// to do, which halves the wait; otherwise in one visit, which is cheaper. It
// fails with lane.ErrBusy when there are too many others.
func (k *Keys) sign(ctx context.Context, drafts ...*draft) error {
	if len(drafts) < 2 || k.lane.Idle() < len(drafts) {
		return k.signInTurn(ctx, drafts...)
	}
	others := make(chan error, len(drafts)-1)
	for _, d := range drafts[1:] {
		go func() { others <- k.signInTurn(ctx, d) }()
	}
	err := k.signInTurn(ctx, drafts[0])
	for range drafts[1:] {
		err = errors.Join(err, <-others)
	}
	return err
}

func (k *Keys) signInTurn(ctx context.Context, drafts ...*draft) error {
	var err error
	if laneErr := k.lane.Do(ctx, func() {
		for _, d := range drafts {
			if err = d.sign(); err != nil {
				return
			}
		}
	}); laneErr != nil {
		return laneErr
	}
	return err
}

// SignIdentityToken makes a token of the deployment's identity pools of a payload.
func (k *Keys) SignIdentityToken(ctx context.Context, payload []byte) (string, error) {
	key, err := k.signer(ctx, IdentityPools, UseIdentity)
	if err != nil {
		return "", err
	}
	d := newDraft(key, payload)
	if err := k.sign(ctx, d); err != nil {
		return "", err
	}
	return d.token, nil
}

// SignOutbound makes a token of an account's issuer of a payload, with an
// algorithm of OutboundAlgorithms.
func (k *Keys) SignOutbound(ctx context.Context, issuer, algorithm string, payload []byte) (string, error) {
	use := UseOutboundRSA
	if algorithm == UseOutboundEC.algorithm() {
		use = UseOutboundEC
	}
	key, err := k.signer(ctx, Outbound(issuer), use)
	if err != nil {
		return "", err
	}
	d := newDraft(key, payload)
	if err := k.sign(ctx, d); err != nil {
		return "", err
	}
	return d.token, nil
}

// OutboundAlgorithms are what tokens of accounts' issuers are signed with.
func OutboundAlgorithms() []string {
	return []string{UseOutboundRSA.algorithm(), UseOutboundEC.algorithm()}
}

// Ready fails while there is no key to sign tokens of identity pools with.
func (k *Keys) Ready(ctx context.Context) error {
	_, err := k.signer(ctx, IdentityPools, UseIdentity)
	return err
}

func (k *Keys) signer(ctx context.Context, owner string, use Use) (*signingKey, error) {
	set, err := k.load(ctx, owner)
	if err != nil {
		return nil, err
	}
	key := set.signer(use, k.now())
	if key == nil {
		return nil, fmt.Errorf("%s key of %s: %w", use, owner, ErrNoKey)
	}
	return key, nil
}
