package cognitoidp_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
)

// updateOwn calls UpdateUserAttributes and returns where codes went.
func (p *people) updateOwn(access string, attrs ...types.AttributeType) (string, error) {
	p.pass(time.Millisecond) // so that the newest message is the newest
	out, err := p.pub.UpdateUserAttributes(p.t.Context(), &idp.UpdateUserAttributesInput{AccessToken: &access, UserAttributes: attrs})
	if err != nil {
		return "", err
	}
	var to []string
	for _, d := range out.CodeDeliveryDetailsList {
		to = append(to, string(d.DeliveryMedium)+" "+*d.Destination+" "+*d.AttributeName)
	}
	return strings.Join(to, ", "), nil
}

func (p *people) deleteOwn(access string, names ...string) error {
	_, err := p.pub.DeleteUserAttributes(p.t.Context(), &idp.DeleteUserAttributesInput{AccessToken: &access, UserAttributeNames: names})
	return err
}

func (p *people) adminDelete(c *idp.Client, user string, names ...string) error {
	_, err := c.AdminDeleteUserAttributes(p.t.Context(), &idp.AdminDeleteUserAttributesInput{UserPoolId: &p.poolID, Username: &user, UserAttributeNames: names})
	return err
}

func (p *people) sendCode(access, attribute string) error {
	p.pass(time.Millisecond) // so that the newest message is the newest
	_, err := p.pub.GetUserAttributeVerificationCode(p.t.Context(), &idp.GetUserAttributeVerificationCodeInput{AccessToken: &access, AttributeName: &attribute})
	return err
}

func (p *people) verifyAttr(access, attribute, code string) error {
	_, err := p.pub.VerifyUserAttribute(p.t.Context(), &idp.VerifyUserAttributeInput{AccessToken: &access, AttributeName: &attribute, Code: &code})
	return err
}

func (p *people) wantProfile(name, wanted string) {
	p.t.Helper()
	if got := profile(p.get(name).UserAttributes); got != wanted {
		p.t.Errorf("profile of %s is %s\nwant %s", name, got, wanted)
	}
}

// keepsOld makes pools where a new e-mail address waits for its proof.
func keepsOld(in *idp.CreateUserPoolInput) {
	autoVerify(in)
	in.AliasAttributes = []types.AliasAttributeType{types.AliasAttributeTypeEmail, types.AliasAttributeTypePreferredUsername}
	in.UserAttributeUpdateSettings = &types.UserAttributeUpdateSettingsType{
		AttributesRequireVerificationBeforeUpdate: []types.VerifiedAttributeType{types.VerifiedAttributeTypeEmail},
	}
}

func TestUpdateUserAttributes(t *testing.T) {
	eachPeople(t, setup{pool: autoVerifyBoth}, func(t *testing.T, p *people) {
		p.confirmed("alice", proven("alice")...)
		access := *p.tokensOf("alice", goodPassword).AccessToken
		if got := ok(p.updateOwn(access, attr("name", "Alice"), attr("email", "alice@example.com")))(t); got != "" {
			t.Errorf("codes went to %s", got)
		}
		p.wantReply(t, `{"CodeDeliveryDetailsList":[]}`)
		p.wantProfile("alice", "email=alice@example.com email_verified=true name=Alice")

		got := ok(p.updateOwn(access, attr("phone_number", "+4915112345678"), attr("email", "new@example.org"), attr("name", "")))(t)
		if got != "EMAIL n***@e*** email, SMS +*******5678 phone_number" {
			t.Errorf("codes went to %s", got)
		}
		p.wantProfile("alice", "email=new@example.org email_verified=false phone_number_verified=false phone_number=+4915112345678")
		email, phone := p.code("new@example.org"), p.code("+4915112345678")
		want(t, p.verifyAttr(access, "email", wrong(email)), "CodeMismatchException", mismatch)
		if email != phone {
			want(t, p.verifyAttr(access, "email", phone), "CodeMismatchException", mismatch)
		}
		for attribute, code := range map[string]string{"email": email, "phone_number": phone} {
			if err := p.verifyAttr(access, attribute, code); err != nil {
				t.Fatal(err)
			}
			p.wantReply(t, `{}`)
			want(t, p.verifyAttr(access, attribute, code), "ExpiredCodeException", outdated)
		}
		p.wantProfile("alice", "email=new@example.org email_verified=true phone_number_verified=true phone_number=+4915112345678")

		// A code proves the address that it went to, for a day.
		ok(p.updateOwn(access, attr("email", "third@example.org")))(t)
		third := p.code("third@example.org")
		p.update("alice", attr("email", "fourth@example.org"), attr("email_verified", "false"))
		want(t, p.verifyAttr(access, "email", third), "CodeMismatchException", mismatch)
		p.pass(time.Second)
		if err := p.sendCode(access, "email"); err != nil {
			t.Fatal(err)
		}
		p.wantReply(t, `{"CodeDeliveryDetails":{"Destination":"f***@e***","DeliveryMedium":"EMAIL","AttributeName":"email"}}`)
		fourth := p.code("fourth@example.org")
		p.pass(24 * time.Hour)
		access = *p.tokensOf("alice", goodPassword).AccessToken
		want(t, p.verifyAttr(access, "email", fourth), "ExpiredCodeException", outdated)

		if err := p.deleteOwn(access, "email", "nickname"); err != nil {
			t.Fatal(err)
		}
		p.wantReply(t, `{}`)
		p.wantProfile("alice", "phone_number_verified=true phone_number=+4915112345678")
		if err := p.adminDelete(p.admin, "alice", "phone_number"); err != nil {
			t.Fatal(err)
		}
		p.wantProfile("alice", "")
	})
}

