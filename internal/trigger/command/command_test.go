package command_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/cenote-id/cenote/internal/trigger"
	"github.com/cenote-id/cenote/internal/trigger/command"
)

// TestMain lets the test binary be the programs of the tests.
func TestMain(m *testing.M) {
	if role, ok := os.LookupEnv("CENOTE_TEST_ROLE"); ok {
		os.Exit(play(role, os.Args[1:]))
	}
	os.Exit(m.Run())
}

func play(role string, args []string) int {
	switch role {
	case "echo":
		_, _ = io.Copy(os.Stdout, os.Stdin)
	case "args":
		fmt.Printf("%q", args)
	case "environ":
		fmt.Printf("%q", os.Environ())
	case "deaf": // reads nothing
		fmt.Print("reply")
	case "throw":
		fmt.Fprintln(os.Stderr, "Traceback (most recent call last):\n  File x\nValueError: X")
		return 1
	case "document":
		fmt.Print(`{"errorMessage":"X","errorType":"Error"}`)
		fmt.Fprintln(os.Stderr, "warning: unused")
		return 1
	case "mute":
		return 3
	case "large":
		fmt.Print(strings.Repeat("x", trigger.MaxReply+2))
	case "hang":
		time.Sleep(time.Hour)
	}
	return 0
}

// invoke runs this binary in a role.
func invoke(ctx context.Context, t *testing.T, role string, event []byte, args ...string) ([]byte, error) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return command.New(append([]string{self}, args...), []string{"CENOTE_TEST_ROLE=" + role}).Invoke(ctx, "arn", event)
}

func TestPrograms(t *testing.T) {
	large := bytes.Repeat([]byte("e"), 1<<17) // more than a pipe holds
	for _, c := range []struct {
		role  string
		event []byte
		args  []string
		reply string
	}{
		{"echo", []byte(`{"a":"$HOME; exit 1"}`), nil, `{"a":"$HOME; exit 1"}`},
		{"echo", large, nil, string(large)},
		{"args", nil, []string{"a b", "$HOME", ";", "*"}, `["a b" "$HOME" ";" "*"]`},
		{"deaf", large, nil, "reply"},
	} {
		reply, err := invoke(t.Context(), t, c.role, c.event, c.args...)
		if err != nil || string(reply) != c.reply {
			t.Errorf("%s: %.100q, %v", c.role, reply, err)
		}
	}
}

func TestProgramsSeeTheirEnvironmentAlone(t *testing.T) {
	t.Setenv("CENOTE_MASTER_KEY", "secret")
	reply, err := invoke(t.Context(), t, "environ", nil)
	if err != nil || string(reply) != `["CENOTE_TEST_ROLE=environ"]` {
		t.Errorf("%s, %v", reply, err)
	}
}

func TestProgramsThatFail(t *testing.T) {
	for role, message := range map[string]string{"throw": "ValueError: X", "document": "X", "mute": "exit status 3"} {
		reply, err := invoke(t.Context(), t, role, []byte("{}"))
		own, ok := errors.AsType[*trigger.FunctionError](err)
		if reply != nil || !ok || own.Message != message {
			t.Errorf("%s: %s, %#v", role, reply, err)
		}
	}
	_, err := command.New([]string{"/no/such/program"}, nil).Invoke(t.Context(), "arn", nil)
	if refused, ok := errors.AsType[*trigger.Refused](err); !ok || refused.Code != "ResourceNotFoundException" || refused.Again {
		t.Errorf("no program: %#v", err)
	}
	if _, err := invoke(t.Context(), t, "large", nil); !errors.Is(err, trigger.ErrReplyTooLarge) {
		t.Errorf("large: %v", err)
	}
}

func TestProgramsThatDoNotEnd(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if _, err := invoke(ctx, t, "hang", nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error is %v", err)
	}
}
