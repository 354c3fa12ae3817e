package sts

import (
	"context"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/sts"
	"github.com/cenote-id/cenote/internal/credential"
)

// GetFederationToken gives credentials to a federated user.
func (a *API) GetFederationToken(ctx context.Context, in *sts.GetFederationTokenRequest) (*sts.GetFederationTokenResponse, error) {
	c, err := a.credentials.GetFederationToken(ctx, credential.FederationRequest{
		Name: awsapi.Value(in.Name), Duration: seconds(in.DurationSeconds), Policy: awsapi.Value(in.Policy),
		PolicyARNs: policyARNs(in.PolicyArns), Tags: tags(in.Tags), TokenSize: awsapi.Value(in.MinimumSessionTokenSize),
	})
	if err != nil {
		return nil, err
	}
	return &sts.GetFederationTokenResponse{
		Credentials:      wireCredentials(&c.Credentials),
		FederatedUser:    &sts.FederatedUser{Arn: &c.ARN, FederatedUserId: &c.ID},
		PackedPolicySize: &c.PackedPercent,
		SessionTokenSize: tokenSize(&c.Credentials), SessionTokenUtilization: new(c.Utilization()),
	}, nil
}

// federationAccess asks for the federated user by name, and for the tags.
func federationAccess(caller *awsapi.Caller, in *sts.GetFederationTokenRequest) ([]awsapi.Access, error) {
	if err := credential.CheckFederationCaller(caller); err != nil {
		return nil, err
	}
	user := awsapi.Access{
		Action:   sts.GetFederationToken.Action(),
		Resource: credential.FederatedUserARN(caller.Account, awsapi.Value(in.Name)),
	}
	if len(in.Tags) == 0 {
		return []awsapi.Access{user}, nil
	}
	user.Context = map[string][]string{}
	requestTags(user.Context, in.Tags)
	tagging := user
	tagging.Action = "sts:TagSession"
	return []awsapi.Access{user, tagging}, nil
}

// requestTags adds the condition keys for the tags of a request.
func requestTags(keys map[string][]string, tags []sts.Tag) {
	for _, t := range tags {
		key := awsapi.Value(t.Key)
		keys["aws:RequestTag/"+key] = []string{awsapi.Value(t.Value)}
		keys["aws:TagKeys"] = append(keys["aws:TagKeys"], key)
	}
}
