package store

import "sync/atomic"

// growth counts the rows that this node writes, to tell when what PostgreSQL
// knows about its tables has gone stale.
//
// The plan of a prepared statement stays until the tables have been analyzed.
// One that was made while a table was nearly empty reads all of an account's
// or a pool's rows, which costs nothing then and a tenth of a second at a
// hundred thousand rows. PostgreSQL looks at what has changed once a minute;
// a deployment that is being filled cannot wait that long.
type growth struct {
	rows atomic.Int64
	next atomic.Int64
	due  chan struct{} // has a token when it is time
}

// firstAnalysis is after how many rows the tables are analyzed for the first
// time; then each time that the number has doubled.
const firstAnalysis = 500

func newGrowth() *growth {
	g := &growth{due: make(chan struct{}, 1)}
	g.next.Store(firstAnalysis)
	return g
}

// add counts written rows. Each threshold is passed once.
func (g *growth) add(n int64) {
	rows, next := g.rows.Add(n), g.next.Load()
	if rows < next || !g.next.CompareAndSwap(next, 2*rows) {
		return
	}
	select {
	case g.due <- struct{}{}:
	default:
	}
}
