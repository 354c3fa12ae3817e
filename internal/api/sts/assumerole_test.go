package sts_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awssts "github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/aws-sdk-go-v2/service/sts/types"

	"github.com/cenote-id/cenote/internal/account"
)

const (
	assumeAction = "sts:AssumeRole"
	allActions   = "sts:AssumeRole sts:TagSession sts:SetSourceIdentity"
)

func rootOf(acct string) string { return awsPrincipal("arn:aws:iam::" + acct + ":root") }

func userARN(acct, name string) string { return "arn:aws:iam::" + acct + ":user/people/" + name }

func packedSize(out *awssts.AssumeRoleOutput) *int32 {
	return out.PackedPolicySize //lint:ignore SA1019 clients made before September 2026 read it
}

func TestAssumeRole(t *testing.T) {
	w := newWorld(t)
	ann := w.user(home, "ann", may(assumeAction, "*"))
	role := w.role(home, "reader", trust(assumeAction, rootOf(home), ""), may("sts:GetAccessKeyInfo", "*"))
	out, err := w.client(ann).AssumeRole(t.Context(), &awssts.AssumeRoleInput{RoleArn: &role, RoleSessionName: new("work")})
	if err != nil {
		t.Fatal(err)
	}
	reader, err := w.accounts.Role(t.Context(), home, "reader")
	w.must(err)
	if *out.AssumedRoleUser.Arn != "arn:aws:sts::"+home+":assumed-role/reader/work" || *out.AssumedRoleUser.AssumedRoleId != reader.ID+":work" {
		t.Errorf("user %s, %s", *out.AssumedRoleUser.Arn, *out.AssumedRoleUser.AssumedRoleId)
	}
	c := out.Credentials
	if !strings.HasPrefix(*c.AccessKeyId, "ASIA") || len(*c.AccessKeyId) != 20 || len(*c.SecretAccessKey) != 40 || !c.Expiration.Equal(w.now().Add(time.Hour)) {
		t.Errorf("credentials %s, expiring %v", *c.AccessKeyId, c.Expiration)
	}
	if packedSize(out) != nil || out.SourceIdentity != nil {
		t.Errorf("packed size %v, source identity %v; both were not asked for", packedSize(out), out.SourceIdentity)
	}
	if n := len(*c.SessionToken); *out.SessionTokenSize != int32(n) || *out.SessionTokenUtilization != int32((100*n+4095)/4096) {
		t.Errorf("token of %d: size %d, %d %%", n, *out.SessionTokenSize, *out.SessionTokenUtilization)
	}
	info, err := w.client(temporary(c)).GetAccessKeyInfo(t.Context(), &awssts.GetAccessKeyInfoInput{AccessKeyId: c.AccessKeyId})
	if err != nil || *info.Account != home {
		t.Errorf("account of the key: %+v, %v", info, err)
	}
}

