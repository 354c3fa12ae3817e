//go:build unix

package pgcluster

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// ErrNotInstalled is the error of Start where there is no PostgreSQL.
var ErrNotInstalled = errors.New("PostgreSQL server programs (initdb, postgres) not found")

// Config describes a cluster.
type Config struct {
	// Durable flushes to disk as a production server does. Without it, a
	// crash of the machine (not of the server) may lose data.
	Durable bool
	// Settings are passed on as -c name=value.
	Settings []string
}

// Cluster is a running server.
type Cluster struct {
	config  Config
	bin     string
	dir     string // holds data/ and the socket
	account *syscall.Credential
	guard   *exec.Cmd
	stdin   io.WriteCloser // the server stops when this closes
}

// startTimeout covers initdb and recovery on a busy machine.
const startTimeout = time.Minute

// Start makes a data directory and a server on it.
func Start(ctx context.Context, config Config) (_ *Cluster, err error) {
	bin, err := programs()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "cenote-pg-")
	if err != nil {
		return nil, err
	}
	c := &Cluster{config: config, bin: bin, dir: dir}
	defer func() {
		if err != nil {
			os.RemoveAll(dir)
		}
	}()
	if os.Getuid() == 0 {
		if c.account, err = unprivileged(); err != nil {
			return nil, err
		}
		if err := os.Chown(dir, int(c.account.Uid), int(c.account.Gid)); err != nil {
			return nil, err
		}
	}
	initdb := exec.CommandContext(ctx, filepath.Join(bin, "initdb"), "-D", c.data(), "-U", superuser,
		"-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions")
	initdb.Dir = dir
	initdb.SysProcAttr = &syscall.SysProcAttr{Credential: c.account}
	if out, err := initdb.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("initdb: %w: %s", err, out)
	}
	return c, c.Restart(ctx)
}

const superuser = "cenote"

func (c *Cluster) data() string { return filepath.Join(c.dir, "data") }

// guardScript runs the server until its standard input ends, which happens at
// the latest when the process that holds the other end does. Then it removes
// the directory, unless it was told to keep it. It repeats the signal because
// a server that is just starting does not hear it.
const guardScript = `
dir=$1; shift
"$@" >"$dir/log" 2>&1 </dev/null &
server=$!
word=
read -r word
while kill -INT "$server" 2>/dev/null; do sleep 0.05; done
[ "$word" = keep ] || rm -rf "$dir"
`

// Restart starts the server again after Kill, and waits until it answers.
func (c *Cluster) Restart(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	var err error
	for ctx.Err() == nil {
		if err = c.launch(ctx); err == nil {
			return nil
		}
		// Just after a crash, processes of the last server may still hold its
		// shared memory.
		time.Sleep(100 * time.Millisecond)
	}
	return fmt.Errorf("start PostgreSQL: %w: %s", err, c.log())
}

