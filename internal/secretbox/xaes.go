package secretbox

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/subtle"
)

const (
	keySize   = 32
	nonceSize = 24
	tagSize   = 16
)

// xaes is XAES-256-GCM for one key. It is safe for concurrent use.
type xaes struct {
	block cipher.Block
	mask  [aes.BlockSize]byte // CMAC's K1 (NIST SP 800-38B section 6.1)
}

func newXAES(key []byte) *xaes {
	block, err := aes.NewCipher(key)
	if err != nil {
		panic("secretbox: " + err.Error()) // keys are 32 bytes by construction
	}
	x := &xaes{block: block}
	block.Encrypt(x.mask[:], x.mask[:])
	var carry byte
	for i := len(x.mask) - 1; i >= 0; i-- {
		b := x.mask[i]
		x.mask[i] = b<<1 | carry
		carry = b >> 7
	}
	x.mask[len(x.mask)-1] ^= byte(subtle.ConstantTimeSelect(int(carry), 0x87, 0))
	return x
}

// aead returns the AES-256-GCM instance for a 24-byte nonce, of which the
// last 12 bytes are its own nonce.
func (x *xaes) aead(nonce []byte) cipher.AEAD {
	var derived [keySize]byte
	for i := range 2 {
		half := derived[i*aes.BlockSize:][:aes.BlockSize]
		half[1], half[2] = byte(i+1), 'X'
		copy(half[4:], nonce[:12])
		subtle.XORBytes(half, half, x.mask[:])
		x.block.Encrypt(half, half)
	}
	block, err := aes.NewCipher(derived[:])
	if err != nil {
		panic("secretbox: " + err.Error())
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		panic("secretbox: " + err.Error())
	}
	return gcm
}

func (x *xaes) seal(dst, nonce, plaintext, ad []byte) []byte {
	return x.aead(nonce).Seal(dst, nonce[12:], plaintext, ad)
}

func (x *xaes) open(nonce, ciphertext, ad []byte) ([]byte, error) {
	return x.aead(nonce).Open(nil, nonce[12:], ciphertext, ad)
}
