package cenotetest_test

import (
	"errors"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cenote-id/cenote/cenotetest"
)

// TestExample is how a test of an application looks: a user signs up, confirms
// the address with the code from the outbox and signs in; after an hour the
// access token has expired.
func TestExample(t *testing.T) {
	srv := cenotetest.New(t)
	client := idp.New(idp.Options{
		BaseEndpoint: aws.String(srv.URL()),
		Region:       "eu-west-1",
		Credentials:  credentials.NewStaticCredentialsProvider("test", "test", ""),
	})

	ctx := t.Context()
	pool, err := client.CreateUserPool(ctx, &idp.CreateUserPoolInput{
		PoolName:               aws.String("people"),
		AutoVerifiedAttributes: []types.VerifiedAttributeType{types.VerifiedAttributeTypeEmail},
	})
	if err != nil {
		t.Fatal(err)
	}
	app, err := client.CreateUserPoolClient(ctx, &idp.CreateUserPoolClientInput{
		UserPoolId: pool.UserPool.Id, ClientName: aws.String("web"),
		ExplicitAuthFlows: []types.ExplicitAuthFlowsType{types.ExplicitAuthFlowsTypeAllowUserPasswordAuth, types.ExplicitAuthFlowsTypeAllowRefreshTokenAuth},
	})
	if err != nil {
		t.Fatal(err)
	}
	clientID := app.UserPoolClient.ClientId

	_, err = client.SignUp(ctx, &idp.SignUpInput{
		ClientId: clientID, Username: aws.String("alice"), Password: aws.String("Correct-Horse-1"),
		UserAttributes: []types.AttributeType{{Name: aws.String("email"), Value: aws.String("alice@example.com")}},
	})
	if err != nil {
		t.Fatal(err)
	}
	code := srv.WaitCode(ctx, "alice@example.com")
	if _, err = client.ConfirmSignUp(ctx, &idp.ConfirmSignUpInput{ClientId: clientID, Username: aws.String("alice"), ConfirmationCode: &code}); err != nil {
		t.Fatal(err)
	}
	signedIn, err := client.InitiateAuth(ctx, &idp.InitiateAuthInput{
		ClientId: clientID, AuthFlow: types.AuthFlowTypeUserPasswordAuth,
		AuthParameters: map[string]string{"USERNAME": "alice", "PASSWORD": "Correct-Horse-1"},
	})
	if err != nil {
		t.Fatal(err)
	}
	token := signedIn.AuthenticationResult.AccessToken
	if _, err := client.GetUser(ctx, &idp.GetUserInput{AccessToken: token}); err != nil {
		t.Errorf("fresh token: %v", err)
	}

	srv.Clock().Advance(time.Hour)
	_, err = client.GetUser(ctx, &idp.GetUserInput{AccessToken: token})
	if _, expired := errors.AsType[*types.NotAuthorizedException](err); !expired {
		t.Errorf("an hour later: %v", err)
	}
}
