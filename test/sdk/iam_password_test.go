package sdk

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"
)

func apiCode(err error) (code, message string) {
	if e, ok := errors.AsType[smithy.APIError](err); ok {
		return e.ErrorCode(), e.ErrorMessage()
	}
	return "", fmt.Sprint(err)
}

func TestPasswordPolicy(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx, c, other := t.Context(), w.iam(w.alpha.keys), w.iam(w.beta.keys)
		_, err := c.GetAccountPasswordPolicy(ctx, &iam.GetAccountPasswordPolicyInput{})
		refused[*types.NoSuchEntityException](t, "no policy yet", err, "The Password Policy with domain name "+w.alpha.account+" cannot be found.")
		must(c.UpdateAccountPasswordPolicy(ctx, &iam.UpdateAccountPasswordPolicyInput{
			MinimumPasswordLength: aws.Int32(12), RequireSymbols: true, RequireNumbers: true, RequireUppercaseCharacters: true, RequireLowercaseCharacters: true,
			AllowUsersToChangePassword: true, MaxPasswordAge: aws.Int32(90), PasswordReusePrevention: aws.Int32(3), HardExpiry: aws.Bool(false),
		}))(t)
		got := must(c.GetAccountPasswordPolicy(ctx, &iam.GetAccountPasswordPolicyInput{}))(t).PasswordPolicy
		if diff := cmp.Diff(&types.PasswordPolicy{
			MinimumPasswordLength: aws.Int32(12), RequireSymbols: true, RequireNumbers: true, RequireUppercaseCharacters: true, RequireLowercaseCharacters: true,
			AllowUsersToChangePassword: true, ExpirePasswords: true, MaxPasswordAge: aws.Int32(90), PasswordReusePrevention: aws.Int32(3), HardExpiry: aws.Bool(false),
		}, got, ignoreUnexported); diff != "" {
			t.Error(diff)
		}
		_, err = other.GetAccountPasswordPolicy(ctx, &iam.GetAccountPasswordPolicyInput{})
		refused[*types.NoSuchEntityException](t, "the other account", err, "The Password Policy with domain name "+w.beta.account+" cannot be found.")

		must(c.CreateUser(ctx, &iam.CreateUserInput{UserName: aws.String("ann")}))(t)
		login := func(password string) error {
			_, err := c.CreateLoginProfile(ctx, &iam.CreateLoginProfileInput{UserName: aws.String("ann"), Password: &password})
			return err
		}
		for what, password := range map[string]string{
			"too short": "Sh0rt-pass!", "no symbol": "Longpassw0rds", "no number": "Long-password", "no capital": "long-passw0rds", "no small letter": "LONG-PASSW0RDS",
			"a symbol that does not count": "Longpassw0rd~",
		} {
			refused[*types.PasswordPolicyViolationException](t, what, login(password), "Password does not conform to the account password policy.")
		}

		// Each update is the whole policy.
		must(c.UpdateAccountPasswordPolicy(ctx, &iam.UpdateAccountPasswordPolicyInput{}))(t)
		got = must(c.GetAccountPasswordPolicy(ctx, &iam.GetAccountPasswordPolicyInput{}))(t).PasswordPolicy
		if diff := cmp.Diff(&types.PasswordPolicy{MinimumPasswordLength: aws.Int32(6)}, got, ignoreUnexported); diff != "" {
			t.Errorf("the least policy: %s", diff)
		}
		must(c.DeleteAccountPasswordPolicy(ctx, &iam.DeleteAccountPasswordPolicyInput{}))(t)
		_, err = c.DeleteAccountPasswordPolicy(ctx, &iam.DeleteAccountPasswordPolicyInput{})
		refused[*types.NoSuchEntityException](t, "deleted twice", err, "The account policy with name PasswordPolicy cannot be found.")
		refused[*types.PasswordPolicyViolationException](t, "two kinds of characters", login("onlyletter5"), "Password does not conform to the account password policy.")
		if err := login("three-Kinds"); err != nil {
			t.Errorf("the default policy: %v", err)
		}
	})
}

