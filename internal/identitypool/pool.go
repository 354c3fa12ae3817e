package identitypool

import (
	"slices"
	"time"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/cognitoidentity"
)

// Owner is who a pool belongs to.
type Owner struct {
	Account string // 12 digits
	Region  string
}

// Pool is an identity pool. One that was read is shared: change a copy.
//
// A nil list or map was never set; it stays absent when the pool is described.
type Pool struct {
	Owner
	ID                   string // <region>:<UUID>
	Name                 string
	AllowUnauthenticated bool
	AllowClassicFlow     *bool // nil: never set, which allows it
	UserPools            []cognitoidentity.CognitoIdentityProvider
	OpenIDProviders      []string          // ARNs of IAM OpenID Connect providers
	SAMLProviders        []string          // ARNs of IAM SAML providers
	SocialProviders      map[string]string // app id by provider, such as accounts.google.com
	DeveloperProvider    string            // "" for none; never changes once set
	Tags                 map[string]string
	Roles                map[string]string // role ARN by authenticated, unauthenticated
	RoleMappings         map[string]cognitoidentity.RoleMapping
	PrincipalTags        map[string]TagMap // by provider
	CreatedAt            time.Time
	ModifiedAt           time.Time
	Version              int64 // of the row; an update must find the one it read
}

// TagMap says which claims of a provider's token become session tags.
type TagMap struct {
	UseDefaults bool
	Claims      map[string]string // claim by tag key
}

// ARN names the pool in policies.
func (p *Pool) ARN() string { return awsapi.IdentityPoolARN(p.Region, p.Account, p.ID) }

// hasProviders reports whether anybody but guests could come in.
func (p *Pool) hasProviders() bool {
	return len(p.UserPools)+len(p.OpenIDProviders)+len(p.SAMLProviders)+len(p.SocialProviders) > 0 || p.DeveloperProvider != ""
}

// Describe returns the pool as DescribeIdentityPool prints it. The service
// prints an empty map of tags and a false ServerSideTokenCheck where none were
// set, and nothing else that was not (seen in output of the AWS CLI).
func (p *Pool) Describe() *cognitoidentity.IdentityPool {
	d := &cognitoidentity.IdentityPool{
		IdentityPoolId:                 &p.ID,
		IdentityPoolName:               &p.Name,
		AllowUnauthenticatedIdentities: &p.AllowUnauthenticated,
		AllowClassicFlow:               p.AllowClassicFlow,
		SupportedLoginProviders:        p.SocialProviders,
		OpenIdConnectProviderARNs:      p.OpenIDProviders,
		SamlProviderARNs:               p.SAMLProviders,
		IdentityPoolTags:               p.Tags,
	}
	if p.DeveloperProvider != "" {
		d.DeveloperProviderName = &p.DeveloperProvider
	}
	for _, provider := range p.UserPools {
		if provider.ServerSideTokenCheck == nil {
			provider.ServerSideTokenCheck = new(false)
		}
		d.CognitoIdentityProviders = append(d.CognitoIdentityProviders, provider)
	}
	if d.IdentityPoolTags == nil {
		d.IdentityPoolTags = map[string]string{}
	}
	return d
}

// Identity is one person, or one guest, in a pool.
type Identity struct {
	PoolID     string
	ID         string // <region>:<UUID>
	Logins     []Login
	Disabled   bool // had logins and lost them
	CreatedAt  time.Time
	ModifiedAt time.Time
	Version    int64 // of the row; an update must find the one it read
}

// Guest reports whether the identity never had a login.
func (i *Identity) Guest() bool { return len(i.Logins) == 0 && !i.Disabled }

// Has reports whether a login belongs to the identity.
func (i *Identity) Has(l Login) bool { return slices.Contains(i.Logins, l) }

// knownAt reports whether the identity has a login at a provider.
func (i *Identity) knownAt(provider string) bool {
	return slices.ContainsFunc(i.Logins, func(l Login) bool { return l.Provider == provider })
}

// Describe returns the identity as DescribeIdentity prints it: the names of
// its providers, each once, not its subjects.
func (i *Identity) Describe() *cognitoidentity.IdentityDescription {
	d := &cognitoidentity.IdentityDescription{IdentityId: &i.ID, CreationDate: &i.CreatedAt, LastModifiedDate: &i.ModifiedAt}
	for _, l := range i.Logins {
		if !slices.Contains(d.Logins, l.Provider) {
			d.Logins = append(d.Logins, l.Provider)
		}
	}
	return d
}

// Login is who a person is at a provider.
type Login struct {
	Provider string // canonical name
	Subject  string
}
