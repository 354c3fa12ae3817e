package cognitoidp_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
)

// session is what a list of sessions shows.
type session struct {
	SessionId, SessionType, ClientId, DeviceType, LastIPAddress string
	CreateDate, LastActiveDate                                  float64
	IsCurrentSession                                            bool
}

func (p *people) track(limit int) {
	p.t.Helper()
	body := fmt.Sprintf(`{"UserPoolId":%q,"UserSessionTracking":"ENABLED","TokenSession":{"MaxPerUser":%d}}`, p.poolID, limit)
	if status, reply := p.signed(alpha, west, "SetUserPoolSessionConfiguration", body); status != 200 ||
		!strings.Contains(reply, fmt.Sprintf(`"UserSessionTracking":"ENABLED","TokenSession":{"MaxPerUser":%d}}`, limit)) {
		p.t.Fatalf("reply is %d %s", status, reply)
	}
}

// browse signs alice in with a browser's User-Agent, and returns the tokens.
func (p *people) browse(agent string) (access, refresh string) {
	p.t.Helper()
	body := fmt.Sprintf(`{"AuthFlow":"USER_PASSWORD_AUTH","ClientId":%q,"AuthParameters":{"USERNAME":"alice","PASSWORD":%q}}`, p.client, goodPassword)
	req := ok(http.NewRequestWithContext(p.t.Context(), http.MethodPost, p.server.URL, strings.NewReader(body)))(p.t)
	req.Header.Set("Content-Type", "application/x-amz-json-1.1")
	req.Header.Set("X-Amz-Target", "AWSCognitoIdentityProviderService.InitiateAuth")
	req.Header.Set("User-Agent", agent)
	resp := ok(http.DefaultClient.Do(req))(p.t)
	defer resp.Body.Close()
	var out struct {
		AuthenticationResult struct{ AccessToken, RefreshToken string }
	}
	if err := json.Unmarshal(ok(io.ReadAll(resp.Body))(p.t), &out); err != nil {
		p.t.Fatal(err)
	}
	return out.AuthenticationResult.AccessToken, out.AuthenticationResult.RefreshToken
}

func (p *people) sessions(reply string) []session {
	p.t.Helper()
	var out struct{ Sessions []session }
	if err := json.Unmarshal([]byte(reply), &out); err != nil || out.Sessions == nil {
		p.t.Fatalf("sessions are %s", reply)
	}
	return out.Sessions
}

func (p *people) ownSessions(access string) []session {
	p.t.Helper()
	_, reply := p.post("ListUserSessions", fmt.Sprintf(`{"AccessToken":%q}`, access))
	return p.sessions(reply)
}

func (p *people) adminSessions(name string) []session {
	p.t.Helper()
	_, reply := p.signed(alpha, west, "AdminListUserSessions", fmt.Sprintf(`{"UserPoolId":%q,"Username":%q}`, p.poolID, name))
	return p.sessions(reply)
}

func (p *people) revokeSession(access, id string) (int, string) {
	return p.post("RevokeUserSession", fmt.Sprintf(`{"AccessToken":%q,"SessionId":%q,"RevokeAssociatedSessions":"LINKED"}`, access, id))
}

func (p *people) adminRevokeSession(account, name, id string) (int, string) {
	return p.signed(account, west, "AdminRevokeUserSession", fmt.Sprintf(`{"UserPoolId":%q,"Username":%q,"SessionId":%q}`, p.poolID, name, id))
}

const chrome = "Mozilla/5.0 (Macintosh; Intel Mac OS X 15_0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/125.0.0.0 Safari/537.36"

