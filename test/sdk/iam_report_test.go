package sdk

import (
	"encoding/csv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

// The credential report shows what a user has: password, device, certificates.
func TestCredentialReportOfAUserWithEverything(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx, c := t.Context(), w.iam(w.alpha.keys)
		must(c.CreateUser(ctx, &iam.CreateUserInput{UserName: aws.String("ann")}))(t)
		must(c.UpdateAccountPasswordPolicy(ctx, &iam.UpdateAccountPasswordPolicyInput{MaxPasswordAge: aws.Int32(90)}))(t)
		must(c.CreateLoginProfile(ctx, &iam.CreateLoginProfileInput{UserName: aws.String("ann"), Password: aws.String("Correct-Horse-9")}))(t)
		if err := w.newDevice(t, c, "phone").enable(t, c, "ann"); err != nil {
			t.Fatal(err)
		}
		now := w.Clock().Now()
		body := newCertificate(t, "ann", false, now.Add(-time.Hour), now.Add(time.Hour), nil).pem()
		cert := must(c.UploadSigningCertificate(ctx, &iam.UploadSigningCertificateInput{UserName: aws.String("ann"), CertificateBody: &body}))(t).Certificate
		must(c.UpdateSigningCertificate(ctx, &iam.UpdateSigningCertificateInput{UserName: aws.String("ann"), CertificateId: cert.CertificateId, Status: types.StatusTypeInactive}))(t)
		body = newCertificate(t, "ann", false, now.Add(-time.Hour), now.Add(time.Hour), nil).pem()
		w.Clock().Advance(time.Minute)
		must(c.UploadSigningCertificate(ctx, &iam.UploadSigningCertificateInput{UserName: aws.String("ann"), CertificateBody: &body}))(t)

		must(c.GenerateCredentialReport(ctx, &iam.GenerateCredentialReportInput{}))(t)
		rows := must(csv.NewReader(strings.NewReader(string(must(c.GetCredentialReport(ctx, &iam.GetCredentialReportInput{}))(t).Content))).ReadAll())(t)
		ann := map[string]string{}
		for i, column := range rows[0] {
			ann[column] = rows[2][i]
		}
		for column, want := range map[string]string{
			"user": "ann", "password_enabled": "true", "password_last_used": "no_information", "mfa_active": "true", "access_key_1_active": "false",
			"cert_1_active": "false", "cert_2_active": "true",
		} {
			if ann[column] != want {
				t.Errorf("%s is %q, want %q", column, ann[column], want)
			}
		}
		changed := must(time.Parse(time.RFC3339, ann["password_last_changed"]))(t)
		if next := must(time.Parse(time.RFC3339, ann["password_next_rotation"]))(t); next.Sub(changed) != 90*24*time.Hour {
			t.Errorf("the password changed at %v and must at %v", changed, next)
		}
		for _, column := range []string{"cert_1_last_rotated", "cert_2_last_rotated"} {
			must(time.Parse(time.RFC3339, ann[column]))(t)
		}
	})
}
