package app

import (
	"net/http"
	"net/http/pprof"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/lane"
)

// metrics are the deployment's collectors in a registry of their own. Labels
// are operations and error codes: both are bounded by the API models.
type metrics struct {
	registry *prometheus.Registry
	calls    *prometheus.HistogramVec
}

func newMetrics(version string, crypto *lane.Lane) *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		calls: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "cenote_call_seconds",
			Help:    "Time that API calls took, by operation and outcome.",
			Buckets: []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5},
		}, []string{"service", "operation", "code"}),
	}
	build := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "cenote_build_info", Help: "Always 1; the label is the version.", ConstLabels: prometheus.Labels{"version": version},
	}, func() float64 { return 1 })
	running := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "cenote_crypto_running", Help: "Signatures and password checks under way.",
	}, func() float64 { n, _ := crypto.Load(); return float64(n) })
	queued := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "cenote_crypto_queued", Help: "Signatures and password checks that wait.",
	}, func() float64 { _, n := crypto.Load(); return float64(n) })
	m.registry.MustRegister(m.calls, build, running, queued, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// Observe counts one API call.
func (m *metrics) Observe(op *awsapi.Operation, code string, took time.Duration) {
	service, name := "none", "none"
	if op != nil {
		service, name = op.Service.Name, op.Name
	}
	m.calls.WithLabelValues(service, name, code).Observe(took.Seconds())
}

// handler serves /_cenote/metrics, and Go's profiles where `go tool pprof`
// looks for them. They tell what the process is doing, and a CPU profile
// slows it down: both belong to the operator's own address. The profile named
// cmdline is left out, because a database URL may hold a password.
func (m *metrics) handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /_cenote/metrics", promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{}))
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	return mux
}
