package esdk_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"
	"pgregory.net/rapid"

	"github.com/cenote-id/cenote/internal/trigger/esdk"
)

func key() esdk.Key {
	k := esdk.Key{Namespace: "cenote", Name: "arn:aws:kms:us-west-2:111111111111:key/x"}
	for i := range k.Secret {
		k.Secret[i] = byte(i)
	}
	return k
}

// TestDecryptMessagesOfTheSDK opens what AWS's own library wrote. That the
// library opens what this package writes has been tried by hand: both
// commitment policies, with and without a context.
func TestDecryptMessagesOfTheSDK(t *testing.T) {
	vectors, err := txtar.ParseFile("testdata/javascript.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range vectors.Files {
		t.Run(v.Name, func(t *testing.T) {
			lines := strings.Split(strings.TrimSpace(string(v.Data)), "\n")
			var context esdk.Context
			if err := json.Unmarshal([]byte(lines[0]), &context); err != nil {
				t.Fatal(err)
			}
			message, err := base64.StdEncoding.DecodeString(lines[2])
			if err != nil {
				t.Fatal(err)
			}
			plain, c, err := esdk.Decrypt(key(), message)
			if err != nil || string(plain) != lines[1] {
				t.Errorf("Decrypt = %q, %v; want %q", plain, err, lines[1])
			}
			if diff := cmp.Diff(context, c); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		plain := rapid.SliceOfN(rapid.Byte(), 0, 4096).Draw(t, "plaintext")
		context := esdk.Context(rapid.MapOfN(rapid.String(), rapid.String(), 0, 4).Draw(t, "context"))
		message, err := esdk.Encrypt(key(), plain, context)
		if err != nil {
			t.Fatal(err)
		}
		got, c, err := esdk.Decrypt(key(), message)
		if err != nil || string(got) != string(plain) {
			t.Fatalf("Decrypt = %x, %v; want %x", got, err, plain)
		}
		if diff := cmp.Diff(context, c); diff != "" {
			t.Fatal(diff)
		}
		at := rapid.IntRange(0, len(message)-1).Draw(t, "changed byte")
		message[at] ^= byte(rapid.IntRange(1, 255).Draw(t, "change"))
		if got, _, err := esdk.Decrypt(key(), message); err == nil {
			t.Fatalf("byte %d changed, and Decrypt = %x", at, got)
		}
	})
}

func TestOnlyTheKeyOpens(t *testing.T) {
	message, err := esdk.Encrypt(key(), []byte("123456"), nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*esdk.Key){
		"secret":    func(k *esdk.Key) { k.Secret[31]++ },
		"name":      func(k *esdk.Key) { k.Name += "y" },
		"namespace": func(k *esdk.Key) { k.Namespace = "other" },
	} {
		k := key()
		change(&k)
		if plain, _, err := esdk.Decrypt(k, message); err != esdk.ErrMessage {
			t.Errorf("another %s: Decrypt = %q, %v", name, plain, err)
		}
	}
	for n := range message {
		if plain, _, err := esdk.Decrypt(key(), message[:n]); err != esdk.ErrMessage {
			t.Errorf("cut to %d bytes: Decrypt = %q, %v", n, plain, err)
		}
	}
}

func TestEncryptBounds(t *testing.T) {
	long := strings.Repeat("x", 5000)
	for name, try := range map[string]func() ([]byte, error){
		"plaintext": func() ([]byte, error) { return esdk.Encrypt(key(), []byte(long), nil) },
		"key name":  func() ([]byte, error) { return esdk.Encrypt(esdk.Key{Name: long}, nil, nil) },
		"context":   func() ([]byte, error) { return esdk.Encrypt(key(), nil, esdk.Context{"k": long}) },
	} {
		if m, err := try(); err == nil {
			t.Errorf("a long %s gives %d bytes", name, len(m))
		}
	}
}

func TestKeysDoNotPrintTheirSecret(t *testing.T) {
	k := key()
	if s := fmt.Sprintf("%v %+v %#v", k, k, &k); strings.Contains(s, "31") || strings.Contains(s, "0x1f") {
		t.Error(s)
	}
}

func FuzzDecrypt(f *testing.F) {
	vectors, err := txtar.ParseFile("testdata/javascript.txtar")
	if err != nil {
		f.Fatal(err)
	}
	known := map[string]bool{}
	for _, v := range vectors.Files {
		message, err := base64.StdEncoding.DecodeString(strings.Split(string(v.Data), "\n")[2])
		if err != nil {
			f.Fatal(err)
		}
		known[string(message)] = true
		f.Add(message)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if _, _, err := esdk.Decrypt(key(), b); err == nil && !known[string(b)] {
			t.Errorf("%x opens", b)
		}
	})
}
