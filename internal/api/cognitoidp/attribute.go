package cognitoidp

import (
	"context"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
	"github.com/cenote-id/cenote/internal/user"
)

func (a *API) attributeHandlers() []awsapi.Handler {
	return []awsapi.Handler{
		cognitoidp.AdminDeleteUserAttributes.Bind(a.AdminDeleteUserAttributes),
		cognitoidp.AdminUpdateUserAttributes.Bind(a.AdminUpdateUserAttributes),
		cognitoidp.DeleteUser.Bind(a.DeleteUser),
		cognitoidp.DeleteUserAttributes.Bind(a.DeleteUserAttributes),
		cognitoidp.GetUserAttributeVerificationCode.Bind(a.GetUserAttributeVerificationCode),
		cognitoidp.UpdateUserAttributes.Bind(a.UpdateUserAttributes),
		cognitoidp.VerifyUserAttribute.Bind(a.VerifyUserAttribute),
	}
}

// UpdateUserAttributes changes the profile of the user of an access token.
func (a *API) UpdateUserAttributes(ctx context.Context, in *cognitoidp.UpdateUserAttributesRequest) (*cognitoidp.UpdateUserAttributesResponse, error) {
	me, err := a.self(ctx)
	if err != nil {
		return nil, err
	}
	sent, err := a.users.UpdateOwn(ctx, me.pool, me.client, me.user, user.Update{Attributes: attributes(in.UserAttributes), Metadata: in.ClientMetadata})
	if err != nil {
		return nil, err
	}
	out := &cognitoidp.UpdateUserAttributesResponse{CodeDeliveryDetailsList: make([]cognitoidp.CodeDeliveryDetailsType, len(sent))}
	for i, d := range sent {
		out.CodeDeliveryDetailsList[i] = *delivery(d)
	}
	return out, nil
}

// AdminUpdateUserAttributes changes a user's profile.
func (a *API) AdminUpdateUserAttributes(ctx context.Context, in *cognitoidp.AdminUpdateUserAttributesRequest) (*cognitoidp.AdminUpdateUserAttributesResponse, error) {
	p, err := a.pool(ctx, in.UserPoolId)
	if err != nil {
		return nil, err
	}
	if err := a.users.UpdateAttributes(ctx, p, *in.Username, user.Update{Attributes: attributes(in.UserAttributes), Metadata: in.ClientMetadata}); err != nil {
		return nil, err
	}
	return &cognitoidp.AdminUpdateUserAttributesResponse{}, nil
}

// DeleteUserAttributes takes attributes of the user of an access token away.
func (a *API) DeleteUserAttributes(ctx context.Context, in *cognitoidp.DeleteUserAttributesRequest) (*cognitoidp.DeleteUserAttributesResponse, error) {
	me, err := a.self(ctx)
	if err != nil {
		return nil, err
	}
	if err := a.users.DeleteOwnAttributes(ctx, me.pool, me.client, me.user, in.UserAttributeNames); err != nil {
		return nil, err
	}
	return &cognitoidp.DeleteUserAttributesResponse{}, nil
}

// AdminDeleteUserAttributes takes attributes of a user away.
func (a *API) AdminDeleteUserAttributes(ctx context.Context, in *cognitoidp.AdminDeleteUserAttributesRequest) (*cognitoidp.AdminDeleteUserAttributesResponse, error) {
	p, err := a.pool(ctx, in.UserPoolId)
	if err != nil {
		return nil, err
	}
	if err := a.users.DeleteAttributes(ctx, p, *in.Username, in.UserAttributeNames); err != nil {
		return nil, err
	}
	return &cognitoidp.AdminDeleteUserAttributesResponse{}, nil
}

// GetUserAttributeVerificationCode sends the user of an access token a code
// that proves an address.
func (a *API) GetUserAttributeVerificationCode(ctx context.Context, in *cognitoidp.GetUserAttributeVerificationCodeRequest) (*cognitoidp.GetUserAttributeVerificationCodeResponse, error) {
	me, err := a.self(ctx)
	if err != nil {
		return nil, err
	}
	sent, err := a.users.SendAttributeCode(ctx, me.pool, me.client, me.user, user.AttributeCode{Attribute: *in.AttributeName, Metadata: in.ClientMetadata})
	if err != nil {
		return nil, err
	}
	return &cognitoidp.GetUserAttributeVerificationCodeResponse{CodeDeliveryDetails: delivery(sent)}, nil
}

// VerifyUserAttribute proves an address of the user of an access token.
func (a *API) VerifyUserAttribute(ctx context.Context, in *cognitoidp.VerifyUserAttributeRequest) (*cognitoidp.VerifyUserAttributeResponse, error) {
	me, err := a.self(ctx)
	if err != nil {
		return nil, err
	}
	if err := a.users.VerifyAttribute(ctx, me.pool, me.user, *in.AttributeName, *in.Code); err != nil {
		return nil, err
	}
	return &cognitoidp.VerifyUserAttributeResponse{}, nil
}

// DeleteUser removes the user of an access token.
func (a *API) DeleteUser(ctx context.Context, _ *cognitoidp.DeleteUserRequest) (*awsapi.None, error) {
	me, err := a.self(ctx)
	if err != nil {
		return nil, err
	}
	return nil, a.users.Delete(ctx, me.pool, me.user.Sub)
}
