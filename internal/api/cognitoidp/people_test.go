package cognitoidp_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"html"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cenote-id/cenote/internal/api"
	"github.com/cenote-id/cenote/internal/api/cognitoidp"
	"github.com/cenote-id/cenote/internal/awsapi/sigv4"
	"github.com/cenote-id/cenote/internal/message"
	"github.com/cenote-id/cenote/internal/password"
	"github.com/cenote-id/cenote/internal/secretbox"
	"github.com/cenote-id/cenote/internal/signin"
	"github.com/cenote-id/cenote/internal/srp/srpclient"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/store/storetest"
	"github.com/cenote-id/cenote/internal/token"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/userpool"
)

// people is a world whose pools have users who sign in: one pool and one
// client to begin with.
type people struct {
	*world
	admin  *idp.Client // root of alpha in west
	pub    *idp.Client // sends no signature where none is asked for
	poolID string
	client string
	// functions stand behind the triggers of the pool.
	functions functions
}

const goodPassword, newPassword = "Correct-Horse-1", "Battery-Staple-2"

// setup changes what the pool and the client of a world are made with.
type setup struct {
	pool   func(*idp.CreateUserPoolInput)
	client func(*idp.CreateUserPoolClientInput)
	// functions stand behind the triggers of the pool; see functionsOf.
	functions functions
}

// eachPeople runs f on every engine.
func eachPeople(t *testing.T, s setup, f func(t *testing.T, w *people)) {
	storetest.Each(t, func(t *testing.T, db *store.DB) { f(t, newPeople(t, db, s)) })
}

// onePeople runs on one engine: for what does not depend on it.
func onePeople(t *testing.T, s setup) *people { return newPeople(t, storetest.Memory(t), s) }

func newPeople(t *testing.T, db *store.DB, s setup) *people {
	w := &world{t: t, db: db, clock: time.Date(2026, 11, 22, 10, 0, 0, 123_456_789, time.UTC), policies: map[string]string{}}
	w.triggers = s.functions.service(t, db)
	w.serve(t)
	if s.functions.of != nil {
		s.functions.seen() // of another engine
	}
	p := &people{world: w, admin: w.root(alpha, west), pub: w.root(beta, tokyo), functions: s.functions}
	if s.pool == nil {
		s.pool = func(*idp.CreateUserPoolInput) {}
	}
	p.poolID = w.pool(p.admin, s.pool, s.functions.configure)
	p.client = p.newClient(p.poolID, s.client)
	return p
}

// serve starts a node on the world's database: more than one may run, and one
// may follow another.
func (w *world) serve(t *testing.T) {
	db := w.db
	unknownKey := func() []byte { return []byte("a secret that no rotation changes") }
	keys := token.NewKeys(token.KeysConfig{Store: db.SigningKeys(), Stock: sharedStock{}, Now: w.now})
	sessions := token.NewSessions(token.SessionsConfig{Store: db.RefreshSessions(), List: db.RefreshSessions(), Sealer: db.Ring(), Now: w.now})
	passwords := password.New(password.Config{UnknownKey: unknownKey})
	desk := message.NewDesk(message.Config{Outbox: db.Outbox(), Triggers: w.triggers, PublicURL: publicURL, Now: w.now})
	users := user.New(user.Config{
		Now: w.now, Tx: db.Tx, Users: db.Users(), Directory: db.Users(), Codes: &codeWrites{Users: db.Users(), w: w}, Attempts: db.Users(), Memberships: db.Users(),
		Factors: db.Users(), Links: db.Users(), Devices: db.Devices(),
		Keys: db.Ring(), UnknownKey: unknownKey, Passwords: passwords, Sessions: sessions, Messages: desk,
		Triggers: w.triggers,
	})
	w.pools = userpool.New(userpool.Config{
		Store: db.UserPools(), Clients: db.UserPoolClients(), Groups: db.UserPoolGroups(), Providers: db.UserPoolProviders(),
		Keys: keys, Users: db.Users(), Contents: []userpool.Contents{db.Users(), sessions}, Now: w.now,
		Issuers: userpool.Issuers{PublicURL: publicURL},
	})
	signIn := signin.New(signin.Config{
		Now: w.now, Tx: db.Tx, Users: users, Passwords: passwords, Challenges: db.Challenges(), Devices: db.Devices(),
		Sessions: sessions, Keys: keys, Issuer: w.pools.Issuer, Sealer: db.Ring(), Messages: desk,
		Triggers: w.triggers,
	})
	kernel, err := api.New(api.Config{
		Doors:         []api.Door{cognitoidp.New(cognitoidp.Config{Pools: w.pools, Users: users, SignIn: signIn, Pages: db.Ring()})},
		Authenticator: sigv4.New(sigv4.Config{Keys: keySource{}, Now: time.Now}),
		Authorizer:    w,
		AccessTokens:  token.NewVerifier(token.VerifierConfig{Keys: keys, Sessions: db.RefreshSessions(), Now: w.now}),
		Log:           slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelError})),
		Now:           time.Now, NewID: secretbox.UUID, DefaultRegion: "us-east-1", Strict: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	w.server = httptest.NewServer(kernel)
	t.Cleanup(w.server.Close)
}

