package iam

import (
	"context"

	"github.com/cenote-id/cenote/internal/account"
	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/iam"
)

func (a *API) accessKeyHandlers() []awsapi.Handler {
	return []awsapi.Handler{
		iam.CreateAccessKey.Bind(a.CreateAccessKey),
		iam.ListAccessKeys.Bind(a.ListAccessKeys),
		iam.UpdateAccessKey.Bind(a.UpdateAccessKey),
		iam.DeleteAccessKey.Bind(a.DeleteAccessKey),
		iam.GetAccessKeyLastUsed.Bind(a.GetAccessKeyLastUsed),
	}
}

func wireStatus(k *account.Key) *iam.StatusType {
	if k.Active {
		return new(iam.StatusTypeActive)
	}
	return new(iam.StatusTypeInactive)
}

// CreateAccessKey creates a key. Its secret is in this reply and nowhere else.
func (a *API) CreateAccessKey(ctx context.Context, in *iam.CreateAccessKeyRequest) (*iam.CreateAccessKeyResponse, error) {
	name, err := a.userName(ctx, in.UserName)
	if err != nil {
		return nil, err
	}
	k, err := a.accounts.CreateKey(ctx, owner(ctx), name)
	if err != nil {
		return nil, err
	}
	return &iam.CreateAccessKeyResponse{AccessKey: &iam.AccessKey{
		UserName: optional(name), AccessKeyId: &k.ID, Status: wireStatus(&k), SecretAccessKey: &k.Secret, CreateDate: &k.CreatedAt,
	}}, nil
}

// ListAccessKeys lists the keys of a user.
func (a *API) ListAccessKeys(ctx context.Context, in *iam.ListAccessKeysRequest) (*iam.ListAccessKeysResponse, error) {
	name, err := a.userName(ctx, in.UserName)
	if err != nil {
		return nil, err
	}
	l, err := a.list(ctx, in.Marker, in.MaxItems, name)
	if err != nil {
		return nil, err
	}
	all, err := a.accounts.KeysOf(ctx, owner(ctx), name)
	if err != nil {
		return nil, err
	}
	keys := cut(l, all, func(k account.Key) string { return k.CreatedAt.Format("20060102150405") + k.ID })
	out := &iam.ListAccessKeysResponse{AccessKeyMetadata: []iam.AccessKeyMetadata{}}
	for _, k := range keys.Items {
		out.AccessKeyMetadata = append(out.AccessKeyMetadata, iam.AccessKeyMetadata{
			UserName: optional(name), AccessKeyId: &k.ID, Status: wireStatus(&k), CreateDate: &k.CreatedAt,
		})
	}
	out.IsTruncated, out.Marker, err = l.end(keys.Next)
	return out, err
}

// UpdateAccessKey switches a key on or off.
func (a *API) UpdateAccessKey(ctx context.Context, in *iam.UpdateAccessKeyRequest) (*awsapi.None, error) {
	name, err := a.userName(ctx, in.UserName)
	if err != nil {
		return nil, err
	}
	active := awsapi.Value(in.Status) == iam.StatusTypeActive
	return &awsapi.None{}, a.accounts.SetKeyActive(ctx, owner(ctx), name, awsapi.Value(in.AccessKeyId), active)
}

// DeleteAccessKey deletes a key.
func (a *API) DeleteAccessKey(ctx context.Context, in *iam.DeleteAccessKeyRequest) (*awsapi.None, error) {
	name, err := a.userName(ctx, in.UserName)
	if err != nil {
		return nil, err
	}
	return &awsapi.None{}, a.accounts.DeleteKey(ctx, owner(ctx), name, awsapi.Value(in.AccessKeyId))
}

// neverUsed stands for service and region of a key that was never used.
const neverUsed = "N/A"

// GetAccessKeyLastUsed says when a key was last used, and for what.
func (a *API) GetAccessKeyLastUsed(ctx context.Context, in *iam.GetAccessKeyLastUsedRequest) (*iam.GetAccessKeyLastUsedResponse, error) {
	k, err := a.accounts.Key(ctx, owner(ctx), awsapi.Value(in.AccessKeyId))
	if err != nil {
		return nil, err
	}
	used := &iam.AccessKeyLastUsed{ServiceName: new(neverUsed), Region: new(neverUsed)}
	if !k.Used.At.IsZero() {
		used = &iam.AccessKeyLastUsed{LastUsedDate: &k.Used.At, ServiceName: &k.Used.Service, Region: &k.Used.Region}
	}
	return &iam.GetAccessKeyLastUsedResponse{UserName: optional(k.UserName), AccessKeyLastUsed: used}, nil
}
