package account

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/iam"
	"github.com/cenote-id/cenote/internal/saml"
	"github.com/cenote-id/cenote/internal/secretbox"
)

// SAMLProvider is a SAML identity provider of an account.
type SAMLProvider struct {
	Account   string
	Name      string
	UUID      string
	Document  string // metadata as they were given; lists leave them out
	Tags      []Tag
	CreatedAt time.Time
	Expires   time.Time // of the metadata
}

// ARN names the provider.
func (p *SAMLProvider) ARN() string { return SAMLProviderARN(p.Account, p.Name) }

// SAMLProviderARN names the SAML provider of a name.
func SAMLProviderARN(account, name string) string {
	return awsapi.IAMARN(account, "saml-provider/"+name)
}

// ParseSAMLProviderARN returns account and name of a SAML provider.
func ParseSAMLProviderARN(arn string) (account, name string, ok bool) {
	a, ok := awsapi.ParseARN(arn)
	if !ok || a.Partition != awsapi.Partition || a.Service != "iam" || a.Region != "" || !ValidID(a.Account) {
		return "", "", false
	}
	name, ok = strings.CutPrefix(a.Resource, "saml-provider/")
	return a.Account, name, ok && name != ""
}

// SAMLIssuer is a SAML provider as those who verify its responses see it.
type SAMLIssuer struct {
	Account  string
	Name     string
	Metadata *saml.Metadata
}

// ARN names the provider.
func (i *SAMLIssuer) ARN() string { return SAMLProviderARN(i.Account, i.Name) }

// Issuer compiles a provider.
func (p *SAMLProvider) Issuer() (*SAMLIssuer, error) {
	m, err := saml.ParseMetadata([]byte(p.Document))
	if err != nil {
		return nil, fmt.Errorf("provider %s: %w", p.ARN(), err)
	}
	return &SAMLIssuer{Account: p.Account, Name: p.Name, Metadata: m}, nil
}

// AssertionUse is that an assertion has given somebody a role.
type AssertionUse struct {
	Account   string
	Provider  string // name
	Assertion string // ID
	Role      string // ARN
	At        time.Time
	Until     time.Time // when the assertion is too old for another
}

// samlProviderLife is how long a provider is good whose metadata do not say
// (ValidUntil of such a provider on AWS).
const samlProviderLife = 100 // years

// UNCONFIRMED: the sentences about SAML providers.
const (
	textSAMLExists   = "Saml provider with name %s already exists."
	textSAMLAbsent   = "SAMLProvider not found for arn %s"
	textSAMLMetadata = "Could not parse metadata"
)

func noSuchSAMLProvider(arn string) error { return iam.NoSuchEntityException(textSAMLAbsent, arn) }

// setDocument checks metadata and keeps them.
func (p *SAMLProvider) setDocument(doc string, now time.Time) error {
	m, err := saml.ParseMetadata([]byte(doc))
	if err != nil {
		return iam.InvalidInputException(textSAMLMetadata).WithCause(err)
	}
	p.Document, p.Expires = doc, m.ValidUntil.Truncate(time.Second)
	if p.Expires.IsZero() {
		p.Expires = now.AddDate(samlProviderLife, 0, 0)
	}
	return nil
}

// CreateSAMLProvider creates a provider of p's account, name, document and
// tags.
func (s *Service) CreateSAMLProvider(ctx context.Context, p SAMLProvider) (SAMLProvider, error) {
	if err := checkTags(p.Tags); err != nil {
		return SAMLProvider{}, err
	}
	p.CreatedAt, p.UUID = s.now(), secretbox.UUID()
	if err := p.setDocument(p.Document, p.CreatedAt); err != nil {
		return SAMLProvider{}, err
	}
	return p, s.change(ctx, p.Account, func(ctx context.Context) error {
		told := iam.EntityAlreadyExistsException(textSAMLExists, p.Name)
		all, err := s.stores.SAMLProviders.SAMLProviders(ctx, p.Account)
		if err != nil {
			return fmt.Errorf("list SAML providers: %w", err)
		}
		for _, other := range all {
			if strings.EqualFold(other.Name, p.Name) {
				return told
			}
		}
		if len(all) >= maxProviders {
			return quota("SAMLProvidersPerAccount", maxProviders)
		}
		return taken(s.stores.SAMLProviders.InsertSAMLProvider(ctx, p), told)
	})
}

// SAMLProvider returns a provider by ARN.
func (s *Service) SAMLProvider(ctx context.Context, account, arn string) (SAMLProvider, error) {
	of, name, ok := ParseSAMLProviderARN(arn)
	if !ok || of != account {
		return SAMLProvider{}, noSuchSAMLProvider(arn)
	}
	p, err := s.stores.SAMLProviders.SAMLProviderByName(ctx, account, name)
	return p, absent(err, noSuchSAMLProvider(arn))
}

// ListSAMLProviders returns all providers of an account by name, without
// their documents.
func (s *Service) ListSAMLProviders(ctx context.Context, account string) ([]SAMLProvider, error) {
	return s.stores.SAMLProviders.SAMLProviders(ctx, account)
}

// changeSAMLProvider runs edit on a provider and stores the result.
func (s *Service) changeSAMLProvider(ctx context.Context, account, arn string, edit func(*SAMLProvider) error) error {
	return s.change(ctx, account, func(ctx context.Context) error {
		p, err := s.SAMLProvider(ctx, account, arn)
		if err != nil {
			return err
		}
		if err := edit(&p); err != nil {
			return err
		}
		return s.stores.SAMLProviders.UpdateSAMLProvider(ctx, p)
	})
}

// SetSAMLMetadata replaces the metadata of a provider.
func (s *Service) SetSAMLMetadata(ctx context.Context, account, arn, doc string) error {
	now := s.now()
	return s.changeSAMLProvider(ctx, account, arn, func(p *SAMLProvider) error { return p.setDocument(doc, now) })
}

// TagSAMLProvider adds tags to a provider, or changes them.
func (s *Service) TagSAMLProvider(ctx context.Context, account, arn string, tags []Tag) error {
	return s.changeSAMLProvider(ctx, account, arn, func(p *SAMLProvider) (err error) {
		p.Tags, err = addTags(p.Tags, tags)
		return err
	})
}

// UntagSAMLProvider removes tags from a provider by key.
func (s *Service) UntagSAMLProvider(ctx context.Context, account, arn string, keys []string) error {
	return s.changeSAMLProvider(ctx, account, arn, func(p *SAMLProvider) error {
		p.Tags = removeTags(p.Tags, keys)
		return nil
	})
}

// DeleteSAMLProvider deletes a provider by ARN. Trust policies that name it
// stay and match nothing.
func (s *Service) DeleteSAMLProvider(ctx context.Context, account, arn string) error {
	return s.change(ctx, account, func(ctx context.Context) error {
		p, err := s.SAMLProvider(ctx, account, arn)
		if err != nil {
			return err
		}
		return s.stores.SAMLProviders.DeleteSAMLProvider(ctx, account, p.Name)
	})
}
