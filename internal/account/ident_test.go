package account

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"
)

func TestOfAccessKey(t *testing.T) {
	for _, tt := range []struct{ id, want string }{
		{"ASIAY34FZKBOKMUTVV7A", "609629065308"},
		{"AKIASP2TPHJSQH3FJRUX", "171436882533"},
		{"AKIAQAAAAAAAAAAAAAAA", "000000000000"},
		{"AKIAIOSFODNN7EXAMPLE", ""}, // of the older form, which does not tell
		{"AIDAY34FZKBOKMUTVV7A", ""}, // not an access key
		{"ASIAY34FZKBOKMUTVV7", ""},
		{"ASIA134FZKBOKMUTVV7A", ""}, // 1 is not in the alphabet
		{"", ""},
	} {
		if got, ok := OfAccessKey(tt.id); got != tt.want || ok != (tt.want != "") {
			t.Errorf("OfAccessKey(%q) = %q, %v; want %q", tt.id, got, ok, tt.want)
		}
	}
}

func TestIDsTellTheirAccount(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		account := fmt.Sprintf("%012d", rapid.Int64Range(0, 999999999999).Draw(t, "account"))
		for _, id := range []string{newID(accessKeyPrefix, account, accessKeyLen), NewTemporaryKeyID(account)} {
			if got, ok := OfAccessKey(id); !ok || got != account || len(id) != accessKeyLen {
				t.Fatalf("OfAccessKey(%q) = %q, %v; want %q", id, got, ok, account)
			}
		}
		id := newID(rolePrefix, account, entityIDLen)
		if got, ok := accountOfID(id); !ok || got != account || len(id) != entityIDLen || id[:4] != rolePrefix {
			t.Fatalf("accountOfID(%q) = %q, %v; want %q", id, got, ok, account)
		}
	})
}
