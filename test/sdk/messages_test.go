package sdk

import (
	"encoding/json"
	"encoding/pem"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cenote-id/cenote/cenotetest"
	"github.com/cenote-id/cenote/internal/message/smshook"
	"github.com/cenote-id/cenote/internal/message/smtptest"
	"github.com/cenote-id/cenote/internal/trigger/webhook"
)

const smsSecret = "a secret of more than 16 bytes"

// smsGateway is what stands behind --sms-webhook: it refuses what is not
// signed, and drops what it has already.
type smsGateway struct {
	*httptest.Server
	mu    sync.Mutex
	ids   map[string]bool
	texts []smshook.Message
	more  chan struct{}
}

func newGateway(t *testing.T, clock func() time.Time) *smsGateway {
	g := &smsGateway{ids: map[string]bool{}, more: make(chan struct{}, 100)}
	g.Server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		var m smshook.Message
		if err != nil || !webhook.Verify([]byte(smsSecret), r.Header.Get(webhook.Header), body, clock(), time.Minute) || json.Unmarshal(body, &m) != nil {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		g.mu.Lock()
		defer g.mu.Unlock()
		if !g.ids[m.ID] {
			g.ids[m.ID], g.texts = true, append(g.texts, m)
			g.more <- struct{}{}
		}
	}))
	t.Cleanup(g.Close)
	return g
}

// next waits for the next text message.
func (g *smsGateway) next(t *testing.T) smshook.Message {
	t.Helper()
	select {
	case <-g.more:
	case <-time.After(20 * time.Second):
		t.Fatal("no text message arrived")
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.texts[len(g.texts)-1]
}

// mailFrom is whom the deployment's e-mails are from.
const mailFrom = "Cenote <id@example.com>"

// eachWith is each with options for the server.
func eachWith(t *testing.T, opts func(t *testing.T) []cenotetest.Option, f func(t *testing.T, w *world)) {
	t.Run("development", func(t *testing.T) { f(t, development(t, opts(t)...)) })
	t.Run("production", func(t *testing.T) { f(t, production(t, append(opts(t), postgres(t))...)) })
}

// verifying makes a user pool that verifies addresses, and a client.
func (w *world) verifying(t *testing.T, change func(*idp.CreateUserPoolInput)) *people {
	t.Helper()
	p := &people{w: w, t: t, admin: w.idp(w.alpha.keys, west), public: w.idp(nobody, west), region: west}
	in := &idp.CreateUserPoolInput{
		PoolName: aws.String("messages"), AutoVerifiedAttributes: []types.VerifiedAttributeType{types.VerifiedAttributeTypeEmail},
	}
	if change != nil {
		change(in)
	}
	p.pool = *must(p.admin.CreateUserPool(t.Context(), in))(t).UserPool.Id
	p.client = p.newClient("app")
	return p
}

func (p *people) signUp(name string, attributes ...string) error {
	in := &idp.SignUpInput{ClientId: &p.client, Username: &name, Password: aws.String(password), ClientMetadata: map[string]string{"shop": "shoes"}}
	for i := 0; i < len(attributes); i += 2 {
		in.UserAttributes = append(in.UserAttributes, types.AttributeType{Name: &attributes[i], Value: &attributes[i+1]})
	}
	_, err := p.public.SignUp(p.t.Context(), in)
	return err
}

func (p *people) confirmSignUp(name, code string) error {
	_, err := p.public.ConfirmSignUp(p.t.Context(), &idp.ConfirmSignUpInput{ClientId: &p.client, Username: &name, ConfirmationCode: &code})
	return err
}

// waitState waits until the newest message to an address is in a state.
func (w *world) waitState(t *testing.T, to, state string) cenotetest.Message {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		box := w.Outbox(t.Context(), to)
		if len(box) > 0 && box[len(box)-1].State == state {
			return box[len(box)-1]
		}
		if time.Now().After(deadline) {
			t.Fatalf("messages to %s: %+v; waited for %s", to, box, state)
		}
	}
}

var (
	hrefIn  = regexp.MustCompile(`href="([^"]*)"`)
	fieldIn = regexp.MustCompile(`name="([^"]*)" value="([^"]*)"`)
	sixIn   = regexp.MustCompile(`\b\d{6}\b`)
)

