package iam

import (
	"context"
	"fmt"

	"github.com/cenote-id/cenote/internal/account"
	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/iam"
)

func (a *API) versionHandlers() []awsapi.Handler {
	return []awsapi.Handler{
		iam.CreatePolicyVersion.Bind(a.CreatePolicyVersion),
		iam.GetPolicyVersion.Bind(a.GetPolicyVersion),
		iam.ListPolicyVersions.Bind(a.ListPolicyVersions),
		iam.SetDefaultPolicyVersion.Bind(a.SetDefaultPolicyVersion),
		iam.DeletePolicyVersion.Bind(a.DeletePolicyVersion),
	}
}

func wireVersion(v *account.PolicyVersion, isDefault bool) iam.PolicyVersion {
	return iam.PolicyVersion{VersionId: new(account.VersionID(v.Number)), IsDefaultVersion: &isDefault, CreateDate: &v.CreatedAt}
}

// CreatePolicyVersion adds a version to a managed policy.
func (a *API) CreatePolicyVersion(ctx context.Context, in *iam.CreatePolicyVersionRequest) (*iam.CreatePolicyVersionResponse, error) {
	asDefault := awsapi.Value(in.SetAsDefault)
	v, err := a.accounts.CreatePolicyVersion(ctx, owner(ctx), awsapi.Value(in.PolicyArn), awsapi.Value(in.PolicyDocument), asDefault)
	if err != nil {
		return nil, err
	}
	return &iam.CreatePolicyVersionResponse{PolicyVersion: new(wireVersion(&v, asDefault))}, nil
}

// GetPolicyVersion returns a version with its document.
func (a *API) GetPolicyVersion(ctx context.Context, in *iam.GetPolicyVersionRequest) (*iam.GetPolicyVersionResponse, error) {
	v, isDefault, err := a.accounts.PolicyVersion(ctx, owner(ctx), awsapi.Value(in.PolicyArn), awsapi.Value(in.VersionId))
	if err != nil {
		return nil, err
	}
	out := wireVersion(&v, isDefault)
	out.Document = encodeDocument(v.Document)
	return &iam.GetPolicyVersionResponse{PolicyVersion: &out}, nil
}

// ListPolicyVersions lists versions without their documents, the newest first.
func (a *API) ListPolicyVersions(ctx context.Context, in *iam.ListPolicyVersionsRequest) (*iam.ListPolicyVersionsResponse, error) {
	l, err := a.list(ctx, in.Marker, in.MaxItems, awsapi.Value(in.PolicyArn))
	if err != nil {
		return nil, err
	}
	p, all, err := a.accounts.PolicyVersions(ctx, owner(ctx), awsapi.Value(in.PolicyArn))
	if err != nil {
		return nil, err
	}
	// Descending numbers as ascending keys.
	page := cut(l, all, func(v account.PolicyVersion) string { return fmt.Sprintf("%010d", 9_999_999_999-v.Number) })
	out := &iam.ListPolicyVersionsResponse{Versions: []iam.PolicyVersion{}}
	for _, v := range page.Items {
		out.Versions = append(out.Versions, wireVersion(&v, v.Number == p.DefaultVersion))
	}
	out.IsTruncated, out.Marker, err = l.end(page.Next)
	return out, err
}

// SetDefaultPolicyVersion chooses the version that counts.
func (a *API) SetDefaultPolicyVersion(ctx context.Context, in *iam.SetDefaultPolicyVersionRequest) (*awsapi.None, error) {
	return &awsapi.None{}, a.accounts.SetDefaultPolicyVersion(ctx, owner(ctx), awsapi.Value(in.PolicyArn), awsapi.Value(in.VersionId))
}

// DeletePolicyVersion deletes a version that is not the default.
func (a *API) DeletePolicyVersion(ctx context.Context, in *iam.DeletePolicyVersionRequest) (*awsapi.None, error) {
	return &awsapi.None{}, a.accounts.DeletePolicyVersion(ctx, owner(ctx), awsapi.Value(in.PolicyArn), awsapi.Value(in.VersionId))
}
