package iam

import (
	"context"

	"github.com/cenote-id/cenote/internal/account"
	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/iam"
)

func (a *API) serverCertificateHandlers() []awsapi.Handler {
	return []awsapi.Handler{
		iam.UploadServerCertificate.Bind(a.UploadServerCertificate),
		iam.GetServerCertificate.Bind(a.GetServerCertificate),
		iam.ListServerCertificates.Bind(a.ListServerCertificates),
		iam.UpdateServerCertificate.Bind(a.UpdateServerCertificate),
		iam.DeleteServerCertificate.Bind(a.DeleteServerCertificate),
		iam.TagServerCertificate.Bind(a.TagServerCertificate),
		iam.UntagServerCertificate.Bind(a.UntagServerCertificate),
		iam.ListServerCertificateTags.Bind(a.ListServerCertificateTags),
	}
}

func wireServerCertificate(c *account.ServerCertificate) iam.ServerCertificateMetadata {
	return iam.ServerCertificateMetadata{
		Path: &c.Path, ServerCertificateName: &c.Name, ServerCertificateId: &c.ID, Arn: new(c.ARN()), UploadDate: &c.CreatedAt, Expiration: &c.ExpiresAt,
	}
}

// UploadServerCertificate keeps a certificate of a web server.
func (a *API) UploadServerCertificate(ctx context.Context, in *iam.UploadServerCertificateRequest) (*iam.UploadServerCertificateResponse, error) {
	c, err := a.accounts.UploadServerCertificate(ctx, account.NewServerCertificate{
		Account: owner(ctx), Name: awsapi.Value(in.ServerCertificateName), Path: awsapi.Value(in.Path), Body: awsapi.Value(in.CertificateBody),
		PrivateKey: awsapi.Value(in.PrivateKey), Chain: awsapi.Value(in.CertificateChain), Tags: readTags(in.Tags),
	})
	if err != nil {
		return nil, err
	}
	return &iam.UploadServerCertificateResponse{ServerCertificateMetadata: new(wireServerCertificate(c)), Tags: wireTags(c.Tags)}, nil
}

// GetServerCertificate returns a certificate with its chain, never the key.
func (a *API) GetServerCertificate(ctx context.Context, in *iam.GetServerCertificateRequest) (*iam.GetServerCertificateResponse, error) {
	c, err := a.accounts.ServerCertificate(ctx, owner(ctx), awsapi.Value(in.ServerCertificateName))
	if err != nil {
		return nil, err
	}
	return &iam.GetServerCertificateResponse{ServerCertificate: &iam.ServerCertificate{
		ServerCertificateMetadata: new(wireServerCertificate(c)), CertificateBody: &c.Body, CertificateChain: optional(c.Chain), Tags: wireTags(c.Tags),
	}}, nil
}

// ListServerCertificates lists certificates without their bodies.
func (a *API) ListServerCertificates(ctx context.Context, in *iam.ListServerCertificatesRequest) (*iam.ListServerCertificatesResponse, error) {
	l, err := a.list(ctx, in.Marker, in.MaxItems, awsapi.Value(in.PathPrefix))
	if err != nil {
		return nil, err
	}
	l.page.Path = awsapi.Value(in.PathPrefix)
	list, err := a.accounts.ListServerCertificates(ctx, owner(ctx), l.page)
	if err != nil {
		return nil, err
	}
	out := &iam.ListServerCertificatesResponse{ServerCertificateMetadataList: []iam.ServerCertificateMetadata{}}
	for _, c := range list.Items {
		out.ServerCertificateMetadataList = append(out.ServerCertificateMetadataList, wireServerCertificate(c))
	}
	out.IsTruncated, out.Marker, err = l.end(list.Next)
	return out, err
}

// UpdateServerCertificate renames a certificate or moves it to another path.
func (a *API) UpdateServerCertificate(ctx context.Context, in *iam.UpdateServerCertificateRequest) (*awsapi.None, error) {
	return &awsapi.None{}, a.accounts.UpdateServerCertificate(ctx, account.Rename{
		Account: owner(ctx), Name: awsapi.Value(in.ServerCertificateName), NewName: awsapi.Value(in.NewServerCertificateName), NewPath: awsapi.Value(in.NewPath),
	})
}

// DeleteServerCertificate deletes a certificate.
func (a *API) DeleteServerCertificate(ctx context.Context, in *iam.DeleteServerCertificateRequest) (*awsapi.None, error) {
	return &awsapi.None{}, a.accounts.DeleteServerCertificate(ctx, owner(ctx), awsapi.Value(in.ServerCertificateName))
}

// TagServerCertificate adds tags to a certificate.
func (a *API) TagServerCertificate(ctx context.Context, in *iam.TagServerCertificateRequest) (*awsapi.None, error) {
	return a.tag(ctx, account.ServerCertificateKind, in.ServerCertificateName, in.Tags)
}

// UntagServerCertificate removes tags from a certificate.
func (a *API) UntagServerCertificate(ctx context.Context, in *iam.UntagServerCertificateRequest) (*awsapi.None, error) {
	return a.untag(ctx, account.ServerCertificateKind, in.ServerCertificateName, in.TagKeys)
}

// ListServerCertificateTags lists the tags of a certificate.
func (a *API) ListServerCertificateTags(ctx context.Context, in *iam.ListServerCertificateTagsRequest) (*iam.ListServerCertificateTagsResponse, error) {
	c, err := a.accounts.ServerCertificate(ctx, owner(ctx), awsapi.Value(in.ServerCertificateName))
	if err != nil {
		return nil, err
	}
	tags, truncated, marker, err := a.tagPage(ctx, c.ID, c.Tags, in.Marker, in.MaxItems)
	return &iam.ListServerCertificateTagsResponse{Tags: tags, IsTruncated: truncated, Marker: marker}, err
}
