package modp

import "golang.org/x/sys/cpu"

var hasADX = cpu.X86.HasADX && cpu.X86.HasBMI2

func montgomery(t *[2 * words]uint64, x, y *[words]uint64) (carry uint64) {
	if hasADX {
		return montgomeryADX(t, x, y, &n)
	}
	return montgomeryGeneric(t, x, y)
}

// montgomeryADX is montgomeryGeneric with two carry chains.
//
//go:noescape
func montgomeryADX(t *[2 * words]uint64, x, y, n *[words]uint64) (carry uint64)
