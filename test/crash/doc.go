// Package crash ends the built binary, and the database under it, with SIGKILL
// while clients write, and looks at what is there afterwards.
package crash
