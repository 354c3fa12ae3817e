package sdk

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	ststypes "github.com/aws/aws-sdk-go-v2/service/sts/types"
)

const (
	textMFAIncomplete = "MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code."
	textMFAWrong      = "MultiFactorAuthentication failed with invalid MFA one time pass code."
	textMFAUnknown    = "MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is valid and associated with this user."
)

func credentialsOf(c *ststypes.Credentials) aws.Credentials {
	return aws.Credentials{AccessKeyID: *c.AccessKeyId, SecretAccessKey: *c.SecretAccessKey, SessionToken: *c.SessionToken}
}

// A user's second factor opens what long-term keys alone do not, for as long
// as policies say.
func TestSessionsWithASecondFactor(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx, c := t.Context(), w.iam(w.alpha.keys)
		ann := w.userKeys(t, w.alpha, "ann", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:ListUsers","Resource":"*","Condition":{
			"Bool":{"aws:MultiFactorAuthPresent":"true"},"NumericLessThan":{"aws:MultiFactorAuthAge":"3600"}}}]}`)
		bob := w.userKeys(t, w.alpha, "bob", "")
		phone, bobs := w.newDevice(t, c, "phone"), w.newDevice(t, c, "bobs")
		for d, user := range map[*device]string{phone: "ann", bobs: "bob"} {
			if err := d.enable(t, c, user); err != nil {
				t.Fatal(err)
			}
		}
		w.Clock().Advance(time.Minute)
		token := func(keys aws.Credentials, serial, code string) (*sts.GetSessionTokenOutput, error) {
			in := &sts.GetSessionTokenInput{}
			if serial != "" {
				in.SerialNumber = &serial
			}
			if code != "" {
				in.TokenCode = &code
			}
			return w.sts(keys).GetSessionToken(ctx, in)
		}
		fails := func(what string, keys aws.Credentials, serial, code, message string) {
			t.Helper()
			_, err := token(keys, serial, code)
			refusedCode(t, what, err, "AccessDenied", message)
		}
		wrong := "000000"
		if phone.code(0) == wrong || phone.code(-1) == wrong || phone.code(1) == wrong {
			wrong = "111111"
		}
		fails("a code without a device", ann, "", phone.code(0), textMFAIncomplete)
		fails("a device without a code", ann, phone.serial, "", textMFAIncomplete)
		fails("a wrong code", ann, phone.serial, wrong, textMFAWrong)
		fails("a colleague's device", ann, bobs.serial, bobs.code(0), textMFAUnknown)
		fails("no such device", ann, phone.serial+"2", phone.code(0), textMFAUnknown)
		fails("the root user with a user's device", w.alpha.keys, phone.serial, phone.code(0), textMFAUnknown)
		fails("another account's root user", w.beta.keys, phone.serial, phone.code(0), textMFAUnknown)

		list := func(keys aws.Credentials) error {
			_, err := w.iam(keys).ListUsers(ctx, &iam.ListUsersInput{})
			return err
		}
		denied := "User: arn:aws:iam::" + w.alpha.account + ":user/ann is not authorized to perform: iam:ListUsers on resource: arn:aws:iam::" + w.alpha.account +
			":user/ because no identity-based policy allows the iam:ListUsers action"
		refusedCode(t, "long-term keys", list(ann), "AccessDenied", denied)
		code := phone.code(0)
		good := credentialsOf(must(token(ann, phone.serial, code))(t).Credentials)
		if err := list(good); err != nil {
			t.Errorf("with the second factor: %v", err)
		}
		fails("the same code again", ann, phone.serial, code, textMFAWrong)
		w.Clock().Advance(time.Hour)
		refusedCode(t, "an hour later", list(good), "AccessDenied", denied)
		if err := list(credentialsOf(must(token(ann, phone.serial, phone.code(0)))(t).Credentials)); err != nil {
			t.Errorf("with a new code: %v", err)
		}
		fails("bob with ann's device", bob, phone.serial, phone.code(1), textMFAUnknown)

		// Deactivated, it counts no more; what was issued lives on, as on AWS.
		must(c.DeactivateMFADevice(ctx, &iam.DeactivateMFADeviceInput{UserName: aws.String("ann"), SerialNumber: &phone.serial}))(t)
		w.Clock().Advance(time.Minute)
		fails("a deactivated device", ann, phone.serial, phone.code(0), textMFAUnknown)
	})
}

func TestRolesThatAskForASecondFactor(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx, c := t.Context(), w.iam(w.alpha.keys)
		// The role is another account's: the device is known where the user is.
		role := must(w.iam(w.beta.keys).CreateRole(ctx, &iam.CreateRoleInput{RoleName: aws.String("careful"), AssumeRolePolicyDocument: aws.String(
			`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"` + w.alpha.account + `"},"Action":"sts:AssumeRole","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}}}`)}))(t).Role
		ann := w.userKeys(t, w.alpha, "ann", allow("sts:AssumeRole", "*"))
		phone := w.newDevice(t, c, "phone")
		if err := phone.enable(t, c, "ann"); err != nil {
			t.Fatal(err)
		}
		w.Clock().Advance(time.Minute)
		assume := func(serial, code *string) (*sts.AssumeRoleOutput, error) {
			return w.sts(ann).AssumeRole(ctx, &sts.AssumeRoleInput{RoleArn: role.Arn, RoleSessionName: aws.String("session"), SerialNumber: serial, TokenCode: code})
		}
		_, err := assume(nil, nil)
		refusedCode(t, "without a code", err, "AccessDenied", "User: arn:aws:iam::"+w.alpha.account+":user/ann is not authorized to perform: sts:AssumeRole on resource: "+*role.Arn)
		_, err = assume(&phone.serial, aws.String(phone.code(-5)))
		refusedCode(t, "with an old code", err, "AccessDenied", textMFAWrong)
		code := aws.String(phone.code(0))
		out := must(assume(&phone.serial, code))(t)
		if who := w.caller(t, credentialsOf(out.Credentials)); *who.Arn != "arn:aws:sts::"+w.beta.account+":assumed-role/careful/session" {
			t.Errorf("caller %s", *who.Arn)
		}
		_, err = assume(&phone.serial, code)
		refusedCode(t, "with the same code", err, "AccessDenied", textMFAWrong)
	})
}
