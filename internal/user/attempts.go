package user

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"time"

	"github.com/cenote-id/cenote/internal/audit"
	"github.com/cenote-id/cenote/internal/userpool"
)

// Action is something that is counted.
type Action string

// Actions that one user may do only so often.
const (
	ActionConfirmSignUp Action = "ConfirmSignUp"
	ActionResendCode    Action = "ResendConfirmationCode"

	ActionForgotPassword        Action = "ForgotPassword"
	ActionConfirmForgotPassword Action = "ConfirmForgotPassword"
	ActionChangePassword        Action = "ChangePassword"
	ActionSendAttributeCode     Action = "GetUserAttributeVerificationCode"
	ActionVerifyAttribute       Action = "VerifyUserAttribute"
	ActionSignInCode            Action = "SignInCode"   // messages
	ActionSignInAnswer          Action = "SignInAnswer" // to codes that alone let somebody in

	actionUpdateAddress Action = "UpdateUserAttributes"
	actionSignIn        Action = "SignIn" // of users who do not exist; the others' failures are in their row
)

// hourly are the calls per user and hour (Amazon Cognito developer guide,
// "Quotas"). Of the two for forgotten passwords it only says that they are
// between 5 and 20, depending on the risk.
var hourly = map[Action]int{
	ActionConfirmSignUp: 15,
	ActionResendCode:    5,

	ActionForgotPassword:        5,
	ActionConfirmForgotPassword: 15,
	ActionChangePassword:        5,
	ActionSendAttributeCode:     5,
	ActionVerifyAttribute:       15,
	ActionSignInCode:            20,
	ActionSignInAnswer:          60,
	actionUpdateAddress:         15, // ours
}

// Attempts counts what was done under a name.
type Attempts struct {
	Count int
	At    time.Time // of the first in the hour, or of the newest failed sign-in
}

// AttemptStore keeps counts until they expire. LoadAttempts answers the zero
// value for what was never counted.
type AttemptStore interface {
	LoadAttempts(ctx context.Context, pool, subject string, a Action) (Attempts, error)
	SaveAttempts(ctx context.Context, pool, region, subject string, a Action, n Attempts, expires time.Time) error
}

// Allow counts one more of an action by the user that a name means, or by the
// name itself where it means nobody: a cap that only real users meet would
// tell who is real. It answers ErrLimit. The count stays whatever becomes of
// the action, so it must not run in the action's transaction.
func (s *Service) Allow(ctx context.Context, p *userpool.Pool, name string, u *User, a Action) error {
	subject, now, over := s.subject(p, name, u), s.now(), false
	err := s.tx(ctx, func(ctx context.Context) error {
		audit.Skip(ctx)
		n, err := s.attempts.LoadAttempts(ctx, p.ID, subject, a)
		if err != nil {
			return err
		}
		if now.Sub(n.At) >= time.Hour {
			n = Attempts{At: now}
		}
		if over = n.Count >= hourly[a]; over {
			return nil
		}
		n.Count++
		return s.attempts.SaveAttempts(ctx, p.ID, p.Region, subject, a, n, n.At.Add(time.Hour))
	})
	if err == nil && over {
		return ErrLimit
	}
	return err
}

// subject names who is counted. Names that mean nobody are hashed: they may
// be anything, a password typed into the wrong field included.
func (s *Service) subject(p *userpool.Pool, name string, u *User) string {
	if u != nil {
		return u.Sub
	}
	return "?" + hex.EncodeToString(s.unknown("names of unknown users", p, name)[:16])
}

// unknown derives 32 bytes that belong to a name that means nobody.
func (s *Service) unknown(purpose string, p *userpool.Pool, name string) []byte {
	mac := hmac.New(sha256.New, s.unknownKey())
	mac.Write([]byte(purpose + "\x00" + p.ID + "\x00" + Key(p, name)))
	return mac.Sum(nil)
}
