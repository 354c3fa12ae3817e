package modp

import (
	"crypto/subtle"
	"sync"
)

// ScalarSize is the length in bytes of the exponents that ExpBase takes: the
// output of SHA-256, and a secret of the same strength.
const ScalarSize = 32

const window = 4 // bits of an exponent that one product consumes

// Exp sets e to x^k and returns it. k is big-endian; its length, not its
// value, decides the time taken.
func (e *Element) Exp(x *Element, k []byte) *Element {
	var table [1 << window]Element
	table[0] = one
	for i := 1; i < len(table); i++ {
		table[i].Mul(&table[i-1], x)
	}
	acc := one
	var factor Element
	for _, b := range k {
		for _, digit := range [...]byte{b >> window, b & (1<<window - 1)} {
			for range window {
				acc.Mul(&acc, &acc)
			}
			factor.pick(&table, digit)
			acc.Mul(&acc, &factor)
		}
	}
	*e = acc
	return e
}

// ExpBase sets e to 2^k, 2 being SRP's generator, and returns it. It costs
// one product for each four bits of k and no squaring.
func (e *Element) ExpBase(k *[ScalarSize]byte) *Element {
	acc := one
	var factor Element
	rows := powers()
	for i, b := range k {
		for j, digit := range [...]byte{b >> window, b & (1<<window - 1)} {
			factor.pick(&rows[2*i+j], digit)
			acc.Mul(&acc, &factor)
		}
	}
	*e = acc
	return e
}

// powers returns 2^(d·16^(63−i)) at [i][d]: 393 kB, which stay in a core's
// second-level cache. Building them takes a few milliseconds, once.
var powers = sync.OnceValue(func() *[2 * ScalarSize][1 << window]Element {
	rows := new([2 * ScalarSize][1 << window]Element)
	var base Element
	base.Add(&one, &one)
	for i := len(rows) - 1; i >= 0; i-- {
		row := &rows[i]
		row[0] = one
		for d := 1; d < len(row); d++ {
			row[d].Mul(&row[d-1], &base)
		}
		base.Mul(&row[len(row)-1], &base)
	}
	return rows
})

// pick sets e to the entry numbered digit, and reads every entry to do so.
func (e *Element) pick(table *[1 << window]Element, digit byte) {
	*e = Element{}
	for i := range table {
		mask := -uint64(subtle.ConstantTimeByteEq(digit, byte(i)))
		entry := &table[i]
		for j := range e.w {
			e.w[j] |= entry.w[j] & mask
		}
	}
}