// TestWhoMayAssume goes through the table of IAM's rules for role trust.
func TestWhoMayAssume(t *testing.T) {
	ann := userARN(home, "ann")
	for name, tt := range map[string]struct {
		trust    string
		identity string
		from     string // account of the caller
		want     bool
	}{
		"names the user":                          {trust(assumeAction, awsPrincipal(ann), ""), "", home, true},
		"names another user":                      {trust(assumeAction, awsPrincipal(userARN(home, "eve")), ""), anything, home, false},
		"names everybody":                         {trust(assumeAction, awsPrincipal("*"), ""), "", home, true},
		"names the account, without permission":   {trust(assumeAction, rootOf(home), ""), "", home, false},
		"names the account, with permission":      {trust(assumeAction, rootOf(home), ""), may(assumeAction, "*"), home, true},
		"permission for another role":             {trust(assumeAction, rootOf(home), ""), may(assumeAction, "arn:aws:iam::"+home+":role/other"), home, false},
		"names another account":                   {trust(assumeAction, rootOf(abroad), ""), anything, home, false},
		"denies the user":                         {`{"Version":"2012-10-17","Statement":[` + statement("Allow", assumeAction, rootOf(home), "") + `,` + statement("Deny", assumeAction, awsPrincipal(ann), "") + `]}`, anything, home, false},
		"user's policy denies":                    {trust(assumeAction, awsPrincipal(ann), ""), nothing, home, false},
		"trusts web identities only":              {trust("sts:AssumeRoleWithWebIdentity", federated("accounts.google.com"), ""), anything, home, false},
		"other account, with permission":          {trust(assumeAction, rootOf(abroad), ""), may(assumeAction, "*"), abroad, true},
		"other account, without permission":       {trust(assumeAction, awsPrincipal(userARN(abroad, "ann")), ""), "", abroad, false},
		"other account, named, with permission":   {trust(assumeAction, awsPrincipal(userARN(abroad, "ann")), ""), may(assumeAction, "*"), abroad, true},
		"other account, everybody, no permission": {trust(assumeAction, awsPrincipal("*"), ""), "", abroad, false},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			creds := w.user(tt.from, "ann", tt.identity)
			if tt.from != home {
				w.user(home, "ann", "")
			}
			w.user(home, "eve", "")
			role := w.role(home, "target", tt.trust, "")
			_, err := w.client(creds).AssumeRole(t.Context(), &awssts.AssumeRoleInput{RoleArn: &role, RoleSessionName: new("work")})
			switch {
			case tt.want && err != nil:
				t.Error(err)
			case !tt.want:
				fails(t, name, err, "AccessDenied", "User: "+userARN(tt.from, "ann")+" is not authorized to perform: sts:AssumeRole on resource: "+role)
			}
		})
	}
}

func TestTrustConditions(t *testing.T) {
	for name, tt := range map[string]struct {
		condition string
		in        awssts.AssumeRoleInput
		want      bool
	}{
		"external id":                {`{"StringEquals":{"sts:ExternalId":"s3cret"}}`, awssts.AssumeRoleInput{ExternalId: new("s3cret")}, true},
		"wrong external id":          {`{"StringEquals":{"sts:ExternalId":"s3cret"}}`, awssts.AssumeRoleInput{ExternalId: new("guess")}, false},
		"no external id":             {`{"StringEquals":{"sts:ExternalId":"s3cret"}}`, awssts.AssumeRoleInput{}, false},
		"session name of the caller": {`{"StringLike":{"sts:RoleSessionName":"${aws:username}"}}`, awssts.AssumeRoleInput{RoleSessionName: new("ann")}, true},
		"other session name":         {`{"StringLike":{"sts:RoleSessionName":"${aws:username}"}}`, awssts.AssumeRoleInput{}, false},
		"address":                    {`{"IpAddress":{"aws:SourceIp":"127.0.0.0/8"}}`, awssts.AssumeRoleInput{}, true},
		"other address":              {`{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}`, awssts.AssumeRoleInput{}, false},
		"mfa":                        {`{"Bool":{"aws:MultiFactorAuthPresent":"true"}}`, awssts.AssumeRoleInput{}, false},
		"tag of the role":            {`{"StringEquals":{"aws:ResourceTag/team":"blue"}}`, awssts.AssumeRoleInput{}, true},
		"other tag of the role":      {`{"StringEquals":{"iam:ResourceTag/Team":"red"}}`, awssts.AssumeRoleInput{}, false},
		"tag of the request":         {`{"StringEquals":{"aws:RequestTag/Project":"x"},"ForAllValues:StringEquals":{"aws:TagKeys":["project"]}}`, awssts.AssumeRoleInput{Tags: []types.Tag{{Key: new("project"), Value: new("x")}}}, true},
		"source identity":            {`{"StringEquals":{"sts:SourceIdentity":"alice"}}`, awssts.AssumeRoleInput{SourceIdentity: new("alice")}, true},
		"other source identity":      {`{"StringEquals":{"sts:SourceIdentity":"alice"}}`, awssts.AssumeRoleInput{SourceIdentity: new("mallory")}, false},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			creds := w.user(home, "ann", "")
			role := w.role(home, "target", trust(allActions, awsPrincipal(userARN(home, "ann")), `"Condition":`+tt.condition), "", account.Tag{Key: "Team", Value: "blue"})
			in := tt.in
			in.RoleArn = &role
			if in.RoleSessionName == nil {
				in.RoleSessionName = new("work")
			}
			_, err := w.client(creds).AssumeRole(t.Context(), &in)
			switch {
			case tt.want && err != nil:
				t.Error(err)
			case !tt.want:
				fails(t, name, err, "AccessDenied", "User: "+userARN(home, "ann")+" is not authorized to perform: sts:AssumeRole on resource: "+role)
			}
		})
	}
}

