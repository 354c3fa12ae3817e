package message_test

import (
	"context"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cenote-id/cenote/internal/awsapi"
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

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

const functionARN = "arn:aws:lambda:us-west-2:123456789012:function:f"

// function is one that returns the event with this response.
type function string

func (f function) Invoke(_ context.Context, _ string, event []byte) ([]byte, error) {
	text, _, _ := strings.Cut(string(event), `"response":`)
	return []byte(text + `"response":` + string(f) + "}"), nil
}

// desk writes messages; response is what the pool's function says.
func desk(response string, change ...func(*message.Config)) *message.Desk {
	c := message.Config{
		PublicURL: "https://id.example.com", Now: func() time.Time { return noon },
		Triggers: functions(response),
	}
	for _, f := range change {
		f(&c)
	}
	return message.NewDesk(c)
}

// letter is one of an occasion to a user of a pool. With a response, the pool
// names a function for the words of messages.
func letter(d cognitoidp.UserPoolType, o trigger.Occasion, response string) message.Letter {
	if response != "" {
		d.LambdaConfig = &cognitoidp.LambdaConfigType{CustomMessage: new(functionARN)}
	}
	return message.Letter{
		About:    trigger.About{Pool: &userpool.Pool{ID: "us-west-2_a", Owner: userpool.Owner{Account: "123456789012", Region: "us-west-2"}, Description: d}, Client: "app", Username: "to<m"},
		Occasion: o, Life: time.Hour,
	}
}

type text struct{ Subject, Body string }

func TestWords(t *testing.T) {
	plain := cognitoidp.UserPoolType{}
	own := cognitoidp.UserPoolType{
		EmailVerificationMessage: new("old {####}"),
		SmsVerificationMessage:   new("sms {####}"),
		SmsAuthenticationMessage: new("mfa {####}"),
		VerificationMessageTemplate: &cognitoidp.VerificationMessageTemplateType{
			EmailMessage: new("<b>{####}</b>"), EmailSubject: new("Hi\r\nBcc: all@example.com"),
		},
		AdminCreateUserConfig: &cognitoidp.AdminCreateUserConfigType{
			InviteMessageTemplate: &cognitoidp.MessageTemplateType{SMSMessage: new("{username}: {####}")},
		},
	}
	const custom = `{"smsMessage":"fn {####}","emailMessage":"<i>{####}</i>"}`
	for _, c := range []struct {
		name     string
		pool     cognitoidp.UserPoolType
		response string
		occasion trigger.Occasion
		medium   message.Medium
		want     text
	}{
		{"default e-mail", plain, "", trigger.ForSignUp, message.Email, text{"Your verification code", "Your confirmation code is a&amp;b"}},
		{"default SMS", plain, "", trigger.ForSignUp, message.SMS, text{"", "Your confirmation code is a&b"}},
		{"template wins, subject stays one line", own, "", trigger.ForResendCode, message.Email, text{"Hi  Bcc: all@example.com", "<b>a&amp;b</b>"}},
		{"older member", own, "", trigger.ForForgotPassword, message.SMS, text{"", "sms a&b"}},
		{"the function's words", own, custom, trigger.ForSignUp, message.Email, text{"Hi  Bcc: all@example.com", "<i>a&amp;b</i>"}},
		{"the function's words by SMS", own, custom, trigger.ForSignUp, message.SMS, text{"", "fn a&b"}},
		{"sign-in", own, "", trigger.ForAuthentication, message.SMS, text{"", "mfa a&b"}},
		{"sign-in by e-mail", own, "", trigger.ForAuthentication, message.Email, text{"Your authentication code", "Your authentication code is a&amp;b. "}},
		{"invitation is HTML", plain, "", trigger.ForAdminCreateUser, message.Email, text{
			"Your temporary password", "Your username is to&lt;m and temporary password is a&amp;b.",
		}},
		{"invitation by SMS is text", own, "", trigger.ForAdminCreateUser, message.SMS, text{"", "to<m: a&b"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := letter(c.pool, c.occasion, c.response)
			l.Username = "to<m"
			draft, err := desk(c.response).Draft(t.Context(), l, c.medium)
			if err != nil {
				t.Fatal(err)
			}
			m := draft.Message(c.medium, "somewhere", "a&b")
			if diff := cmp.Diff(c.want, text{m.Subject, m.Body}); diff != "" {
				t.Error(diff)
			}
			if m.Route != message.Route(c.medium) || m.Destination != "somewhere" || !m.Keep || !m.ExpiresAt.Equal(noon.Add(time.Hour)) || draft.ByLink(c.medium) {
				t.Errorf("message %+v", m)
			}
		})
	}
}

func TestLinks(t *testing.T) {
	byLink := func(words string) cognitoidp.UserPoolType {
		return cognitoidp.UserPoolType{VerificationMessageTemplate: &cognitoidp.VerificationMessageTemplateType{
			DefaultEmailOption: new(cognitoidp.DefaultEmailOptionTypeConfirmWithLink), EmailMessageByLink: &words, EmailSubjectByLink: new("Link"),
		}}
	}
	target := "https://id.example.com/confirmUser?client_id=app&amp;confirmation_code=s3cret&amp;user_name=to%3Cm"
	for _, c := range []struct {
		name     string
		words    string
		response string
		occasion trigger.Occasion
		medium   message.Medium
		want     text
		link     bool
	}{
		{"the pool's words", "<p>{##Follow <b>this</b>##}, {username}</p>", "", trigger.ForSignUp, message.Email, text{"Link", `<p><a href="` + target + `">Follow <b>this</b></a>, </p>`}, true},
		{"sent again", "{##Go##}", "", trigger.ForResendCode, message.Email, text{"Link", `<a href="` + target + `">Go</a>`}, true},
		{"twice", "{##A##} or {##B##}", "", trigger.ForSignUp, message.Email, text{"Link", `<a href="` + target + `">A</a> or <a href="` + target + `">B</a>`}, true},
		{"the function's link", "{##A##}", `{"emailMessage":"{##Click Here##}","emailSubject":"Yes"}`, trigger.ForSignUp, message.Email, text{"Yes", `<a href="` + target + `">Click Here</a>`}, true},
		{"the function prefers a code", "{##A##}", `{"emailMessage":"{####}"}`, trigger.ForSignUp, message.Email, text{"Link", "s3cret"}, false},
		{"text messages carry codes", "{##A##}", "", trigger.ForSignUp, message.SMS, text{"", "Your confirmation code is s3cret"}, false},
		{"and so do other occasions", "{##A##}", "", trigger.ForForgotPassword, message.Email, text{"Your verification code", "Your confirmation code is s3cret"}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			draft, err := desk(c.response).Draft(t.Context(), letter(byLink(c.words), c.occasion, c.response), c.medium)
			if err != nil {
				t.Fatal(err)
			}
			if draft.ByLink(c.medium) != c.link {
				t.Errorf("by link: %t", !c.link)
			}
			m := draft.Message(c.medium, "somewhere", "s3cret")
			if diff := cmp.Diff(c.want, text{m.Subject, m.Body}); diff != "" {
				t.Error(diff)
			}
		})
	}
	draft, err := desk("").Draft(t.Context(), letter(byLink("{##A##}"), trigger.ForSignUp, ""), message.Email)
	if err != nil {
		t.Fatal(err)
	}
	plain := message.Plain(draft.Message(message.Email, "", "s3cret").Body)
	u, err := url.Parse(plain[strings.Index(plain, "https"):strings.Index(plain, ">")])
	if err != nil || u.Query().Get("user_name") != "to<m" || u.Query().Get("client_id") != "app" || u.Query().Get("confirmation_code") != "s3cret" {
		t.Errorf("link in %q: %v", plain, err)
	}
}

