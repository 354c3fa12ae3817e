package iampolicy_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/cenote-id/cenote/internal/iampolicy"
)

func TestTrustPolicyTexts(t *testing.T) {
	const (
		allow   = `{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"sts:AssumeRole"`
		github  = `arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com/myslug`
		web     = `"Action":"sts:AssumeRoleWithWebIdentity"`
		cognito = `{"Effect":"Allow","Principal":{"Federated":"cognito-identity.amazonaws.com"},` + web
		unscope = "A condition block must be present for the Cognito provider"
		shared  = "Trust policy with trusted principal " + github + " must evaluate, using StringEquals, StringLike or StringEqualsIgnoreCase, token.actions.githubusercontent.com/myslug:sub which is not scoped to all."
	)
	for _, tt := range []struct{ name, doc, want string }{
		{"account", doc(allow + `}`), ""},
		{"no version", `{"Statement":` + allow + `}}`, ""},
		{"old version", `{"Version":"2008-10-17","Statement":` + allow + `}}`, ""},
		{"service", doc(`{"Effect":"Allow","Principal":{"Service":["lambda.amazonaws.com"]},"Action":"sts:AssumeRole"}`), ""},
		{"everybody", doc(`{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole"}`), ""},
		{"SAML", doc(`{"Effect":"Allow","Principal":{"Federated":"arn:aws:iam::111122223333:saml-provider/x"},"Action":"sts:AssumeRoleWithSAML","Condition":{"StringEquals":{"SAML:aud":"https://signin.aws.amazon.com/saml"}}}`), ""},
		{"two actions", doc(`{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":["sts:AssumeRole","sts:TagSession","sts:SetSourceIdentity"]}`), ""},

		{"no JSON", `{`, "This policy contains invalid Json"},
		{"member twice", doc(allow + `,"Effect":"Deny"}`), "This policy contains invalid Json"},
		{"version", `{"Version":"2012","Statement":` + allow + `}}`, "The policy must contain a valid version string"},
		{"no statement", `{"Version":"2012-10-17"}`, "Could not parse the policy: Statement is empty!"},
		{"empty statement", doc(`[]`), "Could not parse the policy: Statement is empty!"},
		{"same sid", doc(`[` + allow + `,"Sid":"a"},` + allow + `,"Sid":"a"}]`), "The Statement Ids in the policy are not unique"},
		{"no effect", doc(`{"Principal":{"AWS":"111122223333"},"Action":"sts:AssumeRole"}`), "Missing required field Effect"},
		{"bad effect", doc(`{"Effect":"allow","Principal":{"AWS":"111122223333"},"Action":"sts:AssumeRole"}`), "Invalid effect: allow"},
		{"no principal", doc(`{"Effect":"Allow","Action":"sts:AssumeRole"}`), "Missing required field Principal"},
		{"empty principal", doc(`{"Effect":"Allow","Principal":{},"Action":"sts:AssumeRole"}`), "Missing required field Principal cannot be empty!"},
		{"no action", doc(`{"Effect":"Allow","Principal":{"AWS":"111122223333"}}`), "Missing required field Action"},
		{"another service's action", doc(`{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"s3:GetObject"}`), "AssumeRole policy may only specify STS AssumeRole actions."},
		{"all of STS", doc(`{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"sts:*"}`), "AssumeRole policy may only specify STS AssumeRole actions."},
		{"resource", doc(allow + `,"Resource":"*"}`), "Has prohibited field Resource"},
		{"not resource", doc(allow + `,"NotResource":"*"}`), "AssumeRole policy must not contain resources."},
		{"unknown field", doc(allow + `,"Resources":"*"}`), "Has prohibited field Resources"},
		{"allow not principal", doc(`{"Effect":"Allow","NotPrincipal":{"AWS":"111122223333"},"Action":"sts:AssumeRole"}`), "Allow with NotPrincipal is not allowed."},
		{"deny not principal", doc(`{"Effect":"Deny","NotPrincipal":{"AWS":"111122223333"},"Action":"sts:AssumeRole"}`), "AssumeRole policy must not contain NotPrincipal field."},
		{"operator", doc(allow + `,"Condition":{"ForAllValuesStringEquals":{"a":"b"}}}`), "Invalid Condition type : ForAllValuesStringEquals"},
		{"principal word", doc(`{"Effect":"Allow","Principal":{"AWS":"bob"},"Action":"sts:AssumeRole"}`), `Invalid principal in policy: "AWS":"bob"`},
		{"principal pattern", doc(`{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:*"},"Action":"sts:AssumeRole"}`), `Invalid principal in policy: "AWS":"arn:aws:iam::111122223333:*"`},
		{"principal in another partition", doc(`{"Effect":"Allow","Principal":{"AWS":"arn:other:iam::111122223333:root"},"Action":"sts:AssumeRole"}`), `Invalid principal in policy: "AWS":"arn:other:iam::111122223333:root"`},
		{"service word", doc(`{"Effect":"Allow","Principal":{"Service":"x"},"Action":"sts:AssumeRole"}`), `Invalid principal in policy: "SERVICE":"x"`},
		{"canonical user", doc(`{"Effect":"Allow","Principal":{"CanonicalUser":"x"},"Action":"sts:AssumeRole"}`), `Invalid principal in policy: "CANONICALUSER":"x"`},
		{"provider word", doc(`{"Effect":"Allow","Principal":{"Federated":"login.example.com"},` + web + `}`), `Invalid principal in policy: "FEDERATED":"login.example.com"`},

		{"cognito scoped", doc(cognito + `,"Condition":{"StringEquals":{"cognito-identity.amazonaws.com:aud":"us-west-2:p"},"ForAnyValue:StringLike":{"cognito-identity.amazonaws.com:amr":"authenticated"}}}`), ""},
		{"cognito scoped in other letters", doc(cognito + `,"Condition":{"StringLike":{"Cognito-Identity.amazonaws.com:AUD":["us-west-2:p","us-east-1:q"]}}}`), ""},
		{"cognito unscoped", doc(cognito + `}`), unscope},
		{"cognito scoped by amr alone", doc(cognito + `,"Condition":{"StringEquals":{"cognito-identity.amazonaws.com:amr":"authenticated"}}}`), unscope},
		{"cognito scoped to all", doc(cognito + `,"Condition":{"StringLike":{"cognito-identity.amazonaws.com:aud":["us-west-2:p","*"]}}}`), unscope},
		{"cognito scoped to nothing", doc(cognito + `,"Condition":{"StringEquals":{"cognito-identity.amazonaws.com:aud":[]}}}`), unscope},
		{"cognito scoped if present", doc(cognito + `,"Condition":{"StringEqualsIfExists":{"cognito-identity.amazonaws.com:aud":"us-west-2:p"}}}`), unscope},
		{"cognito scoped for all values", doc(cognito + `,"Condition":{"ForAllValues:StringEquals":{"cognito-identity.amazonaws.com:aud":"us-west-2:p"}}}`), unscope},
		{"cognito scoped by its opposite", doc(cognito + `,"Condition":{"StringNotEquals":{"cognito-identity.amazonaws.com:aud":"us-west-2:p"}}}`), unscope},
		{"cognito denied", doc(`{"Effect":"Deny","Principal":{"Federated":"cognito-identity.amazonaws.com"},` + web + `}`), ""},
		{"shared issuer scoped", doc(`{"Effect":"Allow","Principal":{"Federated":"` + github + `"},` + web + `,"Condition":{"StringLike":{"token.actions.githubusercontent.com/myslug:sub":"repo:o/r:*"}}}`), ""},
		{"shared issuer unscoped", doc(`{"Effect":"Allow","Principal":{"Federated":"` + github + `"},` + web + `,"Condition":{"StringEquals":{"token.actions.githubusercontent.com/myslug:aud":"sts.amazonaws.com"}}}`), shared},
		{"own issuer", doc(`{"Effect":"Allow","Principal":{"Federated":"arn:aws:iam::111122223333:oidc-provider/login.example.com"},` + web + `}`), ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := iampolicy.Parse(tt.doc, iampolicy.Trust)
			if got := message(err); got != tt.want {
				t.Errorf("%s\ngot  %q\nwant %q", tt.doc, got, tt.want)
			}
		})
	}
}

