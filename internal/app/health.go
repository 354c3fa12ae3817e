package app

import (
	"context"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// health answers whether the process lives and whether it can serve.
type health struct {
	draining atomic.Bool
	// ready fails while a token could not be signed.
	ready func(context.Context) error

	mu    sync.Mutex // held while ready runs; guards what follows
	asked time.Time
	last  error
}

// readyTimeout bounds a readiness check, so that a stuck database answers
// "not ready" before the asker gives up.
const readyTimeout = time.Second

// readyAge is how long an answer is given again: anybody may ask, as often as
// they like.
const readyAge = time.Second

func (h *health) check(ctx context.Context) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if time.Since(h.asked) >= readyAge {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), readyTimeout)
		defer cancel()
		h.last = h.ready(ctx)
		h.asked = time.Now()
	}
	return h.last
}

func (h *health) mount(mux *http.ServeMux) {
	mux.HandleFunc("GET /_cenote/health/live", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte("live\n"))
	})
	mux.HandleFunc("GET /_cenote/health/ready", func(w http.ResponseWriter, r *http.Request) {
		if h.draining.Load() {
			http.Error(w, "draining", http.StatusServiceUnavailable)
			return
		}
		if err := h.check(r.Context()); err != nil {
			http.Error(w, "not ready", http.StatusServiceUnavailable)
			return
		}
		_, _ = w.Write([]byte("ready\n"))
	})
}
