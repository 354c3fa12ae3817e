package crash

import (
	"context"
	"fmt"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	ci "github.com/aws/aws-sdk-go-v2/service/cognitoidentity"
	citypes "github.com/aws/aws-sdk-go-v2/service/cognitoidentity/types"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

func TestCrash(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) {
		n := newNode(t, "--data", filepath.Join(t.TempDir(), "data"))
		crash(t, n, func() {
			n.kill()
			n.start()
		})
	})
	t.Run("postgres", func(t *testing.T) {
		_, url := durable(t)
		n := newNode(t, "--database", url)
		crash(t, n, func() {
			n.kill()
			n.start()
		})
	})
	// The database crashes under a server that lives on, and comes back.
	t.Run("postgres itself", func(t *testing.T) {
		c, url := durable(t)
		n := newNode(t, "--database", url)
		crash(t, n, func() {
			if err := c.Kill(); err != nil {
				t.Fatal(err)
			}
			if err := c.Restart(t.Context()); err != nil {
				t.Fatal(err)
			}
		})
	})
}

const crashPassword = "Correct-Horse-1"

// crash creates users side by side, makes the catastrophe happen in the middle
// and checks that every user who was acknowledged is there afterwards, that
// none is there by half, and that what was issued before still counts.
func crash(t *testing.T, n *node, catastrophe func()) {
	ctx := t.Context()
	client := n.idp()
	pool, err := client.CreateUserPool(ctx, &idp.CreateUserPoolInput{PoolName: aws.String("crash")})
	if err != nil {
		t.Fatal(err)
	}
	poolID := pool.UserPool.Id
	app, err := client.CreateUserPoolClient(ctx, &idp.CreateUserPoolClientInput{
		UserPoolId: poolID, ClientName: aws.String("app"),
		ExplicitAuthFlows: []types.ExplicitAuthFlowsType{types.ExplicitAuthFlowsTypeAllowUserPasswordAuth, types.ExplicitAuthFlowsTypeAllowRefreshTokenAuth},
	})
	if err != nil {
		t.Fatal(err)
	}
	clientID := app.UserPoolClient.ClientId
	create := func(ctx context.Context, name string) error {
		_, err := client.AdminCreateUser(ctx, &idp.AdminCreateUserInput{
			UserPoolId: poolID, Username: &name, TemporaryPassword: aws.String(crashPassword), MessageAction: types.MessageActionTypeSuppress,
			UserAttributes: []types.AttributeType{{Name: aws.String("email"), Value: aws.String(name + "@example.com")}},
		})
		return err
	}
	signIn := func(name string) *idp.InitiateAuthOutput {
		t.Helper()
		out, err := client.InitiateAuth(ctx, &idp.InitiateAuthInput{
			ClientId: clientID, AuthFlow: types.AuthFlowTypeUserPasswordAuth, AuthParameters: map[string]string{"USERNAME": name, "PASSWORD": crashPassword},
		})
		if err != nil {
			t.Fatal(err)
		}
		return out
	}

	// What is out in the world before: tokens, keys, a challenge half answered.
	for _, name := range []string{"alice", "bob"} {
		if err := create(ctx, name); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := client.AdminSetUserPassword(ctx, &idp.AdminSetUserPasswordInput{UserPoolId: poolID, Username: aws.String("alice"), Password: aws.String(crashPassword), Permanent: true}); err != nil {
		t.Fatal(err)
	}
	tokens, challenge := signIn("alice").AuthenticationResult, signIn("bob")
	provider := "cognito-idp.us-west-2.amazonaws.com/" + *poolID
	identityPool, err := n.identity().CreateIdentityPool(ctx, &ci.CreateIdentityPoolInput{
		IdentityPoolName: aws.String("crash"), CognitoIdentityProviders: []citypes.CognitoIdentityProvider{{ProviderName: &provider, ClientId: clientID}},
	})
	if err != nil {
		t.Fatal(err)
	}
	login := &ci.GetIdInput{IdentityPoolId: identityPool.IdentityPoolId, Logins: map[string]string{provider: *tokens.IdToken}}
	alice, err := n.identity().GetId(ctx, login)
	if err != nil {
		t.Fatal(err)
	}
	session, err := sts.New(sts.Options{BaseEndpoint: &n.url, Region: "us-west-2", Credentials: n.keys}).GetFederationToken(ctx, &sts.GetFederationTokenInput{Name: aws.String("carol")})
	if err != nil {
		t.Fatal(err)
	}

	acknowledged := burst(ctx, t, create, catastrophe)

	// The server needs a moment where its database has just come back.
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		if err = create(ctx, "after"+strconv.FormatInt(time.Now().UnixNano(), 36)); err == nil {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("does not recover: %v", err)
		}
	}
	there := map[string]bool{}
	pages := idp.NewListUsersPaginator(client, &idp.ListUsersInput{UserPoolId: poolID})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			t.Fatal(err)
		}
		for _, u := range page.Users {
			there[*u.Username] = true
		}
	}
	for _, name := range acknowledged {
		if !there[name] {
			t.Errorf("%s was acknowledged and is not there", name)
		}
	}
	for name := range there {
		u, err := client.AdminGetUser(ctx, &idp.AdminGetUserInput{UserPoolId: poolID, Username: &name})
		if err != nil || len(u.UserAttributes) != 2 {
			t.Errorf("%s is there by half: %v", name, err)
		}
	}
	t.Logf("%d acknowledged, %d there", len(acknowledged), len(there))
	last := acknowledged[len(acknowledged)-1]
	if out := signIn(last); out.ChallengeName != types.ChallengeNameTypeNewPasswordRequired {
		t.Errorf("%s signs in to %q", last, out.ChallengeName)
	}

	if _, err := client.GetUser(ctx, &idp.GetUserInput{AccessToken: tokens.AccessToken}); err != nil {
		t.Errorf("the access token of before: %v", err)
	}
	if again, err := n.identity().GetId(ctx, login); err != nil || *again.IdentityId != *alice.IdentityId {
		t.Errorf("the ID token of before: %v", err)
	}
	if _, err := client.InitiateAuth(ctx, &idp.InitiateAuthInput{
		ClientId: clientID, AuthFlow: types.AuthFlowTypeRefreshTokenAuth, AuthParameters: map[string]string{"REFRESH_TOKEN": *tokens.RefreshToken},
	}); err != nil {
		t.Errorf("the refresh token of before: %v", err)
	}
	if out, err := client.RespondToAuthChallenge(ctx, &idp.RespondToAuthChallengeInput{
		ClientId: clientID, ChallengeName: challenge.ChallengeName, Session: challenge.Session,
		ChallengeResponses: map[string]string{"USERNAME": "bob", "NEW_PASSWORD": "Battery-Staple-2"},
	}); err != nil || out.AuthenticationResult == nil {
		t.Errorf("the challenge of before: %v", err)
	}
	c := session.Credentials
	if _, err := sts.New(sts.Options{
		BaseEndpoint: &n.url, Region: "us-west-2", Credentials: credentials.NewStaticCredentialsProvider(*c.AccessKeyId, *c.SecretAccessKey, *c.SessionToken),
	}).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{}); err != nil {
		t.Errorf("the temporary keys of before: %v", err)
	}
}

// burst creates users side by side until the catastrophe has happened, which
// it does once a few hundred were acknowledged, and returns those that were.
func burst(ctx context.Context, t *testing.T, create func(context.Context, string) error, catastrophe func()) []string {
	t.Helper()
	const writers, enough = 16, 300
	var mu sync.Mutex
	var acknowledged []string
	reached := make(chan struct{})
	var group sync.WaitGroup
	for w := range writers {
		group.Go(func() {
			for i := 0; ; i++ {
				name := fmt.Sprintf("user-%d-%d", w, i)
				if err := create(ctx, name); err != nil {
					return // the crash, as a client sees it
				}
				mu.Lock()
				acknowledged = append(acknowledged, name)
				if len(acknowledged) == enough {
					close(reached)
				}
				mu.Unlock()
			}
		})
	}
	ended := make(chan struct{})
	go func() { group.Wait(); close(ended) }()
	select {
	case <-reached:
	case <-ended:
		t.Fatalf("the writers gave up after %d users", len(acknowledged))
	}
	catastrophe()
	<-ended
	return acknowledged
}
