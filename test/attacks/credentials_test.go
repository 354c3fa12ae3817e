package attacks

import (
	"encoding/base64"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
)

const (
	everything = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`
	tokenBad   = "The security token included in the request is invalid"
)

// wireKey are credentials as STS, IAM and identity pools print them.
type wireKey struct{ AccessKeyId, SecretAccessKey, SecretKey, SessionToken string }

func (k wireKey) credentials() aws.Credentials {
	return aws.Credentials{AccessKeyID: k.AccessKeyId, SecretAccessKey: k.SecretAccessKey + k.SecretKey, SessionToken: k.SessionToken}
}

// do calls IAM or STS as the account's root, and must be answered.
func (w *world) do(service, form string, args ...string) {
	w.t.Helper()
	w.query(w.roots[home], service, form+"&"+values(args)).ok(w.t, nil)
}

// values writes pairs of names and values as a form.
func values(pairs []string) string {
	v := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	return v.Encode()
}

// user makes an IAM user of home with an inline policy, and a key.
func (w *world) user(name, policy string) aws.Credentials {
	w.t.Helper()
	w.do("iam", "Action=CreateUser", "UserName", name)
	w.do("iam", "Action=PutUserPolicy", "UserName", name, "PolicyName", "p", "PolicyDocument", policy)
	var out struct {
		CreateAccessKeyResponse struct{ CreateAccessKeyResult struct{ AccessKey wireKey } }
	}
	w.query(w.roots[home], "iam", "Action=CreateAccessKey&UserName="+name).ok(w.t, &out)
	return out.CreateAccessKeyResponse.CreateAccessKeyResult.AccessKey.credentials()
}

// role makes a role of home that the account may assume.
func (w *world) role(name, policy string) (arn string) {
	w.t.Helper()
	w.do("iam", "Action=CreateRole", "RoleName", name, "AssumeRolePolicyDocument",
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"`+home+`"},"Action":"sts:AssumeRole"}]}`)
	w.do("iam", "Action=PutRolePolicy", "RoleName", name, "PolicyName", "p", "PolicyDocument", policy)
	return "arn:aws:iam::" + home + ":role/" + name
}

func (w *world) session(c aws.Credentials, form string, args ...string) aws.Credentials {
	w.t.Helper()
	r := w.query(c, "sts", form+"&"+values(args))
	var all struct {
		AssumeRoleResponse         struct{ AssumeRoleResult struct{ Credentials wireKey } }
		GetSessionTokenResponse    struct{ GetSessionTokenResult struct{ Credentials wireKey } }
		GetFederationTokenResponse struct{ GetFederationTokenResult struct{ Credentials wireKey } }
	}
	r.ok(w.t, &all)
	for _, k := range []wireKey{
		all.AssumeRoleResponse.AssumeRoleResult.Credentials, all.GetSessionTokenResponse.GetSessionTokenResult.Credentials,
		all.GetFederationTokenResponse.GetFederationTokenResult.Credentials,
	} {
		if k.AccessKeyId != "" {
			return k.credentials()
		}
	}
	w.t.Fatalf("no credentials in %s", r.body)
	return aws.Credentials{}
}

func (w *world) whoami(c aws.Credentials) reply { return w.query(c, "sts", "Action=GetCallerIdentity") }

func TestSessionTokensAreWhole(t *testing.T) {
	w, other := serve(t, options{}), serve(t, options{})
	ann := w.user("ann", everything)
	arn := w.role("reader", everything)
	assume := func() aws.Credentials {
		return w.session(ann, "Action=AssumeRole", "RoleArn", arn, "RoleSessionName", "work")
	}
	good, second := assume(), assume()
	w.whoami(good).ok(t, nil)

	raw, err := base64.StdEncoding.DecodeString(good.SessionToken)
	if err != nil {
		t.Fatal(err)
	}
	for bit := 0; bit < 8*len(raw); bit += 5 {
		changed := append([]byte(nil), raw...)
		changed[bit/8] ^= 1 << (bit % 8)
		c := good
		c.SessionToken = base64.StdEncoding.EncodeToString(changed)
		w.whoami(c).refused(t, "changed bit", "InvalidClientTokenId", tokenBad)
	}
	for n := 0; n < len(raw); n += 7 {
		c := good
		c.SessionToken = base64.StdEncoding.EncodeToString(raw[:n])
		w.whoami(c).refused(t, "cut token", "InvalidClientTokenId", tokenBad)
	}
	for name, c := range map[string]aws.Credentials{
		"token of another session":  {AccessKeyID: good.AccessKeyID, SecretAccessKey: good.SecretAccessKey, SessionToken: second.SessionToken},
		"key id of another session": {AccessKeyID: second.AccessKeyID, SecretAccessKey: good.SecretAccessKey, SessionToken: good.SessionToken},
		"no token":                  {AccessKeyID: good.AccessKeyID, SecretAccessKey: good.SecretAccessKey},
		"long-term key with token":  {AccessKeyID: ann.AccessKeyID, SecretAccessKey: ann.SecretAccessKey, SessionToken: good.SessionToken},
		"twice the token":           {AccessKeyID: good.AccessKeyID, SecretAccessKey: good.SecretAccessKey, SessionToken: good.SessionToken + good.SessionToken},
		"unknown key":               {AccessKeyID: "AKIAQAAAAAAAAAAAAAAA", SecretAccessKey: "x"},
		"account number as key":     {AccessKeyID: home, SecretAccessKey: "x"},
		"test":                      {AccessKeyID: "test", SecretAccessKey: "test"},
	} {
		w.whoami(c).refused(t, name, "InvalidClientTokenId", tokenBad)
	}
	for name, secret := range map[string]string{"secret of another session": second.SecretAccessKey, "no secret": ""} {
		c := good
		c.SecretAccessKey = secret
		w.whoami(c).refused(t, name, "SignatureDoesNotMatch", "")
	}
	other.whoami(good).refused(t, "another deployment", "InvalidClientTokenId", tokenBad)

	w.restart(options{})
	w.whoami(good).ok(t, nil)
	w.pass(time.Hour)
	w.whoami(good).refused(t, "after its end", "ExpiredToken", "")
}

