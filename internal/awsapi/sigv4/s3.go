package sigv4

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"

	"github.com/cenote-id/cenote/internal/awsapi"
)

// unsignedPayload stands where the hash of a body would, in requests to S3.
const unsignedPayload = "UNSIGNED-PAYLOAD"

// noBody is the SHA-256 of nothing.
var noBody = sha256.Sum256(nil)

// signedPayload appends to dst what the canonical request says of the body:
// its hash, which whatever the request claims must agree with. S3 signs
// presigned requests without looking at the body, and lets others do so; that
// is good here where there is none, because nobody can add one unseen.
func (s *signed) signedPayload(r *http.Request, body [sha256.Size]byte, svc *awsapi.Service, dst []byte) (_ []byte, ok bool) {
	claimed := [...]string{s.payloadHash, r.Header.Get("X-Amz-Content-Sha256")}
	if svc.S3Signing && body == noBody {
		presigned := s.presigned && claimed[0] == "" && claimed[1] == ""
		if presigned || claimed[0] == unsignedPayload || claimed[1] == unsignedPayload {
			for _, c := range claimed {
				if c != "" && c != unsignedPayload {
					return nil, false
				}
			}
			return append(dst, unsignedPayload...), true
		}
	}
	dst = hex.AppendEncode(dst, body[:])
	for _, c := range claimed {
		if c != "" && c != string(dst) {
			return nil, false
		}
	}
	return dst, true
}

// appendS3Path writes a path as S3 signs it: every segment as it is, escaped
// once. parseQuery's escaping does the same to a parameter.
func appendS3Path(dst []byte, escaped string) []byte {
	if escaped == "" {
		return append(dst, '/')
	}
	for i := 0; i < len(escaped); i++ {
		c := escaped[i]
		if c == '%' && i+2 < len(escaped) && unhex(escaped[i+1]) >= 0 && unhex(escaped[i+2]) >= 0 {
			c = byte(unhex(escaped[i+1])<<4 | unhex(escaped[i+2]))
			i += 2
		} else if c == '/' {
			dst = append(dst, c)
			continue
		}
		dst = appendEscaped(dst, string([]byte{c}))
	}
	return dst
}
