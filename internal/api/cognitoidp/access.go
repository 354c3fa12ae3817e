package cognitoidp

import (
	"context"
	"errors"
	"maps"
	"reflect"
	"slices"

	"github.com/cenote-id/cenote/internal/account"
	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
)

// passedTo is the service that takes the roles named in pools and groups.
const passedTo = "cognito-idp.amazonaws.com"

// Access says what IAM must allow before a signed operation runs: the action
// on the pool that the request names, with the tags of pool and request as
// condition keys; and iam:PassRole for each role that it hands over.
//
// A pool that the caller's account does not have has no tags. Whether the
// caller may know that it is missing is IAM's decision, before the handler's.
func (a *API) Access(ctx context.Context, op *awsapi.Operation, in any) ([]awsapi.Access, error) {
	own := awsapi.Access{Action: op.Action(), Resource: "*", Context: requestTags(in)}
	poolID := member(in, "UserPoolId")
	if arn := member(in, "ResourceArn"); arn != "" {
		own.Resource = arn
		poolID, _ = poolOfARN(arn)
	} else if poolID != "" {
		o := owner(ctx)
		own.Resource = awsapi.UserPoolARN(o.Region, o.Account, poolID)
	}
	if poolID != "" {
		p, err := a.pools.Pool(ctx, owner(ctx), poolID)
		switch {
		case errors.Is(err, cognitoidp.ResourceNotFoundException("")):
		case err != nil:
			return nil, err
		default:
			for k, v := range p.Tags() {
				own.Context["aws:ResourceTag/"+k] = []string{v}
			}
		}
	}
	accesses := []awsapi.Access{own}
	for _, role := range rolesHandedOver(in) {
		accesses = append(accesses, account.PassRole(role, passedTo))
	}
	return accesses, nil
}

// member returns a text member of an input by name; empty if the input has
// none or it is absent.
func member(in any, name string) string {
	v := reflect.Indirect(reflect.ValueOf(in))
	if v.Kind() != reflect.Struct {
		return ""
	}
	field := v.FieldByName(name)
	if !field.IsValid() {
		return ""
	}
	s, _ := field.Interface().(*string)
	return awsapi.Value(s)
}

// requestTags are the condition keys for the tags that a request names. The
// map is never nil.
func requestTags(in any) map[string][]string {
	var tags map[string]string
	var keys []string
	switch in := in.(type) {
	case *cognitoidp.CreateUserPoolRequest:
		tags = in.UserPoolTags
	case *cognitoidp.UpdateUserPoolRequest:
		tags = in.UserPoolTags
	case *cognitoidp.TagResourceRequest:
		tags = in.Tags
	case *cognitoidp.UntagResourceRequest:
		keys = in.TagKeys
	}
	c := map[string][]string{}
	for k, v := range tags {
		c["aws:RequestTag/"+k] = []string{v}
	}
	keys = append(keys, slices.Sorted(maps.Keys(tags))...)
	if len(keys) > 0 {
		c["aws:TagKeys"] = keys
	}
	return c
}

// rolesHandedOver lists the roles that a request gives to a pool or a group:
// whoever names a role must be allowed to pass it on, or they could reach
// through the pool what they may not do themselves.
func rolesHandedOver(in any) []string {
	var sms *cognitoidp.SmsConfigurationType
	var role *string
	switch in := in.(type) {
	case *cognitoidp.CreateUserPoolRequest:
		sms = in.SmsConfiguration
	case *cognitoidp.UpdateUserPoolRequest:
		sms = in.SmsConfiguration
	case *cognitoidp.SetUserPoolMfaConfigRequest:
		sms = awsapi.Value(in.SmsMfaConfiguration).SmsConfiguration
	case *cognitoidp.CreateGroupRequest:
		role = in.RoleArn
	case *cognitoidp.UpdateGroupRequest:
		role = in.RoleArn
	case *cognitoidp.CreateUserImportJobRequest:
		role = in.CloudWatchLogsRoleArn
	}
	var roles []string
	for _, r := range []*string{role, awsapi.Value(sms).SnsCallerArn, awsapi.Value(awsapi.Value(sms).EumsSms).CallerArn} {
		if awsapi.Value(r) != "" {
			roles = append(roles, *r)
		}
	}
	return roles
}
