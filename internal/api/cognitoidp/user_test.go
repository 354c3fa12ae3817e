package cognitoidp_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/google/go-cmp/cmp"
)

func TestAdminCreateUser(t *testing.T) {
	eachPeople(t, setup{}, func(t *testing.T, p *people) {
		out, err := p.admin.AdminCreateUser(t.Context(), &idp.AdminCreateUserInput{
			UserPoolId: &p.poolID, Username: aws.String("alice"), DesiredDeliveryMediums: []types.DeliveryMediumType{types.DeliveryMediumTypeEmail},
			UserAttributes: []types.AttributeType{attr("email", "alice@example.com"), attr("email_verified", "true")},
		})
		if err != nil {
			t.Fatal(err)
		}
		u := out.User
		if *u.Username != "alice" || !u.Enabled || u.UserStatus != types.UserStatusTypeForceChangePassword || *u.Attributes[0].Name != "sub" ||
			profile(u.Attributes) != "email=alice@example.com email_verified=true" {
			t.Errorf("reply %s", p.raw)
		}
		if got := u.UserCreateDate.UTC(); got.Sub(p.now()).Abs() > time.Millisecond {
			t.Errorf("created %v, want %v", got, p.now())
		}
		subject, body := p.mail("alice@example.com")
		password, found := strings.CutPrefix(body, "Your username is alice and temporary password is ")
		if !found || subject != "Your temporary password" {
			t.Fatalf("invitation %q: %q", subject, body)
		}
		if out, err := p.signIn("alice", strings.TrimSuffix(password, ".")); err != nil || out.ChallengeName != types.ChallengeNameTypeNewPasswordRequired {
			t.Errorf("sign-in with the password that was sent: %v %s", err, p.raw)
		}
		_, err = p.admin.AdminCreateUser(t.Context(), &idp.AdminCreateUserInput{UserPoolId: &p.poolID, Username: aws.String("alice")})
		want(t, err, "UsernameExistsException", "User account already exists")
		_, err = p.root(beta, west).AdminCreateUser(t.Context(), &idp.AdminCreateUserInput{UserPoolId: &p.poolID, Username: aws.String("bob")})
		want(t, err, "ResourceNotFoundException", "User pool "+p.poolID+" does not exist.")
		_, err = p.root(alpha, tokyo).AdminCreateUser(t.Context(), &idp.AdminCreateUserInput{UserPoolId: &p.poolID, Username: aws.String("bob")})
		want(t, err, "ResourceNotFoundException", "User pool "+p.poolID+" does not exist.")
	})
}

func TestAdminCreateUserIsChecked(t *testing.T) {
	p := onePeople(t, setup{pool: func(in *idp.CreateUserPoolInput) {
		in.Schema = []types.SchemaAttributeType{{Name: aws.String("name"), Required: aws.Bool(true)}}
	}})
	for _, c := range []struct {
		change        func(*idp.AdminCreateUserInput)
		code, message string
	}{
		{
			func(in *idp.AdminCreateUserInput) { in.UserAttributes = []types.AttributeType{attr("custom:x", "1")} },
			"InvalidParameterException", "Type for attribute {custom:x} could not be determined",
		},
		{
			func(in *idp.AdminCreateUserInput) { in.UserAttributes = []types.AttributeType{attr("sub", "1")} },
			"InvalidParameterException", "user.sub: Attribute cannot be updated. (changing an immutable attribute)",
		},
		{
			func(in *idp.AdminCreateUserInput) {
				in.UserAttributes = []types.AttributeType{attr("email_verified", "true")}
			},
			"InvalidParameterException", "Email is required to verify/un-verify an email",
		},
		{
			func(in *idp.AdminCreateUserInput) { in.TemporaryPassword = aws.String("weak") },
			"InvalidPasswordException", "Password did not conform with policy: Password not long enough",
		},
		{func(in *idp.AdminCreateUserInput) {
			in.DesiredDeliveryMediums = []types.DeliveryMediumType{types.DeliveryMediumTypeEmail}
		}, "InvalidParameterException", "User does not have a delivery address for the desired delivery medium."},
	} {
		in := &idp.AdminCreateUserInput{UserPoolId: &p.poolID, Username: aws.String("alice")}
		c.change(in)
		_, err := p.admin.AdminCreateUser(t.Context(), in)
		want(t, err, c.code, c.message)
	}
	// Required attributes may be missing, and nothing is sent to who has no
	// phone: the default medium is SMS.
	if _, err := p.admin.AdminCreateUser(t.Context(), &idp.AdminCreateUserInput{UserPoolId: &p.poolID, Username: aws.String("alice")}); err != nil {
		t.Error(err)
	}
	if sent, err := p.db.Outbox().Recent(t.Context(), p.poolID, 1); err != nil || len(sent) != 0 {
		t.Errorf("%d messages (%v)", len(sent), err)
	}
}