func TestVerificationBeforeUpdate(t *testing.T) {
	eachPeople(t, setup{pool: keepsOld}, func(t *testing.T, p *people) {
		p.confirmed("alice", proven("alice")...)
		p.confirmed("bob", proven("bob")...)
		access := *p.tokensOf("alice@example.com", goodPassword).AccessToken
		const before = "email=alice@example.com email_verified=true"
		if got := ok(p.updateOwn(access, attr("email", "new@example.org"), attr("name", "A")))(t); got != "EMAIL n***@e*** email" {
			t.Errorf("codes went to %s", got)
		}
		p.wantProfile("alice", before+" name=A")
		p.tokensOf("alice@example.com", goodPassword)
		_, err := p.signIn("new@example.org", goodPassword)
		want(t, err, "UserNotFoundException", "User does not exist.")

		p.pass(time.Second)
		if err := p.sendCode(access, "email"); err != nil { // again, to the new one
			t.Fatal(err)
		}
		p.wantReply(t, `{"CodeDeliveryDetails":{"Destination":"n***@e***","DeliveryMedium":"EMAIL","AttributeName":"email"}}`)
		if err := p.verifyAttr(access, "email", p.code("new@example.org")); err != nil {
			t.Fatal(err)
		}
		p.wantProfile("alice", "email=new@example.org email_verified=true name=A")
		p.tokensOf("new@example.org", goodPassword)
		_, err = p.signIn("alice@example.com", goodPassword)
		want(t, err, "UserNotFoundException", "User does not exist.")

		// The old address is free for others.
		if err := func() error {
			ok(p.updateOwn(*p.tokensOf("bob", goodPassword).AccessToken, attr("email", "alice@example.com")))(t)
			return p.verifyAttr(*p.tokensOf("bob", goodPassword).AccessToken, "email", p.code("alice@example.com"))
		}(); err != nil {
			t.Fatal(err)
		}
		p.tokensOf("alice@example.com", goodPassword)
		p.wantProfile("bob", before)

		// One that is somebody's alias stays theirs, code or not.
		ok(p.updateOwn(access, attr("email", "alice@example.com")))(t)
		want(t, p.verifyAttr(access, "email", p.code("alice@example.com")), "AliasExistsException", "An account with the email already exists.")

		// What comes later overtakes what waits: the old address again, another
		// one by an administrator, or none.
		for i, overtake := range []func() error{
			func() error { _, err := p.updateOwn(access, attr("email", "new@example.org")); return err },
			func() error {
				p.update("alice", attr("email", "new@example.org"), attr("email_verified", "true"))
				return nil
			},
			func() error { return p.deleteOwn(access, "email") },
		} {
			p.pass(time.Second)
			ok(p.updateOwn(access, attr("email", "waiting@example.org")))(t)
			code := p.code("waiting@example.org")
			if err := overtake(); err != nil {
				t.Fatal(err)
			}
			want(t, p.verifyAttr(access, "email", code), "ExpiredCodeException", outdated)
			if i < 2 {
				p.wantProfile("alice", "email=new@example.org email_verified=true name=A")
			}
		}
		p.wantProfile("alice", "name=A")

		// An administrator's word is proof enough; without it a code goes out.
		p.update("alice", attr("email", "word@example.org"))
		p.wantProfile("alice", "name=A")
		if err := p.verifyAttr(access, "email", p.code("word@example.org")); err != nil {
			t.Fatal(err)
		}
		p.update("alice", attr("email", "given@example.org"), attr("email_verified", "true"))
		p.tokensOf("given@example.org", goodPassword)
	})
}

