package message

import (
	"html"
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

// The service's own words, for pools that bring none.
const (
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

// Verification writes the message that carries a confirmation code.
//
// The words of the pool's function come first. A pool may set its own in two
// places; the template object wins, as the service keeps the two in step.
func Verification(p *userpool.Pool, own trigger.CustomText, medium Medium, code string) Text {
	d, t := &p.Description, awsapi.Value(p.Description.VerificationMessageTemplate)
	if medium == SMS {
		return fill(SMS, "", or(defaultVerification, own.SMS, t.SmsMessage, d.SmsVerificationMessage), code, "")
	}
	return fill(Email, or(defaultCodeSubject, own.EmailSubject, t.EmailSubject, d.EmailVerificationSubject),
		or(defaultVerification, own.EmailMessage, t.EmailMessage, d.EmailVerificationMessage), code, "")
}

// Authentication writes the message that carries a code to sign in with.
func Authentication(p *userpool.Pool, own trigger.CustomText, medium Medium, code string) Text {
	if medium == SMS {
		return fill(SMS, "", or(defaultAuthentication, own.SMS, p.Description.SmsAuthenticationMessage), code, "")
	}
	t := awsapi.Value(p.Factors.Email)
	return fill(Email, or(defaultAuthSubject, own.EmailSubject, t.Subject), or(defaultAuthentication, own.EmailMessage, t.Message), code, "")
}

// Invite is what an invitation says.
type Invite struct {
	Username string // that the user signs in with
	Password string // a temporary one
}

// Invitation writes the message that carries a temporary password.
func Invitation(p *userpool.Pool, own trigger.CustomText, medium Medium, in Invite) Text {
	var t cognitoidp.MessageTemplateType
	if c := p.Description.AdminCreateUserConfig; c != nil {
		t = awsapi.Value(c.InviteMessageTemplate)
	}
	if medium == SMS {
		return fill(SMS, "", or(defaultInvitation, own.SMS, t.SMSMessage), in.Password, in.Username)
	}
	return fill(Email, or(defaultInviteSubject, own.EmailSubject, t.EmailSubject), or(defaultInvitation, own.EmailMessage, t.EmailMessage),
		in.Password, in.Username)
}

// fill puts the values in their places. E-mail bodies are HTML, so what users
// chose is escaped there.
func fill(medium Medium, subject, body, code, username string) Text {
	plain := strings.NewReplacer(placeCode, code, placeUsername, username)
	if medium == SMS {
		return Text{Body: plain.Replace(body)}
	}
	escaped := strings.NewReplacer(placeCode, html.EscapeString(code), placeUsername, html.EscapeString(username))
	return Text{Subject: oneLine(plain.Replace(subject)), Body: escaped.Replace(body)}
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
