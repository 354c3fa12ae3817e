package account

// Default quotas of IAM (user guide, "IAM and STS quotas"). Sizes are in
// characters without white space.
const (
	maxUsers           = 5000
	maxGroups          = 300
	maxRoles           = 1000
	maxPolicies        = 1500
	maxAttached        = 10 // managed policies of one user, group or role
	maxGroupsPerUser   = 10
	maxKeysPerUser     = 2
	maxVersions        = 5
	maxProviders       = 100
	maxClientIDs       = 100
	maxThumbprints     = 5
	maxTags            = 50
	maxManagedSize     = 6144
	maxTrustSize       = 2048
	maxInlineUserSize  = 2048
	maxInlineGroupSize = 5120
	maxInlineRoleSize  = 10240

	maxInstanceProfiles = 1000
	maxRolesPerProfile  = 1

	maxMFADevices        = 5000
	maxMFADevicesPerUser = 8

	maxServerCertificates  = 20
	maxSigningCertificates = 2 // of one user
	maxPolicyVersionsInUse = 10000
	maxSSHKeys             = 5 // of one user
	maxServicePasswords    = 2 // of one user, for one service
)

// maxInlineSize bounds all inline policies of an entity together.
func maxInlineSize(k Kind) int {
	switch k {
	case UserKind:
		return maxInlineUserSize
	case GroupKind:
		return maxInlineGroupSize
	}
	return maxInlineRoleSize
}
