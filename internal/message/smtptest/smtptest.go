// Package smtptest is a mail server for tests: on loopback, with STARTTLS, TLS
// from the first byte or neither, with AUTH PLAIN and LOGIN, and with answers
// that a test can spoil. It keeps what it is given and sends nothing on.
package smtptest

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"mime"
	"mime/multipart"
	"net"
	"net/mail"
	"net/textproto"
	"strings"
	"sync"
	"testing"
	"time"
)

// Security is how the server encrypts.
type Security int

// Securities.
const (
	StartTLS Security = iota // offered, and required before anything else
	Implicit
	None
)

// Config says what the server is like. The zero value offers STARTTLS and
// takes mail from everybody.
type Config struct {
	Security Security
	User     string // that has to authenticate; empty for none
	Password string
	Auth     string // mechanisms offered, "PLAIN LOGIN" if empty
	NoTLS    bool   // does not offer STARTTLS although Security is StartTLS
	// Answer, unless nil, may replace the reply to a command, such as "MAIL
	// FROM:<a@b>" or, after the message, ".". An empty reply is the usual one.
	Answer func(command string) string
}

// Message is what the server was given.
type Message struct {
	From string // of the envelope
	To   []string
	Data []byte // with CRLF, without the dot at the end
}

// Parsed reads the header.
func (m Message) Parsed(t testing.TB) *mail.Message {
	t.Helper()
	p, err := mail.ReadMessage(bytes.NewReader(m.Data))
	if err != nil {
		t.Fatalf("%v in\n%s", err, m.Data)
	}
	return p
}

// Server is a running mail server. Its methods are safe for concurrent use.
type Server struct {
	Config
	Addr string // host:port
	CA   []byte // PEM certificate to trust

	listener net.Listener
	tls      *tls.Config
	arrived  chan struct{} // a signal at most

	mu       sync.Mutex
	conns    map[net.Conn]bool
	count    int
	messages []Message
}

// Start starts a server that stops with the test.
func Start(t testing.TB, c Config) *Server {
	t.Helper()
	s := &Server{Config: c, conns: map[net.Conn]bool{}, arrived: make(chan struct{}, 1)}
	var err error
	if s.CA, s.tls, err = certificate(); err != nil {
		t.Fatal(err)
	}
	if s.listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	s.Addr = s.listener.Addr().String()
	go s.accept()
	t.Cleanup(s.Stop)
	return s
}

// Stop ends the server and its connections.
func (s *Server) Stop() {
	_ = s.listener.Close()
	s.HangUp()
}

// HangUp closes all connections.
func (s *Server) HangUp() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.conns {
		_ = c.Close()
	}
}

// Connections tells how many there have been.
func (s *Server) Connections() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.count
}

// Messages returns what has arrived.
func (s *Server) Messages() []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Message(nil), s.messages...)
}

// waitFor is how long Wait waits at the most.
const waitFor = 20 * time.Second

// Wait returns the first n messages as soon as they are there.
func (s *Server) Wait(t testing.TB, n int) []Message {
	t.Helper()
	deadline := time.After(waitFor)
	for {
		if got := s.Messages(); len(got) >= n {
			return got
		}
		select {
		case <-s.arrived:
		case <-deadline:
			t.Fatalf("%d of %d messages arrived", len(s.Messages()), n)
		}
	}
}

func (s *Server) accept() {
	for {
		c, err := s.listener.Accept()
		if err != nil {
			return
		}
		s.mu.Lock()
		s.conns[c] = true
		s.count++
		s.mu.Unlock()
		go func() {
			s.serve(c)
			_ = c.Close()
			s.mu.Lock()
			defer s.mu.Unlock()
			delete(s.conns, c)
		}()
	}
}

// session is one connection.
type session struct {
	*Server
	conn      net.Conn
	text      *textproto.Conn
	encrypted bool
	known     bool
	message   Message
}

func (s *Server) serve(c net.Conn) {
	x := &session{Server: s, conn: c}
	if s.Security == Implicit {
		x.conn, x.encrypted = tls.Server(c, s.tls), true
	}
	x.text = textproto.NewConn(x.conn)
	x.reply("220 smtptest ready")
	for {
		line, err := x.text.ReadLine()
		if err != nil || !x.command(line) {
			return
		}
	}
}

func (x *session) reply(lines ...string) {
	for _, l := range lines {
		_ = x.text.PrintfLine("%s", l)
	}
}

