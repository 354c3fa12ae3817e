//go:build !amd64

package modp

func montgomery(t *[2 * words]uint64, x, y *[words]uint64) (carry uint64) {
	return montgomeryGeneric(t, x, y)
}
