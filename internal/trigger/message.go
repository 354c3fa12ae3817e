package trigger

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
	"github.com/cenote-id/cenote/internal/userpool"
)

// Occasion is why a message is sent. The triggers that write or send messages
// share them.
type Occasion string

// Occasions.
const (
	ForSignUp              Occasion = "SignUp"
	ForAdminCreateUser     Occasion = "AdminCreateUser"
	ForResendCode          Occasion = "ResendCode"
	ForForgotPassword      Occasion = "ForgotPassword"
	ForUpdateUserAttribute Occasion = "UpdateUserAttribute"
	ForVerifyUserAttribute Occasion = "VerifyUserAttribute"
	ForAuthentication      Occasion = "Authentication" // second factors, one-time passwords
	ForAccountTakeOver     Occasion = "AccountTakeOverNotification"
)

// Placeholders that a function writes into its messages.
const (
	CodeParameter     = "{####}"
	UsernameParameter = "{username}"
	LinkParameter     = "{##Click Here##}"
)

// CustomMessage asks for the words of a message.
type CustomMessage struct {
	Occasion       Occasion
	Attributes     map[string]string
	ClientMetadata map[string]string
}

// CustomText is the reply of CustomMessage. nil stands for the pool's own
// words.
type CustomText struct {
	SMS          *string
	EmailMessage *string
	EmailSubject *string
}

type customMessageRequest struct {
	Attributes        map[string]string `json:"userAttributes"`
	CodeParameter     string            `json:"codeParameter"`
	LinkParameter     string            `json:"linkParameter"`
	UsernameParameter *string           `json:"usernameParameter"`
	ClientMetadata    map[string]string `json:"clientMetadata,omitzero"`
}

type customMessageResponse struct {
	SMS          *string `json:"smsMessage"`
	EmailMessage *string `json:"emailMessage"`
	EmailSubject *string `json:"emailSubject"`
}

// CustomMessage asks the function of that name. Each text of the reply holds
// the placeholders that it must hold and is not too long; the error for one
// that does not is the service's for templates.
func (s *Service) CustomMessage(ctx context.Context, about About, in CustomMessage) (CustomText, error) {
	request := customMessageRequest{
		Attributes: all(in.Attributes), CodeParameter: CodeParameter, LinkParameter: LinkParameter, ClientMetadata: in.ClientMetadata,
	}
	if in.Occasion == ForAdminCreateUser {
		request.UsernameParameter = new(UsernameParameter)
	}
	e := about.event(ctx, versionOne, "CustomMessage_"+string(in.Occasion), request, customMessageResponse{})
	f, err := s.call(ctx, userpool.CustomMessage, about, e)
	if f == nil || err != nil {
		return CustomText{}, err
	}
	t := CustomText{SMS: text(f, "smsMessage"), EmailMessage: text(f, "emailMessage"), EmailSubject: text(f, "emailSubject")}
	if err := s.checked(ctx, userpool.CustomMessage, about, e.Source, f); err != nil {
		return CustomText{}, err
	}
	if err := t.check(about.Pool, in.Occasion); err != nil {
		s.note(ctx, userpool.CustomMessage, about, e.Source, err)
		return CustomText{}, err
	}
	return t, nil
}

// text reads a message. Functions return an empty one for none.
func text(f *fields, name string) *string {
	if w := f.word(name); w != "" {
		return &w
	}
	return nil
}

// Longest messages of functions, in characters.
const (
	maxSMS     = 140
	maxEmail   = 20_000
	maxSubject = 140
)

// Patterns of messages as the service's errors show them. What stands for SMS
// and for invitations is UNCONFIRMED.
const (
	patternCode   = `[\p{L}\p{M}\p{S}\p{N}\p{P}\s*]*\{####\}[\p{L}\p{M}\p{S}\p{N}\p{P}\s*]*`
	patternLink   = `[\p{L}\p{M}\p{S}\p{N}\p{P}\s*]*\{##[\p{L}\p{M}\p{S}\p{N}\p{P}\s*]*##\}[\p{L}\p{M}\p{S}\p{N}\p{P}\s*]*`
	patternInvite = `.*\{####\}.*\{username\}.*|.*\{username\}.*\{####\}.*`
)

var link = regexp.MustCompile(`\{##[^{}]*##\}`)

func (t CustomText) check(p *userpool.Pool, o Occasion) error {
	holds := func(s string) (bool, string) { return strings.Contains(s, CodeParameter), patternCode }
	switch {
	case o == ForAdminCreateUser:
		holds = func(s string) (bool, string) {
			return strings.Contains(s, CodeParameter) && strings.Contains(s, UsernameParameter), patternInvite
		}
	case o == ForAccountTakeOver: // carries no code
		holds = func(string) (bool, string) { return true, "" }
	}
	if t.SMS != nil {
		if ok, pattern := holds(*t.SMS); !ok {
			return errPattern("smsMessage", *t.SMS, pattern)
		}
	}
	if t.EmailMessage != nil {
		ok, pattern := holds(*t.EmailMessage)
		if ByLink(p, o) {
			ok, pattern = ok || link.MatchString(*t.EmailMessage), patternLink
		}
		if !ok {
			return errPattern("emailBody", *t.EmailMessage, pattern)
		}
	}
	for _, x := range []struct {
		name string
		text *string
		most int
	}{{"smsMessage", t.SMS, maxSMS}, {"emailBody", t.EmailMessage, maxEmail}, {"emailSubject", t.EmailSubject, maxSubject}} {
		if x.text != nil && utf8.RuneCountInString(*x.text) > x.most {
			return errLength(x.name, *x.text, x.most)
		}
	}
	return nil
}

// ByLink reports whether the pool has the e-mail of an occasion carry a link.
// That changed addresses are proven by codes in such a pool, too, is
// UNCONFIRMED.
func ByLink(p *userpool.Pool, o Occasion) bool {
	t := awsapi.Value(p.Description.VerificationMessageTemplate)
	return (o == ForSignUp || o == ForResendCode) && awsapi.Value(t.DefaultEmailOption) == cognitoidp.DefaultEmailOptionTypeConfirmWithLink
}

func errPattern(name, value, pattern string) error {
	return cognitoidp.InvalidParameterException("1 validation error detected: Value '%s' at '%s' failed to satisfy constraint: Member must satisfy regular expression pattern: %s",
		shorten(value), name, pattern).WithCause(fmt.Errorf("%s lacks a placeholder", name))
}

func errLength(name, value string, most int) error {
	return cognitoidp.InvalidParameterException("1 validation error detected: Value '%s' at '%s' failed to satisfy constraint: Member must have length less than or equal to %d",
		shorten(value), name, most).WithCause(fmt.Errorf("%s is too long", name))
}
