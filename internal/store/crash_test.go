package store_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"testing"

	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/store/pgcluster"
	"github.com/cenote-id/cenote/internal/store/storetest"
)

// crashURL makes this test binary a writer of the database that it names.
const crashURL = "CENOTE_TEST_CRASH_URL"

func TestMain(m *testing.M) {
	if url := os.Getenv(crashURL); url != "" {
		fmt.Fprintln(os.Stderr, burst(url))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

const crashTable = `CREATE TABLE burst (id TEXT NOT NULL, half TEXT NOT NULL, PRIMARY KEY (id, half))`

// burst writes pairs of rows from many goroutines, and prints the id of each
// pair once it is acknowledged. It ends when a write fails.
func burst(url string) error {
	ctx := context.Background()
	db, err := tryOpen(ctx, url, storetest.Master())
	if err != nil {
		return err
	}
	failed := make(chan error)
	for w := range 32 {
		go func() {
			for n := 0; ; n++ {
				id := fmt.Sprintf("%d-%d", w, n)
				err := db.Tx(ctx, func(ctx context.Context) error {
					for _, half := range []string{"left", "right"} {
						if _, err := db.Exec(ctx, `INSERT INTO burst (id, half) VALUES ($1, $2)`, id, half); err != nil {
							return err
						}
					}
					return nil
				})
				if err != nil {
					failed <- err
					return
				}
				fmt.Println(id) // one write to the pipe: there is no buffer to lose
			}
		}()
	}
	return <-failed
}

// crash runs a burst until it has acknowledged some writes, strikes, and
// returns everything that was acknowledged.
func crash(t *testing.T, url string, strike func(child *os.Process) error) []string {
	t.Helper()
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), crashURL+"="+url)
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	defer child.Process.Kill()
	var acknowledged []string
	var once sync.Once
	for lines := bufio.NewScanner(out); lines.Scan(); {
		acknowledged = append(acknowledged, lines.Text())
		if len(acknowledged) == 500 {
			once.Do(func() {
				if err := strike(child.Process); err != nil {
					t.Errorf("strike: %v", err)
				}
			})
		}
	}
	if err := child.Wait(); err == nil {
		t.Error("the writer ended by itself")
	}
	if len(acknowledged) < 500 {
		t.Errorf("only %d writes were acknowledged", len(acknowledged))
	}
	return acknowledged
}

// survived checks that every acknowledged pair is there, and no half of one.
func survived(t *testing.T, db *store.DB, acknowledged []string) {
	t.Helper()
	left, err := db.Texts(t.Context(), `SELECT id FROM burst WHERE half = 'left'`)
	if err != nil {
		t.Fatal(err)
	}
	there := make(map[string]bool, len(left))
	for _, id := range left {
		there[id] = true
	}
	for _, id := range acknowledged {
		if !there[id] {
			t.Errorf("acknowledged write %s is lost", id)
		}
	}
	if n, err := db.Int(t.Context(), `SELECT COUNT(*) FROM burst`); err != nil || n != int64(2*len(left)) {
		t.Errorf("%d rows for %d pairs, %v", n, len(left), err)
	}
	t.Logf("%d acknowledged, %d there", len(acknowledged), len(left))
	if _, err := db.Exec(t.Context(), `INSERT INTO burst (id, half) VALUES ('after', 'left')`); err != nil {
		t.Errorf("write after the crash: %v", err)
	}
}

func kill(child *os.Process) error { return child.Kill() } // SIGKILL

func prepareCrash(t *testing.T, url string) {
	t.Helper()
	db := open(t, url)
	mustExec(t, db, crashTable)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestCrashOfTheProcess(t *testing.T) {
	reopenable(t, func(t *testing.T, url string) {
		prepareCrash(t, url)
		acknowledged := crash(t, url, kill)
		survived(t, storetest.Open(t, url), acknowledged)
	})
}

func TestCrashOfTheServer(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a PostgreSQL server of its own")
	}
	storetest.Cluster(t) // skips where there is no PostgreSQL
	cluster, err := pgcluster.Start(t.Context(), pgcluster.Config{Durable: true})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := cluster.Stop(); err != nil {
			t.Error(err)
		}
	}()
	url := cluster.URL("postgres")
	prepareCrash(t, url)
	acknowledged := crash(t, url, func(*os.Process) error { return cluster.Kill() })
	if err := cluster.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	survived(t, storetest.Open(t, url), acknowledged)
}
