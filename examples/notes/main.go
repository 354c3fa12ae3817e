// Command notes is an example of a service whose permissions are IAM policies:
// it keeps notes, and Cenote says who may read and write which. README.md in
// this directory tells how to run it.
package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"time"

	"github.com/cenote-id/cenote/cenoteauth"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "notes:", err)
		os.Exit(1)
	}
}

// settings are what setup.sh wrote. The browser needs the same, so there is no
// secret among them.
type settings struct {
	Cenote         string `json:"cenote"` // URL
	Account        string `json:"account"`
	Region         string `json:"region"`
	UserPoolID     string `json:"userPoolId"`
	ClientID       string `json:"clientId"`
	IdentityPoolID string `json:"identityPoolId"`
}

func run() error {
	dir := flag.String("config", ".", "directory that setup.sh wrote")
	web := flag.String("web", "examples/notes/web/dist", "directory of the built page")
	address := flag.String("listen", "localhost:8080", "address to listen on")
	flag.Parse()

	text, err := os.ReadFile(filepath.Join(*dir, "config.json"))
	if err != nil {
		return err
	}
	var s settings
	if err := json.Unmarshal(text, &s); err != nil {
		return err
	}
	listener, err := net.Listen("tcp", *address)
	if err != nil {
		return err
	}
	auth, err := cenoteauth.New(cenoteauth.Config{
		Endpoint: s.Cenote, Region: s.Region, Service: "notes",
		Hosts:       []string{listener.Addr().String(), "localhost:" + port(listener)},
		Credentials: cenoteauth.Static(os.Getenv("AWS_ACCESS_KEY_ID"), os.Getenv("AWS_SECRET_ACCESS_KEY")),
		MaxBody:     maxNote,
	})
	if err != nil {
		return err
	}

	mux := http.NewServeMux()
	newNotes("arn:aws:notes:"+s.Region+":"+s.Account+":note/").mount(mux, auth)
	mux.HandleFunc("GET /config.json", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(text) // the client is gone, and nobody is left to tell
	})
	mux.Handle("GET /", http.FileServer(http.Dir(*web)))
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: time.Minute}
	fmt.Println("listening on http://localhost:" + port(listener))

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
		return cmp.Or(server.Close(), ignoreClosed(<-ended))
	}
}

func ignoreClosed(err error) error {
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

func port(l net.Listener) string {
	_, p, _ := net.SplitHostPort(l.Addr().String()) // a listener's address has a port
	return p
}
