package account

import (
	"bytes"
	"context"
	"crypto/md5"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/pem"
	"math/big"
	"strings"

	"github.com/cenote-id/cenote/internal/awsapi/iam"
)

// Sentences about SSH public keys; they are UNCONFIRMED.
const (
	textSSHKeyMissing  = "The Public Key with id %s cannot be found."
	textSSHKeyTwice    = "The SSH public key is already associated with this user."
	textSSHKeyInvalid  = "The SSH public key is not a valid RSA key of at least 2048 bits."
	textSSHKeyEncoding = "The SSH public key must be encoded in ssh-rsa format or PEM format."
)

// Form and bounds of SSH public keys.
const (
	sshRSA              = "ssh-rsa"
	minSSHBits          = 2048
	maxSSHBits          = 16384
	maxSSHExponentBytes = 4
)

func noSuchSSHKey(id string) error { return iam.NoSuchEntityException(textSSHKeyMissing, id) }

// UploadSSHKey gives a user an SSH public key, an RSA key in OpenSSH's form or
// in PEM.
func (s *Service) UploadSSHKey(ctx context.Context, account, user, body string) (Credential, error) {
	key, err := parseSSHKey(body)
	if err != nil {
		return Credential{}, err
	}
	c := s.newCredential(account, SSHPublicKey)
	c.Body, c.PublicKey = body, openSSH(key)
	err = s.addCredential(ctx, user, &c, "SSHPublicKeysPerUser", maxSSHKeys, func(have []Credential) error {
		for _, other := range have {
			if other.PublicKey == c.PublicKey {
				return iam.DuplicateSSHPublicKeyException(textSSHKeyTwice)
			}
		}
		return nil
	})
	return c, err
}

// SSHKey returns an SSH public key of a user.
func (s *Service) SSHKey(ctx context.Context, account, user, id string) (Credential, error) {
	return s.credential(ctx, account, user, SSHPublicKey, id)
}

// Fingerprint is the MD5 of an SSH public key as OpenSSH writes it.
func (c *Credential) Fingerprint() string {
	_, text, _ := strings.Cut(c.PublicKey, " ")
	wire, _ := base64.StdEncoding.DecodeString(text)
	sum := md5.Sum(wire)
	pairs := make([]string, len(sum))
	for i := range sum {
		pairs[i] = hex.EncodeToString(sum[i : i+1])
	}
	return strings.Join(pairs, ":")
}

// PEM is an SSH public key in PEM.
func (c *Credential) PEM() (string, error) {
	key, err := parseSSHKey(c.PublicKey)
	if err != nil {
		return "", err
	}
	der, err := x509.MarshalPKIXPublicKey(key)
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})), err
}

// parseSSHKey reads an RSA public key in OpenSSH's form or in PEM.
func parseSSHKey(body string) (*rsa.PublicKey, error) {
	body = strings.TrimSpace(body)
	var key *rsa.PublicKey
	if text, ok := strings.CutPrefix(body, sshRSA+" "); ok {
		text, _, _ = strings.Cut(strings.TrimSpace(text), " ") // a comment follows
		wire, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			return nil, iam.InvalidPublicKeyException(textSSHKeyInvalid)
		}
		key = parseWire(wire)
	} else {
		block, rest := pem.Decode([]byte(body))
		if block == nil || len(bytes.TrimSpace(rest)) > 0 {
			return nil, iam.UnrecognizedPublicKeyEncodingException(textSSHKeyEncoding)
		}
		switch block.Type {
		case "PUBLIC KEY":
			if parsed, err := x509.ParsePKIXPublicKey(block.Bytes); err == nil {
				key, _ = parsed.(*rsa.PublicKey)
			}
		case "RSA PUBLIC KEY":
			key, _ = x509.ParsePKCS1PublicKey(block.Bytes)
		}
	}
	if key == nil || key.N.BitLen() < minSSHBits || key.N.BitLen() > maxSSHBits || key.E < 3 || key.E%2 == 0 {
		return nil, iam.InvalidPublicKeyException(textSSHKeyInvalid)
	}
	return key, nil
}

// parseWire reads an RSA public key as SSH sends it (RFC 4253 §6.6): three
// strings, "ssh-rsa", exponent and modulus. It returns nil for anything else.
func parseWire(wire []byte) *rsa.PublicKey {
	var parts [3][]byte
	for i := range parts {
		if len(wire) < 4 {
			return nil
		}
		n := binary.BigEndian.Uint32(wire)
		if uint64(n) > uint64(len(wire)-4) {
			return nil
		}
		parts[i], wire = wire[4:4+n], wire[4+n:]
	}
	// Numbers are positive: the first bit is that of the sign.
	if len(wire) > 0 || string(parts[0]) != sshRSA || len(parts[1]) > maxSSHExponentBytes ||
		len(parts[1]) == 0 || len(parts[2]) == 0 || parts[1][0] >= 0x80 || parts[2][0] >= 0x80 {
		return nil
	}
	return &rsa.PublicKey{E: int(new(big.Int).SetBytes(parts[1]).Int64()), N: new(big.Int).SetBytes(parts[2])}
}

// openSSH writes a key in OpenSSH's form, without a comment.
func openSSH(key *rsa.PublicKey) string {
	var wire []byte
	for _, part := range [][]byte{[]byte(sshRSA), signed(big.NewInt(int64(key.E))), signed(key.N)} {
		wire = binary.BigEndian.AppendUint32(wire, uint32(len(part)))
		wire = append(wire, part...)
	}
	return sshRSA + " " + base64.StdEncoding.EncodeToString(wire)
}

// signed writes a positive number so that its first bit is zero.
func signed(n *big.Int) []byte {
	b := n.Bytes()
	if len(b) > 0 && b[0] >= 0x80 {
		b = append([]byte{0}, b...)
	}
	return b
}
