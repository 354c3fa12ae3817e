package app

import (
	"context"
	"net/http"
	"sync/atomic"
	"time"
)

// health answers whether the process lives and whether it can serve.
type health struct {
	draining atomic.Bool
	// ready fails while a token could not be signed.
	ready func(context.Context) error
}

// readyTimeout bounds a readiness check, so that a stuck database answers
// "not ready" before the asker gives up.
const readyTimeout = time.Second

func (h *health) mount(mux *http.ServeMux) {
	mux.HandleFunc("GET /_cenote/health/live", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte("live\n"))
	})
	mux.HandleFunc("GET /_cenote/health/ready", func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), readyTimeout)
		defer cancel()
		if h.draining.Load() {
			http.Error(w, "draining", http.StatusServiceUnavailable)
			return
		}
		if err := h.ready(ctx); err != nil {
			http.Error(w, "not ready", http.StatusServiceUnavailable)
			return
		}
		_, _ = w.Write([]byte("ready\n"))
	})
}
