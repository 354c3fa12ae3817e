package iam

import (
	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/iam"
)

// Why operations are refused that have no meaning without the rest of AWS.
const (
	whyNoOrganization = "accounts here belong to no organization whose use of services could be reported"
	whyNoDelegation   = "requests for delegated access come from products of AWS and its partners, and policy templates are AWS's own"
	whyNoTemplates    = "role templates are AWS's own, and none is here"
	whyNoSummaries    = "AWS has its own services put policies into words; cenote why explains decisions"
	whyNoProperties   = "no property of an account has a meaning here"
)

func (a *API) refusedHandlers() []awsapi.Handler {
	return []awsapi.Handler{
		iam.GenerateOrganizationsAccessReport.Refuse(whyNoOrganization),
		iam.GetOrganizationsAccessReport.Refuse(whyNoOrganization),
		iam.CreateDelegationRequest.Refuse(whyNoDelegation),
		iam.GetDelegationRequest.Refuse(whyNoDelegation),
		iam.ListDelegationRequests.Refuse(whyNoDelegation),
		iam.UpdateDelegationRequest.Refuse(whyNoDelegation),
		iam.AssociateDelegationRequest.Refuse(whyNoDelegation),
		iam.AcceptDelegationRequest.Refuse(whyNoDelegation),
		iam.RejectDelegationRequest.Refuse(whyNoDelegation),
		iam.SendDelegationToken.Refuse(whyNoDelegation),
		iam.AcquireRole.Refuse(whyNoTemplates),
		iam.GetRoleTemplateVersion.Refuse(whyNoTemplates),
		iam.GetHumanReadableSummary.Refuse(whyNoSummaries),
		iam.GetAccountProperties.Refuse(whyNoProperties),
		iam.PutAccountProperties.Refuse(whyNoProperties),
	}
}
