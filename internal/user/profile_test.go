package user

import (
	"strconv"
	"testing"
)

// A stranger may list as many attributes as fit a request. Each compared with
// each, half a million would keep this test busy for minutes.
func TestManyAttributes(t *testing.T) {
	given := make([]Attribute, 500_000)
	for i := range given {
		given[i].Name = "custom:" + strconv.Itoa(i)
	}
	out, err := normalize(given)
	if err != nil || len(out) != len(given) {
		t.Fatalf("%d attributes, %v", len(out), err)
	}
	if _, err := normalize(append(given, Attribute{Name: "custom:7"})); err != errAttributeTwice {
		t.Errorf("a name that comes twice: %v", err)
	}
}
