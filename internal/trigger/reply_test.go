package trigger_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
	"github.com/cenote-id/cenote/internal/trigger"
	"github.com/cenote-id/cenote/internal/trigger/esdk"
)

// raw returns the same reply to every event.
func raw(reply string) function {
	return func(context.Context, []byte) ([]byte, error) { return []byte(reply), nil }
}

func TestRepliesThatAreNotTheEvent(t *testing.T) {
	for name, f := range map[string]function{
		"empty":                   raw(""),
		"null":                    raw("null"),
		"text":                    raw(`"ok"`),
		"list":                    raw(`[]`),
		"cut":                     raw(`{"response":{}`),
		"two":                     raw(`{"response":{}}{"response":{}}`),
		"no response":             raw(`{}`),
		"HTTP reply":              raw(`{"statusCode":200,"body":"{}"}`),
		"response null":           replying("null"),
		"response list":           replying("[]"),
		"member of no contract":   replying(`{"allow":true}`),
		"member in another case":  raw(`{"Response":{}}`),
		"member beside the event": raw(`{"response":{},"error":"no"}`),
		"another pool's":          raw(`{"userPoolId":"eu-west-1_Other1234","response":{}}`),
		"another trigger's":       raw(`{"triggerSource":"PostConfirmation_ConfirmSignUp","response":{}}`),
		"another version":         raw(`{"version":"2","response":{}}`),
		"another region":          raw(`{"region":"us-east-1","response":{}}`),
		"version a number":        raw(`{"version":1,"response":{}}`),
	} {
		t.Run(name, func(t *testing.T) {
			s, made := service(t, f)
			want(t, s.PreAuthentication(t.Context(), about(), trigger.PreAuthentication{}), "InvalidLambdaResponseException", unrecognizable)
			if made.count() != 1 {
				t.Errorf("asked %d times", made.count())
			}
		})
	}
}

