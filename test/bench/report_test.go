package main

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cenote-id/cenote/internal/iampolicy"
)

func TestPercentile(t *testing.T) {
	hundred := make([]time.Duration, 100)
	for i := range hundred {
		hundred[i] = time.Duration(i+1) * time.Millisecond
	}
	for _, c := range []struct {
		took []time.Duration
		p    float64
		want time.Duration
	}{
		{nil, .5, 0},
		{hundred[:1], .5, time.Millisecond},
		{hundred[:1], .99, time.Millisecond},
		{hundred, 0, time.Millisecond},
		{hundred, .5, 51 * time.Millisecond},
		{hundred, .99, 100 * time.Millisecond},
		{hundred, 1, 100 * time.Millisecond},
		{hundred[:3], .5, 2 * time.Millisecond},
	} {
		s := sample{took: c.took}
		if got := s.percentile(c.p); got != c.want {
			t.Errorf("%d calls, p%v: %v, want %v", len(c.took), 100*c.p, got, c.want)
		}
	}
}

func TestSampleAddsWorkers(t *testing.T) {
	var s sample
	s.add(&worker{took: []time.Duration{3, 1}, failed: []error{errNoChallenge, errNoChallenge}})
	s.add(&worker{took: []time.Duration{2}, failed: []error{errNoChallenge, errNoChallenge}})
	if s.calls != 3 || s.failures != 4 || len(s.firstErrors) > keptErrors || len(s.took) != 3 {
		t.Errorf("%+v", s)
	}
	s.elapsed = 2 * time.Second
	if s.rate() != 1.5 {
		t.Errorf("rate %v", s.rate())
	}
}

func TestRow(t *testing.T) {
	took := []time.Duration{time.Millisecond, 2 * time.Millisecond, 3 * time.Millisecond, 4 * time.Millisecond}
	l := line{
		operation: operation{name: "sign-in", signs: true}, bare: 600 * time.Microsecond,
		sample: sample{connections: 8, calls: 4, elapsed: 2 * time.Second, took: took},
		usage: usage{
			server: 4 * time.Millisecond, generator: 40 * time.Microsecond, foreign: .25, allocated: 4 * 2048, memory: 3 << 20, peak: 7 << 19,
		},
	}
	row := l.row()
	if len(row) != len(columns) {
		t.Fatalf("%d cells under %d columns", len(row), len(columns))
	}
	got := map[string]string{}
	for i, c := range columns {
		got[c] = row[i]
	}
	bare := got["of bare crypto"] // depends on the machine's cores
	want := map[string]string{
		"operation": "sign-in", "connections": "8", "per second": "2", "p50 ms": "3.00", "p99 ms": "4.00", "server µs": "1000", "database µs": "–",
		"crypto µs": "600", "crypto / server": "60 %", "of bare crypto": bare, "client µs": "10", "allocated": "2.0 KiB", "RSS": "3.0 MiB",
		"peak": "3.5 MiB", "others": "25 %",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if !strings.HasSuffix(bare, " %") {
		t.Errorf("of bare crypto: %q", bare)
	}
	l.signs = false
	if row := l.row(); row[8] != "" || row[9] != "" {
		t.Errorf("an operation that signs nothing: %q, %q", row[8], row[9])
	}
}

func TestFiguresForPeople(t *testing.T) {
	for got, want := range map[string]string{
		grouped(7): "7", grouped(1000): "1,000", grouped(1234567): "1,234,567",
		micros(0): "–", micros(1500 * time.Nanosecond): "1.5", micros(12600 * time.Nanosecond): "13",
		millis(1234 * time.Microsecond): "1.23", mebibytes(3 << 19): "1.5 MiB", percent(.126): "13 %",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestMarkdown(t *testing.T) {
	sc := &scenario{engine: "sqlite", users: 1000, started: []time.Duration{time.Millisecond}, lines: []line{{operation: operation{name: "GetUser"}, sample: sample{connections: 1, calls: 1, elapsed: time.Second, took: []time.Duration{1}}}}}
	text := string((&report{scenarios: []*scenario{sc}}).markdown())
	for _, part := range []string{"### SQLite, 1,000 users", "| operation | connections |", "|---|---:|", "| GetUser | 1 | 1 |", "- start to first answer 1.00 ms"} {
		if !strings.Contains(text, part) {
			t.Errorf("no %q in\n%s", part, text)
		}
	}
	head, _, _ := strings.Cut(text[strings.Index(text, "| operation"):], "\n")
	for _, l := range strings.Split(text, "\n") {
		if strings.HasPrefix(l, "| GetUser") && strings.Count(l, "|") != strings.Count(head, "|") {
			t.Errorf("%d cells under %d", strings.Count(l, "|"), strings.Count(head, "|"))
		}
	}
}

// What is measured has the number of statements that its name says, within the
// bounds of managed policies.
func TestPoliciesOf(t *testing.T) {
	for _, want := range []int{1, 10, 40, 41, 200} {
		n := 0
		for _, d := range policiesOf(want) {
			p, err := iampolicy.Parse(d, iampolicy.Managed)
			if err != nil {
				t.Fatal(err)
			}
			if p.Size() > 6144 {
				t.Errorf("%d statements: a policy of %d characters", want, p.Size())
			}
			n += strings.Count(d, `"Effect"`)
		}
		if n != want {
			t.Errorf("%d statements, want %d", n, want)
		}
	}
}

func TestHeadersOf(t *testing.T) {
	got := headersOf(request("POST / HTTP/1.1\r\nHost: h:1\r\nX-Amz-Date: d\r\nAuthorization: a b: c\r\n\r\nbody"))
	if diff := cmp.Diff(map[string][]string{"X-Amz-Date": {"d"}, "Authorization": {"a b: c"}}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestSettings(t *testing.T) {
	s, err := parse([]string{"-ops", "GetUser,TOTP", "-users", "100,2000", "-time", "1s"})
	if err != nil || len(s.chosen()) != 2 || s.chosen()[1].name != "TOTP" || !cmp.Equal(s.sizes, []int{100, 2000}) {
		t.Errorf("%+v, %v", s, err)
	}
	for _, bad := range [][]string{{"-ops", "Nothing"}, {"-users", "99"}, {"-users", "many"}, {"-time", "1ms"}, {"-profile", "Nothing"}} {
		if _, err := parse(bad); err == nil {
			t.Errorf("%v is accepted", bad)
		}
	}
	seen := map[string]bool{}
	for _, o := range operations {
		if seen[o.name] || o.calls == "" || o.prepare == nil {
			t.Errorf("operation %q", o.name)
		}
		seen[o.name] = true
	}
}
