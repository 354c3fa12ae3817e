package config

import (
	"bytes"
	"errors"
	"net"
	"net/mail"
	"net/netip"
	"net/url"
	"os"
	"strconv"
	"strings"
)

// MailServer is what --smtp names.
type MailServer struct {
	Scheme string // one of the constants below
	Host   string
	Port   int
	User   string // empty for none
}

// Schemes of --smtp.
const (
	SMTPStartTLS = "smtp"
	SMTPImplicit = "smtps"
	SMTPPlain    = "smtp+plain"
)

// usual are the ports of the schemes (RFC 6409, RFC 8314, RFC 5321).
var usual = map[string]int{SMTPStartTLS: 587, SMTPImplicit: 465, SMTPPlain: 25}

// MailServer reads --smtp; nil without it.
func (s *Server) MailServer() (*MailServer, error) {
	if s.SMTP == "" {
		return nil, nil
	}
	u, err := url.Parse(s.SMTP)
	if err != nil { // its text would show a password
		return nil, wrong("--smtp is not a URL such as smtp://USER@mail.example.com:587")
	}
	port, known := usual[u.Scheme]
	if !known || u.Hostname() == "" || (u.Path != "" && u.Path != "/") || u.RawQuery != "" || u.Fragment != "" {
		return nil, wrong("--smtp is not smtp://[USER@]HOST[:PORT], smtps://… or smtp+plain://…")
	}
	if _, set := u.User.Password(); set {
		return nil, wrong("--smtp holds a password: put it into a file and set --smtp-password-file")
	}
	if p := u.Port(); p != "" {
		if port, err = strconv.Atoi(p); err != nil || port < 1 || port > 65535 {
			return nil, wrong("--smtp: %s is not a port", p)
		}
	}
	m := &MailServer{Scheme: u.Scheme, Host: u.Hostname(), Port: port, User: u.User.Username()}
	switch {
	case m.Scheme == SMTPPlain && !loopback(m.Host):
		return nil, wrong("--smtp: mail to %s would travel in clear; smtp+plain is for localhost, use smtp (STARTTLS) or smtps", m.Host)
	case m.Scheme == SMTPPlain && m.User != "":
		return nil, wrong("--smtp: smtp+plain takes no user, because a password must not travel in clear")
	case m.User != "" && s.SMTPPasswordFile == "":
		return nil, wrong("--smtp names the user %s: set --smtp-password-file", m.User)
	case m.User == "" && s.SMTPPasswordFile != "":
		return nil, wrong("--smtp-password-file is of no use: --smtp names no user")
	}
	return m, nil
}

func loopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

// Sender reads --email-from.
func (s *Server) Sender() (mail.Address, error) {
	a, err := mail.ParseAddress(s.EmailFrom)
	if err != nil {
		return mail.Address{}, wrong("--email-from %q is not an address, or \"NAME <ADDRESS>\"", s.EmailFrom)
	}
	return *a, nil
}

// CheckMessages reports what is wrong with the settings of senders.
func (s *Server) CheckMessages(mode Mode) error {
	_, err := s.MailServer()
	errs := []error{err}
	switch {
	case s.SMTP != "" && s.EmailFrom == "":
		errs = append(errs, wrong("--smtp needs --email-from, the address that e-mails are from"))
	case s.SMTP == "" && (s.EmailFrom != "" || s.SMTPPasswordFile != "" || len(s.EmailDomains) > 0):
		errs = append(errs, wrong("--email-from, --email-domains and --smtp-password-file are of no use without --smtp"))
	case s.EmailFrom != "":
		_, err := s.Sender()
		errs = append(errs, err)
	}
	for _, name := range s.EmailDomains {
		_, domain, address := strings.Cut(name, "@")
		if !address {
			domain = name
		}
		if domain == "" || strings.ContainsAny(domain, "@/: *") {
			errs = append(errs, wrong("--email-domains: %q is neither an address nor a domain", name))
		}
	}
	return errors.Join(append(errs, s.checkSMS(mode))...)
}

func (s *Server) checkSMS(mode Mode) error {
	switch {
	case s.SMSWebhook == "" && s.SMSSecretFile != "":
		return wrong("--sms-secret-file is of no use without --sms-webhook")
	case s.SMSWebhook == "":
		return nil
	}
	u, err := url.Parse(s.SMSWebhook)
	if err != nil || !isHTTP(u) || u.Fragment != "" || u.User != nil {
		return wrong("--sms-webhook %s is not an http(s) URL", showTarget(s.SMSWebhook))
	}
	var errs []error
	if u.Scheme != "https" && (mode != Dev || !loopback(u.Hostname())) {
		errs = append(errs, wrong("--sms-webhook: codes must not travel in clear; use an https URL"))
	}
	if s.SMSSecretFile == "" {
		errs = append(errs, wrong("--sms-webhook: anybody could send messages to that URL: set --sms-secret-file to sign them"))
	}
	return errors.Join(errs...)
}

// ReadSMTPPassword reads the file of --smtp-password-file; empty without one.
func (s *Server) ReadSMTPPassword() (string, error) {
	if s.SMTPPasswordFile == "" {
		return "", nil
	}
	text, err := os.ReadFile(s.SMTPPasswordFile)
	if err != nil {
		return "", wrong("--smtp-password-file: %v", err)
	}
	if text = bytes.TrimSpace(text); len(text) == 0 {
		return "", wrong("--smtp-password-file %s is empty", s.SMTPPasswordFile)
	}
	return string(text), nil
}

// ReadSMSSecret reads the file of --sms-secret-file; nil without one.
func (s *Server) ReadSMSSecret() ([]byte, error) {
	return readSecret("--sms-secret-file", s.SMSSecretFile)
}

// Host is the name that clients know this deployment by.
func (s *Server) Host() string {
	u, err := url.Parse(s.PublicURL)
	if err != nil || net.ParseIP(u.Hostname()) != nil || u.Hostname() == "" {
		return "localhost"
	}
	return u.Hostname()
}
