// Package passkey runs the two ceremonies of WebAuthn: a person registers a
// passkey, and signs in with it. It writes the options that a browser is
// called with, in the service's form, and checks what the browser answers. It
// keeps nothing: challenges and credentials are its callers'.
//
// The checks themselves (attestation, signatures, flags) are a library's. What
// comes before them is done here, because the service has an error of its own
// for each: the challenge, the origin, the relying party and the kind of key.
package passkey

import (
	"bytes"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/protocol/webauthncose"
)

// Figures of the ceremonies.
const (
	ChallengeSize = 32                // bytes
	CreationWait  = 60 * time.Second  // that the browser is told to wait for a registration
	RequestWait   = 180 * time.Second // and for a sign-in
	maxResponse   = 64 << 10          // bytes that are parsed
	maxID         = 1023              // bytes of a credential id (WebAuthn §4)
)

// What can be wrong with an answer.
var (
	ErrChallenge    = errors.New("passkey: the answer is to another challenge")
	ErrOrigin       = errors.New("passkey: the answer is from an origin that the relying party does not cover")
	ErrRelyingParty = errors.New("passkey: the answer is for another relying party")
	ErrUnsupported  = errors.New("passkey: the credential is of a kind that is not supported")
	ErrInvalid      = errors.New("passkey: the answer is not valid")
)

// Credential is a registered passkey. There is no secret in it.
type Credential struct {
	ID             []byte    `json:"id"`
	PublicKey      []byte    `json:"publicKey"` // COSE
	SignCount      uint32    `json:"signCount,omitzero"`
	AAGUID         []byte    `json:"aaguid,omitempty"` // make and model of the authenticator
	Transports     []string  `json:"transports,omitempty"`
	Attachment     string    `json:"attachment,omitzero"` // platform, cross-platform, or empty where the browser did not say
	RelyingParty   string    `json:"relyingParty"`
	BackupEligible bool      `json:"backupEligible,omitzero"` // fixed for life
	CreatedAt      time.Time `json:"createdAt"`
}

// Text is the id as browsers and the API write it.
func (c *Credential) Text() string { return base64.RawURLEncoding.EncodeToString(c.ID) }

// Ceremony is what an answer is checked against.
type Ceremony struct {
	RelyingParty string // a domain
	Challenge    []byte
	Verified     bool // the person must have been verified, not only present
	User         []byte
}

// algorithms are the kinds of keys that may be registered.
var algorithms = []protocol.CredentialParameter{
	{Type: protocol.PublicKeyCredentialType, Algorithm: webauthncose.AlgES256},
	{Type: protocol.PublicKeyCredentialType, Algorithm: webauthncose.AlgRS256},
}

// Register checks the answer to a creation and returns the new credential.
func (c Ceremony) Register(answer []byte, now time.Time) (*Credential, error) {
	if len(answer) > maxResponse {
		return nil, ErrInvalid
	}
	p, err := protocol.ParseCredentialCreationResponseBytes(answer)
	if err != nil {
		return nil, ErrInvalid
	}
	data := p.Response.AttestationObject.AuthData
	if err := c.check(p.Response.CollectedClientData, data.RPIDHash); err != nil {
		return nil, err
	}
	if rk := p.ClientExtensionResults.CredProps; rk != nil && rk.RK != nil && !*rk.RK || !supported(data.AttData.CredentialPublicKey) {
		return nil, ErrUnsupported
	}
	origin := []string{p.Response.CollectedClientData.Origin}
	_, err = p.Verify(c.text(), c.RelyingParty, origin, nil, nil, protocol.TopOriginExplicitVerificationMode, false,
		c.Verified, true, nil, algorithms, protocol.AttestationPolicy{}, protocol.SignaturePolicy{})
	if err != nil || len(data.AttData.CredentialID) == 0 || len(data.AttData.CredentialID) > maxID || !bytes.Equal(data.AttData.CredentialID, p.RawID) {
		return nil, ErrInvalid
	}
	out := &Credential{
		ID: data.AttData.CredentialID, PublicKey: data.AttData.CredentialPublicKey, SignCount: data.Counter, AAGUID: data.AttData.AAGUID,
		Attachment: string(p.AuthenticatorAttachment), RelyingParty: c.RelyingParty, BackupEligible: data.Flags.HasBackupEligible(), CreatedAt: now,
	}
	for _, t := range p.Response.Transports {
		if known := string(t); slices.Contains(transports, known) && !slices.Contains(out.Transports, known) {
			out.Transports = append(out.Transports, known)
		}
	}
	return out, nil
}

