package main

import (
	"fmt"
	"runtime"
)

type versionCmd struct{}

// Run prints the version and what it was built with.
func (c *versionCmd) Run(s streams) error {
	_, err := fmt.Fprintf(s.out, "cenote %s %s/%s %s\n", version, runtime.GOOS, runtime.GOARCH, runtime.Version())
	return err
}
