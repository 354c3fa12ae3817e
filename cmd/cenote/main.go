// Command cenote is an open identity service that speaks Amazon Cognito's own
// APIs. `cenote dev` runs it on a laptop or in CI, `cenote serve` in
// production; the other commands help to use and to operate it.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"syscall"

	"github.com/alecthomas/kong"

	"github.com/cenote-id/cenote/internal/app"
	"github.com/cenote-id/cenote/internal/config"
)

// version is set by the linker.
var version = "dev"

// Exit codes that scripts rely on.
const (
	exitFailure   = 1
	exitUsage     = 2
	exitConfig    = 3
	exitPortTaken = 4
	exitLocked    = 5
)

type cli struct {
	Dev         devCmd         `cmd:"" help:"Run for development: everything on, loopback, data in ./.cenote."`
	Serve       serveCmd       `cmd:"" help:"Run in production: refuses unsafe settings."`
	Env         envCmd         `cmd:"" help:"Print the variables that point AWS clients here."`
	Account     accountCmd     `cmd:"" help:"Create and list accounts."`
	Why         whyCmd         `cmd:"" help:"Explain why a request was refused, or what a principal may do."`
	Audit       auditCmd       `cmd:"" help:"List who changed what, or which requests were refused."`
	Outbox      outboxCmd      `cmd:"" help:"Show messages that a development server would have sent, or why a production server could not."`
	Keys        keysCmd        `cmd:"" help:"Make and rotate keys: those that seal stored secrets, and those that sign tokens."`
	Trigger     triggerCmd     `cmd:"" help:"Try the functions behind Lambda triggers."`
	Healthcheck healthcheckCmd `cmd:"" help:"Ask a server whether it is ready; for container health checks."`
	Version     versionCmd     `cmd:"" help:"Print the version."`
}

// streams are the standard streams and the arguments of one run.
type streams struct {
	in  io.Reader
	out io.Writer
	err io.Writer
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], streams{os.Stdin, os.Stdout, os.Stderr}))
}

// run parses the arguments, runs the command and returns the exit code.
func run(ctx context.Context, args []string, s streams) int {
	var c cli
	exited := -1
	parser, err := newParser(&c, s, func(code int) { exited = code })
	if err != nil {
		panic(err) // the command line itself is wrong
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	parsed, err := parser.Parse(args)
	if exited >= 0 { // --help printed and asked to leave
		return exited
	}
	if err != nil {
		fmt.Fprintf(s.err, "cenote: %v\n", err)
		fmt.Fprintln(s.err, "Run cenote --help, or cenote COMMAND --help.")
		return exitUsage
	}
	if err := config.CheckEnvironment(os.Environ(), knownVariables(parser.Model.Node)); err != nil {
		return report(s, err)
	}
	parsed.BindTo(ctx, (*context.Context)(nil))
	return report(s, parsed.Run(s))
}

func newParser(c *cli, s streams, exit func(int)) (*kong.Kong, error) {
	return kong.New(c,
		kong.Name("cenote"),
		kong.Description("An open identity service that speaks Amazon Cognito's own APIs.\n\nEvery flag is also a variable, shown beside it; a flag wins."),
		kong.UsageOnError(),
		kong.Writers(s.out, s.err),
		kong.Exit(exit),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
	)
}

// report prints an error and returns the exit code that it stands for.
func report(s streams, err error) int {
	if err == nil {
		return 0
	}
	var setting *config.Error
	switch {
	case errors.As(err, &setting):
		for _, e := range flatten(err) {
			fmt.Fprintf(s.err, "cenote: %v\n", e)
		}
		return exitConfig
	case errors.Is(err, app.ErrPortTaken):
		fmt.Fprintf(s.err, "cenote: %v\n", err)
		return exitPortTaken
	case errors.Is(err, app.ErrLocked):
		fmt.Fprintf(s.err, "cenote: %v\n", err)
		return exitLocked
	}
	fmt.Fprintf(s.err, "cenote: %v\n", err)
	return exitFailure
}

// flatten lists the errors that errors.Join put together.
func flatten(err error) []error {
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return []error{err}
	}
	var all []error
	for _, e := range joined.Unwrap() {
		all = append(all, flatten(e)...)
	}
	return all
}

// knownVariables lists the environment variables that flags read.
func knownVariables(n *kong.Node) []string {
	known := slices.Clone(otherVariables)
	_ = kong.Visit(n, func(v kong.Visitable, next kong.Next) error {
		if f, ok := v.(*kong.Flag); ok {
			known = append(known, f.Envs...)
		}
		return next(nil)
	})
	return known
}

// otherVariables are read without a flag, so that the secret in them is never
// part of a command line.
var otherVariables = []string{masterKeyVariable}

const masterKeyVariable = "CENOTE_MASTER_KEY"
