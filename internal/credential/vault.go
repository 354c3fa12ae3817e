package credential

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strings"
	"time"

	"github.com/cenote-id/cenote/internal/account"
	"github.com/cenote-id/cenote/internal/awsapi/sigv4"
	"github.com/cenote-id/cenote/internal/awsapi/sts"
	"github.com/cenote-id/cenote/internal/secretbox"
)

// Credentials are what a client signs with until they expire.
type Credentials struct {
	AccessKeyID     string
	SecretAccessKey string
	SessionToken    string
	Expiration      time.Time // whole seconds
}

const (
	// tokenPurpose binds session tokens to what they are, and to their access
	// key id, which follows.
	tokenPurpose = "session token\x00"
	// secretPurpose names the sub-key from which secrets are derived.
	secretPurpose = "temporary secret access keys"
	// maxToken is the longest session token in characters, as on AWS since
	// September 2026.
	maxToken = 4096
)

// Utilization is the share of the longest possible session token that this
// one takes, in percent.
func (c *Credentials) Utilization() int64 { return share(len(c.SessionToken), maxToken) }

// checkTokenSize checks how long a caller wants the token to be at least.
func checkTokenSize(atLeast int64) error {
	switch {
	case atLeast < 0:
		return invalid(msgTokenSize, atLeast, "greater than or equal to 0")
	case atLeast > maxToken:
		return invalid(msgTokenSize, atLeast, "less than or equal to 4096")
	}
	return nil
}

// mint makes credentials for a session, with a token of at least so many
// characters. percent is the share of the budget that policies and tags take,
// nil when there are none.
func mint(ring *secretbox.Ring, r *record, atLeast int64) (c Credentials, percent *int64, err error) {
	packed := pack(&r.session)
	plain := r.encode(packed)
	// Four characters carry three bytes, or fewer in the last four.
	if short := int(3*((atLeast+3)/4)) - 2 - secretbox.Overhead - len(plain); short > 0 {
		plain = append(plain, make([]byte, short)...)
	}

	id := account.NewTemporaryKeyID(r.account)
	sealed := ring.Seal(plain, []byte(tokenPurpose+id))
	secret, err := secretOf(ring, id, sealed)
	if err != nil {
		return Credentials{}, nil, fmt.Errorf("derive secret: %w", err)
	}
	token := base64.StdEncoding.EncodeToString(sealed)
	if len(token) > maxToken {
		return Credentials{}, nil, sts.PackedPolicyTooLargeException("Serialized token too large for session")
	}
	return Credentials{id, secret, token, r.session.ExpiresAt}, packedPercent(packed), nil
}

// open returns the session of a token that belongs to an access key id, and
// the secret. It does not look at the clock.
func open(ring *secretbox.Ring, id, token string) (*record, string, error) {
	if len(token) > maxToken || strings.ContainsAny(token, "\r\n") { // which the decoder would skip
		return nil, "", sigv4.ErrDamagedToken
	}
	sealed, err := base64.StdEncoding.Strict().DecodeString(token)
	if err != nil {
		return nil, "", sigv4.ErrDamagedToken
	}
	plain, err := ring.Open(sealed, []byte(tokenPurpose+id))
	if err != nil {
		return nil, "", sigv4.ErrDamagedToken
	}
	r, err := decode(plain)
	if err != nil {
		return nil, "", fmt.Errorf("%w: %w", sigv4.ErrDamagedToken, err)
	}
	secret, err := secretOf(ring, id, sealed)
	if err != nil {
		return nil, "", sigv4.ErrDamagedToken
	}
	return r, secret, nil
}

// secretOf derives the secret access key. It depends on the whole token, so
// two sessions have different secrets even should their key ids, of which 39
// bits are random, ever be the same.
func secretOf(ring *secretbox.Ring, id string, sealed []byte) (string, error) {
	keyID, ok := secretbox.SealedUnder(sealed)
	if !ok {
		return "", secretbox.ErrSealed
	}
	key, err := ring.DeriveFrom(keyID, secretPurpose)
	if err != nil {
		return "", err
	}
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(id))
	mac.Write(sealed)
	const secretBytes = 30 // 40 characters, as AWS's secrets have
	return base64.StdEncoding.EncodeToString(mac.Sum(nil)[:secretBytes]), nil
}
