package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/cenote-id/cenote/internal/otp"
)

// challengePool is a user pool whose people have second factors, beside the
// pool of everybody else: setting one up must not change their sign-in.
type challengePool struct {
	mu           sync.Mutex // guards what follows
	pool, client string
	serial       int
}

// open makes the pool when it is first asked for, and returns a name that
// nobody in it has yet.
func (p *challengePool) open(c *conn, w *world) (pool, client, username string, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.pool == "" {
		if err := p.found(c, w); err != nil {
			return "", "", "", err
		}
	}
	p.serial++
	return p.pool, p.client, fmt.Sprintf("new-%s-%d", w.nonce, p.serial), nil
}

func (p *challengePool) found(c *conn, w *world) error {
	now := time.Now()
	made, err := ask[struct {
		UserPool struct {
			ID string `json:"Id"`
		}
	}](c, w.signed(userPools("CreateUserPool", `{"PoolName":"challenges"}`), w.root(), now))
	if err != nil {
		return fmt.Errorf("create user pool: %w", err)
	}
	body := `{"UserPoolId":"` + made.UserPool.ID + `","MfaConfiguration":"OPTIONAL","SoftwareTokenMfaConfiguration":{"Enabled":true}}`
	if _, err := c.expect(w.signed(userPools("SetUserPoolMfaConfig", body), w.root(), now), nil); err != nil {
		return fmt.Errorf("allow software tokens: %w", err)
	}
	client, err := ask[struct {
		UserPoolClient struct {
			ClientID string `json:"ClientId"`
		}
	}](c, w.signed(userPools("CreateUserPoolClient", `{"UserPoolId":"`+made.UserPool.ID+`","ClientName":"bench","ExplicitAuthFlows":["ALLOW_USER_PASSWORD_AUTH"]}`), w.root(), now))
	if err != nil {
		return fmt.Errorf("create client: %w", err)
	}
	p.pool, p.client = made.UserPool.ID, client.UserPoolClient.ClientID
	return nil
}

// signedIn is the reply of InitiateAuth and RespondToAuthChallenge.
type signedIn struct {
	ChallengeName, Session string
	AuthenticationResult   struct{ AccessToken string }
}

var errNoChallenge = errors.New("another challenge than expected")

// challenge begins a sign-in, and answers the challenge that it must lead to.
func (w *world) challenge(c *conn, client, username, password, name string, answer map[string]string) (signedIn, error) {
	begun, err := ask[signedIn](c, w.unsigned(userPools("InitiateAuth", text(struct {
		AuthFlow       string
		ClientID       string `json:"ClientId"`
		AuthParameters map[string]string
	}{"USER_PASSWORD_AUTH", client, map[string]string{"USERNAME": username, "PASSWORD": password}}))))
	if err != nil || name == "" {
		return begun, err
	}
	if begun.ChallengeName != name {
		return begun, errNoChallenge
	}
	answer["USERNAME"] = username
	body, err := c.expect(w.unsigned(userPools("RespondToAuthChallenge", text(struct {
		ClientID           string `json:"ClientId"`
		ChallengeName      string
		Session            string
		ChallengeResponses map[string]string
	}{client, name, begun.Session, answer}))), wantTokens)
	if err != nil {
		return signedIn{}, err
	}
	token, _, _ := strings.Cut(string(body[strings.Index(string(body), string(wantTokens))+len(wantTokens):]), `"`)
	out := signedIn{}
	out.AuthenticationResult.AccessToken = token
	return out, nil
}

// newcomer makes a user and signs in for the first time, which asks for a new
// password, everyPassword. It returns the access token.
func (w *world) newcomer(c *conn) (client, username, access string, err error) {
	pool, client, username, err := w.challenges.open(c, w)
	if err != nil {
		return "", "", "", err
	}
	const temporary = "Temporary-Passw0rd"
	body := `{"UserPoolId":"` + pool + `","Username":"` + username + `","TemporaryPassword":"` + temporary + `","MessageAction":"SUPPRESS"}`
	if _, err := c.expect(w.signed(userPools("AdminCreateUser", body), w.root(), time.Now()), wantCreated); err != nil {
		return "", "", "", err
	}
	in, err := w.challenge(c, client, username, temporary, "NEW_PASSWORD_REQUIRED", map[string]string{"NEW_PASSWORD": everyPassword})
	return client, username, in.AuthenticationResult.AccessToken, err
}

// withToken sets up a software token for a newcomer and signs in with it. A
// code is good once, which is why every sign-in is somebody else's.
func (w *world) withToken(c *conn) error {
	client, username, access, err := w.newcomer(c)
	if err != nil {
		return err
	}
	seed, err := ask[struct{ SecretCode string }](c, w.unsigned(userPools("AssociateSoftwareToken", `{"AccessToken":"`+access+`"}`)))
	if err != nil {
		return err
	}
	secret, err := otp.Decode(seed.SecretCode)
	if err != nil {
		return err
	}
	// The first code is that of the step before, so that the next is the
	// current one's.
	step := otp.Step(time.Now())
	verify := `{"AccessToken":"` + access + `","UserCode":"` + otp.Code(secret, step-1) + `"}`
	if _, err := c.expect(w.unsigned(userPools("VerifySoftwareToken", verify)), []byte(`"SUCCESS"`)); err != nil {
		return err
	}
	prefer := `{"AccessToken":"` + access + `","SoftwareTokenMfaSettings":{"Enabled":true,"PreferredMfa":true}}`
	if _, err := c.expect(w.unsigned(userPools("SetUserMFAPreference", prefer)), nil); err != nil {
		return err
	}
	_, err = w.challenge(c, client, username, everyPassword, "SOFTWARE_TOKEN_MFA", map[string]string{"SOFTWARE_TOKEN_MFA_CODE": otp.Code(secret, step)})
	return err
}

// challengeOperations measure sign-ins that take more than one step, from the
// making of the user on.
var challengeOperations = []operation{
	{
		name: "new password required", calls: "AdminCreateUser, InitiateAuth, RespondToAuthChallenge", signs: true,
		crypto: recipe{makePassword: 2, checkPassword: 1, rsaSign: 2, hmacSum: 5},
		prepare: func(w *world, _, _ int) step {
			return func(c *conn) error {
				_, _, _, err := w.newcomer(c)
				return err
			}
		},
	},
	{
		name: "TOTP", calls: "the same, then AssociateSoftwareToken, VerifySoftwareToken, SetUserMFAPreference, InitiateAuth, RespondToAuthChallenge", signs: true,
		crypto:  recipe{makePassword: 2, checkPassword: 2, rsaSign: 4, hmacSum: 7},
		prepare: func(w *world, _, _ int) step { return w.withToken },
	},
}

// dialOnce calls f with a connection of its own: for what is made before a
// measurement.
func (w *world) dialOnce(f func(*conn) error) error {
	c, err := dial(context.Background(), w.address)
	if err != nil {
		return err
	}
	return errors.Join(f(c), c.Close())
}
