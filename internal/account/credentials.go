package account

import (
	"context"
	"fmt"
	"time"

	"github.com/cenote-id/cenote/internal/secretbox"
)

// CredentialKind tells apart what users have to prove themselves to other
// services with.
type CredentialKind string

// Kinds of credential.
const (
	SSHPublicKey       CredentialKind = "ssh"
	SigningCertificate CredentialKind = "certificate"
	ServicePassword    CredentialKind = "service"
)

// Credential is one of a user's. Nothing here takes it for proof: it is kept
// for the tools that manage users.
type Credential struct {
	Account   string
	Kind      CredentialKind
	ID        string
	UserID    string
	Active    bool
	CreatedAt time.Time

	Body      string    // SSH key as uploaded, certificate in PEM
	PublicKey string    // SSH key in OpenSSH's form, by which keys compare
	Service   string    // of a service password, such as "codecommit.amazonaws.com"
	Login     string    // name or alias that goes with it
	Hash      []byte    // SHA-256 of the password, which is random and long
	ExpiresAt time.Time // of a service password; zero: never
}

// Credentials keeps credentials of users. Absence is fs.ErrNotExist.
type Credentials interface {
	InsertCredential(ctx context.Context, c Credential) error
	Credential(ctx context.Context, account string, kind CredentialKind, id string) (Credential, error)
	// CredentialsOf returns a user's, the oldest first; quotas keep them few.
	CredentialsOf(ctx context.Context, account, user string, kind CredentialKind) ([]Credential, error)
	// Credentials lists those of all users by id.
	Credentials(ctx context.Context, account string, kind CredentialKind, p Page) (List[Credential], error)
	// UpdateCredential changes Active and Hash.
	UpdateCredential(ctx context.Context, c Credential) error
	DeleteCredential(ctx context.Context, account string, kind CredentialKind, id string) error
	// HasCredentials reports whether a user has any of any kind.
	HasCredentials(ctx context.Context, account, user string) (bool, error)
}

// newCredential prepares a user's active credential.
func (s *Service) newCredential(account string, kind CredentialKind) Credential {
	c := Credential{Account: account, Kind: kind, Active: true, CreatedAt: s.now()}
	switch kind {
	case SSHPublicKey:
		c.ID = newID(sshKeyPrefix, account, entityIDLen)
	case ServicePassword:
		c.ID = newID(servicePasswordPrefix, account, entityIDLen)
	default:
		c.ID = secretbox.String(certificateIDLen, idAlphabet)
	}
	return c
}

// certificateIDLen is the length of a signing certificate's id.
const certificateIDLen = 32

// addCredential stores a credential of a user within the quota. check looks at
// those that the user has already.
func (s *Service) addCredential(ctx context.Context, user string, c *Credential, quotaName string, limit int, check func(have []Credential) error) error {
	return s.change(ctx, c.Account, func(ctx context.Context) error {
		u, err := s.User(ctx, c.Account, user)
		if err != nil {
			return err
		}
		c.UserID = u.ID
		have, err := s.stores.Credentials.CredentialsOf(ctx, c.Account, u.ID, c.Kind)
		if err != nil {
			return fmt.Errorf("credentials of user: %w", err)
		}
		n := 0
		for _, other := range have {
			if other.Service == c.Service {
				n++
			}
		}
		if n >= limit {
			return quota(quotaName, limit)
		}
		if err := check(have); err != nil {
			return err
		}
		return s.stores.Credentials.InsertCredential(ctx, *c)
	})
}

// noSuchCredential says that a user has no such credential.
func noSuchCredential(kind CredentialKind, id string) error {
	switch kind {
	case SSHPublicKey:
		return noSuchSSHKey(id)
	case SigningCertificate:
		return noSuchCertificate(id)
	default:
		return noSuchServicePassword(id)
	}
}

// credential finds a credential of a user.
func (s *Service) credential(ctx context.Context, account, user string, kind CredentialKind, id string) (Credential, error) {
	u, err := s.User(ctx, account, user)
	if err != nil {
		return Credential{}, err
	}
	c, err := s.stores.Credentials.Credential(ctx, account, kind, id)
	if err == nil && c.UserID != u.ID {
		return Credential{}, noSuchCredential(kind, id)
	}
	return c, absent(err, noSuchCredential(kind, id))
}

// CredentialsOf returns all credentials of a user of one kind.
func (s *Service) CredentialsOf(ctx context.Context, account, user string, kind CredentialKind) ([]Credential, error) {
	u, err := s.User(ctx, account, user)
	if err != nil {
		return nil, err
	}
	return s.stores.Credentials.CredentialsOf(ctx, account, u.ID, kind)
}

// SetCredentialActive switches a credential of a user on or off.
func (s *Service) SetCredentialActive(ctx context.Context, account, user string, kind CredentialKind, id string, active bool) error {
	return s.change(ctx, account, func(ctx context.Context) error {
		c, err := s.credential(ctx, account, user, kind, id)
		if err != nil {
			return err
		}
		c.Active = active
		return s.stores.Credentials.UpdateCredential(ctx, c)
	})
}

// DeleteCredential deletes a credential of a user.
func (s *Service) DeleteCredential(ctx context.Context, account, user string, kind CredentialKind, id string) error {
	return s.change(ctx, account, func(ctx context.Context) error {
		if _, err := s.credential(ctx, account, user, kind, id); err != nil {
			return err
		}
		return s.stores.Credentials.DeleteCredential(ctx, account, kind, id)
	})
}
