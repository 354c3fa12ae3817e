package identitypool

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"github.com/cenote-id/cenote/internal/account"
	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/cognitoidentity"
)

// maxRules is the documented quota of one role mapping; the API's own bound
// is higher.
const maxRules = 25

// SetRoles replaces roles and role mappings. The caller must be allowed to
// pass every role that they name, and the role must exist.
func (s *Service) SetRoles(ctx context.Context, owner Owner, in *cognitoidentity.SetIdentityPoolRolesInput) error {
	p, err := s.owned(ctx, owner, *in.IdentityPoolId)
	if err != nil {
		return err
	}
	for _, provider := range slices.Sorted(maps.Keys(in.RoleMappings)) {
		if err := checkMapping(p, provider, in.RoleMappings[provider]); err != nil {
			return err
		}
	}
	for _, arn := range namedRoles(in) {
		if err := s.mayPass(ctx, p, arn); err != nil {
			return err
		}
	}
	_, err = s.change(ctx, owner, p.ID, func(_ context.Context, p *Pool) error {
		p.Roles, p.RoleMappings = in.Roles, in.RoleMappings
		return nil
	})
	return err
}

// namedRoles lists the roles of a request in a fixed order.
func namedRoles(in *cognitoidentity.SetIdentityPoolRolesInput) []string {
	var arns []string
	for _, kind := range slices.Sorted(maps.Keys(in.Roles)) {
		arns = append(arns, in.Roles[kind])
	}
	for _, provider := range slices.Sorted(maps.Keys(in.RoleMappings)) {
		if rules := in.RoleMappings[provider].RulesConfiguration; rules != nil {
			for _, r := range rules.Rules {
				arns = append(arns, awsapi.Value(r.RoleARN))
			}
		}
	}
	slices.Sort(arns)
	return slices.Compact(arns)
}

// mayPass answers alike for a role that is not there, one of another account,
// something that is no role, and one that the caller may not pass: to tell
// them apart would tell strangers which roles exist.
func (s *Service) mayPass(ctx context.Context, p *Pool, arn string) error {
	forbidden := notAuthorized(textRoleForbidden, arn)
	role, ok := roleOf(p.Account, arn)
	if !ok {
		return forbidden
	}
	found, err := s.Directory.Role(ctx, p.Account, role)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return forbidden
	case err != nil:
		return fmt.Errorf("find role %s: %w", arn, err)
	case found.ARN() != arn:
		return forbidden
	}
	err = s.Permissions.Authorize(ctx, []awsapi.Access{account.PassRole(arn, account.CognitoService)})
	if refusal, ok := awsapi.AsError(err); ok {
		return forbidden.WithCause(refusal)
	}
	return err
}

// roleOf returns the name, without its path, of a role of an account.
func roleOf(accountID, arn string) (name string, ok bool) {
	a, ok := awsapi.ParseARN(arn)
	if !ok || a.Service != "iam" || a.Region != "" || a.Account != accountID {
		return "", false
	}
	path, ok := strings.CutPrefix(a.Resource, "role/")
	if !ok || path == "" {
		return "", false
	}
	return path[strings.LastIndexByte(path, '/')+1:], true
}

// checkMapping checks one role mapping.
func checkMapping(p *Pool, provider string, m cognitoidentity.RoleMapping) error {
	if !slices.Contains(mappable(p), provider) {
		return invalid(textInvalidRoleMapping, provider)
	}
	kind := awsapi.Value(m.Type)
	if m.AmbiguousRoleResolution == nil {
		return invalid(textMappingType, provider, kind)
	}
	if (kind == cognitoidentity.RoleMappingTypeRules) != (m.RulesConfiguration != nil) {
		return invalid(textMappingRules, provider)
	}
	if m.RulesConfiguration != nil && len(m.RulesConfiguration.Rules) > maxRules {
		return invalid(textMappingTooMany, provider, maxRules)
	}
	return nil
}

// mappable lists the names that role mappings may have.
func mappable(p *Pool) []string {
	names := slices.Concat(p.OpenIDProviders, p.SAMLProviders, slices.Collect(maps.Keys(p.SocialProviders)))
	for _, u := range p.UserPools {
		names = append(names, awsapi.Value(u.ProviderName)+":"+awsapi.Value(u.ClientId))
	}
	return names
}
