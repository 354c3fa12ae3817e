// Package srpclient is the client's half of Cognito's SRP, for tests and the
// load generator. It shares no code with package srp: it is written over
// math/big from the client libraries' formulas, so that the two halves check
// each other. It is not constant-time and must not run in the server.
package srpclient

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"math/big"
	"strings"
	"time"
)

// SDKExponent is the length in bytes of the secret that client libraries
// draw. A load generator may draw 32 bytes, which is as safe and four times
// cheaper.
const SDKExponent = 128

const primeHex = "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DD" +
	"EF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED" +
	"EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF0598DA48361C55D39A69163FA8FD24CF5F" +
	"83655D23DCA3AD961C62F356208552BB9ED529077096966D670C354E4ABC9804F1746C08CA18217C32905E462E36CE3B" +
	"E39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF6955817183995497CEA956AE515D2261898FA0510" +
	"15728E5A8AAAC42DAD33170D04507A33A85521ABDF1CBA64ECFB850458DBEF0A8AEA71575D060C7DB3970F85A6E1E4C7" +
	"ABF5AE8CDB0933D71E8C94E04A25619DCEE3D2261AD2EE6BF12FFA06D98A0864D87602733EC86A64521F2B18177B200C" +
	"BBE117577A615D6C770988C0BAD946E208E24FA074E5AB3143DB5BFCE0FD108E4B82D120A93AD2CAFFFFFFFFFFFFFFFF"

var (
	prime, _  = new(big.Int).SetString(primeHex, 16)
	generator = big.NewInt(2)
)

// Client is one exchange in progress; like the libraries, it may be used for
// several challenges.
type Client struct{ a, public *big.Int }

// New draws a client secret of so many bytes.
func New(exponent int) *Client {
	b := make([]byte, exponent)
	_, _ = rand.Read(b) // documented never to fail
	return FromSecret(b)
}

// FromSecret makes a client with a known secret.
func FromSecret(b []byte) *Client {
	a := new(big.Int).SetBytes(b)
	a.Mod(a, prime)
	return &Client{a: a, public: new(big.Int).Exp(generator, a, prime)}
}

// A returns SRP_A.
func (c *Client) A() string { return c.public.Text(16) }

// Challenge is what the server answers to A, in the words of
// ChallengeParameters. Pool and User are the group key and the device key for
// a device.
type Challenge struct {
	Pool        string // the part of the pool id after the underscore
	User        string // USER_ID_FOR_SRP
	Salt        string // SALT
	B           string // SRP_B
	SecretBlock string // SECRET_BLOCK
}

// Claim is the answer to a challenge.
type Claim struct {
	Timestamp string // TIMESTAMP
	Signature string // PASSWORD_CLAIM_SIGNATURE
}

// Answer proves knowledge of the password.
func (c *Client) Answer(ch Challenge, password string, now time.Time) (Claim, error) {
	salt, ok := new(big.Int).SetString(ch.Salt, 16)
	if !ok {
		return Claim{}, fmt.Errorf("SALT is not a number")
	}
	return c.AnswerExponent(ch, exponent(ch.Pool, ch.User, password, salt), now)
}

// AnswerExponent proves knowledge of x, where the verifier is g^x: the part of
// Answer that comes after the hash of the password.
func (c *Client) AnswerExponent(ch Challenge, x *big.Int, now time.Time) (Claim, error) {
	b, ok := new(big.Int).SetString(ch.B, 16)
	if !ok || new(big.Int).Mod(b, prime).Sign() == 0 {
		return Claim{}, fmt.Errorf("SRP_B is not usable")
	}
	block, err := base64.StdEncoding.DecodeString(ch.SecretBlock)
	if err != nil {
		return Claim{}, fmt.Errorf("SECRET_BLOCK: %w", err)
	}
	u := number(hash(padded(c.public), padded(b)))
	k := number(hash(padded(prime), padded(generator)))

	base := new(big.Int).Exp(generator, x, prime)
	base.Sub(b, base.Mul(base, k)).Mod(base, prime)
	s := base.Exp(base, new(big.Int).Add(c.a, new(big.Int).Mul(u, x)), prime)

	key := sign(sign(padded(u), padded(s)), []byte("Caldera Derived Key"), []byte{1})[:16]
	at := timestamp(now)
	signature := sign(key, []byte(ch.Pool), []byte(ch.User), block, []byte(at))
	return Claim{Timestamp: at, Signature: base64.StdEncoding.EncodeToString(signature)}, nil
}

// Verifier is what a client computes for a device that it wants remembered:
// base64 of both integers, as DeviceSecretVerifierConfig has them.
type Verifier struct{ Salt, PasswordVerifier string }

// NewVerifier computes the verifier of a password, or of a device's password.
func NewVerifier(pool, user, password string, salt []byte) Verifier {
	s := number(salt)
	v := new(big.Int).Exp(generator, exponent(pool, user, password, s), prime)
	return Verifier{
		Salt:             base64.StdEncoding.EncodeToString(padded(s)),
		PasswordVerifier: base64.StdEncoding.EncodeToString(padded(v)),
	}
}

func exponent(pool, user, password string, salt *big.Int) *big.Int {
	return number(hash(padded(salt), hash([]byte(pool+user+":"+password))))
}

// padded follows the JavaScript library: even out the digits, then add a zero
// byte if the first one is 8 or more.
func padded(i *big.Int) []byte {
	digits := i.Text(16)
	switch {
	case len(digits)%2 == 1:
		digits = "0" + digits
	case strings.ContainsRune("89abcdef", rune(digits[0])):
		digits = "00" + digits
	}
	b, err := hex.DecodeString(digits)
	if err != nil {
		panic(err) // Text wrote it
	}
	return b
}

func number(b []byte) *big.Int { return new(big.Int).SetBytes(b) }

func hash(parts ...[]byte) []byte {
	h := sha256.New()
	for _, p := range parts {
		h.Write(p)
	}
	return h.Sum(nil)
}

func sign(key []byte, parts ...[]byte) []byte {
	h := hmac.New(sha256.New, key)
	for _, p := range parts {
		h.Write(p)
	}
	return h.Sum(nil)
}

func timestamp(t time.Time) string {
	t = t.UTC()
	return fmt.Sprintf("%s %s %d %02d:%02d:%02d UTC %d",
		t.Weekday().String()[:3], t.Month().String()[:3], t.Day(), t.Hour(), t.Minute(), t.Second(), t.Year())
}
