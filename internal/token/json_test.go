package token

import (
	"encoding/json"
	"testing"

	"pgregory.net/rapid"
)

// Whatever a user writes into an attribute comes out of the token as it went
// in, and never as another claim.
func TestStringsRoundTrip(t *testing.T) {
	text := rapid.OneOf(rapid.String(), rapid.Custom(func(t *rapid.T) string {
		return string(rapid.SliceOf(rapid.SampledFrom([]byte("a\"\\/\n\r\t\x00\x1f\x7f\x80\xc3\xa9\xff<>&"))).Draw(t, "bytes"))
	}))
	rapid.Check(t, func(t *rapid.T) {
		in := text.Draw(t, "in")
		var got, want string
		if err := json.Unmarshal(appendString(nil, in), &got); err != nil {
			t.Fatalf("%q: %v", appendString(nil, in), err)
		}
		std, err := json.Marshal(in)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(std, &want); err != nil {
			t.Fatal(err)
		}
		if got != want {
			t.Fatalf("%q comes back as %q, want %q", in, got, want)
		}
	})
}

func TestObjects(t *testing.T) {
	o := object{'{'}
	o.text("a", "x")
	o.optional("absent", "")
	o.texts("none", nil)
	o.texts("list", []string{"y", "z"})
	o.number("n", -1)
	o.boolean("b", true)
	if got, want := string(append(o, '}')), `{"a":"x","list":["y","z"],"n":-1,"b":true}`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestRecentForgetsTheLeastUsed(t *testing.T) {
	r := newRecent[int, int](10)
	for i := range 100 {
		r.put(i, i)
		if v, ok := r.get(0); !ok || v != 0 {
			t.Fatalf("what is used all the time is gone after %d", i)
		}
		if r.aging(0) {
			r.put(0, 0)
		}
		if n := len(r.young) + len(r.old); n > 10 {
			t.Fatalf("%d entries, limit 10", n)
		}
	}
	if _, ok := r.get(1); ok {
		t.Error("what is not used is kept")
	}
	r.drop(0)
	if _, ok := r.get(0); ok {
		t.Error("what was dropped is kept")
	}
}
