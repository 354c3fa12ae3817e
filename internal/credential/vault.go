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
	// maxToken is the longest session token in characters. Servers commonly
	// take 8 KiB of one header.
	maxToken = 6000
)

// mint makes credentials for a session. packedPercent is the share of the
// budget that policies and tags take, nil when there are none.
func mint(ring *secretbox.Ring, r *record) (c Credentials, packedPercent *int64, err error) {
	packed := pack(&r.session)
	percent, err := checkPacked(packed, &r.session)
	if err != nil {
		return Credentials{}, nil, err
	}
	if packed != nil {
		packedPercent = &percent
	}

	id := account.NewTemporaryKeyID(r.account)
	sealed := ring.Seal(r.encode(packed), []byte(tokenPurpose+id))
	secret, err := secretOf(ring, id, sealed)
	if err != nil {
		return Credentials{}, nil, fmt.Errorf("derive secret: %w", err)
	}
	token := base64.StdEncoding.EncodeToString(sealed)
	if len(token) > maxToken {
		return Credentials{}, nil, sts.PackedPolicyTooLargeException("Serialized token too large for session")
	}
	return Credentials{id, secret, token, r.session.ExpiresAt}, packedPercent, nil
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
