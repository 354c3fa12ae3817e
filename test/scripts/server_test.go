package scripts

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/cenote-id/cenote/internal/store/pgcluster"
)

// process is a running cenote.
type process struct {
	*exec.Cmd
	ended chan error // gets what Wait returned
}

// servers are the processes of one script by name.
type servers struct {
	mu   sync.Mutex
	byID map[string]process
}

var running sync.Map // *testscript.TestScript → *servers

func serversOf(ts *testscript.TestScript) *servers {
	v, loaded := running.LoadOrStore(ts, &servers{byID: map[string]process{}})
	s := v.(*servers)
	if !loaded {
		ts.Defer(func() {
			s.mu.Lock()
			defer s.mu.Unlock()
			for _, p := range s.byID {
				_ = p.end()
			}
			running.Delete(ts)
		})
	}
	return s
}

// grace is how long a server may take to end, which is more than it takes to
// drain.
const grace = 30 * time.Second

// end asks the server to leave, and kills it if it does not.
func (p process) end() error {
	if err := p.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	select {
	case err := <-p.ended:
		return err
	case <-time.After(grace):
		_ = p.Process.Kill()
		<-p.ended
		return fmt.Errorf("%s does not end", p)
	}
}

// start NAME ARGS… runs cenote with the arguments, waits until it is ready,
// and sets $NAME and $URL to its URL.
func start(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: start NAME dev|serve FLAGS…")
	}
	name := args[0]
	ready := ts.MkAbs(name + ".ready")
	_ = os.Remove(ready)
	log, err := os.Create(ts.MkAbs(name + ".log"))
	ts.Check(err)
	defer log.Close()
	cmd := exec.Command(binary, append(args[1:], "--ready-file", ready)...)
	cmd.Dir = ts.MkAbs(".")
	cmd.Env = []string{"PATH=" + ts.Getenv("PATH"), "HOME=" + ts.Getenv("HOME"), "SSL_CERT_FILE=" + ts.Getenv("SSL_CERT_FILE")}
	cmd.Stdout, cmd.Stderr = log, log
	ts.Check(cmd.Start())
	p := process{cmd, make(chan error, 1)}
	go func() { p.ended <- cmd.Wait() }()
	s := serversOf(ts)
	s.mu.Lock()
	s.byID[name] = p
	s.mu.Unlock()
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		data, err := os.ReadFile(ready)
		if err == nil {
			var at struct{ URL string }
			ts.Check(json.Unmarshal(data, &at))
			ts.Setenv(name, at.URL)
			ts.Setenv("URL", at.URL)
			return
		}
		if len(p.ended) > 0 || time.Now().After(deadline) {
			out, _ := os.ReadFile(log.Name())
			ts.Fatalf("%s is not ready:\n%s", name, out)
		}
	}
}

// shutdown NAME ends a server with SIGTERM and checks that it left cleanly.
// (The name stop is taken: in testscript it ends the script there and then.)
func shutdown(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: shutdown NAME")
	}
	s := serversOf(ts)
	s.mu.Lock()
	p, ok := s.byID[args[0]]
	delete(s.byID, args[0])
	s.mu.Unlock()
	if !ok {
		ts.Fatalf("no server %s", args[0])
	}
	ts.Check(p.end())
}

// freeport NAME sets $NAME to a port that nothing listens on.
func freePort(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: freeport NAME")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	defer l.Close()
	ts.Setenv(args[0], fmt.Sprint(l.Addr().(*net.TCPAddr).Port))
}

// port NAME SERVER sets $NAME to the port of a running server.
func port(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: port NAME SERVER")
	}
	u, err := url.Parse(ts.Getenv(args[1]))
	ts.Check(err)
	ts.Setenv(args[0], u.Port())
}

// exitcode N COMMAND… runs a command that must end with that code.
func exitCode(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exitcode N COMMAND…")
	}
	err := ts.Exec(args[1], args[2:]...)
	got := "0"
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		got = fmt.Sprint(exit.ExitCode())
	} else {
		ts.Check(err)
	}
	if got != args[0] {
		ts.Fatalf("%s ended with %s, not %s", strings.Join(args[1:], " "), got, args[0])
	}
}

// cluster is the server of all scripts that want one; TestMain stops it.
var cluster = sync.OnceValues(func() (*pgcluster.Cluster, error) {
	return pgcluster.Start(context.Background(), pgcluster.Config{})
})

var databases atomic.Int32

// postgres NAME sets $NAME to the URL of an empty PostgreSQL database.
func postgres(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: postgres NAME")
	}
	c, err := cluster()
	ts.Check(err)
	name := fmt.Sprintf("script%d", databases.Add(1))
	ts.Check(c.Exec(context.Background(), "CREATE DATABASE "+name))
	ts.Setenv(args[0], c.URL(name))
}
