package message

import (
	"context"
	"time"

	"github.com/cenote-id/cenote/internal/trigger"
)

// Medium is how a message travels (DeliveryMediumType).
type Medium string

// Media.
const (
	Email Medium = "EMAIL"
	SMS   Medium = "SMS"
)

// Route is who takes a message to its reader.
type Route string

// Routes. Those of the operator's senders are named for the media.
const (
	ByEmail    Route = Route(Email)
	BySMS      Route = Route(SMS)
	ByFunction Route = "FUNCTION" // of the pool: CustomEmailSender, CustomSMSSender
)

// Message is one message to one person. Destination, Subject, Body and Event
// are secret: they hold addresses, codes and passwords.
type Message struct {
	ID          string // UUID; stays the same however often the message is sent
	Account     string
	Region      string
	Pool        string
	Medium      Medium
	Route       Route
	Destination string // e-mail address or E.164 number
	Subject     string // empty for text messages and for functions
	Body        string // HTML for e-mails; empty for functions
	Event       *Event // for functions alone
	Keep        bool   // nobody sends it: it lies in the outbox to be read there
	CreatedAt   time.Time
	ExpiresAt   time.Time // of what it carries; it is not sent after that
}

// Event is what a function is told that sends a message of its own.
type Event struct {
	Occasion   trigger.Occasion
	Code       string // or temporary password
	Client     string // id; empty for administrators
	SDK        string // of the client, as events name it
	Username   string
	Attributes map[string]string
	Metadata   map[string]string // ClientMetadata
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
