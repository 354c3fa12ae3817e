package arch

import (
	"slices"
	"strings"
	"testing"
)

// layers lists the packages from the outside in. A package may import its own
// layer and those after it. The longest matching prefix decides.
var layers = []struct {
	name     string
	packages []string
}{
	{"command", []string{"cmd", "cenotetest"}},
	{"composition", []string{"internal/app"}},
	{"doors", []string{"internal/api", "internal/oauth", "internal/hostedui", "internal/console", "internal/devtools", "internal/inspect"}},
	{"store", []string{"internal/store"}},
	{"flows", []string{"internal/signin", "internal/federation", "internal/identitypool", "internal/credential"}},
	{"things", []string{
		"internal/token", "internal/user", "internal/userpool", "internal/account", "internal/message",
		"internal/trigger", "internal/audit", "internal/issuer",
	}},
	{"leaves", []string{
		"internal/awsapi", "internal/srp", "internal/otp", "internal/password", "internal/secretbox", "internal/passkey",
		"cenoteauth", "internal/iampolicy", "internal/ratelimit", "internal/lane", "internal/config", "internal/useragent", "internal/saml",
	}},
}

// outside are packages that no rule of layers binds: generators and tests.
var outside = []string{"internal/cmd", "internal/arch", "test", "examples"}

func layerOf(pkg string) int {
	best, at := -1, -1
	for i, l := range layers {
		for _, p := range l.packages {
			if (pkg == p || strings.HasPrefix(pkg, p+"/")) && len(p) > best {
				best, at = len(p), i
			}
		}
	}
	return at
}

func isOutside(pkg string) bool {
	return slices.ContainsFunc(outside, func(p string) bool { return pkg == p || strings.HasPrefix(pkg, p+"/") })
}

func TestImportsGoOneWay(t *testing.T) {
	for _, f := range sources(t) {
		if f.test || isOutside(f.pkg) {
			continue
		}
		from := layerOf(f.pkg)
		if from < 0 {
			t.Errorf("%s: package %s stands in no layer of internal/arch/layers_test.go", f.path, f.pkg)
			continue
		}
		for _, imp := range f.imports() {
			if !strings.HasPrefix(imp, "internal/") {
				continue
			}
			to := layerOf(imp)
			switch {
			case to < 0:
				t.Errorf("%s imports %s, which stands in no layer", f.path, imp)
			case to < from:
				t.Errorf("%s (%s) imports %s (%s): imports go one way", f.path, layers[from].name, imp, layers[to].name)
			}
			if (imp == "internal/store" || strings.HasPrefix(imp, "internal/store/")) && f.pkg != "internal/app" && layers[from].name != "store" {
				t.Errorf("%s imports %s: only app and tests may", f.path, imp)
			}
			if layers[from].name == "doors" && layers[to].name == "doors" && door(f.pkg) != door(imp) && imp != "internal/api" {
				t.Errorf("%s imports %s: doors never import each other", f.path, imp)
			}
		}
	}
}

// door returns the door that a package belongs to: internal/api/<service> or
// the first two elements of its path.
func door(pkg string) string {
	parts := strings.Split(pkg, "/")
	n := 2
	if len(parts) > 2 && parts[1] == "api" {
		n = 3
	}
	return strings.Join(parts[:min(n, len(parts))], "/")
}

// Domain packages neither serve nor call: their leaf sub-packages that fetch
// over the network are named here.
var mayUseHTTP = []string{
	"internal/issuer/remote", "internal/issuer/social", "internal/trigger/outbound", "internal/trigger/awslambda", "internal/trigger/webhook", "internal/message/smshook",
	"cenoteauth", "internal/awsapi/sigv4", "internal/awsapi/awsjson", "internal/awsapi/awsquery", "internal/awsapi/sdktest",
}

func TestDomainPackagesKnowNoHTTPAndNoSQL(t *testing.T) {
	for _, f := range sources(t) {
		l := layerOf(f.pkg)
		if f.test || l < 0 || !slices.Contains([]string{"flows", "things", "leaves"}, layers[l].name) || slices.Contains(mayUseHTTP, f.pkg) {
			continue
		}
		for _, imp := range f.imports() {
			if imp == "net/http" || imp == "database/sql" {
				t.Errorf("%s imports %s: domain packages and leaves do not", f.path, imp)
			}
		}
	}
}
