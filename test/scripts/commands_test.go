package scripts

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/cenote-id/cenote/internal/otp"
)

// aws ARGS… runs the AWS CLI against $URL.
func aws(ts *testscript.TestScript, neg bool, args []string) {
	err := ts.Exec("aws", append([]string{"--endpoint-url", ts.Getenv("URL")}, args...)...)
	switch {
	case err != nil && !neg:
		ts.Fatalf("aws %s: %v\n%s", strings.Join(args, " "), err, ts.ReadFile("stderr"))
	case err == nil && neg:
		ts.Fatalf("aws %s: unexpected success\n%s", strings.Join(args, " "), ts.ReadFile("stdout"))
	}
}

// capture NAME sets $NAME to what the last command printed; with more names,
// each to one word of it.
func capture(ts *testscript.TestScript, neg bool, args []string) {
	printed := strings.TrimSpace(ts.ReadFile("stdout"))
	words := []string{printed}
	if len(args) > 1 {
		words = strings.Fields(printed)
	}
	if neg || len(args) == 0 || len(args) != len(words) {
		ts.Fatalf("usage: capture NAME..., after a command that printed as many words")
	}
	for i, name := range args {
		ts.Setenv(name, words[i])
	}
}

// keys takes the tab-separated key id, secret and session token that the last
// command printed as credentials from here on.
func keys(ts *testscript.TestScript, neg bool, args []string) {
	f := strings.Fields(ts.ReadFile("stdout"))
	if neg || len(args) != 0 || len(f) != 3 {
		ts.Fatalf("usage: keys, after a command that printed three words")
	}
	setKeys(ts, f[0], f[1], f[2])
}

// nokeys goes back to the keys that a development server takes for root's, or
// with KEY SECRET to long-term keys.
func noKeys(ts *testscript.TestScript, neg bool, args []string) {
	switch {
	case !neg && len(args) == 0:
		setKeys(ts, "test", "test", "")
	case !neg && len(args) == 2:
		setKeys(ts, args[0], args[1], "")
	default:
		ts.Fatalf("usage: nokeys [KEY SECRET]")
	}
}

func setKeys(ts *testscript.TestScript, id, secret, token string) {
	ts.Setenv("AWS_ACCESS_KEY_ID", id)
	ts.Setenv("AWS_SECRET_ACCESS_KEY", secret)
	ts.Setenv("AWS_SESSION_TOKEN", token)
}

// account NAME reads what `cenote account create` printed into $NAME_ID,
// $NAME_KEY and $NAME_SECRET.
func account(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: account NAME")
	}
	var a struct{ AccountId, AccessKeyId, SecretAccessKey string }
	ts.Check(json.Unmarshal([]byte(ts.ReadFile("stdout")), &a))
	ts.Setenv(args[0]+"_ID", a.AccountId)
	ts.Setenv(args[0]+"_KEY", a.AccessKeyId)
	ts.Setenv(args[0]+"_SECRET", a.SecretAccessKey)
}

// expand FILE… replaces $NAME and ${NAME} in files by variables.
func expand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: expand FILE…")
	}
	for _, name := range args {
		text := os.Expand(ts.ReadFile(name), ts.Getenv)
		ts.Check(os.WriteFile(ts.MkAbs(name), []byte(text), 0o644))
	}
}

// forge NAME HOW FROM sets $NAME to a forgery made of the token in $FROM:
// byte changes one byte of its payload, none takes its signature away and
// declares that there is none.
func forge(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: forge NAME byte|none FROM")
	}
	parts := strings.Split(ts.Getenv(args[2]), ".")
	if len(parts) != 3 {
		ts.Fatalf("$%s is not a JWT", args[2])
	}
	switch args[1] {
	case "byte":
		payload, err := base64.RawURLEncoding.DecodeString(parts[1])
		ts.Check(err)
		at := strings.Index(string(payload), `"sub":"`) + len(`"sub":"`)
		payload[at] ^= 1
		parts[1] = base64.RawURLEncoding.EncodeToString(payload)
	case "none":
		parts[0] = base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none"}`))
		parts[2] = ""
	default:
		ts.Fatalf("forge: %q", args[1])
	}
	ts.Setenv(args[0], strings.Join(parts, "."))
}

// totp NAME FILE [STEPS] sets $NAME to the code that an authenticator app shows
// whose seed is in a file, or to the one so many steps of thirty seconds later.
func totp(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 || len(args) > 3 {
		ts.Fatalf("usage: totp NAME FILE [STEPS]")
	}
	var later int64
	if len(args) == 3 {
		var err error
		later, err = strconv.ParseInt(args[2], 10, 64)
		ts.Check(err)
	}
	seed, err := otp.Decode(strings.TrimSpace(ts.ReadFile(args[1])))
	ts.Check(err)
	ts.Setenv(args[0], otp.Code(seed, otp.Step(time.Now())+later))
}

// tls makes a certificate authority (ca.pem) and, signed by it, a certificate
// for localhost (cert.pem, key.pem).
func makeTLS(ts *testscript.TestScript, _ bool, _ []string) {
	caKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	ts.Check(err)
	ca := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test authority"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	caDER, err := x509.CreateCertificate(rand.Reader, ca, ca, &caKey.PublicKey, caKey)
	ts.Check(err)
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	ts.Check(err)
	leaf := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "localhost"},
		NotBefore: ca.NotBefore, NotAfter: ca.NotAfter,
		DNSNames: []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback},
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	leafDER, err := x509.CreateCertificate(rand.Reader, leaf, ca, &key.PublicKey, caKey)
	ts.Check(err)
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	ts.Check(err)
	write := func(name, kind string, der []byte) {
		ts.Check(os.WriteFile(ts.MkAbs(name), pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600))
	}
	write("ca.pem", "CERTIFICATE", caDER)
	write("cert.pem", "CERTIFICATE", leafDER)
	write("key.pem", "PRIVATE KEY", keyDER)
}
