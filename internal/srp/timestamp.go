package srp

import "time"

// timestampLayout is how clients write TIMESTAMP: English, UTC, the day
// without a leading zero, as in "Tue Sep 5 06:07:08 UTC 2023".
const timestampLayout = "Mon Jan 2 15:04:05 UTC 2006"

// maxTimestamp is the longest TIMESTAMP that is looked at, in bytes.
const maxTimestamp = 64

// MaxSkew is how far a client's clock may be off. UNCONFIRMED: the service
// documents no value; this is the one that it uses for signed requests.
const MaxSkew = 15 * time.Minute

// timely reports whether a TIMESTAMP is well formed and near now.
func timely(s string, now time.Time) bool {
	if len(s) > maxTimestamp {
		return false
	}
	at, err := time.Parse(timestampLayout, s)
	return err == nil && now.Sub(at).Abs() <= MaxSkew
}

// Timestamp writes a time as clients do.
func Timestamp(t time.Time) string { return t.UTC().Format(timestampLayout) }
