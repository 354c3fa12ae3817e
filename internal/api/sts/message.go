package sts

import (
	"context"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/sts"
)

// DecodeAuthorizationMessage opens what came with a denial.
func (a *API) DecodeAuthorizationMessage(ctx context.Context, in *sts.DecodeAuthorizationMessageRequest) (*sts.DecodeAuthorizationMessageResponse, error) {
	text, err := a.credentials.DecodeAuthorizationMessage(ctx, awsapi.Value(in.EncodedMessage))
	if err != nil {
		return nil, err
	}
	return &sts.DecodeAuthorizationMessageResponse{DecodedMessage: &text}, nil
}