// sharedStock hands out signing keys that were generated once for all tests;
// those of two pools that are made one after the other differ.
type sharedStock struct{}

var (
	stockMu sync.Mutex
	stocked [][]byte
	taken   int
)

func (sharedStock) TakeSpareKeys(_ context.Context, n int) ([]token.SpareKey, error) {
	stockMu.Lock()
	defer stockMu.Unlock()
	var out []token.SpareKey
	for range n {
		const size = 4
		if len(stocked) < size {
			key, err := rsa.GenerateKey(rand.Reader, token.Bits)
			if err != nil {
				return nil, err
			}
			stocked = append(stocked, x509.MarshalPKCS1PrivateKey(key))
			taken = len(stocked) - 1
		}
		out = append(out, token.SpareKey{ID: secretbox.String(43, secretbox.Alphanumeric) + "=", Private: stocked[taken%size]})
		taken++
	}
	return out, nil
}

func (sharedStock) CountSpareKeys(context.Context) (int, error)       { return token.StockSize, nil }
func (sharedStock) PutSpareKey(context.Context, token.SpareKey) error { return nil }

// newClient adds an app client that allows all flows of this suite.
func (p *people) newClient(poolID string, change func(*idp.CreateUserPoolClientInput)) string {
	p.t.Helper()
	in := &idp.CreateUserPoolClientInput{
		UserPoolId: &poolID, ClientName: aws.String("app"), ExplicitAuthFlows: []types.ExplicitAuthFlowsType{
			types.ExplicitAuthFlowsTypeAllowUserPasswordAuth, types.ExplicitAuthFlowsTypeAllowAdminUserPasswordAuth,
			types.ExplicitAuthFlowsTypeAllowUserSrpAuth, types.ExplicitAuthFlowsTypeAllowRefreshTokenAuth,
		},
	}
	if change != nil {
		change(in)
	}
	out, err := p.admin.CreateUserPoolClient(p.t.Context(), in)
	if err != nil {
		p.t.Fatal(err)
	}
	return *out.UserPoolClient.ClientId
}

// hiding makes clients that hide who exists.
func hiding(in *idp.CreateUserPoolClientInput) {
	in.PreventUserExistenceErrors = types.PreventUserExistenceErrorTypesEnabled
}

func attr(name, value string) types.AttributeType {
	return types.AttributeType{Name: aws.String(name), Value: aws.String(value)}
}

// confirmed adds a user who can sign in with goodPassword.
func (p *people) confirmed(name string, attrs ...types.AttributeType) {
	p.t.Helper()
	p.invited(name, goodPassword, attrs...)
	p.setPassword(name, goodPassword, true)
}

