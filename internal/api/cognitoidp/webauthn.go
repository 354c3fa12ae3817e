package cognitoidp

import (
	"context"
	"errors"
	"slices"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
	"github.com/cenote-id/cenote/internal/passkey"
	"github.com/cenote-id/cenote/internal/token"
	"github.com/cenote-id/cenote/internal/user"
)

func (a *API) webAuthnHandlers() []awsapi.Handler {
	return []awsapi.Handler{
		cognitoidp.CompleteWebAuthnRegistration.Bind(a.CompleteWebAuthnRegistration),
		cognitoidp.DeleteWebAuthnCredential.Bind(a.DeleteWebAuthnCredential),
		cognitoidp.ListWebAuthnCredentials.Bind(a.ListWebAuthnCredentials),
		cognitoidp.StartWebAuthnRegistration.Bind(a.StartWebAuthnRegistration),
	}
}

// present is self for operations that have no UserNotFoundException.
func (a *API) present(ctx context.Context) (self, error) {
	me, err := a.self(ctx)
	if errors.Is(err, user.ErrNotFound) {
		err = token.ErrAccessRevoked
	}
	return me, err
}

// StartWebAuthnRegistration begins to register a passkey.
func (a *API) StartWebAuthnRegistration(ctx context.Context, _ *cognitoidp.StartWebAuthnRegistrationRequest) (*cognitoidp.StartWebAuthnRegistrationResponse, error) {
	me, err := a.present(ctx)
	if err != nil {
		return nil, err
	}
	options, err := a.users.StartPasskey(ctx, me.pool, me.user.Sub, me.client.ID)
	if err != nil {
		return nil, err
	}
	return &cognitoidp.StartWebAuthnRegistrationResponse{CredentialCreationOptions: options}, nil
}

// CompleteWebAuthnRegistration registers the passkey that a browser has made.
func (a *API) CompleteWebAuthnRegistration(ctx context.Context, in *cognitoidp.CompleteWebAuthnRegistrationRequest) (*cognitoidp.CompleteWebAuthnRegistrationResponse, error) {
	me, err := a.present(ctx)
	if err != nil {
		return nil, err
	}
	if err := a.users.CompletePasskey(ctx, me.pool, me.user, me.client.ID, in.Credential); err != nil {
		return nil, err
	}
	return &cognitoidp.CompleteWebAuthnRegistrationResponse{}, nil
}

// maxPasskeyPage is the largest page of passkeys, and the page of a request
// that does not say.
const maxPasskeyPage = 20

// ListWebAuthnCredentials lists the passkeys of the user of an access token,
// in the order in which they were registered.
func (a *API) ListWebAuthnCredentials(ctx context.Context, in *cognitoidp.ListWebAuthnCredentialsRequest) (*cognitoidp.ListWebAuthnCredentialsResponse, error) {
	me, err := a.present(ctx)
	if err != nil {
		return nil, err
	}
	size := min(pageSize(in.MaxResults), maxPasskeyPage)
	list := a.list(cognitoidp.ListWebAuthnCredentials.Operation, me.pool.ID+"/"+me.user.Sub)
	after, err := openPage(list, in.NextToken)
	if err != nil {
		return nil, err
	}
	// A page that ended with a passkey that has been deleted since begins anew.
	keys := me.user.Factors.Passkeys
	keys = keys[1+slices.IndexFunc(keys, func(k passkey.Credential) bool { return k.Text() == after }):]
	out := &cognitoidp.ListWebAuthnCredentialsResponse{Credentials: []cognitoidp.WebAuthnCredentialDescription{}}
	keys, out.NextToken, err = cutPage(list, keys, size, func(k passkey.Credential) string { return k.Text() })
	if err != nil {
		return nil, err
	}
	for _, k := range keys {
		out.Credentials = append(out.Credentials, describePasskey(k))
	}
	return out, nil
}

func describePasskey(k passkey.Credential) cognitoidp.WebAuthnCredentialDescription {
	d := cognitoidp.WebAuthnCredentialDescription{
		CredentialId: new(k.Text()), FriendlyCredentialName: new(k.Name()), RelyingPartyId: &k.RelyingParty,
		AuthenticatorTransports: append([]string{}, k.Transports...), CreatedAt: &k.CreatedAt,
	}
	if k.Attachment != "" {
		d.AuthenticatorAttachment = &k.Attachment
	}
	return d
}

// DeleteWebAuthnCredential takes a passkey away.
func (a *API) DeleteWebAuthnCredential(ctx context.Context, in *cognitoidp.DeleteWebAuthnCredentialRequest) (*cognitoidp.DeleteWebAuthnCredentialResponse, error) {
	me, err := a.present(ctx)
	if err != nil {
		return nil, err
	}
	if err := a.users.DeletePasskey(ctx, me.pool, me.user.Sub, *in.CredentialId); err != nil {
		return nil, err
	}
	return &cognitoidp.DeleteWebAuthnCredentialResponse{}, nil
}
