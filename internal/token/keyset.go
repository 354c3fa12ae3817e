package token

import "time"

// keyset holds the keys of one owner as they were at a moment.
type keyset struct {
	keys   []*signingKey
	loaded time.Time
}

// signer returns the key that signs now: of those that are active the one
// that became so last.
func (s *keyset) signer(u Use, now time.Time) *signingKey {
	var best *signingKey
	for _, k := range s.keys {
		if k.Use != u || k.Active.After(now) || !k.published(now) {
			continue
		}
		if best == nil || k.Active.After(best.Active) || k.Active.Equal(best.Active) && k.ID > best.ID {
			best = k
		}
	}
	return best
}

// find returns the published key of that id.
func (s *keyset) find(id string, now time.Time) *signingKey {
	for _, k := range s.keys {
		if k.ID == id && k.published(now) {
			return k
		}
	}
	return nil
}

// jwks writes the key set document.
func (s *keyset) jwks(now time.Time) []byte {
	b := []byte(`{"keys":[`)
	for _, k := range s.keys {
		if !k.published(now) {
			continue
		}
		if b[len(b)-1] != '[' {
			b = append(b, ',')
		}
		b = append(b, k.public...)
	}
	return append(b, `]}`...)
}
