package user

import (
	"context"
	"errors"
	"io/fs"
	"slices"

	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
	"github.com/cenote-id/cenote/internal/message"
	"github.com/cenote-id/cenote/internal/password"
	"github.com/cenote-id/cenote/internal/trigger"
	"github.com/cenote-id/cenote/internal/userpool"
)

// NewByAdmin is a user as an administrator wants it.
type NewByAdmin struct {
	Username          string
	Attributes        []Attribute
	TemporaryPassword string // drawn at random if empty
	ForceAlias        bool   // take aliases from whoever has them
	Suppress          bool   // send no invitation
	Media             []message.Medium
	Validation        Metadata // ValidationData
	Metadata          Metadata
}

// Create makes a user with a temporary password and sends it to them. Required
// attributes may be missing: the user is asked for them at the first sign-in.
func (s *Service) Create(ctx context.Context, p *userpool.Pool, in NewByAdmin) (*User, error) {
	u := s.newUser(p, in.Username, ForceChangePassword)
	attrs, err := adminProfile(p, in.Attributes)
	if err != nil {
		return nil, err
	}
	if attrs.Has(attrSub) {
		return nil, p.CheckMutable([]string{attrSub})
	}
	if attrs, err = s.nameUser(p, u, in.Username, attrs.present()); err != nil {
		return nil, err
	}
	if u.Attributes, err = proofs(attrs); err != nil {
		return nil, err
	}
	o := occasion{pool: p, user: u, metadata: in.Metadata}
	// The function may refuse the user. What else it says is for sign-ups.
	if _, err := s.admitNew(ctx, o, trigger.PreSignUpAdminCreateUser, in.Validation); err != nil {
		return nil, err
	}
	plain, err := s.firstPassword(ctx, p, u, in.TemporaryPassword)
	if err != nil {
		return nil, err
	}
	invitations, err := s.invite(ctx, o, in, plain)
	if err != nil {
		return nil, err
	}
	err = s.tx(ctx, func(ctx context.Context) error {
		if err := s.insert(ctx, p, u, in.ForceAlias, errAccountExists); err != nil {
			return err
		}
		return s.messages.Put(ctx, invitations...)
	})
	if errors.Is(err, fs.ErrExist) {
		err = s.clash(ctx, p, u, errAccountExists)
	}
	if err != nil {
		return nil, err
	}
	return u, nil
}

// proofs refuses the proof of an address that is not there.
func proofs(attrs Attributes) (Attributes, error) {
	for _, address := range []string{attrEmail, attrPhone} {
		if attrs.Has(VerifiedFlag(address)) && !attrs.Has(address) {
			return nil, errNothingToVerify[address]
		}
	}
	return attrs, nil
}

// firstPassword gives u the password that it is invited with, and returns it.
// In a pool that also signs people in without a password, a user with a proven
// address needs none and is complete at once (seen on the service).
func (s *Service) firstPassword(ctx context.Context, p *userpool.Pool, u *User, plain string) (string, error) {
	if plain == "" {
		if passwordless(p) && (u.Attributes.True(attrEmailVerified) || u.Attributes.True(attrPhoneVerified)) {
			u.Status = Confirmed
			return "", nil
		}
		plain = password.PolicyOf(p.PasswordPolicy()).Temporary()
	}
	c, err := s.NewCredential(ctx, p, u, plain)
	u.Credential = c
	return plain, err
}

// passwordless reports whether users may begin to sign in with anything but a
// password.
func passwordless(p *userpool.Pool) bool {
	return slices.ContainsFunc(p.FirstFactors(), func(f cognitoidp.AuthFactorType) bool {
		return f != cognitoidp.AuthFactorTypePassword
	})
}

// invite writes the invitations of a user. The default medium is SMS, and
// where the user has no phone nothing is sent; a medium that was asked for by
// name needs its address.
func (s *Service) invite(ctx context.Context, o occasion, in NewByAdmin, plain string) ([]message.Message, error) {
	if in.Suppress || plain == "" {
		return nil, nil
	}
	p, u := o.pool, o.user
	media := in.Media
	if len(media) == 0 {
		media = []message.Medium{message.SMS}
	}
	address := func(m message.Medium) string {
		if m == message.Email {
			return u.Attributes.Value(attrEmail)
		}
		return u.Attributes.Value(attrPhone)
	}
	media = slices.DeleteFunc(slices.Clone(media), func(m message.Medium) bool { return address(m) == "" })
	if len(media) == 0 {
		if len(in.Media) > 0 {
			return nil, errNoAddress
		}
		return nil, nil
	}
	for _, m := range media {
		if err := s.messages.Check(ctx, p, m); err != nil {
			return nil, err
		}
	}
	l := o.letter(trigger.ForAdminCreateUser)
	l.Username, l.Life = in.Username, p.TemporaryPasswordLife()
	draft, err := s.messages.Draft(ctx, l, media...)
	if err != nil {
		return nil, err
	}
	var out []message.Message
	for _, m := range media {
		out = append(out, draft.Message(m, address(m), plain))
	}
	return out, nil
}

// errNoAddress is UNCONFIRMED.
var errNoAddress = cognitoidp.InvalidParameterException("User does not have a delivery address for the desired delivery medium.")

// Reinvite sends the invitation of a user again who has not followed it yet,
// with a new temporary password.
func (s *Service) Reinvite(ctx context.Context, p *userpool.Pool, in NewByAdmin) (*User, error) {
	u, err := s.Find(ctx, p, in.Username)
	if err != nil {
		return nil, err
	}
	if u.Status != ForceChangePassword {
		return nil, errNoResend(in.Username)
	}
	plain := in.TemporaryPassword
	if plain == "" {
		plain = password.PolicyOf(p.PasswordPolicy()).Temporary()
	}
	credential, err := s.NewCredential(ctx, p, u, plain)
	if err != nil {
		return nil, err
	}
	invitations, err := s.invite(ctx, occasion{pool: p, user: u, metadata: in.Metadata}, in, plain)
	if err != nil {
		return nil, err
	}
	err = s.change(ctx, p, u.Sub, func(ctx context.Context, current *User) error {
		if current.Status != ForceChangePassword {
			return errNoResend(in.Username)
		}
		current.Replace(p, credential)
		u = current
		return s.messages.Put(ctx, invitations...)
	})
	return u, err
}
