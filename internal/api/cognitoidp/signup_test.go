package cognitoidp_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cenote-id/cenote/internal/password"
)

func (p *people) signUp(name, password string, attrs ...types.AttributeType) (*idp.SignUpOutput, error) {
	return p.pub.SignUp(p.t.Context(), &idp.SignUpInput{ClientId: &p.client, Username: &name, Password: &password, UserAttributes: attrs})
}

func (p *people) confirm(name, code string) error {
	_, err := p.pub.ConfirmSignUp(p.t.Context(), &idp.ConfirmSignUpInput{ClientId: &p.client, Username: &name, ConfirmationCode: &code})
	return err
}

func (p *people) resend(name string) (*types.CodeDeliveryDetailsType, error) {
	out, err := p.pub.ResendConfirmationCode(p.t.Context(), &idp.ResendConfirmationCodeInput{ClientId: &p.client, Username: &name})
	if err != nil {
		return nil, err
	}
	return out.CodeDeliveryDetails, nil
}

// autoVerify makes pools that ask for proof of e-mail addresses.
func autoVerify(in *idp.CreateUserPoolInput) {
	in.AutoVerifiedAttributes = []types.VerifiedAttributeType{types.VerifiedAttributeTypeEmail}
}

// autoVerifyBoth makes pools that ask for proof of phone numbers, too.
func autoVerifyBoth(in *idp.CreateUserPoolInput) {
	autoVerify(in)
	in.AutoVerifiedAttributes = append(in.AutoVerifiedAttributes, types.VerifiedAttributeTypePhoneNumber)
	in.SmsConfiguration = &types.SmsConfigurationType{SnsCallerArn: aws.String("arn:aws:iam::" + alpha + ":role/sms"), ExternalId: aws.String("x")}
}

func wantDelivery(t *testing.T, d *types.CodeDeliveryDetailsType, attribute, destination string) {
	t.Helper()
	if d == nil || *d.AttributeName != attribute || *d.Destination != destination {
		t.Errorf("delivery %+v, want %s to %s", d, attribute, destination)
	}
}

const (
	mismatch  = "Invalid verification code provided, please try again."
	outdated  = "Invalid code provided, please request a code again."
	tooOften  = "Attempt limit exceeded, please try after some time."
	noSuchFor = "Username/client id combination not found."
)

func TestSignUpAndConfirm(t *testing.T) {
	eachPeople(t, setup{pool: autoVerify}, func(t *testing.T, p *people) {
		out, err := p.signUp("alice", goodPassword, attr("email", "alice@example.com"), attr("name", "Alice"))
		if err != nil {
			t.Fatal(err)
		}
		if out.UserConfirmed || len(*out.UserSub) != 36 || out.Session != nil {
			t.Errorf("reply %s", p.raw)
		}
		wantDelivery(t, out.CodeDeliveryDetails, "email", "a***@e***")
		subject, body := p.mail("alice@example.com")
		code := p.code("alice@example.com")
		if subject != "Your verification code" || body != "Your confirmation code is "+code {
			t.Errorf("message %q: %q", subject, body)
		}
		if u := p.get("alice"); u.UserStatus != types.UserStatusTypeUnconfirmed || profile(u.UserAttributes) != "email=alice@example.com name=Alice email_verified=false" {
			t.Errorf("%s: %s", u.UserStatus, profile(u.UserAttributes))
		}
		want(t, p.confirm("alice", other(code)), "CodeMismatchException", mismatch)
		want(t, p.confirm("bob", code), "UserNotFoundException", noSuchFor)
		if err := p.confirm("alice", code); err != nil {
			t.Fatal(err)
		}
		want(t, p.confirm("alice", code), "NotAuthorizedException", "User cannot be confirmed. Current status is CONFIRMED")
		if u := p.get("alice"); u.UserStatus != types.UserStatusTypeConfirmed || profile(u.UserAttributes) != "email=alice@example.com name=Alice email_verified=true" {
			t.Errorf("%s: %s", u.UserStatus, profile(u.UserAttributes))
		}
		_, err = p.resend("alice")
		want(t, err, "InvalidParameterException", "User is already confirmed.")
		_, err = p.signUp("alice", goodPassword)
		want(t, err, "UsernameExistsException", "User already exists")
		p.tokensOf("alice", goodPassword)
	})
}

// other returns a code that is not code.
func other(code string) string {
	if code[0] == '9' {
		return "0" + code[1:]
	}
	return string(code[0]+1) + code[1:]
}

