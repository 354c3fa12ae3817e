package message

import (
	"html"
	"strings"
)

// blocks are the tags that begin a new line in plain text.
var blocks = map[string]bool{
	"br": true, "p": true, "div": true, "tr": true, "li": true, "ul": true, "ol": true, "table": true, "hr": true,
	"h1": true, "h2": true, "h3": true, "h4": true, "h5": true, "h6": true, "blockquote": true,
}

// silent are the tags whose content is not text.
var silent = map[string]bool{"style": true, "script": true, "head": true, "title": true}

// Plain writes HTML as plain text, for readers that show nothing else: without
// markup, and with the address of each link after its words.
func Plain(markup string) string {
	var b strings.Builder
	href, skip := "", ""
	for markup != "" {
		text, rest, found := strings.Cut(markup, "<")
		if skip == "" {
			b.WriteString(collapse(text))
		}
		if !found {
			break
		}
		tag, after, closed := strings.Cut(rest, ">")
		if !closed {
			break // what is not a tag to the end is nothing to show
		}
		markup = after
		name, end := tagName(tag)
		switch {
		case skip != "":
			if end && name == skip {
				skip = ""
			}
		case silent[name] && !end:
			skip = name
		case name == "a" && !end:
			href = attribute(tag, "href")
		case name == "a" && href != "":
			b.WriteString(" <" + href + ">")
			href = ""
		case blocks[name]:
			b.WriteString("\n")
		}
	}
	return tidy(b.String())
}

// collapse makes one space of each run of white space.
func collapse(text string) string {
	const edge = "\x00" // keeps the space at both ends
	joined := strings.Join(strings.FieldsFunc(edge+html.UnescapeString(text)+edge, isSpace), " ")
	return strings.ReplaceAll(joined, edge, "")
}

func isSpace(r rune) bool { return r == ' ' || r == '\t' || r == '\n' || r == '\r' }

// tagName returns the name of a tag in lower case, and whether it is an end.
func tagName(tag string) (name string, end bool) {
	tag, end = strings.CutPrefix(tag, "/")
	i := strings.IndexFunc(tag, func(r rune) bool { return isSpace(r) || r == '/' })
	if i >= 0 {
		tag = tag[:i]
	}
	return strings.ToLower(tag), end
}

// lower is strings.ToLower that leaves every byte where it is.
func lower(s string) string {
	b := []byte(s)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}

// attribute returns the value of an attribute of a tag; empty if it has none.
func attribute(tag, name string) string {
	for rest := tag; ; {
		i := strings.Index(lower(rest), name)
		if i < 0 {
			return ""
		}
		before, after := rest[:i], strings.TrimLeft(rest[i+len(name):], " \t\r\n")
		rest = rest[i+len(name):]
		if before == "" || !isSpace(rune(before[len(before)-1])) || !strings.HasPrefix(after, "=") {
			continue
		}
		value := strings.TrimLeft(after[1:], " \t\r\n")
		if value == "" {
			return ""
		}
		if quote := value[:1]; quote == `"` || quote == "'" {
			value, _, _ = strings.Cut(value[1:], quote)
		} else {
			value, _, _ = strings.Cut(value, " ")
		}
		return html.UnescapeString(value)
	}
}

// tidy takes away space at the ends of lines, and all but one of the empty
// lines in a row.
func tidy(text string) string {
	var out []string
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" && (len(out) == 0 || out[len(out)-1] == "") {
			continue
		}
		out = append(out, line)
	}
	return strings.TrimSpace(strings.Join(out, "\n"))
}
