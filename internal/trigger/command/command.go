// Package command calls functions that are local programs: one run of the
// program for one event, which it reads from its standard input. It writes the
// event with its response filled in to its standard output and ends with
// status 0. With any other status it has failed, and the last line of its
// standard error is the reason that the client is told.
//
// It is for development: a program that is started for every sign-in is slow,
// and whoever may write its file may decide who gets in.
package command

import (
	"bytes"
	"context"
	"errors"
	"os/exec"
	"strings"
	"time"

	"github.com/cenote-id/cenote/internal/trigger"
)

// Program is a function. It is safe for concurrent use.
type Program struct {
	args    []string
	environ []string
}

var _ trigger.Function = (*Program)(nil)

// New returns the Program of args, its name first; no shell is involved.
// environ is its whole environment.
func New(args, environ []string) *Program { return &Program{args, environ} }

// Bounds of a run.
const (
	maxReason = 8 << 10         // bytes of standard error that are read
	grace     = 2 * time.Second // for pipes that a child of the program keeps open
)

// Invoke implements trigger.Function.
func (p *Program) Invoke(ctx context.Context, _ string, event []byte) ([]byte, error) {
	stdout, stderr := &tail{most: trigger.MaxReply + 1}, &tail{most: maxReason}
	cmd := exec.CommandContext(ctx, p.args[0], p.args[1:]...)
	cmd.Env = append([]string{}, p.environ...) // nil would mean all of ours
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(event), stdout, stderr
	cmd.WaitDelay = grace
	err := cmd.Run()
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if exit, ended := errors.AsType[*exec.ExitError](err); ended {
		return nil, failure(exit, stdout.Bytes(), stderr.Bytes())
	}
	switch {
	case errors.Is(err, exec.ErrWaitDelay): // the program itself has ended well
	case err != nil:
		return nil, &trigger.Refused{Code: "ResourceNotFoundException", Cause: err}
	}
	if stdout.dropped || stdout.Len() > trigger.MaxReply {
		return nil, trigger.ErrReplyTooLarge
	}
	return stdout.Bytes(), nil
}

// failure tells why a program has failed: by an error document of the Lambda
// API on its standard output, or in its last words.
func failure(exit *exec.ExitError, stdout, stderr []byte) error {
	if own := trigger.ReplyError(stdout); own != nil {
		return own
	}
	words := strings.TrimSpace(strings.ToValidUTF8(string(stderr), ""))
	if i := strings.LastIndexByte(words, '\n'); i >= 0 {
		words = strings.TrimSpace(words[i+1:])
	}
	if words == "" {
		words = exit.String() // "exit status 1"
	}
	return &trigger.FunctionError{Message: words}
}

// tail keeps the last bytes of an output.
type tail struct {
	bytes.Buffer
	most    int
	dropped bool
}

func (t *tail) Write(p []byte) (int, error) {
	n := len(p)
	t.Buffer.Write(p[max(0, n-t.most):])
	if over := t.Len() - t.most; over > 0 || n > t.most {
		t.Next(max(over, 0))
		t.dropped = true
	}
	return n, nil
}