func TestLoginProfiles(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx, c, other := t.Context(), w.iam(w.alpha.keys), w.iam(w.beta.keys)
		ann := w.user(t, w.alpha, "Ann", allow("iam:*LoginProfile", "arn:aws:iam::*:user/${aws:username}"))
		w.user(t, w.alpha, "bob", "")
		name, secret := aws.String("Ann"), "Correct-Horse-9"
		_, err := c.GetLoginProfile(ctx, &iam.GetLoginProfileInput{UserName: name})
		refused[*types.NoSuchEntityException](t, "no password", err, "Login Profile for User Ann cannot be found.")
		made := must(c.CreateLoginProfile(ctx, &iam.CreateLoginProfileInput{UserName: name, Password: &secret, PasswordResetRequired: true}))(t).LoginProfile
		if *made.UserName != "Ann" || !made.PasswordResetRequired || made.CreateDate == nil {
			t.Errorf("made %+v", made)
		}
		if strings.Contains(string(w.wire.reply), secret) {
			t.Error("the reply has the password")
		}
		_, err = c.CreateLoginProfile(ctx, &iam.CreateLoginProfileInput{UserName: name, Password: &secret})
		refused[*types.EntityAlreadyExistsException](t, "a second one", err, "Login Profile for user Ann already exists.")
		_, err = c.CreateLoginProfile(ctx, &iam.CreateLoginProfileInput{UserName: aws.String("none"), Password: &secret})
		refused[*types.NoSuchEntityException](t, "no such user", err, "The user with name none cannot be found.")
		_, err = c.CreateLoginProfile(ctx, &iam.CreateLoginProfileInput{UserName: aws.String("bob")})
		refusedCode(t, "no password given", err, "ValidationError", "Must specify password")
		_, err = c.CreateLoginProfile(ctx, &iam.CreateLoginProfileInput{Password: &secret})
		refusedCode(t, "the root user", err, "ValidationError", "Must specify userName when calling with non-User credentials")
		_, err = other.GetLoginProfile(ctx, &iam.GetLoginProfileInput{UserName: name})
		refused[*types.NoSuchEntityException](t, "from another account", err, "The user with name Ann cannot be found.")

		// The caller is meant where nobody is named.
		if got := must(ann.GetLoginProfile(ctx, &iam.GetLoginProfileInput{}))(t).LoginProfile; *got.UserName != "Ann" || !got.PasswordResetRequired {
			t.Errorf("ann's own: %+v", got)
		}
		_, err = ann.CreateLoginProfile(ctx, &iam.CreateLoginProfileInput{UserName: aws.String("bob"), Password: &secret})
		refusedCode(t, "a colleague's", err, "AccessDenied", "User: arn:aws:iam::"+w.alpha.account+":user/Ann is not authorized to perform: iam:CreateLoginProfile on resource: user bob because no identity-based policy allows the iam:CreateLoginProfile action")

		must(c.UpdateLoginProfile(ctx, &iam.UpdateLoginProfileInput{UserName: name, PasswordResetRequired: aws.Bool(false)}))(t)
		if got := must(c.GetLoginProfile(ctx, &iam.GetLoginProfileInput{UserName: name}))(t).LoginProfile; got.PasswordResetRequired || !got.CreateDate.Equal(*made.CreateDate) {
			t.Errorf("updated %+v", got)
		}
		_, err = c.UpdateLoginProfile(ctx, &iam.UpdateLoginProfileInput{UserName: name, Password: aws.String("short")})
		refused[*types.PasswordPolicyViolationException](t, "against the policy", err, "Password does not conform to the account password policy.")
		_, err = c.UpdateLoginProfile(ctx, &iam.UpdateLoginProfileInput{UserName: aws.String("bob"), Password: &secret})
		refused[*types.NoSuchEntityException](t, "of a user without one", err, "Login Profile for User bob cannot be found.")

		keys := must(c.ListAccessKeys(ctx, &iam.ListAccessKeysInput{UserName: aws.String("bob")}))(t).AccessKeyMetadata
		must(c.DeleteAccessKey(ctx, &iam.DeleteAccessKeyInput{UserName: aws.String("bob"), AccessKeyId: keys[0].AccessKeyId}))(t)
		must(c.CreateLoginProfile(ctx, &iam.CreateLoginProfileInput{UserName: aws.String("bob"), Password: &secret}))(t)
		_, err = c.DeleteUser(ctx, &iam.DeleteUserInput{UserName: aws.String("bob")})
		refused[*types.DeleteConflictException](t, "delete a user with a password", err, "Cannot delete entity, must delete login profile first.")
		must(c.DeleteLoginProfile(ctx, &iam.DeleteLoginProfileInput{UserName: aws.String("bob")}))(t)
		_, err = c.DeleteLoginProfile(ctx, &iam.DeleteLoginProfileInput{UserName: aws.String("bob")})
		refused[*types.NoSuchEntityException](t, "deleted twice", err, "Login Profile for User bob cannot be found.")
		must(c.DeleteUser(ctx, &iam.DeleteUserInput{UserName: aws.String("bob")}))(t)
	})
}

