package sigv4

import (
	"context"
	"crypto/ecdsa"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/cenote-id/cenote/internal/awsapi"
)

// temporaryPrefix begins every access key id of temporary credentials.
// They are always the deployment's own and always verified.
const temporaryPrefix = "ASIA"

// Reasons why a KeySource has no key for a request. Any other error of a
// KeySource is an internal failure.
var (
	// ErrUnknownKey: the deployment never issued this access key id.
	ErrUnknownKey = errors.New("sigv4: unknown access key id")
	// ErrInvalidKey: the id is known but may not be used like this, such as a
	// long-term key with a session token or a key whose owner is gone.
	ErrInvalidKey = errors.New("sigv4: access key not usable")
	// ErrInactiveKey: the key was switched off.
	ErrInactiveKey = errors.New("sigv4: access key inactive")
	// ErrDamagedToken: the session token does not open, or belongs to another
	// access key id.
	ErrDamagedToken = errors.New("sigv4: damaged session token")
	// ErrExpiredToken: the session is over.
	ErrExpiredToken = errors.New("sigv4: session expired")
)

// KeySource knows the secrets behind access key ids.
type KeySource interface {
	// Key returns the secret and the owner of an access key id. token is the
	// session token that came with the request, empty when there was none.
	// It fails with one of the errors above.
	Key(ctx context.Context, accessKeyID, token string) (Key, error)
}

// Key is a secret access key and the principal that holds it.
type Key struct {
	Secret string
	Caller awsapi.Caller
}

// Config says how a Verifier works. Keys and Now are required.
type Config struct {
	Keys KeySource
	Now  func() time.Time

	// Regions reports whether requests may be scoped to a region; nil admits
	// every name that is shaped like one.
	Regions func(region string) bool

	// AcceptUnknownKeys, set in dev mode only, names the caller behind an
	// access key id that KeySource does not know. Such a signature cannot be
	// computed and is not compared; every other check still applies. It is
	// never asked about temporary (ASIA…) ids.
	AcceptUnknownKeys func(accessKeyID string) (awsapi.Caller, bool)
}

// Verifier verifies request signatures. It is safe for concurrent use.
type Verifier struct {
	cfg    Config
	keys   keyCache[signingKey]
	public keyCache[*ecdsa.PublicKey] // of asymmetric signatures, by access key id alone
}

// New returns a Verifier.
func New(cfg Config) *Verifier {
	if cfg.Regions == nil {
		cfg.Regions = plausibleRegion
	}
	return &Verifier{cfg: cfg}
}

// Result is what a good signature proves.
type Result struct {
	Caller      awsapi.Caller
	AccessKeyID string
	Region      string // that the signature is scoped to; empty if it is good for several
	Verified    bool   // false only for keys let in by Config.AcceptUnknownKeys
}

// Verify checks the signature of r for svc. body is the whole request body
// as received. region is the region that the endpoint's host name tells, and
// the signature must be scoped to it; it is empty when the host name tells
// none, and ignored for global services. Failures that the client is meant
// to see are *awsapi.Error.
func (v *Verifier) Verify(ctx context.Context, r *http.Request, body []byte, svc *awsapi.Service, region string) (Result, error) {
	return v.VerifyHashed(ctx, r, sha256.Sum256(body), svc, region)
}

// VerifyHashed is Verify for whoever has the SHA-256 of the body and not the
// body: the question of another service about a request that it received.
func (v *Verifier) VerifyHashed(ctx context.Context, r *http.Request, body [sha256.Size]byte, svc *awsapi.Service, region string) (Result, error) {
	s, err := parse(r, svc)
	if err != nil {
		return Result{}, err
	}
	if err := s.checkTime(v.cfg.Now(), svc.MaxSkew); err != nil {
		return Result{}, err
	}
	if err := s.checkScope(svc, region, v.cfg.Regions); err != nil {
		return Result{}, err
	}

	res := Result{AccessKeyID: s.scope.accessKeyID, Region: s.region(), Verified: true}
	key, err := v.cfg.Keys.Key(ctx, s.scope.accessKeyID, s.token)
	if errors.Is(err, ErrUnknownKey) && v.cfg.AcceptUnknownKeys != nil && !strings.HasPrefix(s.scope.accessKeyID, temporaryPrefix) {
		if caller, ok := v.cfg.AcceptUnknownKeys(s.scope.accessKeyID); ok {
			res.Caller, res.Verified = caller, false
			res.Caller.AccessKeyID = s.scope.accessKeyID
			return res, nil
		}
	}
	if err != nil {
		return Result{}, keyError(svc.Protocol, err)
	}

	if !v.matches(s, r, body, svc, key.Secret) {
		return Result{}, awsapi.InvalidSignature.New("%s", msgMismatch)
	}
	res.Caller = key.Caller
	res.Caller.AccessKeyID = s.scope.accessKeyID
	return res, nil
}

// matches recomputes the signature and compares it in constant time; an
// asymmetric one is verified with the public key.
func (v *Verifier) matches(s *signed, r *http.Request, body [sha256.Size]byte, svc *awsapi.Service, secret string) bool {
	var room [2 * sha256.Size]byte
	payload, ok := s.signedPayload(r, body, svc, room[:0])
	if !ok {
		return false
	}
	var space [2048]byte
	canonical, ok := s.appendCanonicalRequest(space[:0], r, payload, svc)
	if !ok {
		return false
	}
	hashed := sha256.Sum256(canonical)

	if s.algorithm == asymmetric {
		return v.matchesAsymmetric(s, hashed, secret)
	}
	signing, cached := v.keys.get(s.scope, secret)
	if !cached {
		signing = deriveKey(secret, s.scope)
	}
	var line [256]byte
	mac := hmac.New(sha256.New, signing[:])
	mac.Write(s.appendStringToSign(line[:0], hashed))
	var want [2 * sha256.Size]byte
	hex.Encode(want[:], mac.Sum(line[:0]))
	if !hmac.Equal(want[:], []byte(s.signature)) {
		return false
	}
	if !cached {
		v.keys.put(s.scope, secret, signing)
	}
	return true
}

// keyError turns a KeySource's answer into what the client is told.
func keyError(p awsapi.Protocol, err error) error {
	text := textsOf(p)
	switch {
	case errors.Is(err, ErrUnknownKey), errors.Is(err, ErrInvalidKey):
		return awsapi.UnrecognizedClient.New("%s", text.unknownKey).WithCause(err)
	case errors.Is(err, ErrInactiveKey):
		return awsapi.UnrecognizedClient.New("%s", text.inactiveKey).WithCause(err)
	case errors.Is(err, ErrDamagedToken):
		return awsapi.UnrecognizedClient.New("%s", text.damagedToken).WithCause(err)
	case errors.Is(err, ErrExpiredToken):
		return awsapi.ExpiredToken.New("%s", text.expiredToken).WithCause(err)
	}
	return fmt.Errorf("look up access key: %w", err)
}

// plausibleRegion reports whether s is shaped like a region name, such as
// "ap-northeast-1".
func plausibleRegion(s string) bool {
	if s == "" || len(s) > maxRegion {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
			return false
		}
	}
	return true
}
