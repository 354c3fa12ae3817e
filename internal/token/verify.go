package token

import (
	"context"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"time"
)

// Access is what a verified access token proves. Only a Verifier makes one.
type Access struct {
	Pool      string // id of the pool whose key signed
	Client    string
	Sub       string
	Username  string
	Scopes    []string
	Groups    []string
	OriginJTI string // empty where the client has token revocation switched off
	JTI       string
	EventID   string
	DeviceKey string
	AMR       []string // how the user signed in, where the token says so
	AuthTime  time.Time
	IssuedAt  time.Time
	ExpiresAt time.Time
}

// HasScope reports whether the token was given a scope.
func (a *Access) HasScope(scope string) bool { return slices.Contains(a.Scopes, scope) }

type accessKey struct{}

// WithAccess returns a context that carries a verified token.
func WithAccess(ctx context.Context, a *Access) context.Context {
	return context.WithValue(ctx, accessKey{}, a)
}

// AccessFrom returns the verified token that ctx carries, or nil.
func AccessFrom(ctx context.Context) *Access {
	a, _ := ctx.Value(accessKey{}).(*Access)
	return a
}

// VerifierConfig is what a Verifier needs.
type VerifierConfig struct {
	Keys     *Keys
	Sessions SessionStore
	Now      func() time.Time
}

// Verifier checks access tokens that this deployment issued. It is safe for
// concurrent use.
type Verifier struct {
	keys     *Keys
	sessions SessionStore
	now      func() time.Time

	mu    sync.Mutex
	known *recent[[sha256.Size]byte, *known]
}

// known is a token whose signature is good.
type known struct {
	access Access
	kid    string
}

// maxKnown bounds the tokens that are remembered, about a kilobyte each. Longer
// ones than maxKnownLength, which name many groups, are verified every time.
const (
	maxKnown       = 16_384
	maxKnownLength = 4 << 10
)

// maxAccessToken bounds what is parsed, in bytes: a token names its user's
// groups, which has no small bound.
const maxAccessToken = 64 << 10

// NewVerifier returns a Verifier.
func NewVerifier(c VerifierConfig) *Verifier {
	return &Verifier{keys: c.Keys, sessions: c.Sessions, now: c.Now, known: newRecent[[sha256.Size]byte, *known](maxKnown)}
}

// Authenticate verifies the access token of a self-service operation and
// returns a context that carries it.
func (v *Verifier) Authenticate(ctx context.Context, token string) (context.Context, error) {
	a, err := v.Verify(ctx, token, SelfService)
	if err != nil {
		return nil, err
	}
	return WithAccess(ctx, a), nil
}

// Verify checks an access token: form, signature, expiry, revocation, and that
// it was given a scope.
func (v *Verifier) Verify(ctx context.Context, token, scope string) (*Access, error) {
	if len(token) > maxAccessToken {
		return nil, ErrAccessInvalid
	}
	k, err := v.signed(ctx, token)
	if err != nil {
		return nil, err
	}
	a := k.access
	if !v.now().Before(a.ExpiresAt) {
		return nil, ErrAccessExpired
	}
	if err := v.standing(ctx, &a); err != nil {
		return nil, err
	}
	if !a.HasScope(scope) {
		return nil, ErrAccessScope
	}
	return &a, nil
}

// signed checks form and signature, or remembers that it did. A key that is no
// longer published verifies nothing, remembered or not.
func (v *Verifier) signed(ctx context.Context, token string) (*known, error) {
	digest := sha256.Sum256([]byte(token))
	v.mu.Lock()
	k, found := v.known.get(digest)
	if found && v.known.aging(digest) {
		v.known.put(digest, k)
	}
	v.mu.Unlock()
	if found {
		key, err := v.keys.lookup(ctx, k.kid)
		if err != nil {
			return nil, err
		}
		if key == nil || key.Owner != k.access.Pool {
			return nil, ErrAccessSignature
		}
		return k, nil
	}
	k, err := v.check(ctx, token)
	if err != nil {
		return nil, err
	}
	if len(token) <= maxKnownLength {
		v.mu.Lock()
		v.known.put(digest, k)
		v.mu.Unlock()
	}
	return k, nil
}

