package esdk

import (
	"bytes"
	"crypto/cipher"
	"crypto/hmac"
	"encoding/binary"
	"errors"
)

// ErrMessage is the error for everything that is not a whole message of this
// suite under this key. It does not say more.
var ErrMessage = errors.New("esdk: not a message under this key")

// maxFrames bounds the frames of one message that is read.
const maxFrames = 1 << 16

// Decrypt opens a message, however many frames it has, and returns its
// plaintext and its context.
func Decrypt(k Key, message []byte) ([]byte, Context, error) {
	r := &reader{rest: message}
	version, id2 := r.take(1), r.take(2)
	id := r.take(idSize)
	pairs := r.field()
	wrapped := r.dataKey(k)
	content, size, commitment := r.take(1), r.uint32(), r.take(commitSize)
	header := message[:len(message)-len(r.rest)]
	tag := r.take(tagSize)
	if r.short || version[0] != formatVersion || binary.BigEndian.Uint16(id2) != suite || content[0] != framed || size == 0 || wrapped == nil {
		return nil, nil, ErrMessage
	}
	dataKey, err := k.unwrap(wrapped, pairs)
	if err != nil {
		return nil, nil, ErrMessage
	}
	body, own, err := derive(dataKey, id)
	if err != nil {
		return nil, nil, err
	}
	if !hmac.Equal(own, commitment) {
		return nil, nil, ErrMessage
	}
	if _, err := body.Open(nil, iv(0), tag, header); err != nil {
		return nil, nil, ErrMessage
	}
	c, ok := decodeContext(pairs)
	if !ok {
		return nil, nil, ErrMessage
	}
	plaintext, err := r.frames(body, id, size)
	return plaintext, c, err
}

// frames opens the frames of a body, which must end the message.
func (r *reader) frames(body cipher.AEAD, id []byte, size uint32) (plaintext []byte, err error) {
	for n := uint32(1); n < maxFrames; n++ {
		number, label, length := r.uint32(), labelFrame, size
		final := number == finalFrame
		if final {
			number, label = r.uint32(), labelFinal
		}
		nonce := r.take(ivSize)
		if final {
			length = r.uint32()
		}
		if r.short || number != n || length > size || uint64(length) > uint64(len(r.rest)) || !bytes.Equal(nonce, iv(n)) {
			return nil, ErrMessage
		}
		if plaintext, err = body.Open(plaintext, nonce, r.take(int(length)+tagSize), frameAAD(id, label, n, int(length))); err != nil || r.short {
			return nil, ErrMessage
		}
		if final {
			if len(r.rest) > 0 {
				return nil, ErrMessage
			}
			return plaintext, nil
		}
	}
	return nil, ErrMessage
}

// dataKey reads the encrypted data keys and returns the one of k: nonce and
// ciphertext.
func (r *reader) dataKey(k Key) (found []byte) {
	prefix := k.info()
	for range r.uint16() {
		provider, info, ciphertext := r.field(), r.field(), r.field()
		if r.short {
			return nil
		}
		if found == nil && string(provider) == k.Namespace && len(info) == len(prefix)+ivSize && bytes.HasPrefix(info, prefix) {
			found = append(bytes.Clone(info[len(prefix):]), ciphertext...)
		}
	}
	return found
}

func (k Key) unwrap(wrapped, pairs []byte) ([]byte, error) {
	aead, err := gcm(k.Secret[:])
	if err != nil {
		return nil, err
	}
	dataKey, err := aead.Open(nil, wrapped[:ivSize], wrapped[ivSize:], pairs)
	if err == nil && len(dataKey) != keySize {
		err = ErrMessage
	}
	return dataKey, err
}

func decodeContext(pairs []byte) (Context, bool) {
	c := Context{}
	if len(pairs) == 0 {
		return c, true
	}
	r := &reader{rest: pairs}
	for range r.uint16() {
		key, value := r.field(), r.field()
		if r.short {
			return nil, false
		}
		c[string(key)] = string(value)
	}
	return c, len(r.rest) == 0
}

// reader takes bytes from the front of a message. After the first that are
// missing it returns zeroes.
type reader struct {
	rest  []byte
	short bool
}

func (r *reader) take(n int) []byte {
	if n > len(r.rest) {
		r.short, r.rest = true, nil
		return make([]byte, min(n, 64))
	}
	b := r.rest[:n]
	r.rest = r.rest[n:]
	return b
}

func (r *reader) uint16() uint16 { return binary.BigEndian.Uint16(r.take(2)) }
func (r *reader) uint32() uint32 { return binary.BigEndian.Uint32(r.take(4)) }
func (r *reader) field() []byte  { return r.take(int(r.uint16())) }
