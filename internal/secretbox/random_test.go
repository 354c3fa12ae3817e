package secretbox_test

import (
	"math"
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/cenote-id/cenote/internal/secretbox"
)

func TestUUID(t *testing.T) {
	form := regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	seen := map[string]bool{}
	for range 1000 {
		id := secretbox.UUID()
		if !form.MatchString(id) || seen[id] {
			t.Fatalf("UUID %s", id)
		}
		seen[id] = true
	}
}

func TestStringUsesItsAlphabet(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 100).Draw(t, "n")
		alphabet := rapid.StringMatching(`[a-z]{2,26}`).Draw(t, "alphabet")
		s := secretbox.String(n, alphabet)
		if len(s) != n || strings.Trim(s, alphabet) != "" {
			t.Fatalf("String(%d, %q) = %q", n, alphabet, s)
		}
	})
}

// A remainder of a random byte would give the first characters of these
// alphabets far more than their share: 26/256 instead of 1/10 for a digit.
func TestStringIsEven(t *testing.T) {
	const n = 200_000
	for _, alphabet := range []string{secretbox.Decimal, secretbox.Alphanumeric, secretbox.Base32} {
		counts := map[rune]int{}
		for _, r := range secretbox.String(n, alphabet) {
			counts[r]++
		}
		p := 1 / float64(len(alphabet))
		mean, sigma := n*p, math.Sqrt(n*p*(1-p))
		for _, r := range alphabet {
			if d := math.Abs(float64(counts[r]) - mean); d > 7*sigma {
				t.Errorf("%q comes %d times in %d, want about %.0f", r, counts[r], n, mean)
			}
		}
	}
}

func TestInt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int64Range(1, math.MaxInt64).Draw(t, "n")
		if v := secretbox.Int(n); v < 0 || v >= n {
			t.Fatalf("Int(%d) = %d", n, v)
		}
	})
	counts := [3]int{}
	for range 3000 {
		counts[secretbox.Int(3)]++
	}
	for i, c := range counts {
		if c < 800 || c > 1200 {
			t.Errorf("%d comes %d times in 3000", i, c)
		}
	}
}