func TestSignUpIsChecked(t *testing.T) {
	p := onePeople(t, setup{
		pool: func(in *idp.CreateUserPoolInput) {
			in.Schema = []types.SchemaAttributeType{
				{Name: aws.String("email"), Required: aws.Bool(true)},
				{Name: aws.String("team"), AttributeDataType: types.AttributeDataTypeString},
				{Name: aws.String("secret"), AttributeDataType: types.AttributeDataTypeString, DeveloperOnlyAttribute: aws.Bool(true)},
			}
		},
		client: func(in *idp.CreateUserPoolClientInput) {
			in.WriteAttributes = []string{"email", "custom:team", "phone_number"}
		},
	})
	email := attr("email", "a@example.com")
	for _, c := range []struct {
		password      string
		attrs         []types.AttributeType
		code, message string
	}{
		{"Short1!", []types.AttributeType{email}, "InvalidPasswordException", "Password did not conform with policy: Password not long enough"},
		{"correct-horse-1", []types.AttributeType{email}, "InvalidPasswordException", "Password did not conform with policy: Password must have uppercase characters"},
		{goodPassword, nil, "InvalidParameterException", "Attributes did not conform to the schema: email: The attribute is required\n"},
		{goodPassword, []types.AttributeType{attr("email", "not an address")}, "InvalidParameterException", "Invalid email address format."},
		{goodPassword, []types.AttributeType{email, attr("phone_number", "0123")}, "InvalidParameterException", "Invalid phone number format."},
		{goodPassword, []types.AttributeType{email, attr("name", "A")}, "NotAuthorizedException", "A client attempted to write unauthorized attribute"},
		{goodPassword, []types.AttributeType{email, attr("email_verified", "true")}, "NotAuthorizedException", "A client attempted to write unauthorized attribute"},
		{goodPassword, []types.AttributeType{email, attr("sub", "x")}, "NotAuthorizedException", "A client attempted to write unauthorized attribute"},
		{goodPassword, []types.AttributeType{email, attr("dev:custom:secret", "x")}, "NotAuthorizedException", "A client attempted to write unauthorized attribute"},
		{goodPassword, []types.AttributeType{email, email}, "InvalidParameterException", "Attributes were given twice."},
	} {
		_, err := p.signUp("alice", c.password, c.attrs...)
		want(t, err, c.code, c.message)
	}
	if _, err := p.signUp("alice", goodPassword, email, attr("custom:team", "red")); err != nil {
		t.Error(err)
	}
}

func TestSignUpCanBeClosed(t *testing.T) {
	p := onePeople(t, setup{pool: func(in *idp.CreateUserPoolInput) {
		in.AdminCreateUserConfig = &types.AdminCreateUserConfigType{AllowAdminCreateUserOnly: true}
	}})
	_, err := p.signUp("alice", goodPassword)
	want(t, err, "NotAuthorizedException", "SignUp is not permitted for this user pool")
}

// A function that may keep people out is never skipped.
func TestSignUpAsksTheFunctions(t *testing.T) {
	p := onePeople(t, setup{pool: func(in *idp.CreateUserPoolInput) {
		in.LambdaConfig = &types.LambdaConfigType{PreSignUp: aws.String("arn:aws:lambda:us-west-2:111111111111:function:f")}
	}})
	_, err := p.signUp("alice", goodPassword)
	want(t, err, "UnexpectedLambdaException", "PreSignUp invocation failed due to configuration.")
	_, err = p.admin.AdminCreateUser(t.Context(), &idp.AdminCreateUserInput{UserPoolId: &p.poolID, Username: aws.String("alice")})
	want(t, err, "UnexpectedLambdaException", "PreSignUp invocation failed due to configuration.")
}

func TestSignUpProvesTheSecret(t *testing.T) {
	p := onePeople(t, setup{pool: autoVerify, client: func(in *idp.CreateUserPoolClientInput) { in.GenerateSecret = true }})
	described, err := p.admin.DescribeUserPoolClient(t.Context(), &idp.DescribeUserPoolClientInput{UserPoolId: &p.poolID, ClientId: &p.client})
	if err != nil {
		t.Fatal(err)
	}
	hash := password.SecretHash(*described.UserPoolClient.ClientSecret, "alice", p.client)
	for _, c := range []struct {
		hash    *string
		message string
	}{
		{nil, "Client " + p.client + " is configured for secret but secret was not received"},
		{aws.String("d3Jvbmc="), "Unable to verify secret hash for client " + p.client},
	} {
		name, code := aws.String("alice"), aws.String("123456")
		_, err := p.pub.SignUp(t.Context(), &idp.SignUpInput{ClientId: &p.client, Username: name, Password: aws.String(goodPassword), SecretHash: c.hash})
		want(t, err, "NotAuthorizedException", c.message)
		_, err = p.pub.ConfirmSignUp(t.Context(), &idp.ConfirmSignUpInput{ClientId: &p.client, Username: name, ConfirmationCode: code, SecretHash: c.hash})
		want(t, err, "NotAuthorizedException", c.message)
		_, err = p.pub.ResendConfirmationCode(t.Context(), &idp.ResendConfirmationCodeInput{ClientId: &p.client, Username: name, SecretHash: c.hash})
		want(t, err, "NotAuthorizedException", c.message)
	}
	_, err = p.pub.SignUp(t.Context(), &idp.SignUpInput{
		ClientId: &p.client, Username: aws.String("alice"), Password: aws.String(goodPassword), SecretHash: &hash,
	})
	if err != nil {
		t.Error(err)
	}
}

