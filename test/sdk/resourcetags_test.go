package sdk

import (
	"errors"
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	ci "github.com/aws/aws-sdk-go-v2/service/cognitoidentity"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/smithy-go"
)

// taggable is a kind of resource that can have tags.
type taggable struct {
	// create makes one and returns the name that the others take.
	create func(keys aws.Credentials, name string, tags map[string]string) (string, error)
	read   func(keys aws.Credentials, name string) error
	tag    func(keys aws.Credentials, name string, tags map[string]string) error
	untag  func(keys aws.Credentials, name string, keyNames ...string) error
	denied string // code of a refusal
}

func (w *world) taggables(t *testing.T) map[string]taggable {
	ctx := t.Context()
	list := func(tags map[string]string) (l []iamtypes.Tag) {
		for k, v := range tags {
			l = append(l, iamtypes.Tag{Key: &k, Value: &v})
		}
		return l
	}
	const document = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}`
	return map[string]taggable{
		"user pool": {
			create: func(keys aws.Credentials, name string, tags map[string]string) (string, error) {
				out, err := w.idp(keys, west).CreateUserPool(ctx, &idp.CreateUserPoolInput{PoolName: &name, UserPoolTags: tags})
				if err != nil {
					return "", err
				}
				return *out.UserPool.Arn, nil
			},
			read: func(keys aws.Credentials, name string) error {
				_, err := w.idp(keys, west).ListTagsForResource(ctx, &idp.ListTagsForResourceInput{ResourceArn: &name})
				return err
			},
			tag: func(keys aws.Credentials, name string, tags map[string]string) error {
				_, err := w.idp(keys, west).TagResource(ctx, &idp.TagResourceInput{ResourceArn: &name, Tags: tags})
				return err
			},
			untag: func(keys aws.Credentials, name string, keyNames ...string) error {
				_, err := w.idp(keys, west).UntagResource(ctx, &idp.UntagResourceInput{ResourceArn: &name, TagKeys: keyNames})
				return err
			},
			denied: "AccessDeniedException",
		},
		"identity pool": {
			create: func(keys aws.Credentials, name string, tags map[string]string) (string, error) {
				out, err := w.identity(keys, tokyo).CreateIdentityPool(ctx, &ci.CreateIdentityPoolInput{IdentityPoolName: &name, IdentityPoolTags: tags})
				if err != nil {
					return "", err
				}
				return "arn:aws:cognito-identity:" + tokyo + ":" + w.alpha.account + ":identitypool/" + *out.IdentityPoolId, nil
			},
			read: func(keys aws.Credentials, name string) error {
				_, err := w.identity(keys, tokyo).ListTagsForResource(ctx, &ci.ListTagsForResourceInput{ResourceArn: &name})
				return err
			},
			tag: func(keys aws.Credentials, name string, tags map[string]string) error {
				_, err := w.identity(keys, tokyo).TagResource(ctx, &ci.TagResourceInput{ResourceArn: &name, Tags: tags})
				return err
			},
			untag: func(keys aws.Credentials, name string, keyNames ...string) error {
				_, err := w.identity(keys, tokyo).UntagResource(ctx, &ci.UntagResourceInput{ResourceArn: &name, TagKeys: keyNames})
				return err
			},
			denied: "AccessDeniedException",
		},
		"role": {
			create: func(keys aws.Credentials, name string, tags map[string]string) (string, error) {
				_, err := w.iam(keys).CreateRole(ctx, &iam.CreateRoleInput{RoleName: &name, AssumeRolePolicyDocument: aws.String(trustAccount(w.alpha.account, "")), Tags: list(tags)})
				return name, err
			},
			read: func(keys aws.Credentials, name string) error {
				_, err := w.iam(keys).GetRole(ctx, &iam.GetRoleInput{RoleName: &name})
				return err
			},
			tag: func(keys aws.Credentials, name string, tags map[string]string) error {
				_, err := w.iam(keys).TagRole(ctx, &iam.TagRoleInput{RoleName: &name, Tags: list(tags)})
				return err
			},
			untag: func(keys aws.Credentials, name string, keyNames ...string) error {
				_, err := w.iam(keys).UntagRole(ctx, &iam.UntagRoleInput{RoleName: &name, TagKeys: keyNames})
				return err
			},
		},
		"user": {
			create: func(keys aws.Credentials, name string, tags map[string]string) (string, error) {
				_, err := w.iam(keys).CreateUser(ctx, &iam.CreateUserInput{UserName: &name, Tags: list(tags)})
				return name, err
			},
			read: func(keys aws.Credentials, name string) error {
				_, err := w.iam(keys).GetUser(ctx, &iam.GetUserInput{UserName: &name})
				return err
			},
			tag: func(keys aws.Credentials, name string, tags map[string]string) error {
				_, err := w.iam(keys).TagUser(ctx, &iam.TagUserInput{UserName: &name, Tags: list(tags)})
				return err
			},
			untag: func(keys aws.Credentials, name string, keyNames ...string) error {
				_, err := w.iam(keys).UntagUser(ctx, &iam.UntagUserInput{UserName: &name, TagKeys: keyNames})
				return err
			},
		},
		"policy": {
			create: func(keys aws.Credentials, name string, tags map[string]string) (string, error) {
				_, err := w.iam(keys).CreatePolicy(ctx, &iam.CreatePolicyInput{PolicyName: &name, PolicyDocument: aws.String(document), Tags: list(tags)})
				return "arn:aws:iam::" + w.alpha.account + ":policy/" + name, err
			},
			read: func(keys aws.Credentials, name string) error {
				_, err := w.iam(keys).GetPolicy(ctx, &iam.GetPolicyInput{PolicyArn: &name})
				return err
			},
			tag: func(keys aws.Credentials, name string, tags map[string]string) error {
				_, err := w.iam(keys).TagPolicy(ctx, &iam.TagPolicyInput{PolicyArn: &name, Tags: list(tags)})
				return err
			},
			untag: func(keys aws.Credentials, name string, keyNames ...string) error {
				_, err := w.iam(keys).UntagPolicy(ctx, &iam.UntagPolicyInput{PolicyArn: &name, TagKeys: keyNames})
				return err
			},
		},
		"OpenID Connect provider": {
			create: func(keys aws.Credentials, name string, tags map[string]string) (string, error) {
				_, err := w.iam(keys).CreateOpenIDConnectProvider(ctx, &iam.CreateOpenIDConnectProviderInput{Url: aws.String("https://" + name + ".example.com"), Tags: list(tags)})
				return "arn:aws:iam::" + w.alpha.account + ":oidc-provider/" + name + ".example.com", err
			},
			read: func(keys aws.Credentials, name string) error {
				_, err := w.iam(keys).GetOpenIDConnectProvider(ctx, &iam.GetOpenIDConnectProviderInput{OpenIDConnectProviderArn: &name})
				return err
			},
			tag: func(keys aws.Credentials, name string, tags map[string]string) error {
				_, err := w.iam(keys).TagOpenIDConnectProvider(ctx, &iam.TagOpenIDConnectProviderInput{OpenIDConnectProviderArn: &name, Tags: list(tags)})
				return err
			},
			untag: func(keys aws.Credentials, name string, keyNames ...string) error {
				_, err := w.iam(keys).UntagOpenIDConnectProvider(ctx, &iam.UntagOpenIDConnectProviderInput{OpenIDConnectProviderArn: &name, TagKeys: keyNames})
				return err
			},
		},
		"instance profile": {
			create: func(keys aws.Credentials, name string, tags map[string]string) (string, error) {
				_, err := w.iam(keys).CreateInstanceProfile(ctx, &iam.CreateInstanceProfileInput{InstanceProfileName: &name, Tags: list(tags)})
				return name, err
			},
			read: func(keys aws.Credentials, name string) error {
				_, err := w.iam(keys).GetInstanceProfile(ctx, &iam.GetInstanceProfileInput{InstanceProfileName: &name})
				return err
			},
			tag: func(keys aws.Credentials, name string, tags map[string]string) error {
				_, err := w.iam(keys).TagInstanceProfile(ctx, &iam.TagInstanceProfileInput{InstanceProfileName: &name, Tags: list(tags)})
				return err
			},
			untag: func(keys aws.Credentials, name string, keyNames ...string) error {
				_, err := w.iam(keys).UntagInstanceProfile(ctx, &iam.UntagInstanceProfileInput{InstanceProfileName: &name, TagKeys: keyNames})
				return err
			},
		},
		"MFA device": {
			create: func(keys aws.Credentials, name string, tags map[string]string) (string, error) {
				_, err := w.iam(keys).CreateVirtualMFADevice(ctx, &iam.CreateVirtualMFADeviceInput{VirtualMFADeviceName: &name, Tags: list(tags)})
				return "arn:aws:iam::" + w.alpha.account + ":mfa/" + name, err
			},
			read: func(keys aws.Credentials, name string) error {
				_, err := w.iam(keys).ListMFADeviceTags(ctx, &iam.ListMFADeviceTagsInput{SerialNumber: &name})
				return err
			},
			tag: func(keys aws.Credentials, name string, tags map[string]string) error {
				_, err := w.iam(keys).TagMFADevice(ctx, &iam.TagMFADeviceInput{SerialNumber: &name, Tags: list(tags)})
				return err
			},
			untag: func(keys aws.Credentials, name string, keyNames ...string) error {
				_, err := w.iam(keys).UntagMFADevice(ctx, &iam.UntagMFADeviceInput{SerialNumber: &name, TagKeys: keyNames})
				return err
			},
		},
	}
}

// TestAccessByTags gives one team what has its tag, and lets it make nothing
// without: for every kind of resource that has tags.
func TestAccessByTags(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		team := w.userKeys(t, w.alpha, "red", `{"Version":"2012-10-17","Statement":[
			{"Sid":"OnlyWithItsTag","Effect":"Allow","Action":["*"],"Resource":"*",
				"Condition":{"StringEquals":{"aws:RequestTag/team":"red"},"ForAllValues:StringEquals":{"aws:TagKeys":["team","stage"]},"Null":{"aws:ResourceTag/team":"true"}}},
			{"Sid":"UseItsOwn","Effect":"Allow","Action":["*"],"Resource":"*",
				"Condition":{"StringEquals":{"aws:ResourceTag/team":"red"},"Null":{"aws:TagKeys":"true"}}},
			{"Sid":"StageOfItsOwn","Effect":"Allow","Action":["*"],"Resource":"*",
				"Condition":{"StringEquals":{"aws:ResourceTag/team":"red"},"ForAnyValue:StringEquals":{"aws:TagKeys":"stage"},"ForAllValues:StringEquals":{"aws:TagKeys":"stage"}}}]}`)
		// Another account has all permissions, and nothing of this one.
		stranger := w.userKeys(t, w.beta, "all", allow("*", "*"))
		for kind, r := range w.taggables(t) {
			code := r.denied
			if code == "" {
				code = "AccessDenied"
			}
			refuse := func(what string, err error) {
				t.Helper()
				if got := errorCode(err); got != code {
					t.Errorf("%s: %s: %v", kind, what, err)
				}
			}
			permit := func(what string, err error) {
				t.Helper()
				if err != nil {
					t.Errorf("%s: %s: %v", kind, what, err)
				}
			}
			_, err := r.create(team, "none", nil)
			refuse("made without a tag", err)
			_, err = r.create(team, "blue", map[string]string{"team": "blue"})
			refuse("made with another team's", err)
			_, err = r.create(team, "extra", map[string]string{"team": "red", "owner": "me"})
			refuse("made with a tag that is not its to set", err)
			own, err := r.create(team, "own", map[string]string{"team": "red", "stage": "dev"})
			permit("made with its tag", err)
			if err != nil {
				continue
			}
			blue := must(r.create(w.alpha.keys, "theirs", map[string]string{"team": "blue"}))(t)
			plain := must(r.create(w.alpha.keys, "plain", nil))(t)

			permit("reads its own", r.read(team, own))
			refuse("reads another team's", r.read(team, blue))
			refuse("reads one without a tag", r.read(team, plain))
			permit("changes the stage", r.tag(team, own, map[string]string{"stage": "prod"}))
			refuse("changes the team", r.tag(team, own, map[string]string{"team": "blue"}))
			refuse("adds a tag", r.tag(team, own, map[string]string{"stage": "x", "owner": "me"}))
			refuse("takes the team's tag away", r.untag(team, own, "team"))
			refuse("takes both away", r.untag(team, own, "stage", "team"))
			permit("takes the stage away", r.untag(team, own, "stage"))
			refuse("takes over another team's", r.tag(team, blue, map[string]string{"team": "red"}))
			permit("takes one that is nobody's", r.tag(team, plain, map[string]string{"team": "red"}))
			permit("reads what it took", r.read(team, plain))
			must(0, r.untag(w.alpha.keys, own, "team"))(t)
			refuse("reads what has lost its tag", r.read(team, own))
			if err := r.read(stranger, blue); err == nil {
				t.Errorf("%s: another account reads it", kind)
			}
		}
	})
}

// errorCode is the code of an error of an API, or what else it is.
func errorCode(err error) string {
	if e, ok := errors.AsType[smithy.APIError](err); ok {
		return e.ErrorCode()
	}
	return fmt.Sprint(err)
}
