package sdk

import (
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/google/go-cmp/cmp"
)

// What one account, user or code may have once, it has once, however many ask
// at the same time.
func TestOnlyOneInIAM(t *testing.T) {
	const many = 8
	each(t, func(t *testing.T, w *world) {
		w.wire.mute = true
		ctx, c := t.Context(), w.iam(w.alpha.keys)
		owners := []owner{w.alpha, w.beta}
		users := make([]*iam.Client, many)
		for n := range users {
			users[n] = w.user(t, w.alpha, fmt.Sprint("user", n), "")
		}
		must(c.CreateInstanceProfile(ctx, &iam.CreateInstanceProfileInput{InstanceProfileName: aws.String("machines")}))(t)
		for n := range many {
			must(c.CreateRole(ctx, &iam.CreateRoleInput{RoleName: aws.String(fmt.Sprint("role", n)), AssumeRolePolicyDocument: aws.String(trustMachines)}))(t)
		}
		keys := make([]string, many)
		for n := range keys {
			keys[n], _, _ = sshKey(t, 2048)
		}
		phone := w.newDevice(t, c, "phone")
		first, second := phone.code(-1), phone.code(0)
		for what, c := range map[string]struct {
			f    func(n int) error
			want map[string]int
		}{
			"an alias, in two accounts": {func(n int) error {
				_, err := w.iam(owners[n%2].keys).CreateAccountAlias(ctx, &iam.CreateAccountAliasInput{AccountAlias: aws.String("wide-river")})
				return err
			}, map[string]int{"OK": 1, "EntityAlreadyExists": many - 1}},
			"a password": {func(int) error {
				_, err := c.CreateLoginProfile(ctx, &iam.CreateLoginProfileInput{UserName: aws.String("user0"), Password: aws.String("Correct-Horse-9")})
				return err
			}, map[string]int{"OK": 1, "EntityAlreadyExists": many - 1}},
			"the role of a profile": {func(n int) error {
				_, err := c.AddRoleToInstanceProfile(ctx, &iam.AddRoleToInstanceProfileInput{InstanceProfileName: aws.String("machines"), RoleName: aws.String(fmt.Sprint("role", n))})
				return err
			}, map[string]int{"OK": 1, "LimitExceeded": many - 1}},
			"the user of a device": {func(n int) error {
				_, err := c.EnableMFADevice(ctx, &iam.EnableMFADeviceInput{
					UserName: aws.String(fmt.Sprint("user", n)), SerialNumber: &phone.serial, AuthenticationCode1: &first, AuthenticationCode2: &second,
				})
				return err
			}, map[string]int{"OK": 1, "EntityAlreadyExists": many - 1}},
			"a service-linked role": {func(int) error {
				_, err := c.CreateServiceLinkedRole(ctx, &iam.CreateServiceLinkedRoleInput{AWSServiceName: aws.String("ecs.amazonaws.com")})
				return err
			}, map[string]int{"OK": 1, "InvalidInput": many - 1}},
			"five SSH keys": {func(n int) error {
				_, err := c.UploadSSHPublicKey(ctx, &iam.UploadSSHPublicKeyInput{UserName: aws.String("user1"), SSHPublicKeyBody: &keys[n]})
				return err
			}, map[string]int{"OK": 5, "LimitExceeded": many - 5}},
			"two service passwords": {func(int) error {
				_, err := c.CreateServiceSpecificCredential(ctx, &iam.CreateServiceSpecificCredentialInput{UserName: aws.String("user2"), ServiceName: aws.String("codecommit.amazonaws.com")})
				return err
			}, map[string]int{"OK": 2, "LimitExceeded": many - 2}},
		} {
			if diff := cmp.Diff(c.want, together(many, c.f)); diff != "" {
				t.Errorf("%s: %s", what, diff)
			}
		}
		names := map[string]bool{}
		for _, c := range must(c.ListServiceSpecificCredentials(ctx, &iam.ListServiceSpecificCredentialsInput{UserName: aws.String("user2")}))(t).ServiceSpecificCredentials {
			names[*c.ServiceUserName] = true
		}
		if len(names) != 2 {
			t.Errorf("names of service passwords: %v", names)
		}
	})
}

// Guesses at once are no more than guesses one by one, and a code counts once.
func TestGuessesAtOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.wire.mute = true
		ctx, c := t.Context(), w.iam(w.alpha.keys)
		keys := w.userKeys(t, w.alpha, "ann", allow("iam:ChangePassword", "*"))
		must(c.CreateLoginProfile(ctx, &iam.CreateLoginProfileInput{UserName: aws.String("ann"), Password: aws.String("Correct-Horse-9")}))(t)
		ann := w.iam(keys)
		counts := together(24, func(n int) error {
			_, err := ann.ChangePassword(ctx, &iam.ChangePasswordInput{OldPassword: aws.String(fmt.Sprint("guess", n)), NewPassword: aws.String("Battery-Staple-8")})
			return err
		})
		if diff := cmp.Diff(map[string]int{"AccessDenied": 10, "EntityTemporarilyUnmodifiable": 14}, counts); diff != "" {
			t.Errorf("guesses at a password: %s", diff)
		}

		phone := w.newDevice(t, c, "phone")
		if err := phone.enable(t, c, "ann"); err != nil {
			t.Fatal(err)
		}
		w.Clock().Advance(time.Minute)
		code := phone.code(0)
		counts = together(12, func(int) error {
			_, err := w.sts(keys).GetSessionToken(ctx, &sts.GetSessionTokenInput{SerialNumber: &phone.serial, TokenCode: &code})
			return err
		})
		if diff := cmp.Diff(map[string]int{"OK": 1, "AccessDenied": 11}, counts); diff != "" {
			t.Errorf("one code: %s", diff)
		}
		if list := must(c.ListMFADevices(ctx, &iam.ListMFADevicesInput{UserName: aws.String("ann")}))(t).MFADevices; len(list) != 1 {
			t.Errorf("devices %+v", []types.MFADevice(list))
		}
	})
}
