package message

import (
	"html"
	"regexp"
	"strings"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
	"github.com/cenote-id/cenote/internal/trigger"
	"github.com/cenote-id/cenote/internal/userpool"
)

// Placeholders of templates.
const (
	placeCode     = "{####}"
	placeUsername = "{username}"
)

// The service's own words, for pools that bring none. Those of links are
// UNCONFIRMED.
const (
	defaultByLink         = "Please follow the link below to verify your email address. {##Verify Email##} "
	defaultLinkSubject    = "Your verification link"
	defaultVerification   = "Your confirmation code is {####}"
	defaultCodeSubject    = "Your verification code"
	defaultAuthentication = "Your authentication code is {####}. "
	defaultAuthSubject    = "Your authentication code"
	defaultInvitation     = "Your username is {username} and temporary password is {####}."
	defaultInviteSubject  = "Your temporary password"
)

// Text is what a message says.
type Text struct {
	Subject string // empty for text messages
	Body    string
}

// template is a text with its places empty.
type template struct{ subject, body string }

// verification is the template of messages that carry a confirmation code, or
// the link in its place.
//
// The words of the pool's function come first. A pool may set its own in two
// places; the template object wins, as the service keeps the two in step.
func verification(p *userpool.Pool, own trigger.CustomText, medium Medium, byLink bool) template {
	d, t := &p.Description, awsapi.Value(p.Description.VerificationMessageTemplate)
	switch {
	case medium == SMS:
		return template{body: or(defaultVerification, own.SMS, t.SmsMessage, d.SmsVerificationMessage)}
	case byLink:
		return template{or(defaultLinkSubject, own.EmailSubject, t.EmailSubjectByLink), or(defaultByLink, own.EmailMessage, t.EmailMessageByLink)}
	}
	return template{
		or(defaultCodeSubject, own.EmailSubject, t.EmailSubject, d.EmailVerificationSubject),
		or(defaultVerification, own.EmailMessage, t.EmailMessage, d.EmailVerificationMessage),
	}
}

// authentication is the template of messages that carry a code to sign in
// with.
func authentication(p *userpool.Pool, own trigger.CustomText, medium Medium) template {
	if medium == SMS {
		return template{body: or(defaultAuthentication, own.SMS, p.Description.SmsAuthenticationMessage)}
	}
	t := awsapi.Value(p.Factors.Email)
	return template{or(defaultAuthSubject, own.EmailSubject, t.Subject), or(defaultAuthentication, own.EmailMessage, t.Message)}
}

// invitation is the template of messages that carry a temporary password.
func invitation(p *userpool.Pool, own trigger.CustomText, medium Medium) template {
	var t cognitoidp.MessageTemplateType
	if c := p.Description.AdminCreateUserConfig; c != nil {
		t = awsapi.Value(c.InviteMessageTemplate)
	}
	if medium == SMS {
		return template{body: or(defaultInvitation, own.SMS, t.SMSMessage)}
	}
	return template{or(defaultInviteSubject, own.EmailSubject, t.EmailSubject), or(defaultInvitation, own.EmailMessage, t.EmailMessage)}
}

// values go into the places of a template.
type values struct {
	code     string
	username string
	link     string // URL; empty where the template has no place for one
}

// linkPlace is the place of a link, with the words that people click on. The
// place of a code is one without words.
var linkPlace = regexp.MustCompile(`\{##([^{}]+?)##\}`)

func (t template) hasLink() bool { return linkPlace.MatchString(t.body) }

// fill puts values in their places. E-mail bodies are HTML, so what users chose
// is escaped there.
func (t template) fill(medium Medium, v values) Text {
	plain := strings.NewReplacer(placeCode, v.code, placeUsername, v.username)
	if medium == SMS {
		return Text{Body: plain.Replace(t.body)}
	}
	escaped := strings.NewReplacer(placeCode, html.EscapeString(v.code), placeUsername, html.EscapeString(v.username))
	// The link first: what a user chose must not become one.
	body := t.body
	if v.link != "" {
		body = linkPlace.ReplaceAllStringFunc(body, func(place string) string {
			words := linkPlace.FindStringSubmatch(place)[1]
			return `<a href="` + html.EscapeString(v.link) + `">` + words + `</a>`
		})
	}
	return Text{Subject: oneLine(plain.Replace(t.subject)), Body: escaped.Replace(body)}
}

// oneLine keeps a subject from ending its header.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, s)
}

// or returns the first of some words that are there.
func or(otherwise string, words ...*string) string {
	for _, s := range words {
		if s != nil && *s != "" {
			return *s
		}
	}
	return otherwise
}
