package sdk

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	ststypes "github.com/aws/aws-sdk-go-v2/service/sts/types"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// denialMessage is the sealed message that came with a denial.
func denialMessage(t *testing.T, err error) string {
	t.Helper()
	res, ok := errors.AsType[*smithyhttp.ResponseError](err)
	if !ok {
		t.Fatalf("not denied: %v", err)
	}
	message := res.Response.Header.Get("X-Cenote-Authorization-Message")
	if message == "" {
		t.Fatalf("no message with %v", err)
	}
	return message
}

// decodedMessage is what a message says.
type decodedMessage struct {
	Allowed, ExplicitDeny bool
	MatchedStatements     struct {
		Items []struct {
			StatementID string `json:"statementId"`
			Effect      string
			Actions     struct{ Items []struct{ Value string } }
		}
	}
	Context struct {
		Principal        struct{ ID, ARN string }
		Action, Resource string
		Conditions       struct {
			Items []struct {
				Key    string
				Values struct{ Items []struct{ Value string } }
			}
		}
	}
}

func (w *world) decode(t *testing.T, keys aws.Credentials, message string) (m decodedMessage, err error) {
	t.Helper()
	out, err := w.sts(keys).DecodeAuthorizationMessage(t.Context(), &sts.DecodeAuthorizationMessageInput{EncodedMessage: &message})
	if err == nil {
		if err := json.Unmarshal([]byte(*out.DecodedMessage), &m); err != nil {
			t.Fatal(err)
		}
	}
	return m, err
}

func TestDecodeAuthorizationMessage(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx, account := t.Context(), w.alpha.account
		ann := w.userKeys(t, w.alpha, "ann", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"},
			{"Sid":"NoRoles","Effect":"Deny","Action":["iam:GetRole","iam:List*"],"Resource":"*","Condition":{"StringEquals":{"aws:username":"ann"}}}]}`)
		reader := w.userKeys(t, w.alpha, "reader", allow("sts:DecodeAuthorizationMessage", "*"))
		nobodyMuch := w.userKeys(t, w.alpha, "nobody", allow("iam:GetUser", "*"))

		_, err := w.iam(ann).GetRole(ctx, &iam.GetRoleInput{RoleName: aws.String("x")})
		explicit := denialMessage(t, err)
		if len(explicit) > 2048 || strings.Contains(explicit, "ann") {
			t.Errorf("message of %d characters: %s", len(explicit), explicit)
		}
		for who, keys := range map[string]aws.Credentials{"the owner": w.alpha.keys, "who may": reader} {
			m := must(w.decode(t, keys, explicit))(t)
			if m.Allowed || !m.ExplicitDeny || m.Context.Action != "iam:GetRole" || m.Context.Resource != "arn:aws:iam::"+account+":role/x" ||
				m.Context.Principal.ARN != "arn:aws:iam::"+account+":user/ann" || !strings.HasPrefix(m.Context.Principal.ID, "AIDA") {
				t.Errorf("%s reads %+v", who, m)
			}
			statements := m.MatchedStatements.Items
			if len(statements) != 2 || statements[1].StatementID != "NoRoles" || statements[1].Effect != "DENY" || len(statements[1].Actions.Items) != 2 || statements[1].Actions.Items[0].Value != "iam:GetRole" {
				t.Errorf("%s reads statements %+v", who, statements)
			}
			found := false
			for _, c := range m.Context.Conditions.Items {
				found = found || c.Key == "aws:username" && len(c.Values.Items) == 1 && c.Values.Items[0].Value == "ann"
			}
			if !found {
				t.Errorf("%s reads conditions %+v", who, m.Context.Conditions)
			}
		}
		_, err = w.iam(nobodyMuch).GetRole(ctx, &iam.GetRoleInput{RoleName: aws.String("x")})
		implicit := denialMessage(t, err)
		if m := must(w.decode(t, reader, implicit))(t); m.ExplicitDeny || len(m.MatchedStatements.Items) != 0 {
			t.Errorf("an implicit denial: %+v", m)
		}

		const text = "Message is not valid"
		_, err = w.decode(t, nobodyMuch, implicit)
		refusedCode(t, "without permission", err, "AccessDenied", "User: arn:aws:iam::"+account+":user/nobody is not authorized to perform: sts:DecodeAuthorizationMessage on resource: * because no identity-based policy allows the sts:DecodeAuthorizationMessage action")
		for name, message := range map[string]string{
			"nonsense": "nonsense", "not base64": "***", "cut short": explicit[:len(explicit)-2], "longer": explicit + "AA",
			"changed": explicit[:20] + string(explicit[20]^1) + explicit[21:], "a session token": credentialsOf(must(w.sts(ann).GetSessionToken(ctx, nil))(t).Credentials).SessionToken,
		} {
			_, err := w.decode(t, w.alpha.keys, message)
			refused[*ststypes.InvalidAuthorizationMessageException](t, name, err, text)
		}
		_, err = w.decode(t, w.beta.keys, explicit)
		refused[*ststypes.InvalidAuthorizationMessageException](t, "another account", err, text)

		// Across accounts the message is for who was refused, and says nothing of
		// the other account's policy.
		role := w.newRole(t, w.beta, "app", `{"Version":"2012-10-17","Statement":{"Sid":"Secret","Effect":"Deny","Principal":{"AWS":"`+account+`"},"Action":"sts:AssumeRole"}}`, allow("*", "*"))
		_, err = w.sts(ann).AssumeRole(ctx, &sts.AssumeRoleInput{RoleArn: &role, RoleSessionName: aws.String("ses")})
		crossing := denialMessage(t, err)
		m := must(w.decode(t, reader, crossing))(t)
		if m.Context.Action != "sts:AssumeRole" || m.Context.Resource != role {
			t.Errorf("across accounts: %+v", m)
		}
		for _, s := range m.MatchedStatements.Items {
			if s.StatementID == "Secret" {
				t.Error("the other account's trust policy is told")
			}
		}
		absent := role + "-not"
		_, err = w.sts(ann).AssumeRole(ctx, &sts.AssumeRoleInput{RoleArn: &absent, RoleSessionName: aws.String("ses")})
		if none := must(w.decode(t, reader, denialMessage(t, err)))(t); none.ExplicitDeny != m.ExplicitDeny || len(none.Context.Conditions.Items) != len(m.Context.Conditions.Items) {
			t.Errorf("a role that there is: %+v\none that there is not: %+v", m, none)
		}
		_, err = w.decode(t, w.beta.keys, crossing)
		refused[*ststypes.InvalidAuthorizationMessageException](t, "the role's account", err, text)
	})
}
