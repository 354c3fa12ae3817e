package attacks

import (
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/cognitoidentity"
	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
)

// estate is what an account has: something of every kind that an id can name.
type estate struct {
	*pool
	identityPool, identity string
	role, provider, policy string
	values                 input // members of requests, by name
}

func (w *world) estate(t *testing.T) *estate {
	root := w.roots[home]
	e := &estate{pool: w.pool(root, west, nil, nil)}
	e.person("alice")
	e.admin("CreateGroup", input{"GroupName": "staff"}).ok(t, nil)
	e.role, e.policy = w.role("reader", everything), "arn:aws:iam::"+home+":policy/mine"
	w.do("iam", "Action=CreatePolicy", "PolicyName", "mine", "PolicyDocument", everything)
	w.do("iam", "Action=CreateOpenIDConnectProvider&ClientIDList.member.1=app", "Url", "https://login.example.org")
	e.provider = "arn:aws:iam::" + home + ":oidc-provider/login.example.org"
	var ip struct{ IdentityPoolId string }
	w.signed(root, "cognito-identity", west, "CreateIdentityPool", input{"IdentityPoolName": "p", "AllowUnauthenticatedIdentities": true}).ok(t, &ip)
	e.identityPool = ip.IdentityPoolId
	var id struct{ IdentityId string }
	w.unsigned("cognito-identity", "GetId", input{"IdentityPoolId": e.identityPool}).ok(t, &id)
	e.identity = id.IdentityId
	e.values = input{
		"UserPoolId": e.id, "ClientId": e.client, "Username": "alice", "GroupName": "staff", "ClientName": "app", "PoolName": "people",
		"Password": newPassword, "AuthFlow": "ADMIN_USER_PASSWORD_AUTH", "AuthParameters": input{"USERNAME": "alice", "PASSWORD": goodPassword},
		"ChallengeName": "NEW_PASSWORD_REQUIRED", "ChallengeResponses": input{"USERNAME": "alice"}, "Session": strings.Repeat("s", 30),
		"UserAttributes": []input{{"Name": "name", "Value": "x"}}, "UserAttributeNames": []string{"name"}, "MaxResults": 1, "Limit": 1,
		"CustomAttributes": []input{{"Name": "x", "AttributeDataType": "String"}}, "TagKeys": []string{"k"}, "Tags": map[string]string{"k": "v"},
		"IdentityPoolId": e.identityPool, "IdentityPoolName": "p", "AllowUnauthenticatedIdentities": true, "IdentityId": e.identity,
		"IdentityIdsToDelete": []string{e.identity}, "Roles": map[string]string{"authenticated": e.role}, "IdentityProviderName": "login.example.org",
		"Logins": map[string]string{"x": "y"}, "LoginsToRemove": []string{"x"}, "DeveloperUserIdentifier": "u", "DeveloperProviderName": "d",
		"SourceUserIdentifier": "a", "DestinationUserIdentifier": "b", "ProviderName": "idp", "ProviderType": "OIDC", "ProviderDetails": map[string]string{},
		"Identifier": "https://api", "Name": "n", "Domain": "people-1", "JobName": "j", "JobId": "import-abcdefghij", "CloudWatchLogsRoleArn": e.role,
		"DeviceKey": west + "_f47ac10b-58cc-4372-a567-0e02b2c3d479", "EventId": "e", "FeedbackValue": "Valid", "DeviceRememberedStatus": "remembered",
		"SessionId": "f47ac10b-58cc-4372-a567-0e02b2c3d479", "ClientSecretId": "none", "MFAOptions": []input{},
		"User":            input{"ProviderName": "Google", "ProviderAttributeName": "Cognito_Subject", "ProviderAttributeValue": "1"},
		"DestinationUser": input{"ProviderName": "Cognito", "ProviderAttributeValue": "alice"}, "IdpIdentifier": "google",
		"SourceUser": input{"ProviderName": "Google", "ProviderAttributeName": "Cognito_Subject", "ProviderAttributeValue": "1"},
		"SSOSession": input{"MaxValidityMinutes": 60}, "UserSessionTracking": "ENABLED", "TokenSession": input{"MaxPerUser": 5},
	}
	return e
}

