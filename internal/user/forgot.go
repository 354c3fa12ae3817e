package user

import (
	"context"
	"errors"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
	"github.com/cenote-id/cenote/internal/message"
	"github.com/cenote-id/cenote/internal/secretbox"
	"github.com/cenote-id/cenote/internal/trigger"
	"github.com/cenote-id/cenote/internal/userpool"
)

// recoveryAttributes lists the addresses that a code for a new password may go
// to, the best one first. A pool that says nothing prefers the phone.
func recoveryAttributes(p *userpool.Pool) []string {
	var order []string
	for _, m := range p.RecoveryMechanisms() {
		switch awsapi.Value(m.Name) {
		case cognitoidp.RecoveryOptionNameTypeVerifiedEmail:
			order = append(order, attrEmail)
		case cognitoidp.RecoveryOptionNameTypeVerifiedPhoneNumber:
			order = append(order, attrPhone)
		}
	}
	if order == nil {
		return []string{attrPhone, attrEmail}
	}
	return order
}

// adminsRecover reports whether a pool leaves forgotten passwords to its
// administrators.
func adminsRecover(p *userpool.Pool) bool {
	for _, m := range p.RecoveryMechanisms() {
		if awsapi.Value(m.Name) == cognitoidp.RecoveryOptionNameTypeAdminOnly {
			return true
		}
	}
	return false
}

// recoveryAttribute returns the proven address of u that a code for a new
// password goes to; empty if there is none. Where the codes of u's only second
// factor go, no code for the first one goes: one mailbox would be both.
func recoveryAttribute(p *userpool.Pool, u *User) string {
	second := ""
	if factors, _ := ActiveFactors(p, u); len(factors) == 1 {
		second = factors[0].Address()
	}
	for _, a := range recoveryAttributes(p) {
		if a != second && u.Attributes.Value(a) != "" && u.Attributes.True(VerifiedFlag(a)) {
			return a
		}
	}
	return ""
}

// resettable refuses users whose password is not theirs to replace: they have
// a temporary one, or none here.
func resettable(u *User) error {
	switch {
	case !u.Enabled:
		return errDisabled
	case u.Status == ForceChangePassword, u.Status == ExternalProvider:
		return errNotResettable
	}
	return nil
}

// ForgotPassword sends a code that sets a new password. The password stays
// good until then.
//
// For a client that hides users every name gets a code: one that nobody is
// told, where there is nobody to send it to. So the answers to it do not tell
// who exists either.
func (s *Service) ForgotPassword(ctx context.Context, p *userpool.Pool, c *userpool.Client, username string, m Metadata) (*message.Delivery, error) {
	if adminsRecover(p) {
		return nil, errAdminResets
	}
	if err := s.checkAny(ctx, p, recoveryAttributes(p)); err != nil {
		return nil, err
	}
	u, err := s.lookUp(ctx, p, username, ActionForgotPassword)
	if errors.Is(err, ErrNotFound) {
		if u, err = s.Migrate(ctx, p, c, Migration{Username: username, Metadata: m}); c.HidesUsers() {
			if _, told := awsapi.AsError(err); told {
				err = ErrNotFound // known users never hear of a function that fails
			}
		}
	}
	switch {
	case errors.Is(err, ErrNotFound):
		err = ErrUnknownAtAll
	case err != nil:
		return nil, err
	case resettable(u) != nil:
		err = resettable(u)
	case recoveryAttribute(p, u) == "":
		err = errNoRecovery
	default:
		err = s.checkDelivery(ctx, p, recoveryAttribute(p, u))
	}
	if err == nil {
		return s.sendPasswordCode(ctx, occasion{p, u, c.ID, m}, nil)
	}
	if !c.HidesUsers() {
		return nil, err
	}
	told := s.imagineRecovery(p, username, u)
	if u == nil {
		u = s.nobody(p, username)
	}
	// What nobody can guess in six digits.
	code := s.newCode(u, ForPassword, told.Attribute, secretbox.UUID())
	return told, s.codes.PutCode(ctx, code)
}

