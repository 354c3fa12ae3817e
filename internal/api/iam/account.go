package iam

import (
	"context"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/iam"
)

func (a *API) accountHandlers() []awsapi.Handler {
	return []awsapi.Handler{
		iam.CreateAccountAlias.Bind(a.CreateAccountAlias),
		iam.ListAccountAliases.Bind(a.ListAccountAliases),
		iam.DeleteAccountAlias.Bind(a.DeleteAccountAlias),
		iam.GetAccountSummary.Bind(a.GetAccountSummary),
		iam.SetSecurityTokenServicePreferences.Bind(a.SetSecurityTokenServicePreferences),
	}
}

// CreateAccountAlias gives the account an alias in place of the one it has.
func (a *API) CreateAccountAlias(ctx context.Context, in *iam.CreateAccountAliasRequest) (*awsapi.None, error) {
	return &awsapi.None{}, a.accounts.SetAlias(ctx, owner(ctx), awsapi.Value(in.AccountAlias))
}

// ListAccountAliases lists the account's alias, if it has one.
func (a *API) ListAccountAliases(ctx context.Context, in *iam.ListAccountAliasesRequest) (*iam.ListAccountAliasesResponse, error) {
	l, err := a.list(ctx, in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	alias, err := a.accounts.Alias(ctx, owner(ctx))
	if err != nil {
		return nil, err
	}
	out := &iam.ListAccountAliasesResponse{AccountAliases: []string{}}
	if alias != "" && alias > l.page.After {
		out.AccountAliases = append(out.AccountAliases, alias)
	}
	out.IsTruncated, out.Marker, err = l.end("")
	return out, err
}

// DeleteAccountAlias takes the account's alias away.
func (a *API) DeleteAccountAlias(ctx context.Context, in *iam.DeleteAccountAliasRequest) (*awsapi.None, error) {
	return &awsapi.None{}, a.accounts.DeleteAlias(ctx, owner(ctx), awsapi.Value(in.AccountAlias))
}

// GetAccountSummary counts what the account has, and its quotas.
func (a *API) GetAccountSummary(ctx context.Context, _ *awsapi.None) (*iam.GetAccountSummaryResponse, error) {
	summary, err := a.accounts.Summary(ctx, owner(ctx))
	return &iam.GetAccountSummaryResponse{SummaryMap: summary}, err
}

// SetSecurityTokenServicePreferences keeps the version of session tokens that
// GetAccountSummary shows.
func (a *API) SetSecurityTokenServicePreferences(ctx context.Context, in *iam.SetSecurityTokenServicePreferencesRequest) (*awsapi.None, error) {
	version := 1
	if awsapi.Value(in.GlobalEndpointTokenVersion) == iam.GlobalEndpointTokenVersionV2Token {
		version = 2
	}
	return &awsapi.None{}, a.accounts.SetTokenVersion(ctx, owner(ctx), version)
}
