package cognitoidentity

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/cognitoidentity"
	"github.com/cenote-id/cenote/internal/identitypool"
)

// Condition keys and further actions of the service authorization reference.
const (
	keyPoolARN     = "cognito-identity:IdentityPoolArn"
	keyTagKeys     = "aws:TagKeys"
	prefixRequest  = "aws:RequestTag/"
	prefixResource = "aws:ResourceTag/"

	actionTag   = "cognito-identity:TagResource"
	actionUntag = "cognito-identity:UntagResource"
)

// Access says what IAM must allow before a signed operation runs: the action
// on the pool that the request names, where the service authorization
// reference scopes it to a pool, else on "*". Setting tags beside something
// else needs the permission to tag as well. Roles are looked at by
// SetIdentityPoolRoles itself, which answers with a sentence of its own.
func (a *API) Access(ctx context.Context, op *awsapi.Operation, in any) ([]awsapi.Access, error) {
	access := awsapi.Access{Action: op.Action(), Resource: "*", Context: map[string][]string{}}
	var err error
	switch in := in.(type) {
	case *cognitoidentity.CreateIdentityPoolInput:
		return createAccess(access, in), nil
	case *cognitoidentity.IdentityPool:
		return a.updateAccess(ctx, access, in)
	case *cognitoidentity.DescribeIdentityInput:
		return a.identityAccess(ctx, access, *in.IdentityId)
	case *cognitoidentity.DeleteIdentitiesInput:
		return a.identityAccess(ctx, access, in.IdentityIdsToDelete...)
	case *cognitoidentity.TagResourceInput:
		requestTags(access.Context, in.Tags)
		err = a.onARN(ctx, &access, *in.ResourceArn)
	case *cognitoidentity.UntagResourceInput:
		access.Context[keyTagKeys] = in.TagKeys
		err = a.onARN(ctx, &access, *in.ResourceArn)
	case *cognitoidentity.ListTagsForResourceInput:
		err = a.onARN(ctx, &access, *in.ResourceArn)
	case *cognitoidentity.DeleteIdentityPoolInput:
		_, err = a.onPool(ctx, &access, *in.IdentityPoolId)
	case *cognitoidentity.DescribeIdentityPoolInput:
		_, err = a.onPool(ctx, &access, *in.IdentityPoolId)
	case *cognitoidentity.GetIdentityPoolRolesInput:
		_, err = a.onPool(ctx, &access, *in.IdentityPoolId)
	case *cognitoidentity.GetPrincipalTagAttributeMapInput:
		_, err = a.onPool(ctx, &access, *in.IdentityPoolId)
	case *cognitoidentity.ListIdentitiesInput:
		_, err = a.onPool(ctx, &access, *in.IdentityPoolId)
	case *cognitoidentity.GetOpenIdTokenForDeveloperIdentityInput:
		_, err = a.onPool(ctx, &access, *in.IdentityPoolId)
	case *cognitoidentity.LookupDeveloperIdentityInput:
		_, err = a.onPool(ctx, &access, *in.IdentityPoolId)
	case *cognitoidentity.MergeDeveloperIdentitiesInput:
		_, err = a.onPool(ctx, &access, *in.IdentityPoolId)
	case *cognitoidentity.UnlinkDeveloperIdentityInput:
		_, err = a.onPool(ctx, &access, *in.IdentityPoolId)
	}
	return []awsapi.Access{access}, err
}

func createAccess(access awsapi.Access, in *cognitoidentity.CreateIdentityPoolInput) []awsapi.Access {
	if len(in.IdentityPoolTags) == 0 {
		return []awsapi.Access{access}
	}
	requestTags(access.Context, in.IdentityPoolTags)
	return []awsapi.Access{access, {Action: actionTag, Resource: "*", Context: access.Context}}
}

// updateAccess asks for the permissions to tag and untag where an update does.
func (a *API) updateAccess(ctx context.Context, access awsapi.Access, in *cognitoidentity.IdentityPool) ([]awsapi.Access, error) {
	p, err := a.onPool(ctx, &access, *in.IdentityPoolId)
	accesses := []awsapi.Access{access}
	if err != nil || p == nil || in.IdentityPoolTags == nil {
		return accesses, err
	}
	set := map[string]string{}
	for k, v := range in.IdentityPoolTags {
		if old, ok := p.Tags[k]; !ok || old != v {
			set[k] = v
		}
	}
	if len(set) > 0 {
		tag := awsapi.Access{Action: actionTag, Resource: access.Resource, Context: maps.Clone(access.Context)}
		requestTags(tag.Context, set)
		accesses = append(accesses, tag)
	}
	removed := slices.DeleteFunc(slices.Sorted(maps.Keys(p.Tags)), func(k string) bool {
		_, kept := in.IdentityPoolTags[k]
		return kept
	})
	if len(removed) > 0 {
		untag := awsapi.Access{Action: actionUntag, Resource: access.Resource, Context: maps.Clone(access.Context)}
		untag.Context[keyTagKeys] = removed
		accesses = append(accesses, untag)
	}
	return accesses, nil
}

func requestTags(keys map[string][]string, tags map[string]string) {
	for k, v := range tags {
		keys[prefixRequest+k] = []string{v}
	}
	keys[keyTagKeys] = slices.Sorted(maps.Keys(tags))
}

// onPool names a pool of the caller's account and returns it. One that is not
// there has no tags; whether the caller may learn that is IAM's decision,
// before the handler's.
func (a *API) onPool(ctx context.Context, access *awsapi.Access, id string) (*identitypool.Pool, error) {
	o := owner(ctx)
	access.Resource = awsapi.IdentityPoolARN(o.Region, o.Account, id)
	p, err := a.pools.Describe(ctx, o, id)
	if _, refused := awsapi.AsError(err); refused {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	for k, v := range p.Tags {
		access.Context[prefixResource+k] = []string{v}
	}
	return p, nil
}

func (a *API) onARN(ctx context.Context, access *awsapi.Access, arn string) error {
	_, err := a.onPool(ctx, access, arn[strings.LastIndexByte(arn, '/')+1:])
	access.Resource = arn
	return err
}

// identityAccess asks once for each pool that the identities are of: the
// permission for one pool must not reach into another.
func (a *API) identityAccess(ctx context.Context, access awsapi.Access, ids ...string) ([]awsapi.Access, error) {
	var accesses []awsapi.Access
	seen := map[string]bool{}
	for _, id := range ids {
		_, p, err := a.pools.Identity(ctx, owner(ctx), id)
		if _, refused := awsapi.AsError(err); refused {
			continue
		}
		if err != nil {
			return nil, err
		}
		if arn := p.ARN(); !seen[arn] {
			seen[arn] = true
			accesses = append(accesses, awsapi.Access{Action: access.Action, Resource: "*", Context: map[string][]string{keyPoolARN: {arn}}})
		}
	}
	if len(accesses) == 0 {
		accesses = append(accesses, access)
	}
	return accesses, nil
}
