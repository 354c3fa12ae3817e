package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/cenote-id/cenote/internal/config"
	"github.com/cenote-id/cenote/internal/secretbox"
	"github.com/cenote-id/cenote/internal/store"
)

const (
	databaseFile  = "cenote.db"
	masterKeyFile = "master.key" // beside the database, in dev mode only
)

// openStore opens the deployment's database with its master key.
func openStore(ctx context.Context, s config.Storage, auditDays int, now func() time.Time, log *slog.Logger) (*store.DB, error) {
	url := s.Database
	switch {
	case s.Data == config.InMemory:
		url = "sqlite::memory:"
	case s.Data != "":
		dir, err := filepath.Abs(s.Data)
		if err != nil {
			return nil, &config.Error{Sentence: fmt.Sprintf("--data %s: %v", s.Data, err)}
		}
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, &config.Error{Sentence: fmt.Sprintf("--data %s: %v", s.Data, err)}
		}
		url = "sqlite:///" + strings.TrimPrefix(filepath.ToSlash(filepath.Join(dir, databaseFile)), "/")
	}
	master, err := openMaster(s)
	if err != nil {
		return nil, &config.Error{Sentence: err.Error()}
	}
	if s.MasterKeyFile != "" && secretbox.Exposed(s.MasterKeyFile) {
		log.Warn("everybody on this machine can read the master key; outside of a container, chmod 600 it", "file", s.MasterKeyFile)
	}
	db, err := store.Open(ctx, store.Config{URL: url, Master: master, Now: now, Logger: log, AuditKept: time.Duration(auditDays) * 24 * time.Hour})
	if errors.Is(err, store.ErrLocked) {
		return nil, fmt.Errorf("%s: %w", s.Data, ErrLocked)
	}
	return db, err
}

// openMaster returns the master key that the settings name. Without one, dev
// mode makes a key beside the data, and data in memory gets one that nobody
// ever sees.
func openMaster(s config.Storage) (secretbox.Master, error) {
	switch {
	case s.MasterKeyFile != "":
		return secretbox.ReadMaster(s.MasterKeyFile)
	case s.MasterKey != "":
		return secretbox.ParseMaster(s.MasterKey)
	case s.MasterKeyCommand != "":
		return secretbox.NewCommandMaster(secretbox.Command{Args: strings.Fields(s.MasterKeyCommand)})
	case s.Data == config.InMemory:
		return secretbox.NewMaster(secretbox.Bytes(32))
	}
	return secretbox.EnsureMaster(filepath.Join(s.Data, masterKeyFile))
}