// A person signs up, follows the link in the e-mail, signs in, forgets the
// password and sets a new one, by mail alone.
func TestByMail(t *testing.T) {
	var server *smtptest.Server
	eachWith(t, func(t *testing.T) []cenotetest.Option {
		server = smtptest.Start(t, smtptest.Config{User: "cenote", Password: "mail pass word"})
		return []cenotetest.Option{cenotetest.MailServer("smtp://cenote@"+server.Addr, mailFrom, "mail pass word"), cenotetest.PeerCA(server.CA)}
	}, func(t *testing.T, w *world) {
		p := w.verifying(t, func(in *idp.CreateUserPoolInput) {
			in.VerificationMessageTemplate = &types.VerificationMessageTemplateType{
				DefaultEmailOption: types.DefaultEmailOptionTypeConfirmWithLink,
				EmailMessageByLink: aws.String("<p>Welcome! {##Yes, it is me##}</p>"), EmailSubjectByLink: aws.String("ようこそ"),
			}
			in.EmailConfiguration = &types.EmailConfigurationType{ReplyToEmailAddress: aws.String("help@example.com")}
		})
		if err := p.signUp("alice", "email", "alice@example.org"); err != nil {
			t.Fatal(err)
		}
		mail := server.Wait(t, 1)[0]
		header := mail.Parsed(t).Header
		if mail.From != "id@example.com" || mail.To[0] != "alice@example.org" || header.Get("Reply-To") != "<help@example.com>" ||
			header.Get("Subject") != "=?UTF-8?q?=E3=82=88=E3=81=86=E3=81=93=E3=81=9D?=" {
			t.Errorf("mail %+v", header)
		}
		link := html.UnescapeString(hrefIn.FindStringSubmatch(mail.HTML(t))[1])
		if text := mail.Text(t); !strings.Contains(text, "Yes, it is me <"+link+">") {
			t.Errorf("text %q", text)
		}
		page := w.page(t, http.MethodGet, link, nil)
		form := url.Values{}
		for _, f := range fieldIn.FindAllStringSubmatch(page, -1) {
			form.Set(f[1], html.UnescapeString(f[2]))
		}
		if page := w.page(t, http.MethodPost, w.URL()+"/confirmUser", form); !strings.Contains(page, "Email address confirmed") {
			t.Fatalf("page %s", page)
		}
		p.signIn("alice")

		must(p.public.ForgotPassword(t.Context(), &idp.ForgotPasswordInput{ClientId: &p.client, Username: aws.String("alice")}))(t)
		code := sixIn.FindString(server.Wait(t, 2)[1].Text(t))
		must(p.public.ConfirmForgotPassword(t.Context(), &idp.ConfirmForgotPasswordInput{
			ClientId: &p.client, Username: aws.String("alice"), ConfirmationCode: &code, Password: aws.String("Battery-Staple-2"),
		}))(t)

		// What was sent is not kept.
		if m := w.waitState(t, "alice@example.org", "SENT"); m.Body+m.Subject+m.Code+m.Link != "" || m.Attempts != 1 {
			t.Errorf("%+v", m)
		}
	})
}

// page fetches a page.
func (w *world) page(t *testing.T, method, address string, form url.Values) string {
	t.Helper()
	r := must(http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(form.Encode())))(t)
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	res := must(w.Client().Do(r))(t)
	defer res.Body.Close()
	body := must(io.ReadAll(res.Body))(t)
	if res.StatusCode != http.StatusOK {
		t.Fatalf("%s %s: %s", method, res.Status, body)
	}
	return string(body)
}

