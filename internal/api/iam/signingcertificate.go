package iam

import (
	"context"

	"github.com/cenote-id/cenote/internal/account"
	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/iam"
)

func (a *API) signingCertificateHandlers() []awsapi.Handler {
	return []awsapi.Handler{
		iam.UploadSigningCertificate.Bind(a.UploadSigningCertificate),
		iam.ListSigningCertificates.Bind(a.ListSigningCertificates),
		iam.UpdateSigningCertificate.Bind(a.UpdateSigningCertificate),
		iam.DeleteSigningCertificate.Bind(a.DeleteSigningCertificate),
	}
}

func wireSigningCertificate(user string, c *account.Credential) iam.SigningCertificate {
	return iam.SigningCertificate{
		UserName: &user, CertificateId: &c.ID, CertificateBody: &c.Body, Status: wireActive(c.Active), UploadDate: &c.CreatedAt,
	}
}

// UploadSigningCertificate gives a user a signing certificate.
func (a *API) UploadSigningCertificate(ctx context.Context, in *iam.UploadSigningCertificateRequest) (*iam.UploadSigningCertificateResponse, error) {
	name, err := a.namedUser(ctx, in.UserName)
	if err != nil {
		return nil, err
	}
	c, err := a.accounts.UploadCertificate(ctx, owner(ctx), name, awsapi.Value(in.CertificateBody))
	if err != nil {
		return nil, err
	}
	return &iam.UploadSigningCertificateResponse{Certificate: new(wireSigningCertificate(name, &c))}, nil
}

// ListSigningCertificates lists the signing certificates of a user.
func (a *API) ListSigningCertificates(ctx context.Context, in *iam.ListSigningCertificatesRequest) (*iam.ListSigningCertificatesResponse, error) {
	name, err := a.namedUser(ctx, in.UserName)
	if err != nil {
		return nil, err
	}
	list, truncated, marker, err := a.credentialPage(ctx, name, account.SigningCertificate, in.Marker, in.MaxItems)
	out := &iam.ListSigningCertificatesResponse{Certificates: []iam.SigningCertificate{}, IsTruncated: truncated, Marker: marker}
	for _, c := range list {
		out.Certificates = append(out.Certificates, wireSigningCertificate(name, &c))
	}
	return out, err
}

// UpdateSigningCertificate switches a signing certificate on or off.
func (a *API) UpdateSigningCertificate(ctx context.Context, in *iam.UpdateSigningCertificateRequest) (*awsapi.None, error) {
	name, err := a.namedUser(ctx, in.UserName)
	if err != nil {
		return nil, err
	}
	active := awsapi.Value(in.Status) == iam.StatusTypeActive
	return &awsapi.None{}, a.accounts.SetCredentialActive(ctx, owner(ctx), name, account.SigningCertificate, awsapi.Value(in.CertificateId), active)
}

// DeleteSigningCertificate deletes a signing certificate.
func (a *API) DeleteSigningCertificate(ctx context.Context, in *iam.DeleteSigningCertificateRequest) (*awsapi.None, error) {
	name, err := a.namedUser(ctx, in.UserName)
	if err != nil {
		return nil, err
	}
	return &awsapi.None{}, a.accounts.DeleteCredential(ctx, owner(ctx), name, account.SigningCertificate, awsapi.Value(in.CertificateId))
}