// in builds an input for an operation out of the estate's ids and names.
func (e *estate) in(op *awsapi.Operation) input {
	in := input{}
	for i := range op.Input.NumField() {
		name := op.Input.Field(i).Name
		if v, ok := e.values[name]; ok {
			in[name] = v
		}
		if name == "ResourceArn" {
			in[name] = awsapi.UserPoolARN(west, home, e.id)
			if op.Service == cognitoidentity.Service {
				in[name] = awsapi.IdentityPoolARN(west, home, e.identityPool)
			}
		}
	}
	return in
}

// owned are the members by which an operation names what somebody owns.
var owned = []string{"UserPoolId", "IdentityPoolId", "IdentityId", "IdentityIdsToDelete", "ResourceArn"}

func namesSomething(op *awsapi.Operation) bool {
	return slices.ContainsFunc(owned, func(name string) bool { _, ok := op.Input.FieldByName(name); return ok })
}

// Every signed operation on what home owns, asked by the root user of another
// account, and by home's own in another region: nothing is shown, nothing
// changes. The owner's own request proves that the input was a good one.
func TestOperationsStayInTheirAccountAndRegion(t *testing.T) {
	w := serve(t, options{})
	e := w.estate(t)
	var asked int
	for _, service := range []*awsapi.Service{cognitoidp.Service, cognitoidentity.Service} {
		for _, op := range service.Operations {
			if op.Auth != awsapi.Signed || !namesSomething(op) {
				continue
			}
			in := e.in(op)
			before := e.picture()
			for name, call := range map[string]reply{
				"another account": w.signed(w.roots[abroad], service.Name, west, op.Name, in),
				"another region":  w.signed(w.roots[home], service.Name, tokyo, op.Name, in),
			} {
				if strings.Contains(call.message, "does not implement") {
					continue
				}
				asked++
				done := op == cognitoidentity.DeleteIdentities.Operation // it reports failures one by one
				if (call.status == 200) != done || strings.Contains(call.message, "validation error") || strings.Contains(string(call.body), "alice") {
					t.Errorf("%s from %s: answered %d %s", op.Action(), name, call.status, call.body)
				}
			}
			if after := e.picture(); after != before {
				t.Fatalf("%s changed something:\n%s\n%s", op.Action(), before, after)
			}
		}
	}
	if asked < 60 {
		t.Errorf("only %d operations were asked", asked)
	}
	for _, service := range []*awsapi.Service{cognitoidp.Service, cognitoidentity.Service} {
		for _, op := range service.Operations {
			if op.Auth != awsapi.Signed || !namesSomething(op) || strings.HasPrefix(op.Name, "Delete") {
				continue
			}
			if own := w.signed(w.roots[home], service.Name, west, op.Name, e.in(op)); own.status != 200 &&
				(strings.Contains(own.message, "validation error") || strings.HasPrefix(own.code, "Serialization")) {
				t.Errorf("%s by the owner: answered %d %s", op.Action(), own.status, own.body)
			}
		}
	}
}

// picture is everything of the estate that a client can see.
func (e *estate) picture() string {
	e.t.Helper()
	var b strings.Builder
	for _, op := range []string{"DescribeUserPool", "ListUserPoolClients", "ListUsers", "ListGroups", "GetUserPoolMfaConfig", "DescribeUserPoolClient"} {
		b.Write(e.admin(op, input{"ClientId": e.client}).body)
	}
	for _, op := range []string{"DescribeIdentityPool", "GetIdentityPoolRoles", "ListIdentities"} {
		b.Write(e.signed(e.owner, "cognito-identity", west, op, input{"IdentityPoolId": e.identityPool, "MaxResults": 60}).body)
	}
	return b.String()
}

