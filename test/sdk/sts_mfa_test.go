package sdk

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

const (
	textMFAIncomplete = "MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code."
	textMFAWrong      = "MultiFactorAuthentication failed with invalid MFA one time pass code."
	textMFAUnknown    = "MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is valid and associated with this user."
)

// TestSecondFactors: who has the code may assume the role that asks for it,
// and call what asks for it, for as long as the policies say.
func TestSecondFactors(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx, account := t.Context(), w.alpha.account
		admin := w.iam(w.alpha.keys)
		ann := w.userKeys(t, w.alpha, "ann", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["sts:AssumeRole","iam:GetUser"],"Resource":"*"},
			{"Effect":"Allow","Action":"iam:ListRoles","Resource":"*","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"},"NumericLessThan":{"aws:MultiFactorAuthAge":"3600"}}}]}`)
		w.userKeys(t, w.alpha, "bob", "")
		phone, other := w.newDevice(t, admin, "ann"), w.newDevice(t, admin, "bob")
		for user, d := range map[string]*device{"ann": phone, "bob": other} {
			if err := d.enable(t, admin, user); err != nil {
				t.Fatal(err)
			}
		}
		w.Clock().Advance(time.Minute) // the codes that enabled the devices are used up
		guarded := w.newRole(t, w.alpha, "guarded", trustAccount(account, `{"Bool":{"aws:MultiFactorAuthPresent":"true"}}`), allow("*", "*"))
		abroad := w.newRole(t, w.beta, "guarded", trustAccount(account, `{"NumericLessThan":{"aws:MultiFactorAuthAge":"60"}}`), allow("*", "*"))

		assume := func(keys aws.Credentials, role, serial, code string) error {
			in := &sts.AssumeRoleInput{RoleArn: &role, RoleSessionName: aws.String("ses")}
			if serial != "" {
				in.SerialNumber = &serial
			}
			if code != "" {
				in.TokenCode = &code
			}
			out, err := w.sts(keys).AssumeRole(ctx, in)
			if err == nil {
				w.caller(t, credentialsOf(out.Credentials))
			}
			return err
		}
		denied := func(role string) string {
			return "User: arn:aws:iam::" + account + ":user/ann is not authorized to perform: sts:AssumeRole on resource: " + role
		}
		refusedCode(t, "no code", assume(ann, guarded, "", ""), "AccessDenied", denied(guarded))
		refusedCode(t, "a code without a device", assume(ann, guarded, "", phone.code(0)), "AccessDenied", textMFAIncomplete)
		refusedCode(t, "a device without a code", assume(ann, guarded, phone.serial, ""), "AccessDenied", textMFAIncomplete)
		refusedCode(t, "an old code", assume(ann, guarded, phone.serial, phone.code(-20)), "AccessDenied", textMFAWrong)
		refusedCode(t, "the code of another device", assume(ann, guarded, phone.serial, other.code(0)), "AccessDenied", textMFAWrong)
		refusedCode(t, "another's device", assume(ann, guarded, other.serial, other.code(0)), "AccessDenied", textMFAUnknown)
		refusedCode(t, "no device", assume(ann, guarded, phone.serial+"x", phone.code(0)), "AccessDenied", textMFAUnknown)
		refusedCode(t, "another account's device", assume(ann, guarded, "arn:aws:iam::"+w.beta.account+":mfa/ann", phone.code(0)), "AccessDenied", textMFAUnknown)
		refusedCode(t, "no role, a wrong code", assume(ann, guarded+"x", phone.serial, phone.code(-20)), "AccessDenied", textMFAWrong)
		if err := assume(ann, guarded, phone.serial, phone.code(0)); err != nil {
			t.Errorf("with a code: %v", err)
		}
		refusedCode(t, "the same code", assume(ann, guarded, phone.serial, phone.code(0)), "AccessDenied", textMFAWrong)
		w.Clock().Advance(30 * time.Second)
		if err := assume(ann, abroad, phone.serial, phone.code(0)); err != nil {
			t.Errorf("another account's role: %v", err)
		}
		// Sessions of a role know nothing of the factor.
		w.Clock().Advance(30 * time.Second)
		keys := w.assumed(t, ann, &sts.AssumeRoleInput{RoleArn: &guarded, RoleSessionName: aws.String("ses"), SerialNumber: &phone.serial, TokenCode: aws.String(phone.code(0))})
		if _, err := w.sts(keys).AssumeRole(ctx, &sts.AssumeRoleInput{RoleArn: &guarded, RoleSessionName: aws.String("ses")}); err == nil {
			t.Error("a role's session passed for one with a second factor")
		}

		// A session of the user's own remembers, and how long ago it was.
		session := func(serial, code string) (aws.Credentials, error) {
			out, err := w.sts(ann).GetSessionToken(ctx, &sts.GetSessionTokenInput{SerialNumber: &serial, TokenCode: &code})
			if err != nil {
				return aws.Credentials{}, err
			}
			return credentialsOf(out.Credentials), nil
		}
		_, err := session(phone.serial, phone.code(0))
		refusedCode(t, "a used code", err, "AccessDenied", textMFAWrong)
		w.Clock().Advance(30 * time.Second)
		strong := must(session(phone.serial, phone.code(0)))(t)
		list := func(keys aws.Credentials) error {
			_, err := w.iam(keys).ListRoles(ctx, &iam.ListRolesInput{})
			return err
		}
		if err := list(strong); err != nil {
			t.Errorf("what asks for a second factor: %v", err)
		}
		if err := assume(strong, guarded, "", ""); err != nil {
			t.Errorf("the role, by a session with a second factor: %v", err)
		}
		weak := credentialsOf(must(w.sts(ann).GetSessionToken(ctx, nil))(t).Credentials)
		refusedCode(t, "IAM by a session without", list(weak), "InvalidClientTokenId", textDamagedToken)
		refusedCode(t, "the role by a session without", assume(weak, guarded, "", ""), "AccessDenied", denied(guarded))
		w.Clock().Advance(30 * time.Second)
		if err := assume(weak, guarded, phone.serial, phone.code(0)); err != nil {
			t.Errorf("the role by a session without, with a code: %v", err)
		}
		w.Clock().Advance(61 * time.Minute)
		refusedCode(t, "an hour later", list(strong), "AccessDenied", "User: arn:aws:iam::"+account+":user/ann is not authorized to perform: iam:ListRoles on resource: arn:aws:iam::"+account+":role/ because no identity-based policy allows the iam:ListRoles action")
	})
}
