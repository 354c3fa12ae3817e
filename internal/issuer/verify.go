package issuer

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/go-jose/go-jose/v4"
)

// openIDLeeway is how far clocks of OpenID Connect providers may be off, in
// seconds (Amazon Cognito developer guide, "OpenID Connect providers"). User
// pools get none: an expired token is refused from its second on.
const openIDLeeway = 300

// maxToken is the longest token that an API accepts.
const maxToken = 50000

// algorithms that each kind of issuer may sign with. Anything else, such as
// none or a keyed hash, is refused before a key is looked at.
var algorithms = map[Kind][]jose.SignatureAlgorithm{
	UserPool:      {jose.RS256},
	OpenID:        {jose.RS256, jose.RS384, jose.RS512, jose.ES256, jose.ES384, jose.ES512},
	IdentityToken: {jose.RS512},
}

// required claims of each kind, in the order in which they are missed.
var required = map[Kind][]string{
	UserPool:      {"aud", "sub", "exp", "iat", "token_use"},
	OpenID:        {"aud", "sub", "exp", "iat"},
	IdentityToken: {"aud", "sub", "exp", "iat"},
}

// Verify checks that issuer signed token for one of the audiences and that it
// is an identity token in its time. All failures of the token are *Error; any
// other error is ours. A token of an identity pool is not checked against
// audiences: its audience is the pool, which the caller looks at.
func (r *Resolver) Verify(ctx context.Context, issuer *Issuer, token string, audiences []string) (*Claims, error) {
	if issuer.Kind == AccessToken {
		return r.introspect(ctx, issuer, token, audiences)
	}
	c, err := r.read(issuer, token)
	if err != nil {
		return nil, err
	}
	if len(issuer.iss) > 0 && !slices.Contains(issuer.iss, c.claims.Issuer) {
		return nil, issuer.refuse(WrongIssuer, nil)
	}
	if name := missing(issuer.Kind, c.claims); name != "" {
		return nil, &Error{Reason: MissingClaim, Issuer: issuer.Name, Claim: name}
	}
	if err := r.signature(ctx, issuer, c); err != nil {
		return nil, err
	}
	if err := r.inTime(issuer, c.claims); err != nil {
		return nil, err
	}
	if err := addressed(issuer, c.claims, audiences); err != nil {
		return nil, err
	}
	return c.claims, nil
}

// candidate is a token that has been read and not yet believed.
type candidate struct {
	token  string
	digest digest
	signed                        // claims, key id and algorithm; key if the signature was verified before
	jws    *jose.JSONWebSignature // nil if the signature was verified before
}

func (r *Resolver) read(issuer *Issuer, token string) (*candidate, error) {
	c := &candidate{token: token, digest: digestOf(issuer.Kind, token)}
	if known, ok := r.verified.get(c.digest); ok {
		c.signed = known
		return c, nil
	}
	if err := c.parse(algorithms[issuer.Kind]); err != nil {
		if _, other := errors.AsType[*jose.ErrUnexpectedSignatureAlgorithm](err); other {
			return nil, issuer.refuse(WrongAlgorithm, err)
		}
		return nil, issuer.refuse(NotJWT, nil)
	}
	return c, nil
}

var errForm = errors.New("not a JSON web token")

// parse reads the three parts. Base64 is read strictly, so that no two texts
// are the same token.
func (c *candidate) parse(accepted []jose.SignatureAlgorithm) error {
	if len(c.token) > maxToken || strings.ContainsAny(c.token, "\r\n") || strings.Count(c.token, ".") != 2 {
		return errForm
	}
	for part := range strings.SplitSeq(c.token, ".") {
		if _, err := base64.RawURLEncoding.Strict().DecodeString(part); err != nil {
			return errForm
		}
	}
	var err error
	if c.jws, err = jose.ParseSignedCompact(c.token, accepted); err != nil {
		return err
	}
	header := c.jws.Signatures[0].Protected
	c.keyID, c.algorithm = header.KeyID, header.Algorithm
	var ok bool
	if c.claims, ok = parseClaims(c.jws.UnsafePayloadWithoutVerification()); !ok {
		return errForm
	}
	return nil
}

// signature checks c against the keys that the issuer publishes now.
func (r *Resolver) signature(ctx context.Context, issuer *Issuer, c *candidate) error {
	var set *keyset
	var keys []Key
	var err error
	if issuer.Local {
		if keys, err = issuer.keys(ctx); err != nil {
			return fmt.Errorf("keys of %s: %w", issuer.Name, err)
		}
	} else {
		if set, err = r.remote.get(ctx, issuer.endpoint); err != nil {
			return issuer.refuse(Unreachable, err)
		}
		if len(issuer.iss) == 0 && c.claims.Issuer != set.issuer {
			return issuer.refuse(WrongIssuer, nil)
		}
		keys = set.keys
	}
	key, ok := find(keys, c.keyID, c.algorithm)
	if !ok && set != nil {
		key, ok = find(r.remote.renew(ctx, issuer.endpoint, set).keys, c.keyID, c.algorithm)
	}
	switch {
	case !ok:
		return issuer.refuse(UnknownKey, nil)
	case c.jws == nil && key.same(c.key):
		return nil
	case c.jws == nil:
		if err := c.parse(algorithms[issuer.Kind]); err != nil {
			return issuer.refuse(NotJWT, nil)
		}
	}
	if _, err := c.jws.Verify(key.Public); err != nil {
		return issuer.refuse(BadSignature, nil)
	}
	c.key = key
	r.verified.put(c.digest, c.signed)
	return nil
}

// missing returns the first required claim that is absent or empty.
func missing(kind Kind, c *Claims) string {
	for _, name := range required[kind] {
		if c.all[name] == nil || (name == "aud" && len(c.Audience) == 0) || (name == "sub" && c.Subject == "") {
			return name
		}
	}
	return ""
}

func (r *Resolver) inTime(issuer *Issuer, c *Claims) error {
	now, leeway := r.now().Unix(), int64(0)
	if issuer.Kind == OpenID {
		leeway = openIDLeeway
	}
	switch {
	case now >= c.Expiry+leeway:
		return &Error{Reason: Expired, Issuer: issuer.Name, Now: now, At: c.Expiry}
	case now < c.NotBefore-leeway:
		return &Error{Reason: NotYetValid, Issuer: issuer.Name, Now: now, At: c.NotBefore}
	}
	return nil
}

// addressed checks audience and use.
func addressed(issuer *Issuer, c *Claims, audiences []string) error {
	switch issuer.Kind {
	case UserPool:
		if !slices.ContainsFunc(c.Audience, func(aud string) bool { return slices.Contains(audiences, aud) }) {
			return issuer.refuse(WrongAudience, nil)
		}
		if c.TokenUse != "id" {
			return issuer.refuse(WrongUse, nil)
		}
	case OpenID:
		party := c.Party()
		if party == "" {
			return issuer.refuse(ManyAudiences, nil)
		}
		if !issuer.anyone && !slices.Contains(audiences, party) {
			return issuer.refuse(WrongAudience, nil)
		}
	}
	return nil
}

func (i *Issuer) refuse(reason Reason, cause error) error {
	return &Error{Reason: reason, Issuer: i.Name, cause: cause}
}

// Peek returns the "iss" that a token claims, believing nothing: it serves to
// look up the provider that will verify it. ok is false if token is not a JWT
// with an algorithm that anybody may use.
func Peek(token string) (iss string, ok bool) {
	c := candidate{token: token}
	if c.parse(algorithms[OpenID]) != nil {
		return "", false
	}
	return c.claims.Issuer, true
}
