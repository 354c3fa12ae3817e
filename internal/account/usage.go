package account

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/cenote-id/cenote/internal/awsapi"
)

// usageStep is how exactly a last use is known: another one is not written
// down before that.
const usageStep = 5 * time.Minute

// usageKept bounds what Usage remembers. When it is full it forgets all, which
// costs a few writes.
const usageKept = 65536

// Usage writes down when access keys and roles are used.
type Usage struct {
	Keys  Keys
	Roles RoleUses
	Now   func() time.Time
	Log   *slog.Logger

	mu    sync.Mutex // guards noted
	noted map[string]time.Time
}

// RoleUses keeps when and where roles were last used. The zero value stands
// for never.
type RoleUses interface {
	RoleUse(ctx context.Context, account, role string) (RoleUse, error)
	// NoteRoleUse records a use. Unlike everything else it does not belong to
	// a change of the account.
	NoteRoleUse(ctx context.Context, account, role string, u RoleUse) error
	ForgetRole(ctx context.Context, account, role string) error
}

// RoleUse is when and where a session of a role last signed a request.
type RoleUse struct {
	At     time.Time
	Region string
}

// Note records that a request was signed with a long-term access key. It is
// called after the signature has been verified. Other keys are ignored, and a
// failure to write is logged: it must not fail the request.
func (u *Usage) Note(ctx context.Context, accessKeyID, service, region string) {
	acct, ok := OfAccessKey(accessKeyID)
	if !ok || accessKeyID[:4] != accessKeyPrefix {
		return
	}
	at, due := u.due(accessKeyID)
	if !due {
		return
	}
	use := KeyUse{At: at, Service: service, Region: region}
	if err := u.Keys.NoteUse(apart(ctx), acct, accessKeyID, use); err != nil {
		u.Log.Error("note use of access key", "err", err)
	}
}

// NoteRole is Note for a session of a role.
func (u *Usage) NoteRole(ctx context.Context, account, role, region string) {
	at, due := u.due(role)
	if !due {
		return
	}
	if err := u.Roles.NoteRoleUse(apart(ctx), account, role, RoleUse{At: at, Region: region}); err != nil {
		u.Log.Error("note use of role", "err", err)
	}
}

// apart is the context of a write that is not what the request asks for: the
// request's audit record is of something else.
func apart(ctx context.Context) context.Context {
	return awsapi.WithRequest(context.WithoutCancel(ctx), &awsapi.Request{})
}

// due reports whether a use of something is to be written down, and when it
// was.
func (u *Usage) due(id string) (at time.Time, due bool) {
	now := u.Now().UTC()
	u.mu.Lock()
	defer u.mu.Unlock()
	if now.Sub(u.noted[id]) < usageStep {
		return now, false
	}
	if u.noted == nil || len(u.noted) >= usageKept {
		u.noted = map[string]time.Time{}
	}
	u.noted[id] = now
	return now.Truncate(time.Second), true
}
