package secretbox_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/cenote-id/cenote/internal/secretbox"
)

var raw = []byte("0123456789abcdef0123456789abcdef")

func TestMasterWraps(t *testing.T) {
	m, err := secretbox.NewMaster(raw)
	if err != nil {
		t.Fatal(err)
	}
	wrapped, err := m.Wrap(t.Context(), []byte("data key"), "key/1")
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(wrapped, []byte("data key")) {
		t.Error("wrapped key lies open")
	}
	got, err := m.Unwrap(t.Context(), wrapped, "key/1")
	if err != nil || string(got) != "data key" {
		t.Errorf("unwrapped %q, %v", got, err)
	}
	if _, err := m.Unwrap(t.Context(), wrapped, "key/2"); !errors.Is(err, secretbox.ErrSealed) {
		t.Errorf("under another label: %v", err)
	}
	other, _ := secretbox.NewMaster(bytes.Repeat([]byte{1}, 32))
	if _, err := other.Unwrap(t.Context(), wrapped, "key/1"); !errors.Is(err, secretbox.ErrSealed) {
		t.Errorf("by another master: %v", err)
	}
	if m.ID() == other.ID() || strings.Contains(m.ID(), hex.EncodeToString(raw[:4])) {
		t.Errorf("ids %s and %s", m.ID(), other.ID())
	}
}

func TestParseMaster(t *testing.T) {
	want, _ := secretbox.NewMaster(raw)
	for name, text := range map[string]string{
		"base64":         base64.StdEncoding.EncodeToString(raw),
		"with a newline": base64.StdEncoding.EncodeToString(raw) + "\n",
		"unpadded":       base64.RawStdEncoding.EncodeToString(raw),
		"for URLs":       base64.URLEncoding.EncodeToString(raw),
		"hexadecimal":    hex.EncodeToString(raw),
		"HEXADECIMAL":    strings.ToUpper(hex.EncodeToString(raw)),
	} {
		if m, err := secretbox.ParseMaster(text); err != nil || m.ID() != want.ID() {
			t.Errorf("%s: %v", name, err)
		}
	}
	for text, reason := range map[string]string{
		"":                  "has 0 bytes",
		"c2hvcnQ=":          "has 5 bytes, want 32",
		"not a key at all!": "neither base64 nor hexadecimal",
		base64.StdEncoding.EncodeToString(append(raw, 1)): "has 33 bytes",
	} {
		_, err := secretbox.ParseMaster(text)
		if err == nil || !strings.Contains(err.Error(), reason) {
			t.Errorf("%q: %v, want %q", text, err, reason)
		}
		if err != nil && text != "" && strings.Contains(err.Error(), text) {
			t.Errorf("error quotes the key: %v", err)
		}
	}
}

func TestReadMaster(t *testing.T) {
	dir := t.TempDir()
	write := func(name string, content []byte, mode os.FileMode) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, content, mode); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		return path
	}
	want, _ := secretbox.NewMaster(raw)
	text := []byte(base64.StdEncoding.EncodeToString(raw))
	for _, path := range []string{write("raw", raw, 0o600), write("text", text, 0o400), write("group", text, 0o640)} {
		if m, err := secretbox.ReadMaster(path); err != nil || m.ID() != want.ID() {
			t.Errorf("%s: %v", path, err)
		}
	}
	for path, reason := range map[string]string{
		write("short", raw[:31], 0o600):             "want 32",
		write("long", bytes.Repeat(raw, 50), 0o600): "has more than 1024 bytes",
		filepath.Join(dir, "none"):                  "no such file",
		dir:                                         "is not a file",
	} {
		if _, err := secretbox.ReadMaster(path); err == nil || !strings.Contains(err.Error(), reason) {
			t.Errorf("%s: %v, want %q", path, err, reason)
		}
	}
	for mode, exposed := range map[os.FileMode]bool{0o400: false, 0o600: false, 0o640: false, 0o444: true, 0o644: true, 0o606: true} {
		path := write("mode", text, mode)
		if m, err := secretbox.ReadMaster(path); err != nil || m.ID() != want.ID() {
			t.Errorf("mode %v: %v", mode, err)
		}
		if got := secretbox.Exposed(path); got != exposed && runtime.GOOS != "windows" {
			t.Errorf("mode %v: exposed %v", mode, got)
		}
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
}

func TestEnsureMaster(t *testing.T) {
	path := filepath.Join(t.TempDir(), "master.key")
	first, err := secretbox.EnsureMaster(path)
	if err != nil {
		t.Fatal(err)
	}
	if info, _ := os.Stat(path); info.Mode().Perm() != 0o600 && runtime.GOOS != "windows" {
		t.Errorf("mode %v", info.Mode())
	}
	again, err := secretbox.EnsureMaster(path)
	if err != nil || again.ID() != first.ID() {
		t.Errorf("second call: %v", err)
	}
	if err := secretbox.CreateMaster(path); !errors.Is(err, fs.ErrExist) {
		t.Errorf("made another key over it: %v", err)
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), "*")); len(left) != 1 {
		t.Errorf("left behind: %v", left)
	}
}

// TestMain plays the key service's command when the tests start it as one.
func TestMain(m *testing.M) {
	if behaviour := os.Getenv("CENOTE_TEST_KEY_COMMAND"); behaviour != "" {
		os.Exit(keyCommand(behaviour))
	}
	os.Exit(m.Run())
}

func TestCommandMaster(t *testing.T) {
	command := func(behaviour string, timeout time.Duration) secretbox.Master {
		t.Setenv("CENOTE_TEST_KEY_COMMAND", behaviour)
		m, err := secretbox.NewCommandMaster(secretbox.Command{Args: []string{os.Args[0]}, Timeout: timeout})
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	m := command("good", 0)
	wrapped, err := m.Wrap(t.Context(), raw, "key/1")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := m.Unwrap(t.Context(), wrapped, "key/1"); err != nil || !bytes.Equal(got, raw) {
		t.Errorf("unwrapped %x, %v", got, err)
	}
	if _, err := m.Unwrap(t.Context(), wrapped, "key/2"); err == nil || !strings.Contains(err.Error(), "wrong context") {
		t.Errorf("under another label: %v", err)
	}
	for behaviour, reason := range map[string]string{
		"fails":   "access to the key is denied",
		"noise":   "not the expected JSON object",
		"two":     "more than one JSON object",
		"nothing": "no plaintext",
		"hangs":   "no reply within",
	} {
		timeout := 30 * time.Second
		if behaviour == "hangs" {
			timeout = 50 * time.Millisecond
		}
		_, err := command(behaviour, timeout).Unwrap(t.Context(), wrapped, "key/1")
		if err == nil || !strings.Contains(err.Error(), reason) || !strings.HasPrefix(err.Error(), "master key command: unwrap") {
			t.Errorf("%s: %v, want %q", behaviour, err, reason)
		}
		if err != nil && strings.Contains(err.Error(), string(raw[:8])) {
			t.Errorf("%s: error shows what was printed: %v", behaviour, err)
		}
	}
	if _, err := secretbox.NewCommandMaster(secretbox.Command{}); err == nil {
		t.Error("empty command accepted")
	}
	missing, _ := secretbox.NewCommandMaster(secretbox.Command{Args: []string{filepath.Join(t.TempDir(), "none")}})
	if _, err := missing.Wrap(t.Context(), raw, "key/1"); err == nil {
		t.Error("missing program wraps")
	}
}
