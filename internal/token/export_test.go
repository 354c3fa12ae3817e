package token

// Remembered is how many verified tokens v has in memory.
func (v *Verifier) Remembered() int {
	v.mu.Lock()
	defer v.mu.Unlock()
	return len(v.known.young) + len(v.known.old)
}