// check does the work that signed remembers.
func (v *Verifier) check(ctx context.Context, token string) (*known, error) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return nil, ErrAccessInvalid
	}
	decode := base64.RawURLEncoding.Strict().DecodeString
	var header struct{ Kid, Alg string }
	var claims accessClaims
	rawHeader, err1 := decode(parts[0])
	rawClaims, err2 := decode(parts[1])
	signature, err3 := decode(parts[2])
	if err1 != nil || err2 != nil || err3 != nil || json.Unmarshal(rawHeader, &header) != nil || claims.decode(rawClaims) != nil {
		return nil, ErrAccessInvalid
	}
	// The algorithm is ours, not the token's to choose.
	if header.Alg != UseAccess.algorithm() {
		return nil, ErrAccessSignature
	}
	key, err := v.keys.lookup(ctx, header.Kid)
	if err != nil {
		return nil, err
	}
	if key == nil || key.Use != UseID && key.Use != UseAccess {
		return nil, ErrAccessSignature
	}
	sum := sha256.Sum256([]byte(token[:len(parts[0])+1+len(parts[1])]))
	if rsa.VerifyPKCS1v15(&key.private.PublicKey, crypto.SHA256, sum[:], signature) != nil {
		return nil, ErrAccessSignature
	}
	if key.Use != UseAccess || claims.TokenUse != "access" {
		return nil, ErrAccessInvalid // one of our ID tokens
	}
	return &known{access: claims.access(key.Owner), kid: key.ID}, nil
}

// accessClaims are the claims of our own access tokens that are read back.
type accessClaims struct {
	Sub, DeviceKey, ClientID, OriginJTI, EventID, TokenUse, Scope, JTI, Username string
	Groups, AMR                                                                  []string
	AuthTime, Exp, Iat                                                           int64
}

// decode reads the claims that are spelt as they should be. A decoder of
// structs would take "Sub", which a function may have added, for "sub".
func (c *accessClaims) decode(payload []byte) error {
	var all map[string]json.RawMessage
	if err := json.Unmarshal(payload, &all); err != nil {
		return err
	}
	for _, claim := range []struct {
		name string
		to   any
	}{
		{"sub", &c.Sub},
		{"device_key", &c.DeviceKey},
		{"cognito:groups", &c.Groups},
		{"client_id", &c.ClientID},
		{"origin_jti", &c.OriginJTI},
		{"event_id", &c.EventID},
		{"token_use", &c.TokenUse},
		{"scope", &c.Scope},
		{"amr", &c.AMR},
		{"auth_time", &c.AuthTime},
		{"exp", &c.Exp},
		{"iat", &c.Iat},
		{"jti", &c.JTI},
		{"username", &c.Username},
	} {
		if raw, there := all[claim.name]; there {
			if err := json.Unmarshal(raw, claim.to); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *accessClaims) access(pool string) Access {
	return Access{
		Pool: pool, Client: c.ClientID, Sub: c.Sub, Username: c.Username,
		Scopes: strings.Fields(c.Scope), Groups: c.Groups,
		OriginJTI: c.OriginJTI, JTI: c.JTI, EventID: c.EventID, DeviceKey: c.DeviceKey, AMR: c.AMR,
		AuthTime: time.Unix(c.AuthTime, 0).UTC(), IssuedAt: time.Unix(c.Iat, 0).UTC(), ExpiresAt: time.Unix(c.Exp, 0).UTC(),
	}
}

// standing checks that neither the session nor the user has been signed out
// since. It asks the store each time: what another node did counts at once.
func (v *Verifier) standing(ctx context.Context, a *Access) error {
	if a.Username == "" {
		return nil // a client's own token belongs to no user
	}
	st, err := v.sessions.Standing(ctx, a.Pool, a.OriginJTI, a.Sub)
	if err != nil {
		return err
	}
	if a.OriginJTI != "" && !st.Exists {
		// A session outlives its access tokens, unless its user was deleted.
		return errUserGone
	}
	if !st.good(a.OriginJTI, a.IssuedAt) {
		return ErrAccessRevoked
	}
	return nil
}

// Forget drops all remembered tokens, after the store was emptied.
func (v *Verifier) Forget() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.known.clear()
}
