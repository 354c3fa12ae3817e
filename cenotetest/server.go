package cenotetest

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cenote-id/cenote/internal/app"
	"github.com/cenote-id/cenote/internal/config"
	"github.com/cenote-id/cenote/internal/userpool"
)

// Server is a running Cenote. Unless they say otherwise, methods may be called
// from any goroutine; those that fail the test only from the test's own.
type Server struct {
	tb         testing.TB
	url        string
	authority  []byte
	client     *http.Client
	clock      *Clock
	deployment *app.Deployment
	keys       *keys
	stop       func()
}

// Defaults of what options change.
const (
	defaultAccount = "123456789012"
	defaultRegion  = "us-east-1"
)

// masterKey is that of all test servers, so that several can share a database.
// Data keys are made by each database for itself.
var masterKey = strings.Repeat("7e57", 16)

// pollOutbox is how often a server looks for messages to send: soon after the
// clock was moved.
const pollOutbox = 50 * time.Millisecond

// stopTimeout is how long open calls may take when a test ends.
const stopTimeout = 5 * time.Second

// New starts a server that stops when the test ends. It fails the test if that
// is not possible.
func New(tb testing.TB, opts ...Option) *Server {
	tb.Helper()
	o := options{
		mode: config.Dev, account: defaultAccount, clock: &Clock{},
		settings: config.Server{Region: defaultRegion, IssuerMode: string(userpool.IssuerPath), OutboxOnly: true},
	}
	for _, opt := range opts {
		opt(&o)
	}
	s, err := start(tb, &o)
	if err != nil {
		tb.Fatalf("cenotetest: %v", err)
	}
	return s
}

// start opens the listeners first, because a deployment has to know its URL.
func start(tb testing.TB, o *options) (_ *Server, err error) {
	ctx := tb.Context()
	listeners, err := listen(ctx)
	if err != nil {
		return nil, err
	}
	serving := false
	defer func() {
		if !serving {
			closeAll(listeners)
		}
	}()
	s := &Server{tb: tb, clock: o.clock, keys: &keys{stock: stock()}}
	transport := &http.Transport{}
	s.client = &http.Client{Transport: transport}
	server := &http.Server{ReadHeaderTimeout: time.Minute}
	scheme := "http"
	if o.tls {
		scheme = "https"
		var certificate tls.Certificate
		if s.authority, certificate, err = newAuthority(); err != nil {
			return nil, err
		}
		server.TLSConfig = &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12}
		roots := x509.NewCertPool()
		roots.AppendCertsFromPEM(s.authority)
		transport.TLSClientConfig = &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}
		transport.ForceAttemptHTTP2 = true
	}
	s.url = scheme + "://localhost:" + port(listeners[0])
	c, err := o.config(tb, s)
	if err != nil {
		return nil, err
	}
	if s.deployment, err = app.New(ctx, c); err != nil {
		return nil, err
	}
	server.Handler = s.deployment.Handler()
	server.ErrorLog = slog.NewLogLogger(c.Log.Handler(), slog.LevelDebug)
	// The test's own context ends before its clean-up functions run, and they
	// may still want something from the server.
	background, stop := context.WithCancel(context.WithoutCancel(ctx))
	ended := make(chan error, len(listeners)+1)
	go func() { ended <- s.deployment.Run(background) }()
	for _, l := range listeners {
		go func() { ended <- serve(server, l, o.tls) }()
	}
	serving = true
	s.stop = sync.OnceFunc(func() {
		s.client.CloseIdleConnections()
		deadline, cancel := context.WithTimeout(background, stopTimeout)
		defer cancel()
		errs := []error{server.Shutdown(deadline)}
		stop()
		for range cap(ended) {
			errs = append(errs, <-ended)
		}
		errs = append(errs, s.deployment.Close())
		if c.Settings.Data == config.InMemory {
			s.keys.giveBack(s.keys.held())
		}
		if err := errors.Join(errs...); err != nil {
			tb.Errorf("cenotetest: stop: %v", err)
		}
	})
	tb.Cleanup(s.stop)
	return s, s.deployment.AwaitReady(ctx)
}

// config completes the settings.
func (o *options) config(tb testing.TB, s *Server) (app.Config, error) {
	if o.settings.Data == "" && o.settings.Database == "" {
		o.settings.Data = config.InMemory
	}
	if o.settings.Data != config.InMemory {
		o.settings.MasterKey = masterKey
	}
	if o.settings.PublicURL == "" {
		o.settings.PublicURL = s.url
	}
	if o.log == nil {
		o.log = slog.New(slog.NewTextHandler(tb.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}))
	}
	for _, f := range o.functions {
		o.settings.Trigger = append(o.settings.Trigger, f.serve(tb))
	}
	for _, f := range []struct {
		setting *string
		content []byte
	}{
		{&o.settings.PeerCAFile, o.peerCAs}, {&o.settings.SMTPPasswordFile, []byte(o.smtpPass)}, {&o.settings.SMSSecretFile, []byte(o.smsKey)},
	} {
		if len(f.content) == 0 {
			continue
		}
		*f.setting = filepath.Join(tb.TempDir(), "setting")
		if err := os.WriteFile(*f.setting, f.content, 0o600); err != nil {
			return app.Config{}, err
		}
	}
	if err := o.settings.CheckMessages(o.mode); err != nil {
		return app.Config{}, err
	}
	return app.Config{
		Mode: o.mode, Settings: o.settings, DevAccount: o.account, Version: "cenotetest",
		Now: s.clock.Now, Log: o.log, Strict: true, SpareKeys: s.keys, PollOutbox: pollOutbox,
	}, nil
}

func serve(s *http.Server, l net.Listener, encrypted bool) error {
	var err error
	if encrypted {
		err = s.ServeTLS(l, "", "")
	} else {
		err = s.Serve(l)
	}
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

func closeAll(listeners []net.Listener) {
	for _, l := range listeners {
		_ = l.Close()
	}
}

// URL returns where the server listens, such as http://localhost:41297: the
// endpoint of all four services, and what the issuers of its tokens start
// with.
func (s *Server) URL() string { return s.url }

// Client returns an HTTP client that trusts the server's certificate.
func (s *Server) Client() *http.Client { return s.client }

// CA returns the certificate of the authority that the server's certificate is
// from, in PEM form; nil without TLS.
func (s *Server) CA() []byte { return s.authority }

// Clock returns the server's clock.
func (s *Server) Clock() *Clock { return s.clock }

// Stop ends the server before the test ends: for tests of what others do
// without it, or to start another one on the same data.
func (s *Server) Stop() { s.stop() }

// Credentials are an account and an access key of its root user.
type Credentials struct {
	AccountID       string // twelve digits
	AccessKeyID     string
	SecretAccessKey string
}

// CreateAccount makes an account with a random number and an access key for
// its root user.
func (s *Server) CreateAccount(name string) Credentials {
	s.tb.Helper()
	a, err := s.deployment.CreateAccount(s.tb.Context(), name, "")
	if err != nil {
		s.tb.Fatalf("cenotetest: create account %s: %v", name, err)
	}
	return Credentials{AccountID: a.ID, AccessKeyID: a.AccessKeyID, SecretAccessKey: a.SecretAccessKey}
}

// Reset empties the server: accounts, pools, users, messages, everything but
// the time. It is how tests share a server one after the other; the keys of
// accounts that CreateAccount made are gone with them.
func (s *Server) Reset() {
	s.tb.Helper()
	before := s.keys.held()
	if err := s.deployment.Reset(s.tb.Context()); err != nil {
		s.tb.Fatalf("cenotetest: reset: %v", err)
	}
	s.keys.giveBack(before)
}
