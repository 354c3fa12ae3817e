package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"runtime"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/cenote-id/cenote/internal/config"
)

// Options say how to run a deployment.
type Options struct {
	Mode       config.Mode
	Settings   config.Server
	DevAccount string // of unknown access keys, dev mode only
	Version    string
	Command    string    // how the person called this program, for advice that they can paste
	Out        io.Writer // the banner
	Log        io.Writer
}

// Run serves until ctx ends, then finishes what is open and closes the store.
func Run(ctx context.Context, o Options) error {
	began := time.Now()
	log := newLogger(o.Log, o.Settings.LogFormat, o.Settings.LogLevel)
	certificate, err := loadTLS(&o.Settings)
	if err != nil {
		return err
	}
	listeners, err := listen(ctx, o.Settings.Listen)
	if err != nil {
		return err
	}
	defer closeAll(listeners)
	url := o.url(listeners[0])
	if o.Settings.PublicURL == "" {
		o.Settings.PublicURL = url
	}
	workers := runtime.NumCPU()
	runtime.GOMAXPROCS(runtime.NumCPU() + laneThreads(workers))
	defer runtime.KeepAlive(makeHeadroom())

	d, err := New(ctx, Config{
		Mode: o.Mode, Settings: o.Settings, DevAccount: o.DevAccount, Version: o.Version,
		CryptoWorkers: workers, Now: time.Now, Log: log,
	})
	if err != nil {
		return err
	}
	defer func() {
		if err := d.Close(); err != nil {
			log.Error("close", "err", err)
		}
	}()

	if o.Mode == config.Serve && o.Settings.RateLimit == 0 {
		log.Warn("one address may call as often as it likes; set --rate-limit, or limit it in front of this server")
	}
	if o.Mode == config.Serve && o.Settings.SMTP == "" && !o.Settings.OutboxOnly {
		log.Warn("no e-mail can be sent, so nobody can sign up by e-mail address or reset a password: set --smtp, or --outbox-only to keep messages unsent")
	}
	servers := []*http.Server{newServer(d.Handler(), log)}
	servers[0].TLSConfig = certificate
	background, stopBackground := context.WithCancel(context.WithoutCancel(ctx))
	defer stopBackground()
	group, failed := errgroup.WithContext(ctx)
	group.Go(func() error { return d.Run(background) })
	for _, l := range listeners {
		group.Go(func() error { return serve(servers[0], l, certificate != nil) })
	}
	if o.Settings.AdminListen != "" {
		l, err := bind(ctx, o.Settings.AdminListen)
		if err != nil {
			stopBackground()
			return errors.Join(err, servers[0].Close(), group.Wait())
		}
		admin := newServer(d.Admin(), log)
		servers = append(servers, admin)
		group.Go(func() error { return serve(admin, l, false) })
	}
	group.Go(func() error {
		defer stopBackground()
		if err := d.AwaitReady(failed); err != nil && failed.Err() == nil {
			return err
		}
		if failed.Err() == nil {
			banner(o.Out, &o, url, time.Since(began))
			log.Info("ready", "url", url, "version", o.Version, "took", time.Since(began))
			if o.Settings.ReadyFile != "" {
				if err := writeReady(o.Settings.ReadyFile, started{URL: url, PID: os.Getpid()}); err != nil {
					return fmt.Errorf("--ready-file: %w", err)
				}
			}
		}
		<-failed.Done()
		d.health.draining.Store(true)
		return drain(servers, o.Settings.DrainTimeout)
	})
	err = group.Wait()
	log.Info("stopped")
	return err
}

// url is the URL under which this machine reaches the server.
func (o *Options) url(l net.Listener) string {
	if o.Mode == config.Serve {
		return o.Settings.PublicURL
	}
	scheme := "http"
	if o.Settings.TLSCert != "" {
		scheme = "https"
	}
	host, _, _ := strings.Cut(o.Settings.Listen, ":")
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "localhost"
	}
	return fmt.Sprintf("%s://%s:%d", scheme, host, l.Addr().(*net.TCPAddr).Port)
}

func serve(s *http.Server, l net.Listener, encrypted bool) error {
	var err error
	if encrypted {
		err = s.ServeTLS(l, "", "")
	} else {
		err = s.Serve(l)
	}
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// drain lets open requests end, for so long.
func drain(servers []*http.Server, timeout time.Duration) error {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	var errs []error
	for _, s := range servers {
		if err := s.Shutdown(ctx); err != nil {
			errs = append(errs, s.Close())
		}
	}
	return errors.Join(errs...)
}

func closeAll(listeners []net.Listener) {
	for _, l := range listeners {
		_ = l.Close() // closed already where its server has ended
	}
}
