package argon2id

import (
	"bytes"
	"encoding/hex"
	"sync"
	"testing"

	"golang.org/x/crypto/argon2"
	"pgregory.net/rapid"
)

// The reference implementation's own test of Argon2id with one lane.
func TestReference(t *testing.T) {
	got := Key([]byte("password"), []byte("somesalt"), 2, 256, 32)
	if want := "9dfeb910e80bad0311fee20f9c0e2b12c17987b4cac90c2ef54d5b3021c68bfe"; hex.EncodeToString(got) != want {
		t.Errorf("%x, want %s", got, want)
	}
}

func TestAgreesWithTheUsualImplementation(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		password, salt := rapid.SliceOf(rapid.Byte()).Draw(t, "password"), rapid.SliceOf(rapid.Byte()).Draw(t, "salt")
		passes := rapid.Uint32Range(1, 4).Draw(t, "passes")
		memory := rapid.Uint32Range(MinMemory, 700).Draw(t, "memory")
		size := rapid.IntRange(4, 200).Draw(t, "size")
		got := Key(password, salt, passes, memory, size)
		if want := argon2.IDKey(password, salt, passes, memory, 1, uint32(size)); !bytes.Equal(got, want) {
			t.Fatalf("%x, want %x", got, want)
		}
	})
}

// Both ways to mix give the same words, whatever the machine can do.
func TestMixAgrees(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		draw := func(name string) block {
			return block(rapid.SliceOfN(rapid.Uint64(), blockWords, blockWords).Draw(t, name))
		}
		x, y, a := draw("x"), draw("y"), draw("to")
		b, xor := a, rapid.Bool().Draw(t, "xor")
		mix(&a, &x, &y, xor)
		mixGeneric(&b, &x, &y, xor)
		if a != b {
			t.Fatalf("mix(%x, %x) = %x, want %x", x, y, a, b)
		}
	})
}

// An arena that held another hash, or a larger one, leaves no trace in the
// next; and hashes side by side do not share one.
func TestArenasAreUsedAgain(t *testing.T) {
	want := Key([]byte("a"), []byte("saltsalt"), 2, 64, 32)
	var hashes sync.WaitGroup
	for range 8 {
		hashes.Go(func() {
			for i := range 20 {
				Key([]byte("other"), []byte("saltsalt"), 1, uint32(MinMemory+16*i), 16)
				if got := Key([]byte("a"), []byte("saltsalt"), 2, 64, 32); !bytes.Equal(got, want) {
					t.Errorf("%x, want %x", got, want)
				}
			}
		})
	}
	hashes.Wait()
	if n := len(arenas.free); n > 8 {
		t.Errorf("%d arenas for 8 hashes at once", n)
	}
}

func BenchmarkKey(b *testing.B) {
	for b.Loop() {
		Key([]byte("password"), []byte("somesaltsomesalt"), 2, 19456, 32)
	}
}

func BenchmarkUsualImplementation(b *testing.B) {
	for b.Loop() {
		argon2.IDKey([]byte("password"), []byte("somesaltsomesalt"), 2, 19456, 1, 32)
	}
}

func BenchmarkMix(b *testing.B) {
	var to, x, y block
	for b.Loop() {
		mix(&to, &x, &y, true)
	}
}

func BenchmarkMixGeneric(b *testing.B) {
	var to, x, y block
	for b.Loop() {
		mixGeneric(&to, &x, &y, true)
	}
}