// What is taken away counts from the next request on.
func TestWhatIsGoneStaysGone(t *testing.T) {
	w := serve(t, options{})
	ann := w.user("ann", everything)
	arn := w.role("reader", everything)
	role := w.session(ann, "Action=AssumeRole", "RoleArn", arn, "RoleSessionName", "work")
	own := w.session(ann, "Action=GetSessionToken")
	fed := w.session(ann, "Action=GetFederationToken", "Name", "fred", "Policy", everything)
	for _, c := range []aws.Credentials{ann, role, own, fed} {
		w.whoami(c).ok(t, nil)
	}

	w.do("iam", "Action=DeleteRolePolicy&RoleName=reader&PolicyName=p")
	w.query(role, "iam", "Action=ListUsers").refused(t, "policy deleted", "AccessDenied", "")
	w.do("iam", "Action=DeleteRole&RoleName=reader")
	w.whoami(role).refused(t, "role deleted", "InvalidClientTokenId", tokenBad)
	w.role("reader", everything)
	w.whoami(role).refused(t, "role of the same name", "InvalidClientTokenId", tokenBad)

	w.do("iam", "Action=UpdateAccessKey&UserName=ann&Status=Inactive&AccessKeyId="+ann.AccessKeyID)
	w.whoami(ann).refused(t, "key switched off", "InvalidClientTokenId", "The AWS access key provided does not exist in our records.")
	w.do("iam", "Action=UpdateAccessKey&UserName=ann&Status=Active&AccessKeyId="+ann.AccessKeyID)
	w.whoami(ann).ok(t, nil)
	w.do("iam", "Action=DeleteAccessKey&UserName=ann&AccessKeyId="+ann.AccessKeyID)
	w.whoami(ann).refused(t, "key deleted", "InvalidClientTokenId", tokenBad)
	w.do("iam", "Action=DeleteUserPolicy&UserName=ann&PolicyName=p")
	w.do("iam", "Action=DeleteUser&UserName=ann")
	w.user("ann", everything)
	w.whoami(own).refused(t, "user of the same name", "InvalidClientTokenId", tokenBad)
	w.whoami(fed).refused(t, "user of the same name", "InvalidClientTokenId", tokenBad)
}

// Credentials that end must not make some that never do.
func TestTemporaryCredentialsMakeNoPermanentOnes(t *testing.T) {
	w := serve(t, options{})
	ann := w.user("ann", everything)
	for name, c := range map[string]aws.Credentials{
		"user's session": w.session(ann, "Action=GetSessionToken"),
		"federated user": w.session(ann, "Action=GetFederationToken", "Name", "fred", "Policy", everything),
		"root's session": w.session(w.roots[home], "Action=GetSessionToken"),
	} {
		for _, form := range []string{"Action=CreateAccessKey&UserName=ann", "Action=CreateAccessKey", "Action=CreateUser&UserName=eve", "Action=ListUsers"} {
			w.query(c, "iam", form).refused(t, name+" "+form, "InvalidClientTokenId", tokenBad)
		}
		w.whoami(c).ok(t, nil)
	}
	// A session without session policies may do nothing by itself.
	bare := w.session(ann, "Action=GetFederationToken", "Name", "fred")
	w.signed(bare, "cognito-idp", west, "ListUserPools", input{"MaxResults": 1}).refused(t, "no session policy", "AccessDeniedException", "")
	w.signed(w.session(ann, "Action=GetSessionToken"), "cognito-idp", west, "ListUserPools", input{"MaxResults": 1}).ok(t, nil)
}

// A user who may make access keys for themselves must not get the root user's
// by leaving the name empty.
func TestEmptyNamesMeanNobody(t *testing.T) {
	w := serve(t, options{})
	ann := w.user("ann", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:*AccessKey*","Resource":["*","arn:aws:iam::`+home+`:user/${aws:username}"]}]}`)
	for _, form := range []string{
		"Action=CreateAccessKey&UserName=", "Action=CreateAccessKey&UserName=%20", "Action=CreateAccessKey&UserName=%00",
		"Action=ListAccessKeys&UserName=", "Action=DeleteAccessKey&UserName=&AccessKeyId=" + w.roots[home].AccessKeyID,
		"Action=UpdateAccessKey&UserName=&Status=Inactive&AccessKeyId=" + w.roots[home].AccessKeyID,
		"Action=UpdateAccessKey&UserName=ann&Status=Inactive&AccessKeyId=" + w.roots[home].AccessKeyID,
		"Action=DeleteAccessKey&AccessKeyId=" + w.roots[home].AccessKeyID,
	} {
		if r := w.query(ann, "iam", form); r.status == 200 || strings.Contains(string(r.body), "SecretAccessKey") {
			t.Errorf("%s: answered %d %s", form, r.status, r.body)
		}
	}
	w.whoami(w.roots[home]).ok(t, nil)
}
