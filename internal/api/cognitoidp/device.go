package cognitoidp

import (
	"context"
	"encoding/base64"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
	"github.com/cenote-id/cenote/internal/token"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/userpool"
)

func (a *API) deviceHandlers() []awsapi.Handler {
	return []awsapi.Handler{
		cognitoidp.ConfirmDevice.Bind(a.ConfirmDevice),
		cognitoidp.ForgetDevice.Bind(a.ForgetDevice),
		cognitoidp.GetDevice.Bind(a.GetDevice),
		cognitoidp.ListDevices.Bind(a.ListDevices),
		cognitoidp.UpdateDeviceStatus.Bind(a.UpdateDeviceStatus),
	}
}

// Sentences that are UNCONFIRMED.
var (
	errNoAccessToken = cognitoidp.InvalidParameterException("Missing required parameter AccessToken")
	errNoVerifier    = cognitoidp.InvalidParameterException("Missing required parameter DeviceSecretVerifierConfig")
	errVerifierForm  = cognitoidp.InvalidParameterException("Invalid device secret verifier given.")
)

// signedIn is self for operations whose access token the API lets be absent.
func (a *API) signedIn(ctx context.Context) (self, error) {
	if token.AccessFrom(ctx) == nil {
		return self{}, errNoAccessToken
	}
	return a.self(ctx)
}

// ConfirmDevice keeps the device that the user of an access token has signed
// in on.
func (a *API) ConfirmDevice(ctx context.Context, in *cognitoidp.ConfirmDeviceRequest) (*cognitoidp.ConfirmDeviceResponse, error) {
	me, err := a.self(ctx)
	if err != nil {
		return nil, err
	}
	secret := awsapi.Value(in.DeviceSecretVerifierConfig)
	if awsapi.Value(secret.Salt) == "" || awsapi.Value(secret.PasswordVerifier) == "" {
		return nil, errNoVerifier
	}
	n := user.NewDevice{Key: *in.DeviceKey, Expected: me.token.DeviceKey, Name: awsapi.Value(in.DeviceName)}
	if ip := awsapi.RequestFrom(ctx).SourceIP; ip.IsValid() {
		n.Address = ip.String()
	}
	if n.Salt, err = base64.StdEncoding.DecodeString(*secret.Salt); err != nil {
		return nil, errVerifierForm
	}
	if n.Verifier, err = base64.StdEncoding.DecodeString(*secret.PasswordVerifier); err != nil {
		return nil, errVerifierForm
	}
	prompt, err := a.users.ConfirmDevice(ctx, me.pool, me.user.Sub, n)
	if err != nil {
		return nil, err
	}
	return &cognitoidp.ConfirmDeviceResponse{UserConfirmationNecessary: &prompt}, nil
}

// GetDevice prints a remembered device of the user of an access token.
func (a *API) GetDevice(ctx context.Context, in *cognitoidp.GetDeviceRequest) (*cognitoidp.GetDeviceResponse, error) {
	me, err := a.signedIn(ctx)
	if err != nil {
		return nil, err
	}
	d, err := a.users.RememberedDevice(ctx, me.pool, me.user.Sub, *in.DeviceKey)
	if err != nil {
		return nil, err
	}
	return &cognitoidp.GetDeviceResponse{Device: describeDevice(d, fullDevice(me.pool, me.user, d))}, nil
}

// ListDevices prints the remembered devices of the user of an access token.
func (a *API) ListDevices(ctx context.Context, in *cognitoidp.ListDevicesRequest) (*cognitoidp.ListDevicesResponse, error) {
	me, err := a.self(ctx)
	if err != nil {
		return nil, err
	}
	list := a.list(cognitoidp.ListDevices.Operation, me.pool.ID+"/"+me.user.Sub)
	devices, next, err := a.devicePage(ctx, list, me.pool, me.user, true, in.Limit, in.PaginationToken)
	if err != nil {
		return nil, err
	}
	out := &cognitoidp.ListDevicesResponse{Devices: []cognitoidp.DeviceType{}, PaginationToken: next}
	for _, d := range devices {
		out.Devices = append(out.Devices, *describeDevice(d, shortDevice(d)))
	}
	return out, nil
}

// devicePage returns a page of the devices of a user.
func (a *API) devicePage(ctx context.Context, list awsapi.PageTokens, p *userpool.Pool, u *user.User, remembered bool, limit *int64, page *string) ([]*user.Device, *string, error) {
	after, err := openPage(list, page)
	if err != nil {
		return nil, nil, err
	}
	size := pageSize(limit)
	devices, err := a.users.Devices(ctx, p, u.Sub, after, remembered, size+1)
	if err != nil {
		return nil, nil, err
	}
	return cutPage(list, devices, size, func(d *user.Device) string { return d.Key })
}

// UpdateDeviceStatus says whether a device of the user of an access token is
// remembered.
func (a *API) UpdateDeviceStatus(ctx context.Context, in *cognitoidp.UpdateDeviceStatusRequest) (*cognitoidp.UpdateDeviceStatusResponse, error) {
	me, err := a.self(ctx)
	if err != nil {
		return nil, err
	}
	if err := a.setRemembered(ctx, me.pool, me.user, *in.DeviceKey, in.DeviceRememberedStatus); err != nil {
		return nil, err
	}
	return &cognitoidp.UpdateDeviceStatusResponse{}, nil
}

// setRemembered changes nothing where no status is given, but the device must
// be one of the user's.
func (a *API) setRemembered(ctx context.Context, p *userpool.Pool, u *user.User, key string, status *cognitoidp.DeviceRememberedStatusType) error {
	if status == nil {
		_, err := a.users.Device(ctx, p, u.Sub, key)
		return err
	}
	return a.users.SetRemembered(ctx, p, u.Sub, key, *status == cognitoidp.DeviceRememberedStatusTypeRemembered)
}

// ForgetDevice removes a device of the user of an access token.
func (a *API) ForgetDevice(ctx context.Context, in *cognitoidp.ForgetDeviceRequest) (*awsapi.None, error) {
	me, err := a.signedIn(ctx)
	if err != nil {
		return nil, err
	}
	return nil, a.users.ForgetDevice(ctx, me.pool, me.user.Sub, *in.DeviceKey)
}
