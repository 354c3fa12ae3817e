package message

import (
	"context"
	"errors"
	"io/fs"
	"net/mail"
	"slices"
	"strings"
	"time"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
	"github.com/cenote-id/cenote/internal/trigger"
	"github.com/cenote-id/cenote/internal/userpool"
)

// Pools finds user pools; *userpool.Service is one.
type Pools interface {
	// Find returns the pool of that id, whoever owns it.
	Find(ctx context.Context, id string) (*userpool.Pool, error)
}

// errGone is the failure of messages that nobody wants sent any more.
var errGone = &Failure{Reason: "the user pool is gone", Final: true}

func find(ctx context.Context, pools Pools, id string) (*userpool.Pool, error) {
	p, err := pools.Find(ctx, id)
	if err == nil {
		return p, nil
	}
	if _, refused := awsapi.AsError(err); refused || errors.Is(err, fs.ErrNotExist) {
		return nil, errGone
	}
	return nil, &Failure{Reason: "the user pool cannot be read", Cause: err}
}

// Mail is an e-mail as it goes out.
type Mail struct {
	ID      string // the same for each attempt
	Date    time.Time
	From    mail.Address
	ReplyTo string // an address; empty for none
	To      string // an address
	Subject string
	HTML    string
	Text    string // the same without markup
}

// Mailer takes e-mails.
type Mailer interface {
	SendMail(ctx context.Context, m Mail) error
}

// EmailCarrier is the route of e-mails. From is the sender of all that come
// from pools which name none, or one that is not Allowed: an address, or a
// domain for all its addresses.
type EmailCarrier struct {
	Pools   Pools
	Mailer  Mailer
	From    mail.Address
	Allowed []string
}

// Carry implements Carrier.
func (c *EmailCarrier) Carry(ctx context.Context, m Message) error {
	p, err := find(ctx, c.Pools, m.Pool)
	if err != nil {
		return err
	}
	out := Mail{
		ID: m.ID, Date: m.CreatedAt, From: c.sender(p), To: m.Destination, Subject: m.Subject, HTML: m.Body, Text: Plain(m.Body),
	}
	if e := p.Description.EmailConfiguration; e != nil {
		if reply, err := mail.ParseAddress(awsapi.Value(e.ReplyToEmailAddress)); err == nil {
			out.ReplyTo = reply.Address
		}
	}
	return c.Mailer.SendMail(ctx, out)
}

// sender is who an e-mail of a pool is from. A pool names an address of its
// own in From, or by the SES identity of SourceArn.
func (c *EmailCarrier) sender(p *userpool.Pool) mail.Address {
	e := awsapi.Value(p.Description.EmailConfiguration)
	if awsapi.Value(e.EmailSendingAccount) != cognitoidp.EmailSendingAccountTypeDeveloper {
		return c.From
	}
	named := awsapi.Value(e.From)
	if named == "" {
		_, named, _ = strings.Cut(awsapi.Value(e.SourceArn), ":identity/")
	}
	from, err := mail.ParseAddress(named)
	if err != nil || !c.allows(from.Address) {
		return c.From
	}
	return *from
}

func (c *EmailCarrier) allows(address string) bool {
	_, domain, _ := strings.Cut(address, "@")
	return strings.EqualFold(c.From.Address, address) || slices.ContainsFunc(c.Allowed, func(a string) bool {
		return strings.EqualFold(a, address) || strings.EqualFold(a, domain)
	})
}

// Texter takes text messages.
type Texter interface {
	SendText(ctx context.Context, m Message) error
}

// SMSCarrier is the route of text messages.
type SMSCarrier struct {
	Pools  Pools
	Texter Texter
}

// Carry implements Carrier.
func (c *SMSCarrier) Carry(ctx context.Context, m Message) error {
	if _, err := find(ctx, c.Pools, m.Pool); err != nil {
		return err
	}
	return c.Texter.SendText(ctx, m)
}

// FunctionCarrier is the route of messages that functions of pools send.
type FunctionCarrier struct {
	Pools    Pools
	Triggers *trigger.Service
}

// errNoFunction is the failure of a message for a function that the pool does
// not name any more. It goes out no other way.
var errNoFunction = &Failure{Reason: "the user pool names no function to send it any more", Final: true}

// Carry implements Carrier.
func (c *FunctionCarrier) Carry(ctx context.Context, m Message) error {
	p, err := find(ctx, c.Pools, m.Pool)
	if err != nil {
		return err
	}
	if m.Event == nil {
		return &Failure{Reason: "the event is gone", Final: true}
	}
	e := m.Event
	about := trigger.About{Pool: p, Client: e.Client, Username: e.Username, SDK: e.SDK}
	in := trigger.Sending{Occasion: e.Occasion, Code: e.Code, Attributes: e.Attributes, ClientMetadata: e.Metadata}
	send := c.Triggers.CustomEmailSender
	if m.Medium == SMS {
		send = c.Triggers.CustomSMSSender
	}
	switch sent, err := send(ctx, about, in); {
	case err != nil:
		return functionFailure(err)
	case !sent:
		return errNoFunction
	}
	return nil
}

// functionFailure leaves out what the function itself said: it knows the code.
func functionFailure(err error) *Failure {
	f := &Failure{Reason: "the function could not be asked", Cause: err}
	if e, ok := awsapi.AsError(err); ok {
		f.Reason = e.Shape.Name
		if cause := errors.Unwrap(e); cause != nil {
			f.Detail = Scrub(cause.Error())
		}
	}
	return f
}
