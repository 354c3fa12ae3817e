package cognitoidp

import (
	"context"
	"errors"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/userpool"
)

func (a *API) adminDeviceHandlers() []awsapi.Handler {
	return []awsapi.Handler{
		cognitoidp.AdminForgetDevice.Bind(a.AdminForgetDevice),
		cognitoidp.AdminGetDevice.Bind(a.AdminGetDevice),
		cognitoidp.AdminListDevices.Bind(a.AdminListDevices),
		cognitoidp.AdminUpdateDeviceStatus.Bind(a.AdminUpdateDeviceStatus),
	}
}

// errNoDeviceOwner is UNCONFIRMED: two of the operations declare no
// UserNotFoundException.
var errNoDeviceOwner = cognitoidp.ResourceNotFoundException("User does not exist.")

// deviceOwner is person for the operations that have no UserNotFoundException.
func (a *API) deviceOwner(ctx context.Context, poolID, name *string) (*userpool.Pool, *user.User, error) {
	p, u, err := a.person(ctx, poolID, name)
	if errors.Is(err, user.ErrNotFound) {
		err = errNoDeviceOwner
	}
	return p, u, err
}

// AdminGetDevice prints a device of a user, remembered or not.
func (a *API) AdminGetDevice(ctx context.Context, in *cognitoidp.AdminGetDeviceRequest) (*cognitoidp.AdminGetDeviceResponse, error) {
	p, u, err := a.deviceOwner(ctx, in.UserPoolId, in.Username)
	if err != nil {
		return nil, err
	}
	d, err := a.users.Device(ctx, p, u.Sub, *in.DeviceKey)
	if err != nil {
		return nil, err
	}
	return &cognitoidp.AdminGetDeviceResponse{Device: describeDevice(d, fullDevice(p, u, d))}, nil
}

// AdminListDevices prints the devices of a user, remembered or not.
func (a *API) AdminListDevices(ctx context.Context, in *cognitoidp.AdminListDevicesRequest) (*cognitoidp.AdminListDevicesResponse, error) {
	p, u, err := a.deviceOwner(ctx, in.UserPoolId, in.Username)
	if err != nil {
		return nil, err
	}
	list := a.list(cognitoidp.AdminListDevices.Operation, p.ID+"/"+u.Sub)
	devices, next, err := a.devicePage(ctx, list, p, u, false, in.Limit, in.PaginationToken)
	if err != nil {
		return nil, err
	}
	out := &cognitoidp.AdminListDevicesResponse{Devices: []cognitoidp.DeviceType{}, PaginationToken: next}
	for _, d := range devices {
		out.Devices = append(out.Devices, *describeDevice(d, fullDevice(p, u, d)))
	}
	return out, nil
}

// AdminUpdateDeviceStatus says whether a device of a user is remembered.
func (a *API) AdminUpdateDeviceStatus(ctx context.Context, in *cognitoidp.AdminUpdateDeviceStatusRequest) (*cognitoidp.AdminUpdateDeviceStatusResponse, error) {
	p, u, err := a.person(ctx, in.UserPoolId, in.Username)
	if err != nil {
		return nil, err
	}
	if err := a.setRemembered(ctx, p, u, *in.DeviceKey, in.DeviceRememberedStatus); err != nil {
		return nil, err
	}
	return &cognitoidp.AdminUpdateDeviceStatusResponse{}, nil
}

// AdminForgetDevice removes a device of a user.
func (a *API) AdminForgetDevice(ctx context.Context, in *cognitoidp.AdminForgetDeviceRequest) (*awsapi.None, error) {
	p, u, err := a.person(ctx, in.UserPoolId, in.Username)
	if err != nil {
		return nil, err
	}
	return nil, a.users.ForgetDevice(ctx, p, u.Sub, *in.DeviceKey)
}