func TestAssumeRoleRefusals(t *testing.T) {
	w := newWorld(t)
	ann := w.user(home, "ann", anything)
	role := w.role(home, "reader", trust(allActions, rootOf(home), ""), anything)
	missing := "arn:aws:iam::" + home + ":role/app/missing"
	long := `{"Version":"2012-10-17","Statement":[{"Sid":"` + strings.Repeat("x", 2048) + `","Effect":"Allow","Action":"*","Resource":"*"}]}`
	for _, tt := range []struct {
		name          string
		as            aws.Credentials
		in            awssts.AssumeRoleInput
		code, message string
	}{
		{"root", w.root(home), awssts.AssumeRoleInput{}, "AccessDenied", "Roles may not be assumed by root accounts."},
		{"no arn", ann, awssts.AssumeRoleInput{RoleArn: new("a role of mine, please")}, "ValidationError", "a role of mine, please is invalid"},
		{"arn of a user", ann, awssts.AssumeRoleInput{RoleArn: new(userARN(home, "ann"))}, "ValidationError", userARN(home, "ann") + " is invalid"},
		{"arn of another partition", ann, awssts.AssumeRoleInput{RoleArn: new("arn:aws-cn:iam::" + home + ":role/reader")}, "ValidationError", "arn:aws-cn:iam::" + home + ":role/reader is invalid"},
		{"no such role", ann, awssts.AssumeRoleInput{RoleArn: &missing}, "AccessDenied", "User: " + userARN(home, "ann") + " is not authorized to perform: sts:AssumeRole on resource: " + missing},
		{"another path", ann, awssts.AssumeRoleInput{RoleArn: new("arn:aws:iam::" + home + ":role/reader")}, "AccessDenied", "User: " + userARN(home, "ann") + " is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::" + home + ":role/reader"},
		{"longer than the role allows", ann, awssts.AssumeRoleInput{DurationSeconds: aws.Int32(7201)}, "ValidationError", "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."},
		{"longer than any role allows", ann, awssts.AssumeRoleInput{DurationSeconds: aws.Int32(43201)}, "ValidationError", "1 validation error detected: Value '43201' at 'durationSeconds' failed to satisfy constraint: Member must have value less than or equal to 43200"},
		{"bad session name", ann, awssts.AssumeRoleInput{RoleSessionName: new("Session1:2")}, "ValidationError", "1 validation error detected: Value 'Session1:2' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]*"},
		{"mfa code", ann, awssts.AssumeRoleInput{SerialNumber: new("arn:aws:iam::" + home + ":mfa/ann"), TokenCode: new("123456")}, "AccessDenied", "MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is valid and associated with this user."},
		{"mfa serial alone", ann, awssts.AssumeRoleInput{SerialNumber: new("arn:aws:iam::" + home + ":mfa/ann")}, "AccessDenied", "MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code."},
		{"token too long", ann, awssts.AssumeRoleInput{MinimumSessionTokenSize: aws.Int32(4097)}, "ValidationError", "1 validation error detected: Value '4097' at 'minimumSessionTokenSize' failed to satisfy constraint: Member must have value less than or equal to 4096"},
		{"token shorter than nothing", ann, awssts.AssumeRoleInput{MinimumSessionTokenSize: aws.Int32(-1)}, "ValidationError", "1 validation error detected: Value '-1' at 'minimumSessionTokenSize' failed to satisfy constraint: Member must have value greater than or equal to 0"},
		{"tag twice", ann, awssts.AssumeRoleInput{Tags: []types.Tag{{Key: new("Team"), Value: new("a")}, {Key: new("team"), Value: new("b")}}}, "InvalidParameterValue", "Duplicate tag keys found. Please note that Tag keys are case insensitive."},
		{"transitive tag missing", ann, awssts.AssumeRoleInput{Tags: []types.Tag{{Key: new("a"), Value: new("b")}}, TransitiveTagKeys: []string{"c"}}, "InvalidParameterValue", "The specified transitive tag key must be included in the requested tags."},
		{"session policy is no policy", ann, awssts.AssumeRoleInput{Policy: new("{}")}, "MalformedPolicyDocument", "Syntax errors in policy."},
		{"session policy with a principal", ann, awssts.AssumeRoleInput{Policy: new(trust(assumeAction, rootOf(home), ""))}, "MalformedPolicyDocument", "Policy document should not specify a principal."},
		{"session policy too long", ann, awssts.AssumeRoleInput{Policy: &long}, "ValidationError", "The combined plaintext of the session policies must have length less than or equal to 2048"},
		{"unknown managed policy", ann, awssts.AssumeRoleInput{PolicyArns: []types.PolicyDescriptorType{{Arn: new("arn:aws:iam::aws:policy/Missing")}}}, "ValidationError", "Policy arn:aws:iam::aws:policy/Missing does not exist or is not attachable."},
	} {
		if tt.in.RoleArn == nil {
			tt.in.RoleArn = &role
		}
		if tt.in.RoleSessionName == nil {
			tt.in.RoleSessionName = new("work")
		}
		_, err := w.client(tt.as).AssumeRole(t.Context(), &tt.in)
		fails(t, tt.name, err, tt.code, tt.message)
	}
}

