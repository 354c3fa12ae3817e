package credential

import (
	"context"

	"github.com/cenote-id/cenote/internal/account"
	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/sts"
)

// DecodeAuthorizationMessage opens what a denial told its owner. Only the
// account that was refused may read it; to all others it is no message.
func (s *Service) DecodeAuthorizationMessage(ctx context.Context, encoded string) (string, error) {
	owner, text, err := account.OpenDenial(s.cfg.Ring, encoded)
	if err != nil || owner != awsapi.RequestFrom(ctx).Caller.Account {
		return "", sts.InvalidAuthorizationMessageException("%s", msgBadMessage)
	}
	return text, nil
}