func TestInvitationsCanBeSentAgain(t *testing.T) {
	p := onePeople(t, setup{})
	p.invited("alice", goodPassword, attr("phone_number", "+15550100123"))
	p.pass(8 * 24 * time.Hour)
	again := &idp.AdminCreateUserInput{UserPoolId: &p.poolID, Username: aws.String("alice"), MessageAction: types.MessageActionTypeResend}
	if _, err := p.admin.AdminCreateUser(t.Context(), again); err != nil {
		t.Fatal(err)
	}
	_, body := p.mail("+15550100123")
	_, password, found := strings.Cut(body, "temporary password is ")
	if !found {
		t.Fatal(body)
	}
	if out, err := p.signIn("alice", strings.TrimSuffix(password, ".")); err != nil || out.Session == nil {
		t.Errorf("the new password: %v", err)
	}
	_, err := p.signIn("alice", goodPassword)
	want(t, err, "NotAuthorizedException", incorrect)
	p.setPassword("alice", goodPassword, true)
	_, err = p.admin.AdminCreateUser(t.Context(), again)
	want(t, err, "UnsupportedUserStateException", "Resend not possible. alice status is not FORCE_CHANGE_PASSWORD")
	again.Username = aws.String("bob")
	_, err = p.admin.AdminCreateUser(t.Context(), again)
	want(t, err, "UserNotFoundException", noUser)
}

