package account_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cenote-id/cenote/internal/account"
	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/iampolicy"
	"github.com/cenote-id/cenote/internal/secretbox"
)

// kept are Denials in memory.
type kept struct {
	mu      sync.Mutex
	list    []account.Decision
	batches int
}

func (k *kept) KeepDenials(_ context.Context, list []account.Decision, most int) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if most != account.DenialsKept || len(list) == 0 || len(list) > 64 {
		return fmt.Errorf("%d denials, %d to be kept", len(list), most)
	}
	k.batches++
	k.list = append(k.list, list...)
	return nil
}

func (k *kept) DenialsOf(context.Context, string) ([]account.Decision, error) {
	return nil, errors.New("not asked")
}

// journaled is an authorizer with a journal. What end returns is what the
// journal has written.
func journaled(t *testing.T, d account.Directory, now func() time.Time) (a *account.Authorizer, end func() []account.Decision) {
	t.Helper()
	store := &kept{}
	j := account.NewJournal(store, now, slog.New(slog.DiscardHandler))
	a = account.NewAuthorizer(account.AuthorizerConfig{Directory: d, Journal: j})
	ctx, stop := context.WithCancel(t.Context())
	stop() // what waits is written at the end
	return a, func() []account.Decision {
		if err := j.Run(ctx); err != nil {
			t.Error(err)
		}
		return store.list
	}
}

func TestDenialsAreWrittenDown(t *testing.T) {
	d := &directory{principals: map[string]*account.Principal{userID: userWith(t, `{"Version":"2012-10-17","Statement":[
		{"Sid":"Pages","Effect":"Allow","Action":"cognito-idp:AdminGetUser","Resource":"*","Condition":{"StringLike":{"aws:Referer":"https://app.example.com/*"}}}]}`)}}
	a, end := journaled(t, d, time.Now)
	r := requestBy(userCaller())
	r.Referer = "https://evil.example.com/page?token=secret"
	ctx := awsapi.WithRequest(t.Context(), r)
	question := []awsapi.Access{{Action: "cognito-idp:AdminGetUser", Resource: "arn:of:pool", Context: map[string][]string{"aws:ResourceTag/team": {"red"}}}}
	if err := a.Authorize(ctx, question); err == nil {
		t.Fatal("allowed")
	}
	r.Referer = "https://app.example.com/page?token=secret"
	if err := a.Authorize(ctx, question); err != nil {
		t.Fatal(err)
	}
	list := end()
	if len(list) != 1 {
		t.Fatalf("written down: %+v", list)
	}
	got := list[0]
	if got.RequestID != "r-1" || got.Account != alpha || got.Region != "us-west-2" || got.Operation != "cognito-idp:AdminGetUser" ||
		got.Outcome != account.OutcomeImplicitDeny || got.Layer != iampolicy.IdentityLayer || got.Resource != "arn:of:pool" ||
		got.Reason != "because no identity-based policy allows the cognito-idp:AdminGetUser action" || len(got.Changes) != 2 {
		t.Errorf("written down: %+v", got)
	}
	text, err := json.Marshal(got)
	if err != nil || strings.Contains(string(text), "secret") || !strings.Contains(string(text), "https://evil.example.com/page") {
		t.Errorf("%s, %v", text, err)
	}
	for key, want := range map[string]string{
		"aws:username": "ann", "aws:PrincipalTag/Dept": "ops", "aws:PrincipalTag/empty": "", "aws:SourceIp": "203.0.113.9",
		"aws:ResourceTag/team": "red", "aws:RequestedRegion": "us-west-2", "aws:PrincipalType": "User",
	} {
		if diff := cmp.Diff([]string{want}, got.Context[key]); diff != "" {
			t.Errorf("%s: %s", key, diff)
		}
	}
	if _, there := got.Context["aws:TokenIssueTime"]; there {
		t.Error("a long-term key has a token")
	}
}

// Whoever asks in vain for ever fills neither the queue nor the store.
func TestDenialsAreLimited(t *testing.T) {
	d := &directory{principals: map[string]*account.Principal{userID: userWith(t, allowIf(`{"Bool":{"never":"true"}}`))}}
	at := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	a, end := journaled(t, d, func() time.Time { return at })
	ctx := awsapi.WithRequest(t.Context(), requestBy(userCaller()))
	for range 1000 {
		if a.Authorize(ctx, []awsapi.Access{{Action: "s3:GetObject", Resource: "*"}}) == nil {
			t.Fatal("allowed")
		}
	}
	if n := len(end()); n != 100 {
		t.Errorf("%d denials written down at one moment", n)
	}
	if n := len(a.Explain("r-1")); n != 1000 {
		t.Errorf("%d are remembered", n)
	}
}

// A decision about hundreds of statements is kept in part, and says so.
func TestLongDecisions(t *testing.T) {
	var statements []string
	for i := range 60 {
		statements = append(statements, fmt.Sprintf(`{"Sid":"S%d","Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::b/%s"}`, i, strings.Repeat("x", 1500)))
		statements = append(statements, `{"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{"StringEquals":{"k":"`+strings.Repeat("y", 200)+`"}}}`)
	}
	d := &directory{principals: map[string]*account.Principal{userID: userWith(t, `{"Version":"2012-10-17","Statement":[`+strings.Join(statements, ",")+`]}`)}}
	a, end := journaled(t, d, time.Now)
	ctx := awsapi.WithRequest(t.Context(), requestBy(userCaller()))
	if a.Authorize(ctx, []awsapi.Access{{Action: "s3:GetObject", Resource: "arn:aws:s3:::b/o"}}) == nil {
		t.Fatal("allowed")
	}
	list := end()
	if len(list) != 1 {
		t.Fatalf("%d denials", len(list))
	}
	text, err := json.Marshal(list[0])
	if err != nil || len(text) > 32<<10 || !list[0].Shortened || list[0].Reason == "" {
		t.Errorf("%d bytes kept, shortened %t, %v", len(text), list[0].Shortened, err)
	}
	if full := a.Explain("r-1"); len(full) != 1 || len(full[0].Statements) != 120 || full[0].Shortened {
		t.Errorf("explained %d decisions", len(full))
	}
}

