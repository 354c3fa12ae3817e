package sdk

import (
	"bytes"
	"encoding/base32"
	"fmt"
	"image/png"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"rsc.io/qr"

	"github.com/cenote-id/cenote/internal/otp"
)

// device is an authenticator app.
type device struct {
	w      *world
	serial string
	seed   []byte
}

// newDevice makes a virtual MFA device that is nobody's.
func (w *world) newDevice(t *testing.T, c *iam.Client, name string) *device {
	t.Helper()
	made := must(c.CreateVirtualMFADevice(t.Context(), &iam.CreateVirtualMFADeviceInput{VirtualMFADeviceName: &name}))(t).VirtualMFADevice
	return &device{w, *made.SerialNumber, must(base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(string(made.Base32StringSeed)))(t)}
}

// code is what the app shows now, or so many steps later.
func (d *device) code(later int64) string {
	return otp.Code(d.seed, otp.Step(d.w.Clock().Now())+later)
}

func (d *device) enable(t *testing.T, c *iam.Client, user string) error {
	t.Helper()
	return d.enableWith(t, c, user, d.code(-1), d.code(0))
}

func (d *device) enableWith(t *testing.T, c *iam.Client, user, first, second string) error {
	t.Helper()
	_, err := c.EnableMFADevice(t.Context(), &iam.EnableMFADeviceInput{
		UserName: &user, SerialNumber: &d.serial, AuthenticationCode1: &first, AuthenticationCode2: &second,
	})
	return err
}

