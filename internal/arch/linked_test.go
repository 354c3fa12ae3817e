package arch

import (
	"bytes"
	"flag"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite testdata/linked.txt")

const linkedList = "testdata/linked.txt"

// TestLinkedModules keeps the list of modules inside the binary in the
// repository, so that a new one is seen in review. Rewrite it with
// go test ./internal/arch -update.
func TestLinkedModules(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", "-f", "{{with .Module}}{{if not .Main}}{{.Path}} {{.Version}}{{end}}{{end}}", module+"/cmd/cenote").Output()
	if err != nil {
		t.Fatal(err)
	}
	modules := strings.Fields(strings.ReplaceAll(string(out), " ", "@"))
	slices.Sort(modules)
	modules = slices.Compact(modules)
	got := []byte(strings.Join(modules, "\n") + "\n")
	if *update {
		if err := os.WriteFile(linkedList, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(linkedList)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("the linked modules are not those of %s; look at the change, then run go test ./internal/arch -update\n%s", linkedList, got)
	}
}

// knownBad are module versions with holes that must never be linked.
var knownBad = map[string]string{
	"github.com/russellhaering/goxmldsig": "v1.6.0", // CVE-2026-33487, fixed there
}

func TestNoKnownBadVersions(t *testing.T) {
	list, err := os.ReadFile(linkedList)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(list)) {
		path, version, _ := strings.Cut(strings.TrimSpace(line), "@")
		if fixed, bad := knownBad[path]; bad && version < fixed {
			t.Errorf("%s %s is linked; at least %s is needed", path, version, fixed)
		}
	}
}

// TestSQLiteLibc: modernc.org/sqlite is translated against one exact version
// of modernc.org/libc and breaks quietly with another.
func TestSQLiteLibc(t *testing.T) {
	out, err := exec.Command("go", "list", "-m", "-f", "{{.GoMod}}", "modernc.org/sqlite").Output()
	if err != nil {
		t.Fatal(err)
	}
	gomod, err := os.ReadFile(strings.TrimSpace(string(out)))
	if err != nil {
		t.Fatal(err)
	}
	want := ""
	for line := range strings.Lines(string(gomod)) {
		if f := strings.Fields(line); len(f) >= 2 && f[0] == "modernc.org/libc" {
			want = f[1]
		}
	}
	out, err = exec.Command("go", "list", "-m", "-f", "{{.Version}}", "modernc.org/libc").Output()
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.TrimSpace(string(out)); got != want {
		t.Errorf("modernc.org/libc is %s; modernc.org/sqlite names %s", got, want)
	}
}