func TestUserSessions(t *testing.T) {
	eachPeople(t, setup{}, func(t *testing.T, p *people) {
		p.confirmed("alice")
		p.confirmed("bob")
		p.track(3)
		first := p.tokensOf("alice", goodPassword)
		p.pass(time.Second)
		second, _ := p.browse(chrome)
		bobs := *p.tokensOf("bob", goodPassword).AccessToken

		list := p.ownSessions(second)
		if len(list) != 2 {
			t.Fatalf("sessions are %+v", list)
		}
		id := regexp.MustCompile(`^tkn[0-9a-z]{25}$`)
		for i, want := range []session{
			{SessionType: "TOKEN", ClientId: p.client, DeviceType: "Chrome 125 / macOS 15.0", LastIPAddress: "127.0.0.1", CreateDate: 1795341601.123, LastActiveDate: 1795341601.123, IsCurrentSession: true},
			{SessionType: "TOKEN", ClientId: p.client, DeviceType: "unknown", LastIPAddress: "127.0.0.1", CreateDate: 1795341600.123, LastActiveDate: 1795341600.123},
		} {
			if !id.MatchString(list[i].SessionId) {
				t.Errorf("id is %s", list[i].SessionId)
			}
			want.SessionId = list[i].SessionId
			if list[i] != want {
				t.Errorf("session is %+v\nwant %+v", list[i], want)
			}
		}
		if got := p.ownSessions(bobs); len(got) != 1 {
			t.Errorf("bob's sessions are %+v", got)
		}

		// Being used brings a session to the front; how exactly that is known
		// is a minute.
		p.pass(30 * time.Second)
		ok(p.refresh(*first.RefreshToken))(t)
		if got := p.adminSessions("alice"); len(got) != 2 || got[0].SessionId != list[0].SessionId {
			t.Errorf("sessions are %+v", got)
		}
		p.pass(31 * time.Second)
		ok(p.refresh(*first.RefreshToken))(t)
		got := p.adminSessions("alice")
		if got[0].SessionId != list[1].SessionId || got[0].LastActiveDate < 1795341661 || got[0].IsCurrentSession {
			t.Errorf("sessions are %+v", got)
		}

		// One ends another, not itself, and not somebody else's.
		status, reply := p.revokeSession(second, list[0].SessionId)
		says(t, status, reply, "InvalidParameterException", "The session of the access token cannot be revoked.")
		status, reply = p.revokeSession(bobs, list[0].SessionId)
		says(t, status, reply, "ResourceNotFoundException", "Session does not exist.")
		if status, reply = p.revokeSession(second, list[1].SessionId); status != 200 || reply != "{}" {
			t.Errorf("reply is %d %s", status, reply)
		}
		want(t, p.whoami(*first.AccessToken), "NotAuthorizedException", "Access Token has been revoked")
		_, err := p.refresh(*first.RefreshToken)
		want(t, err, "NotAuthorizedException", "Refresh Token has been revoked")
		if err := p.whoami(second); err != nil {
			t.Error(err)
		}
		status, reply = p.revokeSession(second, list[1].SessionId)
		says(t, status, reply, "ResourceNotFoundException", "Session does not exist.")
		if status, reply = p.adminRevokeSession(alpha, "alice", list[0].SessionId); status != 200 || reply != "{}" {
			t.Errorf("reply is %d %s", status, reply)
		}
		want(t, p.whoami(second), "NotAuthorizedException", "Access Token has been revoked")

		// Signed out everywhere: none is left.
		ok(p.pub.GlobalSignOut(t.Context(), &idp.GlobalSignOutInput{AccessToken: &bobs}))(t)
		if got := p.adminSessions("bob"); len(got) != 0 {
			t.Errorf("bob's sessions are %+v", got)
		}
	})
}

// With one sign-in too many the session ends that was not used for longest.
func TestSessionsPerUser(t *testing.T) {
	eachPeople(t, setup{}, func(t *testing.T, p *people) {
		p.confirmed("alice")
		var all []*types.AuthenticationResultType
		for range 4 {
			all = append(all, p.tokensOf("alice", goodPassword))
			p.pass(time.Minute)
		}
		p.track(3)
		if got := p.adminSessions("alice"); len(got) != 4 {
			t.Errorf("%d sessions before the next sign-in", len(got))
		}
		ok(p.refresh(*all[0].RefreshToken))(t)
		p.pass(time.Second)
		all = append(all, p.tokensOf("alice", goodPassword))
		for i, alive := range []bool{true, false, false, true, true} {
			err := p.whoami(*all[i].AccessToken)
			if !alive {
				want(t, err, "NotAuthorizedException", "Access Token has been revoked")
			} else if err != nil {
				t.Errorf("session %d: %v", i, err)
			}
		}
		if got := p.adminSessions("alice"); len(got) != 3 {
			t.Errorf("%d sessions", len(got))
		}
	})
}

