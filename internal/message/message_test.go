package message_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
	"github.com/cenote-id/cenote/internal/message"
	"github.com/cenote-id/cenote/internal/trigger"
	"github.com/cenote-id/cenote/internal/userpool"
)

func TestMask(t *testing.T) {
	for _, c := range []struct {
		medium       message.Medium
		address, got string
	}{
		{message.Email, "tom@example.com", "t***@e***"},
		{message.Email, "ü@ñ.example", "ü***@ñ***"},
		{message.Email, "", "***@***"},
		{message.SMS, "+12065550123", "+*******0123"},
		{message.SMS, "+12", "+*******+12"},
	} {
		if got := message.Mask(c.medium, c.address); got != c.got {
			t.Errorf("Mask(%s, %q) = %q, want %q", c.medium, c.address, got, c.got)
		}
	}
}

func TestVerificationUsesThePoolsWords(t *testing.T) {
	plain := &userpool.Pool{}
	own := &userpool.Pool{Description: cognitoidp.UserPoolType{
		EmailVerificationMessage: new("old {####}"),
		SmsVerificationMessage:   new("sms {####}"),
		VerificationMessageTemplate: &cognitoidp.VerificationMessageTemplateType{
			EmailMessage: new("<b>{####}</b>"), EmailSubject: new("Hi\r\nBcc: all@example.com"),
		},
	}}
	none := trigger.CustomText{}
	function := trigger.CustomText{SMS: new("fn {####}"), EmailMessage: new("<i>{####}</i>")}
	for _, c := range []struct {
		name   string
		pool   *userpool.Pool
		own    trigger.CustomText
		medium message.Medium
		want   message.Text
	}{
		{"default e-mail", plain, none, message.Email, message.Text{Subject: "Your verification code", Body: "Your confirmation code is 123456"}},
		{"default SMS", plain, none, message.SMS, message.Text{Body: "Your confirmation code is 123456"}},
		{"template wins, subject stays one line", own, none, message.Email, message.Text{Subject: "Hi  Bcc: all@example.com", Body: "<b>123456</b>"}},
		{"older member", own, none, message.SMS, message.Text{Body: "sms 123456"}},
		{"the function's words", own, function, message.Email, message.Text{Subject: "Hi  Bcc: all@example.com", Body: "<i>123456</i>"}},
		{"the function's words by SMS", own, function, message.SMS, message.Text{Body: "fn 123456"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, message.Verification(c.pool, c.own, c.medium, "123456")); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestInvitationEscapesNames(t *testing.T) {
	plain := &userpool.Pool{}
	own := &userpool.Pool{Description: cognitoidp.UserPoolType{AdminCreateUserConfig: &cognitoidp.AdminCreateUserConfigType{
		InviteMessageTemplate: &cognitoidp.MessageTemplateType{SMSMessage: new("{username}: {####}")},
	}}}
	for _, c := range []struct {
		name   string
		pool   *userpool.Pool
		medium message.Medium
		want   message.Text
	}{
		{"e-mail is HTML", plain, message.Email, message.Text{
			Subject: "Your temporary password",
			Body:    "Your username is &lt;b&gt; and temporary password is a&amp;b.",
		}},
		{"SMS is text", own, message.SMS, message.Text{Body: "<b>: a&b"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, message.Invitation(c.pool, trigger.CustomText{}, c.medium, message.Invite{Username: "<b>", Password: "a&b"})); diff != "" {
				t.Error(diff)
			}
		})
	}
}
