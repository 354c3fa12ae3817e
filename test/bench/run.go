package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Connections. Readers keep the server busy without queueing for long; who
// signs in waits for signatures, and more of them would only wait longer.
const (
	readers          = 16
	signersPerCore   = 2
	stormers         = 64
	readersAtStorm   = 4
	starts           = 5
	rest             = 5 * time.Second // after the last call, before memory is looked at
	stormOf, stormOn = "sign-in", "GetUser"
)

// line is one measured operation.
type line struct {
	operation
	sample
	usage
	bare time.Duration // cost of the operation's cryptography by itself
}

// scenario is what was measured with one engine and number of users.
type scenario struct {
	engine   string
	users    int
	seeded   time.Duration
	started  []time.Duration // on existing data, from start to first answer; sorted
	idle     int64           // resident set of a server just started, bytes
	rested   int64           // and of one after all measurements
	dataSize int64           // bytes on disk, SQLite only
	crypto   prices
	lines    []line
	storm    []sample // sign-ins, then readers
	stormUse usage
}

// run measures every scenario and prints each when it is done. A scenario that
// fails does not keep the others from running.
func run(ctx context.Context, s settings) (*report, error) {
	r, err := newReport(s.binary)
	if err != nil {
		return &report{}, err
	}
	fmt.Print(r.heading())
	var errs []error
	for _, engine := range s.engines {
		for _, users := range s.sizes {
			if ctx.Err() != nil {
				return r, errors.Join(append(errs, ctx.Err())...)
			}
			sc, err := s.scenario(ctx, engine, users)
			if err != nil {
				errs = append(errs, fmt.Errorf("%s with %d users: %w", engine, users, err))
			}
			if sc != nil {
				r.scenarios = append(r.scenarios, sc)
				fmt.Print(sc.table())
			}
		}
	}
	return r, errors.Join(errs...)
}

func (s *settings) scenario(ctx context.Context, engine string, users int) (_ *scenario, err error) {
	dir := filepath.Join(s.work, engine+"-"+strconv.Itoa(users))
	d, err := newDeployment(ctx, s.binary, dir, engine)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, d.close()) }()
	sc := &scenario{engine: engine, users: users}
	w := &world{population: population{users}, nonce: strconv.FormatInt(time.Now().Unix(), 36)}
	if sc.seeded, err = d.populate(ctx, w); err != nil {
		return nil, err
	}
	if info, err := os.Stat(filepath.Join(dir, "data", "cenote.db")); err == nil {
		sc.dataSize = info.Size()
	}
	for range starts - 1 {
		if err := d.with(ctx, w, func() error { sc.started = append(sc.started, w.ready); return nil }); err != nil {
			return nil, err
		}
	}
	bench, err := newWorkbench()
	if err == nil {
		sc.crypto, err = bench.prices()
	}
	if err != nil {
		return nil, err
	}
	err = d.with(ctx, w, func() error {
		sc.started = append(sc.started, w.ready)
		return s.measure(ctx, w, sc, bench)
	})
	slices.Sort(sc.started)
	return sc, err
}

// populate makes what there is to call, or finds it as an earlier run with the
// same directory left it.
func (d *deployment) populate(ctx context.Context, w *world) (seeded time.Duration, err error) {
	memory := filepath.Join(d.dir, "world.json")
	if text, err := os.ReadFile(memory); err == nil && d.engine == "sqlite" {
		return 0, json.Unmarshal(text, &w.founded)
	}
	root, err := d.createAccount(ctx)
	if err != nil {
		return 0, err
	}
	w.KeyID, w.Secret = root.id, root.secret
	if err := d.with(ctx, w, func() error { return w.found(ctx) }); err != nil {
		return 0, err
	}
	seeded, err = seed(ctx, seeding{url: d.database.url, masterKey: d.masterKey(), pool: w.Pool, population: w.population})
	if err != nil {
		return 0, fmt.Errorf("seed: %w", err)
	}
	if err := d.settle(ctx); err != nil {
		return 0, fmt.Errorf("settle: %w", err)
	}
	return seeded, os.WriteFile(memory, []byte(text(w.founded)), 0o600)
}

// with runs f while w has a server.
func (d *deployment) with(ctx context.Context, w *world, f func() error) error {
	srv, err := d.start(ctx)
	if err != nil {
		return err
	}
	w.server = srv
	err = f()
	if err != nil && ctx.Err() == nil {
		err = errors.Join(err, srv.lastWords())
	}
	return errors.Join(err, srv.stop())
}

func (s *settings) measure(ctx context.Context, w *world, sc *scenario, bench *workbench) (err error) {
	if err := w.quiet(ctx); err != nil {
		return err
	}
	if sc.idle, _, err = memory(w.pid()); err != nil {
		return err
	}
	if err := w.gather(ctx); err != nil {
		return err
	}
	for _, op := range s.chosen() {
		connections := readers
		if op.signs {
			connections = signersPerCore * cores()
		}
		// Before and after: how fast a core computes depends on what the other
		// cores do, and on a shared machine that changes.
		before, err := bench.cost(op.crypto)
		if err != nil {
			return err
		}
		end := s.profiling(ctx, w.server, op.name)
		samples, used, err := measure(ctx, w.server, s.length, w.crowd(op, connections))
		if err := errors.Join(err, end()); err != nil {
			return err
		}
		after, err := bench.cost(op.crypto)
		if err != nil {
			return err
		}
		sc.lines = append(sc.lines, line{op, samples[0], used, (before + after) / 2})
	}
	if s.storm && len(s.ops) == 0 {
		storm, readers := w.crowd(find(stormOf), stormers), w.crowd(find(stormOn), readersAtStorm)
		if sc.storm, sc.stormUse, err = measure(ctx, w.server, s.length, storm, readers); err != nil {
			return err
		}
	}
	pause(ctx, rest)
	sc.rested, _, err = memory(w.pid())
	return err
}

func find(name string) operation {
	return operations[slices.IndexFunc(operations, func(o operation) bool { return o.name == name })]
}

func (w *world) crowd(op operation, connections int) crowd {
	return crowd{op.name, connections, func(n int) (step, error) {
		return op.prepare(w, n, connections), nil
	}}
}

// profiling takes profiles of the server if op is the one to be profiled: of
// processor time and of allocations. The function that it returns waits for
// them.
func (s *settings) profiling(ctx context.Context, srv *server, op string) (end func() error) {
	if op != s.profile {
		return func() error { return nil }
	}
	kinds := []struct{ name, path string }{{"cpu", "profile"}, {"allocs", "allocs"}}
	done := make(chan error, len(kinds))
	for _, k := range kinds {
		go func() {
			pause(ctx, warmUp)
			done <- s.saveProfile(ctx, srv, k.path, filepath.Join(s.to, k.name+"-"+strings.ReplaceAll(op, " ", "-")+".pprof"))
		}()
	}
	return func() (err error) {
		for range kinds {
			err = errors.Join(err, <-done)
		}
		return err
	}
}

func (s *settings) saveProfile(ctx context.Context, srv *server, path, name string) error {
	url := fmt.Sprintf("http://%s/debug/pprof/%s?seconds=%d", srv.admin, path, max(1, int(s.length.Seconds())))
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("profile: status %s", resp.Status)
	}
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, resp.Body)
	if err == nil {
		fmt.Printf("wrote %s\n", name)
	}
	return errors.Join(err, f.Close())
}
