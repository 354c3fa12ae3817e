package iam

import (
	"context"
	"slices"
	"time"

	"github.com/cenote-id/cenote/internal/account"
	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/iam"
)

func (a *API) serviceCredentialHandlers() []awsapi.Handler {
	return []awsapi.Handler{
		iam.CreateServiceSpecificCredential.Bind(a.CreateServiceSpecificCredential),
		iam.ListServiceSpecificCredentials.Bind(a.ListServiceSpecificCredentials),
		iam.UpdateServiceSpecificCredential.Bind(a.UpdateServiceSpecificCredential),
		iam.ResetServiceSpecificCredential.Bind(a.ResetServiceSpecificCredential),
		iam.DeleteServiceSpecificCredential.Bind(a.DeleteServiceSpecificCredential),
	}
}

// expiry returns nil for never.
func expiry(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func wireServiceStatus(c *account.Credential, now time.Time) *iam.StatusType {
	if !c.ExpiresAt.IsZero() && !now.Before(c.ExpiresAt) {
		return new(iam.StatusTypeExpired)
	}
	return wireActive(c.Active)
}

// wireServiceCredential is a credential with its secret.
func wireServiceCredential(ctx context.Context, user string, c *account.Credential, secret string) *iam.ServiceSpecificCredential {
	out := &iam.ServiceSpecificCredential{
		UserName: &user, ServiceSpecificCredentialId: &c.ID, ServiceName: &c.Service, CreateDate: &c.CreatedAt,
		ExpirationDate: expiry(c.ExpiresAt), Status: wireServiceStatus(c, awsapi.RequestFrom(ctx).Time),
	}
	if c.IsKey() {
		out.ServiceCredentialAlias, out.ServiceCredentialSecret = &c.Login, &secret
	} else {
		out.ServiceUserName, out.ServicePassword = &c.Login, &secret
	}
	return out
}

// CreateServiceSpecificCredential gives a user a password for one service. It
// is in this reply and nowhere else.
func (a *API) CreateServiceSpecificCredential(ctx context.Context, in *iam.CreateServiceSpecificCredentialRequest) (*iam.CreateServiceSpecificCredentialResponse, error) {
	name := awsapi.Value(in.UserName)
	c, secret, err := a.accounts.CreateServicePassword(ctx, owner(ctx), name, awsapi.Value(in.ServiceName), int(awsapi.Value(in.CredentialAgeDays)))
	if err != nil {
		return nil, err
	}
	return &iam.CreateServiceSpecificCredentialResponse{ServiceSpecificCredential: wireServiceCredential(ctx, name, &c, secret)}, nil
}

// ListServiceSpecificCredentials lists the credentials of a user, or of all
// users, without secrets.
func (a *API) ListServiceSpecificCredentials(ctx context.Context, in *iam.ListServiceSpecificCredentialsRequest) (*iam.ListServiceSpecificCredentialsResponse, error) {
	service := awsapi.Value(in.ServiceName)
	var name string
	if !awsapi.Value(in.AllUsers) {
		var err error
		if name, err = a.namedUser(ctx, in.UserName); err != nil {
			return nil, err
		}
	}
	l, err := a.list(ctx, in.Marker, in.MaxItems, name, service)
	if err != nil {
		return nil, err
	}
	var page account.List[account.OwnedCredential]
	if name == "" {
		page, err = a.accounts.ServicePasswords(ctx, owner(ctx), service, l.page)
	} else {
		var own []account.Credential
		own, err = a.accounts.CredentialsOf(ctx, owner(ctx), name, account.ServicePassword)
		own = slices.DeleteFunc(own, func(c account.Credential) bool { return service != "" && c.Service != service })
		part := cut(l, own, byAge)
		page.Next = part.Next
		for _, c := range part.Items {
			page.Items = append(page.Items, account.OwnedCredential{Credential: c, UserName: name})
		}
	}
	if err != nil {
		return nil, err
	}
	out := &iam.ListServiceSpecificCredentialsResponse{ServiceSpecificCredentials: []iam.ServiceSpecificCredentialMetadata{}}
	for _, c := range page.Items {
		meta := iam.ServiceSpecificCredentialMetadata{
			UserName: &c.UserName, ServiceSpecificCredentialId: &c.ID, ServiceName: &c.Service, CreateDate: &c.CreatedAt,
			ExpirationDate: expiry(c.ExpiresAt), Status: wireServiceStatus(&c.Credential, awsapi.RequestFrom(ctx).Time),
		}
		if c.IsKey() {
			meta.ServiceCredentialAlias = &c.Login
		} else {
			meta.ServiceUserName = &c.Login
		}
		out.ServiceSpecificCredentials = append(out.ServiceSpecificCredentials, meta)
	}
	out.IsTruncated, out.Marker, err = l.end(page.Next)
	return out, err
}

// UpdateServiceSpecificCredential switches a credential on or off.
func (a *API) UpdateServiceSpecificCredential(ctx context.Context, in *iam.UpdateServiceSpecificCredentialRequest) (*awsapi.None, error) {
	name, err := a.namedUser(ctx, in.UserName)
	if err != nil {
		return nil, err
	}
	active := awsapi.Value(in.Status) == iam.StatusTypeActive
	return &awsapi.None{}, a.accounts.SetCredentialActive(ctx, owner(ctx), name, account.ServicePassword, awsapi.Value(in.ServiceSpecificCredentialId), active)
}

// ResetServiceSpecificCredential gives a credential another secret.
func (a *API) ResetServiceSpecificCredential(ctx context.Context, in *iam.ResetServiceSpecificCredentialRequest) (*iam.ResetServiceSpecificCredentialResponse, error) {
	name, err := a.namedUser(ctx, in.UserName)
	if err != nil {
		return nil, err
	}
	c, secret, err := a.accounts.ResetServicePassword(ctx, owner(ctx), name, awsapi.Value(in.ServiceSpecificCredentialId))
	if err != nil {
		return nil, err
	}
	return &iam.ResetServiceSpecificCredentialResponse{ServiceSpecificCredential: wireServiceCredential(ctx, name, &c, secret)}, nil
}

// DeleteServiceSpecificCredential deletes a credential.
func (a *API) DeleteServiceSpecificCredential(ctx context.Context, in *iam.DeleteServiceSpecificCredentialRequest) (*awsapi.None, error) {
	name, err := a.namedUser(ctx, in.UserName)
	if err != nil {
		return nil, err
	}
	return &awsapi.None{}, a.accounts.DeleteCredential(ctx, owner(ctx), name, account.ServicePassword, awsapi.Value(in.ServiceSpecificCredentialId))
}
