package awsapi

import "strings"

// ARN is an Amazon Resource Name cut at its first five colons.
type ARN struct {
	Partition, Service, Region, Account, Resource string
}

// Partition is the only one that Cenote issues ARNs in.
const Partition = "aws"

// ParseARN cuts s; ok is false when it is not ARN-shaped.
func ParseARN(s string) (arn ARN, ok bool) {
	parts := strings.SplitN(s, ":", 6)
	if len(parts) != 6 || parts[0] != "arn" {
		return ARN{}, false
	}
	return ARN{parts[1], parts[2], parts[3], parts[4], parts[5]}, true
}

// String joins the parts again.
func (a ARN) String() string {
	return "arn:" + a.Partition + ":" + a.Service + ":" + a.Region + ":" + a.Account + ":" + a.Resource
}

// IAMARN names an IAM resource, such as IAMARN("123456789012", "role/app").
func IAMARN(account, resource string) string {
	return ARN{Partition, "iam", "", account, resource}.String()
}

// STSARN names an STS principal, such as STSARN("123456789012", "assumed-role/app/s").
func STSARN(account, resource string) string {
	return ARN{Partition, "sts", "", account, resource}.String()
}

// UserPoolARN names a user pool.
func UserPoolARN(region, account, pool string) string {
	return ARN{Partition, "cognito-idp", region, account, "userpool/" + pool}.String()
}

// IdentityPoolARN names an identity pool.
func IdentityPoolARN(region, account, pool string) string {
	return ARN{Partition, "cognito-identity", region, account, "identitypool/" + pool}.String()
}
