package password_test

import (
	"strings"
	"testing"

	"github.com/cenote-id/cenote/internal/password"
)

// hashes are of public origin: jBCrypt's tests, RFC 7914, the reference
// implementation of argon2, passlib's tests.
var hashes = []struct {
	name, password, hash string
	algorithm            password.Algorithm
}{
	{"bcrypt", "abc", "$2a$06$If6bvum7DFjUnE9p2uDeDu0YHzrHM6tf.iqN8.yx.jNN1ILEf7h0i", password.BCRYPT},
	{
		"scrypt", "pleaseletmein", "16384$8$1$536f6469756d43686c6f72696465$7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2" +
			"d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887", password.SCRYPT,
	},
	{"argon2id", "password", "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4", password.ARGON2ID},
	{"PBKDF2", "password", "$pbkdf2-sha256$1212$4vjV83LKPjQzk31VI4E0Vw$hsYF68OiOUPdDZ1Fg.fJPeq1h/gXXY7acBp9/6c.tmQ", password.PBKDF2SHA256},
	{"PBKDF2, standard alphabet", "password", "$pbkdf2-sha256$1212$4vjV83LKPjQzk31VI4E0Vw$hsYF68OiOUPdDZ1Fg+fJPeq1h/gXXY7acBp9/6c+tmQ", password.PBKDF2SHA256},
}

func TestHashes(t *testing.T) {
	for _, c := range hashes {
		t.Run(c.name, func(t *testing.T) {
			h, err := password.ParseHash(c.hash)
			if err != nil {
				t.Fatal(err)
			}
			if h.Algorithm() != c.algorithm {
				t.Errorf("algorithm %s, want %s", h.Algorithm(), c.algorithm)
			}
			if !h.Matches(c.password) {
				t.Error("the password does not match")
			}
			for _, wrong := range []string{"", c.password + "x", strings.ToUpper(c.password)} {
				if h.Matches(wrong) {
					t.Errorf("%q matches", wrong)
				}
			}
		})
	}
}

func TestParseHashRefuses(t *testing.T) {
	const body = "$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"
	for name, s := range map[string]string{
		"nothing":                      "",
		"a password":                   "P@ssw0rd!",
		"bcrypt of too much work":      "$2b$13$If6bvum7DFjUnE9p2uDeDu0YHzrHM6tf.iqN8.yx.jNN1ILEf7h0i",
		"bcrypt of too little":         "$2b$03$If6bvum7DFjUnE9p2uDeDu0YHzrHM6tf.iqN8.yx.jNN1ILEf7h0i",
		"bcrypt cut short":             "$2b$10$If6bvum7DFjUnE9p2uDeDu0YHzrHM6tf.iqN8.yx.jNN1ILEf7h0",
		"bcrypt of an unknown kind":    "$2z$10$If6bvum7DFjUnE9p2uDeDu0YHzrHM6tf.iqN8.yx.jNN1ILEf7h0i",
		"argon2i":                      "$argon2i$v=19$m=256,t=2,p=1" + body,
		"argon2id of an old version":   "$argon2id$v=16$m=256,t=2,p=1" + body,
		"argon2id with much memory":    "$argon2id$v=19$m=19457,t=2,p=1" + body,
		"argon2id with many passes":    "$argon2id$v=19$m=256,t=3,p=1" + body,
		"argon2id with many lanes":     "$argon2id$v=19$m=256,t=2,p=2" + body,
		"argon2id in another order":    "$argon2id$v=19$t=2,m=256,p=1" + body,
		"argon2id with a bent number":  "$argon2id$v=19$m=+256,t=2,p=1" + body,
		"argon2id with a short hash":   "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgL",
		"argon2id with padding":        "$argon2id$v=19$m=256,t=2,p=1" + body + "=",
		"scrypt with N not a power":    "16383$8$1$00$" + strings.Repeat("00", 32),
		"scrypt with a large N":        "131072$8$1$00$" + strings.Repeat("00", 32),
		"scrypt with a large r":        "1024$9$1$00$" + strings.Repeat("00", 32),
		"scrypt with a large p":        "1024$8$2$00$" + strings.Repeat("00", 32),
		"scrypt that is not hex":       "1024$8$1$zz$" + strings.Repeat("00", 32),
		"PBKDF2 of too much work":      "$pbkdf2-sha256$600001" + body,
		"PBKDF2 of none":               "$pbkdf2-sha256$0" + body,
		"PBKDF2 with SHA-1":            "$pbkdf2$1000" + body,
		"a salt without bounds":        "1024$8$1$" + strings.Repeat("00", 65) + "$" + strings.Repeat("00", 32),
		"a megabyte":                   "$argon2id$" + strings.Repeat("$", 1<<20),
		"argon2id with empty hash":     "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$",
		"argon2id with a field beyond": "$argon2id$v=19$m=256,t=2,p=1" + body + "$",
	} {
		if _, err := password.ParseHash(s); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
}

func FuzzParseHash(f *testing.F) {
	for _, c := range hashes {
		f.Add(c.hash)
	}
	f.Fuzz(func(t *testing.T, s string) {
		h, err := password.ParseHash(s)
		if (h == nil) == (err == nil) {
			t.Fatalf("%q: %v, %v", s, h, err)
		}
	})
}
