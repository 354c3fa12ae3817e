// Package awsquery reads and writes the AWS Query protocol of STS and IAM:
// form-encoded requests, XML replies, and the JSON replies that the services
// give to clients that accept application/json.
//
// A parameter may stand once, list indices run from 1 without a gap, and what
// does not fit its type is refused. Parameters that the model does not know
// are skipped.
package awsquery

import (
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/cenote-id/cenote/internal/awsapi"
)

const (
	// maxParameters bounds a request; the largest that the models allow has
	// some hundreds.
	maxParameters = 10_000
	// maxDepth bounds the dots in a parameter's name.
	maxDepth = 24
)

// Form holds the parameters of a request by their full names.
type Form map[string]string

// Parse reads URL-encoded parameters from the query string and from the body.
// A name that stands twice, in one or in both, is refused.
func Parse(query, body string) (Form, error) {
	f := make(Form, 8)
	for _, part := range [2]string{query, body} {
		for part != "" {
			var pair string
			pair, part, _ = strings.Cut(part, "&")
			if pair == "" {
				continue
			}
			if err := f.add(pair); err != nil {
				return nil, err
			}
		}
	}
	return f, nil
}

func (f Form) add(pair string) error {
	rawName, rawValue, _ := strings.Cut(pair, "=")
	name, err := url.QueryUnescape(rawName)
	if err != nil {
		return malformed("The name of a parameter is not URL-encoded.")
	}
	value, err := url.QueryUnescape(rawValue)
	if err != nil {
		return malformed("The value of parameter %s is not URL-encoded.", clip(name))
	}
	if !utf8.ValidString(name) || !utf8.ValidString(value) {
		return malformed("Parameters must be UTF-8.")
	}
	if _, twice := f[name]; twice {
		return malformed("Parameter %s appears twice.", clip(name))
	}
	if len(f) == maxParameters {
		return malformed("A request has at most %d parameters.", maxParameters)
	}
	f[name] = value
	return nil
}

// node is a parameter or a prefix of parameters: a.b.c is c in b in a.
type node struct {
	value string
	set   bool // there is a parameter of exactly this name
	kids  map[string]*node
}

// tree sorts the parameters by the parts of their names. Those that belong to
// the protocol or to a presigned signature are no members of any shape.
func (f Form) tree() (*node, error) {
	root := new(node)
	for name, value := range f {
		if name == "Action" || name == "Version" || strings.HasPrefix(name, "X-Amz-") {
			continue
		}
		n := root
		depth := 0
		for part := range strings.SplitSeq(name, ".") {
			if depth++; depth > maxDepth {
				return nil, malformed("The name of a parameter nests deeper than %d levels.", maxDepth)
			}
			kid := n.kids[part]
			if kid == nil {
				kid = new(node)
				if n.kids == nil {
					n.kids = make(map[string]*node)
				}
				n.kids[part] = kid
			}
			n = kid
		}
		n.value, n.set = value, true
	}
	return root, nil
}

func malformed(format string, args ...any) error { return awsapi.Serialization.New(format, args...) }

// clip keeps a parameter's name from filling the answer.
func clip(name string) string {
	const most = 128
	if len(name) <= most {
		return name
	}
	return strings.ToValidUTF8(name[:most], "") + "…"
}
