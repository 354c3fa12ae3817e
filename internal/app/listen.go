package app

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"syscall"
	"time"

	"github.com/cenote-id/cenote/internal/config"
)

// Bounds of connections. Bodies are read whole by the kernel before anything
// slow happens, so a request needs no longer than this to arrive; its answer is
// taken within writeTimeout of that, or given up: whoever does not read it must
// not hold it in memory.
const (
	readHeaderTimeout = 10 * time.Second
	readTimeout       = 30 * time.Second
	writeTimeout      = 2 * time.Minute
	idleTimeout       = 2 * time.Minute
	maxHeaderBytes    = 32 << 10
)

func newServer(h http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           h,
		ReadHeaderTimeout: readHeaderTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
}

// listen opens the listeners for an address. "localhost" means both loopback
// addresses, because clients try either first; the second one is left out
// where the machine has no IPv6.
func listen(ctx context.Context, address string) ([]net.Listener, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	if host != "localhost" {
		l, err := bind(ctx, address)
		if err != nil {
			return nil, err
		}
		return []net.Listener{l}, nil
	}
	four, err := bind(ctx, net.JoinHostPort("127.0.0.1", port))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", address, err)
	}
	if port == "0" {
		port = strconv.Itoa(four.Addr().(*net.TCPAddr).Port)
	}
	six, err := bind(ctx, net.JoinHostPort("::1", port))
	if err != nil {
		if errors.Is(err, ErrPortTaken) {
			return nil, errors.Join(fmt.Errorf("%s: %w", address, err), four.Close())
		}
		return []net.Listener{four}, nil
	}
	return []net.Listener{four, six}, nil
}

func bind(ctx context.Context, address string) (net.Listener, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", address)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("%s: %w", address, ErrPortTaken)
	}
	return l, err
}

// loadTLS reads the certificate that settings name; nil without one.
func loadTLS(s *config.Server) (*tls.Config, error) {
	if s.TLSCert == "" {
		return nil, nil
	}
	cert, err := tls.LoadX509KeyPair(s.TLSCert, s.TLSKey)
	if err != nil {
		return nil, &config.Error{Sentence: fmt.Sprintf("--tls-cert, --tls-key: %v", err)}
	}
	return &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12}, nil
}
