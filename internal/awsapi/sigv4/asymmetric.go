package sigv4

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"math/big"
	"slices"
	"strings"

	"github.com/cenote-id/cenote/internal/awsapi"
)

// asymmetricServices are those whose clients may be set to sign with SigV4A.
var asymmetricServices = []string{"sts"}

// maxASN1Signature bounds a P-256 signature in DER, in hex digits.
const maxASN1Signature = 2 * 72

// accepts reports whether a service takes signatures of an algorithm.
func accepts(svc *awsapi.Service, algorithm string) bool {
	return algorithm == symmetric || algorithm == asymmetric && slices.Contains(asymmetricServices, svc.Name)
}

// region is the one region that the signature is scoped to, empty for a set.
func (s *signed) region() string {
	if s.algorithm == asymmetric && plausibleRegion(s.regionSet) {
		return s.regionSet
	}
	return s.scope.region
}

// coversRegion reports whether a region set, a list in which an asterisk
// stands for anything, covers the region of the endpoint, or any that is
// served if the host name tells none.
func coversRegion(set, endpoint string, regions func(string) bool) bool {
	if len(set) > maxCredential {
		return false
	}
	for entry := range strings.SplitSeq(set, ",") {
		entry = strings.TrimSpace(entry)
		before, after, pattern := strings.Cut(entry, "*")
		switch {
		case pattern && strings.Contains(after, "*"):
			continue // one asterisk is all that clients write
		case pattern && endpoint == "",
			pattern && len(endpoint) >= len(before)+len(after) && strings.HasPrefix(endpoint, before) && strings.HasSuffix(endpoint, after),
			!pattern && (endpoint == "" || endpoint == entry) && regions(entry):
			return true
		}
	}
	return false
}

// matchesAsymmetric verifies a SigV4A signature. ECDSA signatures differ each
// time, so this is a verification and no comparison.
func (v *Verifier) matchesAsymmetric(s *signed, canonical [sha256.Size]byte, secret string) bool {
	if len(s.signature) > maxASN1Signature {
		return false
	}
	signature, err := hex.DecodeString(s.signature)
	if err != nil {
		return false
	}
	scope := keyScope{accessKeyID: s.scope.accessKeyID}
	public, cached := v.public.get(scope, secret)
	if !cached {
		if public, err = derivePublicKey(s.scope.accessKeyID, secret); err != nil {
			return false
		}
	}
	var line [256]byte
	digest := sha256.Sum256(s.appendStringToSign(line[:0], canonical))
	if !ecdsa.VerifyASN1(public, digest[:], signature) {
		return false
	}
	if !cached {
		v.public.put(scope, secret, public)
	}
	return true
}

// errNoKeyPair has a chance of about 2^-8000.
var errNoKeyPair = errors.New("sigv4: no key pair for this access key")

// derivePublicKey derives the P-256 key pair of an access key (NIST SP
// 800-108 counter mode, then a try for each counter as in FIPS 186-4 B.4.2)
// and returns its public half.
func derivePublicKey(accessKeyID, secret string) (*ecdsa.PublicKey, error) {
	curve := elliptic.P256()
	limit := new(big.Int).Sub(curve.Params().N, big.NewInt(2))
	for counter := byte(1); counter < 255; counter++ {
		mac := hmac.New(sha256.New, []byte("AWS4A"+secret))
		mac.Write([]byte{0, 0, 0, 1})
		mac.Write([]byte(asymmetric))
		mac.Write([]byte{0})
		mac.Write([]byte(accessKeyID))
		mac.Write([]byte{counter, 0, 0, 1, 0})
		candidate := new(big.Int).SetBytes(mac.Sum(nil))
		if candidate.Cmp(limit) > 0 {
			continue
		}
		candidate.Add(candidate, big.NewInt(1))
		private, err := ecdsa.ParseRawPrivateKey(curve, candidate.FillBytes(make([]byte, 32)))
		if err != nil {
			return nil, err
		}
		return &private.PublicKey, nil
	}
	return nil, errNoKeyPair
}
