package cognitoidp

import (
	"context"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
	"github.com/cenote-id/cenote/internal/message"
	"github.com/cenote-id/cenote/internal/user"
)

func (a *API) userHandlers() []awsapi.Handler {
	return []awsapi.Handler{
		cognitoidp.AdminCreateUser.Bind(a.AdminCreateUser),
		cognitoidp.AdminDeleteUser.Bind(a.AdminDeleteUser),
		cognitoidp.AdminDisableUser.Bind(a.AdminDisableUser),
		cognitoidp.AdminEnableUser.Bind(a.AdminEnableUser),
		cognitoidp.AdminGetUser.Bind(a.AdminGetUser),
		cognitoidp.AdminUserGlobalSignOut.Bind(a.AdminUserGlobalSignOut),
		cognitoidp.ListUsers.Bind(a.ListUsers),
	}
}

// attributes reads a list of attributes; one without a value has the empty
// one.
func attributes(list []cognitoidp.AttributeType) []user.Attribute {
	out := make([]user.Attribute, len(list))
	for i, x := range list {
		out[i] = user.Attribute{Name: awsapi.Value(x.Name), Value: awsapi.Value(x.Value)}
	}
	return out
}

// attributeList prints a profile, which it refers to.
func attributeList(attrs user.Attributes) []cognitoidp.AttributeType {
	out := make([]cognitoidp.AttributeType, len(attrs))
	for i := range attrs {
		out[i] = cognitoidp.AttributeType{Name: &attrs[i].Name, Value: &attrs[i].Value}
	}
	return out
}

// userType prints a user as lists do.
func userType(u *user.User, attrs user.Attributes) *cognitoidp.UserType {
	return &cognitoidp.UserType{
		Username: &u.Username, Attributes: attributeList(attrs), UserCreateDate: &u.CreatedAt, UserLastModifiedDate: &u.ModifiedAt,
		Enabled: &u.Enabled, UserStatus: new(cognitoidp.UserStatusType(u.Status)),
	}
}

// AdminCreateUser makes a user with a temporary password, or sends the
// invitation of one again.
func (a *API) AdminCreateUser(ctx context.Context, in *cognitoidp.AdminCreateUserRequest) (*cognitoidp.AdminCreateUserResponse, error) {
	p, err := a.pool(ctx, in.UserPoolId)
	if err != nil {
		return nil, err
	}
	action := awsapi.Value(in.MessageAction)
	wanted := user.NewByAdmin{
		Username: *in.Username, Attributes: attributes(in.UserAttributes), TemporaryPassword: awsapi.Value(in.TemporaryPassword),
		ForceAlias: awsapi.Value(in.ForceAliasCreation), Suppress: action == cognitoidp.MessageActionTypeSuppress,
		Validation: validation(in.ValidationData), Metadata: in.ClientMetadata,
	}
	for _, m := range in.DesiredDeliveryMediums {
		wanted.Media = append(wanted.Media, message.Medium(m))
	}
	create := a.users.Create
	if action == cognitoidp.MessageActionTypeResend {
		create = a.users.Reinvite
	}
	u, err := create(ctx, p, wanted)
	if err != nil {
		return nil, err
	}
	return &cognitoidp.AdminCreateUserResponse{User: userType(u, u.Profile())}, nil
}

// AdminGetUser prints a user, found by username, alias or sub.
func (a *API) AdminGetUser(ctx context.Context, in *cognitoidp.AdminGetUserRequest) (*cognitoidp.AdminGetUserResponse, error) {
	p, err := a.pool(ctx, in.UserPoolId)
	if err != nil {
		return nil, err
	}
	u, err := a.users.Find(ctx, p, *in.Username)
	if err != nil {
		return nil, err
	}
	list, preferred := mfaSettings(u)
	return &cognitoidp.AdminGetUserResponse{
		Username: &u.Username, UserAttributes: attributeList(u.Profile()), UserCreateDate: &u.CreatedAt,
		UserLastModifiedDate: &u.ModifiedAt, Enabled: &u.Enabled, UserStatus: new(cognitoidp.UserStatusType(u.Status)),
		MFAOptions: mfaOptions(u), PreferredMfaSetting: preferred, UserMFASettingList: list,
	}, nil
}

// AdminDeleteUser removes a user.
func (a *API) AdminDeleteUser(ctx context.Context, in *cognitoidp.AdminDeleteUserRequest) (*awsapi.None, error) {
	p, err := a.pool(ctx, in.UserPoolId)
	if err != nil {
		return nil, err
	}
	return nil, a.users.Delete(ctx, p, *in.Username)
}

// AdminEnableUser lets a user act again.
func (a *API) AdminEnableUser(ctx context.Context, in *cognitoidp.AdminEnableUserRequest) (*cognitoidp.AdminEnableUserResponse, error) {
	if err := a.setEnabled(ctx, in.UserPoolId, *in.Username, true); err != nil {
		return nil, err
	}
	return &cognitoidp.AdminEnableUserResponse{}, nil
}

// AdminDisableUser stops a user and ends their sessions.
func (a *API) AdminDisableUser(ctx context.Context, in *cognitoidp.AdminDisableUserRequest) (*cognitoidp.AdminDisableUserResponse, error) {
	if err := a.setEnabled(ctx, in.UserPoolId, *in.Username, false); err != nil {
		return nil, err
	}
	return &cognitoidp.AdminDisableUserResponse{}, nil
}

func (a *API) setEnabled(ctx context.Context, poolID *string, username string, enabled bool) error {
	p, err := a.pool(ctx, poolID)
	if err != nil {
		return err
	}
	return a.users.SetEnabled(ctx, p, username, enabled)
}

// AdminUserGlobalSignOut ends a user's sessions.
func (a *API) AdminUserGlobalSignOut(ctx context.Context, in *cognitoidp.AdminUserGlobalSignOutRequest) (*cognitoidp.AdminUserGlobalSignOutResponse, error) {
	p, err := a.pool(ctx, in.UserPoolId)
	if err != nil {
		return nil, err
	}
	if err := a.users.SignOut(ctx, p, *in.Username); err != nil {
		return nil, err
	}
	return &cognitoidp.AdminUserGlobalSignOutResponse{}, nil
}

// ListUsers prints a page of users.
func (a *API) ListUsers(ctx context.Context, in *cognitoidp.ListUsersRequest) (*cognitoidp.ListUsersResponse, error) {
	p, err := a.pool(ctx, in.UserPoolId)
	if err != nil {
		return nil, err
	}
	users, next, err := a.users.List(ctx, p, user.ListQuery{
		Filter: awsapi.Value(in.Filter), Attributes: in.AttributesToGet, Limit: int(awsapi.Value(in.Limit)),
		Token: awsapi.Value(in.PaginationToken),
	})
	if err != nil {
		return nil, err
	}
	out := &cognitoidp.ListUsersResponse{Users: make([]cognitoidp.UserType, len(users))}
	for i, u := range users {
		attrs := u.Profile()
		if in.AttributesToGet != nil {
			attrs = attrs.Only(in.AttributesToGet)
		}
		out.Users[i] = *userType(u, attrs)
	}
	if next != "" {
		out.PaginationToken = &next
	}
	return out, nil
}
