package saml

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/beevik/etree"
)

// Namespaces.
const (
	nsProtocol  = "urn:oasis:names:tc:SAML:2.0:protocol"
	nsAssertion = "urn:oasis:names:tc:SAML:2.0:assertion"
	nsMetadata  = "urn:oasis:names:tc:SAML:2.0:metadata"
	nsSignature = "http://www.w3.org/2000/09/xmldsig#"
)

// maxDepth is how deep elements may be nested. Assertions need less than ten.
const maxDepth = 32

// parse reads a document that holds nothing in which parsers are known to
// differ or to be led outside. comments says whether comments may be there;
// they are no part of what is signed, and cut texts in two.
func parse(doc []byte, comments bool) (*etree.Element, error) {
	if !utf8.Valid(doc) {
		return nil, errors.New("not UTF-8")
	}
	if err := inspect(doc, comments); err != nil {
		return nil, err
	}
	tree := etree.NewDocument()
	tree.ReadSettings = etree.ReadSettings{CharsetReader: onlyUTF8, ValidateInput: true, MaxDepth: maxDepth, PreserveDuplicateAttrs: true}
	if err := tree.ReadFromBytes(doc); err != nil {
		return nil, err
	}
	root := tree.Root()
	if root == nil {
		return nil, errors.New("no element")
	}
	return root, nil
}

func onlyUTF8(charset string, input io.Reader) (io.Reader, error) {
	if !strings.EqualFold(charset, "utf-8") {
		return nil, fmt.Errorf("character set %q", charset)
	}
	return input, nil
}

// inspect looks at a document token by token.
func inspect(doc []byte, comments bool) error {
	d := xml.NewDecoder(bytes.NewReader(doc))
	d.CharsetReader = onlyUTF8
	depth, roots := 0, 0
	for {
		token, err := d.RawToken()
		if err == io.EOF {
			if roots != 1 || depth != 0 {
				return errors.New("not one element")
			}
			return nil
		}
		if err != nil {
			return err
		}
		switch t := token.(type) {
		case xml.Directive:
			return errors.New("a document type or another directive")
		case xml.ProcInst:
			if t.Target != "xml" || roots > 0 {
				return errors.New("a processing instruction")
			}
		case xml.Comment:
			if !comments {
				return errors.New("a comment")
			}
		case xml.CharData:
			if depth == 0 && len(bytes.TrimSpace(t)) > 0 {
				return errors.New("text outside the element")
			}
		case xml.StartElement:
			if depth == 0 {
				roots++
			}
			if depth++; depth > maxDepth {
				return errors.New("too deep")
			}
			if err := inspectNames(&t); err != nil {
				return err
			}
		case xml.EndElement:
			depth--
		}
	}
}

// inspectNames refuses names with several colons, or a colon at an end, and
// attributes that stand twice.
func inspectNames(e *xml.StartElement) error {
	if !plain(e.Name) {
		return errors.New("an odd name of an element")
	}
	seen := make(map[xml.Name]struct{}, len(e.Attr))
	for _, a := range e.Attr {
		if _, twice := seen[a.Name]; twice || !plain(a.Name) {
			return errors.New("an attribute twice or with an odd name")
		}
		seen[a.Name] = struct{}{}
	}
	return nil
}

func plain(n xml.Name) bool {
	return n.Local != "" && !strings.Contains(n.Local, ":") && !strings.Contains(n.Space, ":")
}

// walk visits el and everything in it.
func walk(el *etree.Element, visit func(*etree.Element) error) error {
	if err := visit(el); err != nil {
		return err
	}
	for _, child := range el.ChildElements() {
		if err := walk(child, visit); err != nil {
			return err
		}
	}
	return nil
}

func is(el *etree.Element, space, tag string) bool {
	return el.Tag == tag && el.NamespaceURI() == space
}

func children(el *etree.Element, space, tag string) []*etree.Element {
	var found []*etree.Element
	for _, child := range el.ChildElements() {
		if is(child, space, tag) {
			found = append(found, child)
		}
	}
	return found
}

// only returns the one child of a name. That there is another of the same
// local name in any namespace is an error as well.
func only(el *etree.Element, space, tag string) (*etree.Element, error) {
	var found *etree.Element
	for _, child := range el.ChildElements() {
		if child.Tag != tag {
			continue
		}
		if found != nil || child.NamespaceURI() != space {
			return nil, fmt.Errorf("%s is not alone in its %s", tag, el.Tag)
		}
		found = child
	}
	if found == nil {
		return nil, fmt.Errorf("%s without %s", el.Tag, tag)
	}
	return found, nil
}

// text is what an element without elements says.
func text(el *etree.Element) (string, error) {
	if len(el.ChildElements()) > 0 {
		return "", fmt.Errorf("%s has elements", el.Tag)
	}
	return strings.TrimSpace(el.Text()), nil
}

// attribute returns an attribute without prefix; "" for absent.
func attribute(el *etree.Element, name string) string {
	for _, a := range el.Attr {
		if a.Space == "" && a.Key == name {
			return a.Value
		}
	}
	return ""
}

// instant reads a time; the zero one for absent. SAML times are in UTC.
func instant(el *etree.Element, name string) (time.Time, error) {
	value := attribute(el, name)
	if value == "" {
		return time.Time{}, nil
	}
	t, err := time.Parse(time.RFC3339Nano, value)
	if err != nil {
		return time.Time{}, fmt.Errorf("%s of %s is no time", name, el.Tag)
	}
	return t.UTC(), nil
}
