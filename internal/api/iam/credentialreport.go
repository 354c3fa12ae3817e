package iam

import (
	"context"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/iam"
)

func (a *API) credentialReportHandlers() []awsapi.Handler {
	return []awsapi.Handler{
		iam.GenerateCredentialReport.Bind(a.GenerateCredentialReport),
		iam.GetCredentialReport.Bind(a.GetCredentialReport),
	}
}

const textReportStarted = "No report exists. Starting a new report generation task"

// GenerateCredentialReport makes a report. It is there when the call returns;
// the reply says nevertheless what AWS's says the first time.
func (a *API) GenerateCredentialReport(ctx context.Context, _ *awsapi.None) (*iam.GenerateCredentialReportResponse, error) {
	fresh, err := a.accounts.GenerateCredentialReport(ctx, owner(ctx))
	if err != nil {
		return nil, err
	}
	if fresh {
		return &iam.GenerateCredentialReportResponse{State: new(iam.ReportStateTypeStarted), Description: new(textReportStarted)}, nil
	}
	return &iam.GenerateCredentialReportResponse{State: new(iam.ReportStateTypeComplete)}, nil
}

// GetCredentialReport returns the latest report.
func (a *API) GetCredentialReport(ctx context.Context, _ *awsapi.None) (*iam.GetCredentialReportResponse, error) {
	r, err := a.accounts.CredentialReport(ctx, owner(ctx))
	if err != nil {
		return nil, err
	}
	return &iam.GetCredentialReportResponse{Content: []byte(r.Content), ReportFormat: new(iam.ReportFormatTypeTextCsv), GeneratedTime: &r.GeneratedAt}, nil
}
