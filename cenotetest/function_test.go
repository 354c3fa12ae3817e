package cenotetest_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"testing"

	"github.com/cenote-id/cenote/cenotetest"
)

func TestFunctionsOfTheTest(t *testing.T) {
	srv := cenotetest.New(t, cenotetest.Function("guard", func(event []byte) ([]byte, error) {
		var e map[string]any
		if err := json.Unmarshal(event, &e); err != nil {
			return nil, err
		}
		if e["userName"] == "mallory" {
			return nil, errors.New("not you")
		}
		e["response"] = map[string]bool{"autoConfirmUser": true}
		return json.Marshal(e)
	}))
	var pool struct{ UserPool struct{ Id string } }
	call(t, srv, "test", provider+"CreateUserPool", map[string]any{
		"PoolName": "app", "LambdaConfig": map[string]string{"PreSignUp": "arn:aws:lambda:us-east-1:123456789012:function:guard"},
	}, &pool)
	var client struct{ UserPoolClient struct{ ClientId string } }
	call(t, srv, "test", provider+"CreateUserPoolClient", map[string]any{"UserPoolId": pool.UserPool.Id, "ClientName": "web"}, &client)
	for name, want := range map[string]int{"alice": http.StatusOK, "mallory": http.StatusBadRequest} {
		var out struct {
			UserConfirmed bool
			Message       string `json:"message"`
		}
		status := call(t, srv, "", provider+"SignUp", map[string]any{
			"ClientId": client.UserPoolClient.ClientId, "Username": name, "Password": "Correct-Horse-1",
		}, &out)
		if status != want || out.UserConfirmed != (want == http.StatusOK) || want != http.StatusOK && out.Message != "PreSignUp failed with error not you." {
			t.Errorf("%s: %d %+v", name, status, out)
		}
	}
}
