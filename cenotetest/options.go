package cenotetest

import (
	"log/slog"
	"time"

	"github.com/cenote-id/cenote/internal/config"
	"github.com/cenote-id/cenote/internal/userpool"
)

// Option changes how a server is made.
type Option func(*options)

type options struct {
	mode      config.Mode
	settings  config.Server
	account   string
	tls       bool
	peerCAs   []byte
	smtpPass  string
	smsKey    string
	clock     *Clock
	functions []function
	log       *slog.Logger
}

// Production makes a server that knows only access keys that it issued, as
// `cenote serve` does. Server.CreateAccount makes the first ones.
func Production() Option { return func(o *options) { o.mode = config.Serve } }

// TLS makes the server speak HTTPS, with a certificate for localhost by an
// authority of its own: see Server.CA. Server.Client trusts it.
func TLS() Option { return func(o *options) { o.tls = true } }

// Database keeps the data in a PostgreSQL database, which must be empty or
// hold the data of another such server. Servers may share one database: they
// are nodes of one deployment.
func Database(url string) Option { return func(o *options) { o.settings.Database = url } }

// Data keeps the data in a directory, for tests that start a server again. One
// server can have it open at a time.
func Data(dir string) Option { return func(o *options) { o.settings.Data = dir } }

// At makes the clock stand still at a time until the test moves it. Without
// it, the clock goes with real time.
func At(t time.Time) Option {
	return func(o *options) { o.clock = &Clock{still: true, at: t.UTC()} }
}

// Region sets the region of calls that name none; it is us-east-1 otherwise.
func Region(name string) Option { return func(o *options) { o.settings.Region = name } }

// Account sets the account that unknown access keys belong to; it is
// 123456789012 otherwise.
func Account(id string) Option { return func(o *options) { o.account = id } }

// PublicURL sets what the issuers of tokens start with; it is Server.URL
// otherwise. The server listens at Server.URL in any case.
func PublicURL(url string) Option { return func(o *options) { o.settings.PublicURL = url } }

// AWSIssuers writes the issuers of tokens as AWS does,
// https://cognito-idp.<region>.amazonaws.com/<pool id>, for verifiers that
// accept no other form. Keys are still published at Server.URL.
func AWSIssuers() Option {
	return func(o *options) { o.settings.IssuerMode = string(userpool.IssuerAWS) }
}

// Peer lets identity pools trust user pools of another deployment at a URL.
// The name is a region, for all its user pools of that region, or an issuer.
func Peer(name, url string) Option {
	return func(o *options) { o.settings.Peer = append(o.settings.Peer, name+"="+url) }
}

// LoginProvider says where a public login provider is reached, such as a
// stand-in for graph.facebook.com.
func LoginProvider(name, url string) Option {
	return func(o *options) { o.settings.LoginProvider = append(o.settings.LoginProvider, name+"="+url) }
}

// GuestActions lets roles allow guests of identity pools actions of services
// that AWS does not know.
func GuestActions(actions ...string) Option {
	return func(o *options) { o.settings.GuestAction = append(o.settings.GuestAction, actions...) }
}

// PeerCA adds certificates, in PEM form, that peers may have theirs from:
// Server.CA of the other one.
func PeerCA(pem []byte) Option {
	return func(o *options) { o.peerCAs = append(o.peerCAs, pem...) }
}

// MailServer sends e-mails to a server in place of the outbox: smtp://HOST:PORT
// (STARTTLS), smtps://HOST:PORT, or smtp+plain://localhost:PORT, with the name
// of a user before the host where the server wants a password. Certificates are
// checked against those of PeerCA. from is the address that e-mails are from.
func MailServer(url, from, password string) Option {
	return func(o *options) { o.settings.SMTP, o.settings.EmailFrom, o.smtpPass = url, from, password }
}

// SMSWebhook sends text messages to a URL in place of the outbox, signed with a
// secret of at least sixteen bytes.
func SMSWebhook(url, secret string) Option {
	return func(o *options) { o.settings.SMSWebhook, o.smsKey = url, secret }
}

// OnlySenders makes the server refuse messages that it has no sender for, as
// `cenote serve` does, in place of keeping them in the outbox.
func OnlySenders() Option { return func(o *options) { o.settings.OutboxOnly = false } }

// Log sends the server's log somewhere. Without it, the test's output shows
// warnings and errors.
func Log(l *slog.Logger) Option { return func(o *options) { o.log = l } }