// sendPasswordCode sends u a code for a new password. change, which may be
// nil, changes u in the same transaction.
func (s *Service) sendPasswordCode(ctx context.Context, o occasion, change func(*User) error) (*message.Delivery, error) {
	p, u := o.pool, o.user
	code, err := s.prepareCode(ctx, o, trigger.ForForgotPassword, ForPassword, recoveryAttribute(p, u))
	if err != nil {
		return nil, err
	}
	var sent *message.Delivery
	err = s.tx(ctx, func(ctx context.Context) error {
		var err error
		if change != nil {
			err = s.change(ctx, p, u.Sub, func(_ context.Context, current *User) error { return change(current) })
		}
		if err == nil {
			sent, err = s.sendCode(ctx, code)
		}
		return err
	})
	return sent, err
}

// nobody stands in for the user of a name that means nobody, where something
// is kept of that name for a while.
func (s *Service) nobody(p *userpool.Pool, name string) *User {
	return &User{Pool: p.ID, Region: p.Region, Sub: s.subject(p, name, nil)}
}

// imagineRecovery is imagine for a code that sets a new password.
func (s *Service) imagineRecovery(p *userpool.Pool, name string, u *User) *message.Delivery {
	if u != nil {
		if a := recoveryAttribute(p, u); a != "" {
			return delivery(a, u.Attributes.Value(a))
		}
	}
	attribute := recoveryAttributes(p)[0]
	if p.RecoveryMechanisms() == nil && !p.AutoVerifies(attrPhone) {
		attribute = attrEmail // few have a phone where nobody asks for one
	}
	return s.imagineAt(p, attribute, name)
}

// Reset is a person's answer to a code that sets a new password.
type Reset struct {
	Username string
	Code     string
	Password string
	Metadata Metadata
}

// ConfirmForgotPassword sets a new password by the code that was sent.
//
// The code is compared before anything else is looked at: whether a password
// was used before is the business of its owner alone.
func (s *Service) ConfirmForgotPassword(ctx context.Context, p *userpool.Pool, c *userpool.Client, in Reset) error {
	u, err := s.lookUp(ctx, p, in.Username, ActionConfirmForgotPassword)
	switch {
	case errors.Is(err, ErrNotFound) && c.HidesUsers():
		u = s.nobody(p, in.Username)
	case errors.Is(err, ErrNotFound):
		return ErrUnknownAtAll
	case err != nil:
		return err
	}
	if _, err := s.answer(ctx, u, ForPassword, in.Code); err != nil {
		return err
	}
	if err := confirmable(u); err != nil {
		return err
	}
	credential, err := s.NewCredential(ctx, p, u, in.Password)
	if err != nil {
		return err
	}
	var confirmed *User
	err = s.change(ctx, p, u.Sub, func(ctx context.Context, u *User) error {
		t, err := s.tryCode(ctx, u, ForPassword, in.Code)
		switch {
		case err != nil:
			return err
		case !t.right || !t.living:
			return ErrCodeExpired // spent, or replaced, by somebody who was faster
		}
		if err := confirmable(u); err != nil {
			return err
		}
		confirmed = u
		u.Replace(p, credential)
		u.Status = Confirmed
		return s.spend(ctx, t.code)
	})
	if err != nil {
		return err
	}
	return s.confirmed(ctx, occasion{p, confirmed, c.ID, in.Metadata}, trigger.PostConfirmationConfirmForgotPassword)
}

// confirmable is resettable for somebody who has the code. That a user who
// never confirmed their sign-up stays out is UNCONFIRMED: the error is in the
// model, and a pool may be waiting for an administrator's word.
func confirmable(u *User) error {
	if u.Status == Unconfirmed {
		return errNotConfirmed
	}
	return resettable(u)
}

// ResetPassword makes a user set a new password on an administrator's word,
// and sends the code for it.
func (s *Service) ResetPassword(ctx context.Context, p *userpool.Pool, username string, m Metadata) error {
	u, err := s.Find(ctx, p, username)
	switch {
	case err != nil:
		return err
	case !adminResettable(u.Status):
		return errNotResettable
	case recoveryAttribute(p, u) == "":
		return errNoRecovery
	}
	if err := s.checkDelivery(ctx, p, recoveryAttribute(p, u)); err != nil {
		return err
	}
	_, err = s.sendPasswordCode(ctx, occasion{pool: p, user: u, metadata: m}, func(u *User) error {
		if !adminResettable(u.Status) {
			return errNotResettable
		}
		u.Status = ResetRequired
		return nil
	})
	return err
}

func adminResettable(s Status) bool { return s == Confirmed || s == ResetRequired }
