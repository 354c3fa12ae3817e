package app

import (
	"io"
	"log/slog"
	"os"
)

// newLogger writes to w in the format and from the level that settings name.
func newLogger(w io.Writer, format, level string) *slog.Logger {
	var l slog.Level
	// The settings admit only names that slog knows.
	_ = l.UnmarshalText([]byte(level))
	opts := &slog.HandlerOptions{Level: l}
	if format == "json" || format == "auto" && !isTerminal(w) {
		return slog.New(slog.NewJSONHandler(w, opts))
	}
	return slog.New(slog.NewTextHandler(w, opts))
}

// isTerminal reports whether a person reads along.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
