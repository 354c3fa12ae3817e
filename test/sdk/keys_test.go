package sdk

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	ci "github.com/aws/aws-sdk-go-v2/service/cognitoidentity"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"
)

const (
	textBadSignature = "The request signature we calculated does not match the signature you provided. " +
		"Check your AWS Secret Access Key and signing method. Consult the service documentation for details."
	textUnknownKey   = "The security token included in the request is invalid."
	textDamagedToken = "The security token included in the request is invalid"
	textExpired      = "The security token included in the request is expired"
)

// rejected tries keys at all four services: each must refuse them, in its own
// words for the same thing.
func (w *world) rejected(t *testing.T, what string, keys aws.Credentials, query, json, message string) {
	t.Helper()
	_, err := w.sts(keys).GetCallerIdentity(t.Context(), &sts.GetCallerIdentityInput{})
	refusedCode(t, what+" at STS", err, query, message)
	_, err = w.iam(keys).ListRoles(t.Context(), &iam.ListRolesInput{})
	refusedCode(t, what+" at IAM", err, query, message)
	if message == textDamagedToken {
		message = textUnknownKey // the JSON services do not tell the two apart
	}
	_, err = w.identity(keys, tokyo).ListIdentityPools(t.Context(), &ci.ListIdentityPoolsInput{MaxResults: aws.Int32(1)})
	refusedCode(t, what+" at cognito-identity", err, json, message)
	_, err = w.idp(keys, west).ListUserPools(t.Context(), &idp.ListUserPoolsInput{MaxResults: aws.Int32(1)})
	refusedCode(t, what+" at cognito-idp", err, json, message)
}

func TestTemporaryKeys(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p := w.people(t, w.alpha, west)
		i := w.identities(t, w.alpha, tokyo, p)
		login := p.login(p.signIn("alice").IdToken)
		alice := i.id(login)
		good, guest := i.keys(alice, login), i.keys(i.id(nil), nil)
		w.caller(t, good)

		changed := func(f func(*aws.Credentials)) aws.Credentials {
			c := good
			f(&c)
			return c
		}
		w.rejected(t, "a wrong secret", changed(func(c *aws.Credentials) { c.SecretAccessKey = "wrong" }),
			"SignatureDoesNotMatch", "InvalidSignatureException", textBadSignature)
		w.rejected(t, "the secret of other keys", changed(func(c *aws.Credentials) { c.SecretAccessKey = guest.SecretAccessKey }),
			"SignatureDoesNotMatch", "InvalidSignatureException", textBadSignature)
		w.rejected(t, "the session token of other keys", changed(func(c *aws.Credentials) { c.SessionToken = guest.SessionToken }),
			"InvalidClientTokenId", "UnrecognizedClientException", textDamagedToken)
		w.rejected(t, "another key id", changed(func(c *aws.Credentials) { c.AccessKeyID = guest.AccessKeyID }),
			"InvalidClientTokenId", "UnrecognizedClientException", textDamagedToken)
		w.rejected(t, "no session token", changed(func(c *aws.Credentials) { c.SessionToken = "" }),
			"InvalidClientTokenId", "UnrecognizedClientException", textUnknownKey)
		w.rejected(t, "a longer session token", changed(func(c *aws.Credentials) { c.SessionToken += "AAAA" }),
			"InvalidClientTokenId", "UnrecognizedClientException", textDamagedToken)
		w.rejected(t, "nonsense for a session token", changed(func(c *aws.Credentials) { c.SessionToken = "nonsense" }),
			"InvalidClientTokenId", "UnrecognizedClientException", textDamagedToken)

		w.Clock().Advance(59 * time.Minute)
		w.caller(t, good)
		w.Clock().Advance(time.Minute + time.Second)
		w.rejected(t, "expired keys", good, "ExpiredToken", "ExpiredTokenException", textExpired)
		_, err := i.tryKeys(alice, login) // the login has expired as well
		if _, ok := errors.AsType[smithy.APIError](err); !ok {
			t.Errorf("an hour later: %v", err)
		}
		w.caller(t, i.keys(alice, p.login(p.signIn("alice").IdToken)))
	})
}

// A session token is sealed: whichever of its characters is changed, it opens
// no more.
func TestChangedSessionToken(t *testing.T) {
	w := development(t)
	i := w.identities(t, w.alpha, tokyo, w.people(t, w.alpha, west))
	good := i.keys(i.id(nil), nil)
	const base64Std = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	for at := range len(good.SessionToken) {
		bent := []byte(good.SessionToken)
		if n := strings.IndexByte(base64Std, bent[at]); n >= 0 {
			bent[at] = base64Std[n^1]
		} else {
			bent[at] = 'A' // padding
		}
		c := good
		c.SessionToken = string(bent)
		_, err := w.sts(c).GetCallerIdentity(t.Context(), &sts.GetCallerIdentityInput{})
		refusedCode(t, "changed at "+good.SessionToken[:at], err, "InvalidClientTokenId", textDamagedToken)
		if t.Failed() {
			return
		}
	}
}

