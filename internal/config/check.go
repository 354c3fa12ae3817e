package config

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
)

// Error is one wrong setting, told in one sentence that says what to do.
type Error struct{ Sentence string }

func (e *Error) Error() string { return e.Sentence }

func wrong(format string, args ...any) error { return &Error{fmt.Sprintf(format, args...)} }

var regionName = regexp.MustCompile(`^[a-z]{2}(-[a-z]+)+-\d$`)

// IsRegion reports whether s has the form of an AWS region name.
func IsRegion(s string) bool { return regionName.MatchString(s) }

var accountNumber = regexp.MustCompile(`^\d{12}$`)

// CheckAccount reports an account number that is not one.
func CheckAccount(id string) error {
	if !accountNumber.MatchString(id) {
		return wrong("account %q is not a 12-digit number", id)
	}
	return nil
}

// Check reports everything that is wrong with storage settings.
func (s *Storage) Check(mode Mode) error {
	var errs []error
	switch {
	case s.Data == "" && s.Database == "":
		errs = append(errs, wrong("no place for the data: set --data DIR, or --database with a postgres:// URL"))
	case s.Data != "" && s.Database != "":
		errs = append(errs, wrong("--data and --database are two places for the same data: set one of them"))
	case s.Database != "" && !strings.HasPrefix(s.Database, "postgres://") && !strings.HasPrefix(s.Database, "postgresql://"):
		errs = append(errs, wrong("--database must be a postgres:// URL"))
	case s.Data == InMemory && mode == Serve:
		errs = append(errs, wrong("--data :memory: forgets everything at the end; serve needs a directory or --database"))
	}
	keys := 0
	for _, k := range []string{s.MasterKeyFile, s.MasterKey, s.MasterKeyCommand} {
		if k != "" {
			keys++
		}
	}
	switch {
	case keys > 1:
		errs = append(errs, wrong("set only one of --master-key-file, --master-key-command and CENOTE_MASTER_KEY"))
	case keys == 0 && (mode == Serve || s.Database != ""):
		errs = append(errs, wrong("no master key: make one with `cenote keys generate --out FILE` and set --master-key-file FILE"))
	}
	return errors.Join(errs...)
}

// Check completes the settings for the mode and reports everything that is
// wrong with them, a sentence each.
func (s *Server) Check(mode Mode) error {
	if mode == Dev {
		if s.Listen == "" {
			s.Listen = DevListen
		}
		if s.Data == "" && s.Database == "" {
			s.Data = DevData
		}
	}
	errs := []error{s.Storage.Check(mode)}
	if s.Listen == "" {
		errs = append(errs, wrong("no address to listen on: set --listen, for example --listen :2366"))
	} else if _, _, err := net.SplitHostPort(s.Listen); err != nil {
		errs = append(errs, wrong("--listen %q is not HOST:PORT", s.Listen))
	}
	if s.AdminListen != "" {
		if _, _, err := net.SplitHostPort(s.AdminListen); err != nil {
			errs = append(errs, wrong("--admin-listen %q is not HOST:PORT", s.AdminListen))
		}
	}
	if (s.TLSCert == "") != (s.TLSKey == "") {
		errs = append(errs, wrong("--tls-cert and --tls-key go together: set both"))
	}
	errs = append(errs, s.checkPublicURL(mode))
	if !IsRegion(s.Region) {
		errs = append(errs, wrong("--region %q is not a region name such as us-east-1", s.Region))
	}
	for _, r := range s.Regions {
		if !IsRegion(r) {
			errs = append(errs, wrong("--regions: %q is not a region name such as us-east-1", r))
		}
	}
	if len(s.Regions) > 0 && !slices.Contains(s.Regions, s.Region) {
		errs = append(errs, wrong("--region %s is not one of --regions %s", s.Region, strings.Join(s.Regions, ",")))
	}
	if _, err := s.Peers(); err != nil {
		errs = append(errs, err)
	}
	if _, err := s.LoginProviders(); err != nil {
		errs = append(errs, err)
	}
	for _, a := range s.GuestAction {
		if !action.MatchString(a) {
			errs = append(errs, wrong("--guest-action %q is not an action such as notes:* or notes:Read", a))
		}
	}
	if s.AuditDays < 0 {
		errs = append(errs, wrong("--audit-days must not be negative"))
	}
	errs = append(errs, s.checkTriggers(mode), s.CheckMessages(mode))
	if s.RateLimit < 0 {
		errs = append(errs, wrong("--rate-limit must not be negative"))
	}
	return errors.Join(errs...)
}

