// Package arch holds the rules of the house as tests: which package may
// import which, how long a file may be, where time and chance come from, and
// what is linked into the binary. It has no code of its own.
package arch
