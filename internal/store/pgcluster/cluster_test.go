package pgcluster_test

import (
	"context"
	"errors"
	"testing"

	"github.com/cenote-id/cenote/internal/store/pgcluster"
)

func TestClusterComesBack(t *testing.T) {
	c, err := pgcluster.Start(t.Context(), pgcluster.Config{Settings: []string{"work_mem=7MB"}})
	if errors.Is(err, pgcluster.ErrNotInstalled) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Exec(t.Context(), "CREATE TABLE kept (n INT)", "CHECKPOINT"); err != nil {
		t.Error(err)
	}
	if err := c.Kill(); err != nil {
		t.Error(err)
	}
	if err := c.Exec(t.Context(), "SELECT 1"); err == nil {
		t.Error("a killed server answers")
	}
	if err := c.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := c.Exec(t.Context(), "INSERT INTO kept VALUES (1)"); err != nil {
		t.Error(err)
	}
	if err := c.Stop(); err != nil {
		t.Error(err)
	}
	if err := c.Exec(context.Background(), "SELECT 1"); err == nil {
		t.Error("a stopped server answers")
	}
}
