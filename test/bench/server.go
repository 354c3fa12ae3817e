package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/cenote-id/cenote/internal/store/pgcluster"
)

// deployment is a place for data and the programs that work on it.
type deployment struct {
	binary   string
	dir      string // holds the master key, the log and, for SQLite, the data
	engine   string // sqlite or postgres
	database database
}

// database is where the rows are.
type database struct {
	url     string // as package store takes it
	flags   []string
	cluster *pgcluster.Cluster // nil for SQLite
	pid     int                // of the database server; 0 for SQLite
}

const region = "us-west-2"

// settle does at once what PostgreSQL would do in the background, beside the
// first measurements, after so many rows have come at a time.
func (d *deployment) settle(ctx context.Context) error {
	if d.database.cluster == nil {
		return nil
	}
	conn, err := pgx.Connect(ctx, d.database.url)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	for _, statement := range []string{"VACUUM (ANALYZE)", "CHECKPOINT"} {
		if _, err := conn.Exec(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}

func (d *deployment) masterKey() string { return filepath.Join(d.dir, "master.key") }

// newDeployment makes an empty deployment. PostgreSQL gets a server of its
// own, which flushes to disk as one in production does.
func newDeployment(ctx context.Context, binary, dir, engine string) (_ *deployment, err error) {
	d := &deployment{binary: binary, dir: dir, engine: engine}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	switch engine {
	case "sqlite":
		data := filepath.Join(dir, "data")
		d.database = database{url: "sqlite://" + filepath.ToSlash(filepath.Join(data, "cenote.db")), flags: []string{"--data", data}}
	case "postgres":
		c, err := pgcluster.Start(ctx, pgcluster.Config{Durable: true, Settings: []string{"shared_buffers=1GB", "max_wal_size=8GB"}})
		if err != nil {
			return nil, err
		}
		d.database.cluster = c
		const name = "cenote_bench"
		if err := c.Exec(ctx, "CREATE DATABASE "+name); err != nil {
			return nil, errors.Join(err, d.close())
		}
		d.database.url = c.URL(name)
		d.database.flags = []string{"--database", d.database.url}
		if d.database.pid, err = c.PID(); err != nil {
			return nil, errors.Join(err, d.close())
		}
	default:
		return nil, fmt.Errorf("engine %q: want sqlite or postgres", engine)
	}
	if _, err := os.Stat(d.masterKey()); err == nil {
		return d, nil // left by an earlier run
	}
	if _, err := d.run(ctx, "keys", "generate", "--out", d.masterKey()); err != nil {
		return nil, errors.Join(err, d.close())
	}
	return d, nil
}

func (d *deployment) close() error {
	if d.database.cluster != nil {
		return d.database.cluster.Stop()
	}
	return nil
}

// command is a run of the binary, with none of its settings in the
// environment.
func (d *deployment) command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, d.binary, args...)
	for _, kv := range os.Environ() {
		if !strings.HasPrefix(kv, "CENOTE_") {
			cmd.Env = append(cmd.Env, kv)
		}
	}
	return cmd
}

func (d *deployment) run(ctx context.Context, args ...string) ([]byte, error) {
	cmd := d.command(ctx, args...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("cenote %s: %w: %s", args[0], err, stderr.Bytes())
	}
	return out, nil
}

func (d *deployment) storage() []string {
	return append([]string{"--master-key-file", d.masterKey()}, d.database.flags...)
}

// createAccount makes an account and returns the access key of its root.
func (d *deployment) createAccount(ctx context.Context) (accessKey, error) {
	out, err := d.run(ctx, append([]string{"account", "create", "--name", "bench", "--format", "json"}, d.storage()...)...)
	if err != nil {
		return accessKey{}, err
	}
	var created struct {
		AccessKeyID     string `json:"AccessKeyId"`
		SecretAccessKey string
	}
	if err := json.Unmarshal(out, &created); err != nil {
		return accessKey{}, fmt.Errorf("account create: %w", err)
	}
	return accessKey{id: created.AccessKeyID, secret: created.SecretAccessKey}, nil
}

// server is a running `cenote serve`.
type server struct {
	site
	admin    string // address of metrics and profiles
	database database
	cmd      *exec.Cmd
	exited   chan error
	log      *os.File
	ready    time.Duration // from its start to the first answer
}

