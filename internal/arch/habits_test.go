package arch

import (
	"go/ast"
	"slices"
	"strings"
	"testing"
)

const (
	maxLines     = 700
	maxTestLines = 1200
)

func TestFilesStayShort(t *testing.T) {
	for _, f := range sources(t) {
		limit := maxLines
		if f.test {
			limit = maxTestLines
		}
		if !f.generated && f.lines > limit {
			t.Errorf("%s has %d lines; the limit is %d", f.path, f.lines, limit)
		}
	}
}

func TestEveryPackageSaysWhatItIs(t *testing.T) {
	said := map[string]int{}
	for _, f := range sources(t) {
		if f.test && strings.HasSuffix(f.ast.Name.Name, "_test") {
			continue
		}
		said[f.pkg] += 0
		if f.ast.Doc != nil && !f.test {
			said[f.pkg]++
		}
	}
	for pkg, n := range said {
		if n != 1 && !strings.HasPrefix(pkg, "test/") {
			t.Errorf("package %s has %d package comments; it needs exactly one", pkg, n)
		}
	}
}

// ambient are functions through which time, chance and the environment enter;
// only the packages named may call them.
var ambient = map[string][]string{
	"time.Now":     {"cmd/cenote", "cenoteauth", "internal/app", "test/bench", "internal/store/pgcluster", "internal/store/storetest"},
	"time.Since":   {"cmd/cenote", "internal/app", "test/bench", "internal/store/pgcluster"},
	"os.Getenv":    {"cmd/cenote", "examples/notes", "internal/store/storetest", "test/bench"},
	"os.LookupEnv": {"cmd/cenote", "internal/store/pgcluster", "test/bench"},
	"crypto/rand":  {"internal/secretbox", "internal/token", "internal/srp/srpclient"},
	"math/rand":    {},
	"math/rand/v2": {"test/bench"},
}

func allowed(what, pkg string) bool { return slices.Contains(ambient[what], pkg) }

func TestTimeAndChanceComeThroughTheDoor(t *testing.T) {
	for _, f := range sources(t) {
		if f.test || f.generated || f.pkg == "internal/arch" || strings.HasSuffix(f.pkg, "test") {
			continue
		}
		for _, imp := range f.imports() {
			if _, watched := ambient[imp]; watched && !allowed(imp, f.pkg) {
				t.Errorf("%s imports %s", f.path, imp)
			}
		}
		ast.Inspect(f.ast, func(n ast.Node) bool {
			sel, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			x, ok := sel.X.(*ast.Ident)
			if !ok {
				return true
			}
			name := x.Name + "." + sel.Sel.Name
			if _, watched := ambient[name]; watched && !allowed(name, f.pkg) {
				t.Errorf("%s: %s uses %s; pass it in", f.fset.Position(n.Pos()), f.pkg, name)
			}
			return true
		})
	}
}

// untyped are the packages that hold data whose shape a user decides.
var untyped = []string{"internal/iampolicy", "internal/awsapi/awsjson", "internal/issuer", "internal/cmd/apigen"}

func TestDataHasTypes(t *testing.T) {
	for _, f := range sources(t) {
		if f.test || f.generated || slices.Contains(untyped, f.pkg) {
			continue
		}
		ast.Inspect(f.ast, func(n ast.Node) bool {
			m, ok := n.(*ast.MapType)
			if !ok {
				return true
			}
			key, ok := m.Key.(*ast.Ident)
			if !ok || key.Name != "string" {
				return true
			}
			switch v := m.Value.(type) {
			case *ast.Ident:
				if v.Name == "any" {
					t.Errorf("%s: map[string]any; give the data a type", f.fset.Position(n.Pos()))
				}
			case *ast.InterfaceType:
				if v.Methods.NumFields() == 0 {
					t.Errorf("%s: map[string]interface{}; give the data a type", f.fset.Position(n.Pos()))
				}
			}
			return true
		})
	}
}
