package identitypool

import (
	"slices"
	"strings"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/cognitoidentity"
)

// Keys of a pool's roles.
const (
	roleAuthenticated   = "authenticated"
	roleUnauthenticated = "unauthenticated"
)

// Claims that role mappings of type Token read.
const (
	claimRoles         = "cognito:roles"
	claimPreferredRole = "cognito:preferred_role"
)

// role chooses the role for whoever came in; empty if the pool has none.
//
// A guest gets the guests' role. With several logins the first, by provider
// name, whose mapping gives a role decides (not observed); without mappings it
// is the role for the authenticated.
func (e *entry) role(custom string) (string, error) {
	if len(e.proofs) == 0 {
		if custom != "" {
			return "", notAuthorized(textCustomRole, custom)
		}
		return e.pool.Roles[roleUnauthenticated], nil
	}
	var refused error
	for _, pr := range e.proofs {
		name, mapping, ok := e.pool.mapping(pr)
		if !ok {
			continue
		}
		switch role := mappedRole(mapping, pr.claims, custom); {
		case role != "":
			return role, nil
		case custom != "":
			refused = notAuthorized(textCustomRole, custom)
		case awsapi.Value(mapping.AmbiguousRoleResolution) == cognitoidentity.AmbiguousRoleResolutionTypeDeny:
			refused = notAuthorized(textAmbiguousRoles, name)
		default:
			return e.pool.Roles[roleAuthenticated], nil
		}
	}
	if refused != nil {
		return "", refused
	}
	// Without a mapping there is nothing that a custom role could come from.
	if role := e.pool.Roles[roleAuthenticated]; custom == "" || custom == role {
		return role, nil
	}
	return "", notAuthorized(textCustomRole, custom)
}

// mapping returns the role mapping for a login, with the provider's name as
// refusals print it.
func (p *Pool) mapping(pr proof) (name string, m cognitoidentity.RoleMapping, ok bool) {
	for _, entry := range pr.provider.entries {
		if !slices.Contains(pr.clients, *entry.ClientId) {
			continue
		}
		key := *entry.ProviderName + ":" + *entry.ClientId
		if m, ok = p.RoleMappings[key]; ok {
			return key, m, true
		}
	}
	for _, key := range []string{pr.provider.iamARN, pr.provider.key} {
		if m, ok = p.RoleMappings[key]; ok {
			return key, m, true
		}
	}
	return "", m, false
}

// mappedRole takes a role from a token; empty if the token leaves it open.
func mappedRole(m cognitoidentity.RoleMapping, c claims, custom string) string {
	if awsapi.Value(m.Type) == cognitoidentity.RoleMappingTypeToken {
		return tokenRole(c, custom)
	}
	for _, r := range m.RulesConfiguration.Rules {
		if arn := awsapi.Value(r.RoleARN); matches(r, c) && (custom == "" || custom == arn) {
			return arn
		}
	}
	return ""
}

// tokenRole: a custom role must be one of the token's roles; otherwise the
// preferred role counts. Several roles and no preferred one leave it open.
func tokenRole(c claims, custom string) string {
	if custom == "" {
		return first(c.Values(claimPreferredRole))
	}
	if slices.Contains(c.Values(claimRoles), custom) {
		return custom
	}
	return ""
}

// matches tests one rule. A claim that is an array matches Equals, StartsWith
// and Contains if any element does, and NotEqual if none is equal; a claim that
// is not there never matches (arrays were not observed).
func matches(r cognitoidentity.MappingRule, c claims) bool {
	values := c.Values(awsapi.Value(r.Claim))
	if len(values) == 0 {
		return false
	}
	want := awsapi.Value(r.Value)
	anyValue := func(f func(string) bool) bool { return slices.ContainsFunc(values, f) }
	equal := func(v string) bool { return v == want }
	switch awsapi.Value(r.MatchType) {
	case cognitoidentity.MappingRuleMatchTypeEquals:
		return anyValue(equal)
	case cognitoidentity.MappingRuleMatchTypeNotEqual:
		return !anyValue(equal)
	case cognitoidentity.MappingRuleMatchTypeStartsWith:
		return anyValue(func(v string) bool { return strings.HasPrefix(v, want) })
	case cognitoidentity.MappingRuleMatchTypeContains:
		return anyValue(func(v string) bool { return strings.Contains(v, want) })
	}
	return false
}
