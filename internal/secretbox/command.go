package secretbox

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"time"
)

// Command describes a program that stands in front of a key service.
//
// It is started once an operation, reads one JSON object from its standard
// input and writes one to its standard output:
//
//	{"operation":"wrap","context":"…","plaintext":"<base64>"}    → {"ciphertext":"<base64>"}
//	{"operation":"unwrap","context":"…","ciphertext":"<base64>"} → {"plaintext":"<base64>"}
//
// The context must reach the key service as its encryption context or
// associated data. Any exit status but 0 is a failure, and what the program
// wrote to its standard error is the reason.
type Command struct {
	Args    []string      // program and arguments; no shell is involved
	Timeout time.Duration // for one operation; 10 seconds if zero
}

type commandRequest struct {
	Operation  string `json:"operation"`
	Context    string `json:"context"`
	Plaintext  []byte `json:"plaintext,omitempty"`
	Ciphertext []byte `json:"ciphertext,omitempty"`
}

type commandReply struct {
	Plaintext  []byte `json:"plaintext"`
	Ciphertext []byte `json:"ciphertext"`
}

type commandMaster struct{ Command }

// NewCommandMaster returns a master that asks a program.
func NewCommandMaster(c Command) (Master, error) {
	if len(c.Args) == 0 || c.Args[0] == "" {
		return nil, errors.New("master key command is empty")
	}
	if c.Timeout == 0 {
		c.Timeout = 10 * time.Second
	}
	return &commandMaster{c}, nil
}

// ID is the same for all commands: which key a service uses is its own matter,
// and a program may be renamed.
func (m *commandMaster) ID() string { return "command" }

func (m *commandMaster) Wrap(ctx context.Context, key []byte, label string) ([]byte, error) {
	reply, err := m.run(ctx, commandRequest{Operation: "wrap", Context: label, Plaintext: key})
	if err == nil && len(reply.Ciphertext) == 0 {
		err = errors.New("reply has no ciphertext")
	}
	if err != nil {
		return nil, fmt.Errorf("master key command: wrap: %w", err)
	}
	return reply.Ciphertext, nil
}

func (m *commandMaster) Unwrap(ctx context.Context, wrapped []byte, label string) ([]byte, error) {
	reply, err := m.run(ctx, commandRequest{Operation: "unwrap", Context: label, Ciphertext: wrapped})
	if err == nil && len(reply.Plaintext) == 0 {
		err = errors.New("reply has no plaintext")
	}
	if err != nil {
		return nil, fmt.Errorf("master key command: unwrap: %w", err)
	}
	return reply.Plaintext, nil
}

const maxCommandOutput = 64 << 10

func (m *commandMaster) run(ctx context.Context, request commandRequest) (commandReply, error) {
	ctx, cancel := context.WithTimeout(ctx, m.Timeout)
	defer cancel()
	input, err := json.Marshal(request)
	if err != nil {
		return commandReply{}, err
	}
	stdout, stderr := &limitedBuffer{left: maxCommandOutput}, &limitedBuffer{left: 1024}
	cmd := exec.CommandContext(ctx, m.Args[0], m.Args[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(input), stdout, stderr
	cmd.WaitDelay = time.Second // a grandchild may keep the pipes open
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			return commandReply{}, fmt.Errorf("no reply within %v: %w", m.Timeout, ctx.Err())
		}
		if reason := bytes.TrimSpace(stderr.Bytes()); len(reason) > 0 {
			return commandReply{}, fmt.Errorf("%w: %s", err, reason)
		}
		return commandReply{}, err
	}
	var reply commandReply
	dec := json.NewDecoder(&stdout.Buffer)
	if err := dec.Decode(&reply); err != nil {
		// The decoder's own error may quote the output, which may be a key.
		return commandReply{}, errors.New("reply is not the expected JSON object")
	}
	if _, err := dec.Token(); err != io.EOF {
		return commandReply{}, errors.New("reply has more than one JSON object")
	}
	return reply, nil
}

// limitedBuffer keeps the first bytes of an output and drops the rest.
type limitedBuffer struct {
	bytes.Buffer
	left int
}

func (b *limitedBuffer) Write(p []byte) (int, error) {
	keep := min(len(p), b.left)
	b.left -= keep
	b.Buffer.Write(p[:keep])
	return len(p), nil
}
