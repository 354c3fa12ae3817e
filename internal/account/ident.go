package account

import (
	"encoding/base32"
	"encoding/binary"
	"strconv"
	"strings"

	"github.com/cenote-id/cenote/internal/secretbox"
)

// Prefixes of unique ids.
const (
	accessKeyPrefix = "AKIA"
	tempKeyPrefix   = "ASIA"
	userPrefix      = "AIDA"
	rolePrefix      = "AROA"
	groupPrefix     = "AGPA"
	policyPrefix    = "ANPA"

	instanceProfilePrefix   = "AIPA"
	serverCertificatePrefix = "ASCA"
	sshKeyPrefix            = "APKA"
	servicePasswordPrefix   = "ACCA"
)

// IsRole reports whether a unique id is a role's.
func IsRole(id string) bool { return strings.HasPrefix(id, rolePrefix) }

// Lengths of ids in characters.
const (
	accessKeyLen = 20
	entityIDLen  = 21
)

const idAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"

// accountBase keeps the top bit of the encoded number set, which is how keys
// of this form are told from older ones: their fifth character is Q or later.
const accountBase = 0x8000000000

// newID returns a fresh id in AWS's encoding: the prefix, eight characters
// for half the account's number, one whose half of the alphabet tells whether
// the number is odd, and random ones.
func newID(prefix, account string, length int) string {
	n, err := strconv.ParseUint(account, 10, 64)
	if err != nil {
		panic("account: id of a malformed account") // callers hold a checked account id
	}
	var packed [8]byte
	binary.BigEndian.PutUint64(packed[:], n/2+accountBase)
	half := idAlphabet[:16]
	if n%2 == 1 {
		half = idAlphabet[16:]
	}
	id := prefix + base32.StdEncoding.EncodeToString(packed[3:]) + secretbox.String(1, half)
	return id + secretbox.String(length-len(id), idAlphabet)
}

// OfAccessKey returns the account that an access key id encodes. It says
// nothing about whether the key exists. ok is false for ids that are not of
// AWS's form or too old to tell.
func OfAccessKey(id string) (account string, ok bool) {
	if len(id) != accessKeyLen || id[:4] != accessKeyPrefix && id[:4] != tempKeyPrefix {
		return "", false
	}
	return decodeAccount(id)
}

// accountOfID is OfAccessKey for the unique ids of entities.
func accountOfID(id string) (account string, ok bool) {
	if len(id) != entityIDLen {
		return "", false
	}
	return decodeAccount(id)
}

func decodeAccount(id string) (account string, ok bool) {
	packed, err := base32.StdEncoding.DecodeString(id[4:20])
	if err != nil {
		return "", false
	}
	n := binary.BigEndian.Uint64(append([]byte{0, 0}, packed[:6]...))
	if n>>47 == 0 {
		return "", false
	}
	return pad12(n >> 7 & 0xffffffffff)
}

func pad12(n uint64) (string, bool) {
	s := strconv.FormatUint(n, 10)
	if len(s) > 12 {
		return "", false
	}
	return "000000000000"[len(s):] + s, true
}

// NewTemporaryKeyID returns a fresh access key id for temporary credentials
// of an account.
func NewTemporaryKeyID(account string) string {
	return newID(tempKeyPrefix, account, accessKeyLen)
}
