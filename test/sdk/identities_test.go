package sdk

import (
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	ci "github.com/aws/aws-sdk-go-v2/service/cognitoidentity"
	citypes "github.com/aws/aws-sdk-go-v2/service/cognitoidentity/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// identities is an identity pool that lets a user pool's people in, and
// guests, with a role for each.
type identities struct {
	w       *world
	t       *testing.T
	owner   owner
	admin   *ci.Client // root of the pool's account, in its region
	public  *ci.Client // an app
	iam     *iam.Client
	region  string
	pool    string
	trusted []citypes.CognitoIdentityProvider
}

// Names of the roles.
const authRole, guestRole = "app-auth", "app-guest"

// identities makes an identity pool that trusts p's client, and its roles.
func (w *world) identities(t *testing.T, o owner, region string, p *people) *identities {
	t.Helper()
	return w.identitiesTrusting(t, o, region, p.provider, p.client)
}

func (w *world) identitiesTrusting(t *testing.T, o owner, region, provider, client string) *identities {
	t.Helper()
	i := &identities{
		w: w, t: t, owner: o, admin: w.identity(o.keys, region), public: w.identity(nobody, region), iam: w.iam(o.keys), region: region,
		trusted: []citypes.CognitoIdentityProvider{{ProviderName: &provider, ClientId: &client}},
	}
	out := must(i.admin.CreateIdentityPool(t.Context(), &ci.CreateIdentityPoolInput{
		IdentityPoolName: aws.String("demo"), AllowUnauthenticatedIdentities: true, CognitoIdentityProviders: i.trusted,
	}))(t)
	i.pool = *out.IdentityPoolId
	i.role(authRole, trust(i.pool, "authenticated"), allow("cognito-identity:DescribeIdentityPool", i.arn()))
	i.role(guestRole, trust(i.pool, "unauthenticated"), allow("*", "*"))
	i.setRoles(authRole, guestRole)
	return i
}

// arn is that of the pool.
func (i *identities) arn() string {
	return "arn:aws:cognito-identity:" + i.region + ":" + i.owner.account + ":identitypool/" + i.pool
}

func (i *identities) roleARN(name string) string {
	return "arn:aws:iam::" + i.owner.account + ":role/" + name
}

// role makes a role of the pool's account, or changes the one that is there.
func (i *identities) role(name, trust, policy string) {
	i.t.Helper()
	if _, err := i.iam.GetRole(i.t.Context(), &iam.GetRoleInput{RoleName: &name}); err == nil {
		must(i.iam.UpdateAssumeRolePolicy(i.t.Context(), &iam.UpdateAssumeRolePolicyInput{RoleName: &name, PolicyDocument: &trust}))(i.t)
	} else {
		must(i.iam.CreateRole(i.t.Context(), &iam.CreateRoleInput{RoleName: &name, AssumeRolePolicyDocument: &trust}))(i.t)
	}
	must(i.iam.PutRolePolicy(i.t.Context(), &iam.PutRolePolicyInput{RoleName: &name, PolicyName: aws.String("app"), PolicyDocument: &policy}))(i.t)
}

// setRoles gives the pool roles by name.
func (i *identities) setRoles(authenticated, guest string) {
	i.t.Helper()
	must(i.admin.SetIdentityPoolRoles(i.t.Context(), &ci.SetIdentityPoolRolesInput{
		IdentityPoolId: &i.pool, Roles: map[string]string{"authenticated": i.roleARN(authenticated), "unauthenticated": i.roleARN(guest)},
	}))(i.t)
}

// tryID is GetId as an app calls it; no logins make a guest.
func (i *identities) tryID(logins map[string]string) (string, error) {
	out, err := i.public.GetId(i.t.Context(), &ci.GetIdInput{IdentityPoolId: &i.pool, Logins: logins})
	if err != nil {
		return "", err
	}
	return *out.IdentityId, nil
}

func (i *identities) id(logins map[string]string) string {
	i.t.Helper()
	return must(i.tryID(logins))(i.t)
}

// tryKeys is GetCredentialsForIdentity as an app calls it.
func (i *identities) tryKeys(identity string, logins map[string]string) (aws.Credentials, error) {
	out, err := i.public.GetCredentialsForIdentity(i.t.Context(), &ci.GetCredentialsForIdentityInput{IdentityId: &identity, Logins: logins})
	if err != nil {
		return aws.Credentials{}, err
	}
	if *out.IdentityId != identity {
		return aws.Credentials{}, fmt.Errorf("keys of %s for %s", *out.IdentityId, identity)
	}
	return aws.Credentials{
		AccessKeyID: *out.Credentials.AccessKeyId, SecretAccessKey: *out.Credentials.SecretKey, SessionToken: *out.Credentials.SessionToken,
		CanExpire: true, Expires: *out.Credentials.Expiration,
	}, nil
}

func (i *identities) keys(identity string, logins map[string]string) aws.Credentials {
	i.t.Helper()
	return must(i.tryKeys(identity, logins))(i.t)
}

// count is how many identities the pool has.
func (i *identities) count() int {
	i.t.Helper()
	out := must(i.admin.ListIdentities(i.t.Context(), &ci.ListIdentitiesInput{IdentityPoolId: &i.pool, MaxResults: aws.Int32(60)}))(i.t)
	return len(out.Identities)
}

// caller says who keys belong to.
func (w *world) caller(t *testing.T, keys aws.Credentials) *sts.GetCallerIdentityOutput {
	t.Helper()
	return must(w.sts(keys).GetCallerIdentity(t.Context(), &sts.GetCallerIdentityInput{}))(t)
}

// trust is a trust policy as the console writes it for an identity pool.
func trust(pool, amr string) string {
	return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Federated":"cognito-identity.amazonaws.com"},` +
		`"Action":"sts:AssumeRoleWithWebIdentity","Condition":{"StringEquals":{"cognito-identity.amazonaws.com:aud":"` + pool + `"},` +
		`"ForAnyValue:StringLike":{"cognito-identity.amazonaws.com:amr":"` + amr + `"}}}]}`
}

func allow(action, resource string) string {
	return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"` + action + `","Resource":"` + resource + `"}]}`
}

// trust adds a user pool to those whose people may come in.
func (i *identities) trust(provider, client string) {
	i.t.Helper()
	i.trusted = append(i.trusted, citypes.CognitoIdentityProvider{ProviderName: &provider, ClientId: &client})
	i.update(true)
}

// update sends the pool's settings again.
func (i *identities) update(guests bool) {
	i.t.Helper()
	must(i.admin.UpdateIdentityPool(i.t.Context(), &ci.UpdateIdentityPoolInput{
		IdentityPoolId: &i.pool, IdentityPoolName: aws.String("demo"), AllowUnauthenticatedIdentities: guests, CognitoIdentityProviders: i.trusted,
	}))(i.t)
}

func (i *identities) deleteRole(name string) {
	i.t.Helper()
	must(i.iam.DeleteRolePolicy(i.t.Context(), &iam.DeleteRolePolicyInput{RoleName: &name, PolicyName: aws.String("app")}))(i.t)
	must(i.iam.DeleteRole(i.t.Context(), &iam.DeleteRoleInput{RoleName: &name}))(i.t)
}
