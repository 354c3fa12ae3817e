package sdk

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"golang.org/x/crypto/ssh"
)

// sshKey makes an RSA key of a length and writes its public half in OpenSSH's
// form and in PEM.
func sshKey(t *testing.T, bits int) (open, inPEM, fingerprint string) {
	t.Helper()
	key := must(rsa.GenerateKey(rand.Reader, bits))(t)
	public := must(ssh.NewPublicKey(&key.PublicKey))(t)
	der := must(x509.MarshalPKIXPublicKey(&key.PublicKey))(t)
	return strings.TrimSpace(string(ssh.MarshalAuthorizedKey(public))),
		string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})), ssh.FingerprintLegacyMD5(public)
}

func TestSSHPublicKeys(t *testing.T) {
	open, inPEM, fingerprint := sshKey(t, 2048)
	others := make([]string, 5)
	for i := range others {
		others[i], _, _ = sshKey(t, 2048)
	}
	short, _, _ := sshKey(t, 1024)
	each(t, func(t *testing.T, w *world) {
		ctx, c, other := t.Context(), w.iam(w.alpha.keys), w.iam(w.beta.keys)
		ann := w.user(t, w.alpha, "ann", allow("iam:*SSHPublicKey*", "arn:aws:iam::*:user/${aws:username}"))
		must(c.CreateUser(ctx, &iam.CreateUserInput{UserName: aws.String("bob")}))(t)
		upload := func(user, body string) (*types.SSHPublicKey, error) {
			out, err := ann.UploadSSHPublicKey(ctx, &iam.UploadSSHPublicKeyInput{UserName: &user, SSHPublicKeyBody: &body})
			if err != nil {
				return nil, err
			}
			return out.SSHPublicKey, nil
		}
		made := must(upload("ann", open+" ann@example.com"))(t)
		if !strings.HasPrefix(*made.SSHPublicKeyId, "APKA") || *made.Fingerprint != fingerprint || made.Status != types.StatusTypeActive || *made.SSHPublicKeyBody != open+" ann@example.com" {
			t.Errorf("made %+v", made)
		}
		_, err := upload("ann", inPEM)
		refused[*types.DuplicateSSHPublicKeyException](t, "the same key in PEM", err, "The SSH public key is already associated with this user.")
		_, err = upload("ann", short)
		refused[*types.InvalidPublicKeyException](t, "1024 bits", err, "The SSH public key is not a valid RSA key of at least 2048 bits.")
		_, err = upload("ann", "ssh-rsa AAAA")
		refused[*types.InvalidPublicKeyException](t, "a key cut short", err, "The SSH public key is not a valid RSA key of at least 2048 bits.")
		_, err = upload("ann", "ssh-ed25519 AAAA")
		refused[*types.UnrecognizedPublicKeyEncodingException](t, "another form", err, "The SSH public key must be encoded in ssh-rsa format or PEM format.")
		_, err = upload("bob", open)
		refusedCode(t, "for a colleague", err, "AccessDenied", "User: arn:aws:iam::"+w.alpha.account+":user/ann is not authorized to perform: iam:UploadSSHPublicKey on resource: user bob because no identity-based policy allows the iam:UploadSSHPublicKey action")

		for encoding, want := range map[types.EncodingType]string{types.EncodingTypeSsh: open, types.EncodingTypePem: inPEM} {
			got := must(ann.GetSSHPublicKey(ctx, &iam.GetSSHPublicKeyInput{UserName: aws.String("ann"), SSHPublicKeyId: made.SSHPublicKeyId, Encoding: encoding}))(t).SSHPublicKey
			if *got.SSHPublicKeyBody != want {
				t.Errorf("%s: %s", encoding, *got.SSHPublicKeyBody)
			}
		}
		missing := "The Public Key with id " + *made.SSHPublicKeyId + " cannot be found."
		_, err = c.GetSSHPublicKey(ctx, &iam.GetSSHPublicKeyInput{UserName: aws.String("bob"), SSHPublicKeyId: made.SSHPublicKeyId, Encoding: types.EncodingTypeSsh})
		refused[*types.NoSuchEntityException](t, "as bob's", err, missing)
		_, err = other.DeleteSSHPublicKey(ctx, &iam.DeleteSSHPublicKeyInput{UserName: aws.String("ann"), SSHPublicKeyId: made.SSHPublicKeyId})
		refused[*types.NoSuchEntityException](t, "from another account", err, "The user with name ann cannot be found.")

		must(ann.UpdateSSHPublicKey(ctx, &iam.UpdateSSHPublicKeyInput{UserName: aws.String("ann"), SSHPublicKeyId: made.SSHPublicKeyId, Status: types.StatusTypeInactive}))(t)
		if list := must(ann.ListSSHPublicKeys(ctx, &iam.ListSSHPublicKeysInput{}))(t).SSHPublicKeys; len(list) != 1 || list[0].Status != types.StatusTypeInactive || *list[0].UserName != "ann" {
			t.Errorf("list %+v", list)
		}
		for i, key := range others {
			if _, err = upload("ann", key); i < 4 && err != nil {
				t.Fatal(err)
			}
		}
		refused[*types.LimitExceededException](t, "a sixth key", err, "Cannot exceed quota for SSHPublicKeysPerUser: 5")
		n := 0
		for pages := iam.NewListSSHPublicKeysPaginator(c, &iam.ListSSHPublicKeysInput{UserName: aws.String("ann"), MaxItems: aws.Int32(2)}); pages.HasMorePages(); {
			n += len(must(pages.NextPage(ctx))(t).SSHPublicKeys)
		}
		if n != 5 {
			t.Errorf("%d keys on pages", n)
		}

		must(c.UploadSSHPublicKey(ctx, &iam.UploadSSHPublicKeyInput{UserName: aws.String("bob"), SSHPublicKeyBody: &open}))(t)
		_, err = c.DeleteUser(ctx, &iam.DeleteUserInput{UserName: aws.String("bob")})
		refused[*types.DeleteConflictException](t, "delete a user with a key", err, "Cannot delete entity, must remove referenced objects first.")
		must(c.DeleteSSHPublicKey(ctx, &iam.DeleteSSHPublicKeyInput{UserName: aws.String("ann"), SSHPublicKeyId: made.SSHPublicKeyId}))(t)
		_, err = c.DeleteSSHPublicKey(ctx, &iam.DeleteSSHPublicKeyInput{UserName: aws.String("ann"), SSHPublicKeyId: made.SSHPublicKeyId})
		refused[*types.NoSuchEntityException](t, "deleted twice", err, missing)
	})
}