func TestForcedAliasAtCreation(t *testing.T) {
	p := onePeople(t, setup{pool: func(in *idp.CreateUserPoolInput) {
		in.AliasAttributes = []types.AliasAttributeType{types.AliasAttributeTypePhoneNumber}
	}})
	phone := []types.AttributeType{attr("phone_number", "+15550100123"), attr("phone_number_verified", "true")}
	p.confirmed("first", phone...)
	in := &idp.AdminCreateUserInput{
		UserPoolId: &p.poolID, Username: aws.String("second"), UserAttributes: phone, MessageAction: types.MessageActionTypeSuppress,
	}
	_, err := p.admin.AdminCreateUser(t.Context(), in)
	want(t, err, "UsernameExistsException", "An account with the phone_number already exists.")
	in.ForceAliasCreation = true
	if _, err := p.admin.AdminCreateUser(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	if u := p.get("+15550100123"); *u.Username != "second" {
		t.Errorf("the alias means %s", *u.Username)
	}
	if got := profile(p.get("first").UserAttributes); got != "phone_number=+15550100123 phone_number_verified=false" {
		t.Errorf("the former holder has %s", got)
	}
}

func TestAdminGetUser(t *testing.T) {
	eachPeople(t, setup{}, func(t *testing.T, p *people) {
		p.confirmed("alice", attr("name", "Alice"))
		u := p.get("alice")
		if *u.Username != "alice" || !u.Enabled || u.UserStatus != types.UserStatusTypeConfirmed || u.PreferredMfaSetting != nil || u.UserMFASettingList != nil {
			t.Errorf("reply %s", p.raw)
		}
		if !strings.HasPrefix(string(p.raw), `{"Username":"alice","UserAttributes":[{"Name":"sub","Value":"`) {
			t.Errorf("reply begins %.80s", p.raw)
		}
		if same := p.get(sub(t, u.UserAttributes)); *same.Username != "alice" {
			t.Errorf("by sub: %s", *same.Username)
		}
		for _, name := range []string{"Alice", "bob"} {
			_, err := p.admin.AdminGetUser(t.Context(), &idp.AdminGetUserInput{UserPoolId: &p.poolID, Username: &name})
			want(t, err, "UserNotFoundException", noUser)
		}
		_, err := p.root(beta, west).AdminGetUser(t.Context(), &idp.AdminGetUserInput{UserPoolId: &p.poolID, Username: aws.String("alice")})
		want(t, err, "ResourceNotFoundException", "User pool "+p.poolID+" does not exist.")
	})
}

func TestAdminSetUserPassword(t *testing.T) {
	p := onePeople(t, setup{pool: func(in *idp.CreateUserPoolInput) {
		in.Policies = &types.UserPoolPolicyType{PasswordPolicy: &types.PasswordPolicyType{MinimumLength: aws.Int32(8), PasswordHistorySize: aws.Int32(2)}}
	}})
	p.invited("alice", "password-0")
	set := func(name, password string) error {
		_, err := p.admin.AdminSetUserPassword(t.Context(), &idp.AdminSetUserPasswordInput{
			UserPoolId: &p.poolID, Username: &name, Password: &password, Permanent: true,
		})
		return err
	}
	want(t, set("bob", "password-1"), "UserNotFoundException", noUser)
	want(t, set("alice", "short"), "InvalidPasswordException", "Password did not conform with policy: Password not long enough")
	for _, c := range []struct {
		password string
		used     bool
	}{
		{"password-1", false}, {"password-1", true}, {"password-0", true}, {"password-2", false}, {"password-1", true}, {"password-0", false},
	} {
		err := set("alice", c.password)
		if c.used {
			want(t, err, "PasswordHistoryPolicyViolationException", "Password has previously been used")
		} else if err != nil {
			t.Errorf("%s: %v", c.password, err)
		}
	}
	p.tokensOf("alice", "password-0")
	p.setPassword("alice", "password-9", false)
	if u := p.get("alice"); u.UserStatus != types.UserStatusTypeForceChangePassword {
		t.Errorf("status %s after a temporary password", u.UserStatus)
	}
}

func TestDisabledAndDeletedUsers(t *testing.T) {
	eachPeople(t, setup{}, func(t *testing.T, p *people) {
		p.confirmed("alice")
		r := p.tokensOf("alice", goodPassword)
		who := &idp.GetUserInput{AccessToken: r.AccessToken}
		_, err := p.admin.AdminDisableUser(t.Context(), &idp.AdminDisableUserInput{UserPoolId: &p.poolID, Username: aws.String("alice")})
		if err != nil {
			t.Fatal(err)
		}
		if p.get("alice").Enabled {
			t.Error("still enabled")
		}
		for range 2 { // enabling again does not bring tokens back
			_, err = p.pub.GetUser(t.Context(), who)
			want(t, err, "NotAuthorizedException", "Access Token has been revoked")
			_, err = p.initiate(types.AuthFlowTypeRefreshTokenAuth, "REFRESH_TOKEN", *r.RefreshToken)
			want(t, err, "NotAuthorizedException", "Refresh Token has been revoked")
			_, err := p.admin.AdminEnableUser(t.Context(), &idp.AdminEnableUserInput{UserPoolId: &p.poolID, Username: aws.String("alice")})
			if err != nil {
				t.Fatal(err)
			}
		}
		r = p.tokensOf("alice", goodPassword)
		del := &idp.AdminDeleteUserInput{UserPoolId: &p.poolID, Username: aws.String("alice")}
		if _, err := p.admin.AdminDeleteUser(t.Context(), del); err != nil || len(p.raw) != 0 {
			t.Fatalf("%v, body %q", err, p.raw)
		}
		_, err = p.admin.AdminDeleteUser(t.Context(), del)
		want(t, err, "UserNotFoundException", noUser)
		_, err = p.pub.GetUser(t.Context(), &idp.GetUserInput{AccessToken: r.AccessToken})
		want(t, err, "UserNotFoundException", noUser)
		_, err = p.initiate(types.AuthFlowTypeRefreshTokenAuth, "REFRESH_TOKEN", *r.RefreshToken)
		want(t, err, "NotAuthorizedException", "Invalid Refresh Token")
		_, err = p.signIn("alice", goodPassword)
		want(t, err, "UserNotFoundException", noUser)
		p.confirmed("alice") // the name is free again, and means somebody else
		_, err = p.pub.GetUser(t.Context(), &idp.GetUserInput{AccessToken: r.AccessToken})
		want(t, err, "UserNotFoundException", noUser)
	})
}

func TestAdminUpdateUserAttributes(t *testing.T) {
	p := onePeople(t, setup{pool: func(in *idp.CreateUserPoolInput) {
		in.Schema = []types.SchemaAttributeType{
			{Name: aws.String("fixed"), AttributeDataType: types.AttributeDataTypeString, Mutable: aws.Bool(false)},
			{Name: aws.String("level"), AttributeDataType: types.AttributeDataTypeNumber},
			{Name: aws.String("family_name"), Required: aws.Bool(true)},
		}
	}})
	p.confirmed("alice", attr("email", "a@example.com"), attr("email_verified", "true"), attr("custom:fixed", "x"), attr("family_name", "A"))
	for _, c := range []struct {
		given         []types.AttributeType
		code, message string
	}{
		{[]types.AttributeType{attr("custom:fixed", "y")}, "InvalidParameterException", "user.custom:fixed: Attribute cannot be updated. (changing an immutable attribute)"},
		{[]types.AttributeType{attr("sub", "y")}, "InvalidParameterException", "user.sub: Attribute cannot be updated. (changing an immutable attribute)"},
		{[]types.AttributeType{attr("custom:gone", "y")}, "InvalidParameterException", "Type for attribute {custom:gone} could not be determined"},
		{[]types.AttributeType{attr("custom:level", "high")}, "InvalidParameterException", "Attributes did not conform to the schema: custom:level: Value must be a whole number\n"},
		{[]types.AttributeType{attr("phone_number_verified", "true")}, "InvalidParameterException", "Phone number is required to verify/un-verify a phone number"},
	} {
		_, err := p.admin.AdminUpdateUserAttributes(t.Context(), &idp.AdminUpdateUserAttributesInput{
			UserPoolId: &p.poolID, Username: aws.String("alice"), UserAttributes: c.given,
		})
		want(t, err, c.code, c.message)
	}
	_, err := p.admin.AdminUpdateUserAttributes(t.Context(), &idp.AdminUpdateUserAttributesInput{
		UserPoolId: &p.poolID, Username: aws.String("bob"), UserAttributes: []types.AttributeType{attr("name", "B")},
	})
	want(t, err, "UserNotFoundException", noUser)
	for _, c := range []struct {
		given []types.AttributeType
		want  string
	}{
		{[]types.AttributeType{attr("custom:fixed", "x"), attr("name", "Alice")}, "email=a@example.com email_verified=true custom:fixed=x family_name=A name=Alice"},
		{[]types.AttributeType{attr("email", "b@example.com")}, "email=b@example.com email_verified=false custom:fixed=x family_name=A name=Alice"},
		{[]types.AttributeType{attr("email", "c@example.com"), attr("email_verified", "True")}, "email=c@example.com email_verified=true custom:fixed=x family_name=A name=Alice"},
		{[]types.AttributeType{attr("name", ""), attr("email", "")}, "custom:fixed=x family_name=A"},
	} {
		p.update("alice", c.given...)
		if got := profile(p.get("alice").UserAttributes); got != c.want {
			t.Errorf("after %s: %s, want %s", profile(c.given), got, c.want)
		}
	}
}

func TestListUsersThroughTheAPI(t *testing.T) {
	eachPeople(t, setup{pool: func(in *idp.CreateUserPoolInput) {
		in.Schema = []types.SchemaAttributeType{{Name: aws.String("given_name"), Required: aws.Bool(true)}}
	}}, func(t *testing.T, p *people) {
		for i := range 7 {
			p.invited(fmt.Sprintf("user%d", i), goodPassword, attr("email", fmt.Sprintf("u%d@example.com", i)), attr("given_name", "Sam"))
		}
		p.invited("odd", goodPassword)
		list := func(in *idp.ListUsersInput) (names []string, pages int) {
			t.Helper()
			in.UserPoolId = &p.poolID
			pager := idp.NewListUsersPaginator(p.admin, in)
			for pager.HasMorePages() {
				out, err := pager.NextPage(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				pages++
				for _, u := range out.Users {
					names = append(names, *u.Username)
				}
			}
			slices.Sort(names)
			return names, pages
		}
		names, pages := list(&idp.ListUsersInput{Limit: aws.Int32(3)})
		if diff := cmp.Diff([]string{"odd", "user0", "user1", "user2", "user3", "user4", "user5", "user6"}, names); diff != "" || pages != 3 {
			t.Errorf("%d pages: %s", pages, diff)
		}
		names, pages = list(&idp.ListUsersInput{Limit: aws.Int32(2), Filter: aws.String(`given_name ^= "s"`)})
		if len(names) != 7 || pages != 4 {
			t.Errorf("%v on %d pages", names, pages)
		}
		if names, _ = list(&idp.ListUsersInput{Filter: aws.String(`email="U3@EXAMPLE.COM"`)}); len(names) != 1 || names[0] != "user3" {
			t.Errorf("by e-mail address: %v", names)
		}

		first, err := p.admin.ListUsers(t.Context(), &idp.ListUsersInput{UserPoolId: &p.poolID, Limit: aws.Int32(1)})
		if err != nil {
			t.Fatal(err)
		}
		for name, change := range map[string]func(*idp.ListUsersInput){
			"another filter":  func(in *idp.ListUsersInput) { in.Filter = aws.String(`status = "Enabled"`) },
			"another pool":    func(in *idp.ListUsersInput) { in.UserPoolId = aws.String(p.pool(p.admin)) },
			"an hour later":   func(*idp.ListUsersInput) { p.pass(time.Hour) },
			"a changed token": func(in *idp.ListUsersInput) { in.PaginationToken = aws.String("A" + (*in.PaginationToken)[1:] + "A") },
		} {
			in := &idp.ListUsersInput{UserPoolId: &p.poolID, Limit: aws.Int32(1), PaginationToken: first.PaginationToken}
			change(in)
			_, err := p.admin.ListUsers(t.Context(), in)
			if err == nil || !strings.Contains(err.Error(), "Invalid pagination token given.") {
				t.Errorf("token with %s: %v", name, err)
			}
			p.pass(-time.Hour)
			if name != "an hour later" {
				p.pass(time.Hour)
			}
		}
		for _, c := range []struct {
			in            idp.ListUsersInput
			code, message string
		}{
			{idp.ListUsersInput{Filter: aws.String("email")}, "InvalidParameterException", "Error while parsing filter"},
			{idp.ListUsersInput{Filter: aws.String(`email = "a" and name = "b"`)}, "InvalidParameterException", "Error while parsing filter"},
			{idp.ListUsersInput{Filter: aws.String(`custom:x = "a"`)}, "InvalidParameterException", "Invalid search attribute: custom:x"},
			{idp.ListUsersInput{AttributesToGet: []string{"nothing"}}, "InvalidParameterException", "One or more requested attributes do not exist."},
			{idp.ListUsersInput{AttributesToGet: []string{"given_name"}}, "InvalidParameterException", "User attribute given_name is required but not set for every user in the result."},
		} {
			c.in.UserPoolId = &p.poolID
			_, err := p.admin.ListUsers(t.Context(), &c.in)
			want(t, err, c.code, c.message)
		}
		out, err := p.admin.ListUsers(t.Context(), &idp.ListUsersInput{
			UserPoolId: &p.poolID, AttributesToGet: []string{"email"}, Filter: aws.String(`username = "user1"`),
		})
		if err != nil || len(out.Users) != 1 || len(out.Users[0].Attributes) != 1 || *out.Users[0].Attributes[0].Value != "u1@example.com" || out.PaginationToken != nil {
			t.Errorf("%v: %s", err, p.raw)
		}
		described, err := p.admin.DescribeUserPool(t.Context(), &idp.DescribeUserPoolInput{UserPoolId: &p.poolID})
		if err != nil || described.UserPool.EstimatedNumberOfUsers != 8 {
			t.Errorf("estimate %v (%v)", described.UserPool.EstimatedNumberOfUsers, err)
		}
	})
}

// A pool goes with its users, and none of their tokens outlives it.
func TestDeletedPoolsHaveNoUsers(t *testing.T) {
	eachPeople(t, setup{}, func(t *testing.T, p *people) {
		p.confirmed("alice")
		r := p.tokensOf("alice", goodPassword)
		if _, err := p.admin.DeleteUserPool(t.Context(), &idp.DeleteUserPoolInput{UserPoolId: &p.poolID}); err != nil {
			t.Fatal(err)
		}
		_, err := p.signIn("alice", goodPassword)
		want(t, err, "ResourceNotFoundException", "User pool client "+p.client+" does not exist.")
		if _, err = p.pub.GetUser(t.Context(), &idp.GetUserInput{AccessToken: r.AccessToken}); err == nil {
			t.Error("a token of a deleted pool is still good")
		}
		if n, err := p.db.Users().CountUsers(t.Context(), p.poolID); n != 0 || err != nil {
			t.Errorf("%d users left (%v)", n, err)
		}
	})
}

// Who may call the signed operations is IAM's decision, pool by pool.
func TestUserOperationsAskIAM(t *testing.T) {
	p := onePeople(t, setup{})
	p.confirmed("alice")
	arn := "arn:aws:cognito-idp:us-west-2:" + alpha + ":userpool/"
	reader := p.user("reader", west, `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"cognito-idp:AdminGetUser","Resource":"`+arn+p.poolID+`"}}`)
	if _, err := reader.AdminGetUser(t.Context(), &idp.AdminGetUserInput{UserPoolId: &p.poolID, Username: aws.String("alice")}); err != nil {
		t.Error(err)
	}
	_, err := reader.AdminDeleteUser(t.Context(), &idp.AdminDeleteUserInput{UserPoolId: &p.poolID, Username: aws.String("alice")})
	want(t, err, "AccessDeniedException", "arn:aws:iam::"+alpha+":user/reader may not cognito-idp:AdminDeleteUser on "+arn+p.poolID)
	other := p.pool(p.admin)
	_, err = reader.AdminGetUser(t.Context(), &idp.AdminGetUserInput{UserPoolId: &other, Username: aws.String("alice")})
	want(t, err, "AccessDeniedException", "arn:aws:iam::"+alpha+":user/reader may not cognito-idp:AdminGetUser on "+arn+other)
	p.get("alice")
}
