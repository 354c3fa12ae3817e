package sts

import (
	"context"
	"strconv"
	"time"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/sts"
	"github.com/cenote-id/cenote/internal/credential"
)

// GetWebIdentityToken gives the caller a token that tells outside parties who
// the caller is.
func (a *API) GetWebIdentityToken(ctx context.Context, in *sts.GetWebIdentityTokenRequest) (*sts.GetWebIdentityTokenResponse, error) {
	t, err := a.credentials.GetWebIdentityToken(ctx, credential.WebTokenRequest{
		Audience: in.Audience, Algorithm: awsapi.Value(in.SigningAlgorithm),
		Duration: seconds(in.DurationSeconds), Tags: tags(in.Tags),
	})
	if err != nil {
		return nil, err
	}
	return &sts.GetWebIdentityTokenResponse{WebIdentityToken: &t.Token, Expiration: &t.Expiration}, nil
}

// Condition keys and the second action of GetWebIdentityToken. UNCONFIRMED:
// the action for tags.
const (
	keyTokenAudience  = "sts:IdentityTokenAudience"
	keyTokenAlgorithm = "sts:SigningAlgorithm"
	keyTokenDuration  = "sts:DurationSeconds"

	actionTagWebToken = "sts:TagGetWebIdentityToken"
)

// webTokenAccess asks for the token with what it is to say, and for its tags.
func webTokenAccess(in *sts.GetWebIdentityTokenRequest) []awsapi.Access {
	lasts := credential.DefaultWebToken
	if in.DurationSeconds != nil {
		lasts = seconds(in.DurationSeconds)
	}
	token := awsapi.Access{Action: sts.GetWebIdentityToken.Action(), Resource: "*", Context: map[string][]string{
		keyTokenAudience:  in.Audience,
		keyTokenAlgorithm: {awsapi.Value(in.SigningAlgorithm)},
		keyTokenDuration:  {strconv.FormatInt(int64(lasts/time.Second), 10)},
	}}
	if len(in.Tags) == 0 {
		return []awsapi.Access{token}
	}
	requestTags(token.Context, in.Tags)
	tagging := token
	tagging.Action = actionTagWebToken
	return []awsapi.Access{token, tagging}
}
