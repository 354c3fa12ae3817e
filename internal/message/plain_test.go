package message_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/cenote-id/cenote/internal/message"
)

func TestPlain(t *testing.T) {
	for markup, want := range map[string]string{
		"Your code is 123456":                                           "Your code is 123456",
		"<b>Hello</b> <i>you</i>,<br>\n  your   code":                   "Hello you,\nyour code",
		"<p>One</p><p>Two</p>":                                          "One\n\nTwo",
		"a &lt;b&gt; &amp; c&nbsp;d":                                    "a <b> & c\u00a0d",
		`<a class="x" HREF='https://e.example/?a=1&amp;b=2'>Go</a> now`: "Go <https://e.example/?a=1&b=2> now",
		`<a data-href="no" href=https://e.example/ >x</a>`:              "x <https://e.example/>",
		"<style>p { color: red }</style><p>Text</p>":                    "Text",
		"<title>x</title>y<script>alert('<b>')</script>z":               "yz",
		"1 < 2":   "1",
		"<a href": "",
		"İİİ<a hİref=x href='https://e.example/'>x</a>": "İİİx <https://e.example/>",
		"": "",
	} {
		if got := message.Plain(markup); got != want {
			t.Errorf("Plain(%q)\n got %q\nwant %q", markup, got, want)
		}
	}
}

func FuzzPlain(f *testing.F) {
	for _, seed := range []string{"<p>a<br/>b</p>", `<a href="x">y</a>`, "<style>x</style", "<a hrefhref= ='", "&lt;&#0;"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, markup string) {
		got := message.Plain(markup)
		if utf8.ValidString(markup) && !utf8.ValidString(got) {
			t.Errorf("Plain(%q) = %q is not UTF-8", markup, got)
		}
		if !strings.ContainsAny(markup, "<&") && len(got) > len(markup) {
			t.Errorf("Plain(%q) = %q has grown", markup, got)
		}
	})
}

func TestScrub(t *testing.T) {
	for words, want := range map[string]string{
		"5.1.1 <tom@example.com>: Recipient address rejected": "5.1.1 … Recipient address rejected",
		"blocked URL https://id.example.com/confirmUser?x=y":  "blocked URL …",
		"content has 123456 in it, see 550":                   "content has … in it, see 550",
		"bad password Xy1!zzzz":                               "bad password …",
		"two\r\nlines":                                        "two lines",
		strings.Repeat("é ", 400):                             strings.TrimSpace(strings.Repeat("é ", 100)),
	} {
		if got := message.Scrub(words); strings.TrimSpace(got) != want {
			t.Errorf("Scrub(%q)\n got %q\nwant %q", words, got, want)
		}
	}
}
