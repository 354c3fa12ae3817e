package iam

import (
	"context"

	"github.com/cenote-id/cenote/internal/account"
	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/iam"
)

// machineService is the service that instance profiles hand roles to.
const machineService = "ec2.amazonaws.com"

// resourceTarget is target for the operations on what is neither user, group,
// role, policy nor identity provider. ok is false for all others.
func (a *API) resourceTarget(ctx context.Context, op *awsapi.Operation, in any) (t target, ok bool, err error) {
	acct := owner(ctx)
	path := member(in, "Path")
	if path == "" {
		path = "/"
	}
	switch op.Name {
	case "CreateInstanceProfile":
		return target{arn: account.InstanceProfileARN(acct, path, member(in, "InstanceProfileName"))}, true, nil
	case "ListInstanceProfiles":
		return target{shown: account.InstanceProfileARN(acct, "/", "")}, true, nil
	case "CreateServiceLinkedRole":
		return target{arn: account.LinkedRoleARN(acct, member(in, "AWSServiceName"), member(in, "CustomSuffix"))}, true, nil
	case "GetServiceLinkedRoleDeletionStatus":
		t.arn, _ = account.RoleOfDeletion(acct, member(in, "DeletionTaskId"))
		return t, true, nil
	case "UploadServerCertificate":
		return target{arn: account.ServerCertificateARN(acct, path, member(in, "ServerCertificateName"))}, true, nil
	case "ListServerCertificates":
		return target{shown: account.ServerCertificateARN(acct, "/", "")}, true, nil
	case "ListServiceSpecificCredentials":
		all := awsapi.Value(in.(*iam.ListServiceSpecificCredentialsRequest).AllUsers)
		return target{}, all, nil
	case "CreateVirtualMFADevice":
		return target{arn: account.MFADeviceARN(acct, path, member(in, "VirtualMFADeviceName"))}, true, nil
	case "ListVirtualMFADevices":
		return target{shown: account.MFADeviceARN(acct, "/", "")}, true, nil
	case "DeleteVirtualMFADevice", "TagMFADevice", "UntagMFADevice", "ListMFADeviceTags":
		t, err = a.deviceTarget(ctx, member(in, "SerialNumber"))
		return t, true, err
	case "GetMFADevice":
		_, u, err := a.accounts.UsedMFADevice(ctx, acct, member(in, "SerialNumber"), "")
		if ok, err := known(err); !ok || member(in, "UserName") != "" {
			return target{}, err != nil, err // by the name that is given
		}
		t, err = a.userTarget(ctx, u.Name, in)
		return t, true, err
	case "ChangePassword":
		if c := &awsapi.RequestFrom(ctx).Caller; c.Kind == awsapi.User {
			t, err = a.userTarget(ctx, c.Name, in)
		}
		return t, true, err
	}
	switch {
	case op.Name == "CreateSAMLProvider":
		return target{arn: account.SAMLProviderARN(acct, member(in, "Name"))}, true, nil
	case op.Name == "ListSAMLProviders":
		return target{shown: account.SAMLProviderARN(acct, "*")}, true, nil
	case has(in, "SAMLProviderArn"):
		t, err = a.samlTarget(ctx, member(in, "SAMLProviderArn"))
		return t, true, err
	}
	for _, name := range []string{"PolicySourceArn", "Arn"} {
		if arn := member(in, name); arn != "" { // of a user, group, role or policy that is asked about
			return target{arn: arn}, true, nil
		}
	}
	if name := member(in, "InstanceProfileName"); name != "" {
		t, err = a.instanceProfileTarget(ctx, name)
		return t, true, err
	}
	if name := member(in, "ServerCertificateName"); name != "" {
		t, err = a.serverCertificateTarget(ctx, name, in)
		return t, true, err
	}
	return target{}, false, nil
}

func (a *API) serverCertificateTarget(ctx context.Context, name string, in any) (target, error) {
	t := target{arn: account.ServerCertificateARN(owner(ctx), "/", name)}
	c, err := a.accounts.ServerCertificate(ctx, owner(ctx), name)
	if ok, err := known(err); !ok {
		return t, err
	}
	t.arn, t.tags = c.ARN(), c.Tags
	t.moved = movedARN(in, "NewServerCertificateName", &c.Entity, account.ServerCertificateARN)
	return t, nil
}

func (a *API) instanceProfileTarget(ctx context.Context, name string) (target, error) {
	t := target{arn: account.InstanceProfileARN(owner(ctx), "/", name), shown: "instance profile " + name}
	p, err := a.accounts.InstanceProfile(ctx, owner(ctx), name)
	if ok, err := known(err); !ok {
		return t, err
	}
	t.arn, t.tags = p.ARN(), p.Tags
	return t, nil
}

func (a *API) deviceTarget(ctx context.Context, serial string) (target, error) {
	t := target{arn: serial}
	d, err := a.accounts.MFADevice(ctx, owner(ctx), serial)
	if ok, err := known(err); !ok {
		return t, err
	}
	t.arn, t.tags = d.Serial(), d.Tags
	return t, nil
}

// besides lists what must be allowed beside the operation itself.
func (a *API) besides(ctx context.Context, op *awsapi.Operation, in any) ([]awsapi.Access, error) {
	if op.Name != "AddRoleToInstanceProfile" {
		return nil, nil
	}
	role, err := a.roleTarget(ctx, member(in, "RoleName"))
	return []awsapi.Access{account.PassRole(role.arn, machineService)}, err
}
