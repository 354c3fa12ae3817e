// Package esdk writes and reads messages of the AWS Encryption SDK: message
// format 2, algorithm suite 0x0478 (AES-256-GCM, HKDF-SHA-512, key commitment,
// no signature), with the data key wrapped by one raw AES key. Every AWS
// Encryption SDK since version 2 reads them with a raw AES keyring.
//
// Source: AWS Encryption SDK developer guide, "Message format reference",
// "Body AAD reference", "Algorithms reference"; the specification of the raw
// AES keyring.
package esdk

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha512"
	"encoding/binary"
	"errors"
	"maps"
	"slices"

	"github.com/cenote-id/cenote/internal/secretbox"
)

// Key is a wrapping key as keyrings name it.
type Key struct {
	Namespace string
	Name      string
	Secret    [32]byte
}

// String names the key without its secret.
func (k Key) String() string { return k.Namespace + "/" + k.Name }

// GoString is String, so that no verb prints the secret.
func (k Key) GoString() string { return k.String() }

// Context is the encryption context: authenticated, not encrypted.
type Context map[string]string

const (
	formatVersion = 2
	suite         = 0x0478
	idSize        = 32
	keySize       = 32
	commitSize    = 32
	ivSize        = 12
	tagSize       = 16
	framed        = 2
	frameSize     = 4096
	finalFrame    = 0xffffffff

	labelFrame = "AWSKMSEncryptionClient Frame"
	labelFinal = "AWSKMSEncryptionClient Final Frame"
)

var errTooLong = errors.New("esdk: more than one frame of plaintext, or a name that is too long")

// Encrypt makes a message of up to 4,096 bytes of plaintext.
func Encrypt(k Key, plaintext []byte, c Context) ([]byte, error) {
	if len(plaintext) > frameSize || len(k.Namespace)+len(k.Name) > 4096 {
		return nil, errTooLong
	}
	pairs, err := c.encode()
	if err != nil {
		return nil, err
	}
	id, dataKey := secretbox.Bytes(idSize), secretbox.Bytes(keySize)
	info, wrapped, err := k.wrap(dataKey, pairs)
	if err != nil {
		return nil, err
	}
	body, commitment, err := derive(dataKey, id)
	if err != nil {
		return nil, err
	}

	b := []byte{formatVersion}
	b = binary.BigEndian.AppendUint16(b, suite)
	b = append(b, id...)
	b = appendField(b, pairs)
	b = binary.BigEndian.AppendUint16(b, 1)
	b = appendField(b, []byte(k.Namespace))
	b = appendField(b, info)
	b = appendField(b, wrapped)
	b = append(b, framed)
	b = binary.BigEndian.AppendUint32(b, frameSize)
	b = append(b, commitment...)
	b = body.Seal(b, iv(0), nil, b) // the tag of the header

	b = binary.BigEndian.AppendUint32(b, finalFrame)
	b = binary.BigEndian.AppendUint32(b, 1)
	b = append(b, iv(1)...)
	b = binary.BigEndian.AppendUint32(b, uint32(len(plaintext)))
	return body.Seal(b, iv(1), plaintext, frameAAD(id, labelFinal, 1, len(plaintext))), nil
}

// derive makes the cipher of a message and its commitment to the data key.
func derive(dataKey, id []byte) (cipher.AEAD, []byte, error) {
	prk, err := hkdf.Extract(sha512.New, dataKey, id)
	if err != nil {
		return nil, nil, err
	}
	key, err := hkdf.Expand(sha512.New, prk, string([]byte{suite >> 8, suite & 0xff})+"DERIVEKEY", keySize)
	if err != nil {
		return nil, nil, err
	}
	commitment, err := hkdf.Expand(sha512.New, prk, "COMMITKEY", commitSize)
	if err != nil {
		return nil, nil, err
	}
	body, err := gcm(key)
	return body, commitment, err
}

// wrap encrypts a data key as the raw AES keyring does. info is the name of
// the wrapping key, the lengths of tag and nonce, and the nonce.
func (k Key) wrap(dataKey, pairs []byte) (info, wrapped []byte, err error) {
	aead, err := gcm(k.Secret[:])
	if err != nil {
		return nil, nil, err
	}
	nonce := secretbox.Bytes(ivSize)
	return append(k.info(), nonce...), aead.Seal(nil, nonce, dataKey, pairs), nil
}

// info is what the provider information of this key's data keys begins with.
func (k Key) info() []byte {
	b := []byte(k.Name)
	b = binary.BigEndian.AppendUint32(b, 8*tagSize)
	return binary.BigEndian.AppendUint32(b, ivSize)
}

func gcm(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

// iv is the nonce of a frame, or of the header as frame 0. The key is used for
// one message.
func iv(frame uint32) []byte {
	return binary.BigEndian.AppendUint32(make([]byte, ivSize-4), frame)
}

func frameAAD(id []byte, label string, frame uint32, size int) []byte {
	b := append(slices.Clone(id), label...)
	b = binary.BigEndian.AppendUint32(b, frame)
	return binary.BigEndian.AppendUint64(b, uint64(size))
}

// encode writes the context: nothing for an empty one, else the number of
// pairs and the pairs by the order of their keys.
func (c Context) encode() ([]byte, error) {
	if len(c) == 0 {
		return nil, nil
	}
	b := binary.BigEndian.AppendUint16(nil, uint16(len(c)))
	for _, key := range slices.Sorted(maps.Keys(c)) {
		if len(c) > 64 || len(key)+len(c[key]) > 4096 {
			return nil, errTooLong
		}
		b = appendField(appendField(b, []byte(key)), []byte(c[key]))
	}
	return b, nil
}

func appendField(b, field []byte) []byte {
	return append(binary.BigEndian.AppendUint16(b, uint16(len(field))), field...)
}