func TestPrincipalForms(t *testing.T) {
	p, err := iampolicy.Load(doc(`{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"AWS":[
		"*","111122223333","arn:aws:iam::111122223333:root","arn:aws:iam::111122223333:user/a/b/u",
		"arn:aws:iam::111122223333:role/r","arn:aws:sts::111122223333:assumed-role/r/s",
		"arn:aws:sts::111122223333:federated-user/f","AROAQAAAAAAAAAAAAAAAA",
		"arn:aws:iam::111122223333:group/g","arn:aws:iam::1111:root","arn:aws:sts::111122223333:assumed-role/r",
		"arn:aws:iam:us-east-1:111122223333:role/r","arn:aws:iam::111122223333:role/"],"Service":"s.amazonaws.com"}}`))
	if err != nil {
		t.Fatal(err)
	}
	want := []iampolicy.PrincipalRef{
		{Form: iampolicy.Everyone},
		{Form: iampolicy.WholeAccount, Account: "111122223333"},
		{Form: iampolicy.WholeAccount, Account: "111122223333"},
		{Form: iampolicy.UserForm, Account: "111122223333", Name: "u"},
		{Form: iampolicy.RoleForm, Account: "111122223333", Name: "r"},
		{Form: iampolicy.SessionForm, Account: "111122223333", Name: "r", Session: "s"},
		{Form: iampolicy.FederatedForm, Account: "111122223333", Name: "f"},
		{Form: iampolicy.UniqueID},
		{},
		{},
		{},
		{},
		{},
		{},
	}
	ignored := cmp.Options{cmpopts.IgnoreFields(iampolicy.PrincipalRef{}, "Type", "Value"), cmpopts.IgnoreUnexported(iampolicy.PrincipalRef{})}
	if diff := cmp.Diff(want, p.Principals(), ignored); diff != "" {
		t.Error(diff)
	}
}

func TestRenderReplacesPrincipals(t *testing.T) {
	const role = "arn:aws:iam::111122223333:role/r"
	text := "{\"Version\":\"2012-10-17\",\n \"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"sts:AssumeRole\",\"Principal\":{\"AWS\":[\"111122223333\", \"arn:aws:iam::111122223333:role\\/r\"]}," +
		"\"Condition\":{\"StringEquals\":{\"x\":\"" + role + "\"}}}]}"
	p, err := iampolicy.Parse(text, iampolicy.Trust)
	if err != nil {
		t.Fatal(err)
	}
	want := "{\"Version\":\"2012-10-17\",\n \"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"sts:AssumeRole\",\"Principal\":{\"AWS\":[\"111122223333\", \"AROAQAAAAAAAAAAAAAAAA\"]}," +
		"\"Condition\":{\"StringEquals\":{\"x\":\"" + role + "\"}}}]}"
	if got := p.Render(map[string]string{role: "AROAQAAAAAAAAAAAAAAAA"}); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
