package sts

import (
	"context"

	"github.com/cenote-id/cenote/internal/account"
	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/sts"
	"github.com/cenote-id/cenote/internal/credential"
)

// Why operations are refused; the coverage page says it.
const (
	whyNoOrganization = "there are no organizations, and so no member accounts whose root user could be managed"
	whyNoDelegation   = "requests for delegated access come from products of AWS and its partners"
)

// refusing marks an operation that refuses every call after it has looked at
// what it was given.
func refusing(h awsapi.Handler, why string) awsapi.Handler {
	h.Refusal = why
	return h
}

// AssumeRoot refuses: there are no organizations.
func (a *API) AssumeRoot(_ context.Context, in *sts.AssumeRootRequest) (*sts.AssumeRootResponse, error) {
	return nil, credential.AssumeRoot(awsapi.Value(in.TargetPrincipal), awsapi.Value(awsapi.Value(in.TaskPolicyArn).Arn))
}

// rootAccess asks for the root user of the account that is named.
func rootAccess(in *sts.AssumeRootRequest) ([]awsapi.Access, error) {
	target, err := credential.RootTarget(awsapi.Value(in.TargetPrincipal))
	if err != nil {
		return nil, err
	}
	return []awsapi.Access{{
		Action: sts.AssumeRoot.Action(), Resource: account.RootARN(target),
		Context: map[string][]string{"sts:TaskPolicyArn": {awsapi.Value(awsapi.Value(in.TaskPolicyArn).Arn)}},
	}}, nil
}

// GetDelegatedAccessToken refuses: there are no delegation requests.
func (a *API) GetDelegatedAccessToken(context.Context, *sts.GetDelegatedAccessTokenRequest) (*sts.GetDelegatedAccessTokenResponse, error) {
	return nil, credential.GetDelegatedAccessToken()
}
