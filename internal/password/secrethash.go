package password

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
)

// SecretHash computes SECRET_HASH: standard base64 of an HMAC-SHA-256, under
// the client secret, of the username as the request has it and the client id.
func SecretHash(secret, username, clientID string) string {
	return base64.StdEncoding.EncodeToString(secretHash(secret, username, clientID))
}

// VerifySecretHash reports whether hash was computed under any of a client's
// active secrets. It looks at all of them.
func VerifySecretHash(secrets []string, username, clientID, hash string) bool {
	got, err := base64.StdEncoding.DecodeString(hash)
	if err != nil {
		return false
	}
	ok := false
	for _, s := range secrets {
		if hmac.Equal(secretHash(s, username, clientID), got) {
			ok = true
		}
	}
	return ok
}

func secretHash(secret, username, clientID string) []byte {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(username + clientID))
	return mac.Sum(nil)
}
