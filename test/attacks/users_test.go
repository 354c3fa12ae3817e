package attacks

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/cenote-id/cenote/internal/devtools"
)

// pool is a user pool of an account with one client.
type pool struct {
	*world
	owner  aws.Credentials
	region string
	id     string
	client string
}

// pool makes a user pool. change may be nil.
func (w *world) pool(owner aws.Credentials, region string, change, changeClient input) *pool {
	w.t.Helper()
	p := &pool{world: w, owner: owner, region: region}
	in := input{"PoolName": "people", "AutoVerifiedAttributes": []string{"email"}}
	for k, v := range change {
		in[k] = v
	}
	var out struct{ UserPool struct{ Id string } }
	w.signed(owner, "cognito-idp", region, "CreateUserPool", in).ok(w.t, &out)
	p.id = out.UserPool.Id
	p.client = p.newClient(changeClient)
	return p
}

func (p *pool) newClient(change input) (id string) {
	p.t.Helper()
	in := input{"ClientName": "app", "ExplicitAuthFlows": []string{
		"ALLOW_USER_PASSWORD_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH",
	}}
	for k, v := range change {
		in[k] = v
	}
	var out struct{ UserPoolClient struct{ ClientId string } }
	p.admin("CreateUserPoolClient", in).ok(p.t, &out)
	return out.UserPoolClient.ClientId
}

// admin calls a signed operation on the pool.
func (p *pool) admin(op string, in input) reply {
	p.t.Helper()
	all := input{"UserPoolId": p.id}
	for k, v := range in {
		all[k] = v
	}
	return p.signed(p.owner, "cognito-idp", p.region, op, all)
}

// public calls an operation that nobody signs, through the pool's client.
func (p *pool) public(op string, in input) reply {
	p.t.Helper()
	all := input{"ClientId": p.client}
	for k, v := range in {
		all[k] = v
	}
	return p.unsigned("cognito-idp", op, all)
}

// person makes a confirmed user.
func (p *pool) person(name string) {
	p.t.Helper()
	p.admin("AdminCreateUser", input{"Username": name, "MessageAction": "SUPPRESS"}).ok(p.t, nil)
	p.admin("AdminSetUserPassword", input{"Username": name, "Password": goodPassword, "Permanent": true}).ok(p.t, nil)
}

// tokens are what a sign-in answers.
type tokens struct{ AccessToken, IdToken, RefreshToken string }

type signedIn struct {
	AuthenticationResult tokens
	ChallengeName        string
	Session              string
	ChallengeParameters  map[string]string
}

func (p *pool) signIn(name, password string) reply {
	p.t.Helper()
	return p.public("InitiateAuth", input{"AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": input{"USERNAME": name, "PASSWORD": password}})
}

func (p *pool) tokensOf(name string) tokens {
	p.t.Helper()
	var out signedIn
	p.signIn(name, goodPassword).ok(p.t, &out)
	if out.AuthenticationResult.AccessToken == "" {
		p.t.Fatalf("no tokens in %+v", out)
	}
	return out.AuthenticationResult
}

func (w *world) userOf(accessToken string) reply {
	w.t.Helper()
	return w.unsigned("cognito-idp", "GetUser", input{"AccessToken": accessToken})
}

func (p *pool) refresh(refreshToken string) reply {
	p.t.Helper()
	return p.public("InitiateAuth", input{"AuthFlow": "REFRESH_TOKEN_AUTH", "AuthParameters": input{"REFRESH_TOKEN": refreshToken}})
}

// code returns the newest code that was sent to an address.
func (w *world) code(t *testing.T, to string) string {
	t.Helper()
	list, err := w.dep.Messages(t.Context(), devtools.Filter{To: to})
	if err != nil || len(list) == 0 {
		t.Fatalf("no message to %s: %v", to, err)
	}
	return list[len(list)-1].Code
}
