package password

import (
	"encoding/base64"
	"fmt"

	"github.com/cenote-id/cenote/internal/password/argon2id"
	"github.com/cenote-id/cenote/internal/secretbox"
)

// Our own argon2id hashes: OWASP's first recommendation for one lane.
const (
	argonMemory = 19456 // KiB
	argonTime   = 2
	argonSalt   = 16 // bytes
	argonSum    = 32 // bytes
)

func newArgon2id(password string) string {
	salt := secretbox.Bytes(argonSalt)
	encode := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=19$m=%d,t=%d,p=1$%s$%s", argonMemory, argonTime,
		encode(salt), encode(hashArgon2id(password, salt, argonMemory, argonTime, argonSum)))
}

// ours reports whether the hash is as strong as those that we make.
func (h *Hash) ours() bool {
	return h.algorithm == ARGON2ID && h.a >= argonMemory && h.b >= argonTime && len(h.sum) >= argonSum
}

func hashArgon2id(password string, salt []byte, memory, time, size int) []byte {
	return argon2id.Key([]byte(password), salt, uint32(time), uint32(memory), size)
}
