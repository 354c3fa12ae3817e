package store_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/store/storetest"
)

// A deployment that is being filled must not go on with the plans that were
// made while it was empty.
func TestGrowthIsAnalyzed(t *testing.T) {
	db := storetest.Open(t, storetest.Postgres(t))
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- db.Run(ctx) }()
	defer func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}()
	analyzed := func() bool {
		n, err := db.Int(ctx, `SELECT COUNT(*) FROM pg_stats WHERE tablename = 'users' AND attname = 'sub'`)
		if err != nil {
			t.Fatal(err)
		}
		return n > 0
	}
	if analyzed() {
		t.Fatal("analyzed before anything was written")
	}
	err := db.Tx(ctx, func(ctx context.Context) error {
		for i := range store.FirstAnalysis {
			name := fmt.Sprint("u", i)
			if err := db.Users().InsertUser(ctx, person(name), name, nil); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	// The count may pass the threshold before the rows are committed: what
	// doubles it settles it.
	for range store.FirstAnalysis {
		if _, err := db.Exec(ctx, `UPDATE users SET version = version + 1 WHERE pool_id = $1`, usersPool); err != nil {
			t.Fatal(err)
		}
		if analyzed() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Error("never analyzed")
}