// What keys may do is what the role says at the time of the call.
func TestActionsOfARole(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p := w.people(t, w.alpha, west)
		i := w.identities(t, w.alpha, tokyo, p)
		foreign := w.identities(t, w.beta, tokyo, p)
		login := p.login(p.signIn("alice").IdToken)
		keys := i.keys(i.id(login), login)
		me := "arn:aws:sts::" + w.alpha.account + ":assumed-role/" + authRole + "/CognitoIdentityCredentials"
		denied := func(action, resource string) string {
			return "User: " + me + " is not authorized to perform: " + action + " on resource: " + resource +
				" because no identity-based policy allows the " + action + " action"
		}
		client := w.identity(keys, tokyo)
		describe := func() error {
			_, err := client.DescribeIdentityPool(t.Context(), &ci.DescribeIdentityPoolInput{IdentityPoolId: &i.pool})
			return err
		}
		if err := describe(); err != nil {
			t.Errorf("what the role allows: %v", err)
		}
		_, err := client.DeleteIdentityPool(t.Context(), &ci.DeleteIdentityPoolInput{IdentityPoolId: &i.pool})
		refusedCode(t, "another action", err, "AccessDeniedException", denied("cognito-identity:DeleteIdentityPool", i.arn()))
		_, err = client.DescribeIdentityPool(t.Context(), &ci.DescribeIdentityPoolInput{IdentityPoolId: &foreign.pool})
		if e, ok := errors.AsType[smithy.APIError](err); !ok || e.ErrorCode() != "AccessDeniedException" && e.ErrorCode() != "NotAuthorizedException" {
			t.Errorf("a pool of another account: %v", err)
		}
		_, err = w.idp(keys, west).DescribeUserPool(t.Context(), &idp.DescribeUserPoolInput{UserPoolId: &p.pool})
		refusedCode(t, "another service", err, "AccessDeniedException",
			denied("cognito-idp:DescribeUserPool", "arn:aws:cognito-idp:"+west+":"+w.alpha.account+":userpool/"+p.pool))
		_, err = w.iam(keys).ListRoles(t.Context(), &iam.ListRolesInput{})
		refusedCode(t, "IAM", err, "AccessDenied", denied("iam:ListRoles", "arn:aws:iam::"+w.alpha.account+":role/"))
		must(i.iam.UpdateAssumeRolePolicy(t.Context(), &iam.UpdateAssumeRolePolicyInput{
			RoleName: aws.String(guestRole), PolicyDocument: aws.String(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"` + w.beta.account + `"},"Action":"sts:AssumeRole"}]}`),
		}))(t)
		_, err = w.sts(keys).AssumeRole(t.Context(), &sts.AssumeRoleInput{RoleArn: aws.String(i.roleARN(guestRole)), RoleSessionName: aws.String("more")})
		refusedCode(t, "another role", err, "AccessDenied", "User: "+me+" is not authorized to perform: sts:AssumeRole on resource: "+i.roleARN(guestRole))

		// Taken away from the role, it is taken away from keys that are out.
		must(i.iam.DeleteRolePolicy(t.Context(), &iam.DeleteRolePolicyInput{RoleName: aws.String(authRole), PolicyName: aws.String("app")}))(t)
		refusedCode(t, "after the policy", describe(), "AccessDeniedException", denied("cognito-identity:DescribeIdentityPool", i.arn()))
		i.role(authRole, trust(i.pool, "authenticated"), `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"},`+
			`{"Effect":"Deny","Action":"cognito-identity:Describe*","Resource":"*"}]}`)
		refusedCode(t, "with a denial", describe(), "AccessDeniedException", "User: "+me+" is not authorized to perform: cognito-identity:DescribeIdentityPool on resource: "+
			i.arn()+" with an explicit deny in an identity-based policy")
		i.role(authRole, trust(i.pool, "authenticated"), allow("cognito-identity:*", i.arn()))
		if err := describe(); err != nil {
			t.Errorf("given back: %v", err)
		}

		// Who one is may always be asked.
		if who := w.caller(t, keys); *who.Arn != me {
			t.Errorf("caller %s", *who.Arn)
		}
	})
}