func (c *Cluster) launch(ctx context.Context) error {
	args := []string{"-c", guardScript, "guard", c.dir, filepath.Join(c.bin, "postgres"), "-D", c.data(), "-k", c.dir, "-h", ""}
	settings := []string{"max_connections=200", "log_min_messages=warning", "shared_buffers=64MB"}
	if !c.config.Durable {
		settings = append(settings, "fsync=off", "synchronous_commit=off", "full_page_writes=off")
	}
	for _, s := range append(settings, c.config.Settings...) {
		args = append(args, "-c", s)
	}
	guard := exec.Command("/bin/sh", args...) // outlives ctx on purpose
	guard.Dir = c.dir
	// A group of its own: an interrupt at the terminal reaches the test, and
	// the server only through it.
	guard.SysProcAttr = &syscall.SysProcAttr{Credential: c.account, Setpgid: true}
	stdin, err := guard.StdinPipe()
	if err != nil {
		return err
	}
	if err := guard.Start(); err != nil {
		return err
	}
	exited := make(chan struct{})
	go func() { _ = guard.Wait(); close(exited) }()
	c.guard, c.stdin = guard, stdin
	for {
		err := c.ping(ctx)
		if err == nil {
			return nil
		}
		if ctx.Err() != nil || c.serverEnded() {
			_, _ = io.WriteString(stdin, "keep\n")
			stdin.Close()
			<-exited
			return err
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// serverEnded reports that the server's own log says that it gave up. What it
// tells clients who come too early, "the database system is starting up",
// stands there in the same form.
func (c *Cluster) serverEnded() bool {
	for line := range strings.Lines(c.log()) {
		if strings.Contains(line, "FATAL:") && !strings.Contains(line, "the database system is") {
			return true
		}
	}
	return false
}

func (c *Cluster) log() string {
	text, _ := os.ReadFile(filepath.Join(c.dir, "log"))
	return string(text)
}

func (c *Cluster) ping(ctx context.Context) error {
	conn, err := pgx.Connect(ctx, c.URL("postgres"))
	if err != nil {
		return err
	}
	return conn.Close(ctx)
}

// URL names one of the cluster's databases.
func (c *Cluster) URL(database string) string {
	return "postgres:///" + url.PathEscape(database) + "?" + url.Values{"host": {c.dir}, "user": {superuser}}.Encode()
}

// Exec runs statements in the maintenance database, such as CREATE DATABASE.
func (c *Cluster) Exec(ctx context.Context, statements ...string) error {
	conn, err := pgx.Connect(ctx, c.URL("postgres"))
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	for _, s := range statements {
		if _, err := conn.Exec(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

// PID returns the process id of the server.
func (c *Cluster) PID() (int, error) {
	text, err := os.ReadFile(filepath.Join(c.data(), "postmaster.pid"))
	if err != nil {
		return 0, err
	}
	line, _, _ := strings.Cut(string(text), "\n")
	return strconv.Atoi(line)
}

// Kill ends the server and all its processes as a crash would, with SIGKILL.
// Restart recovers what it had flushed.
func (c *Cluster) Kill() error {
	pid, err := c.PID()
	if err != nil {
		return err
	}
	children, _ := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", pid, pid)) // where the system has it
	err = syscall.Kill(pid, syscall.SIGKILL)
	for child := range strings.FieldsSeq(string(children)) {
		if n, convErr := strconv.Atoi(child); convErr == nil {
			_ = syscall.Kill(n, syscall.SIGKILL)
		}
	}
	_, _ = io.WriteString(c.stdin, "keep\n")
	err = errors.Join(err, c.dismiss())
	for deadline := time.Now().Add(startTimeout); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
			return err
		}
	}
	return errors.Join(err, fmt.Errorf("PostgreSQL process %d does not end", pid))
}

// dismiss closes the guard's standard input. A guard that has ended already,
// because its server has, has closed it.
func (c *Cluster) dismiss() error {
	if err := c.stdin.Close(); !errors.Is(err, os.ErrClosed) {
		return err
	}
	return nil
}

// Stop ends the server and removes its directory.
func (c *Cluster) Stop() error {
	if err := c.dismiss(); err != nil {
		return err
	}
	for deadline := time.Now().Add(startTimeout); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		if _, err := os.Stat(c.dir); errors.Is(err, os.ErrNotExist) {
			return nil
		}
	}
	return fmt.Errorf("PostgreSQL in %s does not stop", c.dir)
}

// programs returns the directory of initdb and postgres: Debian's newest, or
// wherever they are on the path.
func programs() (string, error) {
	dirs, _ := filepath.Glob("/usr/lib/postgresql/*/bin")
	slices.SortFunc(dirs, func(a, b string) int { return majorVersion(b) - majorVersion(a) })
	if path, err := exec.LookPath("initdb"); err == nil {
		dirs = append(dirs, filepath.Dir(path))
	}
	for _, dir := range dirs {
		_, err1 := os.Stat(filepath.Join(dir, "initdb"))
		_, err2 := os.Stat(filepath.Join(dir, "postgres"))
		if err1 == nil && err2 == nil {
			return dir, nil
		}
	}
	return "", ErrNotInstalled
}

func majorVersion(dir string) int {
	n, _ := strconv.Atoi(filepath.Base(filepath.Dir(dir)))
	return n
}

// unprivileged returns the account to run as, since PostgreSQL refuses root.
func unprivileged() (*syscall.Credential, error) {
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err1 := strconv.ParseUint(u.Uid, 10, 32)
		gid, err2 := strconv.ParseUint(u.Gid, 10, 32)
		if err1 == nil && err2 == nil {
			return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
		}
	}
	return nil, errors.New("PostgreSQL refuses to run as root, and there is no user postgres or nobody")
}
