package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"time"

	"github.com/cenote-id/cenote/internal/app"
	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/config"
	"github.com/cenote-id/cenote/internal/secretbox"
	"github.com/cenote-id/cenote/internal/trigger"
	"github.com/cenote-id/cenote/internal/trigger/esdk"
	"github.com/cenote-id/cenote/internal/trigger/sample"
)

type triggerCmd struct {
	Test    triggerTestCmd    `cmd:"" help:"Ask a function about a person who does not exist, and show what becomes of its reply."`
	Key     triggerKeyCmd     `cmd:"" help:"Print the key that codes in the events of custom senders are encrypted under."`
	Decrypt triggerDecryptCmd `cmd:"" help:"Decrypt the code in the event of a custom sender, read from standard input."`
}

type triggerTestCmd struct {
	Trigger  string `arg:"" help:"PreSignUp, PreAuthentication, PreTokenGenerationV2_0, …; list shows all."`
	Target   string `arg:"" optional:"" help:"Where the function is: an http(s) URL, lambda:URL or exec:COMMAND, as in --trigger."`
	Source   string `help:"What the event is about, in the words of the event; the most usual one if it is left out. list shows all." placeholder:"SOURCE"`
	Function string `help:"ARN of the function." default:"arn:aws:lambda:us-east-1:123456789012:function:sample" placeholder:"ARN"`

	TriggerSecretFile     string `help:"File with the secret that events to http(s) URLs are signed with." placeholder:"FILE" env:"CENOTE_TRIGGER_SECRET_FILE"`
	LambdaCredentialsFile string `help:"File with the AWS credentials that calls of Invoke APIs are signed with." placeholder:"FILE" env:"CENOTE_LAMBDA_CREDENTIALS_FILE"`
	PeerCAFile            string `help:"PEM certificates to trust, beside the system's." placeholder:"FILE" env:"CENOTE_PEER_CA_FILE"`
}

// Run asks one function once and prints event, reply and decision.
func (c *triggerTestCmd) Run(ctx context.Context, s streams) error {
	if c.Trigger == "list" {
		for _, q := range sample.All() {
			fmt.Fprintln(s.out, q.Name)
			for _, source := range q.Sources {
				fmt.Fprintln(s.out, "  "+source)
			}
		}
		return nil
	}
	question, err := sample.Find(c.Trigger)
	if err != nil {
		return err
	}
	source, err := question.Source(c.Source)
	if err != nil {
		return err
	}
	target, err := config.ParseTarget(c.Target)
	if err != nil {
		return err
	}
	arn, ok := awsapi.ParseARN(c.Function)
	if !ok {
		return &config.Error{Sentence: fmt.Sprintf("--function %q is not an ARN", c.Function)}
	}
	function, err := app.TriggerFunction(&config.Server{
		TriggerSecretFile: c.TriggerSecretFile, LambdaCredentialsFile: c.LambdaCredentialsFile, PeerCAFile: c.PeerCAFile,
	}, target)
	if err != nil {
		return err
	}
	keys := sampleKey{esdk.Key{Namespace: "cenote", Name: "sample", Secret: [32]byte(secretbox.Bytes(32))}}
	service := trigger.New(trigger.Config{
		Routes:  trigger.NewRoutes(trigger.Route{Name: "arn:*", Function: &witness{function, s.out}}),
		Senders: keys,
		Log:     slog.New(slog.NewTextHandler(s.err, &slog.HandlerOptions{ReplaceAttr: onlyCause})),
	})
	decision, err := question.Ask(ctx, service, sample.About(arn, question.Name), source)
	if err != nil {
		return err
	}
	text, err := json.MarshalIndent(decision, "", "  ")
	if err != nil {
		return err
	}
	fmt.Fprintf(s.out, "decision: %s\n", text)
	return nil
}

// onlyCause leaves of a log line what a person at a terminal wants to know.
func onlyCause(_ []string, a slog.Attr) slog.Attr {
	if a.Key == "err" || a.Key == slog.MessageKey {
		return a
	}
	return slog.Attr{}
}

// witness shows what goes to a function and what comes back.
type witness struct {
	trigger.Function
	out io.Writer
}

// Invoke implements trigger.Function.
func (w *witness) Invoke(ctx context.Context, arn string, event []byte) ([]byte, error) {
	fmt.Fprintf(w.out, "event: %s\n", pretty(event))
	began := time.Now()
	reply, err := w.Function.Invoke(ctx, arn, event)
	took := time.Since(began).Round(time.Millisecond)
	if err != nil {
		fmt.Fprintf(w.out, "no reply after %v: %v\n", took, err)
	} else {
		fmt.Fprintf(w.out, "reply after %v: %s\n", took, pretty(reply))
	}
	return reply, err
}

// pretty indents JSON, and leaves anything else as it is.
func pretty(text []byte) []byte {
	var b bytes.Buffer
	if json.Indent(&b, text, "", "  ") != nil {
		return text
	}
	return b.Bytes()
}

// sampleKey is the key of every function.
type sampleKey struct{ esdk.Key }

func (k sampleKey) SenderKey(string, string) esdk.Key { return k.Key }

// senderKeyFile is a sender key as `cenote trigger key` prints it, in the terms
// of a raw AES keyring.
type senderKeyFile struct {
	KeyNamespace string
	KeyName      string
	WrappingKey  []byte
}

type triggerKeyCmd struct {
	config.Storage `embed:""`

	Account string `help:"Account of the user pool." required:"" placeholder:"12DIGITS"`
	KMSKey  string `name:"kms-key" help:"KMSKeyID in the LambdaConfig of the user pool." required:"" placeholder:"ARN"`
}

// Run prints the key as JSON.
func (c *triggerKeyCmd) Run(ctx context.Context, s streams) error {
	c.MasterKey = os.Getenv(masterKeyVariable)
	if err := errors.Join(c.Check(config.Serve), config.CheckAccount(c.Account)); err != nil {
		return err
	}
	key, err := app.SenderKey(ctx, c.Storage, c.Account, c.KMSKey)
	if err != nil {
		return err
	}
	enc := json.NewEncoder(s.out)
	enc.SetIndent("", "  ")
	return enc.Encode(senderKeyFile{key.Namespace, key.Name, key.Secret[:]})
}

type triggerDecryptCmd struct {
	KeyFile string `help:"File with what cenote trigger key has printed." required:"" placeholder:"FILE"`
}

// Run prints the code alone.
func (c *triggerDecryptCmd) Run(s streams) error {
	key, err := readSenderKey(c.KeyFile)
	if err != nil {
		return err
	}
	input, err := io.ReadAll(io.LimitReader(s.in, trigger.MaxReply))
	if err != nil {
		return err
	}
	var event struct {
		Request struct {
			Code []byte `json:"code"`
		} `json:"request"`
	}
	if err := json.Unmarshal(input, &event); err != nil || event.Request.Code == nil {
		return errors.New("standard input is not an event with an encrypted code")
	}
	code, _, err := esdk.Decrypt(key, event.Request.Code)
	if err != nil {
		return errors.New("the code is not encrypted under this key")
	}
	_, err = fmt.Fprintln(s.out, string(code))
	return err
}

func readSenderKey(file string) (esdk.Key, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return esdk.Key{}, err
	}
	var k senderKeyFile
	if err := json.Unmarshal(text, &k); err != nil || len(k.WrappingKey) != 32 {
		return esdk.Key{}, fmt.Errorf("%s is not what cenote trigger key prints", file)
	}
	return esdk.Key{Namespace: k.KeyNamespace, Name: k.KeyName, Secret: [32]byte(k.WrappingKey)}, nil
}