func TestServiceSpecificCredentials(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx, c := t.Context(), w.iam(w.alpha.keys)
		ann := w.user(t, w.alpha, "ann", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:*ServiceSpecificCredential*","Resource":"arn:aws:iam::*:user/${aws:username}"},
			{"Effect":"Deny","Action":"iam:CreateServiceSpecificCredential","Resource":"*","Condition":{"StringEquals":{"iam:ServiceSpecificCredentialServiceName":"cassandra.amazonaws.com"}}},
			{"Effect":"Deny","Action":"iam:CreateServiceSpecificCredential","Resource":"*","Condition":{"NumericGreaterThan":{"iam:ServiceSpecificCredentialAgeDays":"30"}}}]}`)
		must(c.CreateUser(ctx, &iam.CreateUserInput{UserName: aws.String("bob")}))(t)
		create := func(c *iam.Client, user, service string, days *int32) (*types.ServiceSpecificCredential, error) {
			out, err := c.CreateServiceSpecificCredential(ctx, &iam.CreateServiceSpecificCredentialInput{UserName: &user, ServiceName: &service, CredentialAgeDays: days})
			if err != nil {
				return nil, err
			}
			return out.ServiceSpecificCredential, nil
		}
		const git, bedrock = "codecommit.amazonaws.com", "bedrock.amazonaws.com"
		first := must(create(ann, "ann", git, nil))(t)
		if !strings.HasPrefix(*first.ServiceSpecificCredentialId, "ACCA") || *first.ServiceUserName != "ann-at-"+w.alpha.account || len(*first.ServicePassword) != 44 || first.Status != types.StatusTypeActive || first.ServiceCredentialSecret != nil || first.ExpirationDate != nil {
			t.Errorf("made %+v", first)
		}
		second := must(create(ann, "ann", git, nil))(t)
		if *second.ServiceUserName != "ann+1-at-"+w.alpha.account || *second.ServicePassword == *first.ServicePassword {
			t.Errorf("second %+v", second)
		}
		_, err := create(ann, "ann", git, nil)
		refused[*types.LimitExceededException](t, "a third", err, "Cannot exceed quota for ServiceSpecificCredentialsPerUser: 2")
		_, err = create(c, "ann", "s3.amazonaws.com", nil)
		refused[*types.ServiceNotSupportedException](t, "another service", err, "No such service s3.amazonaws.com is supported for Service Specific Credentials")
		_, err = create(c, "bob", git, aws.Int32(5))
		refusedCode(t, "days for a password", err, "ValidationError", "Credentials for codecommit.amazonaws.com do not expire: CredentialAgeDays cannot be set.")
		_, err = create(ann, "ann", "cassandra.amazonaws.com", nil)
		refusedCode(t, "a service that a policy denies", err, "AccessDenied", "User: arn:aws:iam::"+w.alpha.account+":user/ann is not authorized to perform: iam:CreateServiceSpecificCredential on resource: user ann with an explicit deny in an identity-based policy")
		if _, err = create(ann, "ann", bedrock, aws.Int32(31)); err == nil {
			t.Error("more days than a policy lets")
		}
		key := must(create(ann, "ann", bedrock, aws.Int32(30)))(t)
		if !strings.HasPrefix(*key.ServiceCredentialAlias, "BedrockAPIKey-") || !strings.HasPrefix(*key.ServiceCredentialSecret, "ABSK") || key.ServicePassword != nil || key.ExpirationDate.Sub(*key.CreateDate) != 30*24*time.Hour {
			t.Errorf("key %+v", key)
		}

		list := must(ann.ListServiceSpecificCredentials(ctx, &iam.ListServiceSpecificCredentialsInput{}))(t).ServiceSpecificCredentials
		if len(list) != 3 || strings.Contains(string(w.wire.reply), *first.ServicePassword) {
			t.Errorf("list %+v", list)
		}
		if list := must(ann.ListServiceSpecificCredentials(ctx, &iam.ListServiceSpecificCredentialsInput{ServiceName: aws.String(bedrock)}))(t).ServiceSpecificCredentials; len(list) != 1 || *list[0].ServiceCredentialAlias != *key.ServiceCredentialAlias {
			t.Errorf("of one service %+v", list)
		}
		must(create(c, "bob", git, nil))(t)
		var users []string
		for marker := (*string)(nil); ; {
			out := must(c.ListServiceSpecificCredentials(ctx, &iam.ListServiceSpecificCredentialsInput{AllUsers: aws.Bool(true), MaxItems: aws.Int32(3), Marker: marker}))(t)
			for _, c := range out.ServiceSpecificCredentials {
				users = append(users, *c.UserName)
			}
			if marker = out.Marker; marker == nil {
				break
			}
		}
		if len(users) != 4 || strings.Count(fmt.Sprint(users), "bob") != 1 {
			t.Errorf("all users: %v", users)
		}
		_, err = ann.ListServiceSpecificCredentials(ctx, &iam.ListServiceSpecificCredentialsInput{AllUsers: aws.Bool(true)})
		refusedCode(t, "all users", err, "AccessDenied", "User: arn:aws:iam::"+w.alpha.account+":user/ann is not authorized to perform: iam:ListServiceSpecificCredentials on resource: * because no identity-based policy allows the iam:ListServiceSpecificCredentials action")

		must(ann.UpdateServiceSpecificCredential(ctx, &iam.UpdateServiceSpecificCredentialInput{ServiceSpecificCredentialId: first.ServiceSpecificCredentialId, Status: types.StatusTypeInactive}))(t)
		reset := must(ann.ResetServiceSpecificCredential(ctx, &iam.ResetServiceSpecificCredentialInput{ServiceSpecificCredentialId: first.ServiceSpecificCredentialId}))(t).ServiceSpecificCredential
		if *reset.ServicePassword == *first.ServicePassword || reset.Status != types.StatusTypeActive || *reset.ServiceUserName != *first.ServiceUserName {
			t.Errorf("reset %+v", reset)
		}
		_, err = c.ResetServiceSpecificCredential(ctx, &iam.ResetServiceSpecificCredentialInput{UserName: aws.String("bob"), ServiceSpecificCredentialId: first.ServiceSpecificCredentialId})
		refused[*types.NoSuchEntityException](t, "as bob's", err, "No such credential "+*first.ServiceSpecificCredentialId+" exists")
		w.Clock().Advance(30 * 24 * time.Hour)
		list = must(c.ListServiceSpecificCredentials(ctx, &iam.ListServiceSpecificCredentialsInput{UserName: aws.String("ann"), ServiceName: aws.String(bedrock)}))(t).ServiceSpecificCredentials
		if list[0].Status != types.StatusTypeExpired {
			t.Errorf("thirty days later %+v", list[0])
		}
		must(c.DeleteServiceSpecificCredential(ctx, &iam.DeleteServiceSpecificCredentialInput{UserName: aws.String("ann"), ServiceSpecificCredentialId: first.ServiceSpecificCredentialId}))(t)
		_, err = c.DeleteServiceSpecificCredential(ctx, &iam.DeleteServiceSpecificCredentialInput{UserName: aws.String("ann"), ServiceSpecificCredentialId: first.ServiceSpecificCredentialId})
		refused[*types.NoSuchEntityException](t, "deleted twice", err, "No such credential "+*first.ServiceSpecificCredentialId+" exists")
		third := must(create(c, "ann", git, nil))(t)
		if *third.ServiceUserName != "ann-at-"+w.alpha.account {
			t.Errorf("the name that is free again: %+v", third)
		}
	})
}

// pemCertificate is one of a test's own, signed by another or by itself.
type pemCertificate struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newCertificate(t *testing.T, name string, ca bool, from, until time.Time, issuer *pemCertificate) *pemCertificate {
	t.Helper()
	key := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))(t)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(from.UnixNano()), Subject: pkix.Name{CommonName: name}, NotBefore: from, NotAfter: until,
		IsCA: ca, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	parent, signer := template, key
	if issuer != nil {
		parent, signer = issuer.cert, issuer.key
	}
	der := must(x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, signer))(t)
	return &pemCertificate{must(x509.ParseCertificate(der))(t), key}
}

func (c *pemCertificate) pem() string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.cert.Raw}))
}

func (c *pemCertificate) keyPEM(t *testing.T) string {
	t.Helper()
	der := must(x509.MarshalPKCS8PrivateKey(c.key))(t)
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

func TestSigningCertificates(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx, c := t.Context(), w.iam(w.alpha.keys)
		now := w.Clock().Now()
		fresh := func() string {
			return newCertificate(t, "ann", false, now.Add(-time.Hour), now.Add(1000*time.Hour), nil).pem()
		}
		ann := w.user(t, w.alpha, "ann", allow("iam:*SigningCertificate*", "arn:aws:iam::*:user/${aws:username}"))
		must(c.CreateUser(ctx, &iam.CreateUserInput{UserName: aws.String("bob")}))(t)
		body := fresh()
		made := must(ann.UploadSigningCertificate(ctx, &iam.UploadSigningCertificateInput{CertificateBody: &body}))(t).Certificate
		if *made.UserName != "ann" || len(*made.CertificateId) < 24 || *made.CertificateBody != strings.TrimSpace(body) || made.Status != types.StatusTypeActive {
			t.Errorf("made %+v", made)
		}
		upload := func(body string) error {
			_, err := c.UploadSigningCertificate(ctx, &iam.UploadSigningCertificateInput{UserName: aws.String("ann"), CertificateBody: &body})
			return err
		}
		refused[*types.DuplicateCertificateException](t, "the same again", upload(body), "The certificate is already associated with this user.")
		for what, bad := range map[string]string{"nonsense": "nonsense", "two": fresh() + fresh(), "a key": newCertificate(t, "x", false, now, now.Add(time.Hour), nil).keyPEM(t)} {
			refused[*types.MalformedCertificateException](t, what, upload(bad), "Unable to parse certificate. Please ensure the certificate is in PEM format.")
		}
		old := newCertificate(t, "ann", false, now.Add(-2*time.Hour), now.Add(-time.Hour), nil).pem()
		refused[*types.InvalidCertificateException](t, "an expired one", upload(old), "The certificate is expired or not valid yet.")
		if err := upload(fresh()); err != nil {
			t.Fatal(err)
		}
		refused[*types.LimitExceededException](t, "a third", upload(fresh()), "Cannot exceed quota for SigningCertificatesPerUser: 2")
		_, err := c.UploadSigningCertificate(ctx, &iam.UploadSigningCertificateInput{CertificateBody: &body})
		refusedCode(t, "the root user", err, "ValidationError", "Must specify userName when calling with non-User credentials")

		must(ann.UpdateSigningCertificate(ctx, &iam.UpdateSigningCertificateInput{CertificateId: made.CertificateId, Status: types.StatusTypeInactive}))(t)
		inactive := 0
		for _, c := range must(ann.ListSigningCertificates(ctx, &iam.ListSigningCertificatesInput{}))(t).Certificates {
			if c.Status == types.StatusTypeInactive && *c.CertificateId == *made.CertificateId {
				inactive++
			}
		}
		if inactive != 1 {
			t.Errorf("%d are inactive", inactive)
		}
		_, err = ann.ListSigningCertificates(ctx, &iam.ListSigningCertificatesInput{UserName: aws.String("bob")})
		refusedCode(t, "a colleague's", err, "AccessDenied", "User: arn:aws:iam::"+w.alpha.account+":user/ann is not authorized to perform: iam:ListSigningCertificates on resource: user bob because no identity-based policy allows the iam:ListSigningCertificates action")
		missing := "The Certificate with id " + *made.CertificateId + " cannot be found."
		_, err = c.DeleteSigningCertificate(ctx, &iam.DeleteSigningCertificateInput{UserName: aws.String("bob"), CertificateId: made.CertificateId})
		refused[*types.NoSuchEntityException](t, "as bob's", err, missing)
		must(ann.DeleteSigningCertificate(ctx, &iam.DeleteSigningCertificateInput{CertificateId: made.CertificateId}))(t)
		_, err = ann.DeleteSigningCertificate(ctx, &iam.DeleteSigningCertificateInput{CertificateId: made.CertificateId})
		refused[*types.NoSuchEntityException](t, "deleted twice", err, missing)
	})
}

func TestServerCertificates(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx, c, other := t.Context(), w.iam(w.alpha.keys), w.iam(w.beta.keys)
		now := w.Clock().Now()
		root := newCertificate(t, "root", true, now, now.Add(9000*time.Hour), nil)
		middle := newCertificate(t, "middle", true, now, now.Add(9000*time.Hour), root)
		leaf := newCertificate(t, "www.example.com", false, now, now.Add(2000*time.Hour), middle)
		in := func(name string) *iam.UploadServerCertificateInput {
			return &iam.UploadServerCertificateInput{
				ServerCertificateName: &name, Path: aws.String("/web/"), CertificateBody: aws.String(leaf.pem()), PrivateKey: aws.String(leaf.keyPEM(t)),
				CertificateChain: aws.String(middle.pem() + root.pem()), Tags: []types.Tag{{Key: aws.String("k"), Value: aws.String("v")}},
			}
		}
		out := must(c.UploadServerCertificate(ctx, in("WWW")))(t)
		made := out.ServerCertificateMetadata
		if *made.Arn != "arn:aws:iam::"+w.alpha.account+":server-certificate/web/WWW" || !strings.HasPrefix(*made.ServerCertificateId, "ASCA") || !made.Expiration.Equal(leaf.cert.NotAfter) || len(out.Tags) != 1 {
			t.Errorf("made %+v", made)
		}
		_, err := c.UploadServerCertificate(ctx, in("www"))
		refused[*types.EntityAlreadyExistsException](t, "the same name", err, "The Server Certificate with name www already exists.")
		fails := func(change func(*iam.UploadServerCertificateInput)) error {
			bad := in("bad")
			change(bad)
			_, err := c.UploadServerCertificate(ctx, bad)
			return err
		}
		refused[*types.KeyPairMismatchException](t, "another key", fails(func(i *iam.UploadServerCertificateInput) { i.PrivateKey = aws.String(root.keyPEM(t)) }), "The public key certificate and the private key do not match.")
		refused[*types.MalformedCertificateException](t, "no key", fails(func(i *iam.UploadServerCertificateInput) { i.PrivateKey = aws.String("nonsense") }), "Unable to parse private key. Please ensure it is in PEM format and not encrypted.")
		refused[*types.MalformedCertificateException](t, "no certificate", fails(func(i *iam.UploadServerCertificateInput) { i.CertificateBody = aws.String("nonsense") }), "Unable to parse certificate. Please ensure the certificate is in PEM format.")
		refused[*types.MalformedCertificateException](t, "a chain out of order", fails(func(i *iam.UploadServerCertificateInput) { i.CertificateChain = aws.String(root.pem() + middle.pem()) }),
			"Unable to validate certificate chain. The certificate chain must start with the immediate signing certificate, followed by any intermediaries in order. The index within the chain of the invalid certificate is: 0")

		got := must(c.GetServerCertificate(ctx, &iam.GetServerCertificateInput{ServerCertificateName: aws.String("www")}))(t).ServerCertificate
		if *got.CertificateBody != strings.TrimSpace(leaf.pem()) || *got.CertificateChain != strings.TrimSpace(middle.pem()+root.pem()) || len(got.Tags) != 1 || strings.Contains(string(w.wire.reply), "PRIVATE") {
			t.Errorf("got %s", w.wire.reply)
		}
		_, err = other.GetServerCertificate(ctx, &iam.GetServerCertificateInput{ServerCertificateName: aws.String("WWW")})
		refused[*types.NoSuchEntityException](t, "from another account", err, "The Server Certificate with name WWW cannot be found.")

		ops := w.user(t, w.alpha, "ops", allow("iam:*ServerCertificate*", "arn:aws:iam::*:server-certificate/web/*"))
		_, err = ops.UpdateServerCertificate(ctx, &iam.UpdateServerCertificateInput{ServerCertificateName: aws.String("WWW"), NewPath: aws.String("/admin/")})
		refusedCode(t, "move it where one may not", err, "AccessDenied", "User: arn:aws:iam::"+w.alpha.account+":user/ops is not authorized to perform: iam:UpdateServerCertificate on resource: arn:aws:iam::"+
			w.alpha.account+":server-certificate/admin/WWW because no identity-based policy allows the iam:UpdateServerCertificate action")
		must(ops.UpdateServerCertificate(ctx, &iam.UpdateServerCertificateInput{ServerCertificateName: aws.String("WWW"), NewServerCertificateName: aws.String("shop")}))(t)
		must(ops.TagServerCertificate(ctx, &iam.TagServerCertificateInput{ServerCertificateName: aws.String("shop"), Tags: []types.Tag{{Key: aws.String("l"), Value: aws.String("")}}}))(t)
		must(ops.UntagServerCertificate(ctx, &iam.UntagServerCertificateInput{ServerCertificateName: aws.String("shop"), TagKeys: []string{"K"}}))(t)
		if tags := must(ops.ListServerCertificateTags(ctx, &iam.ListServerCertificateTagsInput{ServerCertificateName: aws.String("shop")}))(t).Tags; len(tags) != 1 || *tags[0].Key != "l" {
			t.Errorf("tags %+v", tags)
		}
		plain := in("plain")
		plain.CertificateChain, plain.Path = nil, nil
		must(c.UploadServerCertificate(ctx, plain))(t)
		var names []string
		for pages := iam.NewListServerCertificatesPaginator(c, &iam.ListServerCertificatesInput{MaxItems: aws.Int32(1)}); pages.HasMorePages(); {
			for _, c := range must(pages.NextPage(ctx))(t).ServerCertificateMetadataList {
				names = append(names, *c.Path+*c.ServerCertificateName)
			}
		}
		if fmt.Sprint(names) != "[/plain /web/shop]" {
			t.Errorf("list %v", names)
		}
		must(c.DeleteServerCertificate(ctx, &iam.DeleteServerCertificateInput{ServerCertificateName: aws.String("SHOP")}))(t)
		_, err = c.DeleteServerCertificate(ctx, &iam.DeleteServerCertificateInput{ServerCertificateName: aws.String("shop")})
		refused[*types.NoSuchEntityException](t, "deleted twice", err, "The Server Certificate with name shop cannot be found.")
	})
}