// command answers one line and reports whether the session goes on.
func (x *session) command(line string) bool {
	if x.Answer != nil {
		if answer := x.Answer(line); answer != "" {
			x.reply(answer)
			return !strings.HasPrefix(answer, "421")
		}
	}
	verb, rest, _ := strings.Cut(line, " ")
	verb = strings.ToUpper(verb)
	open := (x.encrypted || x.Security == None) && (x.known || x.User == "")
	switch {
	case verb == "EHLO" || verb == "HELO":
		x.reply(x.capabilities()...)
	case verb == "STARTTLS" && x.Security == StartTLS && !x.NoTLS && !x.encrypted:
		x.reply("220 go ahead")
		x.conn, x.encrypted = tls.Server(x.conn, x.tls), true
		x.text = textproto.NewConn(x.conn)
	case verb == "AUTH" && (x.encrypted || x.Security == None):
		x.auth(rest)
	case verb == "NOOP", verb == "RSET":
		x.message = Message{}
		x.reply("250 2.0.0 ok")
	case verb == "QUIT":
		x.reply("221 bye")
		return false
	case !open:
		x.reply("530 5.7.0 not like this")
	case verb == "MAIL":
		x.message = Message{From: between(rest)}
		x.reply("250 2.1.0 ok")
	case verb == "RCPT":
		x.message.To = append(x.message.To, between(rest))
		x.reply("250 2.1.5 ok")
	case verb == "DATA":
		return x.data()
	default:
		x.reply("502 5.5.1 unknown")
	}
	return true
}

func (x *session) capabilities() []string {
	list := []string{"250-smtptest", "250-8BITMIME", "250-ENHANCEDSTATUSCODES"}
	if x.Security == StartTLS && !x.NoTLS && !x.encrypted {
		list = append(list, "250-STARTTLS")
	}
	if x.User != "" && (x.encrypted || x.Security == None) {
		mechanisms := x.Auth
		if mechanisms == "" {
			mechanisms = "PLAIN LOGIN"
		}
		list = append(list, "250-AUTH "+mechanisms)
	}
	return append(list, "250 SIZE 1000000")
}

func (x *session) auth(rest string) {
	mechanism, initial, _ := strings.Cut(rest, " ")
	ask := func(prompt string) string {
		x.reply("334 " + base64.StdEncoding.EncodeToString([]byte(prompt)))
		line, _ := x.text.ReadLine()
		plain, _ := base64.StdEncoding.DecodeString(line)
		return string(plain)
	}
	var user, password string
	switch strings.ToUpper(mechanism) {
	case "PLAIN":
		plain, _ := base64.StdEncoding.DecodeString(initial)
		if initial == "" {
			plain = []byte(ask(""))
		}
		if parts := strings.Split(string(plain), "\x00"); len(parts) == 3 {
			user, password = parts[1], parts[2]
		}
	case "LOGIN":
		user, password = ask("Username:"), ask("Password:")
	}
	if x.known = user == x.User && password == x.Password; x.known {
		x.reply("235 2.7.0 welcome")
		return
	}
	x.reply("535 5.7.8 who are you")
}

func (x *session) data() bool {
	x.reply("354 go ahead")
	var b bytes.Buffer
	lines := textproto.NewReader(x.text.R)
	for {
		line, err := lines.ReadLine()
		if err != nil {
			return false
		}
		if line == "." {
			break
		}
		fmt.Fprintf(&b, "%s\r\n", strings.TrimPrefix(line, "."))
	}
	x.message.Data = b.Bytes()
	if x.Answer != nil {
		if answer := x.Answer("."); answer != "" {
			x.reply(answer)
			return !strings.HasPrefix(answer, "421")
		}
	}
	x.mu.Lock()
	x.messages = append(x.messages, x.message)
	x.mu.Unlock()
	select {
	case x.arrived <- struct{}{}:
	default:
	}
	x.message = Message{}
	x.reply("250 2.0.0 taken")
	return true
}

// between returns what is between < and >.
func between(s string) string {
	_, s, _ = strings.Cut(s, "<")
	s, _, _ = strings.Cut(s, ">")
	return s
}

// certificate makes a certificate for loopback that is its own authority.
func certificate() ([]byte, *tls.Config, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	now := time.Now()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "smtptest"}, NotBefore: now.Add(-time.Hour), NotAfter: now.Add(24 * time.Hour),
		DNSNames: []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return nil, nil, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		&tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}, MinVersion: tls.VersionTLS12}, nil
}

// HTML returns the HTML part of a message, decoded.
func (m Message) HTML(t testing.TB) string { t.Helper(); return m.part(t, "text/html") }

// Text returns the plain part of a message, decoded.
func (m Message) Text(t testing.TB) string { t.Helper(); return m.part(t, "text/plain") }

func (m Message) part(t testing.TB, kind string) string {
	t.Helper()
	p := m.Parsed(t)
	kindOfAll, params, err := mime.ParseMediaType(p.Header.Get("Content-Type"))
	if err != nil || kindOfAll != "multipart/alternative" {
		t.Fatalf("content type %s, %v", p.Header.Get("Content-Type"), err)
	}
	reader := multipart.NewReader(p.Body, params["boundary"])
	for {
		part, err := reader.NextPart() // decodes quoted-printable
		if err != nil {
			t.Fatalf("no %s in\n%s: %v", kind, m.Data, err)
		}
		if strings.HasPrefix(part.Header.Get("Content-Type"), kind+";") {
			text, err := io.ReadAll(part)
			if err != nil {
				t.Fatal(err)
			}
			return strings.TrimRight(string(text), "\r\n")
		}
	}
}