// transports are those that WebAuthn knows; a browser may send anything.
var transports = []string{"usb", "nfc", "ble", "smart-card", "hybrid", "internal"}

func supported(publicKey []byte) bool {
	key, err := webauthncose.ParsePublicKey(publicKey)
	if err != nil {
		return false
	}
	var algorithm int64
	switch key := key.(type) {
	case webauthncose.EC2PublicKeyData:
		algorithm = key.Algorithm
	case webauthncose.RSAPublicKeyData:
		algorithm = key.Algorithm
	}
	return algorithm == int64(webauthncose.AlgES256) || algorithm == int64(webauthncose.AlgRS256)
}

// Authenticate checks the answer to a request. It returns the credential of
// known that gave it, with its new counter, and whether the person was
// verified.
func (c Ceremony) Authenticate(answer []byte, known []Credential) (used Credential, verified bool, err error) {
	if len(answer) > maxResponse {
		return used, false, ErrInvalid
	}
	p, err := protocol.ParseCredentialRequestResponseBytes(answer)
	if err != nil {
		return used, false, ErrInvalid
	}
	data := p.Response.AuthenticatorData
	if err := c.check(p.Response.CollectedClientData, data.RPIDHash); err != nil {
		return used, false, err
	}
	i := slices.IndexFunc(known, func(k Credential) bool { return bytes.Equal(k.ID, p.RawID) })
	if i < 0 || known[i].RelyingParty != c.RelyingParty {
		return used, false, ErrInvalid
	}
	used = known[i]
	if len(p.Response.UserHandle) > 0 && !bytes.Equal(p.Response.UserHandle, c.User) {
		return used, false, ErrInvalid
	}
	origin := []string{p.Response.CollectedClientData.Origin}
	err = p.Verify(c.text(), c.RelyingParty, "", origin, nil, nil, protocol.TopOriginExplicitVerificationMode, false,
		c.Verified, true, used.PublicKey, protocol.SignaturePolicy{})
	switch {
	case err != nil, data.Flags.HasBackupEligible() != used.BackupEligible:
		return used, false, ErrInvalid
	case (data.Counter > 0 || used.SignCount > 0) && data.Counter <= used.SignCount:
		return used, false, ErrInvalid // somebody has a copy of the authenticator
	}
	used.SignCount = data.Counter
	return used, data.Flags.HasUserVerified(), nil
}

// check looks at what the browser says of where it was: the challenge, the
// origin, and the relying party that the authenticator has signed for.
func (c Ceremony) check(said protocol.CollectedClientData, rpIDHash []byte) error {
	if subtle.ConstantTimeCompare([]byte(said.Challenge), []byte(c.text())) != 1 {
		return ErrChallenge
	}
	if !covers(c.RelyingParty, said.Origin) {
		return ErrOrigin
	}
	if hash := sha256.Sum256([]byte(c.RelyingParty)); !bytes.Equal(hash[:], rpIDHash) {
		return ErrRelyingParty
	}
	return nil
}

// covers reports whether an origin is of the relying party's domain or of one
// below it. Without TLS there is no origin but the machine's own.
func covers(relyingParty, origin string) bool {
	u, err := url.Parse(origin)
	if err != nil || u.Opaque != "" || u.User != nil || u.Path != "" || u.RawQuery != "" || u.Fragment != "" {
		return false
	}
	host := strings.ToLower(u.Hostname())
	if u.Scheme != "https" && (u.Scheme != "http" || host != "localhost") {
		return false
	}
	return host == relyingParty || strings.HasSuffix(host, "."+relyingParty)
}

func (c Ceremony) text() string { return base64.RawURLEncoding.EncodeToString(c.Challenge) }