func (s *server) pid() int { return s.cmd.Process.Pid }

// startTimeout is for the first start, which makes the schema and keys.
const startTimeout = time.Minute

// start runs the server in production mode and waits until it can sign
// tokens. Its log goes to a file, as under a service manager.
func (d *deployment) start(ctx context.Context) (*server, error) {
	address, err := freeAddress()
	if err != nil {
		return nil, err
	}
	admin, err := freeAddress()
	if err != nil {
		return nil, err
	}
	log, err := os.Create(filepath.Join(d.dir, "server.log"))
	if err != nil {
		return nil, err
	}
	s := &server{site: site{address, region}, admin: admin, database: d.database, exited: make(chan error, 1), log: log}
	// The server ends through stop, in its own order, and not with ctx.
	s.cmd = d.command(context.WithoutCancel(ctx), append([]string{
		"serve", "--outbox-only", "--listen", address, "--admin-listen", admin, "--public-url", "http://" + address, "--region", region,
	}, d.storage()...)...)
	s.cmd.Stderr = log
	began := time.Now()
	if err := s.cmd.Start(); err != nil {
		return nil, errors.Join(err, log.Close())
	}
	go func() { s.exited <- s.cmd.Wait() }()
	if err := s.await(ctx); err != nil {
		return nil, errors.Join(err, s.stop(), s.lastWords())
	}
	s.ready = time.Since(began)
	return s, nil
}

// await asks the server until it is ready.
func (s *server) await(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	for ctx.Err() == nil {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+s.address+"/_cenote/health/ready", nil)
		if err != nil {
			return err
		}
		if resp, err := http.DefaultClient.Do(req); err == nil {
			resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				http.DefaultClient.CloseIdleConnections()
				return nil
			}
		}
		select {
		case err := <-s.exited:
			s.exited <- err
			return fmt.Errorf("the server ended: %w", err)
		case <-time.After(time.Millisecond):
		case <-ctx.Done():
		}
	}
	return fmt.Errorf("the server is not ready: %w", ctx.Err())
}

// allocated returns how many bytes the server has allocated since its start.
func (s *server) allocated() (int64, error) {
	resp, err := http.Get("http://" + s.admin + "/_cenote/metrics")
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxReply))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(text)) {
		if value, ok := strings.CutPrefix(line, "go_memstats_alloc_bytes_total "); ok {
			n, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
			return int64(n), err
		}
	}
	return 0, errors.New("the server's metrics do not tell what it allocates")
}

// Bounds of what counts as doing nothing.
const (
	quietFor   = 500 * time.Millisecond
	quietBelow = 20 * time.Millisecond // of processor time in quietFor
	quietTries = 60
)

// quiet returns once the server has nothing to do any more: after its start it
// makes spare keys for pools to come. It does not wait for ever.
func (s *server) quiet(ctx context.Context) error {
	last, err := cpuTime(s.pid())
	for n := 0; n < quietTries && err == nil && ctx.Err() == nil; n++ {
		pause(ctx, quietFor)
		var now time.Duration
		if now, err = cpuTime(s.pid()); now-last <= quietBelow {
			break
		}
		last = now
	}
	return errors.Join(err, ctx.Err())
}

// lastWords are the errors in the server's log, or the end of it if there are
// none.
func (s *server) lastWords() error {
	text, err := os.ReadFile(s.log.Name())
	if err != nil {
		return err
	}
	const most = 2000
	var faults []byte
	for line := range bytes.Lines(text) {
		if bytes.Contains(line, []byte(`"level":"ERROR"`)) && len(faults)+len(line) <= most {
			faults = append(faults, line...)
		}
	}
	if len(faults) == 0 {
		faults = text[max(0, len(text)-most):]
	}
	return errors.New(string(faults))
}

// stopTimeout is longer than the server lets open requests take.
const stopTimeout = 30 * time.Second

// stop ends the server and waits for it.
func (s *server) stop() error {
	defer s.log.Close()
	if err := s.cmd.Process.Signal(os.Interrupt); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	select {
	case err := <-s.exited:
		return err
	case <-time.After(stopTimeout):
		return errors.Join(errors.New("the server does not stop"), s.cmd.Process.Kill())
	}
}

// freeAddress returns a loopback address that nobody listens on.
func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}