func TestByText(t *testing.T) {
	var clock atomic.Pointer[cenotetest.Clock]
	var gateway *smsGateway
	eachWith(t, func(t *testing.T) []cenotetest.Option {
		gateway = newGateway(t, func() time.Time { return clock.Load().Now() })
		ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: gateway.Certificate().Raw})
		return []cenotetest.Option{cenotetest.SMSWebhook(gateway.URL, smsSecret), cenotetest.PeerCA(ca)}
	}, func(t *testing.T, w *world) {
		clock.Store(w.Clock())
		p := w.verifying(t, func(in *idp.CreateUserPoolInput) {
			in.AutoVerifiedAttributes = []types.VerifiedAttributeType{types.VerifiedAttributeTypePhoneNumber}
			in.SmsConfiguration = &types.SmsConfigurationType{SnsCallerArn: aws.String("arn:aws:iam::" + w.alpha.account + ":role/sms")}
		})
		if err := p.signUp("alice", "phone_number", "+12065550123"); err != nil {
			t.Fatal(err)
		}
		text := gateway.next(t)
		if text.To != "+12065550123" || text.Pool != p.pool || text.Account != w.alpha.account || text.Region != west ||
			text.Expires.Sub(w.Clock().Now()).Round(time.Hour) != 24*time.Hour {
			t.Errorf("text message %+v", text)
		}
		if err := p.confirmSignUp("alice", sixIn.FindString(text.Text)); err != nil {
			t.Error(err)
		}
		w.waitState(t, "+12065550123", "SENT")
	})
}

// The function of a pool sends its messages: it is told why, for whom, and the
// code under a key of the deployment; when it fails it is asked again.
func TestByFunction(t *testing.T) {
	const key = "arn:aws:kms:us-west-2:111111111111:key/k"
	type event struct {
		TriggerSource, UserName, UserPoolId string
		CallerContext                       struct{ ClientId string }
		Request                             struct {
			Type           string
			Code           string
			ClientMetadata map[string]string
			UserAttributes map[string]string
		}
	}
	events := make(chan event, 10)
	var broken atomic.Bool
	f := func(text []byte) ([]byte, error) {
		if broken.Load() {
			return nil, fmt.Errorf("no credit")
		}
		var e event
		if err := json.Unmarshal(text, &e); err != nil {
			return nil, err
		}
		events <- e
		return text, nil
	}
	eachWith(t, func(*testing.T) []cenotetest.Option {
		return []cenotetest.Option{cenotetest.OnlySenders(), cenotetest.Function("sender", f)}
	}, func(t *testing.T, w *world) {
		p := w.verifying(t, func(in *idp.CreateUserPoolInput) {
			in.LambdaConfig = &types.LambdaConfigType{
				KMSKeyID: aws.String(key),
				CustomEmailSender: &types.CustomEmailLambdaVersionConfigType{
					LambdaVersion: types.CustomEmailSenderLambdaVersionTypeV10, LambdaArn: aws.String("arn:aws:lambda:us-west-2:" + w.alpha.account + ":function:sender"),
				},
			}
		})
		if err := p.signUp("alice", "email", "alice@example.org"); err != nil {
			t.Fatal(err)
		}
		e := <-events
		if e.TriggerSource != "CustomEmailSender_SignUp" || e.UserName != "alice" || e.UserPoolId != p.pool || e.CallerContext.ClientId != p.client ||
			e.Request.Type != "customEmailSenderRequestV1" || e.Request.ClientMetadata["shop"] != "shoes" || e.Request.UserAttributes["email"] != "alice@example.org" {
			t.Errorf("event %+v", e)
		}
		if err := p.confirmSignUp("alice", w.DecryptCode(w.alpha.account, key, e.Request.Code)); err != nil {
			t.Error(err)
		}

		// The client is not told that the function fails; it is asked again.
		broken.Store(true)
		must(p.public.ForgotPassword(t.Context(), &idp.ForgotPasswordInput{ClientId: &p.client, Username: aws.String("alice")}))(t)
		w.waitProblem(t, "alice@example.org", "UserLambdaValidationException: function ended with an error")
		broken.Store(false)
		w.Clock().Advance(5 * time.Second)
		if e := <-events; e.TriggerSource != "CustomEmailSender_ForgotPassword" {
			t.Errorf("event %+v", e)
		}

		// Temporary passwords are escaped for the HTML that they go into.
		must(p.admin.AdminCreateUser(t.Context(), &idp.AdminCreateUserInput{
			UserPoolId: &p.pool, Username: aws.String("bob"), TemporaryPassword: aws.String("Xy1!<b>&cde"), DesiredDeliveryMediums: []types.DeliveryMediumType{types.DeliveryMediumTypeEmail},
			UserAttributes: []types.AttributeType{{Name: aws.String("email"), Value: aws.String("bob@example.org")}},
		}))(t)
		e = <-events
		if got := w.DecryptCode(w.alpha.account, key, e.Request.Code); e.TriggerSource != "CustomEmailSender_AdminCreateUser" || html.UnescapeString(got) != "Xy1!<b>&cde" || strings.Contains(got, "<") {
			t.Errorf("%s with %q", e.TriggerSource, got)
		}
	})
}