func TestVirtualMFADevices(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx, c, other := t.Context(), w.iam(w.alpha.keys), w.iam(w.beta.keys)
		made := must(c.CreateVirtualMFADevice(ctx, &iam.CreateVirtualMFADeviceInput{
			VirtualMFADeviceName: aws.String("Phone"), Path: aws.String("/staff/"), Tags: []types.Tag{{Key: aws.String("k"), Value: aws.String("v")}},
		}))(t).VirtualMFADevice
		serial := "arn:aws:iam::" + w.alpha.account + ":mfa/staff/Phone"
		if *made.SerialNumber != serial || len(made.Base32StringSeed) != 64 || len(made.Tags) != 1 || made.User != nil {
			t.Errorf("made %+v", made)
		}
		if picture := must(qr.Encode("otpauth://totp/Phone@"+w.alpha.account+"?secret="+string(made.Base32StringSeed), qr.L))(t).PNG(); !bytes.Equal(picture, made.QRCodePNG) {
			t.Error("the picture shows something else")
		}
		must(png.Decode(bytes.NewReader(made.QRCodePNG)))(t)
		_, err := c.CreateVirtualMFADevice(ctx, &iam.CreateVirtualMFADeviceInput{VirtualMFADeviceName: aws.String("PHONE"), Path: aws.String("/staff/")})
		refused[*types.EntityAlreadyExistsException](t, "the same name", err, "MFADevice entity at the same path and name already exists.")
		must(c.CreateVirtualMFADevice(ctx, &iam.CreateVirtualMFADeviceInput{VirtualMFADeviceName: aws.String("Phone")}))(t)
		_, err = c.CreateVirtualMFADevice(ctx, &iam.CreateVirtualMFADeviceInput{VirtualMFADeviceName: aws.String(strings.Repeat("x", 226))})
		refusedCode(t, "a long name", err, "ValidationError", "1 validation error detected: Value at 'virtualMFADeviceName' failed to satisfy constraint: Member must have length less than or equal to 226")

		// It is shown once, and to this account alone.
		d := &device{w, serial, must(base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(string(made.Base32StringSeed)))(t)}
		must(c.CreateUser(ctx, &iam.CreateUserInput{UserName: aws.String("ann")}))(t)
		must(c.CreateUser(ctx, &iam.CreateUserInput{UserName: aws.String("bob")}))(t)
		if list := must(c.ListVirtualMFADevices(ctx, &iam.ListVirtualMFADevicesInput{}))(t).VirtualMFADevices; len(list) != 2 || list[0].Base32StringSeed != nil || list[0].QRCodePNG != nil || list[0].Tags != nil {
			t.Errorf("list %+v", list)
		}
		missing := "VirtualMFADevice with serial number " + serial + " does not exist."
		_, err = c.GetMFADevice(ctx, &iam.GetMFADeviceInput{SerialNumber: &serial})
		refused[*types.NoSuchEntityException](t, "a device that is nobody's", err, missing)
		_, err = other.DeleteVirtualMFADevice(ctx, &iam.DeleteVirtualMFADeviceInput{SerialNumber: &serial})
		refused[*types.NoSuchEntityException](t, "from another account", err, missing)

		// Enabling takes two codes in a row.
		for what, codes := range map[string][2]string{
			"the same code twice": {d.code(0), d.code(0)}, "the wrong way round": {d.code(0), d.code(-1)}, "made up": {"123456", "654321"}, "long ago": {d.code(-60), d.code(-59)},
		} {
			_, err := c.EnableMFADevice(ctx, &iam.EnableMFADeviceInput{UserName: aws.String("ann"), SerialNumber: &serial, AuthenticationCode1: &codes[0], AuthenticationCode2: &codes[1]})
			refusedCode(t, what, err, "InvalidAuthenticationCode", "Authentication code for device is not valid.")
		}
		refused[*types.NoSuchEntityException](t, "no such user", d.enable(t, c, "none"), "The user with name none cannot be found.")
		first, second := d.code(-1), d.code(0) // time goes on: these are used again below
		if err := d.enableWith(t, c, "ann", first, second); err != nil {
			t.Fatal(err)
		}
		refused[*types.EntityAlreadyExistsException](t, "enabled twice", d.enable(t, c, "bob"), "MFA Device "+serial+" is already assigned.")
		got := must(c.GetMFADevice(ctx, &iam.GetMFADeviceInput{SerialNumber: &serial}))(t)
		if *got.UserName != "ann" || *got.SerialNumber != serial || got.EnableDate == nil {
			t.Errorf("got %+v", got)
		}
		_, err = c.GetMFADevice(ctx, &iam.GetMFADeviceInput{SerialNumber: &serial, UserName: aws.String("bob")})
		refused[*types.NoSuchEntityException](t, "as bob's", err, "MFA Device invalid for user.")
		if list := must(c.ListMFADevices(ctx, &iam.ListMFADevicesInput{UserName: aws.String("ann")}))(t).MFADevices; len(list) != 1 || *list[0].SerialNumber != serial || *list[0].UserName != "ann" {
			t.Errorf("ann's %+v", list)
		}
		if list := must(c.ListMFADevices(ctx, &iam.ListMFADevicesInput{}))(t).MFADevices; len(list) != 0 {
			t.Errorf("the root user's %+v", list)
		}
		for status, want := range map[types.AssignmentStatusType]string{types.AssignmentStatusTypeAny: "/Phone /staff/Phone", types.AssignmentStatusTypeAssigned: "/staff/Phone", types.AssignmentStatusTypeUnassigned: "/Phone"} {
			var names []string
			for pages := iam.NewListVirtualMFADevicesPaginator(c, &iam.ListVirtualMFADevicesInput{AssignmentStatus: status, MaxItems: aws.Int32(1)}); pages.HasMorePages(); {
				for _, d := range must(pages.NextPage(ctx))(t).VirtualMFADevices {
					_, name, _ := strings.Cut(*d.SerialNumber, ":mfa")
					names = append(names, name)
					if (d.User != nil) != (name == "/staff/Phone") || d.User != nil && *d.User.UserName != "ann" {
						t.Errorf("%s is %+v's", name, d.User)
					}
				}
			}
			if fmt.Sprint(names) != "["+want+"]" {
				t.Errorf("%s: %v", status, names)
			}
		}

		// In the way of deletions, until it is deactivated.
		_, err = c.DeleteUser(ctx, &iam.DeleteUserInput{UserName: aws.String("ann")})
		refused[*types.DeleteConflictException](t, "delete a user with a device", err, "Cannot delete entity, must delete MFA device first.")
		_, err = c.DeleteVirtualMFADevice(ctx, &iam.DeleteVirtualMFADeviceInput{SerialNumber: &serial})
		refused[*types.DeleteConflictException](t, "delete a device in use", err, "MFA VirtualDevice in use. Must deactivate first.")
		_, err = c.DeactivateMFADevice(ctx, &iam.DeactivateMFADeviceInput{UserName: aws.String("bob"), SerialNumber: &serial})
		refused[*types.NoSuchEntityException](t, "deactivate it for bob", err, "MFA Device invalid for user.")
		must(c.DeactivateMFADevice(ctx, &iam.DeactivateMFADeviceInput{UserName: aws.String("ann"), SerialNumber: &serial}))(t)
		must(c.DeleteUser(ctx, &iam.DeleteUserInput{UserName: aws.String("ann")}))(t)
		refusedCode(t, "enable with used codes", d.enableWith(t, c, "bob", first, second), "InvalidAuthenticationCode", "Authentication code for device is not valid.")
		w.Clock().Advance(time.Minute)
		if err := d.enable(t, c, "bob"); err != nil {
			t.Errorf("a minute later: %v", err)
		}
		_, err = c.ResyncMFADevice(ctx, &iam.ResyncMFADeviceInput{UserName: aws.String("bob"), SerialNumber: &serial, AuthenticationCode1: aws.String("000000"), AuthenticationCode2: aws.String("000000")})
		refusedCode(t, "resync with wrong codes", err, "InvalidAuthenticationCode", "Authentication code for device is not valid.")
		must(c.ResyncMFADevice(ctx, &iam.ResyncMFADeviceInput{UserName: aws.String("bob"), SerialNumber: &serial, AuthenticationCode1: aws.String(d.code(9)), AuthenticationCode2: aws.String(d.code(10))}))(t)

		must(c.TagMFADevice(ctx, &iam.TagMFADeviceInput{SerialNumber: &serial, Tags: []types.Tag{{Key: aws.String("K"), Value: aws.String("w")}, {Key: aws.String("l"), Value: aws.String("")}}}))(t)
		must(c.UntagMFADevice(ctx, &iam.UntagMFADeviceInput{SerialNumber: &serial, TagKeys: []string{"L"}}))(t)
		if tags := must(c.ListMFADeviceTags(ctx, &iam.ListMFADeviceTagsInput{SerialNumber: &serial}))(t).Tags; len(tags) != 1 || *tags[0].Key != "K" || *tags[0].Value != "w" {
			t.Errorf("tags %+v", tags)
		}
	})
}

