package credential

import (
	"slices"
	"strings"

	"github.com/cenote-id/cenote/internal/account"
	"github.com/cenote-id/cenote/internal/awsapi"
)

// taskPolicies are the policies that AssumeRoot takes.
var taskPolicies = []string{
	"IAMAuditRootUserCredentials", "IAMCreateRootUserPassword", "IAMDeleteRootUserCredentials",
	"S3UnlockBucketPolicy", "SQSUnlockQueuePolicy",
}

const taskPolicyPrefix = "arn:aws:iam::aws:policy/root-task/"

// RootTarget returns the account that AssumeRoot names, by number or by the
// ARN of its root user.
func RootTarget(principal string) (string, error) {
	if account.ValidID(principal) {
		return principal, nil
	}
	arn, ok := awsapi.ParseARN(principal)
	if !ok || !account.ValidID(arn.Account) || account.RootARN(arn.Account) != principal {
		return "", invalid(msgTargetPrincipal, principal)
	}
	return arn.Account, nil
}

// AssumeRoot refuses: root sessions are for the management of an organization
// to use on its member accounts, and accounts here belong to none. The
// caller's permission has been checked.
func AssumeRoot(principal, taskPolicy string) error {
	target, err := RootTarget(principal)
	if err != nil {
		return err
	}
	task, ok := strings.CutPrefix(taskPolicy, taskPolicyPrefix)
	if !ok || !slices.Contains(taskPolicies, task) {
		return invalid(msgTaskPolicy, taskPolicy)
	}
	return awsapi.AccessDenied.New(msgNoOrganization, target)
}

// GetDelegatedAccessToken refuses: a trade-in token comes out of a delegation
// request that an account accepted from a partner of AWS, and there are none
// here.
func GetDelegatedAccessToken() error { return awsapi.AccessDenied.New("%s", msgNoDelegation) }
