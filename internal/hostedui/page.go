package hostedui

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"html/template"
	"log/slog"
	"net/http"
)

//go:embed templates/page.html
var pageText string

//go:embed templates/style.css
var styleText string

var pageTemplate = template.Must(template.New("page").Parse(pageText))

// policy lets a page show itself and send its form back, and nothing else: no
// script, no frame, no request to anywhere.
var policy = func() string {
	sum := sha256.Sum256([]byte(styleText))
	return "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) +
		"'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
}()

// page is what a page shows. Empty fields are left out.
type page struct {
	Language string // of the texts, as in the lang attribute
	Symbol   string // mail, done or problem
	Title    string
	Lead     string
	Note     string // in small print
	Button   string // of the form
	Form     []field
	Action   string // path that the form is sent to
	Next     string // text of a link
	NextURL  string
}

// field is a hidden value of a form.
type field struct{ Name, Value string }

// view is a page with what all pages have in common.
type view struct {
	page
	Style template.CSS
}

// write sends a page. The address of a page may hold the secret of a link: no
// other site is told of it, and no cache keeps it.
func write(w http.ResponseWriter, r *http.Request, log *slog.Logger, status int, p page) {
	var b bytes.Buffer
	if err := pageTemplate.Execute(&b, view{p, template.CSS(styleText)}); err != nil {
		log.ErrorContext(r.Context(), "write page", "err", err)
		http.Error(w, "something went wrong", http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", policy)
	h.Set("Content-Language", p.Language)
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("X-Robots-Tag", "noindex, nofollow")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Vary", "Accept-Language")
	w.WriteHeader(status)
	_, _ = b.WriteTo(w)
}