func TestCodesGoToThePhoneFirst(t *testing.T) {
	p := onePeople(t, setup{pool: autoVerifyBoth})
	out, err := p.signUp("alice", goodPassword, attr("email", "a@example.com"), attr("phone_number", "+15550100123"))
	if err != nil {
		t.Fatal(err)
	}
	wantDelivery(t, out.CodeDeliveryDetails, "phone_number", "+*******0123")
	if err := p.confirm("alice", p.code("+15550100123")); err != nil {
		t.Fatal(err)
	}
	if got := profile(p.get("alice").UserAttributes); !strings.Contains(got, "email_verified=false") || !strings.Contains(got, "phone_number_verified=true") {
		t.Errorf("only the phone is proven: %s", got)
	}
}

func TestNoCodeWithoutAutoVerification(t *testing.T) {
	p := onePeople(t, setup{})
	out, err := p.signUp("alice", goodPassword, attr("email", "a@example.com"))
	if err != nil || out.CodeDeliveryDetails != nil {
		t.Fatalf("%v: %s", err, p.raw)
	}
	_, err = p.resend("alice")
	want(t, err, "InvalidParameterException", "Cannot resend codes. Auto verification not turned on.")
	in := &idp.AdminConfirmSignUpInput{UserPoolId: &p.poolID, Username: aws.String("alice")}
	if _, err := p.admin.AdminConfirmSignUp(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	_, err = p.admin.AdminConfirmSignUp(t.Context(), in)
	want(t, err, "NotAuthorizedException", "User cannot be confirmed. Current status is CONFIRMED")
	in.Username = aws.String("bob")
	_, err = p.admin.AdminConfirmSignUp(t.Context(), in)
	want(t, err, "UserNotFoundException", noUser)
	if got := profile(p.get("alice").UserAttributes); got != "email=a@example.com email_verified=false" {
		t.Errorf("nothing is proven by it: %s", got)
	}
}

func TestCodesExpireAndAreReplaced(t *testing.T) {
	eachPeople(t, setup{pool: autoVerify}, func(t *testing.T, p *people) {
		if _, err := p.signUp("alice", goodPassword, attr("email", "a@example.com")); err != nil {
			t.Fatal(err)
		}
		first := p.code("a@example.com")
		p.pass(24 * time.Hour)
		want(t, p.confirm("alice", first), "ExpiredCodeException", outdated)
		d, err := p.resend("alice")
		if err != nil {
			t.Fatal(err)
		}
		wantDelivery(t, d, "email", "a***@e***")
		second := p.code("a@example.com")
		if first != second { // one time in a million they are the same
			want(t, p.confirm("alice", first), "CodeMismatchException", mismatch)
		}
		// A code proves the address that it went to, not one that has replaced it.
		p.update("alice", attr("email", "b@example.com"))
		want(t, p.confirm("alice", second), "CodeMismatchException", mismatch)
		p.update("alice", attr("email", "a@example.com"))
		if err := p.confirm("alice", second); err != nil {
			t.Error(err)
		}
	})
}

func TestCodesCannotBeGuessed(t *testing.T) {
	eachPeople(t, setup{pool: autoVerify}, func(t *testing.T, p *people) {
		if _, err := p.signUp("alice", goodPassword, attr("email", "a@example.com")); err != nil {
			t.Fatal(err)
		}
		code := p.code("a@example.com")
		for range 15 {
			want(t, p.confirm("alice", other(code)), "CodeMismatchException", mismatch)
		}
		want(t, p.confirm("alice", code), "LimitExceededException", tooOften)
		p.pass(time.Hour)
		// The hour is over, but one code does not survive that many guesses.
		want(t, p.confirm("alice", code), "ExpiredCodeException", outdated)
		for range 5 {
			p.pass(time.Second)
			if _, err := p.resend("alice"); err != nil {
				t.Fatal(err)
			}
		}
		_, err := p.resend("alice")
		want(t, err, "LimitExceededException", tooOften)
		if err := p.confirm("alice", p.code("a@example.com")); err != nil {
			t.Error(err)
		}
	})
}

func TestAliasesMoveOnlyByForce(t *testing.T) {
	eachPeople(t, setup{pool: func(in *idp.CreateUserPoolInput) {
		autoVerify(in)
		in.AliasAttributes = []types.AliasAttributeType{types.AliasAttributeTypeEmail}
	}}, func(t *testing.T, p *people) {
		const address = "shared@example.com"
		p.confirmed("first", attr("email", address), attr("email_verified", "true"))
		if _, err := p.signUp("second", newPassword, attr("email", address)); err != nil {
			t.Fatal(err)
		}
		code := p.code(address)
		want(t, p.confirm("second", code), "AliasExistsException", "An account with the email already exists.")
		p.tokensOf(address, goodPassword)
		_, err := p.pub.ConfirmSignUp(t.Context(), &idp.ConfirmSignUpInput{
			ClientId: &p.client, Username: aws.String("second"), ConfirmationCode: &code, ForceAliasCreation: true,
		})
		if err != nil {
			t.Fatal(err)
		}
		if u := p.get(address); *u.Username != "second" {
			t.Errorf("%s means %s", address, *u.Username)
		}
		p.tokensOf(address, newPassword)
		if got := profile(p.get("first").UserAttributes); got != "email=shared@example.com email_verified=false" {
			t.Errorf("the former holder has %s", got)
		}
		p.tokensOf("first", goodPassword)

		_, err = p.signUp("a@example.com", goodPassword)
		want(t, err, "InvalidParameterException", "Username cannot be of email format, since user pool is configured for email alias.")
	})
}

// A name means one user: nobody can choose one that is somebody's alias or sub.
func TestNamesAreOneNamespace(t *testing.T) {
	p := onePeople(t, setup{pool: func(in *idp.CreateUserPoolInput) {
		in.AliasAttributes = []types.AliasAttributeType{types.AliasAttributeTypePreferredUsername}
	}})
	p.confirmed("alice", attr("preferred_username", "ally"))
	for _, taken := range []string{"alice", "ally", sub(t, p.get("alice").UserAttributes)} {
		_, err := p.signUp(taken, goodPassword)
		want(t, err, "UsernameExistsException", "User already exists")
		p.confirmed("bob" + taken)
		_, err = p.admin.AdminUpdateUserAttributes(t.Context(), &idp.AdminUpdateUserAttributesInput{
			UserPoolId: &p.poolID, Username: aws.String("bob" + taken), UserAttributes: []types.AttributeType{attr("preferred_username", taken)},
		})
		want(t, err, "AliasExistsException", "An account with the preferred_username already exists.")
	}
	_, err := p.signUp("carol", goodPassword, attr("preferred_username", "free"))
	want(t, err, "InvalidParameterException", "preferred_username is an alias and cannot be set before the user is confirmed.")
	p.update("alice", attr("preferred_username", "alice")) // one's own name is no clash
	p.update("alice", attr("preferred_username", ""))
	p.tokensOf("alice", goodPassword)
	if _, err := p.signUp("ally", goodPassword); err != nil {
		t.Errorf("a name that was given up: %v", err)
	}
}

func TestUsernameAttributesAreUnique(t *testing.T) {
	eachPeople(t, setup{pool: func(in *idp.CreateUserPoolInput) {
		in.UsernameAttributes = []types.UsernameAttributeType{types.UsernameAttributeTypeEmail, types.UsernameAttributeTypePhoneNumber}
	}}, func(t *testing.T, p *people) {
		for _, c := range []struct{ name, attribute string }{{"a@example.com", "email"}, {"+15550100", "phone_number"}} {
			out, err := p.signUp(c.name, goodPassword)
			if err != nil {
				t.Fatal(err)
			}
			if u := p.get(c.name); *u.Username != *out.UserSub {
				t.Errorf("username %s, sub %s", *u.Username, *out.UserSub)
			}
			_, err = p.signUp(c.name, goodPassword)
			want(t, err, "UsernameExistsException", "An account with the given "+c.attribute+" already exists.")
			_, err = p.admin.AdminCreateUser(t.Context(), &idp.AdminCreateUserInput{UserPoolId: &p.poolID, Username: &c.name})
			want(t, err, "UsernameExistsException", "An account with the given "+c.attribute+" already exists.")
		}
		_, err := p.signUp("alice", goodPassword)
		want(t, err, "InvalidParameterException", "Username should be either an email or a phone number.")
		_, err = p.signUp("b@example.com", goodPassword, attr("email", "c@example.com"))
		want(t, err, "InvalidParameterException", "Username and the attribute that it stands for are not the same.")
	})
}