// A pool whose functions send its messages words them there: the function gets
// the code, and nothing is written.
func TestMessagesForFunctions(t *testing.T) {
	l := letter(cognitoidp.UserPoolType{}, trigger.ForSignUp, `unused`)
	l.About.Pool.Description.LambdaConfig.CustomEmailSender = &cognitoidp.CustomEmailLambdaVersionConfigType{LambdaArn: new(functionARN)}
	l.Attributes, l.Metadata = map[string]string{"email": "tom@example.com"}, map[string]string{"k": "v"}
	ctx := awsapi.WithRequest(t.Context(), &awsapi.Request{UserAgent: "aws-sdk-js/3.1 os/linux"})
	d := desk("not even JSON") // the function for words would be refused
	draft, err := d.Draft(ctx, l, message.Email)
	if err != nil {
		t.Fatal(err)
	}
	m := draft.Message(message.Email, "tom@example.com", "123456")
	want := &message.Event{
		Occasion: trigger.ForSignUp, Code: "123456", Client: "app", SDK: "aws-sdk-js-3.1", Username: "to<m",
		Attributes: l.Attributes, Metadata: l.Metadata,
	}
	if diff := cmp.Diff(want, m.Event); diff != "" || m.Route != message.ByFunction || m.Keep || m.Body+m.Subject != "" {
		t.Errorf("%+v %s", m, diff)
	}
	// Text messages of the same pool go the usual way, in the words of the
	// other function.
	if _, err := d.Draft(ctx, l, message.SMS); err == nil {
		t.Error("the function for words was not asked")
	}
}

