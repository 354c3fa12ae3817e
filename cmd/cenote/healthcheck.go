package main

import (
	"context"
	"fmt"
	"time"
)

type healthcheckCmd struct {
	URL     string        `help:"The server's URL." default:"http://localhost:2366" env:"CENOTE_URL"`
	Timeout time.Duration `help:"How long to wait for the answer." default:"2s"`
}

// Run ends with an error unless the server is ready.
func (c *healthcheckCmd) Run(ctx context.Context, s streams) error {
	if _, err := get(ctx, c.URL+"/_cenote/health/ready", c.Timeout); err != nil {
		return err
	}
	_, err := fmt.Fprintln(s.out, "ready")
	return err
}
