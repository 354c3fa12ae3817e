package user

import (
	"context"

	"github.com/cenote-id/cenote/internal/message"
	"github.com/cenote-id/cenote/internal/trigger"
	"github.com/cenote-id/cenote/internal/userpool"
)

// Metadata is what a client says beside its request for the functions of the
// pool (ClientMetadata, ValidationData); nil for nothing.
type Metadata = map[string]string

// occasion is why a function is asked about a user.
type occasion struct {
	pool     *userpool.Pool
	user     *User
	client   string // id; empty for administrators
	metadata Metadata
}

func (o occasion) about() trigger.About {
	return trigger.About{Pool: o.pool, Client: o.client, Username: o.user.Username}
}

// EventAttributes returns the profile of u as functions get it: with its
// status, and in a pool with aliases those in force.
func EventAttributes(p *userpool.Pool, u *User) map[string]string {
	m := u.Profile().values()
	m["cognito:user_status"] = string(u.Status)
	for _, a := range []struct{ attribute, alias string }{
		{attrEmail, "cognito:email_alias"}, {attrPhone, "cognito:phone_number_alias"},
	} {
		if v := u.Attributes.Value(a.attribute); v != "" && p.AliasIs(a.attribute) && u.Attributes.True(VerifiedFlag(a.attribute)) {
			m[a.alias] = v
		}
	}
	return m
}

// admitNew asks the pool's function whether a user may come into being.
func (s *Service) admitNew(ctx context.Context, o occasion, why trigger.PreSignUpSource, validation Metadata) (trigger.PreSignUpReply, error) {
	return s.triggers.PreSignUp(ctx, o.about(), trigger.PreSignUp{
		Source: why, Attributes: o.user.Attributes.values(), ValidationData: validation, ClientMetadata: o.metadata,
	})
}

// confirmed tells the pool's function that a user has been confirmed. That is
// done: an error of the function is the caller's answer, and changes nothing.
func (s *Service) confirmed(ctx context.Context, o occasion, why trigger.PostConfirmationSource) error {
	return s.triggers.PostConfirmation(ctx, o.about(), trigger.PostConfirmation{
		Source: why, Attributes: EventAttributes(o.pool, o.user), ClientMetadata: o.metadata,
	})
}

// Told is a user whom a function is told about.
type Told struct {
	User     *User
	Metadata Metadata
}

// TellConfirmed tells the pool's function that a user has been confirmed by
// signing in.
func (s *Service) TellConfirmed(ctx context.Context, p *userpool.Pool, c *userpool.Client, t Told) error {
	return s.confirmed(ctx, occasion{p, t.User, c.ID, t.Metadata}, trigger.PostConfirmationConfirmSignUp)
}

// letter begins a message to the user.
func (o occasion) letter(why trigger.Occasion) message.Letter {
	return message.Letter{About: o.about(), Occasion: why, Attributes: EventAttributes(o.pool, o.user), Metadata: o.metadata}
}
