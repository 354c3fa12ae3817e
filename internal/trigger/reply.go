package trigger

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
)

// Bounds of replies, beside MaxReply.
const (
	maxEntries = 5000 // of any list or map
	maxDepth   = 32   // of claims that are not plain
)

// readReply takes a reply apart. A function must return the event that it was
// given, with the response filled in. It may leave out the rest, but what it
// returns of it must be of this event: an answer to another one must not
// decide here. userName is not compared, because functions are known to write
// to it; nobody reads it.
//
// Members that the contract does not know are refused, as they are on the
// service: a decision under a misspelt name would be no decision.
func readReply(reply []byte, e event) (*fields, error) {
	top, err := parseFields("event", reply)
	if err != nil {
		return nil, errUnrecognizable.WithCause(err)
	}
	for _, same := range []struct{ name, want string }{
		{"version", e.Version}, {"triggerSource", e.Source}, {"region", e.Region}, {"userPoolId", e.Pool},
	} {
		if got := top.text(same.name); got != nil && *got != same.want {
			top.fail(same.name, "is not that of the event")
		}
	}
	for _, rest := range []string{"userName", "callerContext", "request"} {
		top.take(rest)
	}
	response := top.object("response")
	if response == nil {
		top.fail("response", "is missing")
	}
	if err := top.done(); err != nil {
		return nil, err
	}
	return response, nil
}

// fields are the members of one JSON object of a reply, read one by one. The
// first that is not what it should be is kept, and done tells it; until then
// the methods return zero values. Errors name members, never values.
type fields struct {
	path    string
	members map[string]json.RawMessage // those not read yet
	err     *error                     // shared with objects inside
}

func parseFields(path string, raw []byte) (*fields, error) {
	f := &fields{path: path, err: new(error)}
	// Decoding into a map, unlike decoding into a struct, tells cases apart.
	if err := json.Unmarshal(raw, &f.members); err != nil {
		return nil, fmt.Errorf("%s is not a JSON object", path)
	}
	if f.members == nil {
		return nil, fmt.Errorf("%s is null", path)
	}
	return f, nil
}

func (f *fields) fail(name, what string) {
	if *f.err == nil {
		*f.err = fmt.Errorf("%s.%s %s", f.path, name, what)
	}
}

// done returns what was wrong. It must be called once everything is read.
func (f *fields) done() error {
	f.leftovers()
	if *f.err != nil {
		return errUnrecognizable.WithCause(*f.err)
	}
	return nil
}

// leftovers complains about members that nobody has asked for.
func (f *fields) leftovers() {
	for name := range f.members {
		f.fail(strconv.Quote(name[:min(len(name), 64)]), "is not a member of it")
	}
}

// take returns a member that is there and not null.
func (f *fields) take(name string) (json.RawMessage, bool) {
	raw, there := f.members[name]
	delete(f.members, name)
	return raw, there && string(raw) != "null"
}

// has reports whether a member is there and unread, null or not.
func (f *fields) has(name string) bool {
	_, there := f.members[name]
	return there
}

func decode[T any](f *fields, name, kind string) (value T) {
	raw, there := f.take(name)
	if !there {
		return value
	}
	if err := json.Unmarshal(raw, &value); err != nil {
		f.fail(name, "is not "+kind)
		var zero T
		return zero
	}
	return value
}

// text returns a string, nil if there is none.
func (f *fields) text(name string) *string { return decode[*string](f, name, "a string") }

// word is text for values that are as good as absent when empty.
func (f *fields) word(name string) string {
	if s := f.text(name); s != nil {
		return *s
	}
	return ""
}

// flag returns a boolean, false if there is none.
func (f *fields) flag(name string) bool { return decode[bool](f, name, "a boolean") }

// texts returns a list of strings.
func (f *fields) texts(name string) []string {
	list := decode[[]*string](f, name, "a list of strings")
	if len(list) > maxEntries {
		f.fail(name, "has too many entries")
		return nil
	}
	out := make([]string, 0, len(list))
	for _, s := range list {
		if s == nil {
			f.fail(name, "has an entry that is null")
			return nil
		}
		out = append(out, *s)
	}
	return out
}

// textMap returns a map of strings, without the entries that are null; nil if
// there is none.
func (f *fields) textMap(name string) map[string]string {
	entries := decode[map[string]*string](f, name, "a map of strings")
	if entries == nil {
		return nil
	}
	if len(entries) > maxEntries {
		f.fail(name, "has too many entries")
		return nil
	}
	out := make(map[string]string, len(entries))
	for k, v := range entries {
		if v != nil {
			out[k] = *v
		}
	}
	return out
}

// values returns a map of JSON values of any kind, without those that are
// null.
func (f *fields) values(name string) map[string]json.RawMessage {
	entries := decode[map[string]json.RawMessage](f, name, "an object")
	if len(entries) > maxEntries {
		f.fail(name, "has too many entries")
		return nil
	}
	for k, v := range entries {
		if string(v) == "null" {
			delete(entries, k)
		} else if depth(v) > maxDepth {
			f.fail(name, "has a value that is nested too deeply")
		}
	}
	return entries
}

// object returns an object inside this one, nil if there is none.
func (f *fields) object(name string) *fields {
	raw, there := f.take(name)
	if !there {
		return nil
	}
	inner, err := parseFields(f.path+"."+name, raw)
	if err != nil {
		f.fail(name, "is not an object")
		return nil
	}
	inner.err = f.err
	return inner
}

// oneOf returns a word that is one of a few; empty if there is none.
func (f *fields) oneOf(name string, words ...string) string {
	w := f.word(name)
	if w != "" && !slices.Contains(words, w) {
		f.fail(name, "is not one of its values")
		return ""
	}
	return w
}

// depth counts how deep objects and lists lie in each other in valid JSON.
func depth(raw []byte) (deepest int) {
	level, quoted := 0, false
	for i := 0; i < len(raw); i++ {
		switch c := raw[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{', c == '[':
			level++
			deepest = max(deepest, level)
		case c == '}', c == ']':
			level--
		}
	}
	return deepest
}

// plain reports whether a JSON value is neither an object nor a list.
func plain(raw json.RawMessage) bool { return len(raw) > 0 && raw[0] != '{' && raw[0] != '[' }

// ReplyError returns the FunctionError that a reply holds, nil if it holds
// none: an error document of the Lambda API in place of an event. AWS marks it
// with a header; emulators of the Lambda runtime leave that out. What the
// service says of a function that gives no message is UNCONFIRMED; the type is
// told then.
func ReplyError(reply []byte) error {
	if !bytes.Contains(reply, []byte(`"error`)) {
		return nil
	}
	var document map[string]json.RawMessage
	if json.Unmarshal(reply, &document) != nil || document["response"] != nil {
		return nil
	}
	message, kind := document["errorMessage"], document["errorType"]
	if message == nil && kind == nil {
		return nil
	}
	for _, raw := range []json.RawMessage{message, kind} {
		var s string
		if json.Unmarshal(raw, &s) == nil && s != "" {
			return &FunctionError{Message: s}
		}
	}
	return &FunctionError{Message: "null"}
}
