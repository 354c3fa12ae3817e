package iam

import (
	"context"

	"github.com/cenote-id/cenote/internal/account"
	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/iam"
)

func (a *API) sshKeyHandlers() []awsapi.Handler {
	return []awsapi.Handler{
		iam.UploadSSHPublicKey.Bind(a.UploadSSHPublicKey),
		iam.GetSSHPublicKey.Bind(a.GetSSHPublicKey),
		iam.ListSSHPublicKeys.Bind(a.ListSSHPublicKeys),
		iam.UpdateSSHPublicKey.Bind(a.UpdateSSHPublicKey),
		iam.DeleteSSHPublicKey.Bind(a.DeleteSSHPublicKey),
	}
}

// wireActive is the status of a credential that does not expire.
func wireActive(active bool) *iam.StatusType {
	if active {
		return new(iam.StatusTypeActive)
	}
	return new(iam.StatusTypeInactive)
}

// byAge is the key that a user's credentials are paged by.
func byAge(c account.Credential) string { return c.CreatedAt.Format("20060102150405") + c.ID }

// credentialPage returns a page of a user's credentials.
func (a *API) credentialPage(ctx context.Context, name string, kind account.CredentialKind, marker *string, maxItems *int64) (page []account.Credential, truncated *bool, next *string, err error) {
	l, err := a.list(ctx, marker, maxItems, name)
	if err != nil {
		return nil, nil, nil, err
	}
	all, err := a.accounts.CredentialsOf(ctx, owner(ctx), name, kind)
	if err != nil {
		return nil, nil, nil, err
	}
	cutPage := cut(l, all, byAge)
	truncated, next, err = l.end(cutPage.Next)
	return cutPage.Items, truncated, next, err
}

func wireSSHKey(user string, c *account.Credential, body string) *iam.SSHPublicKey {
	return &iam.SSHPublicKey{
		UserName: &user, SSHPublicKeyId: &c.ID, Fingerprint: new(c.Fingerprint()), SSHPublicKeyBody: &body,
		Status: wireActive(c.Active), UploadDate: &c.CreatedAt,
	}
}

// UploadSSHPublicKey gives a user an SSH public key.
func (a *API) UploadSSHPublicKey(ctx context.Context, in *iam.UploadSSHPublicKeyRequest) (*iam.UploadSSHPublicKeyResponse, error) {
	c, err := a.accounts.UploadSSHKey(ctx, owner(ctx), awsapi.Value(in.UserName), awsapi.Value(in.SSHPublicKeyBody))
	if err != nil {
		return nil, err
	}
	return &iam.UploadSSHPublicKeyResponse{SSHPublicKey: wireSSHKey(awsapi.Value(in.UserName), &c, c.Body)}, nil
}

// GetSSHPublicKey returns an SSH public key in the encoding asked for.
func (a *API) GetSSHPublicKey(ctx context.Context, in *iam.GetSSHPublicKeyRequest) (*iam.GetSSHPublicKeyResponse, error) {
	c, err := a.accounts.SSHKey(ctx, owner(ctx), awsapi.Value(in.UserName), awsapi.Value(in.SSHPublicKeyId))
	if err != nil {
		return nil, err
	}
	body := c.PublicKey
	if awsapi.Value(in.Encoding) == iam.EncodingTypePem {
		if body, err = c.PEM(); err != nil {
			return nil, err
		}
	}
	return &iam.GetSSHPublicKeyResponse{SSHPublicKey: wireSSHKey(awsapi.Value(in.UserName), &c, body)}, nil
}

// ListSSHPublicKeys lists the SSH public keys of a user.
func (a *API) ListSSHPublicKeys(ctx context.Context, in *iam.ListSSHPublicKeysRequest) (*iam.ListSSHPublicKeysResponse, error) {
	name, err := a.namedUser(ctx, in.UserName)
	if err != nil {
		return nil, err
	}
	keys, truncated, marker, err := a.credentialPage(ctx, name, account.SSHPublicKey, in.Marker, in.MaxItems)
	out := &iam.ListSSHPublicKeysResponse{SSHPublicKeys: []iam.SSHPublicKeyMetadata{}, IsTruncated: truncated, Marker: marker}
	for _, c := range keys {
		out.SSHPublicKeys = append(out.SSHPublicKeys, iam.SSHPublicKeyMetadata{
			UserName: &name, SSHPublicKeyId: &c.ID, Status: wireActive(c.Active), UploadDate: &c.CreatedAt,
		})
	}
	return out, err
}

// UpdateSSHPublicKey switches an SSH public key on or off.
func (a *API) UpdateSSHPublicKey(ctx context.Context, in *iam.UpdateSSHPublicKeyRequest) (*awsapi.None, error) {
	active := awsapi.Value(in.Status) == iam.StatusTypeActive
	return &awsapi.None{}, a.accounts.SetCredentialActive(ctx, owner(ctx), awsapi.Value(in.UserName), account.SSHPublicKey, awsapi.Value(in.SSHPublicKeyId), active)
}

// DeleteSSHPublicKey deletes an SSH public key.
func (a *API) DeleteSSHPublicKey(ctx context.Context, in *iam.DeleteSSHPublicKeyRequest) (*awsapi.None, error) {
	return &awsapi.None{}, a.accounts.DeleteCredential(ctx, owner(ctx), awsapi.Value(in.UserName), account.SSHPublicKey, awsapi.Value(in.SSHPublicKeyId))
}
