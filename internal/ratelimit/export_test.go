package ratelimit

// Len counts the callers remembered.
func (l *Limiter[K]) Len() int {
	n := 0
	for i := range l.shards {
		n += len(l.shards[i].due)
	}
	return n
}
