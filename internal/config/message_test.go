package config_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cenote-id/cenote/internal/config"
)

func TestMailServer(t *testing.T) {
	for text, want := range map[string]config.MailServer{
		"smtp://mail.example.com":              {config.SMTPStartTLS, "mail.example.com", 587, ""},
		"smtps://me%40example.com@mail.local/": {config.SMTPImplicit, "mail.local", 465, "me@example.com"},
		"smtp://key@mail.example.com:2525":     {config.SMTPStartTLS, "mail.example.com", 2525, "key"},
		"smtp+plain://localhost:1025":          {config.SMTPPlain, "localhost", 1025, ""},
		"smtp+plain://[::1]":                   {config.SMTPPlain, "::1", 25, ""},
	} {
		s := config.Server{SMTP: text}
		if want.User != "" {
			s.SMTPPasswordFile = "file"
		}
		got, err := s.MailServer()
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if diff := cmp.Diff(want, *got); diff != "" {
			t.Errorf("%s: %s", text, diff)
		}
	}
	for text, sentence := range map[string]string{
		"mail.example.com:587":                 "--smtp is not",
		"http://mail.example.com":              "--smtp is not smtp://",
		"smtp://":                              "--smtp is not smtp://",
		"smtp://mail.example.com/x":            "--smtp is not smtp://",
		"smtp://mail.example.com?tls=no":       "--smtp is not smtp://",
		"smtp://mail.example.com:0":            "0 is not a port",
		"smtp://me:hunter2@mail.example.com":   "put it into a file",
		"smtp://me:hunter2@mail.example.com:x": "--smtp is not a URL",
		"smtp://me@mail.example.com":           "set --smtp-password-file",
		"smtp+plain://mail.example.com":        "would travel in clear",
		"smtp+plain://localhost.example.com":   "would travel in clear",
		"smtp+plain://me@localhost":            "takes no user",
	} {
		s := config.Server{SMTP: text}
		_, err := s.MailServer()
		if err == nil || !strings.Contains(err.Error(), sentence) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestMessagesByMode(t *testing.T) {
	smtp := func(s *config.Server) { s.SMTP, s.EmailFrom = "smtp://mail.example.com", "id@example.com" }
	for _, c := range []struct {
		name   string
		change func(*config.Server)
		dev    string // part of the sentence; empty for none
		serve  string
	}{
		{"nothing", func(*config.Server) {}, "", ""},
		{"SMTP", smtp, "", ""},
		{"a name", func(s *config.Server) { smtp(s); s.EmailFrom = "Ünsere App <id@example.com>" }, "", ""},
		{"nobody to be from", func(s *config.Server) { s.SMTP = "smtp://mail.example.com" }, "needs --email-from", "needs --email-from"},
		{"not an address", func(s *config.Server) { smtp(s); s.EmailFrom = "me" }, "is not an address", "is not an address"},
		{"nobody to send", func(s *config.Server) { s.EmailFrom = "id@example.com" }, "of no use without --smtp", "of no use without --smtp"},
		{"domains", func(s *config.Server) { smtp(s); s.EmailDomains = []string{"shop.example", "a@b.example"} }, "", ""},
		{"a pattern", func(s *config.Server) { smtp(s); s.EmailDomains = []string{"*.example"} }, "neither an address nor", "neither an address nor"},
		{"a password for nobody", func(s *config.Server) { smtp(s); s.SMTPPasswordFile = "file" }, "names no user", "names no user"},
		{"SMS", func(s *config.Server) { s.SMSWebhook, s.SMSSecretFile = "https://sms.example.com/?key=hunter2", "file" }, "", ""},
		{"SMS unsigned", func(s *config.Server) { s.SMSWebhook = "https://sms.example.com/?key=hunter2" }, "set --sms-secret-file", "set --sms-secret-file"},
		{"SMS in clear", func(s *config.Server) { s.SMSWebhook, s.SMSSecretFile = "http://sms.example.com/", "file" }, "in clear", "in clear"},
		{"SMS in clear here", func(s *config.Server) { s.SMSWebhook, s.SMSSecretFile = "http://localhost:9000/", "file" }, "", "in clear"},
		{"not a URL", func(s *config.Server) { s.SMSWebhook, s.SMSSecretFile = "sms.example.com?key=hunter2", "file" }, "is not an http(s) URL", "is not an http(s) URL"},
		{"a secret for nobody", func(s *config.Server) { s.SMSSecretFile = "file" }, "without --sms-webhook", "without --sms-webhook"},
	} {
		for mode, sentence := range map[config.Mode]string{config.Dev: c.dev, config.Serve: c.serve} {
			s := serve()
			c.change(&s)
			err := s.Check(mode)
			if sentence == "" && err != nil || sentence != "" && (err == nil || !strings.Contains(err.Error(), sentence)) {
				t.Errorf("%s in %s: %v", c.name, mode, err)
			}
			if err != nil && strings.Contains(err.Error(), "hunter2") {
				t.Errorf("%s tells a secret: %v", c.name, err)
			}
		}
	}
}

func TestSecretsOfSenders(t *testing.T) {
	s := config.Server{SMTPPasswordFile: write(t, "pass word\n"), SMSSecretFile: write(t, "0123456789abcdef\n")}
	if p, err := s.ReadSMTPPassword(); err != nil || p != "pass word" {
		t.Errorf("%q, %v", p, err)
	}
	if p, err := s.ReadSMSSecret(); err != nil || string(p) != "0123456789abcdef" {
		t.Errorf("%q, %v", p, err)
	}
	s = config.Server{SMTPPasswordFile: write(t, " \n"), SMSSecretFile: write(t, "short")}
	if p, err := s.ReadSMTPPassword(); err == nil {
		t.Errorf("took %q", p)
	}
	if p, err := s.ReadSMSSecret(); err == nil {
		t.Errorf("took %q", p)
	}
	s = config.Server{SMTPPasswordFile: filepath.Join(t.TempDir(), "none"), SMSSecretFile: filepath.Join(t.TempDir(), "none")}
	if p, err := s.ReadSMTPPassword(); err == nil {
		t.Errorf("took %q", p)
	}
	if p, err := s.ReadSMSSecret(); err == nil {
		t.Errorf("took %q", p)
	}
}
