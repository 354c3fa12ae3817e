package srp_test

import (
	"testing"

	"github.com/cenote-id/cenote/internal/srp"
)

func BenchmarkMatches(b *testing.B) {
	id := srp.Identity{Pool: "P", Name: "n"}
	v := srp.NewVerifier(id, "p", [srp.SaltSize]byte{1})
	for b.Loop() {
		if !v.Matches(id, "p") {
			b.Fatal("refused")
		}
	}
}

func BenchmarkBegin(b *testing.B) {
	id := srp.Identity{Pool: "P", Name: "n"}
	v := srp.NewVerifier(id, "p", [srp.SaltSize]byte{1})
	a, _ := srp.ParsePublicKey("5")
	for b.Loop() {
		srp.Begin(v, a, [srp.SecretSize]byte{1, 2, 3})
	}
}

func BenchmarkVerify(b *testing.B) {
	x := run(b, srp.Identity{Pool: "P", Name: "n"}, "p", "p", "x")
	for b.Loop() {
		if !x.ok() {
			b.Fatal("refused")
		}
	}
}

func BenchmarkFake(b *testing.B) {
	for b.Loop() {
		srp.Fake([]byte("key"), srp.Identity{Pool: "P", Name: "n"})
	}
}
