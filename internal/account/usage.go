package account

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/cenote-id/cenote/internal/awsapi"
)

// usageStep is how exactly the last use of an access key is known: a use is
// not written down again before that.
const usageStep = 5 * time.Minute

// usageKept bounds what Usage remembers. When it is full it forgets all, which
// costs a few writes.
const usageKept = 65536

// Usage writes down when access keys are used.
type Usage struct {
	Keys Keys
	Now  func() time.Time
	Log  *slog.Logger

	mu    sync.Mutex // guards noted
	noted map[string]time.Time
}

// Note records that a request was signed with a long-term access key. It is
// called after the signature has been verified. Other keys are ignored, and a
// failure to write is logged: it must not fail the request.
func (u *Usage) Note(ctx context.Context, accessKeyID, service, region string) {
	acct, ok := OfAccessKey(accessKeyID)
	if !ok || accessKeyID[:4] != accessKeyPrefix {
		return
	}
	now := u.Now().UTC()
	u.mu.Lock()
	recent := now.Sub(u.noted[accessKeyID]) < usageStep
	if !recent {
		if u.noted == nil || len(u.noted) >= usageKept {
			u.noted = map[string]time.Time{}
		}
		u.noted[accessKeyID] = now
	}
	u.mu.Unlock()
	if recent {
		return
	}
	use := KeyUse{At: now.Truncate(time.Second), Service: service, Region: region}
	// The write is not what the request asks for: its audit record is of that.
	apart := awsapi.WithRequest(context.WithoutCancel(ctx), &awsapi.Request{})
	if err := u.Keys.NoteUse(apart, acct, accessKeyID, use); err != nil {
		u.Log.Error("note use of access key", "err", err)
	}
}
