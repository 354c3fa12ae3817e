package shape

import (
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/cognitoidentity"
	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
	"github.com/cenote-id/cenote/internal/awsapi/iam"
	"github.com/cenote-id/cenote/internal/awsapi/sts"
)

func TestPatterns(t *testing.T) {
	for _, tc := range []struct {
		pattern  string
		yes, no  []string
		oneClass bool // takes the fast path
	}{
		{`[\w+]+`, []string{"a", "A_9+"}, []string{"", "a-b", "é", "a\n"}, true},
		{`[\S]+`, []string{"a", "é", "\u00a0"}, []string{"", "a b", "a\n"}, true},
		{`[\p{L}\p{M}\p{S}\p{N}\p{P}]+`, []string{"jane@example.com", "😀", "名前"}, []string{"", "a b", "a\u200b"}, true},
		{`[A-Za-z0-9-_=.]+`, []string{"eyJ.a-b_c="}, []string{"", "a+b", "a b"}, true},
		{`[\w]*`, []string{"", "a"}, []string{"-"}, true},
		{`^[0-9a-fA-F]+$`, []string{"0aF"}, []string{"", "0aF\n", "g"}, true},
		{`[\w\s+=,.@-]+`, []string{"a b\tc\v"}, []string{"", "é"}, true},
		{`[\w-]+_[0-9a-zA-Z]+`, []string{"us-west-2_a", "a__b"}, []string{"us-west-2", "_a", "us-west-2_", "x us-west-2_a", "us-west-2_a\n"}, false},
		{`(un)?authenticated`, []string{"authenticated", "unauthenticated"}, []string{"", "unauth", "xauthenticated"}, false},
		{`(\u002F)|(\u002F[\u0021-\u007E]+\u002F)`, []string{"/", "/a/", "/a/b/"}, []string{"", "a", "/a", "a/"}, false},
		// \u10000 is U+1000 and a zero: what Java reads, whatever was meant.
		{`[\u0020-\u007E\u10000-\u10FFFF]+`, []string{"a", "\u1000", "\u10ff"}, []string{"", "\u1100", "😀"}, true},
		{`(?s).*`, []string{"", "a\nb\r\u2028"}, nil, false},
		{`.*\{####\}.*`, []string{"{####}", "code {####}!"}, []string{"{###}", "a\n{####}", "a\u2028{####}", "\r{####}"}, false},
		{`^[0-9A-Za-z\.\-_]*(?<!\.)$`, []string{"", "a.b", "a-"}, []string{"a.", ".", "a b"}, false},
		{`^[a-z0-9]([a-z0-9]|-(?!-)){1,61}[a-z0-9]$`, []string{"abc", "a-b", "a-b-c"}, []string{"ab", "a--b", "-ab", "ab-", "Abc", strings.Repeat("a", 64)}, false},
		{`[^_\p{Z}][\p{L}\p{M}\p{S}\p{N}\p{P}][^_\p{Z}]+`, []string{"abc", "Google"}, []string{"ab", "_bc", "ab_", "a b"}, false},
	} {
		m, err := compilePattern(tc.pattern)
		if err != nil {
			t.Errorf("%s: %v", tc.pattern, err)
			continue
		}
		if _, fast := m.(*repeat); fast != tc.oneClass {
			t.Errorf("%s: compiled to %T", tc.pattern, m)
		}
		for _, s := range tc.yes {
			if !m.match(s) {
				t.Errorf("%s refuses %q", tc.pattern, s)
			}
		}
		for _, s := range tc.no {
			if m.match(s) {
				t.Errorf("%s takes %q", tc.pattern, s)
			}
		}
	}
}

// The fast path and the general machine agree on every pattern of the models.
func TestFastPathAgrees(t *testing.T) {
	type pair struct {
		fast *repeat
		slow *regexp.Regexp
	}
	var pairs []pair
	for _, s := range []*awsapi.Service{cognitoidp.Service, cognitoidentity.Service, sts.Service, iam.Service} {
		for _, sh := range s.Shapes {
			if sh.Pattern == "" {
				continue
			}
			m, err := compilePattern(sh.Pattern)
			if err != nil {
				t.Errorf("%s: %v", sh.Name, err)
			}
			if fast, ok := m.(*repeat); ok {
				pairs = append(pairs, pair{fast, regexp.MustCompile(`\A(?:` + translate(sh.Pattern) + `)\z`)})
			}
		}
	}
	if len(pairs) < 60 {
		t.Fatalf("%d patterns take the fast path", len(pairs))
	}
	rapid.Check(t, func(t *rapid.T) {
		p := rapid.SampledFrom(pairs).Draw(t, "pattern")
		s := rapid.OneOf(rapid.String(), rapid.StringMatching(`[a-zA-Z0-9 _.@/+=\-\n]*`)).Draw(t, "s")
		if fast, slow := p.fast.match(s), p.slow.MatchString(s); fast != slow {
			t.Fatalf("%s on %q: %v, %v", p.slow, s, fast, slow)
		}
	})
}
