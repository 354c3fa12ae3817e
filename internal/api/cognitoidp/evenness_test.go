package cognitoidp_test

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/user"
)

// codeWrites is the store of codes, counting what is written to it: a write
// costs more than all the rest of an answer, and whoever can tell one answer
// with it from one without knows whom it is about.
type codeWrites struct {
	*store.Users
	w *world
}

func (c *codeWrites) PutCode(ctx context.Context, x *user.Code) error {
	c.w.codesWritten++
	return c.Users.PutCode(ctx, x)
}

func (c *codeWrites) SaveAnswers(ctx context.Context, x *user.Code) error {
	c.w.codesWritten++
	return c.Users.SaveAnswers(ctx, x)
}

// For a client that hides users, what nobody may learn from an answer they do
// not learn from its cost either: every name costs the same writes, whether it
// is somebody's or not, and whatever their standing.
func TestNamesCostAlike(t *testing.T) {
	p := onePeople(t, setup{
		pool: func(in *idp.CreateUserPoolInput) {
			in.AutoVerifiedAttributes = []types.VerifiedAttributeType{types.VerifiedAttributeTypeEmail}
		},
		client: func(in *idp.CreateUserPoolClientInput) {
			in.PreventUserExistenceErrors = types.PreventUserExistenceErrorTypesEnabled
		},
	})
	email := attr("email", "x@example.com")
	for _, name := range []string{"waiting", "spent"} {
		if _, err := p.signUp(name, goodPassword, attr("email", name+"@example.com")); err != nil {
			t.Fatal(err)
		}
	}
	p.confirmed("confirmed", email, attr("email_verified", "true"))
	p.confirmed("silent") // without an address
	p.confirmed("disabled", email, attr("email_verified", "true"))
	if _, err := p.admin.AdminDisableUser(t.Context(), &idp.AdminDisableUserInput{UserPoolId: &p.poolID, Username: aws.String("disabled")}); err != nil {
		t.Fatal(err)
	}
	if _, err := p.admin.AdminConfirmSignUp(t.Context(), &idp.AdminConfirmSignUpInput{UserPoolId: &p.poolID, Username: aws.String("spent")}); err != nil {
		t.Fatal(err)
	}
	for _, ask := range []struct {
		what string
		of   func(name string) error
	}{
		{"ResendConfirmationCode", func(name string) error {
			_, err := p.pub.ResendConfirmationCode(t.Context(), &idp.ResendConfirmationCodeInput{ClientId: &p.client, Username: &name})
			return err
		}},
		{"ConfirmSignUp", func(name string) error {
			_, err := p.pub.ConfirmSignUp(t.Context(), &idp.ConfirmSignUpInput{ClientId: &p.client, Username: &name, ConfirmationCode: aws.String("none")})
			return err
		}},
		{"ForgotPassword", func(name string) error {
			_, err := p.pub.ForgotPassword(t.Context(), &idp.ForgotPasswordInput{ClientId: &p.client, Username: &name})
			return err
		}},
		{"ConfirmForgotPassword", func(name string) error {
			_, err := p.pub.ConfirmForgotPassword(t.Context(), &idp.ConfirmForgotPasswordInput{
				ClientId: &p.client, Username: &name, ConfirmationCode: aws.String("none"), Password: aws.String(newPassword),
			})
			return err
		}},
	} {
		for _, name := range []string{"nobody", "waiting", "spent", "confirmed", "silent", "disabled"} {
			for round := range 2 {
				p.codesWritten = 0
				err := ask.of(name)
				if p.codesWritten != 1 {
					t.Errorf("%s of %s, time %d: %d writes (%v)", ask.what, name, round+1, p.codesWritten, err)
				}
			}
		}
	}
	// Nothing of it touches the code that somebody was sent.
	if _, err := p.pub.ConfirmSignUp(t.Context(), &idp.ConfirmSignUpInput{
		ClientId: &p.client, Username: aws.String("waiting"), ConfirmationCode: aws.String(p.code("waiting@example.com")),
	}); err != nil {
		t.Error(err)
	}
}
