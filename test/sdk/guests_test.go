package sdk

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	ci "github.com/aws/aws-sdk-go-v2/service/cognitoidentity"
	citypes "github.com/aws/aws-sdk-go-v2/service/cognitoidentity/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/cenote-id/cenote/cenotetest"
)

const textNoGuests = "Unauthenticated access is not supported for this identity pool."

func TestGuestsWhereTheyAreOff(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p := w.people(t, w.alpha, west)
		i := w.identities(t, w.alpha, tokyo, p)
		guest := i.id(nil)
		i.keys(guest, nil)

		// Turned off, nobody gets in as a guest any more, old guests neither.
		i.update(false)
		_, err := i.tryID(nil)
		refused[*citypes.NotAuthorizedException](t, "a new guest", err, textNoGuests)
		_, err = i.tryKeys(guest, nil)
		refused[*citypes.NotAuthorizedException](t, "keys of an old guest", err, textNoGuests)
		_, err = i.public.GetOpenIdToken(t.Context(), &ci.GetOpenIdTokenInput{IdentityId: &guest})
		refused[*citypes.NotAuthorizedException](t, "a token of an old guest", err, textNoGuests)
		if n := i.count(); n != 1 {
			t.Errorf("%d identities", n)
		}

		// A pool that was made without guests, and without anybody.
		none := must(i.admin.CreateIdentityPool(t.Context(), &ci.CreateIdentityPoolInput{IdentityPoolName: aws.String("none")}))(t)
		_, err = i.public.GetId(t.Context(), &ci.GetIdInput{IdentityPoolId: none.IdentityPoolId})
		refused[*citypes.NotAuthorizedException](t, "a guest of another pool", err, textNoGuests)
		_, err = i.public.GetId(t.Context(), &ci.GetIdInput{IdentityPoolId: none.IdentityPoolId, Logins: p.login(p.signIn("alice").IdToken)})
		refused[*citypes.NotAuthorizedException](t, "a user of a pool that trusts nobody", err, "Identity pool - "+*none.IdentityPoolId+" does not have identity providers configured.")
	})
}

// Leaving out the login does not make a guest of somebody.
func TestIdentityWithoutItsLogin(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p := w.people(t, w.alpha, west)
		i := w.identities(t, w.alpha, tokyo, p)
		login := p.login(p.signIn("alice").IdToken)
		alice := i.id(login)
		forbidden := "Access to Identity '" + alice + "' is forbidden."
		_, err := i.tryKeys(alice, nil)
		refused[*citypes.NotAuthorizedException](t, "keys", err, forbidden)
		_, err = i.public.GetOpenIdToken(t.Context(), &ci.GetOpenIdTokenInput{IdentityId: &alice})
		refused[*citypes.NotAuthorizedException](t, "token", err, forbidden)

		// A guest who signs in keeps the identity and is no guest any more.
		p.add("bob")
		bob := p.login(p.signIn("bob").IdToken)
		guest := i.id(nil)
		i.keys(guest, bob)
		if id := i.id(bob); id != guest {
			t.Errorf("bob is %s, and was %s", id, guest)
		}
		_, err = i.tryKeys(guest, nil)
		refused[*citypes.NotAuthorizedException](t, "a guest who became somebody", err, "Access to Identity '"+guest+"' is forbidden.")
	})
}

// Operators say which actions of services of their own guests may have.
func TestGuestActionsOfServicesOfOnesOwn(t *testing.T) {
	w := development(t, cenotetest.GuestActions("notes:Read*", "iam:ListRoles"))
	p := w.people(t, w.alpha, west)
	i := w.identities(t, w.alpha, tokyo, p)
	guest := i.keys(i.id(nil), nil)
	must(w.iam(guest).ListRoles(t.Context(), &iam.ListRolesInput{}))(t)
	if _, err := w.iam(guest).ListUsers(t.Context(), &iam.ListUsersInput{}); code(err) != "AccessDenied" {
		t.Errorf("what nobody allowed: %v", err)
	}
	i.role(guestRole, trust(i.pool, "unauthenticated"), allow("notes:*", "*"))
	if _, err := w.iam(i.keys(i.id(nil), nil)).ListRoles(t.Context(), &iam.ListRolesInput{}); code(err) != "AccessDenied" {
		t.Errorf("what the role does not allow: %v", err)
	}
}

// However much the guests' role allows, guests get only what AWS lets guests
// have; the authenticated get what their role allows.
func TestGuestsAreScopedDown(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p := w.people(t, w.alpha, west)
		i := w.identities(t, w.alpha, tokyo, p)
		i.role(authRole, trust(i.pool, "authenticated"), allow("*", "*"))
		guest := i.keys(i.id(nil), nil)
		_, err := w.iam(guest).ListRoles(t.Context(), &iam.ListRolesInput{})
		refusedCode(t, "a guest at IAM", err, "AccessDenied", "User: arn:aws:sts::"+w.alpha.account+":assumed-role/"+guestRole+
			"/CognitoIdentityCredentials is not authorized to perform: iam:ListRoles on resource: arn:aws:iam::"+w.alpha.account+
			":role/ because no session policy allows the iam:ListRoles action")
		must(w.identity(guest, tokyo).DescribeIdentityPool(t.Context(), &ci.DescribeIdentityPoolInput{IdentityPoolId: &i.pool}))(t)

		login := p.login(p.signIn("alice").IdToken)
		must(w.iam(i.keys(i.id(login), login)).ListRoles(t.Context(), &iam.ListRolesInput{}))(t)
		// The classic way has no such limits.
		i.role("classic", trust(i.pool, "unauthenticated"), allow("*", "*"))
		must(w.iam(must(i.assume(i.id(nil), nil, "classic"))(t)).ListRoles(t.Context(), &iam.ListRolesInput{}))(t)
	})
}
