package credential

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/cenote-id/cenote/internal/awsapi"
)

// MFADevices checks codes of the devices that users have.
type MFADevices interface {
	// VerifyMFA reports whether code is the one that a device shows now, and
	// uses it up: a code counts once. The device is the user's own; userID is
	// empty for the root user. fs.ErrNotExist: the user has no such device.
	VerifyMFA(ctx context.Context, account, userID, serial, code string) (bool, error)
}

// checkMFA checks the code of one of the caller's own devices, where the
// request has one. It reports whether there was a code, and so a second
// factor: a wrong one fails the request.
func (s *Service) checkMFA(ctx context.Context, caller *awsapi.Caller, serial, code string) (bool, error) {
	switch {
	case serial == "" && code == "":
		return false, nil
	case serial == "" || code == "":
		return false, awsapi.AccessDenied.New("%s", msgMFAIncomplete)
	case s.cfg.MFA == nil || caller.Kind != awsapi.User && caller.Kind != awsapi.Root:
		return false, awsapi.AccessDenied.New("%s", msgMFAUnknown)
	}
	good, err := s.cfg.MFA.VerifyMFA(ctx, caller.Account, caller.EntityID, serial, code)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return false, awsapi.AccessDenied.New("%s", msgMFAUnknown)
	case err != nil:
		return false, fmt.Errorf("check code of MFA device: %w", err)
	case !good:
		return false, awsapi.AccessDenied.New("%s", msgMFAWrongCode)
	}
	return true, nil
}
