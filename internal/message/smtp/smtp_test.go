package smtp_test

import (
	"crypto/x509"
	"errors"
	"mime"
	"net"
	"net/mail"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cenote-id/cenote/internal/message"
	"github.com/cenote-id/cenote/internal/message/smtp"
	"github.com/cenote-id/cenote/internal/message/smtptest"
)

// mailerFor makes a Mailer that knows the server's certificate.
func mailerFor(t *testing.T, s *smtptest.Server, change ...func(*smtp.Config)) *smtp.Mailer {
	t.Helper()
	host, port, err := net.SplitHostPort(s.Addr)
	if err != nil {
		t.Fatal(err)
	}
	n, err := strconv.Atoi(port)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(s.CA)
	c := smtp.Config{
		Host: host, Port: n, Security: smtp.Security(s.Security), Roots: roots, Username: s.User, Password: s.Password, Hello: "id.example.com", Now: time.Now,
	}
	for _, f := range change {
		f(&c)
	}
	m, err := smtp.New(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = m.Close() })
	return m
}

func letter() message.Mail {
	return message.Mail{
		ID: "7d0a", Date: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC), From: mail.Address{Name: "Cenote", Address: "id@example.com"},
		To: "tom@example.org", Subject: "Your code", HTML: "<p>It is <b>123456</b></p>", Text: "It is 123456",
	}
}

func TestWaysToConnect(t *testing.T) {
	for name, c := range map[string]smtptest.Config{
		"STARTTLS":            {},
		"STARTTLS with PLAIN": {User: "cenote", Password: "s3cret pass", Auth: "PLAIN"},
		"STARTTLS with LOGIN": {User: "cenote", Password: "s3cret pass", Auth: "LOGIN"},
		"implicit TLS":        {Security: smtptest.Implicit},
		"implicit with AUTH":  {Security: smtptest.Implicit, User: "cenote", Password: "s3cret pass"},
		"in clear":            {Security: smtptest.None},
	} {
		t.Run(name, func(t *testing.T) {
			s := smtptest.Start(t, c)
			if err := mailerFor(t, s).SendMail(t.Context(), letter()); err != nil {
				t.Fatal(err)
			}
			got := s.Messages()
			if len(got) != 1 || got[0].From != "id@example.com" || len(got[0].To) != 1 || got[0].To[0] != "tom@example.org" {
				t.Errorf("%+v", got)
			}
		})
	}
}

func TestNothingGoesOutInClear(t *testing.T) {
	for name, c := range map[string]struct {
		server smtptest.Config
		change func(*smtp.Config)
	}{
		"no STARTTLS":             {smtptest.Config{NoTLS: true}, func(*smtp.Config) {}},
		"a server without TLS":    {smtptest.Config{Security: smtptest.None}, func(c *smtp.Config) { c.Security = smtp.StartTLS }},
		"a certificate of others": {smtptest.Config{}, func(c *smtp.Config) { c.Roots = x509.NewCertPool() }},
		"a password in clear": {
			smtptest.Config{Security: smtptest.None, User: "cenote", Password: "s3cret"}, func(*smtp.Config) {},
		},
	} {
		t.Run(name, func(t *testing.T) {
			var said atomic.Pointer[string]
			c.server.Answer = func(command string) string {
				if verb, _, _ := strings.Cut(command, " "); verb == "MAIL" || verb == "AUTH" {
					said.Store(&command)
				}
				return ""
			}
			s := smtptest.Start(t, c.server)
			err := mailerFor(t, s, c.change).SendMail(t.Context(), letter())
			f, ok := errors.AsType[*message.Failure](err)
			if !ok || f.Final || !strings.HasPrefix(f.Reason, "connect") {
				t.Errorf("%v", err)
			}
			if said.Load() != nil {
				t.Errorf("the client said %s", *said.Load())
			}
		})
	}
}

