// Package pgcluster runs private PostgreSQL servers for tests and benchmarks:
// a fresh data directory, a Unix socket inside it, no network, gone when the
// process that started it is gone, however it ended.
package pgcluster
