package sdk

import (
	"errors"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	ci "github.com/aws/aws-sdk-go-v2/service/cognitoidentity"
	citypes "github.com/aws/aws-sdk-go-v2/service/cognitoidentity/types"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/smithy-go"

	"github.com/cenote-id/cenote/cenotetest"
)

// onAnotherNode is a second process of w's deployment, as far as the database
// can tell, with the same clients.
func (w *world) onAnotherNode(t *testing.T, p *people, i *identities, node *world) (*people, *identities) {
	t.Helper()
	node.alpha, node.beta = w.alpha, w.beta
	q, j := *p, *i
	q.w, j.w = node, node
	q.admin, q.public = node.idp(w.alpha.keys, p.region), node.idp(nobody, p.region)
	j.admin, j.public, j.iam = node.identity(i.owner.keys, i.region), node.identity(nobody, i.region), node.iam(i.owner.keys)
	return &q, &j
}

// noticed is how long a node may go on by what it has in memory.
const noticed = 1500 * time.Millisecond

// eventually tries until it succeeds, for as long as a node may take to notice
// what another one did.
func eventually(t *testing.T, what string, f func() bool) {
	t.Helper()
	for deadline := time.Now().Add(noticed); !f(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Errorf("%s: not noticed after %v", what, noticed)
			return
		}
	}
}

func code(err error) string {
	if e, ok := errors.AsType[smithy.APIError](err); ok {
		return e.ErrorCode()
	}
	return ""
}

