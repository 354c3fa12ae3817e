package sdk

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cenote-id/cenote/internal/srp/srpclient"
)

const password = "Correct-Horse-1"

// people is a user pool with a client whose users sign in.
type people struct {
	w        *world
	t        *testing.T
	admin    *idp.Client // root of the pool's account, in its region
	public   *idp.Client // an app: it signs nothing
	region   string
	pool     string
	client   string
	provider string // what identity pools call it
}

// people makes a user pool, an app client, and the user alice.
func (w *world) people(t *testing.T, o owner, region string) *people {
	t.Helper()
	p := &people{w: w, t: t, admin: w.idp(o.keys, region), public: w.idp(nobody, region), region: region}
	pool := must(p.admin.CreateUserPool(t.Context(), &idp.CreateUserPoolInput{PoolName: aws.String("demo")}))(t)
	p.pool = *pool.UserPool.Id
	p.provider = "cognito-idp." + region + ".amazonaws.com/" + p.pool
	p.client = p.newClient("app")
	p.add("alice")
	return p
}

func (p *people) newClient(name string) string {
	p.t.Helper()
	out := must(p.admin.CreateUserPoolClient(p.t.Context(), &idp.CreateUserPoolClientInput{
		UserPoolId: &p.pool, ClientName: &name, ExplicitAuthFlows: []types.ExplicitAuthFlowsType{
			types.ExplicitAuthFlowsTypeAllowAdminUserPasswordAuth, types.ExplicitAuthFlowsTypeAllowUserSrpAuth,
			types.ExplicitAuthFlowsTypeAllowRefreshTokenAuth,
		},
	}))(p.t)
	return *out.UserPoolClient.ClientId
}

// add makes a user who can sign in.
func (p *people) add(name string) {
	p.t.Helper()
	must(p.admin.AdminCreateUser(p.t.Context(), &idp.AdminCreateUserInput{
		UserPoolId: &p.pool, Username: &name, MessageAction: types.MessageActionTypeSuppress,
	}))(p.t)
	must(p.admin.AdminSetUserPassword(p.t.Context(), &idp.AdminSetUserPasswordInput{
		UserPoolId: &p.pool, Username: &name, Password: aws.String(password), Permanent: true,
	}))(p.t)
}

// signIn returns a user's tokens.
func (p *people) signIn(name string) *types.AuthenticationResultType {
	p.t.Helper()
	return p.signInTo(p.client, name)
}

func (p *people) signInTo(client, name string) *types.AuthenticationResultType {
	p.t.Helper()
	out := must(p.admin.AdminInitiateAuth(p.t.Context(), &idp.AdminInitiateAuthInput{
		UserPoolId: &p.pool, ClientId: &client, AuthFlow: types.AuthFlowTypeAdminNoSrpAuth,
		AuthParameters: map[string]string{"USERNAME": name, "PASSWORD": password},
	}))(p.t)
	if out.AuthenticationResult == nil {
		p.t.Fatalf("challenge %s", out.ChallengeName)
	}
	return out.AuthenticationResult
}

// signInBySRP does so as apps do, which never send the password.
func (p *people) signInBySRP(name string) *types.AuthenticationResultType {
	p.t.Helper()
	exchange := srpclient.New(srpclient.SDKExponent)
	begun := must(p.public.InitiateAuth(p.t.Context(), &idp.InitiateAuthInput{
		ClientId: &p.client, AuthFlow: types.AuthFlowTypeUserSrpAuth,
		AuthParameters: map[string]string{"USERNAME": name, "SRP_A": exchange.A()},
	}))(p.t)
	if begun.ChallengeName != types.ChallengeNameTypePasswordVerifier {
		p.t.Fatalf("challenge %s", begun.ChallengeName)
	}
	c := begun.ChallengeParameters
	claim := must(exchange.Answer(srpclient.Challenge{
		Pool: p.pool[len(p.region)+1:], User: c["USER_ID_FOR_SRP"], Salt: c["SALT"], B: c["SRP_B"], SecretBlock: c["SECRET_BLOCK"],
	}, password, p.w.Clock().Now()))(p.t)
	out := must(p.public.RespondToAuthChallenge(p.t.Context(), &idp.RespondToAuthChallengeInput{
		ClientId: &p.client, ChallengeName: begun.ChallengeName, Session: begun.Session, ChallengeResponses: map[string]string{
			"USERNAME": c["USER_ID_FOR_SRP"], "PASSWORD_CLAIM_SECRET_BLOCK": c["SECRET_BLOCK"],
			"PASSWORD_CLAIM_SIGNATURE": claim.Signature, "TIMESTAMP": claim.Timestamp,
		},
	}))(p.t)
	return out.AuthenticationResult
}

func (p *people) refresh(token *string) *types.AuthenticationResultType {
	p.t.Helper()
	out := must(p.public.InitiateAuth(p.t.Context(), &idp.InitiateAuthInput{
		ClientId: &p.client, AuthFlow: types.AuthFlowTypeRefreshTokenAuth,
		AuthParameters: map[string]string{"REFRESH_TOKEN": *token},
	}))(p.t)
	return out.AuthenticationResult
}

// login is what an app sends to identity pools.
func (p *people) login(token *string) map[string]string {
	return map[string]string{p.provider: *token}
}