func TestSessionPolicyBoundsTheSession(t *testing.T) {
	w := newWorld(t)
	ann := w.user(home, "ann", anything)
	role := w.role(home, "reader", trust(assumeAction, rootOf(home), ""), anything)
	out, err := w.client(ann).AssumeRole(t.Context(), &awssts.AssumeRoleInput{RoleArn: &role, RoleSessionName: new("work"), Policy: new(may("s3:*", "*"))})
	if err != nil {
		t.Fatal(err)
	}
	if n := packedSize(out); n == nil || *n < 1 || *n > 10 {
		t.Errorf("packed size %v", n)
	}
	_, err = w.client(temporary(out.Credentials)).GetAccessKeyInfo(t.Context(), &awssts.GetAccessKeyInfoInput{AccessKeyId: out.Credentials.AccessKeyId})
	fails(t, "outside the session policy", err, "AccessDenied", "User: arn:aws:sts::"+home+":assumed-role/reader/work is not authorized to perform: sts:GetAccessKeyInfo on resource: * because no session policy allows the sts:GetAccessKeyInfo action")
}

func TestRoleChaining(t *testing.T) {
	w := newWorld(t)
	ann := w.user(home, "ann", anything)
	first := w.role(home, "first", trust(assumeAction, rootOf(home), ""), anything)
	second := w.role(abroad, "second", trust(assumeAction, awsPrincipal(first), ""), "")
	out, err := w.client(ann).AssumeRole(t.Context(), &awssts.AssumeRoleInput{RoleArn: &first, RoleSessionName: new("one"), DurationSeconds: aws.Int32(7200)})
	if err != nil {
		t.Fatal(err)
	}
	session := w.client(temporary(out.Credentials))
	in := awssts.AssumeRoleInput{RoleArn: &second, RoleSessionName: new("two"), DurationSeconds: aws.Int32(3601)}
	_, err = session.AssumeRole(t.Context(), &in)
	fails(t, "chained for longer than an hour", err, "ValidationError", "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.")
	in.DurationSeconds = nil
	out, err = session.AssumeRole(t.Context(), &in)
	if err != nil {
		t.Fatal(err)
	}
	who, err := w.client(temporary(out.Credentials)).GetCallerIdentity(t.Context(), nil)
	if err != nil || *who.Arn != "arn:aws:sts::"+abroad+":assumed-role/second/two" {
		t.Errorf("%+v, %v", who, err)
	}
}

