package cognitoidp

import (
	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/userpool"
)

// What the attributes of every device say. Names, values and their order are
// those of the examples in the AWS CLI reference; what deviceSDK is of clients
// that say what they are is UNCONFIRMED.
const (
	deviceValid = "valid"
	deviceSDK   = "aws-sdk-unknown-unknown"
)

func describeDevice(d *user.Device, attributes []cognitoidp.AttributeType) *cognitoidp.DeviceType {
	return &cognitoidp.DeviceType{
		DeviceKey: &d.Key, DeviceAttributes: attributes, DeviceCreateDate: &d.CreatedAt,
		DeviceLastModifiedDate: &d.ModifiedAt, DeviceLastAuthenticatedDate: &d.AuthenticatedAt,
	}
}

// deviceAttributes writes names and values, one after the other, without those
// that have no value.
func deviceAttributes(pairs ...string) []cognitoidp.AttributeType {
	var out []cognitoidp.AttributeType
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			out = append(out, cognitoidp.AttributeType{Name: &pairs[i], Value: &pairs[i+1]})
		}
	}
	return out
}

// shortDevice is what the lists of users say of a device.
func shortDevice(d *user.Device) []cognitoidp.AttributeType {
	return deviceAttributes("device_status", deviceValid, "device_name", d.Name, "last_ip_used", d.Address)
}

// fullDevice is what everything else says of a device.
func fullDevice(p *userpool.Pool, u *user.User, d *user.Device) []cognitoidp.AttributeType {
	owner := u.Username + "." + p.ID
	arn := awsapi.ARN{
		Partition: awsapi.Partition, Service: "cognito-idp", Region: p.Region, Account: p.Account,
		Resource: "owner/" + owner + "/device/" + d.Key,
	}
	status := cognitoidp.DeviceRememberedStatusTypeNotRemembered
	if d.Remembered {
		status = cognitoidp.DeviceRememberedStatusTypeRemembered
	}
	return deviceAttributes("device_status", deviceValid, "device_name", d.Name, "dev:device_arn", arn.String(),
		"dev:device_owner", owner, "last_ip_used", d.Address, "dev:device_remembered_status", string(status), "dev:device_sdk", deviceSDK)
}
