package store

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// micros is how a time is stored: microseconds since 1970 in UTC, and 0 for
// the zero time.
func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// fromMicros reverses micros. The result is in UTC.
func fromMicros(us int64) time.Time {
	if us == 0 {
		return time.Time{}
	}
	return time.UnixMicro(us).UTC()
}

// encodeDoc writes a document column. Documents are read whole and never
// queried inside.
func encodeDoc[T any](v T) (string, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return "", fmt.Errorf("encode document: %w", err)
	}
	return string(b), nil
}

// decodeDoc reads a document column; an empty one is the zero value.
func decodeDoc[T any](text string) (v T, err error) {
	if text == "" {
		return v, nil
	}
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		return v, fmt.Errorf("decode document: %w", err)
	}
	return v, nil
}

// sealedFor is the associated data of a sealed column: the table and the ids
// of owner and row, so that a value cannot be moved to another row.
func sealedFor(table string, ids ...string) []byte {
	return []byte(table + "\x00" + strings.Join(ids, "\x00"))
}
