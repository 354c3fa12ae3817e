package iam

import (
	"context"
	"fmt"
	"net/url"

	"rsc.io/qr"

	"github.com/cenote-id/cenote/internal/account"
	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/iam"
	"github.com/cenote-id/cenote/internal/otp"
)

func (a *API) mfaHandlers() []awsapi.Handler {
	return []awsapi.Handler{
		iam.CreateVirtualMFADevice.Bind(a.CreateVirtualMFADevice),
		iam.ListVirtualMFADevices.Bind(a.ListVirtualMFADevices),
		iam.DeleteVirtualMFADevice.Bind(a.DeleteVirtualMFADevice),
		iam.EnableMFADevice.Bind(a.EnableMFADevice),
		iam.ResyncMFADevice.Bind(a.ResyncMFADevice),
		iam.DeactivateMFADevice.Bind(a.DeactivateMFADevice),
		iam.GetMFADevice.Bind(a.GetMFADevice),
		iam.ListMFADevices.Bind(a.ListMFADevices),
		iam.TagMFADevice.Bind(a.TagMFADevice),
		iam.UntagMFADevice.Bind(a.UntagMFADevice),
		iam.ListMFADeviceTags.Bind(a.ListMFADeviceTags),
	}
}

// CreateVirtualMFADevice creates a device. Its seed is in this reply, as text
// and as a picture, and nowhere else.
func (a *API) CreateVirtualMFADevice(ctx context.Context, in *iam.CreateVirtualMFADeviceRequest) (*iam.CreateVirtualMFADeviceResponse, error) {
	d, err := a.accounts.CreateMFADevice(ctx, account.NewMFADevice{
		Account: owner(ctx), Name: awsapi.Value(in.VirtualMFADeviceName), Path: awsapi.Value(in.Path), Tags: readTags(in.Tags),
	})
	if err != nil {
		return nil, err
	}
	shown, err := a.accounts.Alias(ctx, d.Account)
	if err != nil {
		return nil, err
	}
	if shown == "" {
		shown = d.Account
	}
	seed := otp.Encode(d.Seed)
	// The text is that of the API reference, VirtualMFADevice.
	code, err := qr.Encode("otpauth://totp/"+url.PathEscape(d.Name+"@"+shown)+"?secret="+seed, qr.L)
	if err != nil {
		return nil, fmt.Errorf("draw seed of MFA device: %w", err)
	}
	return &iam.CreateVirtualMFADeviceResponse{VirtualMFADevice: &iam.VirtualMFADevice{
		SerialNumber: new(d.Serial()), Base32StringSeed: []byte(seed), QRCodePNG: code.PNG(), Tags: wireTags(d.Tags),
	}}, nil
}

// ListVirtualMFADevices lists devices with their users, without tags.
func (a *API) ListVirtualMFADevices(ctx context.Context, in *iam.ListVirtualMFADevicesRequest) (*iam.ListVirtualMFADevicesResponse, error) {
	status := awsapi.Value(in.AssignmentStatus)
	l, err := a.list(ctx, in.Marker, in.MaxItems, string(status))
	if err != nil {
		return nil, err
	}
	which := account.AnyDevice
	switch status {
	case iam.AssignmentStatusTypeAssigned:
		which = account.AssignedDevice
	case iam.AssignmentStatusTypeUnassigned:
		which = account.UnassignedDevice
	}
	devices, err := a.accounts.ListMFADevices(ctx, owner(ctx), l.page, which)
	if err != nil {
		return nil, err
	}
	out := &iam.ListVirtualMFADevicesResponse{VirtualMFADevices: []iam.VirtualMFADevice{}}
	for _, d := range devices.Items {
		device := iam.VirtualMFADevice{SerialNumber: new(d.Serial())}
		if d.UserID != "" {
			u, err := a.accounts.UserByID(ctx, d.Account, d.UserID)
			if err != nil {
				return nil, fmt.Errorf("user of MFA device: %w", err)
			}
			device.User, device.EnableDate = new(wireUser(u)), &d.EnabledAt
		}
		out.VirtualMFADevices = append(out.VirtualMFADevices, device)
	}
	out.IsTruncated, out.Marker, err = l.end(devices.Next)
	return out, err
}

// DeleteVirtualMFADevice deletes a device that nobody uses.
func (a *API) DeleteVirtualMFADevice(ctx context.Context, in *iam.DeleteVirtualMFADeviceRequest) (*awsapi.None, error) {
	return &awsapi.None{}, a.accounts.DeleteMFADevice(ctx, owner(ctx), awsapi.Value(in.SerialNumber))
}

