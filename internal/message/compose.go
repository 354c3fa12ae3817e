package message

import (
	"html"
	"strings"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
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
// A pool may set its words in two places; the template object wins, as the
// service keeps the two in step.
func Verification(p *userpool.Pool, medium Medium, code string) Text {
	d, t := &p.Description, awsapi.Value(p.Description.VerificationMessageTemplate)
	if medium == SMS {
		return fill(SMS, "", or(t.SmsMessage, d.SmsVerificationMessage, defaultVerification), code, "")
	}
	return fill(Email, or(t.EmailSubject, d.EmailVerificationSubject, defaultCodeSubject),
		or(t.EmailMessage, d.EmailVerificationMessage, defaultVerification), code, "")
}

// Authentication writes the message that carries a code to sign in with.
func Authentication(p *userpool.Pool, medium Medium, code string) Text {
	if medium == SMS {
		return fill(SMS, "", or(p.Description.SmsAuthenticationMessage, nil, defaultAuthentication), code, "")
	}
	t := awsapi.Value(p.Factors.Email)
	return fill(Email, or(t.Subject, nil, defaultAuthSubject), or(t.Message, nil, defaultAuthentication), code, "")
}

// Invitation writes the message that carries a temporary password. username
// is the name that the user signs in with.
func Invitation(p *userpool.Pool, medium Medium, username, password string) Text {
	var t cognitoidp.MessageTemplateType
	if c := p.Description.AdminCreateUserConfig; c != nil {
		t = awsapi.Value(c.InviteMessageTemplate)
	}
	if medium == SMS {
		return fill(SMS, "", or(t.SMSMessage, nil, defaultInvitation), password, username)
	}
	return fill(Email, or(t.EmailSubject, nil, defaultInviteSubject), or(t.EmailMessage, nil, defaultInvitation), password, username)
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

func or(first, second *string, otherwise string) string {
	for _, s := range []*string{first, second} {
		if s != nil && *s != "" {
			return *s
		}
	}
	return otherwise
}
