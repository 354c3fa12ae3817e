package iam

import (
	"context"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/iam"
)

// organizationHandlers are the operations on organizations. An account here
// belongs to none, and they answer what AWS answers such an account.
func (a *API) organizationHandlers() []awsapi.Handler {
	return []awsapi.Handler{
		iam.EnableOrganizationsRootCredentialsManagement.Bind(noOrganization[iam.EnableOrganizationsRootCredentialsManagementRequest, iam.EnableOrganizationsRootCredentialsManagementResponse]),
		iam.DisableOrganizationsRootCredentialsManagement.Bind(noOrganization[iam.DisableOrganizationsRootCredentialsManagementRequest, iam.DisableOrganizationsRootCredentialsManagementResponse]),
		iam.EnableOrganizationsRootSessions.Bind(noOrganization[iam.EnableOrganizationsRootSessionsRequest, iam.EnableOrganizationsRootSessionsResponse]),
		iam.DisableOrganizationsRootSessions.Bind(noOrganization[iam.DisableOrganizationsRootSessionsRequest, iam.DisableOrganizationsRootSessionsResponse]),
		iam.ListOrganizationsFeatures.Bind(noOrganization[iam.ListOrganizationsFeaturesRequest, iam.ListOrganizationsFeaturesResponse]),
	}
}

// textNoOrganization is how the API reference words the error.
const textNoOrganization = "The request was rejected because no organization is associated with your account."

func noOrganization[In, Out any](context.Context, *In) (*Out, error) {
	return nil, iam.OrganizationNotFoundException(textNoOrganization)
}