func TestAliasesMove(t *testing.T) {
	eachPeople(t, setup{pool: keepsOld}, func(t *testing.T, p *people) {
		p.confirmed("alice")
		p.confirmed("bob")
		alice, bob := *p.tokensOf("alice", goodPassword).AccessToken, *p.tokensOf("bob", goodPassword).AccessToken
		ok(p.updateOwn(alice, attr("preferred_username", "queen")))(t)
		p.tokensOf("queen", goodPassword)
		_, err := p.updateOwn(bob, attr("preferred_username", "queen"))
		want(t, err, "AliasExistsException", "An account with the preferred_username already exists.")
		_, err = p.updateOwn(bob, attr("preferred_username", "alice"))
		want(t, err, "AliasExistsException", "An account with the preferred_username already exists.")
		ok(p.updateOwn(alice, attr("preferred_username", "red-queen")))(t)
		ok(p.updateOwn(bob, attr("preferred_username", "queen")))(t)
		if got := p.get("queen").Username; *got != "bob" {
			t.Errorf("queen is %s", *got)
		}
		if err := p.deleteOwn(alice, "preferred_username"); err != nil {
			t.Fatal(err)
		}
		_, err = p.signIn("red-queen", goodPassword)
		want(t, err, "UserNotFoundException", "User does not exist.")
	})
	// Where an address is the username, an unverified new one counts at once.
	p := onePeople(t, setup{pool: func(in *idp.CreateUserPoolInput) {
		autoVerify(in)
		in.UsernameAttributes = []types.UsernameAttributeType{types.UsernameAttributeTypeEmail}
	}})
	p.confirmed("alice@example.com")
	p.confirmed("bob@example.com")
	access := *p.tokensOf("alice@example.com", goodPassword).AccessToken
	_, err := p.updateOwn(access, attr("email", "bob@example.com"))
	want(t, err, "AliasExistsException", "An account with the email already exists.")
	ok(p.updateOwn(access, attr("email", "new@example.com")))(t)
	p.tokensOf("new@example.com", goodPassword)
	p.confirmed("alice@example.com")
	want(t, p.deleteOwn(access, "email"), "InvalidParameterException", "Invalid user attributes: email: Required attribute cannot be deleted.")
}

