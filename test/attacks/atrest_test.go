package attacks

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"math/big"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"
)

// Nothing that opens a door is in the clear in the data directory, the log at
// its most talkative, or the metrics.
func TestSecretsAreNowhereInTheClear(t *testing.T) {
	w := serve(t, options{})
	p := w.pool(w.roots[home], west, nil, nil)
	secrets := map[string]string{"root's secret": w.roots[home].SecretAccessKey}

	ann := w.user("ann", everything)
	secrets["IAM user's secret"] = ann.SecretAccessKey
	session := w.session(ann, "Action=AssumeRole", "RoleArn", w.role("reader", everything), "RoleSessionName", "work")
	w.whoami(session).ok(t, nil)
	secrets["temporary secret"], secrets["session token"] = session.SecretAccessKey, session.SessionToken[:100]

	const console = "Console-Canary-3318"
	w.do("iam", "Action=CreateLoginProfile", "UserName", "ann", "Password", console)
	w.query(ann, "iam", "Action=ChangePassword&OldPassword=Wrong-Canary-5517&NewPassword="+console).refused(t, "a wrong old password", "AccessDenied", "The old password was incorrect.")
	secrets["IAM user's password"] = console
	var device struct {
		CreateVirtualMFADeviceResponse struct {
			CreateVirtualMFADeviceResult struct {
				VirtualMFADevice struct{ Base32StringSeed []byte }
			}
		}
	}
	w.query(ann, "iam", "Action=CreateVirtualMFADevice&VirtualMFADeviceName=phone").ok(t, &device)
	seed := device.CreateVirtualMFADeviceResponse.CreateVirtualMFADeviceResult.VirtualMFADevice.Base32StringSeed
	raw, err := base32.StdEncoding.DecodeString(string(seed))
	if err != nil || len(raw) < 20 {
		t.Fatalf("seed %q: %v", seed, err)
	}
	secrets["MFA seed as text"], secrets["MFA seed"] = string(seed), string(raw)
	var service struct {
		CreateServiceSpecificCredentialResponse struct {
			CreateServiceSpecificCredentialResult struct {
				ServiceSpecificCredential struct{ ServicePassword string }
			}
		}
	}
	w.query(ann, "iam", "Action=CreateServiceSpecificCredential&UserName=ann&ServiceName=codecommit.amazonaws.com").ok(t, &service)
	secrets["service password"] = service.CreateServiceSpecificCredentialResponse.CreateServiceSpecificCredentialResult.ServiceSpecificCredential.ServicePassword
	cert, private := selfSigned(t)
	w.do("iam", "Action=UploadServerCertificate", "ServerCertificateName", "www", "CertificateBody", cert, "PrivateKey", private)
	secrets["private key of a server certificate"] = strings.Split(private, "\n")[1]

	var client struct{ UserPoolClient struct{ ClientSecret string } }
	p.admin("CreateUserPoolClient", input{"ClientName": "secret", "GenerateSecret": true}).ok(t, &client)
	secrets["client secret"] = client.UserPoolClient.ClientSecret

	const invited, signedUp, wrong = "Invited-Canary-7391", "SignedUp-Canary-8246", "Wrong-Canary-5517"
	secrets["password"], secrets["temporary password"], secrets["wrong password"] = signedUp, invited, wrong
	p.admin("AdminCreateUser", input{
		"Username": "bob", "TemporaryPassword": invited, "DesiredDeliveryMediums": []string{"EMAIL"},
		"UserAttributes": []input{{"Name": "email", "Value": "bob@example.com"}},
	}).ok(t, nil)
	var challenged signedIn
	p.signIn("bob", invited).ok(t, &challenged)
	secrets["challenge session"] = challenged.Session
	p.public("SignUp", input{"Username": "carol", "Password": signedUp, "UserAttributes": []input{{"Name": "email", "Value": "carol@example.com"}}}).ok(t, nil)
	code := w.code(t, "carol@example.com")
	p.public("ConfirmSignUp", input{"Username": "carol", "ConfirmationCode": "000000"})
	p.public("ConfirmSignUp", input{"Username": "carol", "ConfirmationCode": code}).ok(t, nil)
	secrets["mail body"] = "Your confirmation code is " + code
	p.signIn("carol", wrong).refused(t, "wrong password", "NotAuthorizedException", "")
	p.signIn(wrong, wrong).refused(t, "password as username", "UserNotFoundException", "")
	var in signedIn
	p.signIn("carol", signedUp).ok(t, &in)
	r := in.AuthenticationResult
	w.userOf(r.AccessToken).ok(t, nil)
	w.userOf(r.IdToken).refused(t, "ID token", "NotAuthorizedException", "")
	w.userOf(r.AccessToken+"x").refused(t, "broken token", "NotAuthorizedException", "")
	p.refresh(r.RefreshToken).ok(t, nil)
	secrets["access token"], secrets["ID token"], secrets["refresh token"] = r.AccessToken[100:400], r.IdToken[100:400], r.RefreshToken[70:]
	w.send(w.jsonRequest("cognito-idp", "SignUp", []byte(`{"ClientId":"x","Password":"`+wrong)))

	// A refusal is kept with what it was made from.
	bob := w.session(w.user("walter", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:*","Resource":"*"}]}`), "Action=GetSessionToken")
	refusal := w.jsonRequest("cognito-idp", "ListUserPools", []byte(`{"MaxResults":1}`))
	refusal.Header.Set("Referer", "https://app.test/?access_token="+r.AccessToken)
	refusal = w.sign(refusal, bob, "cognito-idp", west)
	denied := w.send(refusal)
	denied.refused(t, "a session without permission", "AccessDeniedException", "")
	secrets["refused session's secret"], secrets["refused session token"] = bob.SecretAccessKey, bob.SessionToken[:100]
	w.eventually(func() bool {
		return len(w.audit(url.Values{"denied": {"true"}, "operation": {"cognito-idp:ListUserPools"}})) > 0
	})
	why := w.admin("/_cenote/why", url.Values{"request": {denied.header.Get("x-amzn-RequestId")}})

	metrics := httptest.NewRecorder()
	w.dep.Admin().ServeHTTP(metrics, httptest.NewRequest("GET", "/_cenote/metrics", nil))
	if !strings.Contains(metrics.Body.String(), `cenote_outbox_waiting{route="FUNCTION"} 0`) {
		t.Error("metrics do not tell what waits in the outbox")
	}
	outbox := httptest.NewRecorder()
	w.dep.Admin().ServeHTTP(outbox, httptest.NewRequest("GET", "/_cenote/outbox", nil))
	if !strings.Contains(outbox.Body.String(), `"c***@e***"`) {
		t.Errorf("operators see no messages: %s", outbox.Body)
	}
	places := map[string][]byte{
		"log": []byte(w.log.String()), "metrics": metrics.Body.Bytes(), "explanation": []byte(why), "operators' outbox": outbox.Body.Bytes(),
	}
	w.read(places)
	w.stop()
	w.read(places)
	key, err := os.ReadFile(w.storage.MasterKeyFile)
	if err != nil {
		t.Fatal(err)
	}
	secrets["master key"] = string(bytes.TrimSpace(key))
	for name, secret := range secrets {
		for place, content := range places {
			for form, text := range map[string]string{
				"as it is": secret, "in hex": hex.EncodeToString([]byte(secret)),
				"in base64": base64.RawStdEncoding.EncodeToString([]byte(secret)), "in base64url": base64.RawURLEncoding.EncodeToString([]byte(secret)),
			} {
				if bytes.Contains(content, []byte(text)) {
					t.Errorf("%s stands %s in %s", name, form, place)
				}
			}
		}
	}
	for _, name := range []string{"carol", "bob", "example.com", "000000", code} {
		// As a word of its own: six digits stand in some number or identifier
		// of a long log by chance.
		word := regexp.MustCompile(`(^|[^0-9A-Za-z.-])` + regexp.QuoteMeta(name) + `($|[^0-9A-Za-z.-])`)
		for _, place := range []string{"log", "metrics", "operators' outbox"} {
			if word.Match(places[place]) {
				t.Errorf("%q stands in the %s", name, place)
			}
		}
	}
}

// selfSigned makes a certificate and its private key, in PEM.
func selfSigned(t *testing.T) (cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now(), NotAfter: time.Now().Add(time.Hour)}
	certDER, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certDER})),
		string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER}))
}

// read adds the files of the data directory to places, and checks that only
// their owner can read them.
func (w *world) read(places map[string][]byte) {
	w.t.Helper()
	err := filepath.Walk(w.storage.Data, func(path string, info os.FileInfo, err error) error {
		if err != nil {
			return err
		}
		if runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
			w.t.Errorf("%s has mode %v", path, info.Mode())
		}
		if info.IsDir() {
			return nil
		}
		content, err := os.ReadFile(path)
		places[info.Name()] = append(places[info.Name()], content...)
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
}
