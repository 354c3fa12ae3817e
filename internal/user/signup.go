package user

import (
	"context"
	"errors"
	"io/fs"
	"strings"

	"github.com/cenote-id/cenote/internal/message"
	"github.com/cenote-id/cenote/internal/secretbox"
	"github.com/cenote-id/cenote/internal/trigger"
	"github.com/cenote-id/cenote/internal/userpool"
)

// NewSignUp is what a person who signs up brings along. The client has proven
// its secret.
type NewSignUp struct {
	Username   string
	Password   string // may be empty where users can begin to sign in without one
	Attributes []Attribute
	Validation Metadata // ValidationData
	Metadata   Metadata
}

// SignUp makes an unconfirmed user and sends the code that confirms it to the
// address that the pool verifies; the delivery is nil if there is none. A
// function of the pool may refuse the user, confirm it, and count its addresses
// as proven.
//
// That a username is taken is told whatever the client says about hiding
// users, as on the real service: a person must be able to choose another.
func (s *Service) SignUp(ctx context.Context, p *userpool.Pool, c *userpool.Client, in NewSignUp) (*User, *message.Delivery, error) {
	if p.AdminsCreateUsers() {
		return nil, nil, errSignUpClosed
	}
	u := s.newUser(p, in.Username, Unconfirmed)
	attrs, err := signUpProfile(p, c, in.Attributes)
	if err != nil {
		return nil, nil, err
	}
	if u.Attributes, err = s.nameUser(p, u, in.Username, attrs); err != nil {
		return nil, nil, err
	}
	if err := p.CheckNewUser(u.Attributes.values()); err != nil {
		return nil, nil, err
	}
	o := occasion{pool: p, user: u, client: c.ID, metadata: in.Metadata}
	proven, err := s.preSignUp(ctx, o, in.Validation)
	if err != nil {
		return nil, nil, err
	}
	attribute := ""
	if u.Status == Unconfirmed {
		attribute = toVerify(p, u.Attributes)
	}
	if err := s.checkDelivery(ctx, p, attribute); err != nil {
		return nil, nil, err
	}
	// Where people need no password to sign in they need none to sign up.
	if in.Password != "" || !passwordless(p) {
		if u.Credential, err = s.NewCredential(ctx, p, u, in.Password); err != nil {
			return nil, nil, err
		}
	}
	var code codeMessage
	if attribute != "" {
		if code, err = s.prepareCode(ctx, o, trigger.ForSignUp, ForSignUp, attribute); err != nil {
			return nil, nil, err
		}
	}
	var sent *message.Delivery
	err = s.tx(ctx, func(ctx context.Context) error {
		if err := s.insert(ctx, p, u, proven, ErrExists); err != nil || attribute == "" {
			return err
		}
		var err error
		sent, err = s.sendCode(ctx, code)
		return err
	})
	if errors.Is(err, fs.ErrExist) {
		err = s.clash(ctx, p, u, ErrExists)
	}
	if err == nil && u.Status == Confirmed {
		err = s.confirmed(ctx, o, trigger.PostConfirmationConfirmSignUp)
	}
	if err != nil {
		return nil, nil, err
	}
	return u, sent, nil
}

// preSignUp asks the pool's function about a user who signs up, and does to
// the user what it says. proven reports whether an address counts as proven by
// it: such an address is an alias at once, and taken from whoever had it.
func (s *Service) preSignUp(ctx context.Context, o occasion, validation Metadata) (proven bool, err error) {
	reply, err := s.admitNew(ctx, o, trigger.PreSignUpSignUp, validation)
	if err != nil {
		return false, err
	}
	u := o.user
	for _, a := range []struct {
		address string
		verify  bool
	}{{attrEmail, reply.AutoVerifyEmail}, {attrPhone, reply.AutoVerifyPhone}} {
		switch {
		case u.Attributes.Value(a.address) == "" && a.verify:
			return false, errNothingToVerify[a.address]
		case a.verify:
			u.Attributes = u.Attributes.With(VerifiedFlag(a.address), "true")
			proven = true
		case u.Attributes.Value(a.address) != "":
			u.Attributes = u.Attributes.With(VerifiedFlag(a.address), "false")
		}
	}
	if reply.AutoConfirm {
		u.Status = Confirmed
	}
	return proven, nil
}

// newUser makes a user without a profile.
func (s *Service) newUser(p *userpool.Pool, username string, status Status) *User {
	now, sub := s.now(), secretbox.UUID()
	if p.UsesUsernameAttributes() {
		username = sub
	}
	return &User{
		Pool: p.ID, Region: p.Region, Sub: sub, Username: username, Status: status, Enabled: true,
		CreatedAt: now, ModifiedAt: now,
	}
}

// nameUser checks the name that a new user chose, and returns its profile
// with the attribute that the name stands for.
func (s *Service) nameUser(p *userpool.Pool, u *User, name string, attrs Attributes) (Attributes, error) {
	if !p.UsesUsernameAttributes() {
		return attrs, checkUsername(p, name)
	}
	attribute, err := usernameAttribute(p, name)
	if err != nil {
		return nil, err
	}
	return withUsername(attrs, attribute, name)
}

// insert adds a new user, if its names are free or may be taken, in ctx's
// transaction. A name that is somebody's may come back as fs.ErrExist, which
// clash explains once the transaction is over.
//
// Where a name can only be a username, or only an alias, the store's own
// constraints tell whether it is free. Looking first would cost a read, and on
// a database that runs transactions side by side a conflict with every other
// sign-up whose name is near.
func (s *Service) insert(ctx context.Context, p *userpool.Pool, u *User, force bool, exists error) error {
	aliases := Aliases(p, u.Attributes)
	if mixesNames(p) || looksLikeSub(u.Username) && u.Username != u.Sub {
		err := s.claim(ctx, p, u, namesOf(p, u, aliases), force, heldError(p, exists))
		if err != nil {
			return err
		}
	}
	return s.users.InsertUser(ctx, u, Key(p, u.Username), without(aliases, nil))
}

// clash says which name it was that somebody had when u was inserted.
func (s *Service) clash(ctx context.Context, p *userpool.Pool, u *User, exists error) error {
	err := s.claim(ctx, p, u, namesOf(p, u, Aliases(p, u.Attributes)), false, heldError(p, exists))
	if err == nil {
		err = exists // whoever had it is gone again
	}
	return err
}

// namesOf lists what must be u's alone: username and aliases.
func namesOf(p *userpool.Pool, u *User, aliases []Alias) []Alias {
	return append([]Alias{{Key: Key(p, u.Username)}}, aliases...)
}

// mixesNames reports whether one user's alias can be spelt like another's
// username.
func mixesNames(p *userpool.Pool) bool {
	return p.AliasIs(attrEmail) || p.AliasIs(attrPhone) || p.AliasIs(attrPreferredUsername)
}

// looksLikeSub reports whether a name could be somebody's sub.
func looksLikeSub(name string) bool {
	_, _, ok := Filter{Field: FieldSub, Value: strings.ToLower(name)}.SubRange()
	return ok
}

// heldError makes the error for a new user's name that is somebody's already.
// The empty attribute stands for the username.
func heldError(p *userpool.Pool, exists error) func(attribute string) error {
	return func(attribute string) error {
		switch {
		case attribute == "":
			return exists
		case p.UsernameIs(attribute):
			return errAttributeTaken(attribute)
		}
		return errAliasHeld(attribute)
	}
}
