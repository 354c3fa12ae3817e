package crash

import (
	"context"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cenote-id/cenote/internal/message/smtptest"
)

// recovery is longer than another node, or the next start, leaves the messages
// alone that a dead one had in hand.
const recovery = 3 * time.Minute

// TestNoMessageIsLost kills a server that sends e-mails: everybody whose
// sign-up was acknowledged gets one in the end, and nobody else.
func TestNoMessageIsLost(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) { noMessageIsLost(t, newNode(t, "--data", filepath.Join(t.TempDir(), "data"))) })
	t.Run("postgres", func(t *testing.T) {
		_, url := durable(t)
		noMessageIsLost(t, newNode(t, "--database", url))
	})
}

func noMessageIsLost(t *testing.T, n *node) {
	t.Parallel()
	// Slow enough that the crash finds messages half sent.
	server := smtptest.Start(t, smtptest.Config{Security: smtptest.None, Answer: func(command string) string {
		if strings.HasPrefix(command, "RCPT") {
			time.Sleep(100 * time.Millisecond)
		}
		return ""
	}})
	n.kill()
	n.args = append(n.args, "--smtp", "smtp+plain://"+server.Addr, "--email-from", "id@example.com")
	n.start()

	client := n.idp()
	pool, err := client.CreateUserPool(t.Context(), &idp.CreateUserPoolInput{
		PoolName: aws.String("messages"), AutoVerifiedAttributes: []types.VerifiedAttributeType{types.VerifiedAttributeTypeEmail},
	})
	if err != nil {
		t.Fatal(err)
	}
	app, err := client.CreateUserPoolClient(t.Context(), &idp.CreateUserPoolClientInput{UserPoolId: pool.UserPool.Id, ClientName: aws.String("app")})
	if err != nil {
		t.Fatal(err)
	}
	signUp := func(ctx context.Context, name string) error {
		_, err := client.SignUp(ctx, &idp.SignUpInput{
			ClientId: app.UserPoolClient.ClientId, Username: &name, Password: aws.String(crashPassword),
			UserAttributes: []types.AttributeType{{Name: aws.String("email"), Value: aws.String(name + "@example.com")}},
		})
		return err
	}
	acknowledged := burst(t.Context(), t, signUp, func() {
		n.kill()
		n.start()
	})

	got := map[string]bool{}
	for deadline := time.Now().Add(recovery); ; time.Sleep(50 * time.Millisecond) {
		for _, m := range server.Messages() {
			got[m.To[0]] = true
		}
		missing := 0
		for _, name := range acknowledged {
			if !got[name+"@example.com"] {
				missing++
			}
		}
		if missing == 0 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d of %d people wait for their e-mail", missing, len(acknowledged))
		}
	}
	for address := range got {
		name, _, _ := strings.Cut(address, "@")
		if _, err := client.AdminGetUser(t.Context(), &idp.AdminGetUserInput{UserPoolId: pool.UserPool.Id, Username: &name}); err != nil {
			t.Errorf("somebody got an e-mail who is not there: %s: %v", name, err)
		}
	}
}
