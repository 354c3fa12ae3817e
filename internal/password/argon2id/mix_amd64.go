package argon2id

import "golang.org/x/sys/cpu"

var hasAVX2 = cpu.X86.HasAVX2

func mix(to, x, y *block, xor bool) {
	if !hasAVX2 {
		mixGeneric(to, x, y, xor)
		return
	}
	var z block
	mixAVX2(to, x, y, &z, xor)
}

// mixAVX2 is mixGeneric; z is scratch.
//
//go:noescape
func mixAVX2(to, x, y, z *block, xor bool)
