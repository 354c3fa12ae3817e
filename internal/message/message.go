package message

import (
	"context"
	"time"
)

// Medium is how a message travels (DeliveryMediumType).
type Medium string

// Media.
const (
	Email Medium = "EMAIL"
	SMS   Medium = "SMS"
)

// Message is one message to one person. Destination, Subject and Body are
// secret: they hold addresses, codes and passwords.
type Message struct {
	ID          string // UUID
	Account     string
	Region      string
	Pool        string
	Medium      Medium
	Destination string // e-mail address or E.164 number
	Subject     string // empty for text messages
	Body        string // HTML for e-mails
	CreatedAt   time.Time
}

// Outbox takes messages. Put joins the transaction of ctx.
type Outbox interface {
	Put(ctx context.Context, m Message) error
}

// Delivery says where something was sent, as replies show it
// (CodeDeliveryDetailsType).
type Delivery struct {
	Destination string // masked
	Medium      Medium
	Attribute   string // email or phone_number
}
