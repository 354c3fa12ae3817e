package iam

import (
	"context"

	"github.com/cenote-id/cenote/internal/account"
	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/iam"
)

func (a *API) userHandlers() []awsapi.Handler {
	return []awsapi.Handler{
		iam.CreateUser.Bind(a.CreateUser),
		iam.GetUser.Bind(a.GetUser),
		iam.ListUsers.Bind(a.ListUsers),
		iam.UpdateUser.Bind(a.UpdateUser),
		iam.DeleteUser.Bind(a.DeleteUser),
	}
}

func wireUser(u *account.User) iam.User {
	return iam.User{Path: &u.Path, UserName: &u.Name, UserId: &u.ID, Arn: new(u.ARN()), CreateDate: &u.CreatedAt}
}

// CreateUser creates a user.
func (a *API) CreateUser(ctx context.Context, in *iam.CreateUserRequest) (*iam.CreateUserResponse, error) {
	u, err := a.accounts.CreateUser(ctx, account.NewUser{
		Account: owner(ctx), Name: awsapi.Value(in.UserName), Path: awsapi.Value(in.Path),
		Boundary: awsapi.Value(in.PermissionsBoundary), Tags: readTags(in.Tags),
	})
	if err != nil {
		return nil, err
	}
	out := wireUser(u)
	out.Tags, out.PermissionsBoundary = wireTags(u.Tags), wireBoundary(u.Boundary)
	return &iam.CreateUserResponse{User: &out}, nil
}

// GetUser returns a user; without a name the caller, who may be the root user.
func (a *API) GetUser(ctx context.Context, in *iam.GetUserRequest) (*iam.GetUserResponse, error) {
	name, err := a.userName(ctx, in.UserName)
	if err != nil {
		return nil, err
	}
	if name == "" {
		root, err := a.accounts.Account(ctx, owner(ctx))
		if err != nil {
			return nil, err
		}
		return &iam.GetUserResponse{User: &iam.User{
			UserId: &root.ID, Arn: new(account.RootARN(root.ID)), CreateDate: &root.CreatedAt,
		}}, nil
	}
	u, err := a.accounts.User(ctx, owner(ctx), name)
	if err != nil {
		return nil, err
	}
	out := wireUser(u)
	out.Tags, out.PermissionsBoundary = wireTags(u.Tags), wireBoundary(u.Boundary)
	return &iam.GetUserResponse{User: &out}, nil
}

// ListUsers lists users, without tags and boundary.
func (a *API) ListUsers(ctx context.Context, in *iam.ListUsersRequest) (*iam.ListUsersResponse, error) {
	l, err := a.list(ctx, in.Marker, in.MaxItems, awsapi.Value(in.PathPrefix))
	if err != nil {
		return nil, err
	}
	l.page.Path = awsapi.Value(in.PathPrefix)
	users, err := a.accounts.ListUsers(ctx, owner(ctx), l.page)
	if err != nil {
		return nil, err
	}
	out := &iam.ListUsersResponse{Users: []iam.User{}}
	for _, u := range users.Items {
		out.Users = append(out.Users, wireUser(u))
	}
	out.IsTruncated, out.Marker, err = l.end(users.Next)
	return out, err
}

// UpdateUser renames a user or moves it to another path.
func (a *API) UpdateUser(ctx context.Context, in *iam.UpdateUserRequest) (*awsapi.None, error) {
	return &awsapi.None{}, a.accounts.UpdateUser(ctx, account.Rename{
		Account: owner(ctx), Name: awsapi.Value(in.UserName), NewName: awsapi.Value(in.NewUserName), NewPath: awsapi.Value(in.NewPath),
	})
}

// DeleteUser deletes a user.
func (a *API) DeleteUser(ctx context.Context, in *iam.DeleteUserRequest) (*awsapi.None, error) {
	return &awsapi.None{}, a.accounts.DeleteUser(ctx, owner(ctx), awsapi.Value(in.UserName))
}
