package iam_test

import awsiam "github.com/aws/aws-sdk-go-v2/service/iam"

// reportOperations are those that say what others may do, or have done.
func reportOperations() []operation {
	const ann, noUser = "arn:aws:iam::111111111111:user/team/ann", "The user with name ann cannot be found."
	documents, actions := []string{readAll}, []string{"s3:GetObject"}
	return []operation{
		{"SimulateCustomPolicy", "*", call((*awsiam.Client).SimulateCustomPolicy, awsiam.SimulateCustomPolicyInput{PolicyInputList: documents, ActionNames: actions}), ""},
		{"SimulatePrincipalPolicy", ann, call((*awsiam.Client).SimulatePrincipalPolicy, awsiam.SimulatePrincipalPolicyInput{PolicySourceArn: ptr(ann), ActionNames: actions}), noUser},
		{"GetContextKeysForCustomPolicy", "*", call((*awsiam.Client).GetContextKeysForCustomPolicy, awsiam.GetContextKeysForCustomPolicyInput{PolicyInputList: documents}), ""},
		{"GetContextKeysForPrincipalPolicy", ann, call((*awsiam.Client).GetContextKeysForPrincipalPolicy, awsiam.GetContextKeysForPrincipalPolicyInput{PolicySourceArn: ptr(ann)}), noUser},
	}
}
