package sts_test

import (
	"testing"
	"time"

	awssts "github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/aws-sdk-go-v2/service/sts/types"
)

func TestGetFederationToken(t *testing.T) {
	w := newWorld(t)
	me := userARN(home, "ann")
	manager := "arn:aws:sts::" + home + ":federated-user/Manager1"
	ann := w.user(home, "ann", `{"Version":"2012-10-17","Statement":[
		{"Effect":"Allow","Action":"sts:GetFederationToken","Resource":"arn:aws:sts::`+home+`:federated-user/Manager*"},
		{"Effect":"Allow","Action":["sts:GetAccessKeyInfo","s3:*"],"Resource":"*"}]}`)
	client := w.client(ann)

	_, err := client.GetFederationToken(t.Context(), &awssts.GetFederationTokenInput{Name: new("Worker1")})
	fails(t, "another name", err, "AccessDenied", "User: "+me+" is not authorized to perform: sts:GetFederationToken on resource: arn:aws:sts::"+home+":federated-user/Worker1 because no identity-based policy allows the sts:GetFederationToken action")
	_, err = client.GetFederationToken(t.Context(), &awssts.GetFederationTokenInput{Name: new("Manager1"), Tags: []types.Tag{{Key: new("a"), Value: new("b")}}})
	fails(t, "tags without sts:TagSession", err, "AccessDenied", "User: "+me+" is not authorized to perform: sts:TagSession on resource: "+manager+" because no identity-based policy allows the sts:TagSession action")

	ask := func(policy *string) *awssts.Client {
		t.Helper()
		out, err := client.GetFederationToken(t.Context(), &awssts.GetFederationTokenInput{Name: new("Manager1"), Policy: policy})
		if err != nil {
			t.Fatal(err)
		}
		if *out.FederatedUser.Arn != manager || *out.FederatedUser.FederatedUserId != home+":Manager1" || !out.Credentials.Expiration.Equal(w.now().Add(12*time.Hour)) {
			t.Errorf("user %s, %s, until %v", *out.FederatedUser.Arn, *out.FederatedUser.FederatedUserId, out.Credentials.Expiration)
		}
		return w.client(temporary(out.Credentials))
	}
	who, err := ask(nil).GetCallerIdentity(t.Context(), nil)
	if err != nil || *who.Arn != manager || *who.UserId != home+":Manager1" {
		t.Errorf("%+v, %v", who, err)
	}
	session := ask(new(may("sts:*", "*")))
	_, err = session.GetFederationToken(t.Context(), &awssts.GetFederationTokenInput{Name: new("Manager2")})
	fails(t, "by a session", err, "AccessDenied", "Cannot call GetFederationToken with session credentials")
	_, err = session.GetAccessKeyInfo(t.Context(), &awssts.GetAccessKeyInfoInput{AccessKeyId: new("ASIAY34FZKBOKMUTVV7A")})
	fails(t, "other operations of STS", err, "AccessDenied", "User: "+manager+" is not authorized to perform: sts:GetAccessKeyInfo on resource: *")
	role := w.role(home, "open", trust(assumeAction, awsPrincipal("*"), ""), "")
	_, err = session.AssumeRole(t.Context(), &awssts.AssumeRoleInput{RoleArn: &role, RoleSessionName: new("one")})
	fails(t, "a role", err, "AccessDenied", "User: "+manager+" is not authorized to perform: sts:AssumeRole on resource: "+role)
}