// A pool's id together with the client of another pool, page tokens of another
// list, and identities of another pool lead nowhere.
func TestIdsDoNotMix(t *testing.T) {
	w := serve(t, options{})
	root := w.roots[home]
	a, b := w.pool(root, west, nil, nil), w.pool(root, west, nil, nil)
	for _, name := range []string{"alice", "bob"} {
		a.person(name)
		b.person(name)
	}
	const noClient = "User pool client "
	foreign := input{"ClientId": b.client}
	a.admin("DescribeUserPoolClient", foreign).refused(t, "describe", "ResourceNotFoundException", noClient)
	a.admin("UpdateUserPoolClient", foreign).refused(t, "update", "ResourceNotFoundException", noClient)
	a.admin("DeleteUserPoolClient", foreign).refused(t, "delete", "ResourceNotFoundException", noClient)
	auth := input{"ClientId": b.client, "AuthFlow": "ADMIN_USER_PASSWORD_AUTH", "AuthParameters": input{"USERNAME": "alice", "PASSWORD": goodPassword}}
	a.admin("AdminInitiateAuth", auth).refused(t, "sign in", "ResourceNotFoundException", noClient)

	var page struct{ PaginationToken, NextToken string }
	a.admin("ListUsers", input{"Limit": 1}).ok(t, &page)
	if page.PaginationToken == "" {
		t.Fatal("one page of users")
	}
	b.admin("ListUsers", input{"Limit": 1, "PaginationToken": page.PaginationToken}).refused(t, "users of another pool", "InvalidParameterException", "")
	a.admin("ListUsers", input{"Limit": 1, "PaginationToken": page.PaginationToken, "Filter": `status = "Enabled"`}).refused(t, "another filter", "InvalidParameterException", "")
	a.admin("ListGroups", input{"Limit": 1, "NextToken": page.PaginationToken}).refused(t, "groups", "InvalidParameterException", "")
	a.admin("ListUsers", input{"Limit": 1, "PaginationToken": page.PaginationToken}).ok(t, nil)
	w.pass(2 * 60 * 60 * 1e9)
	a.admin("ListUsers", input{"Limit": 1, "PaginationToken": page.PaginationToken}).refused(t, "old token", "InvalidParameterException", "")

	w.signed(root, "cognito-idp", west, "ListUserPools", input{"MaxResults": 1}).ok(t, &page)
	w.pool(w.roots[abroad], west, nil, nil)
	w.pool(w.roots[abroad], west, nil, nil)
	w.signed(w.roots[abroad], "cognito-idp", west, "ListUserPools", input{"MaxResults": 1, "NextToken": page.NextToken}).
		refused(t, "pools of another account", "InvalidParameterException", "")
}

// IAM works in the caller's account alone, whatever names and markers say.
func TestIAMStaysInItsAccount(t *testing.T) {
	w := serve(t, options{})
	e := w.estate(t)
	w.role("writer", everything)
	stranger := w.roots[abroad]
	var page struct {
		ListRolesResponse struct{ ListRolesResult struct{ Marker string } }
	}
	w.query(w.roots[home], "iam", "Action=ListRoles&MaxItems=1").ok(t, &page)
	marker := page.ListRolesResponse.ListRolesResult.Marker
	if marker == "" {
		t.Fatal("one page of roles")
	}
	w.query(w.roots[home], "iam", "Action=ListRoles&MaxItems=1&Marker="+url.QueryEscape(marker)).ok(t, nil)
	for _, form := range []string{
		"Action=ListRoles&MaxItems=1&Marker=" + url.QueryEscape(marker),
		"Action=GetRole&RoleName=reader", "Action=DeleteRole&RoleName=reader",
		"Action=GetPolicy&PolicyArn=" + e.policy, "Action=DeletePolicy&PolicyArn=" + e.policy, "Action=GetPolicyVersion&VersionId=v1&PolicyArn=" + e.policy,
		"Action=ListPolicyVersions&PolicyArn=" + e.policy, "Action=CreatePolicyVersion&PolicyArn=" + e.policy + "&PolicyDocument=" + url.QueryEscape(everything),
		"Action=GetOpenIDConnectProvider&OpenIDConnectProviderArn=" + e.provider, "Action=DeleteOpenIDConnectProvider&OpenIDConnectProviderArn=" + e.provider,
		"Action=AddClientIDToOpenIDConnectProvider&ClientID=mine&OpenIDConnectProviderArn=" + e.provider,
		"Action=GetAccessKeyLastUsed&AccessKeyId=" + w.roots[home].AccessKeyID, "Action=DeleteAccessKey&AccessKeyId=" + w.roots[home].AccessKeyID,
		"Action=UpdateAccessKey&Status=Inactive&AccessKeyId=" + w.roots[home].AccessKeyID,
	} {
		if r := w.query(stranger, "iam", form); r.status == 200 || strings.Contains(r.message, "validation error") {
			t.Errorf("%s: answered %d %s", form, r.status, r.body)
		}
	}
	// Policies of another account cannot be attached, nor bound a session.
	w.query(stranger, "iam", "Action=CreateUser&UserName=eve").ok(t, nil)
	for _, form := range []string{
		"Action=AttachUserPolicy&UserName=eve&PolicyArn=" + e.policy, "Action=PutUserPermissionsBoundary&UserName=eve&PermissionsBoundary=" + e.policy,
		"Action=CreateUser&UserName=mal&PermissionsBoundary=" + e.policy,
	} {
		if r := w.query(stranger, "iam", form); r.status == 200 {
			t.Errorf("%s: answered %s", form, r.body)
		}
	}
	w.whoami(w.roots[home]).ok(t, nil)
}

