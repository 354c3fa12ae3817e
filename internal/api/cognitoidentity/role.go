package cognitoidentity

import (
	"context"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/cognitoidentity"
	"github.com/cenote-id/cenote/internal/identitypool"
)

func (a *API) roleHandlers() []awsapi.Handler {
	return []awsapi.Handler{
		cognitoidentity.GetIdentityPoolRoles.Bind(a.GetIdentityPoolRoles),
		cognitoidentity.SetIdentityPoolRoles.Bind(a.SetIdentityPoolRoles),
		cognitoidentity.GetPrincipalTagAttributeMap.Bind(a.GetPrincipalTagAttributeMap),
		cognitoidentity.SetPrincipalTagAttributeMap.Bind(a.SetPrincipalTagAttributeMap),
	}
}

// GetIdentityPoolRoles returns a pool's roles. Empty maps are left out.
func (a *API) GetIdentityPoolRoles(ctx context.Context, in *cognitoidentity.GetIdentityPoolRolesInput) (*cognitoidentity.GetIdentityPoolRolesResponse, error) {
	p, err := a.pools.Describe(ctx, owner(ctx), *in.IdentityPoolId)
	if err != nil {
		return nil, err
	}
	out := &cognitoidentity.GetIdentityPoolRolesResponse{IdentityPoolId: &p.ID}
	if len(p.Roles) > 0 {
		out.Roles = p.Roles
	}
	if len(p.RoleMappings) > 0 {
		out.RoleMappings = p.RoleMappings
	}
	return out, nil
}

// SetIdentityPoolRoles replaces a pool's roles and role mappings.
func (a *API) SetIdentityPoolRoles(ctx context.Context, in *cognitoidentity.SetIdentityPoolRolesInput) (*awsapi.None, error) {
	return &awsapi.None{}, a.pools.SetRoles(ctx, owner(ctx), in)
}

// GetPrincipalTagAttributeMap returns which claims of a provider become
// session tags.
func (a *API) GetPrincipalTagAttributeMap(ctx context.Context, in *cognitoidentity.GetPrincipalTagAttributeMapInput) (*cognitoidentity.GetPrincipalTagAttributeMapResponse, error) {
	m, err := a.pools.TagMap(ctx, owner(ctx), *in.IdentityPoolId, *in.IdentityProviderName)
	if err != nil {
		return nil, err
	}
	out := tagMap(in.IdentityPoolId, in.IdentityProviderName, m)
	return &out, nil
}

// SetPrincipalTagAttributeMap replaces it.
func (a *API) SetPrincipalTagAttributeMap(ctx context.Context, in *cognitoidentity.SetPrincipalTagAttributeMapInput) (*cognitoidentity.SetPrincipalTagAttributeMapResponse, error) {
	m, err := a.pools.SetTagMap(ctx, owner(ctx), in)
	if err != nil {
		return nil, err
	}
	return new(cognitoidentity.SetPrincipalTagAttributeMapResponse(tagMap(in.IdentityPoolId, in.IdentityProviderName, m))), nil
}

func tagMap(pool, provider *string, m identitypool.TagMap) cognitoidentity.GetPrincipalTagAttributeMapResponse {
	return cognitoidentity.GetPrincipalTagAttributeMapResponse{
		IdentityPoolId: pool, IdentityProviderName: provider, UseDefaults: &m.UseDefaults, PrincipalTags: m.Claims,
	}
}
