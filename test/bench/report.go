package main

import (
	"bytes"
	"cmp"
	"fmt"
	"os"
	"runtime"
	"strings"
	"text/tabwriter"
	"time"
)

// report is everything that a run measured.
type report struct {
	processor  string
	binarySize int64
	date       time.Time
	scenarios  []*scenario
}

func newReport(binary string) (*report, error) {
	info, err := os.Stat(binary)
	if err != nil {
		return nil, err
	}
	text, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return nil, err
	}
	r := &report{binarySize: info.Size(), date: time.Now(), processor: "unknown processor"}
	for line := range strings.Lines(string(text)) {
		if name, value, _ := strings.Cut(line, ":"); strings.TrimSpace(name) == "model name" {
			r.processor = strings.TrimSpace(value)
		}
	}
	return r, nil
}

func (r *report) heading() string {
	return fmt.Sprintf("%s, %d cores, %s %s/%s, %s; binary %s\n", r.processor, cores(), runtime.Version(), runtime.GOOS, runtime.GOARCH,
		r.date.Format("2006-01-02"), mebibytes(r.binarySize))
}

// columns are the head of the table of operations.
var columns = []string{
	"operation", "connections", "per second", "p50 ms", "p99 ms", "server µs", "database µs", "crypto µs", "crypto / server",
	"of bare crypto", "client µs", "allocated", "RSS", "peak", "others",
}

// row prints an operation under columns.
func (l *line) row() []string {
	per := func(t time.Duration) time.Duration { return t / time.Duration(max(1, l.sample.calls)) }
	share, ofBare := "", ""
	if l.signs {
		share = percent(float64(l.bare) / float64(max(1, per(l.usage.server))))
		ofBare = percent(l.rate() * l.bare.Seconds() / float64(cores()))
	}
	return []string{
		l.operation.name, fmt.Sprint(l.connections), fmt.Sprintf("%.0f", l.rate()), millis(l.percentile(.5)), millis(l.percentile(.99)),
		micros(per(l.usage.server)), micros(per(l.usage.database)), micros(l.bare), share, ofBare, micros(per(l.usage.generator)),
		fmt.Sprintf("%.1f KiB", float64(l.usage.allocated)/1024/float64(max(1, l.sample.calls))), mebibytes(l.usage.memory), mebibytes(l.usage.peak), percent(l.usage.foreign),
	}
}

// facts are what a scenario says beside its operations.
func (sc *scenario) facts() []string {
	seeded := fmt.Sprintf("%d users written in %s", sc.users, sc.seeded.Round(10*time.Millisecond))
	if sc.seeded == 0 {
		seeded = fmt.Sprintf("%d users of an earlier run", sc.users)
	}
	facts := []string{
		seeded,
		fmt.Sprintf("start to first answer %s ms (median of %d, %s to %s)", millis(sc.started[len(sc.started)/2]), len(sc.started),
			millis(sc.started[0]), millis(sc.started[len(sc.started)-1])),
		fmt.Sprintf("RSS %s after the start, %s after all measurements", mebibytes(sc.idle), mebibytes(sc.rested)),
	}
	if sc.dataSize > 0 {
		facts = append(facts, fmt.Sprintf("data file %s", mebibytes(sc.dataSize)))
	}
	for i, s := range sc.storm {
		what := fmt.Sprintf("storm: %s over %d connections %.0f/s, p50 %s ms, p99 %s ms", s.name, s.connections, s.rate(), millis(s.percentile(.5)), millis(s.percentile(.99)))
		if i > 0 {
			what = fmt.Sprintf("beside it: %s over %d connections %.0f/s, p50 %s ms, p99 %s ms; RSS peak %s; others had %s of the machine",
				s.name, s.connections, s.rate(), millis(s.percentile(.5)), millis(s.percentile(.99)), mebibytes(sc.stormUse.peak), percent(sc.stormUse.foreign))
		}
		facts = append(facts, what)
	}
	return facts
}

// table is a scenario for people at a terminal.
func (sc *scenario) table() string {
	var b bytes.Buffer
	fmt.Fprintf(&b, "\n%s, %d users\n", sc.engine, sc.users)
	w := tabwriter.NewWriter(&b, 0, 8, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, strings.Join(columns, "\t")+"\t")
	for i := range sc.lines {
		fmt.Fprintln(w, strings.Join(sc.lines[i].row(), "\t")+"\t")
	}
	_ = w.Flush() // into memory
	for _, f := range sc.facts() {
		fmt.Fprintln(&b, "  "+f)
	}
	fmt.Fprintf(&b, "  crypto, µs: %s\n", sc.crypto.list())
	return b.String()
}

func (c prices) list() string {
	parts := make([]string, len(c))
	for p, cost := range c {
		parts[p] = primitiveNames[p] + " " + micros(cost)
	}
	return strings.Join(parts, ", ")
}

// markdown is the whole report for docs/performance.md.
func (r *report) markdown() []byte {
	var b bytes.Buffer
	b.WriteString(r.heading())
	for _, sc := range r.scenarios {
		fmt.Fprintf(&b, "\n### %s, %s users\n\n", cmp.Or(map[string]string{"sqlite": "SQLite", "postgres": "PostgreSQL"}[sc.engine], sc.engine), grouped(sc.users))
		fmt.Fprintf(&b, "| %s |\n|---|%s\n", strings.Join(columns, " | "), strings.Repeat("---:|", len(columns)-1))
		for i := range sc.lines {
			fmt.Fprintf(&b, "| %s |\n", strings.Join(sc.lines[i].row(), " | "))
		}
		b.WriteString("\n")
		for _, f := range sc.facts() {
			fmt.Fprintf(&b, "- %s\n", f)
		}
		fmt.Fprintf(&b, "- crypto, µs: %s\n", sc.crypto.list())
	}
	return b.Bytes()
}

// grouped writes a number with commas.
func grouped(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

func millis(d time.Duration) string {
	return fmt.Sprintf("%.2f", float64(d)/float64(time.Millisecond))
}

// micros has a digit after the point where it matters.
func micros(d time.Duration) string {
	us := float64(d) / float64(time.Microsecond)
	switch {
	case d == 0:
		return "–"
	case us < 10:
		return fmt.Sprintf("%.1f", us)
	}
	return fmt.Sprintf("%.0f", us)
}

func mebibytes(n int64) string { return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20)) }

func percent(f float64) string { return fmt.Sprintf("%.0f %%", 100*f) }