// Since 2023 a role may take on itself only if its trust policy names it.
func TestRoleAssumesItself(t *testing.T) {
	own := "arn:aws:iam::" + home + ":role/app/loop"
	for name, tt := range map[string]struct {
		trust string
		want  bool
	}{
		"trusts the account":       {trust(assumeAction, rootOf(home), ""), false},
		"names itself":             {trust(assumeAction, `{"AWS":["arn:aws:iam::`+home+`:root","`+own+`"]}`, ""), true},
		"names itself, conditions": {`{"Version":"2012-10-17","Statement":[` + statement("Allow", assumeAction, rootOf(home), "") + `,` + statement("Allow", assumeAction, awsPrincipal(own), `"Condition":{"StringEquals":{"sts:ExternalId":"x"}}`) + `]}`, false},
	} {
		w := newWorld(t)
		role := w.role(home, "loop", trust(assumeAction, rootOf(home), ""), anything)
		w.must(w.accounts.SetTrust(t.Context(), home, "loop", tt.trust))
		out, err := w.client(w.user(home, "ann", anything)).AssumeRole(t.Context(), &awssts.AssumeRoleInput{RoleArn: &role, RoleSessionName: new("one")})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		_, err = w.client(temporary(out.Credentials)).AssumeRole(t.Context(), &awssts.AssumeRoleInput{RoleArn: &role, RoleSessionName: new("two")})
		switch {
		case tt.want && err != nil:
			t.Errorf("%s: %v", name, err)
		case !tt.want:
			fails(t, name, err, "AccessDenied", "User: arn:aws:sts::"+home+":assumed-role/loop/one is not authorized to perform: sts:AssumeRole on resource: "+own)
		}
	}
}

func TestSessionTags(t *testing.T) {
	w := newWorld(t)
	ann := w.user(home, "ann", anything)
	tags := []types.Tag{{Key: new("Team"), Value: new("blue")}, {Key: new("Cost"), Value: new("7")}}

	plain := w.role(home, "plain", trust(assumeAction, rootOf(home), ""), anything)
	_, err := w.client(ann).AssumeRole(t.Context(), &awssts.AssumeRoleInput{RoleArn: &plain, RoleSessionName: new("one"), Tags: tags})
	fails(t, "trust policy without sts:TagSession", err, "AccessDenied", "User: "+userARN(home, "ann")+" is not authorized to perform: sts:TagSession on resource: "+plain)

	// The first role's permission depends on the session's tag.
	onlyBlue := `{"Version":"2012-10-17","Statement":[
		{"Effect":"Allow","Action":["sts:AssumeRole","sts:TagSession"],"Resource":"*"},
		{"Effect":"Allow","Action":"sts:GetAccessKeyInfo","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalTag/team":"${aws:PrincipalTag/Team}","aws:PrincipalTag/Team":"blue"}}}]}`
	first := w.role(home, "first", trust(allActions, rootOf(home), ""), onlyBlue)
	out, err := w.client(ann).AssumeRole(t.Context(), &awssts.AssumeRoleInput{RoleArn: &first, RoleSessionName: new("one"), Tags: tags, TransitiveTagKeys: []string{"team"}})
	if err != nil {
		t.Fatal(err)
	}
	if packedSize(out) == nil {
		t.Error("tags take no room")
	}
	session := w.client(temporary(out.Credentials))
	if _, err := session.GetAccessKeyInfo(t.Context(), &awssts.GetAccessKeyInfoInput{AccessKeyId: out.Credentials.AccessKeyId}); err != nil {
		t.Errorf("permission by session tag: %v", err)
	}

	// A transitive tag goes on to the next role, the other one does not, and
	// neither its key nor its value can be taken over on the way.
	second := w.role(home, "second", trust(allActions, rootOf(home), ""), onlyBlue)
	_, err = session.AssumeRole(t.Context(), &awssts.AssumeRoleInput{RoleArn: &second, RoleSessionName: new("two"), Tags: []types.Tag{{Key: new("TEAM"), Value: new("red")}}, TransitiveTagKeys: []string{"TEAM"}})
	fails(t, "transitive key taken", err, "InvalidParameterValue", "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session.")
	_, err = session.AssumeRole(t.Context(), &awssts.AssumeRoleInput{RoleArn: &second, RoleSessionName: new("two"), Tags: []types.Tag{{Key: new("TEAM"), Value: new("red")}}})
	fails(t, "inherited tag overridden", err, "InvalidParameterValue", "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session.")
	next, err := session.AssumeRole(t.Context(), &awssts.AssumeRoleInput{RoleArn: &second, RoleSessionName: new("two")})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.client(temporary(next.Credentials)).GetAccessKeyInfo(t.Context(), &awssts.GetAccessKeyInfoInput{AccessKeyId: next.Credentials.AccessKeyId}); err != nil {
		t.Errorf("permission by inherited tag: %v", err)
	}
	closed := w.role(home, "closed", trust(assumeAction, rootOf(home), ""), "")
	_, err = session.AssumeRole(t.Context(), &awssts.AssumeRoleInput{RoleArn: &closed, RoleSessionName: new("two")})
	fails(t, "inherited tags need sts:TagSession too", err, "AccessDenied", "User: arn:aws:sts::"+home+":assumed-role/first/one is not authorized to perform: sts:TagSession on resource: "+closed)
}

