package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cenote-id/cenote/internal/config"
)

func TestTriggers(t *testing.T) {
	s := config.Server{Trigger: []string{
		"arn:aws:lambda:us-west-2:111111111111:function:guard=https://hooks.example.com/guard?code=a=b",
		"arn:aws:lambda:*:111111111111:function:*=lambda:https://lambda.{region}.amazonaws.com",
		"local=exec:node ./guard.js --fast",
		" rie=lambda:http://localhost:9000/2015-03-31/functions/function/invocations",
	}}
	got, err := s.Triggers()
	if err != nil {
		t.Fatal(err)
	}
	want := []config.Trigger{
		{"arn:aws:lambda:us-west-2:111111111111:function:guard", config.Target{Webhook: "https://hooks.example.com/guard?code=a=b"}},
		{"arn:aws:lambda:*:111111111111:function:*", config.Target{Invoke: "https://lambda.{region}.amazonaws.com"}},
		{"local", config.Target{Command: []string{"node", "./guard.js", "--fast"}}},
		{"rie", config.Target{Invoke: "http://localhost:9000/2015-03-31/functions/function/invocations"}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestTriggersThatAreWrong(t *testing.T) {
	for _, text := range []string{
		"", "guard", "=https://example.com", "gu ard=https://example.com", "guard=", "guard=exec:", "guard=exec: ",
		"guard=ftp://example.com", "guard=https://", "guard=/path", "guard=https://user:password@example.com", "guard=https://example.com/#x",
		"guard=lambda:", "guard=lambda:localhost:9000", "guard=lambda:https://example.com?x=1", "guard=lambda:{region}",
	} {
		s := config.Server{Trigger: []string{text}}
		if got, err := s.Triggers(); err == nil {
			t.Errorf("%q gives %v", text, got)
		}
	}
	s := config.Server{Trigger: []string{"guard=ftp://example.com/?code=hunter2"}}
	if _, err := s.Triggers(); strings.Contains(err.Error(), "hunter2") {
		t.Error(err)
	}
}

// serve returns settings that are right but for what the test adds.
func serve() config.Server {
	return config.Server{
		Storage: config.Storage{Data: "data", MasterKeyFile: "key"}, Listen: ":2366", PublicURL: "https://id.example.com", Region: "us-east-1",
	}
}

func TestTriggersByMode(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*config.Server)
		dev    string // part of the sentence; empty for none
		serve  string
	}{
		{"nothing", func(*config.Server) {}, "", ""},
		{"command", func(s *config.Server) { s.Trigger = []string{"guard=exec:./guard"} }, "", "commands are for development"},
		{"unsigned URL", func(s *config.Server) { s.Trigger = []string{"guard=https://example.com"} }, "", "set --trigger-secret-file"},
		{"signed URL", func(s *config.Server) {
			s.Trigger, s.TriggerSecretFile = []string{"guard=https://example.com"}, "secret"
		}, "", ""},
		{"endpoint", func(s *config.Server) { s.LambdaEndpoint = "https://lambda.{region}.amazonaws.com" }, "", ""},
		{"wrong endpoint", func(s *config.Server) { s.LambdaEndpoint = "lambda.amazonaws.com" }, "--lambda-endpoint", "--lambda-endpoint"},
		{"wrong trigger", func(s *config.Server) { s.Trigger = []string{"guard"} }, "is not NAME=TARGET", "is not NAME=TARGET"},
	} {
		for mode, sentence := range map[config.Mode]string{config.Dev: c.dev, config.Serve: c.serve} {
			s := serve()
			c.change(&s)
			err := s.Check(mode)
			if sentence == "" && err != nil || sentence != "" && (err == nil || !strings.Contains(err.Error(), sentence)) {
				t.Errorf("%s in %s: %v", c.name, mode, err)
			}
		}
	}
}

func write(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestTriggerSecret(t *testing.T) {
	for text, ok := range map[string]bool{"0123456789abcdef\n": true, "0123456789abcde\n": false, "": false} {
		s := config.Server{TriggerSecretFile: write(t, text)}
		secret, err := s.ReadTriggerSecret()
		if (err == nil) != ok || ok && string(secret) != strings.TrimSpace(text) {
			t.Errorf("%q: %q, %v", text, secret, err)
		}
	}
	if secret, err := new(config.Server).ReadTriggerSecret(); secret != nil || err != nil {
		t.Errorf("without a file: %q, %v", secret, err)
	}
	missing := config.Server{TriggerSecretFile: filepath.Join(t.TempDir(), "none")}
	if _, err := missing.ReadTriggerSecret(); err == nil {
		t.Error("no error for a file that is not there")
	}
}

func TestLambdaCredentials(t *testing.T) {
	s := config.Server{LambdaCredentialsFile: write(t, `{"Version":1,"AccessKeyId":"AKIA","SecretAccessKey":"s","SessionToken":"t","Expiration":"2026-11-22T11:00:00Z"}`)}
	got, err := s.ReadLambdaCredentials()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(&config.AWSCredentials{AccessKeyID: "AKIA", SecretAccessKey: "s", SessionToken: "t"}, got); diff != "" {
		t.Error(diff)
	}
	for _, text := range []string{"", "[]", `{"AccessKeyId":"AKIA"}`, `{"SecretAccessKey":"hunter2"}`, `hunter2`} {
		s.LambdaCredentialsFile = write(t, text)
		if _, err := s.ReadLambdaCredentials(); err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%q: %v", text, err)
		}
	}
}
