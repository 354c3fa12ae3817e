package awsjson_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/awsjson"
	"github.com/cenote-id/cenote/internal/awsapi/cognitoidentity"
	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
	"github.com/cenote-id/cenote/internal/awsapi/shape"
)

// The SDK modules carry a fully populated request and response for every
// operation that they know. Each must survive decoding and encoding.
var fixtures = []struct {
	module  string
	service *awsapi.Service
	atLeast int // operations with fixtures
}{
	{"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider", cognitoidp.Service, 130},
	{"github.com/aws/aws-sdk-go-v2/service/cognitoidentity", cognitoidentity.Service, 23},
}

func moduleDir(t *testing.T, module string) string {
	t.Helper()
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", module).Output()
	if err != nil {
		t.Fatalf("locate %s: %v", module, err)
	}
	return strings.TrimSpace(string(out))
}

// snapshot reads a fixture: a first line, headers, an empty line, the body.
func snapshot(t *testing.T, path string) (target string, body []byte) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	head, body, ok := bytes.Cut(text, []byte("\n\n{"))
	if !ok {
		return "", nil
	}
	for line := range strings.Lines(string(head)) {
		if v, ok := strings.CutPrefix(line, "X-Amz-Target: "); ok {
			target = strings.TrimSpace(v)
		}
	}
	return target, append([]byte("{"), body...)
}

func operation(t *testing.T, service *awsapi.Service, target string) *awsapi.Operation {
	t.Helper()
	i := slices.IndexFunc(service.Operations, func(op *awsapi.Operation) bool { return service.TargetPrefix+"."+op.Name == target })
	if i < 0 {
		t.Fatalf("no operation for target %q", target)
	}
	return service.Operations[i]
}

func generic(t *testing.T, text []byte) any {
	t.Helper()
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return v
}

// reread decodes body into a type and encodes it again.
func reread(t *testing.T, service *awsapi.Service, typ reflect.Type, body []byte) []byte {
	t.Helper()
	v, err := awsjson.Decode(&awsapi.Operation{Service: service, Input: typ}, body)
	if err != nil {
		t.Fatalf("decode: %v", err)
	}
	return awsjson.Append(nil, shape.Of(service, typ), reflect.ValueOf(v).Elem())
}

func TestFixturesSurvive(t *testing.T) {
	for _, f := range fixtures {
		dir := moduleDir(t, f.module)
		for _, kind := range []string{"request", "response"} {
			paths, err := filepath.Glob(filepath.Join(dir, kind+"_snapshot", "*."+kind+".snap"))
			if err != nil {
				t.Fatal(err)
			}
			if len(paths) < f.atLeast {
				t.Fatalf("%s has %d %s fixtures, at least %d were expected", f.module, len(paths), kind, f.atLeast)
			}
			for _, path := range paths {
				t.Run(f.service.Name+"/"+strings.TrimSuffix(filepath.Base(path), ".snap"), func(t *testing.T) {
					target, body := snapshot(t, path)
					if body == nil {
						t.Fatal("the fixture has no JSON body")
					}
					op := operation(t, f.service, target)
					typ := op.Input
					if kind == "response" {
						typ = op.Output
					}
					if typ == nil {
						if string(body) != "{}" {
							t.Fatalf("the model has no output, the fixture has %s", body)
						}
						return
					}
					if diff := cmp.Diff(generic(t, body), generic(t, reread(t, f.service, typ, body))); diff != "" {
						t.Errorf("(-fixture +ours)\n%s", diff)
					}
				})
			}
		}
	}
}

func TestErrorFixturesAreWhatWeWrite(t *testing.T) {
	for _, f := range fixtures {
		paths, err := filepath.Glob(filepath.Join(moduleDir(t, f.module), "response_snapshot", "*.error.snap"))
		if err != nil {
			t.Fatal(err)
		}
		if len(paths) < 10 {
			t.Fatalf("%s has %d error fixtures", f.module, len(paths))
		}
		for _, path := range paths {
			name := strings.TrimSuffix(filepath.Base(path), ".error.snap")
			_, body := snapshot(t, path)
			e := (&awsapi.ErrorShape{Name: name}).New("__Message__")
			if name == "InvalidParameterException" && f.service == cognitoidp.Service {
				e.Fields = map[string]string{"reasonCode": "__ReasonCode__"}
			}
			if diff := cmp.Diff(generic(t, body), generic(t, awsjson.AppendError(nil, e))); diff != "" {
				t.Errorf("%s (-fixture +ours)\n%s", name, diff)
			}
		}
	}
}
