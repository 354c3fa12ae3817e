package crash

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	ci "github.com/aws/aws-sdk-go-v2/service/cognitoidentity"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"github.com/cenote-id/cenote/internal/store/pgcluster"
)

// binary is the built cenote.
var binary string

func TestMain(m *testing.M) {
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "cenote-crash-")
		if err != nil {
			panic(err)
		}
		defer os.RemoveAll(dir)
		binary = filepath.Join(dir, "cenote")
		build := exec.Command("go", "build", "-o", binary, "github.com/cenote-id/cenote/cmd/cenote")
		build.Stderr = os.Stderr
		if err := build.Run(); err != nil {
			fmt.Fprintln(os.Stderr, "build cenote:", err)
			return 1
		}
		return m.Run()
	}())
}

// node is a running `cenote serve`.
type node struct {
	t    *testing.T
	dir  string
	args []string
	url  string
	keys aws.CredentialsProvider
	cmd  *exec.Cmd
}

// newNode prepares a deployment with one account; storage are the flags that
// say where its data is.
func newNode(t *testing.T, storage ...string) *node {
	t.Helper()
	n := &node{t: t, dir: t.TempDir()}
	master := filepath.Join(n.dir, "master.key")
	n.run("keys", "generate", "--out", master)
	storage = append(storage, "--master-key-file", master)
	var account struct{ AccessKeyId, SecretAccessKey string }
	if err := json.Unmarshal(n.run(append([]string{"account", "create", "--name", "crash"}, storage...)...), &account); err != nil {
		t.Fatal(err)
	}
	n.keys = credentials.NewStaticCredentialsProvider(account.AccessKeyId, account.SecretAccessKey, "")
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := "localhost:" + strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	n.url = "http://" + address
	n.args = append([]string{"serve", "--listen", address, "--public-url", n.url}, storage...)
	n.start()
	return n
}

func (n *node) run(args ...string) []byte {
	n.t.Helper()
	cmd := exec.Command(binary, args...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		n.t.Fatalf("cenote %v: %v: %s", args, err, &stderr)
	}
	return out
}

// start runs the server and waits until it can sign tokens.
func (n *node) start() {
	n.t.Helper()
	ready := filepath.Join(n.dir, "ready")
	_ = os.Remove(ready)
	log, err := os.OpenFile(filepath.Join(n.dir, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		n.t.Fatal(err)
	}
	defer log.Close()
	cmd := exec.Command(binary, append(n.args, "--ready-file", ready)...)
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		n.t.Fatal(err)
	}
	n.cmd = cmd
	n.t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		if _, err := os.Stat(ready); err == nil {
			return
		}
		if time.Now().After(deadline) {
			text, _ := os.ReadFile(log.Name())
			n.t.Fatalf("not ready:\n%s", text)
		}
	}
}

// kill ends the server as a crash does: it gets no chance to finish anything.
func (n *node) kill() {
	n.t.Helper()
	if err := n.cmd.Process.Kill(); err != nil {
		n.t.Fatal(err)
	}
	_ = n.cmd.Wait()
}

func (n *node) idp() *idp.Client {
	return idp.New(idp.Options{BaseEndpoint: &n.url, Region: "us-west-2", Credentials: n.keys, Retryer: aws.NopRetryer{}})
}

func (n *node) identity() *ci.Client {
	return ci.New(ci.Options{BaseEndpoint: &n.url, Region: "us-west-2", Credentials: n.keys, Retryer: aws.NopRetryer{}})
}

// durable starts a PostgreSQL server that keeps what it acknowledged through a
// crash of its own, with an empty database.
func durable(t *testing.T) (c *pgcluster.Cluster, url string) {
	t.Helper()
	c, err := pgcluster.Start(t.Context(), pgcluster.Config{Durable: true})
	if errors.Is(err, pgcluster.ErrNotInstalled) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Stop(); err != nil {
			t.Error(err)
		}
	})
	if err := c.Exec(t.Context(), "CREATE DATABASE crash"); err != nil {
		t.Fatal(err)
	}
	return c, c.URL("crash")
}
