package cognitoidp_test

import (
	"html"
	"net/url"
	"regexp"
	"testing"
	"time"

	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
)

// byLink has a pool confirm sign-ups by link.
func byLink(in *idp.CreateUserPoolInput) {
	autoVerify(in)
	in.VerificationMessageTemplate = &types.VerificationMessageTemplateType{DefaultEmailOption: types.DefaultEmailOptionTypeConfirmWithLink}
}

var anchor = regexp.MustCompile(`<a href="([^"]*)">`)

// link returns the parameters of the link in the newest message to an address.
func (p *people) link(to string) url.Values {
	p.t.Helper()
	_, body := p.mail(to)
	found := anchor.FindStringSubmatch(body)
	if found == nil {
		p.t.Fatalf("no link in %q", body)
	}
	u, err := url.Parse(html.UnescapeString(found[1]))
	if err != nil || u.Scheme+"://"+u.Host+u.Path != publicURL+"/confirmUser" {
		p.t.Fatalf("%s: %v", u, err)
	}
	return u.Query()
}

// TestLinksCarryASecret follows the secret of a link through the API: long
// enough that nobody guesses it, good for one user and one client, once, and
// for a day.
func TestLinksCarryASecret(t *testing.T) {
	p := onePeople(t, setup{pool: byLink})
	other := p.newClient(p.poolID, nil)
	for _, name := range []string{"alice", "bob", "carol"} {
		if _, err := p.signUp(name, goodPassword, attr("email", name+"@example.com")); err != nil {
			t.Fatal(err)
		}
	}
	q := p.link("alice@example.com")
	secret := q.Get("confirmation_code")
	if len(secret) != 32 || q.Get("client_id") != p.client || q.Get("user_name") != "alice" {
		t.Errorf("link with %v", q)
	}
	want(t, p.confirm("bob", secret), "CodeMismatchException", "Invalid verification code provided, please try again.")
	_, err := p.pub.ConfirmSignUp(t.Context(), &idp.ConfirmSignUpInput{ClientId: &other, Username: new("alice"), ConfirmationCode: &secret})
	want(t, err, "CodeMismatchException", "Invalid verification code provided, please try again.")
	if err := p.confirm("alice", secret); err != nil {
		t.Fatal(err)
	}
	p.wantProfile("alice", "email=alice@example.com email_verified=true")
	want(t, p.confirm("alice", secret), "NotAuthorizedException", "User cannot be confirmed. Current status is CONFIRMED")

	// The newest link is the one that counts.
	first := p.link("bob@example.com").Get("confirmation_code")
	p.pass(time.Second)
	if _, err := p.resend("bob"); err != nil {
		t.Fatal(err)
	}
	second := p.link("bob@example.com").Get("confirmation_code")
	want(t, p.confirm("bob", first), "CodeMismatchException", "Invalid verification code provided, please try again.")
	if err := p.confirm("bob", second); err != nil {
		t.Error(err)
	}

	late := p.link("carol@example.com").Get("confirmation_code")
	p.pass(24*time.Hour - time.Second)
	want(t, p.confirm("carol", late), "ExpiredCodeException", "Invalid code provided, please request a code again.")

	// Other messages of such a pool carry codes.
	if _, err := p.forgot("alice"); err != nil {
		t.Fatal(err)
	}
	if err := p.confirmForgot("alice", p.code("alice@example.com"), newPassword); err != nil {
		t.Error(err)
	}
	access := *p.tokensOf("alice", newPassword).AccessToken
	if _, err := p.updateOwn(access, attr("email", "new@example.com")); err != nil {
		t.Fatal(err)
	}
	if err := p.verifyAttr(access, "email", p.code("new@example.com")); err != nil {
		t.Error(err)
	}
}

// TestTheSendersOfThePool: the messages of a pool whose functions send them
// wait for those, and say why they are sent; where nothing stands behind the
// function, the operation fails at once and leaves nothing behind.
func TestTheSendersOfThePool(t *testing.T) {
	p := onePeople(t, setup{pool: autoVerify, functions: functionsOf(map[string]func(*happening){"CustomEmailSender": yes})})
	if _, err := p.signUp("alice", goodPassword, attr("email", "a@example.com")); err != nil {
		t.Fatal(err)
	}
	box := p.outbox()
	if len(box) != 1 || box[0].Event == nil || box[0].Event.Occasion != "SignUp" || box[0].Event.Client != p.client || box[0].Body != "" {
		t.Fatalf("outbox %+v", box)
	}
	if err := p.confirm("alice", box[0].Event.Code); err != nil {
		t.Error(err)
	}

	nobody := onePeople(t, setup{pool: func(in *idp.CreateUserPoolInput) {
		autoVerify(in)
		in.LambdaConfig = &types.LambdaConfigType{}
		senders(in.LambdaConfig, "nothing")
	}})
	_, err := nobody.signUp("alice", goodPassword, attr("email", "a@example.com"))
	want(t, err, "UnexpectedLambdaException", "CustomEmailSender invocation failed due to configuration.")
	if _, err := nobody.admin.AdminGetUser(t.Context(), &idp.AdminGetUserInput{UserPoolId: &nobody.poolID, Username: new("alice")}); err == nil {
		t.Error("the user is there")
	}
	if _, err := nobody.signUp("bob", goodPassword); err != nil {
		t.Errorf("who gets no message needs no function: %v", err)
	}
}

// senders adds a function that sends e-mails.
func senders(c *types.LambdaConfigType, name string) {
	c.CustomEmailSender = &types.CustomEmailLambdaVersionConfigType{
		LambdaVersion: types.CustomEmailSenderLambdaVersionTypeV10, LambdaArn: new("arn:aws:lambda:us-west-2:111111111111:function:" + name),
	}
	c.KMSKeyID = new("arn:aws:kms:us-west-2:111111111111:key/k")
}