// What AWS's own example lets users do who look after their device themselves.
func TestUsersLookAfterTheirMFADevice(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx, c := t.Context(), w.iam(w.alpha.keys)
		ann := w.user(t, w.alpha, "ann", `{"Version":"2012-10-17","Statement":[
			{"Effect":"Allow","Action":"iam:ListVirtualMFADevices","Resource":"*"},
			{"Effect":"Allow","Action":"iam:CreateVirtualMFADevice","Resource":"arn:aws:iam::*:mfa/*"},
			{"Effect":"Allow","Action":["iam:DeactivateMFADevice","iam:EnableMFADevice","iam:GetMFADevice","iam:ListMFADevices","iam:ResyncMFADevice"],"Resource":"arn:aws:iam::*:user/${aws:username}"}]}`)
		must(c.CreateUser(ctx, &iam.CreateUserInput{UserName: aws.String("bob")}))(t)
		d := w.newDevice(t, ann, "ann")
		denied := func(what, action, resource string, err error) {
			t.Helper()
			refusedCode(t, what, err, "AccessDenied", "User: arn:aws:iam::"+w.alpha.account+":user/ann is not authorized to perform: iam:"+action+" on resource: "+resource+" because no identity-based policy allows the iam:"+action+" action")
		}
		denied("enable it for bob", "EnableMFADevice", "user bob", d.enable(t, ann, "bob"))
		if err := d.enable(t, ann, "ann"); err != nil {
			t.Fatal(err)
		}
		if got := must(ann.ListMFADevices(ctx, &iam.ListMFADevicesInput{}))(t).MFADevices; len(got) != 1 {
			t.Errorf("her own %+v", got)
		}
		if got := must(ann.GetMFADevice(ctx, &iam.GetMFADeviceInput{SerialNumber: &d.serial}))(t); *got.UserName != "ann" {
			t.Errorf("her own %+v", got)
		}
		must(ann.ListVirtualMFADevices(ctx, &iam.ListVirtualMFADevicesInput{}))(t)
		_, err := ann.DeleteVirtualMFADevice(ctx, &iam.DeleteVirtualMFADeviceInput{SerialNumber: &d.serial})
		denied("delete it", "DeleteVirtualMFADevice", d.serial, err)
		must(ann.DeactivateMFADevice(ctx, &iam.DeactivateMFADeviceInput{SerialNumber: &d.serial}))(t)

		w.Clock().Advance(time.Minute)
		if err := d.enable(t, c, "bob"); err != nil {
			t.Fatal(err)
		}
		_, err = ann.GetMFADevice(ctx, &iam.GetMFADeviceInput{SerialNumber: &d.serial})
		denied("look at bob's", "GetMFADevice", "user bob", err)

		// Eight devices at the most.
		for n := range 8 {
			if err := w.newDevice(t, c, fmt.Sprint("more", n)).enable(t, ann, "ann"); err != nil {
				t.Fatal(err)
			}
		}
		refused[*types.LimitExceededException](t, "a ninth", w.newDevice(t, c, "nine").enable(t, ann, "ann"), "Cannot exceed quota for MFADevicesPerUser: 8")
	})
}
