package sts_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	awssts "github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/cenote-id/cenote/internal/account"
	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/sigv4"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/store/storetest"
)

const (
	anything       = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`
	nothing        = `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}`
	mismatch       = "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details."
	invalidToken   = "The security token included in the request is invalid."
	damagedToken   = "The security token included in the request is invalid"
	expiredToken   = "The security token included in the request is expired"
	unsignedByTest = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" // SHA-256 of nothing
)

func TestGetCallerIdentity(t *testing.T) {
	w := newWorld(t)
	ann := w.user(home, "ann", nothing) // it needs no permission, not even against a deny
	role := w.role(home, "reader", trust("sts:AssumeRole", awsPrincipal("arn:aws:iam::"+home+":root"), ""), nothing)
	bob := w.user(home, "bob", anything)
	assumed, err := w.client(bob).AssumeRole(t.Context(), &awssts.AssumeRoleInput{RoleArn: &role, RoleSessionName: new("work")})
	if err != nil {
		t.Fatal(err)
	}
	session, err := w.client(bob).GetSessionToken(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		creds   aws.Credentials
		id, arn string
	}{
		"root":          {w.root(home), home, "arn:aws:iam::" + home + ":root"},
		"user":          {ann, w.userID(home, "ann"), "arn:aws:iam::" + home + ":user/people/ann"},
		"role session":  {temporary(assumed.Credentials), *assumed.AssumedRoleUser.AssumedRoleId, "arn:aws:sts::" + home + ":assumed-role/reader/work"},
		"session token": {temporary(session.Credentials), w.userID(home, "bob"), "arn:aws:iam::" + home + ":user/people/bob"},
	} {
		got, err := w.client(tt.creds).GetCallerIdentity(t.Context(), nil)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if *got.Account != home || *got.UserId != tt.id || *got.Arn != tt.arn {
			t.Errorf("%s: %s, %s, %s", name, *got.Account, *got.UserId, *got.Arn)
		}
	}
}

// Kubernetes, Vault and Consul authenticate with presigned GetCallerIdentity.
func TestPresignedGetCallerIdentity(t *testing.T) {
	w := newWorld(t)
	url := presign(t, w, w.user(home, "ann", ""), "60")
	get := func() (int, string) {
		r, err := http.NewRequestWithContext(t.Context(), "GET", url, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("X-K8s-Aws-Id", "cluster")
		r.Header.Set("Accept", "application/json")
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		body, _ := io.ReadAll(resp.Body)
		return resp.StatusCode, string(body)
	}
	if status, body := get(); status != 200 || !strings.Contains(body, `"Arn":"arn:aws:iam::`+home+`:user/people/ann"`) {
		t.Errorf("%d %s", status, body)
	}
	w.pass(15 * time.Minute)
	if status, body := get(); status != 200 {
		t.Errorf("a quarter of an hour later: %d %s", status, body)
	}
	w.pass(time.Second)
	if status, body := get(); status != 403 || !strings.Contains(body, `"Code":"SignatureDoesNotMatch"`) || !strings.Contains(body, "Signature expired: ") {
		t.Errorf("used for longer than it is valid: %d %s", status, body)
	}
}

func presign(t *testing.T, w *world, c aws.Credentials, expires string) string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), "GET", w.url+"/?Action=GetCallerIdentity&Version=2011-06-15&X-Amz-Expires="+expires, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-K8s-Aws-Id", "cluster")
	url, _, err := v4.NewSigner().PresignHTTP(t.Context(), c, r, unsignedByTest, "sts", "us-east-1", w.now())
	if err != nil {
		t.Fatal(err)
	}
	return url
}

func TestGetAccessKeyInfo(t *testing.T) {
	w := newWorld(t)
	allowed := w.client(w.user(home, "ann", may("sts:GetAccessKeyInfo", "*")))
	got, err := allowed.GetAccessKeyInfo(t.Context(), &awssts.GetAccessKeyInfoInput{AccessKeyId: new("ASIAY34FZKBOKMUTVV7A")})
	if err != nil || *got.Account != "609629065308" {
		t.Errorf("%+v, %v", got, err)
	}
	_, err = allowed.GetAccessKeyInfo(t.Context(), &awssts.GetAccessKeyInfoInput{AccessKeyId: new("not_an_access_key_id")})
	fails(t, "no key id", err, "ValidationError", "The access key ID not_an_access_key_id is not valid")
	_, err = w.client(w.user(home, "bob", "")).GetAccessKeyInfo(t.Context(), &awssts.GetAccessKeyInfoInput{AccessKeyId: new("ASIAY34FZKBOKMUTVV7A")})
	fails(t, "no permission", err, "AccessDenied", "User: arn:aws:iam::"+home+":user/people/bob is not authorized to perform: sts:GetAccessKeyInfo on resource: * because no identity-based policy allows the sts:GetAccessKeyInfo action")
}

func TestGetSessionToken(t *testing.T) {
	w := newWorld(t)
	ann := w.user(home, "ann", anything)
	got, err := w.client(ann).GetSessionToken(t.Context(), &awssts.GetSessionTokenInput{DurationSeconds: aws.Int32(900)})
	if err != nil {
		t.Fatal(err)
	}
	if !got.Credentials.Expiration.Equal(w.now().Add(15 * time.Minute)) {
		t.Errorf("expires %v", got.Credentials.Expiration)
	}
	session := w.client(temporary(got.Credentials))
	_, err = session.GetSessionToken(t.Context(), nil)
	fails(t, "with session credentials", err, "AccessDenied", "Cannot call GetSessionToken with session credentials")
	_, err = session.GetAccessKeyInfo(t.Context(), &awssts.GetAccessKeyInfoInput{AccessKeyId: new("ASIAY34FZKBOKMUTVV7A")})
	fails(t, "other operation", err, "AccessDenied", "User: arn:aws:iam::"+home+":user/people/ann is not authorized to perform: sts:GetAccessKeyInfo on resource: *")
	_, err = w.client(ann).GetSessionToken(t.Context(), &awssts.GetSessionTokenInput{SerialNumber: new("arn:aws:iam::" + home + ":mfa/ann"), TokenCode: new("123456")})
	fails(t, "mfa", err, "AccessDenied", "MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is valid and associated with this user.")

	byRoot, err := w.client(w.root(home)).GetSessionToken(t.Context(), &awssts.GetSessionTokenInput{DurationSeconds: aws.Int32(43200)})
	if err != nil || !byRoot.Credentials.Expiration.Equal(w.now().Add(time.Hour)) {
		t.Errorf("root: %+v, %v", byRoot, err)
	}
}

func TestSessionCredentials(t *testing.T) {
	w := newWorld(t)
	bob := w.user(home, "bob", anything)
	role := w.role(home, "reader", trust("sts:AssumeRole", awsPrincipal("arn:aws:iam::"+home+":root"), ""), anything)
	assume := func() aws.Credentials {
		out, err := w.client(bob).AssumeRole(t.Context(), &awssts.AssumeRoleInput{RoleArn: &role, RoleSessionName: new("work")})
		if err != nil {
			t.Fatal(err)
		}
		return temporary(out.Credentials)
	}
	whoami := func(c aws.Credentials) error {
		_, err := w.client(c).GetCallerIdentity(t.Context(), nil)
		return err
	}
	good, other := assume(), assume()

	changed := good
	changed.SessionToken = flipFirst(good.SessionToken)
	fails(t, "token with a changed character", whoami(changed), "InvalidClientTokenId", damagedToken)
	changed = good
	changed.SessionToken = other.SessionToken
	fails(t, "token of another key id", whoami(changed), "InvalidClientTokenId", damagedToken)
	changed = good
	changed.SecretAccessKey = other.SecretAccessKey
	fails(t, "wrong secret", whoami(changed), "SignatureDoesNotMatch", mismatch)
	changed = good
	changed.SessionToken = ""
	fails(t, "without its token", whoami(changed), "InvalidClientTokenId", invalidToken)
	changed = bob
	changed.SessionToken = good.SessionToken
	fails(t, "long-term key with a token", whoami(changed), "InvalidClientTokenId", invalidToken)
	fails(t, "unknown key", whoami(aws.Credentials{AccessKeyID: "AKIAQAAAAAAAAAAAAAAA", SecretAccessKey: "x"}), "InvalidClientTokenId", invalidToken)

	w.must(w.accounts.SetKeyActive(t.Context(), home, "bob", bob.AccessKeyID, false))
	fails(t, "inactive key", whoami(bob), "InvalidClientTokenId", "The AWS access key provided does not exist in our records.")

	w.pass(time.Hour - time.Second)
	if err := whoami(good); err != nil {
		t.Errorf("a second before expiry: %v", err)
	}
	w.pass(time.Second)
	fails(t, "expired", whoami(good), "ExpiredToken", expiredToken)
}

// A role's sessions end with it; a new role of the same name does not revive
// them.
func TestDeletedRoleEndsSessions(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := &world{t: t, time: start}
		w.open(db)
		bob := w.user(home, "bob", anything)
		document := trust("sts:AssumeRole", awsPrincipal("arn:aws:iam::"+home+":root"), "")
		role := w.role(home, "reader", document, "")
		out, err := w.client(bob).AssumeRole(t.Context(), &awssts.AssumeRoleInput{RoleArn: &role, RoleSessionName: new("work")})
		w.must(err)
		session := w.client(temporary(out.Credentials))
		if _, err := session.GetCallerIdentity(t.Context(), nil); err != nil {
			t.Errorf("while there is a role: %v", err)
		}
		w.must(w.accounts.DeleteRole(t.Context(), home, "reader"))
		_, err = session.GetCallerIdentity(t.Context(), nil)
		fails(t, "deleted role", err, "InvalidClientTokenId", invalidToken)
		w.role(home, "reader", document, "")
		_, err = session.GetCallerIdentity(t.Context(), nil)
		fails(t, "namesake", err, "InvalidClientTokenId", invalidToken)
	}, storetest.Clock(func() time.Time { return start }))
}

// A user's own sessions end with the user.
func TestDeletedUserEndsSessions(t *testing.T) {
	w := newWorld(t)
	ann := w.user(home, "ann", "")
	out, err := w.client(ann).GetSessionToken(t.Context(), nil)
	w.must(err)
	w.must(w.accounts.DeleteKey(t.Context(), home, "ann", ann.AccessKeyID))
	session := w.client(temporary(out.Credentials))
	if _, err := session.GetCallerIdentity(t.Context(), nil); err != nil {
		t.Errorf("without the key that asked for it: %v", err)
	}
	_, err = w.client(ann).GetCallerIdentity(t.Context(), nil)
	fails(t, "deleted key", err, "InvalidClientTokenId", invalidToken)
	w.must(w.accounts.DeleteUser(t.Context(), home, "ann"))
	_, err = session.GetCallerIdentity(t.Context(), nil)
	fails(t, "deleted user", err, "InvalidClientTokenId", invalidToken)
}

func flipFirst(s string) string {
	if s[40] == 'A' {
		return s[:40] + "B" + s[41:]
	}
	return s[:40] + "A" + s[41:]
}

// In dev mode unknown keys are root of an account; keys that the deployment
// issued, and everything that looks like a session's, are verified.
func TestDevMode(t *testing.T) {
	w := newWorld(t, func(c *sigv4.Config) {
		c.AcceptUnknownKeys = func(id string) (awsapi.Caller, bool) { return account.RootCaller(home, id), true }
	})
	who, err := w.client(aws.Credentials{AccessKeyID: "test", SecretAccessKey: "test"}).GetCallerIdentity(t.Context(), nil)
	if err != nil || *who.Arn != "arn:aws:iam::"+home+":root" {
		t.Errorf("unknown key: %+v, %v", who, err)
	}
	ann := w.user(home, "ann", "")
	ann.SecretAccessKey = "test"
	_, err = w.client(ann).GetCallerIdentity(t.Context(), nil)
	fails(t, "known key, wrong secret", err, "SignatureDoesNotMatch", mismatch)
	_, err = w.client(aws.Credentials{AccessKeyID: "ASIAQAAAAAAAAAAAAAAA", SecretAccessKey: "test", SessionToken: "test"}).GetCallerIdentity(t.Context(), nil)
	fails(t, "made-up session", err, "InvalidClientTokenId", damagedToken)
	_, err = w.client(aws.Credentials{AccessKeyID: "ASIAQAAAAAAAAAAAAAAA", SecretAccessKey: "test"}).GetCallerIdentity(t.Context(), nil)
	fails(t, "temporary key without a token", err, "InvalidClientTokenId", invalidToken)
}
