package cognitoidp_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cenote-id/cenote/internal/password"
)

var secretID = regexp.MustCompile(`[0-9a-z]{26}--17953416\d\d`)

// secretCalls are the three operations by plain JSON: the SDK does not have
// them.
func (p *people) secretCalls(client string) (add func(value string) (int, string), list func() string, remove func(id string) (int, string)) {
	about := fmt.Sprintf(`"UserPoolId":%q,"ClientId":%q`, p.poolID, client)
	add = func(value string) (int, string) {
		if value != "" {
			value = fmt.Sprintf(`,"ClientSecret":%q`, value)
		}
		return p.signed(alpha, west, "AddUserPoolClientSecret", "{"+about+value+"}")
	}
	list = func() string {
		_, reply := p.signed(alpha, west, "ListUserPoolClientSecrets", "{"+about+"}")
		return reply
	}
	remove = func(id string) (int, string) {
		return p.signed(alpha, west, "DeleteUserPoolClientSecret", fmt.Sprintf(`{%s,"ClientSecretId":%q}`, about, id))
	}
	return add, list, remove
}

// says fails the test unless a reply is that error.
func says(t *testing.T, status int, reply, code, message string) {
	t.Helper()
	if wanted := fmt.Sprintf(`{"__type":%q,"message":%q}`, code, message); status != 400 || reply != wanted {
		t.Errorf("reply is %d %s\nwant 400 %s", status, reply, wanted)
	}
}

func TestClientSecretRotation(t *testing.T) {
	eachPeople(t, setup{client: func(in *idp.CreateUserPoolClientInput) { in.GenerateSecret = true }}, func(t *testing.T, p *people) {
		p.confirmed("alice")
		described := ok(p.admin.DescribeUserPoolClient(t.Context(), &idp.DescribeUserPoolClientInput{UserPoolId: &p.poolID, ClientId: &p.client}))(t)
		old := *described.UserPoolClient.ClientSecret
		signIn := func(secret string) (*idp.InitiateAuthOutput, error) {
			return p.initiate(types.AuthFlowTypeUserPasswordAuth, "USERNAME", "alice", "PASSWORD", goodPassword,
				"SECRET_HASH", password.SecretHash(secret, "alice", p.client))
		}
		refused := "Unable to verify secret hash for client " + p.client
		add, list, remove := p.secretCalls(p.client)

		if got := secretID.ReplaceAllString(list(), "ID"); got != `{"ClientSecrets":[{"ClientSecretId":"ID","ClientSecretCreateDate":1795341600.123}]}` {
			t.Errorf("secrets are %s", got)
		}
		const own = "a_secret_that_i_bring_along"
		_, err := signIn(own)
		want(t, err, "NotAuthorizedException", refused)
		p.pass(time.Second)
		status, reply := add(own)
		if got := secretID.ReplaceAllString(reply, "ID"); status != 200 || got != `{"ClientSecretDescriptor":{"ClientSecretId":"ID","ClientSecretCreateDate":1795341601.123}}` {
			t.Errorf("reply is %d %s", status, got)
		}
		ids := secretID.FindAllString(list(), -1)
		if len(ids) != 2 || ids[0] != p.client+"--1795341600" || ids[1] != p.client+"--1795341601" {
			t.Fatalf("ids are %v", ids)
		}
		for _, secret := range []string{old, own} {
			r := ok(signIn(secret))(t)
			tokens, err := p.pub.GetTokensFromRefreshToken(t.Context(), &idp.GetTokensFromRefreshTokenInput{
				ClientId: &p.client, ClientSecret: &secret, RefreshToken: r.AuthenticationResult.RefreshToken,
			})
			if err != nil || tokens.AuthenticationResult.AccessToken == nil {
				t.Errorf("tokens by client secret: %v", err)
			}
		}
		status, reply = add("")
		says(t, status, reply, "LimitExceededException", "A client cannot have more than 2 secrets.")

		// The old one goes, and nothing but the new one counts.
		if status, reply := remove(ids[0]); status != 200 || reply != "{}" {
			t.Errorf("reply is %d %s", status, reply)
		}
		_, err = signIn(old)
		want(t, err, "NotAuthorizedException", refused)
		ok(signIn(own))(t)
		status, reply = remove(ids[0])
		says(t, status, reply, "ResourceNotFoundException", "Client secret "+ids[0]+" does not exist.")
		status, reply = remove(ids[1])
		says(t, status, reply, "InvalidParameterException", "The last secret of a client cannot be deleted.")
		status, reply = add(own)
		says(t, status, reply, "InvalidParameterException", "The client has this secret already.")

		// One that is drawn is shown once.
		status, reply = add("")
		drawn := regexp.MustCompile(`"ClientSecretValue":"([0-9a-z]{52})"`).FindStringSubmatch(reply)
		if status != 200 || drawn == nil {
			t.Fatalf("reply is %d %s", status, reply)
		}
		ok(signIn(drawn[1]))(t)
		if strings.Contains(list(), drawn[1]) {
			t.Error("the list shows a secret")
		}
		// An update of the settings leaves both.
		ok(p.admin.UpdateUserPoolClient(t.Context(), &idp.UpdateUserPoolClientInput{
			UserPoolId: &p.poolID, ClientId: &p.client, ExplicitAuthFlows: described.UserPoolClient.ExplicitAuthFlows,
		}))(t)
		for _, secret := range []string{own, drawn[1]} {
			ok(signIn(secret))(t)
		}
	})
}

func TestClientSecretsRefused(t *testing.T) {
	p := onePeople(t, setup{})
	add, list, remove := p.secretCalls(p.client)
	status, reply := add("")
	says(t, status, reply, "InvalidParameterException", "The client has no secret to rotate.")
	if got := list(); got != `{"ClientSecrets":[]}` {
		t.Errorf("secrets are %s", got)
	}
	status, reply = remove("x")
	says(t, status, reply, "ResourceNotFoundException", "Client secret x does not exist.")
	add, _, remove = p.secretCalls("nothing")
	status, reply = add("")
	says(t, status, reply, "ResourceNotFoundException", "User pool client nothing does not exist.")
	status, reply = remove("x")
	says(t, status, reply, "ResourceNotFoundException", "User pool client nothing does not exist.")
	for _, operation := range []string{"AddUserPoolClientSecret", "ListUserPoolClientSecrets", "DeleteUserPoolClientSecret"} {
		body := fmt.Sprintf(`{"UserPoolId":%q,"ClientId":%q,"ClientSecretId":"x"}`, p.poolID, p.client)
		status, reply := p.signed(beta, west, operation, body)
		says(t, status, reply, "ResourceNotFoundException", "User pool "+p.poolID+" does not exist.")
		if status, _ := p.post(operation, body); status != 400 {
			t.Errorf("%s without a signature: %d", operation, status)
		}
	}
}
