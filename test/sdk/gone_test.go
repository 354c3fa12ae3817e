package sdk

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	ci "github.com/aws/aws-sdk-go-v2/service/cognitoidentity"
	citypes "github.com/aws/aws-sdk-go-v2/service/cognitoidentity/types"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// Keys live no longer than their role, and a new role of the same name is
// another role.
func TestDeletedRole(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p := w.people(t, w.alpha, west)
		i := w.identities(t, w.alpha, tokyo, p)
		login := p.login(p.signIn("alice").IdToken)
		alice := i.id(login)
		keys := i.keys(alice, login)
		describe := func(c aws.Credentials) error {
			_, err := w.identity(c, tokyo).DescribeIdentityPool(t.Context(), &ci.DescribeIdentityPoolInput{IdentityPoolId: &i.pool})
			return err
		}
		if err := describe(keys); err != nil {
			t.Fatal(err)
		}

		i.deleteRole(authRole)
		_, err := i.tryKeys(alice, login)
		refused[*citypes.InvalidIdentityPoolConfigurationException](t, "new keys", err, textRoles)
		w.rejected(t, "old keys", keys, "InvalidClientTokenId", "UnrecognizedClientException", textUnknownKey)

		i.role(authRole, trust(i.pool, "authenticated"), allow("cognito-identity:DescribeIdentityPool", i.arn()))
		w.rejected(t, "old keys and a new role of that name", keys, "InvalidClientTokenId", "UnrecognizedClientException", textUnknownKey)
		if err := describe(i.keys(alice, login)); err != nil {
			t.Errorf("keys of the new role: %v", err)
		}
	})
}

func TestDeletedPools(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p := w.people(t, w.alpha, west)
		i := w.identities(t, w.beta, tokyo, p)
		tokens := p.signIn("alice")
		login := p.login(tokens.IdToken)
		alice := i.id(login)
		keys := i.keys(alice, login)

		// The user pool: its tokens are worth nothing from now on.
		must(p.admin.DeleteUserPool(t.Context(), &idp.DeleteUserPoolInput{UserPoolId: &p.pool}))(t)
		i.shut("a token of a deleted user pool", alice, login, textSignature)
		_, err := p.public.GetUser(t.Context(), &idp.GetUserInput{AccessToken: tokens.AccessToken})
		refused[*types.NotAuthorizedException](t, "GetUser", err, "Could not verify signature for Access Token")
		_, err = p.public.InitiateAuth(t.Context(), &idp.InitiateAuthInput{
			ClientId: &p.client, AuthFlow: types.AuthFlowTypeRefreshTokenAuth, AuthParameters: map[string]string{"REFRESH_TOKEN": *tokens.RefreshToken},
		})
		refused[*types.ResourceNotFoundException](t, "refresh", err, "User pool client "+p.client+" does not exist.")
		_, err = p.admin.AdminGetUser(t.Context(), &idp.AdminGetUserInput{UserPoolId: &p.pool, Username: aws.String("alice")})
		refused[*types.ResourceNotFoundException](t, "AdminGetUser", err, "User pool "+p.pool+" does not exist.")
		w.caller(t, keys) // which the identity pool gave, and which live on

		// The identity pool, with its identities.
		must(i.admin.DeleteIdentityPool(t.Context(), &ci.DeleteIdentityPoolInput{IdentityPoolId: &i.pool}))(t)
		_, err = i.tryID(nil)
		refused[*citypes.ResourceNotFoundException](t, "GetId", err, "IdentityPool '"+i.pool+"' not found.")
		_, err = i.tryKeys(alice, login)
		refused[*citypes.ResourceNotFoundException](t, "GetCredentialsForIdentity", err, "Identity '"+alice+"' not found.")
		_, err = i.admin.DescribeIdentityPool(t.Context(), &ci.DescribeIdentityPoolInput{IdentityPoolId: &i.pool})
		refused[*citypes.ResourceNotFoundException](t, "DescribeIdentityPool", err, "IdentityPool '"+i.pool+"' not found.")
	})
}

func TestDeletedIdentity(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p := w.people(t, w.alpha, west)
		i := w.identities(t, w.alpha, tokyo, p)
		login := p.login(p.signIn("alice").IdToken)
		alice := i.id(login)
		must(i.admin.DeleteIdentities(t.Context(), &ci.DeleteIdentitiesInput{IdentityIdsToDelete: []string{alice}}))(t)
		_, err := i.tryKeys(alice, login)
		refused[*citypes.ResourceNotFoundException](t, "keys", err, "Identity '"+alice+"' not found.")
		if again := i.id(login); again == alice {
			t.Error("the identity is back")
		}
	})
}

