package sdk

import (
	"encoding/json"
	"fmt"
	"go/token"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Infrastructure tools compare what they read with what they wrote, member by
// member, and report every difference as drift. So: what was set comes back
// exactly, and what was not set stays absent, except for what AWS itself adds.

// readback compares one resource's settings, as they were sent, with a reply.
type readback struct {
	renamed map[string]string // members of the request that have another name in the reply
	left    []string          // members of the request that the reply does not have
	added   []string          // members that the service adds where they were not set
}

// check compares raw JSON, so that absent is not mistaken for empty. more are
// further members that the service adds in this case.
func (r readback) check(t *testing.T, what string, sent, got []byte, more ...string) {
	t.Helper()
	want, have := object(t, sent), object(t, got)
	for from, to := range r.renamed {
		if v, ok := want[from]; ok {
			delete(want, from)
			want[to] = v
		}
	}
	for _, name := range r.left {
		delete(want, name)
	}
	var extra []string
	for _, problem := range differences("", want, have, &extra) {
		t.Errorf("%s: %s", what, problem)
	}
	added := append(slices.Clone(more), r.added...)
	for _, path := range extra {
		if !slices.Contains(added, path) {
			t.Errorf("%s: %s was not set and is there", what, path)
		}
	}
	for _, path := range added {
		if _, set := at(want, path); !slices.Contains(extra, path) && !set {
			t.Errorf("%s: %s is not there, which AWS always adds", what, path)
		}
	}
}

func object(t *testing.T, text []byte) map[string]any {
	t.Helper()
	var o map[string]any
	if err := json.Unmarshal(text, &o); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return o
}

// at finds a member by its path.
func at(o map[string]any, path string) (any, bool) {
	name, rest, deeper := strings.Cut(path, ".")
	v, ok := o[name]
	if !ok || !deeper {
		return v, ok
	}
	inner, isObject := v.(map[string]any)
	if !isObject {
		return nil, false
	}
	return at(inner, rest)
}

// differences lists what of want is not in have, and collects the paths of
// what have has beyond that. Lists of words are sets.
func differences(path string, want, have any, extra *[]string) []string {
	switch want := want.(type) {
	case map[string]any:
		have, ok := have.(map[string]any)
		if !ok {
			return []string{fmt.Sprintf("%s is %v, want %v", path, have, want)}
		}
		var all []string
		for _, name := range slices.Sorted(maps.Keys(want)) {
			inner := strings.TrimPrefix(path+"."+name, ".")
			got, there := have[name]
			if !there {
				all = append(all, fmt.Sprintf("%s is not there, want %v", inner, want[name]))
				continue
			}
			all = append(all, differences(inner, want[name], got, extra)...)
		}
		for _, name := range slices.Sorted(maps.Keys(have)) {
			if _, set := want[name]; !set {
				*extra = append(*extra, strings.TrimPrefix(path+"."+name, "."))
			}
		}
		return all
	case []any:
		have, ok := have.([]any)
		if !ok || len(have) != len(want) {
			return []string{fmt.Sprintf("%s is %v, want %v", path, have, want)}
		}
		if words(want) && words(have) {
			byText := func(a, b any) int { return strings.Compare(a.(string), b.(string)) }
			want, have = slices.SortedFunc(slices.Values(want), byText), slices.SortedFunc(slices.Values(have), byText)
		}
		var all []string
		for i := range want {
			all = append(all, differences(fmt.Sprintf("%s[%d]", path, i), want[i], have[i], extra)...)
		}
		return all
	}
	if !reflect.DeepEqual(want, have) {
		return []string{fmt.Sprintf("%s is %v, want %v", path, have, want)}
	}
	return nil
}

func words(list []any) bool {
	return !slices.ContainsFunc(list, func(v any) bool { _, ok := v.(string); return !ok })
}

// inner returns a member of a raw reply.
func inner(t *testing.T, raw []byte, name string) []byte {
	t.Helper()
	var o map[string]json.RawMessage
	if err := json.Unmarshal(raw, &o); err != nil {
		t.Fatalf("%v: %s", err, raw)
	}
	if o[name] == nil {
		t.Fatalf("no %s in %s", name, raw)
	}
	return o[name]
}

// oneByOne calls f with copies of least in which one more member of most is
// set, by name; with names those that it needs.
func oneByOne[T any](least, most T, with map[string][]string, f func(name string, in *T)) {
	from := reflect.ValueOf(most)
	for i := range from.NumField() {
		name := from.Type().Field(i).Name
		if !from.Type().Field(i).IsExported() || from.Field(i).IsZero() || !reflect.ValueOf(least).Field(i).IsZero() {
			continue
		}
		in := least
		for _, n := range append([]string{name}, with[name]...) {
			reflect.ValueOf(&in).Elem().FieldByName(n).Set(from.FieldByName(n))
		}
		f(name, &in)
	}
}

// ignoreUnexported compares structs of the SDK, which all have a marker.
var ignoreUnexported = cmp.FilterPath(func(p cmp.Path) bool {
	field, ok := p.Last().(cmp.StructField)
	return ok && !token.IsExported(field.Name())
}, cmp.Ignore())