func TestRepliesThatWillDo(t *testing.T) {
	for name, f := range map[string]function{
		"the event":             echo,
		"the response alone":    raw(`{"response":{}}`),
		"another name":          raw(`{"userName":"ALICE","response":{}}`),
		"a changed request":     raw(`{"request":{"userAttributes":{"x":1}},"response":{}}`),
		"white space around it": raw(" {\n\"response\" : { } }\n"),
	} {
		s, _ := service(t, f)
		if err := s.PreAuthentication(t.Context(), about(), trigger.PreAuthentication{}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// decision is a response and what it decides; nil for one that is refused.
type decision struct {
	response string
	want     any
}

// decide runs the rows of one trigger.
func decide[T any](t *testing.T, rows []decision, ask func(s *trigger.Service) (T, error)) {
	t.Helper()
	for _, row := range rows {
		s, _ := service(t, replying(row.response))
		got, err := ask(s)
		if row.want == nil {
			want(t, err, "InvalidLambdaResponseException", unrecognizable)
			var zero T
			if diff := cmp.Diff(zero, got); diff != "" {
				t.Errorf("%s: a reply comes with the error: %s", row.response, diff)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", row.response, err)
		}
		if diff := cmp.Diff(row.want, any(got)); diff != "" {
			t.Errorf("%s: %s", row.response, diff)
		}
	}
}

func TestPreSignUpReplies(t *testing.T) {
	decide(t, []decision{
		{`{}`, trigger.PreSignUpReply{}},
		{`{"autoConfirmUser":null}`, trigger.PreSignUpReply{}},
		{`{"autoConfirmUser":true,"autoVerifyEmail":true}`, trigger.PreSignUpReply{AutoConfirm: true, AutoVerifyEmail: true}},
		{`{"autoVerifyPhone":true}`, trigger.PreSignUpReply{AutoVerifyPhone: true}},
		{`{"autoConfirmUser":"true"}`, nil},
		{`{"autoConfirmUser":1}`, nil},
		{`{"AutoConfirmUser":true}`, nil},
		{`{"autoConfirmUser":true,"failAuthentication":true}`, nil},
	}, func(s *trigger.Service) (trigger.PreSignUpReply, error) {
		return s.PreSignUp(t.Context(), about(), trigger.PreSignUp{Source: trigger.PreSignUpSignUp})
	})
}

func TestDefinitions(t *testing.T) {
	decide(t, []decision{
		{`{"challengeName":"CUSTOM_CHALLENGE","issueTokens":false,"failAuthentication":false}`, trigger.Definition{Next: trigger.NextChallenge, Challenge: "CUSTOM_CHALLENGE"}},
		{`{"challengeName":null,"issueTokens":true,"failAuthentication":false}`, trigger.Definition{Next: trigger.NextTokens}},
		{`{"challengeName":"","issueTokens":true}`, trigger.Definition{Next: trigger.NextTokens}},
		{`{"failAuthentication":true}`, trigger.Definition{Next: trigger.NextFail}},
		{`{"issueTokens":true,"failAuthentication":true}`, trigger.Definition{Next: trigger.NextFail}},
		{`{"challengeName":"CUSTOM_CHALLENGE","failAuthentication":true}`, trigger.Definition{Next: trigger.NextFail}},
		{`{}`, nil},
		{`{"challengeName":"","issueTokens":false,"failAuthentication":false}`, nil},
		{`{"issueTokens":"true"}`, nil},
		{`{"challengeName":true}`, nil},
		{`{"challengeName":"` + strings.Repeat("A", 65) + `"}`, nil},
	}, func(s *trigger.Service) (trigger.Definition, error) {
		return s.DefineAuthChallenge(t.Context(), about(), trigger.DefineAuthChallenge{})
	})
}

func TestCustomChallenges(t *testing.T) {
	decide(t, []decision{
		{`{"publicChallengeParameters":{"q":"2+2"},"privateChallengeParameters":{"a":"4","b":null},"challengeMetadata":"SUM"}`, trigger.CustomChallenge{
			Public: map[string]string{"q": "2+2"}, Private: map[string]string{"a": "4"}, Metadata: new("SUM"),
		}},
		{`{}`, trigger.CustomChallenge{}},
		{`{"publicChallengeParameters":{"q":4}}`, nil},
		{`{"publicChallengeParameters":["q"]}`, nil},
		{`{"privateChallengeParameters":"4"}`, nil},
		{`{"challengeMetadata":{}}`, nil},
	}, func(s *trigger.Service) (trigger.CustomChallenge, error) {
		return s.CreateAuthChallenge(t.Context(), about(), trigger.CreateAuthChallenge{Challenge: "CUSTOM_CHALLENGE"})
	})
}

func TestAnswersAreRightOnlyIfSaidSo(t *testing.T) {
	decide(t, []decision{
		{`{"answerCorrect":true}`, true},
		{`{"answerCorrect":false}`, false},
		{`{"answerCorrect":null}`, false},
		{`{}`, false},
		{`{"answerCorrect":"true"}`, nil},
		{`{"answerCorrect":1}`, nil},
		{`{"answercorrect":true}`, nil},
	}, func(s *trigger.Service) (bool, error) {
		return s.VerifyAuthChallengeResponse(t.Context(), about(), trigger.VerifyAuthChallengeResponse{Answer: "4"})
	})
}

func TestMigratedUsers(t *testing.T) {
	decide(t, []decision{
		{`{"userAttributes":{"email":"a@example.com"},"finalUserStatus":"CONFIRMED","messageAction":"SUPPRESS","desiredDeliveryMediums":["EMAIL"],"forceAliasCreation":true,"enableSMSMFA":false}`, &trigger.Migrated{
			Attributes: map[string]string{"email": "a@example.com"}, Confirmed: true, Suppress: true, Media: []string{"EMAIL"}, ForceAlias: true,
		}},
		{`{"userAttributes":{},"finalUserStatus":"RESET_REQUIRED"}`, &trigger.Migrated{Attributes: map[string]string{}, Media: []string{}}},
		{`{"userAttributes":{"email":"a@example.com"}}`, &trigger.Migrated{Attributes: map[string]string{"email": "a@example.com"}, Media: []string{}}},
		{`{}`, (*trigger.Migrated)(nil)},
		{`{"userAttributes":null,"finalUserStatus":"CONFIRMED"}`, (*trigger.Migrated)(nil)},
		{`{"userAttributes":{"email_verified":true}}`, nil},
		{`{"userAttributes":{},"messageAction":"LOUD"}`, nil},
		{`{"userAttributes":{},"desiredDeliveryMediums":["PIGEON"]}`, nil},
		{`{"userAttributes":{},"desiredDeliveryMediums":"EMAIL"}`, nil},
	}, func(s *trigger.Service) (*trigger.Migrated, error) {
		return s.UserMigration(t.Context(), about(), trigger.UserMigration{Source: trigger.MigrationAuthentication})
	})
}

func TestInboundAttributes(t *testing.T) {
	decide(t, []decision{
		{`{"userAttributesToMap":{"email":"a@example.com"}}`, map[string]string{"email": "a@example.com"}},
		{`{"userAttributesToMap":{}}`, map[string]string(nil)},
		{`{}`, map[string]string(nil)},
		{`{"userAttributesToMap":[]}`, nil},
	}, func(s *trigger.Service) (map[string]string, error) {
		return s.InboundFederation(t.Context(), about(), trigger.InboundFederation{Provider: "Okta"})
	})
}

func TestCustomWords(t *testing.T) {
	ask := func(o trigger.Occasion, byLink bool, response string) (trigger.CustomText, error) {
		s, _ := service(t, replying(response))
		a := about()
		if byLink {
			a.Pool.Description.VerificationMessageTemplate = &cognitoidp.VerificationMessageTemplateType{
				DefaultEmailOption: new(cognitoidp.DefaultEmailOptionTypeConfirmWithLink),
			}
		}
		return s.CustomMessage(t.Context(), a, trigger.CustomMessage{Occasion: o})
	}
	for _, c := range []struct {
		occasion trigger.Occasion
		byLink   bool
		response string
		want     trigger.CustomText
	}{
		{
			trigger.ForSignUp, false, `{"smsMessage":"{####}","emailMessage":"<b>{####}</b>","emailSubject":"Hi"}`,
			trigger.CustomText{SMS: new("{####}"), EmailMessage: new("<b>{####}</b>"), EmailSubject: new("Hi")},
		},
		{trigger.ForSignUp, false, `{"smsMessage":"","emailMessage":null}`, trigger.CustomText{}},
		{trigger.ForSignUp, true, `{"emailMessage":"{##Verify##}"}`, trigger.CustomText{EmailMessage: new("{##Verify##}")}},
		{trigger.ForAdminCreateUser, false, `{"emailMessage":"{username} {####}"}`, trigger.CustomText{EmailMessage: new("{username} {####}")}},
		{trigger.ForAccountTakeOver, false, `{"emailMessage":"Was that you?"}`, trigger.CustomText{EmailMessage: new("Was that you?")}},
	} {
		got, err := ask(c.occasion, c.byLink, c.response)
		if err != nil {
			t.Errorf("%s: %v", c.response, err)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: %s", c.response, diff)
		}
	}

	const constraint = "1 validation error detected: Value '%v' at '%n' failed to satisfy constraint: "
	const code = `Member must satisfy regular expression pattern: [\p{L}\p{M}\p{S}\p{N}\p{P}\s*]*\{####\}[\p{L}\p{M}\p{S}\p{N}\p{P}\s*]*`
	long := strings.Repeat("é", 141)
	for _, c := range []struct {
		occasion trigger.Occasion
		response string
		name     string
		value    string
		want     string
	}{
		{trigger.ForSignUp, `{"emailMessage":"Foo"}`, "emailBody", "Foo", code},
		{trigger.ForSignUp, `{"emailMessage":"{##Verify##}"}`, "emailBody", "{##Verify##}", code},
		{trigger.ForSignUp, `{"smsMessage":"Foo"}`, "smsMessage", "Foo", code},
		{
			trigger.ForAdminCreateUser, `{"emailMessage":"{####}"}`, "emailBody", "{####}",
			`Member must satisfy regular expression pattern: .*\{####\}.*\{username\}.*|.*\{username\}.*\{####\}.*`,
		},
		{trigger.ForSignUp, `{"emailSubject":"` + long + `"}`, "emailSubject", long, "Member must have length less than or equal to 140"},
		{trigger.ForSignUp, `{"smsMessage":"{####}` + long + `"}`, "smsMessage", "{####}" + long, "Member must have length less than or equal to 140"},
	} {
		got, err := ask(c.occasion, false, c.response)
		want(t, err, "InvalidParameterException", strings.NewReplacer("%v", c.value, "%n", c.name).Replace(constraint)+c.want)
		if diff := cmp.Diff(trigger.CustomText{}, got); diff != "" {
			t.Error(diff)
		}
	}
	_, err := ask(trigger.ForSignUp, false, `{"emailMessage":{}}`)
	want(t, err, "InvalidLambdaResponseException", unrecognizable)
}

func TestSendersGetCodesThatTheyCanDecrypt(t *testing.T) {
	for _, c := range []struct {
		occasion trigger.Occasion
		code     string
		want     string
	}{
		{trigger.ForForgotPassword, "123456", "123456"},
		{trigger.ForAdminCreateUser, "a<b&c", "a&lt;b&amp;c"},
	} {
		s, made := service(t, raw("whatever"))
		sent, err := s.CustomEmailSender(t.Context(), about(), trigger.Sending{Occasion: c.occasion, Code: c.code})
		if err != nil || !sent {
			t.Fatal(sent, err)
		}
		if strings.Contains(string(made.event), c.code) {
			t.Errorf("the code is in the event: %s", made.event)
		}
		var e struct {
			TriggerSource string
			Request       struct{ Code []byte }
		}
		if err := json.Unmarshal(made.event, &e); err != nil {
			t.Fatal(err)
		}
		if e.TriggerSource != "CustomEmailSender_"+string(c.occasion) {
			t.Errorf("source is %s", e.TriggerSource)
		}
		plain, context, err := esdk.Decrypt(keys{}.SenderKey(account, kmsKey), e.Request.Code)
		if err != nil || string(plain) != c.want || context["userpool-id"] != poolID {
			t.Errorf("%q, %v, %v; want %q", plain, context, err, c.want)
		}
		if _, _, err := esdk.Decrypt(keys{}.SenderKey("222222222222", kmsKey), e.Request.Code); err == nil {
			t.Error("another account's key opens it")
		}
	}
}

func TestSendersOfPoolsWithoutOne(t *testing.T) {
	s, made := service(t, echo)
	a := about()
	a.Pool.Description.LambdaConfig.CustomSMSSender = nil
	sent, err := s.CustomSMSSender(t.Context(), a, trigger.Sending{Occasion: trigger.ForSignUp, Code: "123456"})
	if sent || err != nil || made.count() > 0 {
		t.Error(sent, err, made.count())
	}
}
