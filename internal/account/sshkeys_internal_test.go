package account

import (
	"testing"

	"golang.org/x/crypto/ssh"
)

// testKey is a public key of 2048 bits that ssh-keygen made.
const testKey = "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQCMQ0l0SEWje9Zg1nulBMrhajhVpYQyzNZpDY/5e39JzpT3BtOAq57v3eVUOvlZCGe8/Ir8MIcAVXdVXO65+PUi4W1QAFLWYE3auyWPoP5ym9VQfd8ZBJnVst/e0cDL60nOkmJ5y15UNxCiZ52288KbwqeXbVf25pXp4Pj+C0HIzuOwyLDu9V+sW/3nQlcG1t5jEruK0rk5A7bRBLvJSQaOGFBbxUzb4Usqszlg72TWNJs/e0xWi3VTy4qSyck7iyEkuTmyykiZbr9OXTg725cf+kaopBI4AJbgzuovG8IifJ9KIcLMShxlyzYXLt9NV+mY8tLcmnAy3AJLrFyVKkeR"

// FuzzParseSSHKey: whatever is accepted is what OpenSSH would read, comes back
// as the same key, and nothing panics.
func FuzzParseSSHKey(f *testing.F) {
	for _, seed := range []string{"ssh-rsa AAAA", "ssh-rsa ", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----", testKey} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) {
		key, err := parseSSHKey(body)
		if err != nil {
			return
		}
		text := openSSH(key)
		again, err := parseSSHKey(text)
		if err != nil || !again.Equal(key) {
			t.Errorf("%s reads back as %v, %v", text, again, err)
		}
		if _, _, _, _, err := ssh.ParseAuthorizedKey([]byte(text)); err != nil {
			t.Errorf("OpenSSH cannot read %s: %v", text, err)
		}
	})
}

func TestFingerprintIsOpenSSHs(t *testing.T) {
	key, _, _, _, err := ssh.ParseAuthorizedKey([]byte(testKey))
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := parseSSHKey(testKey + " ann@example.com")
	if err != nil {
		t.Fatal(err)
	}
	c := Credential{PublicKey: openSSH(parsed)}
	if c.PublicKey != testKey {
		t.Errorf("written as %s", c.PublicKey)
	}
	if got, want := c.Fingerprint(), ssh.FingerprintLegacyMD5(key); got != want {
		t.Errorf("fingerprint %s, want %s", got, want)
	}
}
