package modp_test

import (
	"bytes"
	"math/big"
	"testing"

	"pgregory.net/rapid"

	"github.com/cenote-id/cenote/internal/srp/modp"
)

var prime = func() *big.Int { b := modp.Prime(); return new(big.Int).SetBytes(b[:]) }()

// TestPrime computes N by the formula of RFC 3526 §4:
// 2^3072 − 2^3008 − 1 + 2^64·(⌊2^2942·π⌋ + 1690314).
func TestPrime(t *testing.T) {
	want := new(big.Int).Add(pi(2942), big.NewInt(1690314))
	want.Lsh(want, 64)
	want.Add(want, new(big.Int).Lsh(big.NewInt(1), 3072))
	want.Sub(want, new(big.Int).Lsh(big.NewInt(1), 3008))
	want.Sub(want, big.NewInt(1))
	if prime.Cmp(want) != 0 {
		t.Errorf("N = %x, want %x", prime, want)
	}
	if !prime.ProbablyPrime(8) {
		t.Error("N is not prime")
	}
}

// pi returns ⌊2^bits·π⌋ by Machin's formula, π = 16·atan(1/5) − 4·atan(1/239).
func pi(bits uint) *big.Int {
	const guard = 64
	unit := new(big.Int).Lsh(big.NewInt(1), bits+guard)
	arctan := func(x int64) *big.Int {
		sum, square := new(big.Int), big.NewInt(x*x)
		power := new(big.Int).Quo(unit, big.NewInt(x))
		for k := int64(1); power.Sign() > 0; k += 2 {
			term := new(big.Int).Quo(power, big.NewInt(k))
			if k%4 == 1 {
				sum.Add(sum, term)
			} else {
				sum.Sub(sum, term)
			}
			power.Quo(power, square)
		}
		return sum
	}
	a := new(big.Int).Mul(arctan(5), big.NewInt(16))
	a.Sub(a, new(big.Int).Mul(arctan(239), big.NewInt(4)))
	return a.Rsh(a, guard)
}

// number draws encodings with an eye on the edges: around 0, N and 2^3072.
func number() *rapid.Generator[[]byte] {
	near := func(base *big.Int, d int64) []byte {
		i := new(big.Int).Add(base, big.NewInt(d))
		if i.Sign() < 0 || i.BitLen() > 8*modp.Size {
			i.SetInt64(3)
		}
		return i.FillBytes(make([]byte, modp.Size))
	}
	edge := rapid.Custom(func(t *rapid.T) []byte {
		bases := []*big.Int{new(big.Int), prime, new(big.Int).Lsh(big.NewInt(1), 3072)}
		return near(bases[rapid.IntRange(0, 2).Draw(t, "base")], rapid.Int64Range(-4, 4).Draw(t, "offset"))
	})
	return rapid.OneOf(rapid.SliceOfN(rapid.Byte(), modp.Size, modp.Size), edge)
}

func element(t rapid.TB, b []byte) (*modp.Element, *big.Int) {
	t.Helper()
	e, ok := modp.FromBytes(b)
	if !ok {
		t.Fatalf("%d bytes are refused", len(b))
	}
	return e, new(big.Int).SetBytes(b)
}

func check(t rapid.TB, what string, got *modp.Element, want *big.Int) {
	t.Helper()
	b := got.Bytes()
	if w := want.Mod(want, prime).FillBytes(make([]byte, modp.Size)); !bytes.Equal(b[:], w) {
		t.Fatalf("%s = %x, want %x", what, b, w)
	}
}

func TestArithmeticIsThatOfMathBig(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x, bx := element(t, number().Draw(t, "x"))
		y, by := element(t, number().Draw(t, "y"))
		check(t, "x", x, new(big.Int).Set(bx))
		check(t, "x+y", new(modp.Element).Add(x, y), new(big.Int).Add(bx, by))
		check(t, "x·y", new(modp.Element).Mul(x, y), new(big.Int).Mul(bx, by))
		check(t, "x·x", new(modp.Element).Mul(x, x), new(big.Int).Mul(bx, bx))
		// Sums of unreduced sums, and a target that is also an operand.
		s := new(modp.Element).Add(x, y)
		s.Add(s, s).Mul(s, s)
		bs := new(big.Int).Add(bx, by)
		bs.Lsh(bs, 1)
		check(t, "(2(x+y))²", s, bs.Mul(bs, bs))
		if got, want := x.Equal(y), new(big.Int).Sub(bx, by).Mod(new(big.Int).Sub(bx, by), prime).Sign() == 0; got != want {
			t.Fatalf("x = y: %v, want %v", got, want)
		}
		if got, want := x.IsZero(), new(big.Int).Mod(bx, prime).Sign() == 0; got != want {
			t.Fatalf("x = 0: %v, want %v", got, want)
		}
	})
}

func TestExpIsThatOfMathBig(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x, bx := element(t, number().Draw(t, "x"))
		k := rapid.SliceOfN(rapid.Byte(), 0, 40).Draw(t, "k")
		check(t, "x^k", new(modp.Element).Exp(x, k), new(big.Int).Exp(bx, new(big.Int).SetBytes(k), prime))
		var scalar [modp.ScalarSize]byte
		copy(scalar[:], k)
		check(t, "2^k", new(modp.Element).ExpBase(&scalar), new(big.Int).Exp(big.NewInt(2), new(big.Int).SetBytes(scalar[:]), prime))
	})
}

func TestFromBytesRefusesTheTooLong(t *testing.T) {
	if _, ok := modp.FromBytes(make([]byte, modp.Size+1)); ok {
		t.Error("385 bytes are taken")
	}
}