// invited adds a user with a temporary password.
func (p *people) invited(name, password string, attrs ...types.AttributeType) *types.UserType {
	p.t.Helper()
	out, err := p.admin.AdminCreateUser(p.t.Context(), &idp.AdminCreateUserInput{
		UserPoolId: &p.poolID, Username: &name, TemporaryPassword: &password, UserAttributes: attrs,
		MessageAction: types.MessageActionTypeSuppress,
	})
	if err != nil {
		p.t.Fatal(err)
	}
	return out.User
}

func (p *people) setPassword(name, password string, permanent bool) {
	p.t.Helper()
	_, err := p.admin.AdminSetUserPassword(p.t.Context(), &idp.AdminSetUserPasswordInput{
		UserPoolId: &p.poolID, Username: &name, Password: &password, Permanent: permanent,
	})
	if err != nil {
		p.t.Fatal(err)
	}
}

// get prints a user.
func (p *people) get(name string) *idp.AdminGetUserOutput {
	p.t.Helper()
	out, err := p.admin.AdminGetUser(p.t.Context(), &idp.AdminGetUserInput{UserPoolId: &p.poolID, Username: &name})
	if err != nil {
		p.t.Fatal(err)
	}
	return out
}

// profile returns a user's attributes as text, in order, without sub.
func profile(attrs []types.AttributeType) string {
	var parts []string
	for _, a := range attrs {
		if *a.Name != "sub" {
			parts = append(parts, *a.Name+"="+*a.Value)
		}
	}
	return strings.Join(parts, " ")
}

// initiate calls InitiateAuth with pairs of parameters.
func (p *people) initiate(flow types.AuthFlowType, pairs ...string) (*idp.InitiateAuthOutput, error) {
	return p.pub.InitiateAuth(p.t.Context(), &idp.InitiateAuthInput{
		ClientId: &p.client, AuthFlow: flow, AuthParameters: parameters(pairs),
	})
}

// signIn signs in with name and password in the clear.
func (p *people) signIn(name, password string) (*idp.InitiateAuthOutput, error) {
	return p.initiate(types.AuthFlowTypeUserPasswordAuth, "USERNAME", name, "PASSWORD", password)
}

// tokensOf signs in and returns the tokens.
func (p *people) tokensOf(name, password string) *types.AuthenticationResultType {
	p.t.Helper()
	out, err := p.signIn(name, password)
	if err != nil {
		p.t.Fatal(err)
	}
	if out.AuthenticationResult == nil {
		p.t.Fatalf("no tokens for %s: %s", name, p.raw)
	}
	return out.AuthenticationResult
}

// answer calls RespondToAuthChallenge.
func (p *people) answer(challenge types.ChallengeNameType, session *string, pairs ...string) (*idp.RespondToAuthChallengeOutput, error) {
	return p.pub.RespondToAuthChallenge(p.t.Context(), &idp.RespondToAuthChallengeInput{
		ClientId: &p.client, ChallengeName: challenge, Session: session, ChallengeResponses: parameters(pairs),
	})
}

func parameters(pairs []string) map[string]string {
	m := map[string]string{}
	for i := 0; i+1 < len(pairs); i += 2 {
		m[pairs[i]] = pairs[i+1]
	}
	return m
}

// claim computes the answer to a PASSWORD_VERIFIER challenge.
func (p *people) claim(c *srpclient.Client, challenge map[string]string, password string) []string {
	p.t.Helper()
	_, short, _ := strings.Cut(p.poolID, "_")
	claim, err := c.Answer(srpclient.Challenge{
		Pool: short, User: challenge["USER_ID_FOR_SRP"], Salt: challenge["SALT"], B: challenge["SRP_B"],
		SecretBlock: challenge["SECRET_BLOCK"],
	}, password, p.now())
	if err != nil {
		p.t.Fatal(err)
	}
	return []string{
		"USERNAME", challenge["USERNAME"], "PASSWORD_CLAIM_SECRET_BLOCK", challenge["SECRET_BLOCK"],
		"PASSWORD_CLAIM_SIGNATURE", claim.Signature, "TIMESTAMP", claim.Timestamp,
	}
}