// What is left of a user who is deleted, disabled or signed out: nothing at
// the user pool; at an identity pool an ID token that ages, unless the pool
// asks the user pool.
func TestGoneUsers(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for name, c := range map[string]struct {
			leave   func(p *people) error
			getUser string // "" if the exception is UserNotFoundException
			refresh string
		}{
			"deleted by the administrator": {
				func(p *people) error {
					_, err := p.admin.AdminDeleteUser(t.Context(), &idp.AdminDeleteUserInput{UserPoolId: &p.pool, Username: aws.String("alice")})
					return err
				}, "", "Invalid Refresh Token",
			},
			"disabled": {
				func(p *people) error {
					_, err := p.admin.AdminDisableUser(t.Context(), &idp.AdminDisableUserInput{UserPoolId: &p.pool, Username: aws.String("alice")})
					return err
				}, "Access Token has been revoked", "Refresh Token has been revoked",
			},
			"signed out everywhere": {
				func(p *people) error {
					_, err := p.admin.AdminUserGlobalSignOut(t.Context(), &idp.AdminUserGlobalSignOutInput{UserPoolId: &p.pool, Username: aws.String("alice")})
					return err
				}, "Access Token has been revoked", "Refresh Token has been revoked",
			},
		} {
			p := w.people(t, w.alpha, west)
			i := w.identities(t, w.alpha, tokyo, p)
			tokens := p.signIn("alice")
			login := p.login(tokens.IdToken)
			alice := i.id(login)
			w.Clock().Advance(time.Second)
			if err := c.leave(p); err != nil {
				t.Fatalf("%s: %v", name, err)
			}

			_, err := p.public.GetUser(t.Context(), &idp.GetUserInput{AccessToken: tokens.AccessToken})
			if c.getUser == "" {
				refused[*types.UserNotFoundException](t, name+": GetUser", err, "User does not exist.")
			} else {
				refused[*types.NotAuthorizedException](t, name+": GetUser", err, c.getUser)
			}
			_, err = p.public.InitiateAuth(t.Context(), &idp.InitiateAuthInput{
				ClientId: &p.client, AuthFlow: types.AuthFlowTypeRefreshTokenAuth, AuthParameters: map[string]string{"REFRESH_TOKEN": *tokens.RefreshToken},
			})
			refused[*types.NotAuthorizedException](t, name+": refresh", err, c.refresh)

			i.keys(alice, login)
			i.trusted[0].ServerSideTokenCheck = aws.Bool(true)
			i.update(true)
			i.shut("a token of a user who is "+name, alice, login, "Invalid login token. Token has been revoked or its user is disabled.")
			for _, role := range []string{authRole, guestRole} {
				i.deleteRole(role)
			}
		}
	})
}

// An identity id says which pool it is of; it opens no other one.
func TestIdentityOfAnotherPool(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p, stranger := w.people(t, w.alpha, west), w.people(t, w.beta, west)
		mine, theirs := w.identities(t, w.alpha, tokyo, p), w.identities(t, w.beta, tokyo, stranger)
		login, theirLogin := p.login(p.signIn("alice").IdToken), stranger.login(stranger.signIn("alice").IdToken)
		alice, other := mine.id(login), theirs.id(theirLogin)
		for name, enter := range mine.entrances(other) {
			if name != "GetId" {
				refused[*citypes.NotAuthorizedException](t, name+" of theirs with my login", enter(login), textUnsupported)
			}
		}
		for name, enter := range theirs.entrances(alice) {
			if name != "GetId" {
				refused[*citypes.NotAuthorizedException](t, name+" of mine with their login", enter(theirLogin), textUnsupported)
			}
		}
		_, err := mine.admin.DescribeIdentity(t.Context(), &ci.DescribeIdentityInput{IdentityId: &other})
		refused[*citypes.NotAuthorizedException](t, "DescribeIdentity of theirs", err, "Access to Identity '"+other+"' is forbidden.")
		_, err = mine.admin.DescribeIdentityPool(t.Context(), &ci.DescribeIdentityPoolInput{IdentityPoolId: &theirs.pool})
		refused[*citypes.NotAuthorizedException](t, "DescribeIdentityPool of theirs", err, "Access to IdentityPool '"+theirs.pool+"' is forbidden")
		deleted := must(mine.admin.DeleteIdentities(t.Context(), &ci.DeleteIdentitiesInput{IdentityIdsToDelete: []string{other}}))(t)
		if n := deleted.UnprocessedIdentityIds; len(n) != 1 || n[0].ErrorCode != citypes.ErrorCodeAccessDenied {
			t.Errorf("DeleteIdentities of theirs: %+v", n)
		}
		if theirs.count() != 1 {
			t.Error("their identity is gone")
		}
		unknown := tokyo + ":00000000-0000-4000-8000-000000000000"
		_, err = mine.tryKeys(unknown, login)
		refused[*citypes.ResourceNotFoundException](t, "an identity that is not there", err, "Identity '"+unknown+"' not found.")
	})
}

// The keys of an IAM user go with the user.
func TestDeletedUser(t *testing.T) {
	w := production(t, postgres(t))
	admin, name := w.iam(w.alpha.keys), aws.String("ops")
	must(admin.CreateUser(t.Context(), &iam.CreateUserInput{UserName: name}))(t)
	made := must(admin.CreateAccessKey(t.Context(), &iam.CreateAccessKeyInput{UserName: name}))(t).AccessKey
	keys := aws.Credentials{AccessKeyID: *made.AccessKeyId, SecretAccessKey: *made.SecretAccessKey}
	out := must(w.sts(keys).GetSessionToken(t.Context(), &sts.GetSessionTokenInput{}))(t).Credentials
	session := aws.Credentials{AccessKeyID: *out.AccessKeyId, SecretAccessKey: *out.SecretAccessKey, SessionToken: *out.SessionToken}
	w.caller(t, session)

	must(admin.DeleteAccessKey(t.Context(), &iam.DeleteAccessKeyInput{UserName: name, AccessKeyId: made.AccessKeyId}))(t)
	must(admin.DeleteUser(t.Context(), &iam.DeleteUserInput{UserName: name}))(t)
	w.rejected(t, "keys of a deleted user", keys, "InvalidClientTokenId", "UnrecognizedClientException", textUnknownKey)
	w.rejected(t, "a session of a deleted user", session, "InvalidClientTokenId", "UnrecognizedClientException", textUnknownKey)
}
