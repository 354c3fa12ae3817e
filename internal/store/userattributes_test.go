package store

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/cenote-id/cenote/internal/user"
)

func TestAttributesRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var attrs user.Attributes
		for range rapid.IntRange(0, 5).Draw(t, "n") {
			attrs = append(attrs, user.Attribute{Name: rapid.String().Draw(t, "name"), Value: rapid.String().Draw(t, "value")})
		}
		text, err := encodeAttributes(attrs)
		if err != nil {
			t.Fatal(err)
		}
		got, err := decodeAttributes(text)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if diff := cmp.Diff(attrs, got, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s: %s", text, diff)
		}
	})
}

// FuzzAttributes holds the parser of pairs against encoding/json: what both
// read, they read alike, and what one refuses the other does.
func FuzzAttributes(f *testing.F) {
	for _, text := range []string{
		``, `[]`, `null`, `[["a","b"]]`, `[["a","b"],["c","d"]]`, `[["","\\"]]`, `[["\u00fc","ü"],["\ud83d\ude00","\ud83d"]]`,
		`[["a","b",]]`, `[["a"]]`, `[["a","b","c"]]`, `[["a","b"]] `, `[["a","b"]`, `[["a","\"]]`, "[[\"a\",\"\x01\"]]", "[[\"\xff\",\"\"]]", `[["a","b"],]`,
		`[["],[","],["]]`, `[["a", "b"]]`, `[["\x","b"]]`,
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		pairs, wantErr := decodeDoc[[][2]string](text)
		got, err := decodeAttributes(text)
		if (err == nil) != (wantErr == nil) {
			t.Fatalf("%q: %v, encoding/json: %v", text, err, wantErr)
		}
		if err != nil {
			return
		}
		var want user.Attributes
		for _, p := range pairs {
			want = append(want, user.Attribute{Name: p[0], Value: p[1]})
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q: %s", text, diff)
		}
	})
}
