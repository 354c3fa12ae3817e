package app

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/errgroup"

	"github.com/cenote-id/cenote/internal/config"
	"github.com/cenote-id/cenote/internal/message"
	"github.com/cenote-id/cenote/internal/message/smshook"
	"github.com/cenote-id/cenote/internal/message/smtp"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/trigger"
	"github.com/cenote-id/cenote/internal/trigger/outbound"
)

// post writes messages and sends them.
type post struct {
	desk     *message.Desk
	couriers []*message.Courier
	mailer   *smtp.Mailer // nil without --smtp
}

// newPost makes the desk where messages are written. The couriers come later:
// they need what is built on it.
func newPost(c *Config, db *store.DB, triggers *trigger.Service) *post {
	handling := func(sender string) message.Handling {
		switch {
		case sender != "":
			return message.Send
		case c.Mode == config.Dev || c.Settings.OutboxOnly:
			return message.Keep
		}
		return message.Refuse
	}
	p := &post{}
	p.desk = message.NewDesk(message.Config{
		Outbox: db.Outbox(), Triggers: triggers, PublicURL: c.Settings.PublicURL, Now: c.Now,
		Email: handling(c.Settings.SMTP), SMS: handling(c.Settings.SMSWebhook),
		AfterCommit: store.AfterCommit, Wake: p.wake,
	})
	return p
}

func (p *post) wake() {
	for _, c := range p.couriers {
		c.Wake()
	}
}

// open makes a courier for each route that somebody can take.
func (p *post) open(c *Config, db *store.DB, pools message.Pools, triggers *trigger.Service, m *metrics) error {
	carriers := map[message.Route]message.Carrier{message.ByFunction: &message.FunctionCarrier{Pools: pools, Triggers: triggers}}
	if c.Settings.SMTP != "" {
		var err error
		if p.mailer, err = newMailer(c); err != nil {
			return err
		}
		from, err := c.Settings.Sender()
		if err != nil {
			return err
		}
		carriers[message.ByEmail] = &message.EmailCarrier{Pools: pools, Mailer: p.mailer, From: from, Allowed: c.Settings.EmailDomains}
	}
	if c.Settings.SMSWebhook != "" {
		hook, err := newSMSHook(c)
		if err != nil {
			return err
		}
		carriers[message.BySMS] = &message.SMSCarrier{Pools: pools, Texter: hook}
	}
	for route, carrier := range carriers {
		p.couriers = append(p.couriers, message.NewCourier(message.CourierConfig{
			Route: route, Carrier: carrier, Queue: db.Outbox(), Now: c.Now, Log: c.Log, Observe: m.sent, Poll: c.PollOutbox,
		}))
		m.backlog(route, db.Outbox(), c.Now)
	}
	return nil
}

// run sends until ctx ends, and for a little longer.
func (p *post) run(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	for _, c := range p.couriers {
		group.Go(func() error { return c.Run(ctx) })
	}
	err := group.Wait()
	if p.mailer != nil {
		p.mailer.Close()
	}
	return err
}

// securities are the schemes of --smtp.
var securities = map[string]smtp.Security{
	config.SMTPStartTLS: smtp.StartTLS, config.SMTPImplicit: smtp.Implicit, config.SMTPPlain: smtp.None,
}

func newMailer(c *Config) (*smtp.Mailer, error) {
	server, err := c.Settings.MailServer()
	if err != nil {
		return nil, err
	}
	password, err := c.Settings.ReadSMTPPassword()
	if err != nil {
		return nil, err
	}
	roots, err := peerRoots(&c.Settings)
	if err != nil {
		return nil, err
	}
	return smtp.New(smtp.Config{
		Host: server.Host, Port: server.Port, Security: securities[server.Scheme], Roots: roots,
		Username: server.User, Password: password, Hello: c.Settings.Host(), Now: c.Now,
	})
}

func newSMSHook(c *Config) (*smshook.Hook, error) {
	secret, err := c.Settings.ReadSMSSecret()
	if err != nil {
		return nil, err
	}
	roots, err := peerRoots(&c.Settings)
	if err != nil {
		return nil, err
	}
	return smshook.New(smshook.Config{URL: c.Settings.SMSWebhook, Client: outbound.New(roots), Secret: secret, Now: c.Now}), nil
}

// sent counts an attempt to send a message.
func (m *metrics) sent(r message.Route, o message.Outcome) {
	m.messages.WithLabelValues(string(r), string(o)).Inc()
}

// backlogTimeout bounds what a scrape of the metrics asks the store.
const backlogTimeout = time.Second

// backlog shows what waits on a route: how many messages, and how long the
// oldest one has.
func (m *metrics) backlog(r message.Route, q message.Queue, now func() time.Time) {
	ask := func(show func(message.Backlog) float64) func() float64 {
		return func() float64 {
			ctx, cancel := context.WithTimeout(context.Background(), backlogTimeout)
			defer cancel()
			b, err := q.Backlog(ctx, r)
			if err != nil {
				return -1
			}
			return show(b)
		}
	}
	labels := prometheus.Labels{"route": string(r)}
	m.registry.MustRegister(
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "cenote_outbox_waiting", Help: "Messages that wait to be sent; -1 if the store does not answer.", ConstLabels: labels,
		}, ask(func(b message.Backlog) float64 { return float64(b.Waiting) })),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "cenote_outbox_oldest_seconds", Help: "Age of the oldest message that waits to be sent.", ConstLabels: labels,
		}, ask(func(b message.Backlog) float64 {
			if b.Waiting == 0 {
				return 0
			}
			return now().Sub(b.Oldest).Seconds()
		})),
	)
}