// Long-term keys, as an administrator makes them for an IAM user.
func TestUserKeys(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		admin := w.iam(w.alpha.keys)
		name := aws.String("ops")
		must(admin.CreateUser(t.Context(), &iam.CreateUserInput{UserName: name}))(t)
		must(admin.PutUserPolicy(t.Context(), &iam.PutUserPolicyInput{UserName: name, PolicyName: aws.String("pools"), PolicyDocument: aws.String(allow("cognito-idp:*", "*"))}))(t)
		made := must(admin.CreateAccessKey(t.Context(), &iam.CreateAccessKeyInput{UserName: name}))(t).AccessKey
		keys := aws.Credentials{AccessKeyID: *made.AccessKeyId, SecretAccessKey: *made.SecretAccessKey}
		if who := w.caller(t, keys); *who.Arn != "arn:aws:iam::"+w.alpha.account+":user/ops" {
			t.Errorf("caller %s", *who.Arn)
		}
		p := w.people(t, owner{w.alpha.account, keys}, west)
		_, err := w.identity(keys, tokyo).ListIdentityPools(t.Context(), &ci.ListIdentityPoolsInput{MaxResults: aws.Int32(1)})
		if e, ok := errors.AsType[smithy.APIError](err); !ok || e.ErrorCode() != "AccessDeniedException" {
			t.Errorf("another service: %v", err)
		}
		_, err = w.idp(w.beta.keys, west).DescribeUserPool(t.Context(), &idp.DescribeUserPoolInput{UserPoolId: &p.pool})
		refusedCode(t, "from another account", err, "ResourceNotFoundException", "User pool "+p.pool+" does not exist.")

		wrong := keys
		wrong.SecretAccessKey = "wrong"
		w.rejected(t, "a wrong secret", wrong, "SignatureDoesNotMatch", "InvalidSignatureException", textBadSignature)
		wrong = keys
		wrong.SessionToken = "nonsense"
		w.rejected(t, "a session token that long-term keys do not have", wrong, "InvalidClientTokenId", "UnrecognizedClientException", textUnknownKey)

		must(admin.UpdateAccessKey(t.Context(), &iam.UpdateAccessKeyInput{UserName: name, AccessKeyId: made.AccessKeyId, Status: iamtypes.StatusTypeInactive}))(t)
		_, err = w.sts(keys).GetCallerIdentity(t.Context(), &sts.GetCallerIdentityInput{})
		if e, ok := errors.AsType[smithy.APIError](err); !ok || e.ErrorCode() != "InvalidClientTokenId" {
			t.Errorf("an inactive key: %v", err)
		}
		must(admin.UpdateAccessKey(t.Context(), &iam.UpdateAccessKeyInput{UserName: name, AccessKeyId: made.AccessKeyId, Status: iamtypes.StatusTypeActive}))(t)
		w.caller(t, keys)
		must(admin.DeleteAccessKey(t.Context(), &iam.DeleteAccessKeyInput{UserName: name, AccessKeyId: made.AccessKeyId}))(t)
		w.rejected(t, "a deleted key", keys, "InvalidClientTokenId", "UnrecognizedClientException", textUnknownKey)
	})
}

// Nobody is anybody without a key that this deployment issued.
func TestUnknownKeys(t *testing.T) {
	w, other := production(t, postgres(t)), production(t)
	w.rejected(t, "an unknown key", aws.Credentials{AccessKeyID: "test", SecretAccessKey: "test"},
		"InvalidClientTokenId", "UnrecognizedClientException", textUnknownKey)
	w.rejected(t, "an account's number", aws.Credentials{AccessKeyID: w.alpha.account, SecretAccessKey: "test"},
		"InvalidClientTokenId", "UnrecognizedClientException", textUnknownKey)
	w.rejected(t, "a key of another deployment", other.alpha.keys,
		"InvalidClientTokenId", "UnrecognizedClientException", textUnknownKey)
	i := other.identities(t, other.alpha, tokyo, other.people(t, other.alpha, west))
	w.rejected(t, "temporary keys of another deployment", i.keys(i.id(nil), nil),
		"InvalidClientTokenId", "UnrecognizedClientException", textDamagedToken)

	// No signature at all.
	_, err := w.sts(nobody).GetCallerIdentity(t.Context(), &sts.GetCallerIdentityInput{})
	refusedCode(t, "no signature at STS", err, "MissingAuthenticationToken", "Request is missing Authentication Token")
	_, err = w.idp(nobody, west).ListUserPools(t.Context(), &idp.ListUserPoolsInput{MaxResults: aws.Int32(1)})
	refusedCode(t, "no signature at cognito-idp", err, "MissingAuthenticationTokenException", "Missing Authentication Token")
}
