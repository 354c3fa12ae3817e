package sdk

import (
	"fmt"
	"maps"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	ci "github.com/aws/aws-sdk-go-v2/service/cognitoidentity"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/google/go-cmp/cmp"
)

// together runs f side by side and counts the outcomes: "OK" or the code of
// the error.
func together(n int, f func(i int) error) map[string]int {
	outcomes := make(chan string, n)
	start := make(chan struct{})
	var group sync.WaitGroup
	for i := range n {
		group.Go(func() {
			<-start
			err := f(i)
			switch c := code(err); {
			case err == nil:
				outcomes <- "OK"
			case c != "":
				outcomes <- c
			default:
				outcomes <- err.Error()
			}
		})
	}
	close(start)
	group.Wait()
	close(outcomes)
	counts := map[string]int{}
	for o := range outcomes {
		counts[o]++
	}
	return counts
}

// What only one may do, one does, however many try at once; the others get
// the error that they would get a moment later.
func TestOnlyOne(t *testing.T) {
	const many = 12
	each(t, func(t *testing.T, w *world) {
		w.wire.mute = true
		p := w.people(t, w.alpha, west)
		i := w.identities(t, w.alpha, tokyo, p)
		ctx := t.Context()
		admin := w.iam(w.alpha.keys)
		must(admin.CreateUser(ctx, &iam.CreateUserInput{UserName: aws.String("ops")}))(t)
		must(p.admin.AdminCreateUser(ctx, &idp.AdminCreateUserInput{
			UserPoolId: &p.pool, Username: aws.String("new"), TemporaryPassword: aws.String(password), MessageAction: types.MessageActionTypeSuppress,
		}))(t)
		begun := must(p.admin.AdminInitiateAuth(ctx, &idp.AdminInitiateAuthInput{
			UserPoolId: &p.pool, ClientId: &p.client, AuthFlow: types.AuthFlowTypeAdminUserPasswordAuth, AuthParameters: map[string]string{"USERNAME": "new", "PASSWORD": password},
		}))(t)
		must(p.admin.CreateGroup(ctx, &idp.CreateGroupInput{UserPoolId: &p.pool, GroupName: aws.String("doomed")}))(t)
		p.add("doomed")
		doomed, doomedPool := p.newClient("doomed"), w.people(t, w.alpha, west).pool
		i.role("doomed", trust(i.pool, "authenticated"), allow("*", "*"))
		must(admin.DeleteRolePolicy(ctx, &iam.DeleteRolePolicyInput{RoleName: aws.String("doomed"), PolicyName: aws.String("app")}))(t)
		for what, c := range map[string]struct {
			f    func(n int) error
			want map[string]int
		}{
			"a user": {func(int) error {
				_, err := p.admin.AdminCreateUser(ctx, &idp.AdminCreateUserInput{UserPoolId: &p.pool, Username: aws.String("same"), MessageAction: types.MessageActionTypeSuppress})
				return err
			}, map[string]int{"OK": 1, "UsernameExistsException": many - 1}},
			"a group": {func(int) error {
				_, err := p.admin.CreateGroup(ctx, &idp.CreateGroupInput{UserPoolId: &p.pool, GroupName: aws.String("same")})
				return err
			}, map[string]int{"OK": 1, "GroupExistsException": many - 1}},
			"a role": {func(int) error {
				_, err := admin.CreateRole(ctx, &iam.CreateRoleInput{RoleName: aws.String("same"), AssumeRolePolicyDocument: aws.String(trust(i.pool, "authenticated"))})
				return err
			}, map[string]int{"OK": 1, "EntityAlreadyExists": many - 1}},
			"two access keys": {func(int) error {
				_, err := admin.CreateAccessKey(ctx, &iam.CreateAccessKeyInput{UserName: aws.String("ops")})
				return err
			}, map[string]int{"OK": 2, "LimitExceeded": many - 2}},
			"a challenge": {func(n int) error {
				_, err := p.admin.AdminRespondToAuthChallenge(ctx, &idp.AdminRespondToAuthChallengeInput{
					UserPoolId: &p.pool, ClientId: &p.client, ChallengeName: begun.ChallengeName, Session: begun.Session,
					ChallengeResponses: map[string]string{"USERNAME": "new", "NEW_PASSWORD": fmt.Sprintf("Battery-Staple-%d", n)},
				})
				return err
			}, map[string]int{"OK": 1, "NotAuthorizedException": many - 1}},
			"deleting a user": {func(int) error {
				_, err := p.admin.AdminDeleteUser(ctx, &idp.AdminDeleteUserInput{UserPoolId: &p.pool, Username: aws.String("doomed")})
				return err
			}, map[string]int{"OK": 1, "UserNotFoundException": many - 1}},
			"deleting a client": {func(int) error {
				_, err := p.admin.DeleteUserPoolClient(ctx, &idp.DeleteUserPoolClientInput{UserPoolId: &p.pool, ClientId: &doomed})
				return err
			}, map[string]int{"OK": 1, "ResourceNotFoundException": many - 1}},
			"deleting a user pool": {func(int) error {
				_, err := p.admin.DeleteUserPool(ctx, &idp.DeleteUserPoolInput{UserPoolId: &doomedPool})
				return err
			}, map[string]int{"OK": 1, "ResourceNotFoundException": many - 1}},
			"deleting a role": {func(int) error {
				_, err := admin.DeleteRole(ctx, &iam.DeleteRoleInput{RoleName: aws.String("doomed")})
				return err
			}, map[string]int{"OK": 1, "NoSuchEntity": many - 1}},
			"deleting a group": {func(int) error {
				_, err := p.admin.DeleteGroup(ctx, &idp.DeleteGroupInput{UserPoolId: &p.pool, GroupName: aws.String("doomed")})
				return err
			}, map[string]int{"OK": 1, "ResourceNotFoundException": many - 1}},
		} {
			if diff := cmp.Diff(c.want, together(many, c.f)); diff != "" {
				t.Errorf("%s: %s", what, diff)
			}
		}

		// One person who comes through many doors at once is one identity.
		tokens := make([]map[string]string, many)
		for n := range tokens {
			tokens[n] = p.login(p.signIn("alice").IdToken)
		}
		var mu sync.Mutex
		ids := map[string]bool{}
		if diff := cmp.Diff(map[string]int{"OK": many}, together(many, func(n int) error {
			id, err := i.tryID(tokens[n])
			mu.Lock()
			defer mu.Unlock()
			ids[id] = true
			return err
		})); diff != "" || len(ids) != 1 {
			t.Errorf("one person: %s; identities %v", diff, ids)
		}
		if n := i.count(); n != 1 {
			t.Errorf("%d identities", n)
		}

		// Two logins that come together, in many calls at once, with each of
		// them known to somebody else before.
		q := w.people(t, w.beta, west)
		i.trust(q.provider, q.client)
		both := maps.Clone(tokens[0])
		maps.Copy(both, q.login(q.signIn("alice").IdToken))
		i.id(q.login(q.signIn("alice").IdToken))
		clear(ids)
		outcomes := together(many, func(int) error {
			id, err := i.tryID(both)
			mu.Lock()
			defer mu.Unlock()
			ids[id] = true
			return err
		})
		if outcomes["OK"] != many || len(ids) != 1 {
			t.Errorf("two logins: %v; identities %v", outcomes, ids)
		}

		// Changes that add up lose none of them.
		arn := "arn:aws:cognito-idp:" + west + ":" + w.alpha.account + ":userpool/" + p.pool
		if diff := cmp.Diff(map[string]int{"OK": many}, together(many, func(n int) error {
			_, err := p.admin.TagResource(ctx, &idp.TagResourceInput{ResourceArn: &arn, Tags: map[string]string{fmt.Sprint("k", n): "v"}})
			return err
		})); diff != "" {
			t.Errorf("tags: %s", diff)
		}
		if tags := must(p.admin.DescribeUserPool(ctx, &idp.DescribeUserPoolInput{UserPoolId: &p.pool}))(t).UserPool.UserPoolTags; len(tags) != many {
			t.Errorf("tags: %v", tags)
		}

		// Changes of one thing by many: each is done whole or refused.
		for what, f := range map[string]func(n int) error{
			"a pool": func(n int) error {
				_, err := p.admin.UpdateUserPool(ctx, &idp.UpdateUserPoolInput{UserPoolId: &p.pool, UserPoolTags: map[string]string{"n": fmt.Sprint(n)}})
				return err
			},
			"a user's attributes": func(n int) error {
				_, err := p.admin.AdminUpdateUserAttributes(ctx, &idp.AdminUpdateUserAttributesInput{
					UserPoolId: &p.pool, Username: aws.String("alice"), UserAttributes: []types.AttributeType{{Name: aws.String("name"), Value: aws.String(fmt.Sprint(n))}},
				})
				return err
			},
			"an identity pool's roles": func(int) error {
				_, err := i.admin.SetIdentityPoolRoles(ctx, &ci.SetIdentityPoolRolesInput{IdentityPoolId: &i.pool, Roles: map[string]string{"authenticated": i.roleARN(authRole)}})
				return err
			},
			"a role's policies": func(n int) error {
				_, err := admin.PutRolePolicy(ctx, &iam.PutRolePolicyInput{RoleName: aws.String(authRole), PolicyName: aws.String(fmt.Sprint("p", n)), PolicyDocument: aws.String(allow("sts:*", "*"))})
				return err
			},
			"sign-ins": func(int) error {
				_, err := p.admin.AdminInitiateAuth(ctx, &idp.AdminInitiateAuthInput{
					UserPoolId: &p.pool, ClientId: &p.client, AuthFlow: types.AuthFlowTypeAdminUserPasswordAuth, AuthParameters: map[string]string{"USERNAME": "alice", "PASSWORD": password},
				})
				return err
			},
		} {
			outcomes := together(many, f)
			delete(outcomes, "ConcurrentModificationException")
			if n := outcomes["OK"]; n == 0 || len(outcomes) != 1 {
				t.Errorf("%s, changed by many: %v", what, outcomes)
			}
		}
		if diff := cmp.Diff(map[string]int{"OK": 1, "ResourceNotFoundException": many - 1}, together(many, func(int) error {
			_, err := i.admin.DeleteIdentityPool(ctx, &ci.DeleteIdentityPoolInput{IdentityPoolId: &i.pool})
			return err
		})); diff != "" {
			t.Errorf("deleting an identity pool: %s", diff)
		}
	})
}