// EnableMFADevice makes a device a user's.
func (a *API) EnableMFADevice(ctx context.Context, in *iam.EnableMFADeviceRequest) (*awsapi.None, error) {
	codes := account.TwoCodes{First: awsapi.Value(in.AuthenticationCode1), Second: awsapi.Value(in.AuthenticationCode2)}
	return &awsapi.None{}, a.accounts.EnableMFADevice(ctx, owner(ctx), awsapi.Value(in.UserName), awsapi.Value(in.SerialNumber), codes)
}

// ResyncMFADevice learns a device's clock anew.
func (a *API) ResyncMFADevice(ctx context.Context, in *iam.ResyncMFADeviceRequest) (*awsapi.None, error) {
	codes := account.TwoCodes{First: awsapi.Value(in.AuthenticationCode1), Second: awsapi.Value(in.AuthenticationCode2)}
	return &awsapi.None{}, a.accounts.ResyncMFADevice(ctx, owner(ctx), awsapi.Value(in.UserName), awsapi.Value(in.SerialNumber), codes)
}

// DeactivateMFADevice takes a device away from its user.
func (a *API) DeactivateMFADevice(ctx context.Context, in *iam.DeactivateMFADeviceRequest) (*awsapi.None, error) {
	name, err := a.namedUser(ctx, in.UserName)
	if err != nil {
		return nil, err
	}
	return &awsapi.None{}, a.accounts.DeactivateMFADevice(ctx, owner(ctx), name, awsapi.Value(in.SerialNumber))
}

// GetMFADevice tells whose a device is. A device that is nobody's is not
// found.
func (a *API) GetMFADevice(ctx context.Context, in *iam.GetMFADeviceRequest) (*iam.GetMFADeviceResponse, error) {
	d, u, err := a.accounts.UsedMFADevice(ctx, owner(ctx), awsapi.Value(in.SerialNumber), awsapi.Value(in.UserName))
	if err != nil {
		return nil, err
	}
	return &iam.GetMFADeviceResponse{UserName: &u.Name, SerialNumber: new(d.Serial()), EnableDate: &d.EnabledAt}, nil
}

// ListMFADevices lists the devices of a user.
func (a *API) ListMFADevices(ctx context.Context, in *iam.ListMFADevicesRequest) (*iam.ListMFADevicesResponse, error) {
	name, err := a.userName(ctx, in.UserName)
	if err != nil {
		return nil, err
	}
	l, err := a.list(ctx, in.Marker, in.MaxItems, name)
	if err != nil {
		return nil, err
	}
	all, err := a.accounts.MFADevicesOf(ctx, owner(ctx), name)
	if err != nil {
		return nil, err
	}
	devices := cut(l, all, func(d *account.MFADevice) string { return account.NameKey(d.Path + d.Name) })
	out := &iam.ListMFADevicesResponse{MFADevices: []iam.MFADevice{}}
	for _, d := range devices.Items {
		out.MFADevices = append(out.MFADevices, iam.MFADevice{UserName: &name, SerialNumber: new(d.Serial()), EnableDate: &d.EnabledAt})
	}
	out.IsTruncated, out.Marker, err = l.end(devices.Next)
	return out, err
}

// TagMFADevice adds tags to a device.
func (a *API) TagMFADevice(ctx context.Context, in *iam.TagMFADeviceRequest) (*awsapi.None, error) {
	return &awsapi.None{}, a.accounts.TagMFADevice(ctx, owner(ctx), awsapi.Value(in.SerialNumber), readTags(in.Tags))
}

// UntagMFADevice removes tags from a device.
func (a *API) UntagMFADevice(ctx context.Context, in *iam.UntagMFADeviceRequest) (*awsapi.None, error) {
	return &awsapi.None{}, a.accounts.UntagMFADevice(ctx, owner(ctx), awsapi.Value(in.SerialNumber), in.TagKeys)
}

// ListMFADeviceTags lists the tags of a device.
func (a *API) ListMFADeviceTags(ctx context.Context, in *iam.ListMFADeviceTagsRequest) (*iam.ListMFADeviceTagsResponse, error) {
	d, err := a.accounts.MFADevice(ctx, owner(ctx), awsapi.Value(in.SerialNumber))
	if err != nil {
		return nil, err
	}
	tags, truncated, marker, err := a.tagPage(ctx, d.Serial(), d.Tags, in.Marker, in.MaxItems)
	return &iam.ListMFADeviceTagsResponse{Tags: tags, IsTruncated: truncated, Marker: marker}, err
}
