package userpool

import (
	"log/slog"
	"maps"
	"slices"
	"time"

	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
)

// Provider is an identity provider of a pool as last read: whose people may
// become users of the pool.
type Provider struct {
	PoolID      string
	ID          string // UUID; links are by it, for a name can be given again
	Name        string
	Type        cognitoidp.IdentityProviderTypeType
	Details     ProviderDetails
	Mapping     map[string]string // attribute of the pool → claim of the provider
	Identifiers []string          // other names, unique in the pool
	Levels      map[string]string // AcrMapping
	LinkedBy    []string          // by which attributes users have been linked
	CreatedAt   time.Time
	ModifiedAt  time.Time
	Version     int64 // of the row; an update must find the one it read
}

// ProviderDetails are what a provider needs to be asked, by the API's names
// for its type. There are secrets among them: they do not print.
type ProviderDetails map[string]string

// String stands in for the details wherever a value is printed.
func (ProviderDetails) String() string { return redacted }

// GoString is String, for %#v.
func (ProviderDetails) GoString() string { return redacted }

// LogValue is String, for logs.
func (ProviderDetails) LogValue() slog.Value { return slog.StringValue(redacted) }

// OneAttribute reports whether people of the provider are known by its own
// identifier for them and nothing else: all social ones are.
func (p *Provider) OneAttribute() bool {
	return p.Type != cognitoidp.IdentityProviderTypeTypeOidc && p.Type != cognitoidp.IdentityProviderTypeTypeSaml
}

// Shape returns the provider as the API prints it: with the client secret,
// which infrastructure tools compare, and without the private key.
func (p *Provider) Shape() *cognitoidp.IdentityProviderType {
	details := maps.Clone(map[string]string(p.Details))
	delete(details, detailPrivateKey)
	return &cognitoidp.IdentityProviderType{
		UserPoolId: &p.PoolID, ProviderName: &p.Name, ProviderType: &p.Type, ProviderDetails: details,
		AttributeMapping: p.Mapping, IdpIdentifiers: p.Identifiers, LastModifiedDate: &p.ModifiedAt, CreationDate: &p.CreatedAt,
	}
}

// Summary returns the provider as ListIdentityProviders prints it.
func (p *Provider) Summary() cognitoidp.ProviderDescription {
	return cognitoidp.ProviderDescription{
		ProviderName: &p.Name, ProviderType: &p.Type, LastModifiedDate: &p.ModifiedAt, CreationDate: &p.CreatedAt,
	}
}

// complete checks what the owner says of a provider, and adds what follows
// from its type.
func (p *Provider) complete(pool *Pool) error {
	kind := kinds[p.Type]
	var err error
	if p.Details, err = kind.details(p.Details); err != nil {
		return err
	}
	if p.Mapping, err = kind.mapping(pool, p.Mapping); err != nil {
		return err
	}
	if len(p.Levels) > 0 && p.Type != cognitoidp.IdentityProviderTypeTypeOidc {
		return errLevelsOfOther
	}
	if p.Identifiers == nil {
		p.Identifiers = []string{}
	}
	slices.Sort(p.Identifiers)
	if n := len(p.Identifiers); n != len(slices.Compact(slices.Clone(p.Identifiers))) {
		return errIdentifierTwice
	}
	return nil
}