func TestSessionConfiguration(t *testing.T) {
	p := onePeople(t, setup{})
	p.confirmed("alice")
	access := *p.tokensOf("alice", goodPassword).AccessToken
	call := func(operation, rest string) (int, string) {
		return p.signed(alpha, west, operation, fmt.Sprintf(`{"UserPoolId":%q%s}`, p.poolID, rest))
	}
	answers := func(operation, rest, reply string) {
		t.Helper()
		reply = fmt.Sprintf(`{"UserPoolId":%q,%s}`, p.poolID, reply)
		if status, got := call(operation, rest); status != 200 || got != reply {
			t.Errorf("%s: %d %s\nwant %s", operation, status, got, reply)
		}
	}
	client := fmt.Sprintf(`"ClientId":%q`, p.client)
	const untracked = "User session tracking is not enabled for the user pool."

	// A pool that was not asked keeps no count.
	answers("GetUserPoolSessionConfiguration", "", `"UserSessionTracking":"DISABLED","TokenSession":{"MaxPerUser":20}`)
	status, reply := p.post("ListUserSessions", fmt.Sprintf(`{"AccessToken":%q}`, access))
	says(t, status, reply, "OperationNotEnabledException", untracked)
	status, reply = p.revokeSession(access, "tkn")
	says(t, status, reply, "OperationNotEnabledException", untracked)
	status, reply = call("AdminListUserSessions", `,"Username":"alice"`)
	says(t, status, reply, "OperationNotEnabledException", untracked)
	status, reply = call("SetUserPoolClientSessionConfiguration", ","+client+`,"SSOSession":{"MaxValidityMinutes":5}`)
	says(t, status, reply, "OperationNotEnabledException", untracked)

	for _, n := range []string{"0", "101", "-1"} {
		status, reply = call("SetUserPoolSessionConfiguration", `,"UserSessionTracking":"ENABLED","TokenSession":{"MaxPerUser":`+n+`}`)
		says(t, status, reply, "InvalidParameterException", "TokenSession.MaxPerUser must be between 1 and 100.")
	}
	p.track(7)
	answers("GetUserPoolSessionConfiguration", "", `"UserSessionTracking":"ENABLED","TokenSession":{"MaxPerUser":7}`)
	answers("GetUserPoolClientSessionConfiguration", ","+client, client+`,"SSOSession":{"MaxValidityMinutes":60}`)
	for _, n := range []string{"-1", "129601"} {
		status, reply = call("SetUserPoolClientSessionConfiguration", ","+client+`,"SSOSession":{"MaxValidityMinutes":`+n+`}`)
		says(t, status, reply, "InvalidParameterException", "SSOSession.MaxValidityMinutes must be between 0 and 129600.")
	}
	answers("SetUserPoolClientSessionConfiguration", ","+client+`,"SSOSession":{"MaxValidityMinutes":0}`, client+`,"SSOSession":{"MaxValidityMinutes":0}`)
	answers("GetUserPoolClientSessionConfiguration", ","+client, client+`,"SSOSession":{"MaxValidityMinutes":0}`)

	// Other changes leave it, and a plan without it cannot be chosen.
	ok(p.admin.UpdateUserPool(t.Context(), &idp.UpdateUserPoolInput{UserPoolId: &p.poolID}))(t)
	answers("GetUserPoolSessionConfiguration", "", `"UserSessionTracking":"ENABLED","TokenSession":{"MaxPerUser":7}`)
	_, err := p.admin.UpdateUserPool(t.Context(), &idp.UpdateUserPoolInput{UserPoolId: &p.poolID, UserPoolTier: types.UserPoolTierTypeLite})
	want(t, err, "FeatureUnavailableInTierException", "The following features need to be disabled for the LITE pricing tier configured: User Session Tracking")

	status, reply = call("AdminListUserSessions", `,"Username":"nobody"`)
	says(t, status, reply, "UserNotFoundException", "User does not exist.")
	status, reply = p.adminRevokeSession(alpha, "nobody", "tkn")
	says(t, status, reply, "UserNotFoundException", "User does not exist.")
	status, reply = p.adminRevokeSession(beta, "alice", "tkn")
	says(t, status, reply, "ResourceNotFoundException", "User pool "+p.poolID+" does not exist.")
	status, reply = p.adminRevokeSession(alpha, "alice", "tkn")
	says(t, status, reply, "ResourceNotFoundException", "Session does not exist.")
	status, reply = call("AdminListUserSessions", `,"Username":"alice","NextToken":"x"`)
	says(t, status, reply, "InvalidParameterException", "Invalid pagination token given.")
	status, reply = call("GetUserPoolClientSessionConfiguration", `,"ClientId":"nothing"`)
	says(t, status, reply, "ResourceNotFoundException", "User pool client nothing does not exist.")
	for _, operation := range []string{"GetUserPoolSessionConfiguration", "SetUserPoolSessionConfiguration", "GetUserPoolClientSessionConfiguration", "SetUserPoolClientSessionConfiguration", "AdminListUserSessions"} {
		body := fmt.Sprintf(`{"UserPoolId":%q,%s,"Username":"alice","UserSessionTracking":"DISABLED","TokenSession":{"MaxPerUser":1},"SSOSession":{"MaxValidityMinutes":1}}`, p.poolID, client)
		status, reply = p.signed(beta, west, operation, body)
		says(t, status, reply, "ResourceNotFoundException", "User pool "+p.poolID+" does not exist.")
	}
	for _, operation := range []string{"ListUserSessions", "RevokeUserSession"} {
		status, reply = p.post(operation, `{"AccessToken":"a.b.c","SessionId":"tkn"}`)
		says(t, status, reply, "NotAuthorizedException", "Invalid Access Token")
	}
	low := p.pool(p.admin, func(in *idp.CreateUserPoolInput) { in.UserPoolTier = types.UserPoolTierTypeLite })
	status, reply = p.signed(alpha, west, "SetUserPoolSessionConfiguration", fmt.Sprintf(`{"UserPoolId":%q,"UserSessionTracking":"ENABLED","TokenSession":{"MaxPerUser":1}}`, low))
	says(t, status, reply, "FeatureUnavailableInTierException", "User sessions are not available in the LITE pricing tier.")
}