func TestChangePassword(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx, c := t.Context(), w.iam(w.alpha.keys)
		ann := w.user(t, w.alpha, "ann", allow("iam:ChangePassword", "arn:aws:iam::*:user/${aws:username}"))
		change := func(c *iam.Client, before, after string) error {
			_, err := c.ChangePassword(ctx, &iam.ChangePasswordInput{OldPassword: &before, NewPassword: &after})
			return err
		}
		refused[*types.InvalidUserTypeException](t, "the root user", change(c, "a", "b"), "Only IAM Users can change their own password.")
		refused[*types.NoSuchEntityException](t, "a user without a password", change(ann, "a", "b"), "Login Profile for User ann cannot be found.")
		must(c.UpdateAccountPasswordPolicy(ctx, &iam.UpdateAccountPasswordPolicyInput{PasswordReusePrevention: aws.Int32(2)}))(t)
		must(c.CreateLoginProfile(ctx, &iam.CreateLoginProfileInput{UserName: aws.String("ann"), Password: aws.String("password-1"), PasswordResetRequired: true}))(t)

		refusedCode(t, "a wrong old password", change(ann, "password-0", "password-2"), "AccessDenied", "The old password was incorrect.")
		refused[*types.PasswordPolicyViolationException](t, "too short", change(ann, "password-1", "short"), "Password does not conform to the account password policy.")
		refused[*types.PasswordPolicyViolationException](t, "the same again", change(ann, "password-1", "password-1"), "Policy constraint violation with password reuse prevention during password change.")
		if err := change(ann, "password-1", "password-2"); err != nil {
			t.Fatal(err)
		}
		if must(c.GetLoginProfile(ctx, &iam.GetLoginProfileInput{UserName: aws.String("ann")}))(t).LoginProfile.PasswordResetRequired {
			t.Error("the password must still be reset")
		}
		refusedCode(t, "the password before", change(ann, "password-1", "password-3"), "AccessDenied", "The old password was incorrect.")
		refused[*types.PasswordPolicyViolationException](t, "the one before last", change(ann, "password-2", "password-1"), "Policy constraint violation with password reuse prevention during password change.")
		for n := 2; n < 4; n++ {
			if err := change(ann, fmt.Sprint("password-", n), fmt.Sprint("password-", n+1)); err != nil {
				t.Fatal(err)
			}
		}
		if err := change(ann, "password-4", "password-1"); err != nil {
			t.Errorf("an old one that is forgotten: %v", err)
		}

		// Nobody may guess for long, and the right answer does not help then.
		for range 10 {
			refusedCode(t, "a guess", change(ann, "guess", "password-9"), "AccessDenied", "The old password was incorrect.")
		}
		refused[*types.EntityTemporarilyUnmodifiableException](t, "after ten guesses", change(ann, "password-1", "password-9"), "The password of user ann cannot be changed at this time. Try again later.")
		w.Clock().Advance(15 * time.Minute)
		if err := change(ann, "password-1", "password-9"); err != nil {
			t.Errorf("a quarter of an hour later: %v", err)
		}

		bob := w.user(t, w.alpha, "bob", "")
		refusedCode(t, "without permission", change(bob, "a", "b"), "AccessDenied", "User: arn:aws:iam::"+w.alpha.account+":user/bob is not authorized to perform: iam:ChangePassword on resource: user bob because no identity-based policy allows the iam:ChangePassword action")
	})
}
