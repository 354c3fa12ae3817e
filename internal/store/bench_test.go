package store_test

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/store/pgcluster"
	"github.com/cenote-id/cenote/internal/store/storetest"
)

const benchTable = `CREATE TABLE bench (owner TEXT NOT NULL, id TEXT NOT NULL, doc TEXT NOT NULL, version BIGINT NOT NULL, PRIMARY KEY (owner, id))`

// benchEach runs f on engines that flush to disk.
func benchEach(b *testing.B, f func(b *testing.B, db *store.DB)) {
	engine := func(name string, url func(b *testing.B) string) {
		b.Run(name, func(b *testing.B) {
			db := storetest.Open(b, url(b))
			if _, err := db.Exec(b.Context(), benchTable); err != nil {
				b.Fatal(err)
			}
			f(b, db)
		})
	}
	engine("sqlite", func(b *testing.B) string { return "sqlite://" + b.TempDir() + "/bench.db" })
	engine("memory", func(*testing.B) string { return "sqlite::memory:" })
	engine("postgres", func(b *testing.B) string {
		cluster, err := pgcluster.Start(b.Context(), pgcluster.Config{Durable: true})
		if err != nil {
			b.Skip(err)
		}
		b.Cleanup(func() {
			if err := cluster.Stop(); err != nil {
				b.Error(err)
			}
		})
		return cluster.URL("postgres")
	})
}

// BenchmarkInsert is the rate of durable rows of 600 bytes.
func BenchmarkInsert(b *testing.B) {
	doc := strings.Repeat("x", 600)
	benchEach(b, func(b *testing.B, db *store.DB) {
		for _, writers := range []int{1, 16, 64} {
			for _, form := range []string{"exec", "tx"} {
				b.Run(fmt.Sprintf("%s-%d", form, writers), func(b *testing.B) {
					var n atomic.Int64
					b.SetParallelism((writers + 1) / 2)
					start := time.Now()
					prefix := fmt.Sprint(start.UnixNano())
					b.RunParallel(func(pb *testing.PB) {
						ctx := b.Context()
						for pb.Next() {
							id := fmt.Sprint(prefix, n.Add(1))
							insert := func(ctx context.Context) error {
								_, err := db.Exec(ctx, `INSERT INTO bench (owner, id, doc, version) VALUES ($1, $2, $3, 1)`, "pool", id, doc)
								return err
							}
							var err error
							if form == "tx" {
								err = db.Tx(ctx, insert)
							} else {
								err = insert(ctx)
							}
							if err != nil {
								b.Error(err)
								return
							}
						}
					})
					b.ReportMetric(float64(b.N)/time.Since(start).Seconds(), "rows/s")
				})
			}
		}
	})
}

// BenchmarkRead is a point read of one of 10,000 rows.
func BenchmarkRead(b *testing.B) {
	doc := strings.Repeat("x", 600)
	benchEach(b, func(b *testing.B, db *store.DB) {
		err := db.Tx(b.Context(), func(ctx context.Context) error {
			for i := range 10000 {
				if _, err := db.Exec(ctx, `INSERT INTO bench (owner, id, doc, version) VALUES ($1, $2, $3, 1)`, "pool", fmt.Sprint(i), doc); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
		for _, readers := range []int{1, 16} {
			b.Run(fmt.Sprint(readers), func(b *testing.B) {
				var n atomic.Int64
				b.SetParallelism((readers + 1) / 2)
				b.RunParallel(func(pb *testing.PB) {
					for pb.Next() {
						if _, err := db.Text(b.Context(), `SELECT doc FROM bench WHERE owner = $1 AND id = $2`, "pool", fmt.Sprint(n.Add(7919)%10000)); err != nil {
							b.Error(err)
							return
						}
					}
				})
			})
		}
	})
}

// BenchmarkOpen is the time to the first answer of an existing database.
func BenchmarkOpen(b *testing.B) {
	for _, c := range []struct {
		name string
		url  func(i int) string
	}{
		{"new", func(i int) string { return fmt.Sprintf("sqlite://%s/%d.db", b.TempDir(), i) }},
		{"existing", func() func(int) string {
			dir := b.TempDir()
			return func(int) string { return "sqlite://" + dir + "/x.db" }
		}()},
		{"memory", func(int) string { return "sqlite::memory:" }},
	} {
		b.Run(c.name, func(b *testing.B) {
			i := 0
			for b.Loop() {
				i++
				db, err := store.Open(b.Context(), store.Config{URL: c.url(i), Master: storetest.Master(), Now: time.Now})
				if err != nil {
					b.Fatal(err)
				}
				if err := db.Close(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkCacheHit(b *testing.B) {
	db := storetest.Memory(b)
	cache := store.NewCache(db, store.CacheConfig[string, string]{
		Size: 1000,
		Load: func(context.Context, string) (string, int64, error) { return "v", 1, nil },
	})
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if v, err := cache.Get(b.Context(), "key"); err != nil || v != "v" {
				b.Fatal(v, err)
			}
		}
	})
}