// srpSignIn goes through USER_SRP_AUTH as the SDKs do, without a Session.
func (p *people) srpSignIn(name, password string) (*idp.RespondToAuthChallengeOutput, error) {
	p.t.Helper()
	c := srpclient.New(32)
	out, err := p.initiate(types.AuthFlowTypeUserSrpAuth, "USERNAME", name, "SRP_A", c.A())
	if err != nil {
		return nil, err
	}
	if out.ChallengeName != types.ChallengeNameTypePasswordVerifier || out.Session != nil {
		p.t.Errorf("challenge %s with session %v, want PASSWORD_VERIFIER without", out.ChallengeName, out.Session)
	}
	return p.answer(types.ChallengeNameTypePasswordVerifier, nil, p.claim(c, out.ChallengeParameters, password)...)
}

// srpChallenge begins USER_SRP_AUTH and returns what answers it.
func (p *people) srpChallenge(name string) func(password string) (*idp.RespondToAuthChallengeOutput, error) {
	p.t.Helper()
	c := srpclient.New(32)
	out, err := p.initiate(types.AuthFlowTypeUserSrpAuth, "USERNAME", name, "SRP_A", c.A())
	if err != nil {
		p.t.Fatal(err)
	}
	return func(password string) (*idp.RespondToAuthChallengeOutput, error) {
		return p.answer(types.ChallengeNameTypePasswordVerifier, nil, p.claim(c, out.ChallengeParameters, password)...)
	}
}

var digits = regexp.MustCompile(`\b\d{6}\b`)

// mail returns the newest message to an address.
func (p *people) mail(to string) (subject, body string) {
	p.t.Helper()
	recent, err := p.db.Outbox().Recent(p.t.Context(), p.poolID, 100)
	if err != nil {
		p.t.Fatal(err)
	}
	for _, m := range recent {
		if m.Destination == to {
			return m.Subject, html.UnescapeString(m.Body)
		}
	}
	p.t.Fatalf("no message to %s among %d", to, len(recent))
	return "", ""
}

// code returns the confirmation code in the newest message to an address.
func (p *people) code(to string) string {
	p.t.Helper()
	_, body := p.mail(to)
	code := digits.FindString(body)
	if code == "" {
		p.t.Fatalf("no code in %q", body)
	}
	return code
}

// post sends a request as no SDK would.
func (p *people) post(operation, body string) (status int, reply string) {
	p.t.Helper()
	req, err := http.NewRequestWithContext(p.t.Context(), http.MethodPost, p.server.URL, strings.NewReader(body))
	if err != nil {
		p.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-amz-json-1.1")
	req.Header.Set("X-Amz-Target", "AWSCognitoIdentityProviderService."+operation)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		p.t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	return resp.StatusCode, string(b)
}

// claims returns the names of a token's claims, in order, and their values.
func claims(t *testing.T, jwt string) (names []string, values map[string]json.RawMessage) {
	t.Helper()
	parts := strings.Split(jwt, ".")
	if len(parts) != 3 {
		t.Fatalf("token has %d parts", len(parts))
	}
	payload := unbase64(t, parts[1])
	values = map[string]json.RawMessage{}
	dec := json.NewDecoder(bytes.NewReader(payload))
	if _, err := dec.Token(); err != nil {
		t.Fatal(err)
	}
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			t.Fatal(err)
		}
		var v json.RawMessage
		if err := dec.Decode(&v); err != nil {
			t.Fatal(err)
		}
		names = append(names, name.(string))
		values[name.(string)] = v
	}
	return names, values
}
