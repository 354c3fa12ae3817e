package argon2id

import "math/bits"

// mixGeneric is the compression function G of RFC 9106 §3.5: to = G(x, y), or
// to ^= G(x, y). to must be neither x nor y.
func mixGeneric(to, x, y *block, xor bool) {
	var z block
	for i := range z {
		z[i] = x[i] ^ y[i]
	}
	if xor {
		for i := range z {
			to[i] ^= z[i]
		}
	} else {
		*to = z
	}
	for i := 0; i < blockWords; i += 16 {
		round(
			&z[i], &z[i+1], &z[i+2], &z[i+3], &z[i+4], &z[i+5], &z[i+6], &z[i+7],
			&z[i+8], &z[i+9], &z[i+10], &z[i+11], &z[i+12], &z[i+13], &z[i+14], &z[i+15],
		)
	}
	for i := 0; i < 16; i += 2 {
		round(
			&z[i], &z[i+1], &z[i+16], &z[i+17], &z[i+32], &z[i+33], &z[i+48], &z[i+49],
			&z[i+64], &z[i+65], &z[i+80], &z[i+81], &z[i+96], &z[i+97], &z[i+112], &z[i+113],
		)
	}
	for i := range z {
		to[i] ^= z[i]
	}
}

// round is the permutation P: a round of BLAKE2b with multiplications.
func round(v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, v11, v12, v13, v14, v15 *uint64) {
	quarter(v0, v4, v8, v12)
	quarter(v1, v5, v9, v13)
	quarter(v2, v6, v10, v14)
	quarter(v3, v7, v11, v15)
	quarter(v0, v5, v10, v15)
	quarter(v1, v6, v11, v12)
	quarter(v2, v7, v8, v13)
	quarter(v3, v4, v9, v14)
}

func quarter(pa, pb, pc, pd *uint64) {
	a, b, c, d := *pa, *pb, *pc, *pd
	a = add(a, b)
	d = bits.RotateLeft64(d^a, -32)
	c = add(c, d)
	b = bits.RotateLeft64(b^c, -24)
	a = add(a, b)
	d = bits.RotateLeft64(d^a, -16)
	c = add(c, d)
	b = bits.RotateLeft64(b^c, -63)
	*pa, *pb, *pc, *pd = a, b, c, d
}

func add(x, y uint64) uint64 { return x + y + 2*uint64(uint32(x))*uint64(uint32(y)) }