// Nodes on one database are one deployment: what one begins the other ends,
// and what one takes back is gone on the other.
func TestTwoNodes(t *testing.T) {
	database, public := postgres(t), cenotetest.PublicURL("https://id.example.com") // of what stands before both
	w, node := production(t, database, public), newWorld(t, []cenotetest.Option{database, public, cenotetest.Production()})
	p := w.people(t, w.alpha, west)
	i := w.identities(t, w.alpha, tokyo, p)
	q, j := w.onAnotherNode(t, p, i, node)

	// Tokens, identities and keys of one are good on the other.
	tokens := p.signIn("alice")
	must(q.public.GetUser(t.Context(), &idp.GetUserInput{AccessToken: tokens.AccessToken}))(t)
	login := q.login(q.refresh(tokens.RefreshToken).IdToken)
	alice := i.id(login)
	if id := j.id(login); id != alice {
		t.Errorf("identity %s on the other node, %s on the first", id, alice)
	}
	keys := i.keys(alice, login)
	if who := node.caller(t, keys); *who.Account != w.alpha.account {
		t.Errorf("caller %s", *who.Arn)
	}

	// A challenge that one hands out is answered at the other, once.
	must(p.admin.AdminCreateUser(t.Context(), &idp.AdminCreateUserInput{
		UserPoolId: &p.pool, Username: aws.String("bob"), TemporaryPassword: aws.String(password), MessageAction: types.MessageActionTypeSuppress,
	}))(t)
	begun := must(p.admin.AdminInitiateAuth(t.Context(), &idp.AdminInitiateAuthInput{
		UserPoolId: &p.pool, ClientId: &p.client, AuthFlow: types.AuthFlowTypeAdminUserPasswordAuth, AuthParameters: map[string]string{"USERNAME": "bob", "PASSWORD": password},
	}))(t)
	answer := &idp.AdminRespondToAuthChallengeInput{
		UserPoolId: &p.pool, ClientId: &p.client, ChallengeName: begun.ChallengeName, Session: begun.Session,
		ChallengeResponses: map[string]string{"USERNAME": "bob", "NEW_PASSWORD": "Battery-Staple-2"},
	}
	if out := must(q.admin.AdminRespondToAuthChallenge(t.Context(), answer))(t); out.AuthenticationResult == nil {
		t.Errorf("challenge %s", out.ChallengeName)
	}
	_, err := p.admin.AdminRespondToAuthChallenge(t.Context(), answer)
	refused[*types.NotAuthorizedException](t, "the answer again, at the first node", err, "Invalid session for the user, session can only be used once.")

	// A policy that one takes away, a client, a user's sessions, a role.
	describe := func() error {
		_, err := node.identity(keys, tokyo).DescribeIdentityPool(t.Context(), &ci.DescribeIdentityPoolInput{IdentityPoolId: &i.pool})
		return err
	}
	if err := describe(); err != nil {
		t.Errorf("what the role allows: %v", err)
	}
	must(i.iam.DeleteRolePolicy(t.Context(), &iam.DeleteRolePolicyInput{RoleName: aws.String(authRole), PolicyName: aws.String("app")}))(t)
	eventually(t, "a deleted policy", func() bool { return code(describe()) == "AccessDeniedException" })

	must(p.admin.AdminUserGlobalSignOut(t.Context(), &idp.AdminUserGlobalSignOutInput{UserPoolId: &p.pool, Username: aws.String("alice")}))(t)
	_, err = q.public.InitiateAuth(t.Context(), &idp.InitiateAuthInput{
		ClientId: &p.client, AuthFlow: types.AuthFlowTypeRefreshTokenAuth, AuthParameters: map[string]string{"REFRESH_TOKEN": *tokens.RefreshToken},
	})
	refused[*types.NotAuthorizedException](t, "a revoked refresh token, at the other node", err, "Refresh Token has been revoked")
	eventually(t, "a revoked access token", func() bool {
		_, err := q.public.GetUser(t.Context(), &idp.GetUserInput{AccessToken: tokens.AccessToken})
		return code(err) == "NotAuthorizedException"
	})

	other := p.newClient("other")
	must(q.admin.DescribeUserPoolClient(t.Context(), &idp.DescribeUserPoolClientInput{UserPoolId: &p.pool, ClientId: &other}))(t)
	must(p.admin.DeleteUserPoolClient(t.Context(), &idp.DeleteUserPoolClientInput{UserPoolId: &p.pool, ClientId: &other}))(t)
	eventually(t, "a deleted client", func() bool {
		_, err := q.admin.AdminInitiateAuth(t.Context(), &idp.AdminInitiateAuthInput{
			UserPoolId: &p.pool, ClientId: &other, AuthFlow: types.AuthFlowTypeAdminUserPasswordAuth, AuthParameters: map[string]string{"USERNAME": "alice", "PASSWORD": password},
		})
		return code(err) == "ResourceNotFoundException"
	})

	i.update(false)
	eventually(t, "guests that were turned off", func() bool {
		_, err := j.tryID(nil)
		_, off := errors.AsType[*citypes.NotAuthorizedException](err)
		return off
	})
	must(i.iam.DeleteRole(t.Context(), &iam.DeleteRoleInput{RoleName: aws.String(authRole)}))(t)
	eventually(t, "a deleted role", func() bool { return code(describe()) == "UnrecognizedClientException" })

	fresh := p.signIn("alice")
	must(q.public.GetUser(t.Context(), &idp.GetUserInput{AccessToken: fresh.AccessToken}))(t)
	must(p.admin.DeleteUserPool(t.Context(), &idp.DeleteUserPoolInput{UserPoolId: &p.pool}))(t)
	eventually(t, "a deleted pool", func() bool {
		_, err := q.admin.DescribeUserPool(t.Context(), &idp.DescribeUserPoolInput{UserPoolId: &p.pool})
		return code(err) == "ResourceNotFoundException"
	})
	eventually(t, "the tokens of a deleted pool", func() bool {
		_, err := q.public.GetUser(t.Context(), &idp.GetUserInput{AccessToken: fresh.AccessToken})
		return err != nil
	})
	for deadline := time.Now().Add(40 * time.Second); ; time.Sleep(time.Second) {
		if _, err := j.tryID(p.login(fresh.IdToken)); err != nil {
			break
		}
		if time.Now().After(deadline) {
			t.Error("an identity pool on the other node still takes the tokens of a deleted user pool")
			break
		}
	}
}
