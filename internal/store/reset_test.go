package store_test

import (
	"strings"
	"testing"

	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/store/storetest"
)

func TestReset(t *testing.T) {
	clock := storetest.NewTime()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		sealed := db.Ring().Seal([]byte("x"), ad)
		if err := db.Outbox().Put(t.Context(), mail(clock, "m1", "us-west-2_a")); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if err := db.Reset(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if n, err := db.Int(t.Context(), `SELECT COUNT(*) FROM outbox`); err != nil || n != 0 {
			t.Errorf("%d messages left, %v", n, err)
		}
		if n, err := db.Int(t.Context(), `SELECT COUNT(*) FROM data_keys`); err != nil || n != 1 {
			t.Errorf("%d data keys, %v", n, err)
		}
		if _, err := db.Ring().Open(sealed, ad); err != nil {
			t.Errorf("sealed before: %v", err)
		}
	})
}

// Reset knows the tables from the migrations; it must know all of them.
func TestResetKnowsEveryTable(t *testing.T) {
	db := storetest.Memory(t)
	names, err := db.Texts(t.Context(), `SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name`)
	if err != nil || len(names) == 0 {
		t.Fatal(names, err)
	}
	known, err := store.Tables()
	if err != nil {
		t.Fatal(err)
	}
	all := " " + strings.Join(append(known, "schema_migrations", "leases"), " ") + " "
	for _, name := range names {
		if !strings.Contains(all, " "+name+" ") {
			t.Errorf("table %s would survive a reset", name)
		}
	}
}
