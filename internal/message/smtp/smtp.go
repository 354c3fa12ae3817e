// Package smtp hands e-mails to the operator's mail server. Connections are
// encrypted, by STARTTLS or from the first byte, and are used again; only a
// server on this very machine may be spoken to in clear.
package smtp

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"sync"
	"time"

	gomail "github.com/wneessen/go-mail"
	client "github.com/wneessen/go-mail/smtp"

	"github.com/cenote-id/cenote/internal/message"
)

// Security is how connections are encrypted.
type Security int

// Securities.
const (
	StartTLS Security = iota // required: without it nothing is sent
	Implicit                 // TLS from the first byte
	None
)

// Config says where the server is. Host, Port, Hello and Now are required.
type Config struct {
	Host     string
	Port     int
	Security Security
	Roots    *x509.CertPool // nil for the system's
	Username string         // empty for no authentication
	Password string
	Hello    string // the name that this machine says it has
	Now      func() time.Time
}

// Bounds of connections.
const (
	timeout  = 20 * time.Second // of one message, or of a new connection
	maxIdle  = 4                // connections kept open
	idleTime = 30 * time.Second // after which a connection is not used again
)

// Mailer sends e-mails. It is safe for concurrent use.
type Mailer struct {
	client *gomail.Client
	now    func() time.Time

	mu   sync.Mutex
	idle []idle // the one used last at the end
}

// idle is a connection that waits for another message.
type idle struct {
	conn  *client.Client
	since time.Time
}

var _ message.Mailer = (*Mailer)(nil)

// New returns a Mailer. It opens no connection.
func New(c Config) (*Mailer, error) {
	options := []gomail.Option{
		gomail.WithPort(c.Port), gomail.WithTimeout(timeout), gomail.WithHELO(c.Hello),
		gomail.WithTLSConfig(&tls.Config{ServerName: c.Host, RootCAs: c.Roots, MinVersion: tls.VersionTLS12}),
	}
	switch c.Security {
	case StartTLS:
		options = append(options, gomail.WithTLSPolicy(gomail.TLSMandatory))
	case Implicit:
		options = append(options, gomail.WithSSL())
	case None:
		options = append(options, gomail.WithTLSPolicy(gomail.NoTLS))
	}
	if c.Username != "" {
		options = append(options, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover), gomail.WithUsername(c.Username), gomail.WithPassword(c.Password))
	}
	mailer, err := gomail.NewClient(c.Host, options...)
	if err != nil {
		return nil, err
	}
	return &Mailer{client: mailer, now: c.Now}, nil
}

// SendMail implements message.Mailer. It may outlast ctx by one timeout.
func (s *Mailer) SendMail(ctx context.Context, m message.Mail) error {
	msg, err := s.compose(m)
	if err != nil {
		return err
	}
	if c := s.take(); c != nil {
		err := s.client.SendWithSMTPClient(c, msg)
		if !stale(err) {
			return s.done(c, msg, err)
		}
		_ = c.Close() // the server has hung up meanwhile
	}
	c, err := s.client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		return failure("connect", err)
	}
	return s.done(c, msg, s.client.SendWithSMTPClient(c, msg))
}

// stale reports whether a connection had gone before anything was sent on it.
func stale(err error) bool {
	e, ok := errors.AsType[*gomail.SendError](err)
	return ok && e.Reason == gomail.ErrConnCheck
}

// done keeps a connection for the next message, or closes it.
func (s *Mailer) done(c *client.Client, msg *gomail.Msg, err error) error {
	if err == nil {
		s.keep(c)
		return nil
	}
	_ = c.Close()
	if msg.IsDelivered() {
		return nil // taken; only what came after it went wrong
	}
	return failure("send", err)
}

// take returns the connection that was used last; nil if there is none.
func (s *Mailer) take() *client.Client {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.idle) > 0 {
		last := s.idle[len(s.idle)-1]
		s.idle = s.idle[:len(s.idle)-1]
		if s.now().Sub(last.since) < idleTime {
			return last.conn
		}
		_ = last.conn.Close()
	}
	return nil
}

func (s *Mailer) keep(c *client.Client) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.idle) >= maxIdle {
		_ = s.idle[0].conn.Close()
		s.idle = s.idle[1:]
	}
	s.idle = append(s.idle, idle{c, s.now()})
}

// Close closes the connections that wait for another message.
func (s *Mailer) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, i := range s.idle {
		_ = i.conn.Quit()
		_ = i.conn.Close()
	}
	s.idle = nil
	return nil
}
