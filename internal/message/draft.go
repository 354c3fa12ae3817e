package message

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"time"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
	"github.com/cenote-id/cenote/internal/secretbox"
	"github.com/cenote-id/cenote/internal/trigger"
	"github.com/cenote-id/cenote/internal/userpool"
)

// Handling is what becomes of the messages of a medium for which the pool
// names no function.
type Handling int

// Handlings.
const (
	Keep   Handling = iota // they stay in the outbox, to be read there
	Send                   // the operator's sender takes them
	Refuse                 // there is no sender: who asks for a message is told
)

// LinkPath is where the page is that confirms a sign-up.
const LinkPath = "/confirmUser"

// Config is what a Desk works with. Outbox and Now are required.
type Config struct {
	Outbox Outbox
	// Triggers asks the functions of pools. With nil there are none to ask, and
	// a pool that names one is denied what it would decide.
	Triggers   *trigger.Service
	Email, SMS Handling
	PublicURL  string // where LinkPath is
	Now        func() time.Time
	// AfterCommit runs a function once the transaction of its context is
	// committed, and Wake wakes those who send. Both or neither.
	AfterCommit func(context.Context, func())
	Wake        func()
}

// Desk writes messages. It is safe for concurrent use.
type Desk struct{ Config }

// NewDesk returns a Desk.
func NewDesk(c Config) *Desk { return &Desk{c} }

// Letter is what a message is about.
type Letter struct {
	About      trigger.About
	Occasion   trigger.Occasion
	Attributes map[string]string // of the user, as functions get them
	Metadata   map[string]string // ClientMetadata
	Username   string            // that the reader signs in with; for invitations
	Life       time.Duration     // of what the message carries
}

// Draft is a message that lacks its code. It needs no transaction and does no
// I/O any more.
type Draft struct {
	desk   *Desk
	letter Letter
	own    trigger.CustomText
}

// senderOf names the function that may send the messages of a medium.
func senderOf(m Medium) userpool.Trigger {
	if m == SMS {
		return userpool.CustomSMSSender
	}
	return userpool.CustomEmailSender
}

// Check refuses messages that could not be sent: nobody must wait for a code
// that never comes.
func (d *Desk) Check(ctx context.Context, p *userpool.Pool, m Medium) error {
	if t := senderOf(m); trigger.Names(p, t) {
		return d.Triggers.Reachable(p, t)
	}
	if d.handling(m) != Refuse {
		return nil
	}
	return undeliverable(ctx, m)
}

func (d *Desk) handling(m Medium) Handling {
	if m == SMS {
		return d.SMS
	}
	return d.Email
}

// Sentences for messages without a sender. The one for text messages is
// UNCONFIRMED.
const (
	textNoEmail = "Invalid email provided/Unable to send the email"
	textNoSMS   = "Unable to send the SMS"
)

// undeliverable is CodeDeliveryFailureException where the API says that the
// operation answers so, and what it has in place of that elsewhere.
func undeliverable(ctx context.Context, m Medium) error {
	cause := fmt.Errorf("the operator has set no sender for %s", m)
	text := textNoEmail
	if m == SMS {
		text = textNoSMS
	}
	op := awsapi.RequestFrom(ctx).Operation
	refusal := cognitoidp.CodeDeliveryFailureException
	switch {
	case op == nil || slices.Contains(op.Errors, "CodeDeliveryFailureException"):
	case m == SMS:
		refusal = cognitoidp.InvalidSmsRoleAccessPolicyException
	default:
		refusal = cognitoidp.InvalidEmailRoleAccessPolicyException
	}
	return refusal("%s", text).WithCause(cause)
}

// Draft begins a message that goes out by some of the media. It asks the
// function of the pool that words messages, so it must not run in a
// transaction. A pool whose functions send the messages words them there, and
// is not asked; that AWS does the same is UNCONFIRMED.
func (d *Desk) Draft(ctx context.Context, l Letter, media ...Medium) (*Draft, error) {
	if l.About.SDK == "" {
		l.About.SDK = trigger.SDK(ctx)
	}
	draft := &Draft{desk: d, letter: l}
	if !slices.ContainsFunc(media, func(m Medium) bool { return !trigger.Names(l.About.Pool, senderOf(m)) }) {
		return draft, nil
	}
	var err error
	draft.own, err = d.Triggers.CustomMessage(ctx, l.About, trigger.CustomMessage{
		Occasion: l.Occasion, Attributes: l.Attributes, ClientMetadata: l.Metadata,
	})
	return draft, err
}

// template returns what the message says by a medium.
func (d *Draft) template(m Medium) template {
	p := d.letter.About.Pool
	switch d.letter.Occasion {
	case trigger.ForAdminCreateUser:
		return invitation(p, d.own, m)
	case trigger.ForAuthentication:
		return authentication(p, d.own, m)
	}
	return verification(p, d.own, m, trigger.ByLink(p, d.letter.Occasion))
}

// ByLink reports whether the message carries a link in place of a code that
// people type. A function may word a message with a code where the pool says
// link.
func (d *Draft) ByLink(m Medium) bool {
	return m == Email && trigger.ByLink(d.letter.About.Pool, d.letter.Occasion) && !d.byFunction(m) && d.template(m).hasLink()
}

func (d *Draft) byFunction(m Medium) bool { return trigger.Names(d.letter.About.Pool, senderOf(m)) }

// Message completes the draft. code is the code, the secret of the link or the
// temporary password.
func (d *Draft) Message(m Medium, to, code string) Message {
	l, now := d.letter, d.desk.Now()
	p := l.About.Pool
	out := Message{
		ID: secretbox.UUID(), Account: p.Account, Region: p.Region, Pool: p.ID, Medium: m, Destination: to,
		CreatedAt: now, ExpiresAt: now.Add(l.Life),
	}
	if d.byFunction(m) {
		out.Route = ByFunction
		out.Event = &Event{
			Occasion: l.Occasion, Code: code, Client: l.About.Client, SDK: l.About.SDK, Username: l.About.Username,
			Attributes: l.Attributes, Metadata: l.Metadata,
		}
		return out
	}
	out.Route, out.Keep = Route(m), d.desk.handling(m) == Keep
	v := values{code: code, username: l.Username}
	if d.ByLink(m) {
		v.link = d.desk.link(l.About, code)
	}
	text := d.template(m).fill(m, v)
	out.Subject, out.Body = text.Subject, text.Body
	return out
}

// link is the URL of the page that confirms a sign-up. Its parameters have the
// names of those of the service.
func (d *Desk) link(a trigger.About, secret string) string {
	q := url.Values{"client_id": {a.Client}, "user_name": {a.Username}, "confirmation_code": {secret}}
	return d.PublicURL + LinkPath + "?" + q.Encode()
}

// Put hands messages to those who send them once the transaction of ctx is
// committed.
func (d *Desk) Put(ctx context.Context, messages ...Message) error {
	for _, m := range messages {
		if err := d.Outbox.Put(ctx, m); err != nil {
			return err
		}
	}
	if d.Wake != nil && slices.ContainsFunc(messages, func(m Message) bool { return !m.Keep }) {
		d.AfterCommit(ctx, d.Wake)
	}
	return nil
}
