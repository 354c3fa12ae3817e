package sigv4

import (
	"crypto/sha256"
	"encoding/base64"
	"strings"

	"github.com/cenote-id/cenote/internal/awsapi"
)

// authorization is the value of an Authorization header. Parts that the
// header lacks are empty; of a repeated part the last one counts.
type authorization struct {
	algorithm, credential, signedHeaders, signature string
}

func parseAuthorization(header string, svc *awsapi.Service) (authorization, error) {
	var a authorization
	if len(header) > maxAuthorization {
		return a, awsapi.IncompleteSignature.New("%s", msgHeaderTooLong)
	}
	var rest string
	a.algorithm, rest, _ = strings.Cut(strings.TrimSpace(header), " ")
	if !accepts(svc, a.algorithm) {
		return a, awsapi.IncompleteSignature.New("Unsupported AWS 'algorithm': '%s'.", clip(a.algorithm))
	}
	for more := rest != ""; more; {
		var part string
		part, rest, more = strings.Cut(rest, ",")
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		name, value, ok := strings.Cut(part, "=")
		if !ok {
			return a, awsapi.IncompleteSignature.New(
				"Invalid key=value pair (missing equal-sign) in Authorization header (hashed with SHA-256 and encoded with Base64): '%s'.",
				fingerprint(header))
		}
		switch name {
		case "Credential":
			a.credential = value
		case "SignedHeaders":
			a.signedHeaders = value
		case "Signature":
			a.signature = value
		}
	}
	return a, nil
}

// fingerprint lets a client recognise its header in an error without the
// error repeating it.
func fingerprint(header string) string {
	sum := sha256.Sum256([]byte(header))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// clip bounds what an error repeats of a client's input.
func clip(s string) string {
	const most = 256
	if len(s) > most {
		return strings.ToValidUTF8(s[:most], "") + "…"
	}
	return s
}
