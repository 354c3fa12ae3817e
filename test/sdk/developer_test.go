package sdk

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	ci "github.com/aws/aws-sdk-go-v2/service/cognitoidentity"
	citypes "github.com/aws/aws-sdk-go-v2/service/cognitoidentity/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/google/go-cmp/cmp"
)

// The story of a server that signs its users in itself: its own key needs the
// four permissions of AWS's managed policy and no other, its users get keys in
// the enhanced and in the classic flow.
func TestDeveloperStory(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p := w.people(t, w.beta, west)
		i := w.identities(t, w.alpha, tokyo, p)
		const name = "login.example.com"
		must(i.admin.UpdateIdentityPool(t.Context(), &ci.UpdateIdentityPoolInput{
			IdentityPoolId: &i.pool, IdentityPoolName: aws.String("demo"), AllowUnauthenticatedIdentities: true,
			CognitoIdentityProviders: i.trusted, DeveloperProviderName: aws.String(name),
		}))(t)
		must(i.iam.CreateUser(t.Context(), &iam.CreateUserInput{UserName: aws.String("server")}))(t)
		must(i.iam.AttachUserPolicy(t.Context(), &iam.AttachUserPolicyInput{
			UserName: aws.String("server"), PolicyArn: aws.String("arn:aws:iam::aws:policy/AmazonCognitoDeveloperAuthenticatedIdentities"),
		}))(t)
		key := must(i.iam.CreateAccessKey(t.Context(), &iam.CreateAccessKeyInput{UserName: aws.String("server")}))(t).AccessKey
		server := w.identity(aws.Credentials{AccessKeyID: *key.AccessKeyId, SecretAccessKey: *key.SecretAccessKey}, tokyo)

		token := func(user, identity string, more map[string]string) (string, map[string]string) {
			t.Helper()
			in := &ci.GetOpenIdTokenForDeveloperIdentityInput{IdentityPoolId: &i.pool, Logins: map[string]string{name: user}, TokenDuration: aws.Int64(60)}
			if identity != "" {
				in.IdentityId = &identity
			}
			for k, v := range more {
				in.Logins[k] = v
			}
			out := must(server.GetOpenIdTokenForDeveloperIdentity(t.Context(), in))(t)
			return *out.IdentityId, map[string]string{"cognito-identity.amazonaws.com": *out.Token}
		}

		// A guest signs in at the server and stays who they were.
		guest := i.id(nil)
		ann, login := token("ann", guest, nil)
		if ann != guest {
			t.Errorf("ann is %s, was %s", ann, guest)
		}
		if got := i.id(login); got != ann {
			t.Errorf("GetId answers %s", got)
		}
		if got := w.caller(t, i.keys(ann, login)); !strings.Contains(*got.Arn, authRole+"/CognitoIdentityCredentials") {
			t.Errorf("keys of %s", *got.Arn)
		}
		must(w.assumeWith(t, login["cognito-identity.amazonaws.com"], i.roleARN(authRole)))(t)
		_, err := w.assumeWith(t, login["cognito-identity.amazonaws.com"], i.roleARN(guestRole))
		refusedCode(t, "a role for guests", err, "AccessDenied", textNotAssumed)

		// With a login of the user pool, which then leads to the same identity.
		alice := p.login(p.signIn("alice").IdToken)
		if same, _ := token("ann", ann, alice); same != ann {
			t.Errorf("with a user pool: %s", same)
		}
		if got := i.id(alice); got != ann {
			t.Errorf("alice is %s", got)
		}
		bob, bobLogin := token("bob", "", nil)
		merged := must(server.MergeDeveloperIdentities(t.Context(), &ci.MergeDeveloperIdentitiesInput{
			IdentityPoolId: &i.pool, DeveloperProviderName: aws.String(name), SourceUserIdentifier: aws.String("bob"), DestinationUserIdentifier: aws.String("ann"),
		}))(t)
		if *merged.IdentityId != ann {
			t.Errorf("merged into %s", *merged.IdentityId)
		}
		if got := i.id(bobLogin); got != ann {
			t.Errorf("bob's token leads to %s", got)
		}
		found := must(server.LookupDeveloperIdentity(t.Context(), &ci.LookupDeveloperIdentityInput{IdentityPoolId: &i.pool, IdentityId: &ann}))(t)
		if diff := cmp.Diff([]string{"ann", "bob"}, found.DeveloperUserIdentifierList); diff != "" {
			t.Error(diff)
		}
		described := must(i.admin.DescribeIdentity(t.Context(), &ci.DescribeIdentityInput{IdentityId: &ann}))(t)
		if got := fmt.Sprint(described.Logins); !strings.Contains(got, name) || !strings.Contains(got, p.provider) || len(described.Logins) != 2 {
			t.Errorf("logins %s", got)
		}
		for _, id := range []string{ann, bob} {
			_, err := i.tryKeys(id, nil)
			refused[*citypes.NotAuthorizedException](t, "without logins", err, "Access to Identity '"+id+"' is forbidden.")
		}
		must(server.UnlinkDeveloperIdentity(t.Context(), &ci.UnlinkDeveloperIdentityInput{
			IdentityPoolId: &i.pool, IdentityId: &ann, DeveloperProviderName: aws.String(name), DeveloperUserIdentifier: aws.String("bob"),
		}))(t)
		_, err = i.tryID(bobLogin)
		refused[*citypes.NotAuthorizedException](t, "who was unlinked", err, "Logins don't match. Please include at least one valid login for this identity or identity pool.")

		// The server's key does nothing else, and nothing for others.
		_, err = server.DescribeIdentityPool(t.Context(), &ci.DescribeIdentityPoolInput{IdentityPoolId: &i.pool})
		if code(err) != "AccessDeniedException" {
			t.Errorf("the server reads the pool's settings: %v", err)
		}
		theirs := w.identity(w.beta.keys, tokyo)
		_, err = theirs.GetOpenIdTokenForDeveloperIdentity(t.Context(), &ci.GetOpenIdTokenForDeveloperIdentityInput{IdentityPoolId: &i.pool, Logins: map[string]string{name: "ann"}})
		refused[*citypes.NotAuthorizedException](t, "another account's server", err, "Access to IdentityPool '"+i.pool+"' is forbidden")
		_, err = w.identity(nobody, tokyo).GetOpenIdTokenForDeveloperIdentity(t.Context(), &ci.GetOpenIdTokenForDeveloperIdentityInput{IdentityPoolId: &i.pool, Logins: map[string]string{name: "ann"}})
		if err == nil {
			t.Error("whoever signs nothing gets a token")
		}
	})
}