// waitProblem waits until the newest message to an address has a problem.
func (w *world) waitProblem(t *testing.T, to, problem string) cenotetest.Message {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		box := w.Outbox(t.Context(), to)
		if len(box) > 0 && box[len(box)-1].Problem == problem {
			return box[len(box)-1]
		}
		if time.Now().After(deadline) {
			t.Fatalf("messages to %s: %+v; waited for %q", to, box, problem)
		}
	}
}

// Whoever would wait for a message that nobody sends is told at once, and
// nothing has happened.
func TestWithoutSenders(t *testing.T) {
	eachWith(t, func(*testing.T) []cenotetest.Option { return []cenotetest.Option{cenotetest.OnlySenders()} }, func(t *testing.T, w *world) {
		if w.alpha.account == "111111111111" { // development keeps messages in any case
			p := w.verifying(t, nil)
			if err := p.signUp("alice", "email", "alice@example.org"); err != nil {
				t.Error(err)
			}
			w.waitState(t, "alice@example.org", "KEPT")
			return
		}
		p := w.verifying(t, nil)
		const text = "Invalid email provided/Unable to send the email"
		refused[*types.CodeDeliveryFailureException](t, "SignUp", p.signUp("alice", "email", "alice@example.org"), text)
		if _, err := p.admin.AdminGetUser(t.Context(), &idp.AdminGetUserInput{UserPoolId: &p.pool, Username: aws.String("alice")}); err == nil {
			t.Error("a user was made")
		}
		p.add("bob")
		must(p.admin.AdminUpdateUserAttributes(t.Context(), &idp.AdminUpdateUserAttributesInput{
			UserPoolId: &p.pool, Username: aws.String("bob"), UserAttributes: []types.AttributeType{
				{Name: aws.String("email"), Value: aws.String("bob@example.org")}, {Name: aws.String("email_verified"), Value: aws.String("true")},
			},
		}))(t)
		_, err := p.public.ForgotPassword(t.Context(), &idp.ForgotPasswordInput{ClientId: &p.client, Username: aws.String("bob")})
		refused[*types.CodeDeliveryFailureException](t, "ForgotPassword", err, text)
		_, err = p.admin.AdminResetUserPassword(t.Context(), &idp.AdminResetUserPasswordInput{UserPoolId: &p.pool, Username: aws.String("bob")})
		refused[*types.InvalidEmailRoleAccessPolicyException](t, "AdminResetUserPassword", err, text)
		p.signIn("bob") // nothing has been reset
		if box := w.Outbox(t.Context(), ""); len(box) != 0 {
			t.Errorf("outbox %+v", box)
		}
	})
}

