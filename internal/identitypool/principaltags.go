package identitypool

import (
	"context"
	"maps"
	"slices"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/cognitoidentity"
)

// defaultTags are the session tags of a provider whose map says UseDefaults,
// by the claim that they come from (the spelling of the keys is what users
// write; the service's was not observed).
var defaultTags = map[string]string{"client": "aud", "username": "sub"}

// defaultSAMLTags are those of a SAML provider (developer guide, "Default
// provider mappings"; which tag has which is UNCONFIRMED).
var defaultSAMLTags = map[string]string{
	"username": "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/nameidentifier",
	"client":   "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name",
}

// maxTagValue is the longest value of a session tag; a claim that is longer
// gives no tag.
const maxTagValue = 256

// SetTagMap replaces which claims of a provider become session tags.
func (s *Service) SetTagMap(ctx context.Context, owner Owner, in *cognitoidentity.SetPrincipalTagAttributeMapInput) (TagMap, error) {
	m := TagMap{UseDefaults: awsapi.Value(in.UseDefaults), Claims: in.PrincipalTags}
	_, err := s.change(ctx, owner, *in.IdentityPoolId, func(_ context.Context, p *Pool) error {
		if !slices.Contains(taggable(p), *in.IdentityProviderName) {
			return invalid(textTagMapProvider, *in.IdentityProviderName)
		}
		tags := maps.Clone(p.PrincipalTags)
		if tags == nil {
			tags = map[string]TagMap{}
		}
		tags[*in.IdentityProviderName] = m
		p.PrincipalTags = tags
		return nil
	})
	return m, err
}

// TagMap returns which claims of a provider become session tags.
func (s *Service) TagMap(ctx context.Context, owner Owner, poolID, provider string) (TagMap, error) {
	p, err := s.owned(ctx, owner, poolID)
	if err != nil {
		return TagMap{}, err
	}
	m, ok := p.PrincipalTags[provider]
	if !ok {
		return TagMap{}, notFound(textTagMapNotFound, provider)
	}
	return m, nil
}

// taggable lists the names that tag maps may have: Logins keys, and ARNs of
// IAM providers.
func taggable(p *Pool) []string {
	names := slices.Concat(p.OpenIDProviders, p.SAMLProviders, slices.Collect(maps.Keys(p.SocialProviders)))
	for _, u := range p.UserPools {
		names = append(names, awsapi.Value(u.ProviderName))
	}
	if p.DeveloperProvider != "" {
		names = append(names, p.DeveloperProvider)
	}
	return names
}

// tags are the session tags that the proofs give. A claim that is missing,
// has several values, or is too long gives none.
func (e *entry) tags() map[string]string {
	tags := map[string]string{}
	for _, pr := range e.proofs {
		maps.Copy(tags, pr.tags)
		m, ok := e.pool.tagMap(pr)
		if !ok {
			continue
		}
		claims := m.Claims
		if m.UseDefaults {
			claims = defaultTags
			if pr.provider.saml != nil {
				claims = defaultSAMLTags
			}
		}
		for key, claim := range claims {
			if v, ok := single(pr.claims, claim); ok {
				tags[key] = v
			}
		}
	}
	return tags
}

func (p *Pool) tagMap(pr proof) (m TagMap, ok bool) {
	for _, name := range []string{pr.provider.iamARN, pr.provider.key, pr.Provider} {
		if m, ok = p.PrincipalTags[name]; ok {
			return m, true
		}
	}
	for _, entry := range pr.provider.entries {
		if m, ok = p.PrincipalTags[*entry.ProviderName]; ok {
			return m, true
		}
	}
	return m, false
}

func single(c claims, name string) (string, bool) {
	values := c.Values(name)
	if len(values) != 1 || values[0] == "" || len(values[0]) > maxTagValue {
		return "", false
	}
	return values[0], true
}
