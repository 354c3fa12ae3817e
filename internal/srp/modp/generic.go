package modp

import "math/bits"

// montgomeryGeneric writes (x·y + m·N) to t, where m makes the low half 0;
// the high half and the carry are x·y/2^3072 mod N, not fully reduced. t must
// be zero.
func montgomeryGeneric(t *[2 * words]uint64, x, y *[words]uint64) (carry uint64) {
	for i := range words {
		row := (*[words + 1]uint64)(t[i:])
		hi := addMul(row, x, y[i])
		var c1, c2 uint64
		row[words], c1 = bits.Add64(hi, carry, 0)
		hi = addMul(row, &n, row[0])
		row[words], c2 = bits.Add64(row[words], hi, 0)
		carry = c1 + c2
	}
	return carry
}

// addMul adds x·y to the low words of row.
func addMul(row *[words + 1]uint64, x *[words]uint64, y uint64) (carry uint64) {
	for j := 0; j < words; j++ {
		hi, lo := bits.Mul64(x[j], y)
		var c uint64
		lo, c = bits.Add64(lo, row[j], 0)
		hi += c
		row[j], c = bits.Add64(lo, carry, 0)
		carry = hi + c
	}
	return carry
}