func TestWhatCannotBeSentIsRefused(t *testing.T) {
	refuse := func(c *message.Config) { c.Email, c.SMS = message.Refuse, message.Refuse }
	send := func(c *message.Config) { c.Email, c.SMS = message.Send, message.Send }
	nobody := func(c *message.Config) { c.Triggers = trigger.New(trigger.Config{Routes: trigger.NewRoutes()}) }
	named := &cognitoidp.LambdaConfigType{CustomSMSSender: &cognitoidp.CustomSMSLambdaVersionConfigType{LambdaArn: new(functionARN)}}
	signUp, initiate := cognitoidp.SignUp.Operation, cognitoidp.InitiateAuth.Operation
	for _, c := range []struct {
		name   string
		change func(*message.Config)
		lambda *cognitoidp.LambdaConfigType
		op     *awsapi.Operation
		medium message.Medium
		want   string
	}{
		{"no sender for SMS", refuse, nil, signUp, message.SMS, "CodeDeliveryFailureException"},
		{"no sender for e-mail", refuse, nil, signUp, message.Email, "CodeDeliveryFailureException"},
		{"where the API has no such error", refuse, nil, initiate, message.SMS, "InvalidSmsRoleAccessPolicyException"},
		{"the same for e-mail", refuse, nil, initiate, message.Email, "InvalidEmailRoleAccessPolicyException"},
		{"a sender", send, nil, signUp, message.SMS, ""},
		{"the outbox", func(*message.Config) {}, nil, signUp, message.SMS, ""},
		{"a function in place of the sender", refuse, named, signUp, message.SMS, ""},
		{"the function of the other medium", refuse, named, signUp, message.Email, "CodeDeliveryFailureException"},
		{"a function that nothing stands behind", nobody, named, signUp, message.SMS, "UnexpectedLambdaException"},
	} {
		p := letter(cognitoidp.UserPoolType{LambdaConfig: c.lambda}, "", "").About.Pool
		ctx := awsapi.WithRequest(t.Context(), &awsapi.Request{Operation: c.op})
		got := ""
		if err := desk("{}", c.change).Check(ctx, p, c.medium); err != nil {
			if e, ok := awsapi.AsError(err); ok {
				got = e.Shape.Name
			}
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}
