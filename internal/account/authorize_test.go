package account_test

import (
	"context"
	"errors"
	"io/fs"
	"net/netip"
	"testing"
	"time"

	"github.com/cenote-id/cenote/internal/account"
	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
	"github.com/cenote-id/cenote/internal/awsapi/iam"
	"github.com/cenote-id/cenote/internal/iampolicy"
)

const (
	alpha, beta = "111111111111", "222222222222"
	roleID      = "AROAQAAAAAAAAAAAAAAAA"
	userID      = "AIDAQAAAAAAAAAAAAAAAA"
)

// directory is a Directory of a few compiled principals.
type directory struct {
	principals map[string]*account.Principal
	err        error
}

func (d *directory) Principal(_ context.Context, acct, id string) (*account.Principal, error) {
	if d.err != nil {
		return nil, d.err
	}
	if p := d.principals[id]; p != nil && p.Account == acct {
		return p, nil
	}
	return nil, fs.ErrNotExist
}

func (d *directory) Account(context.Context, string) (account.Account, error) {
	return account.Account{}, fs.ErrNotExist
}

func (d *directory) Role(context.Context, string, string) (*account.Principal, error) {
	return nil, fs.ErrNotExist
}

func (d *directory) Policy(context.Context, string, string) (iampolicy.Source, error) {
	return iampolicy.Source{}, fs.ErrNotExist
}

func (d *directory) Key(context.Context, string) (account.Key, error) {
	return account.Key{}, fs.ErrNotExist
}

func (d *directory) Provider(context.Context, string, string) (account.Provider, error) {
	return account.Provider{}, fs.ErrNotExist
}

