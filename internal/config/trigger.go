package config

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/url"
	"os"
	"regexp"
	"strings"
)

// Target is what stands behind Lambda functions. Exactly one field is set.
type Target struct {
	Webhook string   // URL that takes the event and returns it
	Invoke  string   // URL of an Invoke API, see package awslambda
	Command []string // program and arguments, dev mode only
}

// Trigger names the functions that a Target stands behind.
type Trigger struct {
	Name string // an ARN, an ARN with *, or a bare name
	Target
}

// Prefixes of targets that are not plain URLs.
const (
	targetInvoke  = "lambda:"
	targetCommand = "exec:"
)

// ParseTarget reads a TARGET of --trigger.
func ParseTarget(text string) (Target, error) {
	if rest, ok := strings.CutPrefix(text, targetCommand); ok {
		args := strings.Fields(rest)
		if len(args) == 0 {
			return Target{}, wrong("target %q names no command", text)
		}
		return Target{Command: args}, nil
	}
	if rest, ok := strings.CutPrefix(text, targetInvoke); ok {
		return Target{Invoke: rest}, checkEndpoint(rest)
	}
	if u, err := url.Parse(text); err != nil || !isHTTP(u) || u.Fragment != "" || u.User != nil {
		return Target{}, wrong("target %s is not an http(s) URL, lambda:URL or exec:COMMAND", showTarget(text))
	}
	return Target{Webhook: text}, nil
}

func isHTTP(u *url.URL) bool {
	return u.Host != "" && (u.Scheme == "https" || u.Scheme == "http")
}

// showTarget leaves the query of a URL out of a sentence: it may hold a key.
func showTarget(text string) string {
	shown, _, _ := strings.Cut(text, "?")
	return `"` + shown + `"`
}

// checkEndpoint checks the URL of an Invoke API. A region may stand in it.
func checkEndpoint(text string) error {
	u, err := url.Parse(strings.ReplaceAll(text, "{region}", "us-east-1"))
	if err != nil || !isHTTP(u) || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return wrong("%s is not a bare http(s) URL of an Invoke API", showTarget(text))
	}
	return nil
}

var functionName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,140}$`)

func checkFunctionName(name string) bool {
	return functionName.MatchString(name) || strings.HasPrefix(name, "arn:") && strings.Count(name, ":") <= 7 && !strings.ContainsAny(name, " /")
}

// Triggers reads the --trigger settings, in their order.
func (s *Server) Triggers() ([]Trigger, error) {
	var triggers []Trigger
	var errs []error
	for _, t := range s.Trigger {
		name, target, found := strings.Cut(strings.TrimSpace(t), "=") // no name of a function holds "="
		if !found || !checkFunctionName(name) {
			errs = append(errs, wrong("--trigger %s is not NAME=TARGET, where NAME is the ARN or the name of a Lambda function", showTarget(t)))
			continue
		}
		parsed, err := ParseTarget(target)
		if err != nil {
			errs = append(errs, wrong("--trigger %s: %v", name, err))
			continue
		}
		triggers = append(triggers, Trigger{name, parsed})
	}
	return triggers, errors.Join(errs...)
}

func (s *Server) checkTriggers(mode Mode) error {
	triggers, err := s.Triggers()
	errs := []error{err}
	for _, t := range triggers {
		switch {
		case t.Command != nil && mode != Dev:
			errs = append(errs, wrong("--trigger %s: commands are for development; give serve a URL", t.Name))
		case t.Webhook != "" && s.TriggerSecretFile == "" && mode != Dev:
			errs = append(errs, wrong("--trigger %s: anybody could send events to that URL: set --trigger-secret-file to sign them", t.Name))
		}
	}
	if s.LambdaEndpoint != "" {
		if err := checkEndpoint(s.LambdaEndpoint); err != nil {
			errs = append(errs, wrong("--lambda-endpoint: %v", err))
		}
	}
	return errors.Join(errs...)
}

// minSecret is the length of the shortest secret that is taken, in bytes.
const minSecret = 16

// ReadTriggerSecret reads the file of --trigger-secret-file; nil without one.
func (s *Server) ReadTriggerSecret() ([]byte, error) {
	return readSecret("--trigger-secret-file", s.TriggerSecretFile)
}

// readSecret reads the file of a setting that requests are signed with; nil
// without one.
func readSecret(setting, file string) ([]byte, error) {
	if file == "" {
		return nil, nil
	}
	secret, err := os.ReadFile(file)
	if err != nil {
		return nil, wrong("%s: %v", setting, err)
	}
	if secret = bytes.TrimSpace(secret); len(secret) < minSecret {
		return nil, wrong("%s %s holds fewer than %d bytes", setting, file, minSecret)
	}
	return secret, nil
}

// AWSCredentials are what requests to AWS are signed with.
type AWSCredentials struct {
	AccessKeyID     string `json:"AccessKeyId"`
	SecretAccessKey string
	SessionToken    string
}

// ReadLambdaCredentials reads the file of --lambda-credentials-file; nil
// without one.
func (s *Server) ReadLambdaCredentials() (*AWSCredentials, error) {
	if s.LambdaCredentialsFile == "" {
		return nil, nil
	}
	text, err := os.ReadFile(s.LambdaCredentialsFile)
	if err != nil {
		return nil, wrong("--lambda-credentials-file: %v", err)
	}
	var c AWSCredentials
	if err := json.Unmarshal(text, &c); err != nil || c.AccessKeyID == "" || c.SecretAccessKey == "" {
		return nil, wrong("--lambda-credentials-file %s is not a JSON object with AccessKeyId and SecretAccessKey", s.LambdaCredentialsFile)
	}
	return &c, nil
}
