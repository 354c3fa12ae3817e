package modp

import (
	"crypto/subtle"
	"encoding/binary"
	"math/bits"
)

const words = 48

// Size is the length of an encoded element in bytes.
const Size = words * 8

// Element is a residue modulo N. The zero value is the residue 0.
type Element struct{ w [words]uint64 }

// n is the prime. Its lowest word is 2^64 − 1, so −1/N mod 2^64 is 1 and a
// Montgomery step multiplies N by the lowest word itself.
var n = [words]uint64{
	0xffffffffffffffff, 0x4b82d120a93ad2ca, 0x43db5bfce0fd108e, 0x08e24fa074e5ab31,
	0x770988c0bad946e2, 0xbbe117577a615d6c, 0x521f2b18177b200c, 0xd87602733ec86a64,
	0xf12ffa06d98a0864, 0xcee3d2261ad2ee6b, 0x1e8c94e04a25619d, 0xabf5ae8cdb0933d7,
	0xb3970f85a6e1e4c7, 0x8aea71575d060c7d, 0xecfb850458dbef0a, 0xa85521abdf1cba64,
	0xad33170d04507a33, 0x15728e5a8aaac42d, 0x15d2261898fa0510, 0x3995497cea956ae5,
	0xde2bcbf695581718, 0xb5c55df06f4c52c9, 0x9b2783a2ec07a28f, 0xe39e772c180e8603,
	0x32905e462e36ce3b, 0xf1746c08ca18217c, 0x670c354e4abc9804, 0x9ed529077096966d,
	0x1c62f356208552bb, 0x83655d23dca3ad96, 0x69163fa8fd24cf5f, 0x98da48361c55d39a,
	0xc2007cb8a163bf05, 0x49286651ece45b3d, 0xae9f24117c4b1fe6, 0xee386bfb5a899fa5,
	0x0bff5cb6f406b7ed, 0xf44c42e9a637ed6b, 0xe485b576625e7ec6, 0x4fe1356d6d51c245,
	0x302b0a6df25f1437, 0xef9519b3cd3a431b, 0x514a08798e3404dd, 0x020bbea63b139b22,
	0x29024e088a67cc74, 0xc4c6628b80dc1cd1, 0xc90fdaa22168c234, 0xffffffffffffffff,
}

// one and rr are R mod N and R² mod N for R = 2^3072. Both are constants of
// N, computed rather than printed: R mod N is R − N, and doubling it 3072
// times gives R².
var one, rr = func() (o, r Element) {
	var borrow uint64
	for i := range o.w {
		o.w[i], borrow = bits.Sub64(0, n[i], borrow)
	}
	r = o
	for range Size * 8 {
		double(&r)
	}
	return o, r
}()

func double(x *Element) {
	var carry uint64
	for i, w := range x.w {
		x.w[i], carry = w<<1|carry, w>>63
	}
	subtractN(x, carry)
}

// subtractN takes N off x if bit is 1, and returns the borrow.
func subtractN(x *Element, bit uint64) (borrow uint64) {
	mask := -bit
	for i := range x.w {
		x.w[i], borrow = bits.Sub64(x.w[i], n[i]&mask, borrow)
	}
	return borrow
}

// One returns the residue 1.
func One() *Element { e := one; return &e }

// FromBytes reads a big-endian number of any length up to Size bytes and
// reduces it. Longer input is refused.
func FromBytes(b []byte) (e *Element, ok bool) {
	if len(b) > Size {
		return nil, false
	}
	var padded [Size]byte
	copy(padded[Size-len(b):], b)
	e = new(Element)
	for i := range e.w {
		e.w[i] = binary.BigEndian.Uint64(padded[Size-8*(i+1):])
	}
	return e.Mul(e, &rr), true
}

// Bytes writes the residue as Size big-endian bytes.
func (e *Element) Bytes() [Size]byte {
	var r Element
	r.Mul(e, &Element{w: [words]uint64{1}})
	// The product with 1 is at most N, and N itself stands for 0.
	var borrow uint64
	var less Element
	for i := range r.w {
		less.w[i], borrow = bits.Sub64(r.w[i], n[i], borrow)
	}
	subtractN(&r, 1-borrow)
	var out [Size]byte
	for i, w := range r.w {
		binary.BigEndian.PutUint64(out[Size-8*(i+1):], w)
	}
	return out
}

// IsZero reports whether the residue is 0.
func (e *Element) IsZero() bool {
	b := e.Bytes()
	var acc byte
	for _, c := range b {
		acc |= c
	}
	return acc == 0
}

// Equal compares two residues.
func (e *Element) Equal(x *Element) bool {
	a, b := e.Bytes(), x.Bytes()
	return subtle.ConstantTimeCompare(a[:], b[:]) == 1
}

// Add sets e to x + y and returns it.
func (e *Element) Add(x, y *Element) *Element {
	var carry uint64
	for i := range e.w {
		e.w[i], carry = bits.Add64(x.w[i], y.w[i], carry)
	}
	// 2^3072 − N is small, so the sum less N may reach 2^3072 once more, but
	// never twice.
	carry -= subtractN(e, carry)
	subtractN(e, carry)
	return e
}

// Mul sets e to x·y and returns it.
func (e *Element) Mul(x, y *Element) *Element {
	var t [2 * words]uint64
	carry := montgomery(&t, &x.w, &y.w)
	copy(e.w[:], t[words:])
	subtractN(e, carry)
	return e
}

// Prime returns N, big-endian.
func Prime() (out [Size]byte) {
	for i, w := range n {
		binary.BigEndian.PutUint64(out[Size-8*(i+1):], w)
	}
	return out
}