// A mail server that is away, or refuses for now, gets the message later; one
// that refuses for good does not, and the operator sees why.
func TestMailServersThatFail(t *testing.T) {
	var refusal atomic.Pointer[string]
	var server *smtptest.Server
	eachWith(t, func(t *testing.T) []cenotetest.Option {
		server = smtptest.Start(t, smtptest.Config{Security: smtptest.Implicit, Answer: func(command string) string {
			if r := refusal.Load(); r != nil && strings.HasPrefix(command, "RCPT") {
				return *r
			}
			return ""
		}})
		return []cenotetest.Option{cenotetest.MailServer("smtps://"+server.Addr, mailFrom, ""), cenotetest.PeerCA(server.CA)}
	}, func(t *testing.T, w *world) {
		p := w.verifying(t, nil)
		refusal.Store(aws.String("451 4.7.1 <alice@example.org>: try again later"))
		if err := p.signUp("alice", "email", "alice@example.org"); err != nil {
			t.Fatal(err)
		}
		w.waitProblem(t, "alice@example.org", "send: SMTP 451: 4.7.1 … try again later")
		refusal.Store(nil)
		w.Clock().Advance(10 * time.Second)
		if err := p.confirmSignUp("alice", sixIn.FindString(server.Wait(t, 1)[0].Text(t))); err != nil {
			t.Error(err)
		}

		refusal.Store(aws.String("550 5.1.1 <bob@example.org>: no such user"))
		if err := p.signUp("bob", "email", "bob@example.org"); err != nil {
			t.Fatal(err)
		}
		if m := w.waitState(t, "bob@example.org", "FAILED"); m.Problem != "send: SMTP 550: 5.1.1 … no such user" || m.Body+m.Code != "" {
			t.Errorf("%+v", m)
		}
		refusal.Store(nil)

		// What nobody took in time is not sent at all.
		server.Stop()
		must(p.public.ForgotPassword(t.Context(), &idp.ForgotPasswordInput{ClientId: &p.client, Username: aws.String("alice")}))(t)
		w.waitProblem(t, "alice@example.org", "connect: the connection failed")
		w.Clock().Advance(time.Hour)
		if m := w.waitState(t, "alice@example.org", "FAILED"); m.Problem != "expired before it could be sent; connect: the connection failed" {
			t.Errorf("%+v", m)
		}
	})
}

// Two nodes on one database send each message once, whoever wrote it.
func TestNodesShareTheOutbox(t *testing.T) {
	server := smtptest.Start(t, smtptest.Config{Security: smtptest.None})
	opts := []cenotetest.Option{
		postgres(t), cenotetest.PublicURL("https://id.example.com"), cenotetest.MailServer("smtp+plain://"+server.Addr, mailFrom, ""),
	}
	w, node := production(t, opts...), newWorld(t, append(opts, cenotetest.Production()))
	p := w.verifying(t, nil)
	other := *p
	other.public = node.idp(nobody, west)
	const each = 10
	var both sync.WaitGroup
	for i, at := range []*people{p, &other} {
		at.w = &world{t: t, wire: &wire{client: w.Client(), mute: true}}
		both.Go(func() {
			for n := range each {
				name := fmt.Sprintf("user%d-%d", i, n)
				if err := at.signUp(name, "email", name+"@example.org"); err != nil {
					t.Error(err)
				}
			}
		})
	}
	both.Wait()
	mails := server.Wait(t, 2*each)
	for i := range 2 {
		for n := range each {
			w.waitState(t, fmt.Sprintf("user%d-%d@example.org", i, n), "SENT")
		}
	}
	seen := map[string]int{}
	for _, m := range mails {
		seen[m.To[0]]++
	}
	if got := len(server.Messages()); len(seen) != 2*each || got != 2*each {
		t.Errorf("%d people got %d e-mails", len(seen), got)
	}
}

// A node that stops while the mail server is away leaves its messages to the
// next one.
func TestMessagesOutliveTheServer(t *testing.T) {
	server := smtptest.Start(t, smtptest.Config{})
	data := t.TempDir()
	away := development(t, cenotetest.Data(data), cenotetest.MailServer("smtps://"+server.Addr, mailFrom, ""), cenotetest.PeerCA(server.CA))
	p := away.verifying(t, nil)
	if err := p.signUp("alice", "email", "alice@example.org"); err != nil { // a server that does not speak TLS at once is no server
		t.Fatal(err)
	}
	for len(away.Outbox(t.Context(), "alice@example.org")) == 0 || away.Outbox(t.Context(), "alice@example.org")[0].Problem == "" {
		time.Sleep(5 * time.Millisecond)
	}
	away.Stop()
	back := development(t, cenotetest.Data(data), cenotetest.MailServer("smtp://"+server.Addr, mailFrom, ""), cenotetest.PeerCA(server.CA))
	back.Clock().Advance(10 * time.Second)
	code := sixIn.FindString(server.Wait(t, 1)[0].Text(t))
	again := *p
	again.public = back.idp(nobody, west)
	if err := again.confirmSignUp("alice", code); err != nil {
		t.Error(err)
	}
}
