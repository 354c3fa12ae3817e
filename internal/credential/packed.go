package credential

import (
	"bytes"
	"compress/flate"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/cenote-id/cenote/internal/awsapi"
)

// packedBudget is how many bytes session policies and tags were allowed to
// take after compression; PackedPolicySize is their share of it in percent.
// Since September 2026 only the size of the whole token counts, and
// PackedPolicySize is kept for older clients. AWS's formula is secret
// (UNCONFIRMED).
const packedBudget = 2048

// unpackedMost bounds what a packed block may grow to. The API's own limits
// (2,048 characters of policy, 50 tags of 384) stay far below.
const unpackedMost = 256 << 10

var deflaters = sync.Pool{New: func() any {
	w, err := flate.NewWriter(nil, flate.DefaultCompression)
	if err != nil {
		panic(err) // the level is a constant
	}
	return w
}}

var inflaters = sync.Pool{New: func() any { return flate.NewReader(nil) }}

// pack compresses the session policies and tags of a session. A session
// without any packs to nothing.
func pack(s *awsapi.Session) []byte {
	if len(s.Policies)+len(s.PolicyARNs)+len(s.Tags)+len(s.TransitiveTags) == 0 {
		return nil
	}
	var plain writer
	plain.texts(s.Policies)
	plain.texts(s.PolicyARNs)
	plain.number(int64(len(s.Tags)))
	for _, key := range slices.Sorted(maps.Keys(s.Tags)) {
		plain.text(key)
		plain.text(s.Tags[key])
	}
	plain.texts(s.TransitiveTags)

	var out bytes.Buffer
	w := deflaters.Get().(*flate.Writer)
	defer deflaters.Put(w)
	w.Reset(&out)
	_, _ = w.Write(plain) // a Buffer takes everything
	_ = w.Close()
	return out.Bytes()
}

// unpack fills the fields of s that pack wrote.
func unpack(packed string, s *awsapi.Session) error {
	if len(packed) == 0 {
		return nil
	}
	f := inflaters.Get().(io.ReadCloser)
	defer inflaters.Put(f)
	if err := f.(flate.Resetter).Reset(strings.NewReader(packed), nil); err != nil {
		return fmt.Errorf("inflate session: %w", err)
	}
	plain, err := io.ReadAll(io.LimitReader(f, unpackedMost))
	if err != nil {
		return fmt.Errorf("inflate session: %w", err)
	}
	r := reader{rest: string(plain)}
	s.Policies = r.texts()
	s.PolicyARNs = r.texts()
	if n := r.length(); n > 0 {
		s.Tags = make(map[string]string, n)
		for range n {
			key := r.text()
			s.Tags[key] = r.text()
		}
	}
	s.TransitiveTags = r.texts()
	if r.bad || r.rest != "" {
		return errRecord
	}
	return nil
}

// packedPercent is PackedPolicySize: nil when there was nothing to pack.
func packedPercent(packed []byte) *int64 {
	if packed == nil {
		return nil
	}
	return new(min(100, share(len(packed), packedBudget)))
}

// share returns what percentage of whole part is, rounded up.
func share(part, whole int) int64 { return int64((100*part + whole - 1) / whole) }
