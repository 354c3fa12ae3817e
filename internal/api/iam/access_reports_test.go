package iam_test

import awsiam "github.com/aws/aws-sdk-go-v2/service/iam"

// reportOperations are those that say what others may do, or have done.
func reportOperations() []operation {
	const ann, noUser = "arn:aws:iam::111111111111:user/team/ann", "The user with name ann cannot be found."
	const noJob = "11111111-2222-3333-4444-555555555555"
	documents, actions := []string{readAll}, []string{"s3:GetObject"}
	return []operation{
		{"SimulateCustomPolicy", "*", call((*awsiam.Client).SimulateCustomPolicy, awsiam.SimulateCustomPolicyInput{PolicyInputList: documents, ActionNames: actions}), ""},
		{"SimulatePrincipalPolicy", ann, call((*awsiam.Client).SimulatePrincipalPolicy, awsiam.SimulatePrincipalPolicyInput{PolicySourceArn: ptr(ann), ActionNames: actions}), noUser},
		{"GetContextKeysForCustomPolicy", "*", call((*awsiam.Client).GetContextKeysForCustomPolicy, awsiam.GetContextKeysForCustomPolicyInput{PolicyInputList: documents}), ""},
		{"GetContextKeysForPrincipalPolicy", ann, call((*awsiam.Client).GetContextKeysForPrincipalPolicy, awsiam.GetContextKeysForPrincipalPolicyInput{PolicySourceArn: ptr(ann)}), noUser},
		{"GenerateCredentialReport", "*", call((*awsiam.Client).GenerateCredentialReport, awsiam.GenerateCredentialReportInput{}), ""},
		{"GetCredentialReport", "*", call((*awsiam.Client).GetCredentialReport, awsiam.GetCredentialReportInput{}), ""},
		{"GetAccountAuthorizationDetails", "*", call((*awsiam.Client).GetAccountAuthorizationDetails, awsiam.GetAccountAuthorizationDetailsInput{}), ""},
		{"GenerateServiceLastAccessedDetails", ann, call((*awsiam.Client).GenerateServiceLastAccessedDetails, awsiam.GenerateServiceLastAccessedDetailsInput{Arn: ptr(ann)}), noUser},
		{"GetServiceLastAccessedDetails", "*", call((*awsiam.Client).GetServiceLastAccessedDetails, awsiam.GetServiceLastAccessedDetailsInput{JobId: ptr(noJob)}), "Job " + noJob + " was not found."},
		{"GetServiceLastAccessedDetailsWithEntities", "*", call((*awsiam.Client).GetServiceLastAccessedDetailsWithEntities, awsiam.GetServiceLastAccessedDetailsWithEntitiesInput{JobId: ptr(noJob), ServiceNamespace: ptr("iam")}), "Job " + noJob + " was not found."},
		{"ListPoliciesGrantingServiceAccess", ann, call((*awsiam.Client).ListPoliciesGrantingServiceAccess, awsiam.ListPoliciesGrantingServiceAccessInput{Arn: ptr(ann), ServiceNamespaces: []string{"iam"}}), noUser},
	}
}
