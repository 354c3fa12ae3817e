package main

import (
	"bytes"
	"os/exec"
	"testing"
)

// TestShellQuoting lets a real shell read what env prints.
func TestShellQuoting(t *testing.T) {
	for _, v := range []string{"", "plain", "http://localhost:2366", "it's", "a b", "$(touch x)", "`id`", `back\slash`, "new\nline", `"`} {
		out, err := exec.Command("sh", "-c", "printf %s "+shellQuote(v)).Output()
		if err != nil {
			t.Fatal(err)
		}
		if string(out) != v {
			t.Errorf("shellQuote(%q) = %s, which the shell reads as %q", v, shellQuote(v), out)
		}
	}
}

func TestEnvEndsOldSessions(t *testing.T) {
	var out bytes.Buffer
	c := envCmd{URL: "http://localhost:2366", Region: "us-east-1", Format: "sh"}
	if err := c.Run(streams{out: &out}); err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(out.Bytes(), []byte("unset AWS_SESSION_TOKEN")) {
		t.Errorf("a session token of the shell would stay beside the new keys:\n%s", out.String())
	}
}