func TestMessagesAreWellFormed(t *testing.T) {
	s := smtptest.Start(t, smtptest.Config{})
	m := letter()
	m.From.Name = "Zoë \"Z\" <x>\r\nBcc: all@example.com"
	m.ReplyTo = "help@example.com"
	m.Subject = "確認コード\r\nBcc: all@example.com"
	m.HTML = "<p>コードは = 123456</p>\r\n.\r\nRSET\n" + strings.Repeat("long ", 400)
	m.Text = "コードは = 123456\n.\n.."
	if err := mailerFor(t, s).SendMail(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	got := s.Messages()[0]
	p := got.Parsed(t)
	for _, header := range []string{"Bcc", "Cc"} {
		if v := p.Header.Get(header); v != "" {
			t.Errorf("%s: %s", header, v)
		}
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(p.Header.Get("Subject"))
	if err != nil || !strings.HasPrefix(subject, "確認コード") {
		t.Errorf("subject %q, %v", subject, err)
	}
	from, err := mail.ParseAddress(p.Header.Get("From"))
	if err != nil || from.Address != "id@example.com" || !strings.HasPrefix(from.Name, `Zoë "Z" <x>`) {
		t.Errorf("from %v, %v", from, err)
	}
	for header, want := range map[string]string{
		"To": "<tom@example.org>", "Reply-To": "<help@example.com>", "Message-Id": "<7d0a@example.com>", "Auto-Submitted": "auto-generated",
		"Date": "Sun, 22 Nov 2026 12:00:00 +0000", "Mime-Version": "1.0",
	} {
		if got := p.Header.Get(header); got != want {
			t.Errorf("%s: %s, want %s", header, got, want)
		}
	}
	if got := strings.ReplaceAll(got.HTML(t), "\r\n", "\n"); got != strings.TrimRight(strings.ReplaceAll(m.HTML, "\r\n", "\n"), "\n") {
		t.Errorf("HTML %q", got)
	}
	if got := strings.ReplaceAll(got.Text(t), "\r\n", "\n"); got != m.Text {
		t.Errorf("text %q", got)
	}
	for line := range strings.SplitSeq(string(got.Data), "\r\n") {
		if len(line) > 998 || strings.ContainsFunc(line, func(r rune) bool { return r > 126 || r < ' ' && r != '\t' }) {
			t.Errorf("line %q", line)
		}
	}
}

func TestAddressesAreNothingElse(t *testing.T) {
	s := smtptest.Start(t, smtptest.Config{})
	m := mailerFor(t, s)
	for _, to := range []string{
		"", "tom", "tom@example.org, all@example.com", "Tom <tom@example.org>", "tom@example.org\r\nRCPT TO:<all@example.com>", "<tom@example.org>", "tom@example.org ",
	} {
		l := letter()
		l.To = to
		if f, ok := errors.AsType[*message.Failure](m.SendMail(t.Context(), l)); !ok || !f.Final {
			t.Errorf("%q: %v", to, f)
		}
	}
	if got := s.Messages(); len(got) > 0 {
		t.Errorf("sent %v", got)
	}
}

func TestConnectionsAreUsedAgain(t *testing.T) {
	s := smtptest.Start(t, smtptest.Config{User: "cenote", Password: "s3cret"})
	var ahead atomic.Int64
	m := mailerFor(t, s, func(c *smtp.Config) { c.Now = func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) } })
	send := func(connections int) {
		t.Helper()
		if err := m.SendMail(t.Context(), letter()); err != nil {
			t.Fatal(err)
		}
		if n := s.Connections(); n != connections {
			t.Errorf("%d connections, want %d", n, connections)
		}
	}
	send(1)
	send(1)
	s.HangUp() // as servers do with those who say nothing
	send(2)
	ahead.Store(int64(time.Minute))
	send(3)
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	send(4)
	if n := len(s.Messages()); n != 5 {
		t.Errorf("%d messages", n)
	}
}

func TestRefusals(t *testing.T) {
	for name, c := range map[string]struct {
		command, answer string
		reason, detail  string
		final           bool
	}{
		"unknown recipient": {"RCPT", "550 5.1.1 <tom@example.org>: no such user", "send: SMTP 550", "5.1.1 … no such user", true},
		"greylisting":       {"RCPT", "451 4.7.1 come back later", "send: SMTP 451", "4.7.1 come back later", false},
		"sender refused":    {"MAIL", "553 5.7.1 not yours", "send: SMTP 553", "5.7.1 not yours", true},
		"content":           {".", "554 5.6.0 I do not like 123456", "send: SMTP 554", "5.6.0 I do not like …", true},
		"busy":              {".", "452 4.3.1 disk full", "send: SMTP 452", "4.3.1 disk full", false},
		"wrong password":    {"AUTH", "535 5.7.8 who are you", "connect: SMTP 535", "5.7.8 who are you", false},
		"going away":        {"MAIL", "421 4.3.2 bye", "send: SMTP 421", "4.3.2 bye", false},
	} {
		t.Run(name, func(t *testing.T) {
			s := smtptest.Start(t, smtptest.Config{User: "cenote", Password: "s3cret", Answer: func(command string) string {
				if verb, _, _ := strings.Cut(command, " "); verb == c.command {
					return c.answer
				}
				return ""
			}})
			err := mailerFor(t, s).SendMail(t.Context(), letter())
			f, ok := errors.AsType[*message.Failure](err)
			if !ok || f.Reason != c.reason || f.Detail != c.detail || f.Final != c.final {
				t.Errorf("got %+v\nwant %+v", f, c)
			}
		})
	}
	gone := smtptest.Start(t, smtptest.Config{})
	gone.Stop()
	err := mailerFor(t, gone).SendMail(t.Context(), letter())
	if f, ok := errors.AsType[*message.Failure](err); !ok || f.Final || f.Reason != "connect: the connection failed" {
		t.Errorf("no server: %+v", f)
	}
}
