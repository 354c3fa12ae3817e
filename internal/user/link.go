package user

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io/fs"
	"slices"
	"time"

	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
	"github.com/cenote-id/cenote/internal/userpool"
)

// attrIdentities holds the identities of a user elsewhere, as JSON text. No
// schema has it, so nobody writes it but this package.
const attrIdentities = "identities"

// Subject names a provider's own identifier of a person in the place of an
// attribute.
const Subject = "Cognito_Subject"

// Native is the name of the provider of a pool's own users.
const Native = "Cognito"

// maxIdentities is how many identities can be linked to a user (Amazon Cognito
// developer guide, "Quotas").
const maxIdentities = 5

// maxLinkValue bounds what a person is known by, in bytes: no attribute is
// longer.
const maxLinkValue = 2048

// Sentences about links. UNCONFIRMED but for the first.
var (
	errSignedUp       = cognitoidp.InvalidParameterException("Merging is not currently supported, provide a SourceUser that has not been signed up in order to link")
	errLinked         = cognitoidp.InvalidParameterException("SourceUser is already linked to DestinationUser")
	errLinkLimit      = cognitoidp.LimitExceededException("A user can have %d linked identities.", maxIdentities)
	errSubjectOnly    = cognitoidp.InvalidParameterException("ProviderAttributeName must be %s for a social identity provider.", Subject)
	errUnmapped       = cognitoidp.InvalidParameterException("ProviderAttributeName must be %s or a mapped attribute of the identity provider.", Subject)
	errLinkIncomplete = cognitoidp.InvalidParameterException("ProviderName, ProviderAttributeName and ProviderAttributeValue are required.")
	errNativeSource   = cognitoidp.InvalidParameterException("SourceUser must be a user of an identity provider.")
	errLinkValue      = cognitoidp.InvalidParameterException("ProviderAttributeValue must be no longer than %d bytes.", maxLinkValue)
	errNoLink         = cognitoidp.UserNotFoundException("User does not exist.")
	errImmutable      = cognitoidp.InvalidParameterException("DestinationUser has attributes that cannot be updated.")
)

// External is a person as an identity provider knows them.
type External struct {
	Provider  string // name
	Attribute string // Subject, or the attribute of the pool that a claim is mapped to
	Value     string
}

// Link says that an identity is a user.
type Link struct {
	Pool, Region string
	Key          []byte // as External.Key gives it
	Provider     string // id: one of the same name is another
	Sub          string
	CreatedAt    time.Time
}

// Key is what a link is found by: a hash, because values may be long. Lengths
// are hashed, too, so that no two identities run together.
func (i External) Key() []byte {
	var b []byte
	for _, field := range []string{i.Provider, i.Attribute, i.Value} {
		b = append(binary.AppendUvarint(b, uint64(len(field))), field...)
	}
	sum := sha256.Sum256(b)
	return sum[:]
}

// Username is what a user is called who came in as i.
func (i External) Username() string { return i.Provider + "_" + i.Value }

// LinkStore keeps links. Its methods join the transaction of their context.
type LinkStore interface {
	// Link returns the link with that key; fs.ErrNotExist if there is none.
	Link(ctx context.Context, pool string, key []byte) (*Link, error)
	// PutLink writes a link, in the place of one with its key.
	PutLink(ctx context.Context, l *Link) error
	DeleteLink(ctx context.Context, l *Link) error
}

// identity is one element of attrIdentities.
type identity struct {
	UserID       string  `json:"userId"`
	ProviderName string  `json:"providerName"`
	ProviderType string  `json:"providerType"`
	Issuer       *string `json:"issuer"`
	Primary      bool    `json:"primary"`
	DateCreated  int64   `json:"dateCreated"` // milliseconds since 1970
}

// identities reads attrIdentities.
func (u *User) identities() ([]identity, error) {
	text := u.Attributes.Value(attrIdentities)
	if text == "" {
		return nil, nil
	}
	var list []identity
	err := json.Unmarshal([]byte(text), &list)
	return list, err
}

// setIdentities writes attrIdentities; without any, the attribute goes.
func (u *User) setIdentities(list []identity) error {
	if len(list) == 0 {
		u.Attributes = u.Attributes.Without(attrIdentities)
		return nil
	}
	text, err := json.Marshal(list)
	u.Attributes = u.Attributes.With(attrIdentities, string(text))
	return err
}

