package password

import (
	"crypto/pbkdf2"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"regexp"
	"strconv"
	"strings"

	"golang.org/x/crypto/bcrypt"
	"golang.org/x/crypto/scrypt"

	"github.com/cenote-id/cenote/internal/password/argon2id"
)

// Algorithm names a password hash as user imports do.
type Algorithm string

// The algorithms that verify.
const (
	BCRYPT       Algorithm = "BCRYPT"
	SCRYPT       Algorithm = "SCRYPT"
	ARGON2ID     Algorithm = "ARGON2ID"
	PBKDF2SHA256 Algorithm = "PBKDF2_SHA256"
)

// Bounds on the work and memory that an imported hash may ask for
// (user-pools.md §8). The argon2id ones are also what our own hashes use.
const (
	maxBcryptCost       = 12
	maxScryptN          = 65536
	maxScryptR          = 8
	maxScryptP          = 1
	maxArgonMemory      = 19456 // KiB
	maxArgonTime        = 2
	maxArgonLanes       = 1
	maxPBKDF2Iterations = 600_000
	maxSalt, maxSum     = 64, 128 // bytes
	maxHash             = 512     // characters
)

// ErrHash means that a string is no password hash, or one that would take
// more work than an import allows. It never quotes the string.
var ErrHash = errors.New("password: not a supported hash")

// Hash is a parsed password hash.
type Hash struct {
	algorithm Algorithm
	text      string // bcrypt
	salt, sum []byte // all others
	// The algorithm's parameters: iterations; N, r, p; memory, time, lanes.
	a, b, c int
}

// Algorithm returns what the hash was made with.
func (h *Hash) Algorithm() Algorithm { return h.algorithm }

// ParseHash reads a hash in one of the forms of a user import:
//
//	$2b$12$…                                   bcrypt ($2a, $2b, $2x, $2y)
//	65536$8$1$<hex salt>$<hex hash>            scrypt: N, r, p
//	$argon2id$v=19$m=19456,t=2,p=1$salt$hash   argon2id, PHC string
//	$pbkdf2-sha256$600000$salt$hash            PBKDF2
func ParseHash(s string) (*Hash, error) {
	if len(s) > maxHash {
		return nil, ErrHash
	}
	fields := strings.Split(s, "$")
	switch {
	case bcryptForm.MatchString(s):
		return parseBcrypt(s, fields)
	case strings.HasPrefix(s, "$argon2id$"):
		return parseArgon2id(fields)
	case strings.HasPrefix(s, "$pbkdf2-sha256$"):
		return parsePBKDF2(fields)
	default:
		return parseScrypt(fields)
	}
}

// Matches reports whether the hash is that of the password.
func (h *Hash) Matches(password string) bool {
	var sum []byte
	var err error
	switch h.algorithm {
	case BCRYPT:
		return bcrypt.CompareHashAndPassword([]byte(h.text), []byte(password)) == nil
	case SCRYPT:
		sum, err = scrypt.Key([]byte(password), h.salt, h.a, h.b, h.c, len(h.sum))
	case ARGON2ID:
		sum = hashArgon2id(password, h.salt, h.a, h.b, len(h.sum))
	case PBKDF2SHA256:
		sum, err = pbkdf2.Key(sha256.New, password, h.salt, h.a, len(h.sum))
	}
	return err == nil && subtle.ConstantTimeCompare(sum, h.sum) == 1
}

var bcryptForm = regexp.MustCompile(`^\$2[abxy]\$[0-9]{2}\$[./A-Za-z0-9]{53}$`)

func parseBcrypt(s string, fields []string) (*Hash, error) {
	if cost, err := strconv.Atoi(fields[2]); err != nil || cost < bcrypt.MinCost || cost > maxBcryptCost {
		return nil, ErrHash
	}
	return &Hash{algorithm: BCRYPT, text: s}, nil
}

func parseScrypt(fields []string) (*Hash, error) {
	if len(fields) != 5 {
		return nil, ErrHash
	}
	h := &Hash{algorithm: SCRYPT}
	var ok [3]bool
	h.a, ok[0] = number(fields[0], 2, maxScryptN)
	h.b, ok[1] = number(fields[1], 1, maxScryptR)
	h.c, ok[2] = number(fields[2], 1, maxScryptP)
	if ok != [3]bool{true, true, true} || h.a&(h.a-1) != 0 {
		return nil, ErrHash
	}
	return h.values(hex.DecodeString, fields[3], fields[4])
}

func parseArgon2id(fields []string) (*Hash, error) {
	if len(fields) != 6 || fields[2] != "v=19" {
		return nil, ErrHash
	}
	h := &Hash{algorithm: ARGON2ID}
	for i, p := range []struct {
		key      string
		to       *int
		min, max int
	}{{"m", &h.a, argon2id.MinMemory, maxArgonMemory}, {"t", &h.b, 1, maxArgonTime}, {"p", &h.c, 1, maxArgonLanes}} {
		parts := strings.Split(fields[3], ",")
		if len(parts) != 3 {
			return nil, ErrHash
		}
		value, found := strings.CutPrefix(parts[i], p.key+"=")
		n, ok := number(value, p.min, p.max)
		if !found || !ok {
			return nil, ErrHash
		}
		*p.to = n
	}
	return h.values(base64.RawStdEncoding.Strict().DecodeString, fields[4], fields[5])
}

// parsePBKDF2 reads base64 in the standard alphabet and in passlib's, which
// writes "." for "+". Which of the two the service reads is UNCONFIRMED; they
// do not collide.
func parsePBKDF2(fields []string) (*Hash, error) {
	if len(fields) != 5 {
		return nil, ErrHash
	}
	n, ok := number(fields[2], 1, maxPBKDF2Iterations)
	if !ok {
		return nil, ErrHash
	}
	decode := func(s string) ([]byte, error) {
		return base64.RawStdEncoding.DecodeString(strings.ReplaceAll(s, ".", "+"))
	}
	return (&Hash{algorithm: PBKDF2SHA256, a: n}).values(decode, fields[3], fields[4])
}

// values decodes salt and hash within their bounds.
func (h *Hash) values(decode func(string) ([]byte, error), salt, sum string) (*Hash, error) {
	var errs [2]error
	h.salt, errs[0] = decode(salt)
	h.sum, errs[1] = decode(sum)
	if errors.Join(errs[:]...) != nil || len(h.salt) > maxSalt || len(h.sum) < minSum || len(h.sum) > maxSum {
		return nil, ErrHash
	}
	return h, nil
}

// minSum keeps hashes out that are short enough for any password to match.
const minSum = 16

// number reads a decimal number without sign or leading zeros.
func number(s string, low, high int) (int, bool) {
	n, err := strconv.Atoi(s)
	return n, err == nil && n >= low && n <= high && strconv.Itoa(n) == s
}
