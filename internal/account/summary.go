package account

import "context"

// Census counts what an account has.
type Census struct {
	Users, Groups, Roles, Policies, PolicyVersions int
	InstanceProfiles, ServerCertificates           int
	MFADevices, MFADevicesInUse                    int
	Providers, RootKeys                            int
}

// Counts counts rows.
type Counts interface {
	Census(ctx context.Context, account string) (Census, error)
}

// Summary returns what GetAccountSummary calls an account's usage and quotas.
// The root user has neither password nor MFA device.
func (s *Service) Summary(ctx context.Context, account string) (map[string]int64, error) {
	n, err := s.stores.Counts.Census(ctx, account)
	if err != nil {
		return nil, err
	}
	settings, err := s.stores.Settings.Settings(ctx, account)
	if err != nil {
		return nil, err
	}
	return map[string]int64{
		"Users": int64(n.Users), "UsersQuota": maxUsers,
		"Groups": int64(n.Groups), "GroupsQuota": maxGroups,
		"Roles": int64(n.Roles), "RolesQuota": maxRoles,
		"Policies": int64(n.Policies), "PoliciesQuota": maxPolicies,
		"PolicyVersionsInUse": int64(n.PolicyVersions), "PolicyVersionsInUseQuota": maxPolicyVersionsInUse,
		"InstanceProfiles": int64(n.InstanceProfiles), "InstanceProfilesQuota": maxInstanceProfiles,
		"ServerCertificates": int64(n.ServerCertificates), "ServerCertificatesQuota": maxServerCertificates,
		"MFADevices": int64(n.MFADevices), "MFADevicesInUse": int64(n.MFADevicesInUse),
		"Providers":                         int64(n.Providers),
		"AccountAccessKeysPresent":          int64(min(n.RootKeys, 1)),
		"AccountMFAEnabled":                 0,
		"AccountPasswordPresent":            0,
		"AccountSigningCertificatesPresent": 0,
		"AccessKeysPerUserQuota":            maxKeysPerUser,
		"SigningCertificatesPerUserQuota":   maxSigningCertificates,
		"GroupsPerUserQuota":                maxGroupsPerUser,
		"AttachedPoliciesPerUserQuota":      maxAttached,
		"AttachedPoliciesPerGroupQuota":     maxAttached,
		"AttachedPoliciesPerRoleQuota":      maxAttached,
		"VersionsPerPolicyQuota":            maxVersions,
		"PolicySizeQuota":                   maxManagedSize,
		"UserPolicySizeQuota":               maxInlineUserSize,
		"GroupPolicySizeQuota":              maxInlineGroupSize,
		"RolePolicySizeQuota":               maxInlineRoleSize,
		"AssumeRolePolicySizeQuota":         maxTrustSize,
		"GlobalEndpointTokenVersion":        int64(max(settings.TokenVersion, 1)),
	}, nil
}
