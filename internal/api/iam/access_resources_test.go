package iam_test

import (
	awsiam "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

// resourceOperations lists the operations on what is neither user, group,
// role, policy nor identity provider.
func resourceOperations() []operation {
	const noProfile = "Instance Profile machines cannot be found."
	app, machines := ptr("app"), ptr("machines")
	tags := []types.Tag{{Key: ptr("k"), Value: ptr("v")}}
	return []operation{
		{"CreateInstanceProfile", "arn:aws:iam::111111111111:instance-profile/x/fresh", call((*awsiam.Client).CreateInstanceProfile, awsiam.CreateInstanceProfileInput{InstanceProfileName: ptr("fresh"), Path: ptr("/x/")}), ""},
		{"GetInstanceProfile", "instance profile machines", call((*awsiam.Client).GetInstanceProfile, awsiam.GetInstanceProfileInput{InstanceProfileName: machines}), noProfile},
		{"ListInstanceProfiles", "arn:aws:iam::111111111111:instance-profile/", call((*awsiam.Client).ListInstanceProfiles, awsiam.ListInstanceProfilesInput{}), ""},
		{"DeleteInstanceProfile", "instance profile machines", call((*awsiam.Client).DeleteInstanceProfile, awsiam.DeleteInstanceProfileInput{InstanceProfileName: machines}), noProfile},
		{"AddRoleToInstanceProfile", "instance profile machines", call((*awsiam.Client).AddRoleToInstanceProfile, awsiam.AddRoleToInstanceProfileInput{InstanceProfileName: machines, RoleName: app}), noProfile},
		{"RemoveRoleFromInstanceProfile", "instance profile machines", call((*awsiam.Client).RemoveRoleFromInstanceProfile, awsiam.RemoveRoleFromInstanceProfileInput{InstanceProfileName: machines, RoleName: app}), noProfile},
		{"TagInstanceProfile", "instance profile machines", call((*awsiam.Client).TagInstanceProfile, awsiam.TagInstanceProfileInput{InstanceProfileName: machines, Tags: tags}), noProfile},
		{"UntagInstanceProfile", "instance profile machines", call((*awsiam.Client).UntagInstanceProfile, awsiam.UntagInstanceProfileInput{InstanceProfileName: machines, TagKeys: []string{"k"}}), noProfile},
		{"ListInstanceProfileTags", "instance profile machines", call((*awsiam.Client).ListInstanceProfileTags, awsiam.ListInstanceProfileTagsInput{InstanceProfileName: machines}), noProfile},
	}
}

// furnishResources puts one of each of these into account alpha, which has its
// users and roles.
func (w *world) furnishResources() {
	w.t.Helper()
	ctx, c := w.t.Context(), w.asRoot(alpha)
	must(c.CreateInstanceProfile(ctx, &awsiam.CreateInstanceProfileInput{InstanceProfileName: ptr("machines"), Path: ptr("/svc/")}))(w.t)
}
