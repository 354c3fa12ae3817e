package account

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/iam"
)

// NewProvider is an OpenID Connect provider to be created.
type NewProvider struct {
	Account     string
	URL         string // with "https://"
	ClientIDs   []string
	Thumbprints []string
	Tags        []Tag
}

// CreateProvider creates an OpenID Connect provider. Without thumbprints, and
// for every issuer whose certificate the system trusts, keys are fetched over
// ordinary TLS; a thumbprint admits a private authority.
func (s *Service) CreateProvider(ctx context.Context, n NewProvider) (Provider, error) {
	name, err := providerName(n.URL)
	if err != nil {
		return Provider{}, err
	}
	thumbprints, err := checkThumbprints(n.Thumbprints)
	if err != nil {
		return Provider{}, err
	}
	if err := checkTags(n.Tags); err != nil {
		return Provider{}, err
	}
	clients := slices.Clone(n.ClientIDs)
	slices.Sort(clients)
	clients = slices.Compact(clients)
	if len(clients) > maxClientIDs {
		return Provider{}, quota("ClientIdsPerOpenIdConnectProvider", maxClientIDs)
	}
	p := Provider{
		Account: n.Account, URL: name, ClientIDs: clients, Thumbprints: thumbprints, Tags: n.Tags, CreatedAt: s.now(),
	}
	return p, s.change(ctx, n.Account, func(ctx context.Context) error {
		told := iam.EntityAlreadyExistsException("Provider with url https://%s already exists.", name)
		all, err := s.stores.Providers.Providers(ctx, n.Account)
		if err != nil {
			return fmt.Errorf("list providers: %w", err)
		}
		for _, other := range all {
			if other.URL == name {
				return told
			}
		}
		if len(all) >= maxProviders {
			return quota("OpenIDConnectProvidersPerAccount", maxProviders)
		}
		return taken(s.stores.Providers.InsertProvider(ctx, p), told)
	})
}

// providerName checks an issuer URL and cuts its scheme off.
func providerName(text string) (string, error) {
	name, https := strings.CutPrefix(text, "https://")
	if !https {
		return "", awsapi.Validation.New("Invalid Open ID Connect Provider URL")
	}
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || strings.ContainsAny(name, " *?#") {
		return "", iam.InvalidInputException("Invalid Open ID Connect Provider URL")
	}
	return name, nil
}

func checkThumbprints(list []string) ([]string, error) {
	if len(list) > maxThumbprints {
		return nil, iam.InvalidInputException("Thumbprint list must contain fewer than %d entries.", maxThumbprints)
	}
	out := make([]string, len(list))
	for i, t := range list {
		t = strings.ToLower(t)
		if len(t) != 40 || strings.Trim(t, "0123456789abcdef") != "" {
			return nil, awsapi.Validation.New("Thumbprint must be exactly 40 characters.")
		}
		out[i] = t
	}
	return out, nil
}

// parseProviderARN returns the URL without scheme of an OpenID Connect
// provider of the account.
func parseProviderARN(account, arn string) (string, bool) {
	name, ok := strings.CutPrefix(arn, ProviderARN(account, ""))
	return name, ok && name != ""
}

// Provider returns a provider by ARN.
func (s *Service) Provider(ctx context.Context, account, arn string) (Provider, error) {
	name, ok := parseProviderARN(account, arn)
	if !ok {
		return Provider{}, noSuchProvider(arn)
	}
	p, err := s.stores.Providers.ProviderByURL(ctx, account, name)
	return p, absent(err, noSuchProvider(arn))
}

// ListProviders returns all providers of an account by URL.
func (s *Service) ListProviders(ctx context.Context, account string) ([]Provider, error) {
	return s.stores.Providers.Providers(ctx, account)
}

// changeProvider runs edit on a provider and stores the result.
func (s *Service) changeProvider(ctx context.Context, account, arn string, edit func(*Provider) error) error {
	return s.change(ctx, account, func(ctx context.Context) error {
		p, err := s.Provider(ctx, account, arn)
		if err != nil {
			return err
		}
		if err := edit(&p); err != nil {
			return err
		}
		return s.stores.Providers.UpdateProvider(ctx, p)
	})
}

// AddClientID adds a client id; one that is there already does not matter.
func (s *Service) AddClientID(ctx context.Context, account, arn, id string) error {
	return s.changeProvider(ctx, account, arn, func(p *Provider) error {
		if slices.Contains(p.ClientIDs, id) {
			return nil
		}
		if len(p.ClientIDs) >= maxClientIDs {
			return quota("ClientIdsPerOpenIdConnectProvider", maxClientIDs)
		}
		p.ClientIDs = append(p.ClientIDs, id)
		slices.Sort(p.ClientIDs)
		return nil
	})
}

// RemoveClientID removes a client id; one that is not there does not matter.
func (s *Service) RemoveClientID(ctx context.Context, account, arn, id string) error {
	return s.changeProvider(ctx, account, arn, func(p *Provider) error {
		p.ClientIDs = slices.DeleteFunc(p.ClientIDs, func(have string) bool { return have == id })
		return nil
	})
}

// SetThumbprints replaces the thumbprints of a provider.
func (s *Service) SetThumbprints(ctx context.Context, account, arn string, list []string) error {
	thumbprints, err := checkThumbprints(list)
	if err != nil {
		return err
	}
	return s.changeProvider(ctx, account, arn, func(p *Provider) error {
		p.Thumbprints = thumbprints
		return nil
	})
}

// TagProvider adds tags to a provider, or changes them.
func (s *Service) TagProvider(ctx context.Context, account, arn string, tags []Tag) error {
	return s.changeProvider(ctx, account, arn, func(p *Provider) (err error) {
		p.Tags, err = addTags(p.Tags, tags)
		return err
	})
}

// UntagProvider removes tags from a provider by key.
func (s *Service) UntagProvider(ctx context.Context, account, arn string, keys []string) error {
	return s.changeProvider(ctx, account, arn, func(p *Provider) error {
		p.Tags = removeTags(p.Tags, keys)
		return nil
	})
}

// DeleteProvider deletes a provider by ARN. Trust policies that name it stay
// and match nothing.
func (s *Service) DeleteProvider(ctx context.Context, account, arn string) error {
	return s.change(ctx, account, func(ctx context.Context) error {
		told := iam.NoSuchEntityException("OpenId connect Provider %s cannot be found.", arn)
		name, ok := parseProviderARN(account, arn)
		if !ok {
			return told
		}
		if _, err := s.stores.Providers.ProviderByURL(ctx, account, name); err != nil {
			return absent(err, told)
		}
		return s.stores.Providers.DeleteProvider(ctx, account, name)
	})
}
