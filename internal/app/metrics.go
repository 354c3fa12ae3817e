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
	messages *prometheus.CounterVec
}

func newMetrics(version string, l lanes) *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		calls: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "cenote_call_seconds",
			Help:    "Time that API calls took, by operation and outcome.",
			Buckets: []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5},
		}, []string{"service", "operation", "code"}),
		messages: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "cenote_messages_total", Help: "Attempts to send messages, by route and outcome.",
		}, []string{"route", "outcome"}),
	}
	build := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "cenote_build_info", Help: "Always 1; the label is the version.", ConstLabels: prometheus.Labels{"version": version},
	}, func() float64 { return 1 })
	m.registry.MustRegister(m.calls, m.messages, build, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	m.load("signing", l.signing)
	m.load("passwords", l.passwords)
	return m
}

// load shows how busy a lane is.
func (m *metrics) load(name string, l *lane.Lane) {
	labels := prometheus.Labels{"lane": name}
	m.registry.MustRegister(
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "cenote_lane_running", Help: "Computations under way.", ConstLabels: labels,
		}, func() float64 { n, _ := l.Load(); return float64(n) }),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "cenote_lane_queued", Help: "Computations that wait.", ConstLabels: labels,
		}, func() float64 { _, n := l.Load(); return float64(n) }),
	)
}

// Observe counts one API call.
func (m *metrics) Observe(op *awsapi.Operation, code string, took time.Duration) {
	service, name := "none", "none"
	if op != nil {
		service, name = op.Service.Name, op.Name
	}
	m.calls.WithLabelValues(service, name, code).Observe(took.Seconds())
}

// mux serves /_cenote/metrics, and Go's profiles where `go tool pprof`
// looks for them. They tell what the process is doing, and a CPU profile
// slows it down: both belong to the operator's own address. The profile named
// cmdline is left out, because a database URL may hold a password.
func (m *metrics) mux() *http.ServeMux {
	mux := http.NewServeMux()
	mux.Handle("GET /_cenote/metrics", promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{}))
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	return mux
}
