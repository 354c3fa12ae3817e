package iampolicy

// Keys answers for the condition keys of one request.
type Keys interface {
	// Lookup returns the values of a key, such as "aws:principaltag/dept".
	// Names arrive in lower case: they compare without regard to case. A key
	// that the request does not have is reported as absent.
	Lookup(name string) (values []string, present bool)
}

// Values holds condition keys by lower-case name.
type Values map[string][]string

// Lookup implements Keys.
func (v Values) Lookup(name string) ([]string, bool) {
	values, ok := v[name]
	return values, ok
}