func TestAttributesRefused(t *testing.T) {
	p := onePeople(t, setup{
		pool: func(in *idp.CreateUserPoolInput) {
			autoVerify(in)
			in.Schema = []types.SchemaAttributeType{
				{Name: aws.String("name"), Required: aws.Bool(true)},
				{Name: aws.String("fixed"), AttributeDataType: types.AttributeDataTypeString, Mutable: aws.Bool(false)},
				{Name: aws.String("free"), AttributeDataType: types.AttributeDataTypeString},
				{Name: aws.String("secret"), AttributeDataType: types.AttributeDataTypeString, DeveloperOnlyAttribute: aws.Bool(true)},
			}
		},
		client: func(in *idp.CreateUserPoolClientInput) {
			in.WriteAttributes = []string{"name", "email", "gender", "custom:fixed", "custom:free"}
			in.ReadAttributes = []string{"name", "custom:free"}
		},
	})
	p.confirmed("alice", attr("name", "A"), attr("custom:fixed", "1"), attr("dev:custom:secret", "s"), attr("email", "a@b.c"), attr("email_verified", "true"))
	r := p.tokensOf("alice", goodPassword)
	const (
		unauthorized = "A client attempted to write unauthorized attribute"
		immutable    = "user.custom:fixed: Attribute cannot be updated. (changing an immutable attribute)"
		access       = "Invalid Access Token"
		unverifiable = "Invalid attribute name. Only phone_number and email can be verified."
	)
	token := *r.AccessToken
	for _, a := range []types.AttributeType{
		attr("nickname", "x"), attr("email_verified", "true"), attr("sub", "x"), attr("dev:custom:secret", "x"), attr("custom:unknown", "x"), attr("identities", "[]"),
	} {
		_, err := p.updateOwn(token, a)
		want(t, err, "NotAuthorizedException", unauthorized)
		want(t, p.deleteOwn(token, *a.Name), "NotAuthorizedException", unauthorized)
	}
	_, err := p.updateOwn(token, attr("custom:fixed", "2"))
	want(t, err, "InvalidParameterException", immutable)
	want(t, p.deleteOwn(token, "custom:fixed"), "InvalidParameterException", immutable)
	want(t, p.adminDelete(p.admin, "alice", "custom:fixed"), "InvalidParameterException", immutable)
	want(t, p.deleteOwn(token, "name"), "InvalidParameterException", "Invalid user attributes: name: Required attribute cannot be deleted.")
	want(t, p.adminDelete(p.admin, "alice", "sub"), "InvalidParameterException", "Invalid user attributes: sub: Required attribute cannot be deleted.")
	_, err = p.updateOwn(token, attr("email", "nobody"))
	want(t, err, "InvalidParameterException", "Invalid email address format.")
	_, err = p.updateOwn(token, attr("name", "x"), attr("name", "y"))
	want(t, err, "InvalidParameterException", "Attributes were given twice.")

	// What only developers may see, they may write and take away.
	out := ok(p.pub.GetUser(t.Context(), &idp.GetUserInput{AccessToken: &token}))(t)
	if got := profile(out.UserAttributes); got != "name=A" {
		t.Errorf("the client reads %s", got)
	}
	p.update("alice", attr("dev:custom:secret", "t"))
	p.wantProfile("alice", "name=A custom:fixed=1 dev:custom:secret=t email=a@b.c email_verified=true")
	if err := p.adminDelete(p.admin, "alice", "dev:custom:secret"); err != nil {
		t.Fatal(err)
	}
	p.wantReply(t, `{}`)

	for _, err := range []error{p.verifyAttr(token, "name", "123456"), p.sendCode(token, "name"), p.verifyAttr(token, "sub", "123456")} {
		want(t, err, "InvalidParameterException", unverifiable)
	}
	want(t, p.sendCode(token, "phone_number"), "InvalidParameterException", "User does not have a value for phone_number to be verified.")
	want(t, p.verifyAttr(token, "phone_number", "123456"), "ExpiredCodeException", outdated)
	want(t, p.adminDelete(p.admin, "nobody", "email"), "UserNotFoundException", "User does not exist.")
	want(t, p.adminDelete(p.root(beta, west), "alice", "email"), "ResourceNotFoundException", "User pool "+p.poolID+" does not exist.")

	// None of it takes anything but an access token.
	_, err = p.updateOwn(*r.IdToken, attr("name", "x"))
	_, gone := p.pub.DeleteUser(t.Context(), &idp.DeleteUserInput{AccessToken: r.IdToken})
	for _, err := range []error{
		err, gone, p.deleteOwn(*r.IdToken, "gender"), p.sendCode(*r.IdToken, "email"), p.verifyAttr(*r.IdToken, "email", "123456"),
	} {
		want(t, err, "NotAuthorizedException", access)
	}
	p.wantProfile("alice", "name=A custom:fixed=1 email=a@b.c email_verified=true")
}

func TestAttributeCodeCaps(t *testing.T) {
	p := onePeople(t, setup{pool: autoVerify})
	p.confirmed("alice", attr("email", "alice@example.com"))
	access := *p.tokensOf("alice", goodPassword).AccessToken
	for range 5 {
		if err := p.sendCode(access, "email"); err != nil {
			t.Fatal(err)
		}
	}
	want(t, p.sendCode(access, "email"), "LimitExceededException", tooOften)
	bad := wrong(p.code("alice@example.com"))
	for range 15 {
		want(t, p.verifyAttr(access, "email", bad), "CodeMismatchException", mismatch)
	}
	want(t, p.verifyAttr(access, "email", bad), "LimitExceededException", tooOften)
	for i := range 15 {
		ok(p.updateOwn(access, attr("email", string(rune('a'+i))+"@example.com")))(t)
	}
	_, err := p.updateOwn(access, attr("email", "z@example.com"))
	want(t, err, "TooManyRequestsException", "Rate exceeded")
	ok(p.updateOwn(access, attr("name", "no code, no cap")))(t)
}

func TestDeleteUser(t *testing.T) {
	eachPeople(t, setup{pool: keepsOld}, func(t *testing.T, p *people) {
		p.confirmed("alice", proven("alice")...)
		r := p.tokensOf("alice", goodPassword)
		ok(p.updateOwn(*r.AccessToken, attr("email", "next@example.org")))(t)
		code := p.code("next@example.org")
		ok(p.pub.DeleteUser(t.Context(), &idp.DeleteUserInput{AccessToken: r.AccessToken}))(t)
		const gone = "User does not exist."
		want(t, p.whoami(*r.AccessToken), "UserNotFoundException", gone)
		want(t, p.verifyAttr(*r.AccessToken, "email", code), "UserNotFoundException", gone)
		_, err := p.refresh(*r.RefreshToken)
		want(t, err, "NotAuthorizedException", "Invalid Refresh Token")
		_, err = p.signIn("alice@example.com", goodPassword)
		want(t, err, "UserNotFoundException", gone)
		p.confirmed("alice", proven("alice")...) // every name is free again
	})
}
