//go:build !amd64

package argon2id

func mix(to, x, y *block, xor bool) { mixGeneric(to, x, y, xor) }
