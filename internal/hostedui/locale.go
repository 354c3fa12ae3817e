package hostedui

import (
	"embed"
	"encoding/json"
	"fmt"
	"net/http"
	"path"

	"golang.org/x/text/language"
)

//go:embed locales/*.json
var localeFiles embed.FS

// Names of texts. Every language has every one of them.
const (
	textConfirmTitle  = "confirm.title"
	textConfirmLead   = "confirm.lead"
	textConfirmButton = "confirm.button"
	textConfirmNote   = "confirm.note"
	textDoneTitle     = "done.title"
	textDoneLead      = "done.lead"
	textAlreadyTitle  = "already.title"
	textAlreadyLead   = "already.lead"
	textContinue      = "continue"
	textInvalidTitle  = "invalid.title"
	textInvalidLead   = "invalid.lead"
	textLimitTitle    = "limit.title"
	textLimitLead     = "limit.lead"
	textErrorTitle    = "error.title"
	textErrorLead     = "error.lead"
)

// languages are those that there are texts in, the default first.
var languages = []language.Tag{language.English, language.Japanese}

var matcher = language.NewMatcher(languages)

// texts are those of one language.
type texts struct {
	language string
	words    map[string]string
}

var catalogs = func() (all []texts) {
	for _, tag := range languages {
		file := path.Join("locales", tag.String()+".json")
		text, err := localeFiles.ReadFile(file)
		if err != nil {
			panic(err) // it is part of the program
		}
		c := texts{language: tag.String()}
		if err := json.Unmarshal(text, &c.words); err != nil {
			panic(fmt.Sprintf("%s: %v", file, err))
		}
		all = append(all, c)
	}
	return all
}()

// maxLanguages bounds what is read of Accept-Language, in bytes.
const maxLanguages = 256

// textsFor returns the texts in the language that a reader prefers: that of the
// parameter lang, else what their browser says.
func textsFor(r *http.Request) texts {
	accept := r.Header.Get("Accept-Language")
	_, i := language.MatchStrings(matcher, clip(r.FormValue("lang")), clip(accept))
	return catalogs[i]
}

func clip(s string) string { return s[:min(len(s), maxLanguages)] }

func (t texts) of(name string) string { return t.words[name] }
