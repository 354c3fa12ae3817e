package hostedui

import (
	"maps"
	"net/http/httptest"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestEveryLanguageSaysEverything(t *testing.T) {
	english := slices.Sorted(maps.Keys(catalogs[0].words))
	names := []string{
		textConfirmTitle, textConfirmLead, textConfirmButton, textConfirmNote, textDoneTitle, textDoneLead, textAlreadyTitle, textAlreadyLead,
		textContinue, textInvalidTitle, textInvalidLead, textLimitTitle, textLimitLead, textErrorTitle, textErrorLead,
	}
	slices.Sort(names)
	if diff := cmp.Diff(names, english); diff != "" {
		t.Errorf("names of texts: %s", diff)
	}
	for _, c := range catalogs {
		if diff := cmp.Diff(english, slices.Sorted(maps.Keys(c.words))); diff != "" {
			t.Errorf("%s: %s", c.language, diff)
		}
		for name, text := range c.words {
			if text == "" {
				t.Errorf("%s: %s says nothing", c.language, name)
			}
		}
	}
}

func TestLanguageOfAPage(t *testing.T) {
	for _, c := range []struct{ lang, accept, want string }{
		{"", "", "en"},
		{"", "ja", "ja"},
		{"", "ja-JP,ja;q=0.9,en;q=0.8", "ja"},
		{"", "en-GB, ja;q=0.5", "en"},
		{"", "fr, ja;q=0.3", "ja"},
		{"", "fr", "en"},
		{"ja", "en", "ja"},
		{"xx", "ja", "ja"},
		{"", ";;;,,,=", "en"},
	} {
		r := httptest.NewRequest("GET", "/confirmUser?lang="+c.lang, nil)
		r.Header.Set("Accept-Language", c.accept)
		if got := textsFor(r).language; got != c.want {
			t.Errorf("lang %q, Accept-Language %q: %s, want %s", c.lang, c.accept, got, c.want)
		}
	}
}
