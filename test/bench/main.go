// Command bench measures a running cenote from a second process: how many
// operations a second it answers, how long they take, what processor time and
// memory they cost the server, and what of that is cryptography that cannot be
// avoided. It starts the binary itself, on loopback, with data of its own, and
// removes both at the end.
//
//	go run ./test/bench                      a minute: 1,000 users in SQLite
//	go run ./test/bench -full                every engine and size
//	go run ./test/bench -ops GetUser,GetId -users 100000 -engine postgres
//	go run ./test/bench -profile sign-in     with profiles of the server
//	go run ./test/bench seed -help           fill a database and leave it
//
// It needs Linux: it reads /proc.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// settings are the command line.
type settings struct {
	binary   string
	work     string
	engines  []string
	sizes    []int
	ops      []string // empty for all
	length   time.Duration
	storm    bool
	markdown string
	profile  string
	to       string // directory of profiles
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var err error
	if len(os.Args) > 1 && os.Args[1] == "seed" {
		err = seedCommand(ctx, os.Args[2:])
	} else {
		err = benchCommand(ctx, os.Args[1:])
	}
	if errors.Is(err, flag.ErrHelp) {
		os.Exit(2)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func benchCommand(ctx context.Context, args []string) error {
	s, err := parse(args)
	if err != nil {
		return err
	}
	if _, err := os.Stat(s.binary); err != nil {
		return fmt.Errorf("%w; build it with make build, or name another with -binary", err)
	}
	if s.work == "" {
		if s.work, err = os.MkdirTemp("", "cenote-bench-"); err != nil {
			return err
		}
		defer os.RemoveAll(s.work)
	}
	r, err := run(ctx, s)
	if s.markdown != "" && len(r.scenarios) > 0 {
		err = errors.Join(err, os.WriteFile(s.markdown, r.markdown(), 0o644))
	}
	return err
}

func parse(args []string) (s settings, err error) {
	f := flag.NewFlagSet("bench", flag.ContinueOnError)
	full := f.Bool("full", false, "every engine and size; takes about half an hour")
	_ = f.Bool("short", true, "1,000 users in SQLite; this is what runs unless other flags say more")
	engines := f.String("engine", "sqlite", "sqlite, postgres or both, with a comma between")
	sizes := f.String("users", "1000", "users in the pool; several with a comma between")
	ops := f.String("ops", "", "names of operations, with a comma between (default: all)")
	f.StringVar(&s.binary, "binary", "bin/cenote", "the server")
	f.StringVar(&s.work, "work", "", "directory for the data, which stays there; a later run finds SQLite's again (default: a temporary one)")
	f.DurationVar(&s.length, "time", 2*time.Second, "length of each measurement")
	f.BoolVar(&s.storm, "storm", true, "measure GetUser beside a storm of sign-ins")
	f.StringVar(&s.markdown, "md", "", "write the figures to this file as Markdown")
	f.StringVar(&s.profile, "profile", "", "take profiles of the server during this operation: processor time and allocations")
	f.StringVar(&s.to, "to", ".", "directory to write profiles to")
	if err := f.Parse(args); err != nil {
		return s, err
	}
	if *full {
		*engines, *sizes = "sqlite,postgres", "1000,100000,1000000"
		s.length = max(s.length, 5*time.Second)
	}
	s.engines = strings.Split(*engines, ",")
	for part := range strings.SplitSeq(*sizes, ",") {
		n, err := strconv.Atoi(part)
		if err != nil || n < 100 || n > 99_999_999 {
			return s, fmt.Errorf("-users %q: want 100 to 99999999", part)
		}
		s.sizes = append(s.sizes, n)
	}
	if *ops != "" {
		s.ops = strings.Split(*ops, ",")
	}
	if s.profile != "" && len(s.ops) == 0 {
		s.ops = []string{s.profile}
	}
	for _, name := range append(slices.Clone(s.ops), s.profile) {
		if name != "" && !slices.ContainsFunc(operations, func(o operation) bool { return o.name == name }) {
			return s, fmt.Errorf("no operation %q", name)
		}
	}
	if s.length < 100*time.Millisecond || s.length > 10*time.Minute {
		return s, errors.New("-time: want 100ms to 10m")
	}
	return s, nil
}

// chosen are the operations that were asked for.
func (s *settings) chosen() []operation {
	if len(s.ops) == 0 {
		return operations
	}
	var out []operation
	for _, o := range operations {
		if slices.Contains(s.ops, o.name) {
			out = append(out, o)
		}
	}
	return out
}

func seedCommand(ctx context.Context, args []string) error {
	f := flag.NewFlagSet("bench seed", flag.ContinueOnError)
	var s seeding
	f.StringVar(&s.url, "database", "", "sqlite:///path/to/cenote.db or postgres://…; no server may run on an SQLite file")
	f.StringVar(&s.masterKey, "master-key-file", "", "the deployment's master key")
	f.StringVar(&s.pool, "pool", "", "id of a user pool that exists")
	f.IntVar(&s.users, "users", 1000, "how many users to add")
	if err := f.Parse(args); err != nil {
		return err
	}
	took, err := seed(ctx, s)
	if err == nil {
		fmt.Printf("%d users in %s\n", s.users, took.Round(time.Millisecond))
	}
	return err
}

// cores is how many cores the machine has.
func cores() int { return runtime.NumCPU() }
