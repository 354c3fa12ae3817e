package modp

import (
	"math/bits"
	"testing"

	"pgregory.net/rapid"
)

// Both ways to multiply give the same words, whatever the machine can do.
func TestMontgomeryAgrees(t *testing.T) {
	word := rapid.OneOf(rapid.Uint64(), rapid.SampledFrom([]uint64{0, 1, 1 << 63, 1<<64 - 1}))
	rapid.Check(t, func(t *rapid.T) {
		x := [words]uint64(rapid.SliceOfN(word, words, words).Draw(t, "x"))
		y := [words]uint64(rapid.SliceOfN(word, words, words).Draw(t, "y"))
		var a, b [2 * words]uint64
		ca, cb := montgomery(&a, &x, &y), montgomeryGeneric(&b, &x, &y)
		if a != b || ca != cb {
			t.Fatalf("%x·%x: %x carry %d, want %x carry %d", x, y, a, ca, b, cb)
		}
	})
}

func BenchmarkMul(b *testing.B) {
	x := rr
	for b.Loop() {
		x.Mul(&x, &rr)
	}
}

func BenchmarkMulGeneric(b *testing.B) {
	x := rr
	for b.Loop() {
		var t [2 * words]uint64
		montgomeryGeneric(&t, &x.w, &rr.w)
	}
}

func BenchmarkExp(b *testing.B) {
	x, k := rr, make([]byte, ScalarSize)
	for b.Loop() {
		x.Exp(&x, k)
	}
}

func BenchmarkExpBase(b *testing.B) {
	x, k := rr, [ScalarSize]byte{}
	powers()
	for b.Loop() {
		x.ExpBase(&k)
	}
}

// Sums of the largest representations there are still fit into one.
func TestAddOfUnreduced(t *testing.T) {
	var top Element
	for i := range top.w {
		top.w[i] = 1<<64 - 1
	}
	var less Element // the same residue, fully reduced
	var borrow uint64
	for i := range less.w {
		less.w[i], borrow = bits.Sub64(top.w[i], n[i], borrow)
	}
	for _, y := range []*Element{&top, &less, &one, {w: n}} {
		got, want := new(Element).Add(&top, y), new(Element).Add(&less, y)
		if !got.Equal(want) {
			t.Errorf("%x + %x = %x, want %x", top.w, y.w, got.w, want.w)
		}
	}
}