// Roles of other accounts can be given neither to an identity pool, nor to a
// group, nor to a user pool's messages; those that do not exist, no more.
func TestRolesOfOthersAreNotHandedOver(t *testing.T) {
	w := serve(t, options{})
	e := w.estate(t)
	p := w.pool(w.roots[abroad], west, nil, nil)
	var ip struct{ IdentityPoolId string }
	w.signed(w.roots[abroad], "cognito-identity", west, "CreateIdentityPool", input{"IdentityPoolName": "p", "AllowUnauthenticatedIdentities": true}).ok(t, &ip)
	for _, role := range []string{e.role, "arn:aws:iam::" + abroad + ":role/missing", "arn:aws:iam::aws:role/reader", "arn:aws:iam:::role/reader"} {
		for _, roles := range []input{{"Roles": map[string]string{"unauthenticated": role}}, {"Roles": map[string]string{"authenticated": role}}} {
			in := maps.Clone(roles)
			in["IdentityPoolId"] = ip.IdentityPoolId
			w.signed(w.roots[abroad], "cognito-identity", west, "SetIdentityPoolRoles", in).
				refused(t, role, "NotAuthorizedException", "Access to Role '"+role+"' is forbidden.")
		}
	}
	const crossing = "Cross-account pass role is not allowed."
	p.admin("CreateGroup", input{"GroupName": "g", "RoleArn": e.role}).refused(t, "group", "InvalidParameterException", crossing)
	p.admin("UpdateUserPool", input{"SmsConfiguration": input{"SnsCallerArn": e.role}}).refused(t, "messages", "InvalidParameterException", crossing)

	// An IAM user needs the permission to pass a role on, and only that role.
	bob := w.user("bob", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["cognito-idp:*","cognito-identity:*"],"Resource":"*"}]}`)
	w.signed(bob, "cognito-identity", west, "SetIdentityPoolRoles", input{"IdentityPoolId": e.identityPool, "Roles": map[string]string{"authenticated": e.role}}).
		refused(t, "without iam:PassRole", "NotAuthorizedException", "Access to Role")
	mine := *e.pool
	mine.owner = bob
	mine.admin("CreateGroup", input{"GroupName": "g", "RoleArn": e.role}).refused(t, "without iam:PassRole", "AccessDeniedException", "")
	mine.admin("UpdateUserPool", input{"SmsConfiguration": input{"SnsCallerArn": e.role}}).refused(t, "without iam:PassRole", "AccessDeniedException", "")
	mine.admin("UpdateGroup", input{"GroupName": "staff", "RoleArn": e.role}).refused(t, "without iam:PassRole", "AccessDeniedException", "")
}

// Somebody who may act on one pool must not reach another by an odd spelling
// of its id.
func TestPermissionsOnOnePoolStayThere(t *testing.T) {
	w := serve(t, options{})
	a, b := w.pool(w.roots[home], west, nil, nil), w.pool(w.roots[home], west, nil, nil)
	b.person("alice")
	bob := w.user("bob", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"`+awsapi.UserPoolARN(west, home, a.id)+`"}]}`)
	ask := func(region, id string) reply {
		return w.signed(bob, "cognito-idp", region, "AdminGetUser", input{"UserPoolId": id, "Username": "alice"})
	}
	for _, id := range []string{b.id, a.id + "\x00", " " + b.id, strings.ToUpper(b.id), a.id + "/../" + b.id, "*", west + "_*"} {
		if r := ask(west, id); r.status == 200 || r.code != "AccessDeniedException" && !strings.Contains(r.message, "validation error") {
			t.Errorf("%q: answered %d %s", id, r.status, r.body)
		}
	}
	ask(tokyo, a.id).refused(t, "another region", "AccessDeniedException", "")
	ask(west, a.id).refused(t, "the pool itself", "UserNotFoundException", "")
	for _, arn := range []string{awsapi.UserPoolARN(west, home, b.id), awsapi.UserPoolARN(west, abroad, a.id), awsapi.UserPoolARN(tokyo, home, a.id)} {
		w.signed(bob, "cognito-idp", west, "ListTagsForResource", input{"ResourceArn": arn}).refused(t, arn, "AccessDeniedException", "")
	}
}