func (s *Server) checkPublicURL(mode Mode) error {
	if s.PublicURL == "" {
		if mode == Serve {
			return wrong("no public URL: set --public-url to the URL that clients use, for example https://id.example.com")
		}
		return nil
	}
	u, err := url.Parse(s.PublicURL)
	if err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") {
		return wrong("--public-url %q is not an http(s) URL", s.PublicURL)
	}
	if u.RawQuery != "" || u.Fragment != "" || u.User != nil || strings.HasSuffix(u.Path, "/") {
		return wrong("--public-url must be a bare URL without query, fragment, user or trailing slash")
	}
	return nil
}

// Peer is another deployment: Name is a region or an issuer.
type Peer struct {
	Name string
	URL  *url.URL
}

// Peers reads the --peer settings.
func (s *Server) Peers() ([]Peer, error) {
	var peers []Peer
	var errs []error
	for _, p := range s.Peer {
		// The URL comes last: an issuer may hold "=" in its path, a base URL has no reason to.
		i := strings.LastIndex(p, "=")
		if i <= 0 {
			errs = append(errs, wrong("--peer %q is not REGION=URL or ISSUER=URL", p))
			continue
		}
		u, err := url.Parse(p[i+1:])
		if err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
			errs = append(errs, wrong("--peer %q: %q is not an http(s) URL", p, p[i+1:]))
			continue
		}
		u.Path = strings.TrimSuffix(u.Path, "/")
		peers = append(peers, Peer{Name: p[:i], URL: u})
	}
	return peers, errors.Join(errs...)
}

// action is one of a service that is named in full: a pattern there would
// reach AWS's own services.
var action = regexp.MustCompile(`^[a-zA-Z0-9-]+:[a-zA-Z0-9*?]+$`)

// LoginProviders reads the --login-provider settings: where the providers named
// are reached. Who may be named is not checked here.
func (s *Server) LoginProviders() (map[string]*url.URL, error) {
	providers := map[string]*url.URL{}
	var errs []error
	for _, p := range s.LoginProvider {
		name, text, _ := strings.Cut(p, "=")
		u, err := url.Parse(text)
		switch {
		case name == "" || err != nil || !isHTTP(u) || u.RawQuery != "" || u.Fragment != "" || u.User != nil:
			errs = append(errs, wrong("--login-provider %q is not NAME=URL with a bare http(s) URL", p))
			continue
		case providers[name] != nil:
			errs = append(errs, wrong("--login-provider names %s twice", name))
		}
		u.Path = strings.TrimSuffix(u.Path, "/")
		providers[name] = u
	}
	return providers, errors.Join(errs...)
}

// CheckEnvironment reports CENOTE_… variables that no setting reads, so that
// a misspelt one does not stay unnoticed. known are the variables that
// settings read.
func CheckEnvironment(environ, known []string) error {
	var errs []error
	for _, kv := range environ {
		name, value, _ := strings.Cut(kv, "=")
		if value == "" || !strings.HasPrefix(name, "CENOTE_") || strings.HasPrefix(name, "CENOTE_TEST_") || slices.Contains(known, name) {
			continue
		}
		errs = append(errs, wrong("%s is not a setting; see docs/operations/configuration.md", name))
	}
	return errors.Join(errs...)
}

// ReadCA reads the file of --peer-ca-file.
func (s *Server) ReadCA() ([]byte, error) {
	if s.PeerCAFile == "" {
		return nil, nil
	}
	pem, err := os.ReadFile(s.PeerCAFile)
	if err != nil {
		return nil, wrong("--peer-ca-file: %v", err)
	}
	return pem, nil
}
