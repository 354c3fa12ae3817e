package account

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"

	"github.com/cenote-id/cenote/internal/awsapi"
)

// Newcomers lets access keys in that the deployment never issued: dev mode's
// one difference. A key id of 12 digits is the root user of that account, any
// other the root user of the default account. The account is created when its
// root user first comes.
type Newcomers struct {
	Default   string // account id
	Directory Directory
	Service   *Service
	Log       *slog.Logger
}

// Caller is who signs with an unknown access key; it has the form of
// sigv4.Config.AcceptUnknownKeys.
func (n *Newcomers) Caller(accessKeyID string) (awsapi.Caller, bool) {
	id := n.Default
	if ValidID(accessKeyID) {
		id = accessKeyID
	}
	ctx := context.Background()
	if _, err := n.Directory.Account(ctx, id); errors.Is(err, fs.ErrNotExist) {
		// Whatever the account needs later ensures it again.
		if err := n.Service.EnsureAccount(ctx, id); err != nil {
			n.Log.Error("create account on first use", "account", id, "err", err)
		}
	}
	return RootCaller(id, accessKeyID), true
}
