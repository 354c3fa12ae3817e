// Package scripts plays stories against the built binary with the AWS CLI
// that the machine has, version 1 or 2. A story is a testscript file in
// testdata; a new case is a new file.
package scripts

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/cenote-id/cenote/internal/store/pgcluster"
)

// usesCluster is set once a script has asked for PostgreSQL.
var usesCluster atomic.Bool

// binary is the built cenote.
var binary string

func TestMain(m *testing.M) {
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "cenote-scripts-")
		if err != nil {
			panic(err)
		}
		defer os.RemoveAll(dir)
		binary = filepath.Join(dir, "cenote")
		build := exec.Command("go", "build", "-o", binary, "github.com/cenote-id/cenote/cmd/cenote")
		build.Stderr = os.Stderr
		if err := build.Run(); err != nil {
			fmt.Fprintln(os.Stderr, "build cenote:", err)
			return 1
		}
		code := m.Run()
		if usesCluster.Load() {
			if c, err := cluster(); err == nil {
				_ = c.Stop()
			}
		}
		return code
	}())
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata",
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			env.Vars = append(env.Vars,
				"PATH="+filepath.Dir(binary)+string(os.PathListSeparator)+os.Getenv("PATH"),
				"HOME="+os.Getenv("HOME"), // the AWS CLI may be installed below it
				"AWS_CONFIG_FILE="+filepath.Join(env.WorkDir, "no-config"),
				"AWS_SHARED_CREDENTIALS_FILE="+filepath.Join(env.WorkDir, "no-credentials"),
				"AWS_EC2_METADATA_DISABLED=true",
				"AWS_PAGER=",
				"AWS_ACCESS_KEY_ID=test",
				"AWS_SECRET_ACCESS_KEY=test",
				"AWS_DEFAULT_REGION=us-east-1",
				"AWS_MAX_ATTEMPTS=1",
			)
			return nil
		},
		Condition: func(cond string) (bool, error) {
			switch cond {
			case "aws":
				_, err := exec.LookPath("aws")
				return err == nil, nil
			case "endpoint-url":
				return readsEndpointURL(), nil
			case "postgres":
				usesCluster.Store(true)
				_, err := cluster()
				if errors.Is(err, pgcluster.ErrNotInstalled) {
					return false, nil
				}
				return err == nil, err
			}
			return false, fmt.Errorf("unknown condition %q", cond)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"start":    start,
			"shutdown": shutdown,
			"aws":      aws,
			"account":  account,
			"capture":  capture,
			"keys":     keys,
			"nokeys":   noKeys,
			"expand":   expand,
			"exitcode": exitCode,
			"forge":    forge,
			"totp":     totp,
			"port":     port,
			"tls":      makeTLS,
			"freeport": freePort,
			"postgres": postgres,
		},
	})
}

// readsEndpointURL reports whether the machine's AWS CLI knows
// AWS_ENDPOINT_URL. An older one would call AWS itself.
func readsEndpointURL() bool {
	out, err := exec.Command("aws", "--version").Output()
	if err != nil {
		return false
	}
	var major, minor int
	if _, err := fmt.Sscanf(string(out), "aws-cli/%d.%d", &major, &minor); err != nil {
		return false
	}
	return major == 1 && minor >= 29 || major == 2 && minor >= 13 || major > 2
}