// LinkBy notes that a user is being linked by an attribute of a provider, and
// returns the provider; it refuses one attribute too many.
// (*userpool.Service).LinkBy does so.
type LinkBy func(ctx context.Context, p *userpool.Pool, provider, attribute string) (*userpool.Provider, error)

// Link makes an identity of a provider the user to. Whoever comes in by it
// later comes in as that user.
func (s *Service) Link(ctx context.Context, p *userpool.Pool, to, from External, by LinkBy) error {
	switch {
	case from.Provider == Native:
		return errNativeSource
	case to.Provider == "" || to.Value == "" || from.Provider == "" || from.Attribute == "" || from.Value == "":
		return errLinkIncomplete
	case len(from.Value) > maxLinkValue:
		return errLinkValue
	}
	name := to.Value
	if to.Provider != Native {
		name = to.Username()
	}
	now := s.now()
	return s.change(ctx, p, name, func(ctx context.Context, u *User) error {
		if fixed(p, u) {
			return errImmutable
		}
		provider, err := by(ctx, p, from.Provider, from.Attribute)
		if err != nil {
			return err
		}
		if err := mayLink(provider, from.Attribute); err != nil {
			return err
		}
		if err := s.stranger(ctx, p, provider, from); err != nil {
			return err
		}
		list, err := u.identities()
		if err != nil {
			return err
		}
		if len(list) >= maxIdentities {
			return errLinkLimit
		}
		err = u.setIdentities(append(list, identity{
			UserID: from.Value, ProviderName: provider.Name, ProviderType: string(provider.Type), DateCreated: now.UnixMilli(),
		}))
		if err != nil {
			return err
		}
		return s.links.PutLink(ctx, &Link{Pool: p.ID, Region: p.Region, Key: from.Key(), Provider: provider.ID, Sub: u.Sub, CreatedAt: now})
	})
}

// fixed reports whether u has attributes that a sign-in could not overwrite.
func fixed(p *userpool.Pool, u *User) bool {
	return slices.ContainsFunc(u.Attributes, func(x Attribute) bool { return p.CheckMutable([]string{x.Name}) != nil })
}

// mayLink checks that a provider's people can be told apart by an attribute.
func mayLink(provider *userpool.Provider, attribute string) error {
	if attribute == Subject {
		return nil
	}
	if provider.OneAttribute() {
		return errSubjectOnly
	}
	if provider.Mapping[attribute] == "" {
		return errUnmapped
	}
	return nil
}

// stranger checks that an identity is nobody yet: that it has not signed up as
// a user of its own, and is linked to none.
func (s *Service) stranger(ctx context.Context, p *userpool.Pool, provider *userpool.Provider, i External) error {
	if i.Attribute == Subject {
		switch _, err := s.Find(ctx, p, i.Username()); {
		case err == nil:
			return errSignedUp
		case !errors.Is(err, ErrNotFound):
			return err
		}
	}
	l, err := s.links.Link(ctx, p.ID, i.Key())
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case l.Provider == provider.ID:
		return errLinked
	}
	return nil // of a provider that had the name before
}

// Unlink takes an identity away from the user that it is linked to.
func (s *Service) Unlink(ctx context.Context, p *userpool.Pool, i External) error {
	if i.Provider == "" || i.Attribute == "" || i.Value == "" {
		return errLinkIncomplete
	}
	return s.tx(ctx, func(ctx context.Context) error {
		l, err := s.links.Link(ctx, p.ID, i.Key())
		if errors.Is(err, fs.ErrNotExist) {
			return errNoLink
		}
		if err != nil {
			return err
		}
		if err := s.links.DeleteLink(ctx, l); err != nil {
			return err
		}
		return s.change(ctx, p, l.Sub, func(_ context.Context, u *User) error {
			list, err := u.identities()
			if err != nil {
				return err
			}
			if n := slices.IndexFunc(list, func(x identity) bool { return x.ProviderName == i.Provider && x.UserID == i.Value }); n >= 0 {
				list = slices.Delete(list, n, n+1)
			}
			return u.setIdentities(list)
		})
	})
}

// ShutNative keeps one of the pool's own users from signing in by what the
// pool knows of them. What is linked to them still lets them in.
func (s *Service) ShutNative(ctx context.Context, p *userpool.Pool, username string) error {
	return s.change(ctx, p, username, func(_ context.Context, u *User) error {
		u.Status, u.Credential = ExternalProvider, nil
		return nil
	})
}