func TestSourceIdentity(t *testing.T) {
	w := newWorld(t)
	ann := w.user(home, "ann", anything)
	open := w.role(home, "open", trust(allActions, rootOf(home), ""), anything)
	next := w.role(home, "next", trust(allActions, awsPrincipal(open), ""), anything)
	closed := w.role(home, "closed", trust(assumeAction, rootOf(home), ""), anything)
	_, err := w.client(ann).AssumeRole(t.Context(), &awssts.AssumeRoleInput{RoleArn: &closed, RoleSessionName: new("one"), SourceIdentity: new("alice")})
	fails(t, "trust policy without sts:SetSourceIdentity", err, "AccessDenied", "User: "+userARN(home, "ann")+" is not authorized to perform: sts:SetSourceIdentity on resource: "+closed)
	out, err := w.client(ann).AssumeRole(t.Context(), &awssts.AssumeRoleInput{RoleArn: &open, RoleSessionName: new("one"), SourceIdentity: new("alice")})
	if err != nil || out.SourceIdentity == nil || *out.SourceIdentity != "alice" {
		t.Fatalf("%+v, %v", out, err)
	}
	session := w.client(temporary(out.Credentials))
	me := "arn:aws:sts::" + home + ":assumed-role/open/one"
	_, err = session.AssumeRole(t.Context(), &awssts.AssumeRoleInput{RoleArn: &next, RoleSessionName: new("two"), SourceIdentity: new("mallory")})
	fails(t, "changed on the way", err, "AccessDenied", "User: "+me+" is not authorized to perform: sts:SetSourceIdentity on resource: "+next)
	_, err = session.AssumeRole(t.Context(), &awssts.AssumeRoleInput{RoleArn: &closed, RoleSessionName: new("two")})
	fails(t, "inherited needs sts:SetSourceIdentity too", err, "AccessDenied", "User: "+me+" is not authorized to perform: sts:SetSourceIdentity on resource: "+closed)
	out, err = session.AssumeRole(t.Context(), &awssts.AssumeRoleInput{RoleArn: &next, RoleSessionName: new("two")})
	if err != nil || out.SourceIdentity == nil || *out.SourceIdentity != "alice" {
		t.Errorf("inherited: %+v, %v", out, err)
	}
}