func TestAsk(t *testing.T) {
	role := roleWith(t, `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"`+alpha+`"},"Action":"sts:AssumeRole"}}`, allowIf(`{"Bool":{"aws:SecureTransport":"true"}}`))
	d := &directory{principals: map[string]*account.Principal{userID: userWith(t, allowIf(`{"StringEquals":{"aws:RequestedRegion":"eu-west-1","aws:PrincipalTag/Dept":"dev"}}`)), roleID: role}}
	a := account.NewAuthorizer(account.AuthorizerConfig{Directory: d})
	for name, tt := range map[string]struct {
		caller  awsapi.Caller
		context map[string][]string
		want    account.Outcome
	}{
		"as it is":             {userCaller(), nil, account.OutcomeImplicitDeny},
		"with another tag":     {userCaller(), map[string][]string{"AWS:PrincipalTag/dept": {"dev"}, "aws:RequestedRegion": {"eu-west-1"}}, account.OutcomeAllowed},
		"in another region":    {userCaller(), map[string][]string{"aws:PrincipalTag/Dept": {"dev"}, "aws:RequestedRegion": {"eu-west-2"}}, account.OutcomeImplicitDeny},
		"a role":               {roleCaller(&awsapi.Session{Name: "s"}), nil, account.OutcomeImplicitDeny},
		"a role over TLS":      {roleCaller(&awsapi.Session{Name: "s"}), map[string][]string{"aws:SecureTransport": {"true"}}, account.OutcomeAllowed},
		"root":                 {account.RootCaller(alpha, ""), nil, account.OutcomeAllowed},
		"somebody who is gone": {awsapi.Caller{Kind: awsapi.User, Account: alpha, EntityID: "AIDAQAAAAAAAAAAAAAAAB", ARN: "arn:x"}, nil, account.OutcomeImplicitDeny},
	} {
		got, err := a.Ask(t.Context(), account.Hypothetical{Caller: tt.caller, Action: "s3:GetObject", Resource: "arn:aws:s3:::b/o", Context: tt.context, Time: time.Now()})
		if err != nil || got.Outcome != tt.want {
			t.Errorf("%s: %s, %v", name, got.Outcome, err)
		}
	}
	if got := a.Explain(""); len(got) != 0 {
		t.Errorf("questions were remembered: %+v", got)
	}
}

func TestSealedDenials(t *testing.T) {
	ring, err := secretbox.NewRing(time.Now, secretbox.Key{ID: 1, Secret: []byte(strings.Repeat("k", 32))})
	if err != nil {
		t.Fatal(err)
	}
	d := &directory{principals: map[string]*account.Principal{userID: userWith(t, `{"Version":"2012-10-17","Statement":[
		{"Sid":"No","Effect":"Deny","NotAction":"s3:Put*","NotResource":["arn:aws:s3:::a/*","arn:aws:s3:::c/*"]}]}`)}}
	a := account.NewAuthorizer(account.AuthorizerConfig{Directory: d, Sealer: ring})
	r := requestBy(userCaller())
	if a.Authorize(awsapi.WithRequest(t.Context(), r), []awsapi.Access{{Action: "s3:GetObject", Resource: "arn:aws:s3:::b/o"}}) == nil || r.Denial == "" {
		t.Fatal("no sealed denial")
	}
	owner, text, err := account.OpenDenial(ring, r.Denial)
	if err != nil || owner != alpha || !strings.Contains(text, `"statementId":"No","effect":"DENY","principals":{"items":[]},"principalGroups":{"items":[]},`+
		`"actions":{"items":[{"value":"s3:Put*"}]},"resources":{"items":[{"value":"arn:aws:s3:::a/*"},{"value":"arn:aws:s3:::c/*"}]},"conditions":{"items":[]}`) {
		t.Errorf("%s, %s, %v", owner, text, err)
	}
	// A long context is left out before the message would be too long for a header.
	long := map[string][]string{}
	for i := range 200 {
		long[fmt.Sprintf("aws:RequestTag/%s%d", secretbox.String(30, secretbox.Alphanumeric), i)] = []string{secretbox.String(30, secretbox.Alphanumeric)}
	}
	r = requestBy(userCaller())
	if a.Authorize(awsapi.WithRequest(t.Context(), r), []awsapi.Access{{Action: "s3:GetObject", Resource: "arn:aws:s3:::b/o", Context: long}}) == nil || r.Denial == "" || len(r.Denial) > 2048 {
		t.Fatalf("sealed denial of %d characters", len(r.Denial))
	}
	if _, text, err = account.OpenDenial(ring, r.Denial); err != nil || !strings.Contains(text, `"conditions":{"items":[]}`) {
		t.Errorf("%s, %v", text, err)
	}
	for _, other := range []string{"", "AAAA", r.Denial + "A", r.Denial[1:]} {
		if _, _, err := account.OpenDenial(ring, other); !errors.Is(err, account.ErrDenial) {
			t.Errorf("%q: %v", other, err)
		}
	}
}