func userWith(t testing.TB, document string) *account.Principal {
	t.Helper()
	p, err := account.NewPrincipal(account.Facts{
		User: &account.User{
			Entity: account.Entity{Account: alpha, ID: userID, Name: "ann", Path: "/team/"},
			Tags:   []account.Tag{{Key: "Dept", Value: "ops"}, {Key: "empty", Value: ""}},
		},
		Inline: []account.InlinePolicy{{Name: "p", Document: document}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func roleWith(t testing.TB, trust, document string) *account.Principal {
	t.Helper()
	p, err := account.NewPrincipal(account.Facts{
		Role: &account.Role{
			Entity: account.Entity{Account: alpha, ID: roleID, Name: "app", Path: "/svc/"},
			Tags:   []account.Tag{{Key: "Dept", Value: "role"}}, Trust: trust, MaxSession: time.Hour,
		},
		Inline: []account.InlinePolicy{{Name: "p", Document: document}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func userCaller() awsapi.Caller {
	arn := "arn:aws:iam::" + alpha + ":user/team/ann"
	return awsapi.Caller{Kind: awsapi.User, Account: alpha, ARN: arn, PrincipalARN: arn, UserID: userID, Name: "ann", EntityID: userID}
}

func roleCaller(s *awsapi.Session) awsapi.Caller {
	return awsapi.Caller{
		Kind: awsapi.AssumedRole, Account: alpha, ARN: "arn:aws:sts::" + alpha + ":assumed-role/app/s",
		PrincipalARN: "arn:aws:iam::" + alpha + ":role/svc/app", UserID: roleID + ":s", Name: "app", EntityID: roleID, Session: s,
	}
}

func requestBy(c awsapi.Caller) *awsapi.Request {
	return &awsapi.Request{
		ID: "r-1", Time: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC), Operation: cognitoidp.AdminGetUser.Operation,
		Region: "us-west-2", Caller: c, SourceIP: netip.MustParseAddr("::ffff:203.0.113.9"), UserAgent: "cli", Referer: "https://app.example.com", Secure: true,
	}
}

func allowIf(condition string) string {
	return `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":` + condition + `}}`
}

// TestGlobalConditionKeys asks for the value of every key that a request and
// its caller have.
func TestGlobalConditionKeys(t *testing.T) {
	session := &awsapi.Session{
		Name: "s", IssuedAt: time.Date(2026, 11, 22, 11, 59, 0, 0, time.UTC), Tags: map[string]string{"dept": "session"},
		MFAAuthenticated: true, MFAAt: time.Date(2026, 11, 22, 11, 55, 0, 0, time.UTC), SourceIdentity: "ann@example.com",
		FederatedProvider: "cognito-identity.amazonaws.com",
		Context: map[string][]string{
			"cognito-identity.amazonaws.com:sub": {"us-west-2:id"}, "cognito-identity.amazonaws.com:amr": {"authenticated", "x"},
			"aws:SourceIp": {"198.51.100.1"},
		},
	}
	for _, tt := range []struct {
		condition string
		user      bool
		role      bool
	}{
		{`{"StringEquals":{"aws:PrincipalArn":"arn:aws:iam::111111111111:user/team/ann"}}`, true, false},
		{`{"ArnEquals":{"aws:PrincipalArn":"arn:aws:iam::111111111111:role/svc/app"}}`, false, true},
		{`{"StringEquals":{"aws:PrincipalAccount":"111111111111"}}`, true, true},
		{`{"StringEquals":{"aws:PrincipalType":"User"}}`, true, false},
		{`{"StringEquals":{"aws:PrincipalType":"AssumedRole"}}`, false, true},
		{`{"StringEquals":{"aws:userid":"` + userID + `"}}`, true, false},
		{`{"StringEquals":{"aws:userid":"` + roleID + `:s"}}`, false, true},
		{`{"StringEquals":{"aws:username":"ann"}}`, true, false},
		{`{"Null":{"aws:username":"true"}}`, false, true},
		{`{"StringEquals":{"aws:PrincipalTag/dept":"ops"}}`, true, false},
		{`{"StringEquals":{"aws:PrincipalTag/DEPT":"session"}}`, false, true},
		{`{"StringEquals":{"aws:PrincipalTag/empty":""}}`, true, false},
		{`{"Bool":{"aws:PrincipalIsAWSService":"false","aws:ViaAWSService":"false"}}`, true, true},
		{`{"StringEquals":{"aws:ResourceAccount":"111111111111"}}`, true, true},
		{`{"DateEquals":{"aws:CurrentTime":"2026-11-22T12:00:00Z"}}`, true, true},
		{`{"NumericEquals":{"aws:EpochTime":"1795348800"}}`, true, true},
		{`{"DateEquals":{"aws:EpochTime":"2026-11-22T12:00:00Z"}}`, true, true},
		{`{"Bool":{"aws:SecureTransport":"true"}}`, true, true},
		{`{"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}}`, true, true},
		{`{"StringLike":{"aws:UserAgent":"cl?","aws:Referer":"https://*.example.com"}}`, true, true},
		{`{"StringEquals":{"aws:RequestedRegion":"us-west-2"}}`, true, true},
		{`{"Null":{"aws:MultiFactorAuthPresent":"true"}}`, true, false},
		{`{"Bool":{"aws:MultiFactorAuthPresent":"true"}}`, false, true},
		{`{"BoolIfExists":{"aws:MultiFactorAuthPresent":"true"}}`, true, true},
		{`{"NumericEquals":{"aws:MultiFactorAuthAge":"300"}}`, false, true},
		{`{"DateEquals":{"aws:TokenIssueTime":"2026-11-22T11:59:00Z"}}`, false, true},
		{`{"Null":{"aws:TokenIssueTime":"true"}}`, true, false},
		{`{"StringEquals":{"aws:FederatedProvider":"cognito-identity.amazonaws.com"}}`, false, true},
		{`{"StringEquals":{"aws:SourceIdentity":"ann@example.com"}}`, false, true},
		{`{"StringEquals":{"cognito-identity.amazonaws.com:sub":"us-west-2:id"}}`, false, true},
		{`{"ForAnyValue:StringEquals":{"cognito-identity.amazonaws.com:amr":"x"}}`, false, true},
		{`{"StringEquals":{"aws:RequestTag/Stage":"prod"}}`, true, true},
		{`{"StringEquals":{"aws:NoSuchKey":"x"}}`, false, false},
	} {
		d := &directory{principals: map[string]*account.Principal{
			userID: userWith(t, allowIf(tt.condition)), roleID: roleWith(t, trustBeta, allowIf(tt.condition)),
		}}
		a := account.NewAuthorizer(account.AuthorizerConfig{Directory: d})
		question := []awsapi.Access{{
			Action: "cognito-idp:AdminGetUser", Resource: awsapi.UserPoolARN("us-west-2", alpha, "us-west-2_x"),
			Context: map[string][]string{"aws:RequestTag/stage": {"prod"}, "aws:SourceIp": {"10.0.0.1"}, "aws:PrincipalArn": {"forged"}},
		}}
		for who, want := range map[*awsapi.Request]bool{requestBy(userCaller()): tt.user, requestBy(roleCaller(session)): tt.role} {
			err := a.Authorize(awsapi.WithRequest(t.Context(), who), question)
			if (err == nil) != want {
				t.Errorf("%s for %s: %v, want allowed %v", tt.condition, who.Caller.Kind, err, want)
			}
		}
	}
}

const trustBeta = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"222222222222"},"Action":"sts:AssumeRole"}}`

func TestAuthorizeRefusals(t *testing.T) {
	allow := `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`
	d := &directory{principals: map[string]*account.Principal{userID: userWith(t, allow), roleID: roleWith(t, trustBeta, allow)}}
	a := account.NewAuthorizer(account.AuthorizerConfig{Directory: d})
	pool := func(acct string) string { return awsapi.UserPoolARN("us-west-2", acct, "us-west-2_x") }
	ask := func(c awsapi.Caller, resource string) error {
		return a.Authorize(awsapi.WithRequest(t.Context(), requestBy(c)), []awsapi.Access{{Action: "cognito-idp:AdminGetUser", Resource: resource}})
	}
	denied := func(name string, err error, text string) {
		t.Helper()
		e, ok := awsapi.AsError(err)
		if !ok || e.Shape != awsapi.AccessDenied || e.Message != text {
			t.Errorf("%s: %v, want %s", name, err, text)
		}
	}
	if err := ask(userCaller(), pool(alpha)); err != nil {
		t.Error(err)
	}
	denied("another account's pool", ask(userCaller(), pool(beta)),
		"User: arn:aws:iam::111111111111:user/team/ann is not authorized to perform: cognito-idp:AdminGetUser on resource: arn:aws:cognito-idp:us-west-2:222222222222:userpool/us-west-2_x because no resource-based policy allows the cognito-idp:AdminGetUser action")
	denied("root of another account", ask(account.RootCaller(alpha, "AKIA"), pool(beta)),
		"User: arn:aws:iam::111111111111:root is not authorized to perform: cognito-idp:AdminGetUser on resource: arn:aws:cognito-idp:us-west-2:222222222222:userpool/us-west-2_x because no resource-based policy allows the cognito-idp:AdminGetUser action")
	if err := ask(account.RootCaller(alpha, "AKIA"), pool(alpha)); err != nil {
		t.Error(err)
	}
	denied("nobody", ask(awsapi.Caller{Kind: awsapi.Anonymous}, pool(alpha)),
		"User: anonymous is not authorized to perform: cognito-idp:AdminGetUser on resource: arn:aws:cognito-idp:us-west-2:111111111111:userpool/us-west-2_x")

	// The id counts, not the account that a caller claims.
	gone := userCaller()
	gone.EntityID = "AIDAQBBBBBBBBBBBBBBBB"
	if err := ask(gone, pool(alpha)); err == nil {
		t.Error("a deleted user is let in")
	}
	moved := userCaller()
	moved.Account = beta
	if err := ask(moved, pool(beta)); err == nil {
		t.Error("a user of another account is let in")
	}

	// A federated user without session policies may do nothing.
	fed := awsapi.Caller{Kind: awsapi.FederatedUser, Account: alpha, ARN: "arn:aws:sts::111111111111:federated-user/f", EntityID: userID, Session: &awsapi.Session{}}
	if err := ask(fed, pool(alpha)); err == nil {
		t.Error("a federated user without policies is let in")
	}
	fed.Session = &awsapi.Session{Policies: []string{allow}}
	if err := ask(fed, pool(alpha)); err != nil {
		t.Error(err)
	}

	d.err = errors.New("disk on fire")
	if err := ask(userCaller(), pool(alpha)); err == nil || errors.Is(err, iam.ServiceFailureException("")) {
		t.Errorf("no directory: %v", err)
	} else if _, visible := awsapi.AsError(err); visible {
		t.Errorf("a failure is shown as a decision: %v", err)
	}
}

func TestPrincipalsWithDamagedPoliciesFail(t *testing.T) {
	u := &account.User{Entity: account.Entity{Account: alpha, ID: userID, Name: "u", Path: "/"}}
	for name, facts := range map[string]account.Facts{
		"inline":   {User: u, Inline: []account.InlinePolicy{{Name: "p", Document: "{"}}},
		"attached": {User: u, Attached: []account.Document{{ARN: "a", Text: "{"}}},
		"boundary": {User: &account.User{Entity: u.Entity, Boundary: "arn"}},
		"trust":    {Role: &account.Role{Entity: account.Entity{ID: roleID}, Trust: "{"}},
	} {
		if p, err := account.NewPrincipal(facts); err == nil {
			t.Errorf("%s: %+v", name, p)
		}
	}
}

func TestMayAssume(t *testing.T) {
	const cognito = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Federated":"cognito-identity.amazonaws.com"},"Action":"sts:AssumeRoleWithWebIdentity",
		"Condition":{"StringEquals":{"cognito-identity.amazonaws.com:aud":"us-west-2:p"},"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}}}}`
	named := `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111111111111:user/team/ann"},"Action":"sts:AssumeRole","Condition":{"StringEquals":{"sts:ExternalId":"x"}}}}`
	nothing := `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:Get","Resource":"*"}}`
	d := &directory{principals: map[string]*account.Principal{userID: userWith(t, nothing)}}
	a := account.NewAuthorizer(account.AuthorizerConfig{Directory: d})
	for _, tt := range []struct {
		name   string
		trust  string
		q      account.TrustQuestion
		caller awsapi.Caller
		want   bool
	}{
		{"web identity", cognito, account.TrustQuestion{Action: "sts:AssumeRoleWithWebIdentity", Federated: iampolicy.CognitoProvider, Context: map[string][]string{"cognito-identity.amazonaws.com:aud": {"us-west-2:p"}}}, awsapi.Caller{Kind: awsapi.Anonymous}, true},
		{"web identity of another pool", cognito, account.TrustQuestion{Action: "sts:AssumeRoleWithWebIdentity", Federated: iampolicy.CognitoProvider, Context: map[string][]string{"cognito-identity.amazonaws.com:aud": {"us-west-2:q"}}}, awsapi.Caller{Kind: awsapi.Anonymous}, false},
		{"no tags", cognito, account.TrustQuestion{Action: "sts:TagSession", Federated: iampolicy.CognitoProvider, Context: map[string][]string{"cognito-identity.amazonaws.com:aud": {"us-west-2:p"}}}, awsapi.Caller{Kind: awsapi.Anonymous}, false},
		{"user", named, account.TrustQuestion{Action: "sts:AssumeRole", Context: map[string][]string{"sts:ExternalId": {"x"}}}, userCaller(), true},
		{"user without external id", named, account.TrustQuestion{Action: "sts:AssumeRole"}, userCaller(), false},
		{"user through another account", trustBeta, account.TrustQuestion{Action: "sts:AssumeRole"}, userCaller(), false},
		{"nobody", named, account.TrustQuestion{Action: "sts:AssumeRole", Context: map[string][]string{"sts:ExternalId": {"x"}}}, awsapi.Caller{Kind: awsapi.Anonymous}, false},
	} {
		tt.q.Role = roleWith(t, tt.trust, nothing)
		got, err := a.MayAssume(awsapi.WithRequest(t.Context(), requestBy(tt.caller)), tt.q)
		if err != nil || (got.Outcome == iampolicy.Allowed) != tt.want {
			t.Errorf("%s: %+v, %v; want allowed %v", tt.name, got, err, tt.want)
		}
	}
}

func BenchmarkAuthorize(b *testing.B) {
	d := &directory{principals: map[string]*account.Principal{roleID: roleWith(b, trustBeta,
		`{"Version":"2012-10-17","Statement":[
			{"Effect":"Allow","Action":["cognito-idp:Admin*","cognito-idp:List*"],"Resource":"arn:aws:cognito-idp:us-west-2:111111111111:userpool/*","Condition":{"StringEquals":{"aws:PrincipalTag/dept":"role"}}},
			{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"DateLessThan":{"aws:TokenIssueTime":"2026-01-01T00:00:00Z"}}}]}`)}}
	a := account.NewAuthorizer(account.AuthorizerConfig{Directory: d})
	session := &awsapi.Session{Name: "s", IssuedAt: time.Date(2026, 11, 22, 11, 59, 0, 0, time.UTC), Policies: []string{`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"cognito-idp:*","Resource":"*"}}`}}
	ctx := awsapi.WithRequest(b.Context(), requestBy(roleCaller(session)))
	question := []awsapi.Access{{Action: "cognito-idp:AdminGetUser", Resource: awsapi.UserPoolARN("us-west-2", alpha, "us-west-2_x")}}
	b.ReportAllocs()
	for b.Loop() {
		if err := a.Authorize(ctx, question); err != nil {
			b.Fatal(err)
		}
	}
}
