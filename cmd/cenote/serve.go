package main

import (
	"context"
	"os"

	"github.com/cenote-id/cenote/internal/app"
	"github.com/cenote-id/cenote/internal/config"
)

type devCmd struct {
	config.Server `embed:""`

	Account string `help:"Account of access keys that the deployment does not know." default:"123456789012" env:"CENOTE_ACCOUNT"`
}

// Run serves in development mode until ctx ends.
func (c *devCmd) Run(ctx context.Context, s streams) error {
	c.MasterKey = os.Getenv(masterKeyVariable)
	if err := c.Check(config.Dev); err != nil {
		return err
	}
	if err := config.CheckAccount(c.Account); err != nil {
		return err
	}
	return app.Run(ctx, app.Options{Mode: config.Dev, Settings: c.Server, DevAccount: c.Account, Version: version, Command: os.Args[0], Out: s.out, Log: s.err})
}

type serveCmd struct {
	config.Server `embed:""`
}

// Run serves in production mode until ctx ends.
func (c *serveCmd) Run(ctx context.Context, s streams) error {
	c.MasterKey = os.Getenv(masterKeyVariable)
	if err := c.Check(config.Serve); err != nil {
		return err
	}
	return app.Run(ctx, app.Options{Mode: config.Serve, Settings: c.Server, Version: version, Out: s.out, Log: s.err})
}
