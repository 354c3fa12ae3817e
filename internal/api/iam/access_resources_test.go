package iam_test

import (
	"strings"

	awsiam "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

// resourceOperations lists the operations on what is neither user, group,
// role, policy nor identity provider.
func resourceOperations() []operation {
	const (
		noUser    = "The user with name ann cannot be found."
		noProfile = "Instance Profile machines cannot be found."
		ownDevice = "arn:aws:iam::111111111111:mfa/phone"
		noDevice  = "VirtualMFADevice with serial number " + ownDevice + " does not exist."
	)
	const (
		webCertificate = "arn:aws:iam::111111111111:server-certificate/web"
		noWeb          = "The Server Certificate with name web cannot be found."
		noCertificate  = "Unable to parse certificate. Please ensure the certificate is in PEM format."
	)
	web, id := ptr("web"), ptr(strings.Repeat("X", 24))
	const noOrganization = "The request was rejected because no organization is associated with your account."
	device, code := ptr(ownDevice), ptr("123456")
	app, ann, machines := ptr("app"), ptr("ann"), ptr("machines")
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
		{"CreateAccountAlias", "*", call((*awsiam.Client).CreateAccountAlias, awsiam.CreateAccountAliasInput{AccountAlias: ptr("other-name")}), ""},
		{"ListAccountAliases", "*", call((*awsiam.Client).ListAccountAliases, awsiam.ListAccountAliasesInput{}), ""},
		{"DeleteAccountAlias", "*", call((*awsiam.Client).DeleteAccountAlias, awsiam.DeleteAccountAliasInput{AccountAlias: ptr("alpha-name")}), "The account alias alpha-name cannot be found."},
		{"GetAccountSummary", "*", call((*awsiam.Client).GetAccountSummary, awsiam.GetAccountSummaryInput{}), ""},
		{"SetSecurityTokenServicePreferences", "*", call((*awsiam.Client).SetSecurityTokenServicePreferences, awsiam.SetSecurityTokenServicePreferencesInput{GlobalEndpointTokenVersion: types.GlobalEndpointTokenVersionV2Token}), ""},
		{"GetAccountPasswordPolicy", "*", call((*awsiam.Client).GetAccountPasswordPolicy, awsiam.GetAccountPasswordPolicyInput{}), "The Password Policy with domain name 222222222222 cannot be found."},
		{"DeleteAccountPasswordPolicy", "*", call((*awsiam.Client).DeleteAccountPasswordPolicy, awsiam.DeleteAccountPasswordPolicyInput{}), "The account policy with name PasswordPolicy cannot be found."},
		{"UpdateAccountPasswordPolicy", "*", call((*awsiam.Client).UpdateAccountPasswordPolicy, awsiam.UpdateAccountPasswordPolicyInput{}), ""},
		{"CreateLoginProfile", "user ann", call((*awsiam.Client).CreateLoginProfile, awsiam.CreateLoginProfileInput{UserName: ann, Password: ptr("Correct-Horse")}), noUser},
		{"GetLoginProfile", "user ann", call((*awsiam.Client).GetLoginProfile, awsiam.GetLoginProfileInput{UserName: ann}), noUser},
		{"UpdateLoginProfile", "user ann", call((*awsiam.Client).UpdateLoginProfile, awsiam.UpdateLoginProfileInput{UserName: ann, Password: ptr("Correct-Horse")}), noUser},
		{"DeleteLoginProfile", "user ann", call((*awsiam.Client).DeleteLoginProfile, awsiam.DeleteLoginProfileInput{UserName: ann}), noUser},
		{"ChangePassword", "user nobody", call((*awsiam.Client).ChangePassword, awsiam.ChangePasswordInput{OldPassword: ptr("a"), NewPassword: ptr("b")}), "Only IAM Users can change their own password."},
		{"CreateVirtualMFADevice", "arn:aws:iam::111111111111:mfa/fresh", call((*awsiam.Client).CreateVirtualMFADevice, awsiam.CreateVirtualMFADeviceInput{VirtualMFADeviceName: ptr("fresh")}), ""},
		{"ListVirtualMFADevices", "arn:aws:iam::111111111111:mfa/", call((*awsiam.Client).ListVirtualMFADevices, awsiam.ListVirtualMFADevicesInput{}), ""},
		{"DeleteVirtualMFADevice", ownDevice, call((*awsiam.Client).DeleteVirtualMFADevice, awsiam.DeleteVirtualMFADeviceInput{SerialNumber: device}), noDevice},
		{"EnableMFADevice", "user ann", call((*awsiam.Client).EnableMFADevice, awsiam.EnableMFADeviceInput{UserName: ann, SerialNumber: device, AuthenticationCode1: code, AuthenticationCode2: code}), noDevice},
		{"ResyncMFADevice", "user ann", call((*awsiam.Client).ResyncMFADevice, awsiam.ResyncMFADeviceInput{UserName: ann, SerialNumber: device, AuthenticationCode1: code, AuthenticationCode2: code}), noDevice},
		{"DeactivateMFADevice", "user ann", call((*awsiam.Client).DeactivateMFADevice, awsiam.DeactivateMFADeviceInput{UserName: ann, SerialNumber: device}), noDevice},
		{"GetMFADevice", "user ann", call((*awsiam.Client).GetMFADevice, awsiam.GetMFADeviceInput{UserName: ann, SerialNumber: device}), noDevice},
		{"ListMFADevices", "user ann", call((*awsiam.Client).ListMFADevices, awsiam.ListMFADevicesInput{UserName: ann}), noUser},
		{"TagMFADevice", ownDevice, call((*awsiam.Client).TagMFADevice, awsiam.TagMFADeviceInput{SerialNumber: device, Tags: tags}), noDevice},
		{"UntagMFADevice", ownDevice, call((*awsiam.Client).UntagMFADevice, awsiam.UntagMFADeviceInput{SerialNumber: device, TagKeys: []string{"k"}}), noDevice},
		{"ListMFADeviceTags", ownDevice, call((*awsiam.Client).ListMFADeviceTags, awsiam.ListMFADeviceTagsInput{SerialNumber: device}), noDevice},
		{"CreateServiceLinkedRole", "arn:aws:iam::111111111111:role/aws-service-role/rds.amazonaws.com/AWSServiceRoleForRDS", call((*awsiam.Client).CreateServiceLinkedRole, awsiam.CreateServiceLinkedRoleInput{AWSServiceName: ptr("rds.amazonaws.com")}), ""},
		{"DeleteServiceLinkedRole", "role app", call((*awsiam.Client).DeleteServiceLinkedRole, awsiam.DeleteServiceLinkedRoleInput{RoleName: app}), "The role with name app cannot be found."},
		{"GetServiceLinkedRoleDeletionStatus", "arn:aws:iam::111111111111:role/aws-service-role/s/r", call((*awsiam.Client).GetServiceLinkedRoleDeletionStatus, awsiam.GetServiceLinkedRoleDeletionStatusInput{DeletionTaskId: ptr("task/aws-service-role/s/r/1")}), "Deletion task task/aws-service-role/s/r/1 cannot be found."},
		{"EnableOrganizationsRootCredentialsManagement", "*", call((*awsiam.Client).EnableOrganizationsRootCredentialsManagement, awsiam.EnableOrganizationsRootCredentialsManagementInput{}), noOrganization},
		{"DisableOrganizationsRootCredentialsManagement", "*", call((*awsiam.Client).DisableOrganizationsRootCredentialsManagement, awsiam.DisableOrganizationsRootCredentialsManagementInput{}), noOrganization},
		{"EnableOrganizationsRootSessions", "*", call((*awsiam.Client).EnableOrganizationsRootSessions, awsiam.EnableOrganizationsRootSessionsInput{}), noOrganization},
		{"DisableOrganizationsRootSessions", "*", call((*awsiam.Client).DisableOrganizationsRootSessions, awsiam.DisableOrganizationsRootSessionsInput{}), noOrganization},
		{"ListOrganizationsFeatures", "*", call((*awsiam.Client).ListOrganizationsFeatures, awsiam.ListOrganizationsFeaturesInput{}), noOrganization},
		{"UploadSSHPublicKey", "user ann", call((*awsiam.Client).UploadSSHPublicKey, awsiam.UploadSSHPublicKeyInput{UserName: ann, SSHPublicKeyBody: ptr("x")}), "The SSH public key must be encoded in ssh-rsa format or PEM format."},
		{"GetSSHPublicKey", "user ann", call((*awsiam.Client).GetSSHPublicKey, awsiam.GetSSHPublicKeyInput{UserName: ann, SSHPublicKeyId: id, Encoding: types.EncodingTypeSsh}), noUser},
		{"ListSSHPublicKeys", "user ann", call((*awsiam.Client).ListSSHPublicKeys, awsiam.ListSSHPublicKeysInput{UserName: ann}), noUser},
		{"UpdateSSHPublicKey", "user ann", call((*awsiam.Client).UpdateSSHPublicKey, awsiam.UpdateSSHPublicKeyInput{UserName: ann, SSHPublicKeyId: id, Status: types.StatusTypeActive}), noUser},
		{"DeleteSSHPublicKey", "user ann", call((*awsiam.Client).DeleteSSHPublicKey, awsiam.DeleteSSHPublicKeyInput{UserName: ann, SSHPublicKeyId: id}), noUser},
		{"UploadSigningCertificate", "user ann", call((*awsiam.Client).UploadSigningCertificate, awsiam.UploadSigningCertificateInput{UserName: ann, CertificateBody: ptr("x")}), noCertificate},
		{"ListSigningCertificates", "user ann", call((*awsiam.Client).ListSigningCertificates, awsiam.ListSigningCertificatesInput{UserName: ann}), noUser},
		{"UpdateSigningCertificate", "user ann", call((*awsiam.Client).UpdateSigningCertificate, awsiam.UpdateSigningCertificateInput{UserName: ann, CertificateId: id, Status: types.StatusTypeActive}), noUser},
		{"DeleteSigningCertificate", "user ann", call((*awsiam.Client).DeleteSigningCertificate, awsiam.DeleteSigningCertificateInput{UserName: ann, CertificateId: id}), noUser},
		{"CreateServiceSpecificCredential", "user ann", call((*awsiam.Client).CreateServiceSpecificCredential, awsiam.CreateServiceSpecificCredentialInput{UserName: ann, ServiceName: ptr("codecommit.amazonaws.com")}), noUser},
		{"ListServiceSpecificCredentials", "user ann", call((*awsiam.Client).ListServiceSpecificCredentials, awsiam.ListServiceSpecificCredentialsInput{UserName: ann}), noUser},
		{"UpdateServiceSpecificCredential", "user ann", call((*awsiam.Client).UpdateServiceSpecificCredential, awsiam.UpdateServiceSpecificCredentialInput{UserName: ann, ServiceSpecificCredentialId: id, Status: types.StatusTypeActive}), noUser},
		{"ResetServiceSpecificCredential", "user ann", call((*awsiam.Client).ResetServiceSpecificCredential, awsiam.ResetServiceSpecificCredentialInput{UserName: ann, ServiceSpecificCredentialId: id}), noUser},
		{"DeleteServiceSpecificCredential", "user ann", call((*awsiam.Client).DeleteServiceSpecificCredential, awsiam.DeleteServiceSpecificCredentialInput{UserName: ann, ServiceSpecificCredentialId: id}), noUser},
		{"UploadServerCertificate", webCertificate, call((*awsiam.Client).UploadServerCertificate, awsiam.UploadServerCertificateInput{ServerCertificateName: web, CertificateBody: ptr("x"), PrivateKey: ptr("x")}), noCertificate},
		{"GetServerCertificate", webCertificate, call((*awsiam.Client).GetServerCertificate, awsiam.GetServerCertificateInput{ServerCertificateName: web}), noWeb},
		{"ListServerCertificates", "arn:aws:iam::111111111111:server-certificate/", call((*awsiam.Client).ListServerCertificates, awsiam.ListServerCertificatesInput{}), ""},
		{"UpdateServerCertificate", webCertificate, call((*awsiam.Client).UpdateServerCertificate, awsiam.UpdateServerCertificateInput{ServerCertificateName: web, NewPath: ptr("/x/")}), noWeb},
		{"DeleteServerCertificate", webCertificate, call((*awsiam.Client).DeleteServerCertificate, awsiam.DeleteServerCertificateInput{ServerCertificateName: web}), noWeb},
		{"TagServerCertificate", webCertificate, call((*awsiam.Client).TagServerCertificate, awsiam.TagServerCertificateInput{ServerCertificateName: web, Tags: tags}), noWeb},
		{"UntagServerCertificate", webCertificate, call((*awsiam.Client).UntagServerCertificate, awsiam.UntagServerCertificateInput{ServerCertificateName: web, TagKeys: []string{"k"}}), noWeb},
		{"ListServerCertificateTags", webCertificate, call((*awsiam.Client).ListServerCertificateTags, awsiam.ListServerCertificateTagsInput{ServerCertificateName: web}), noWeb},
		{"ListInstanceProfileTags", "instance profile machines", call((*awsiam.Client).ListInstanceProfileTags, awsiam.ListInstanceProfileTagsInput{InstanceProfileName: machines}), noProfile},
	}
}

// furnishResources puts one of each of these into account alpha, which has its
// users and roles.
func (w *world) furnishResources() {
	w.t.Helper()
	ctx, c := w.t.Context(), w.asRoot(alpha)
	must(c.CreateInstanceProfile(ctx, &awsiam.CreateInstanceProfileInput{InstanceProfileName: ptr("machines"), Path: ptr("/svc/")}))(w.t)
	must(c.CreateVirtualMFADevice(ctx, &awsiam.CreateVirtualMFADeviceInput{VirtualMFADeviceName: ptr("phone")}))(w.t)
	must(c.CreateAccountAlias(ctx, &awsiam.CreateAccountAliasInput{AccountAlias: ptr("alpha-name")}))(w.t)
	must(c.UpdateAccountPasswordPolicy(ctx, &awsiam.UpdateAccountPasswordPolicyInput{}))(w.t)
}
