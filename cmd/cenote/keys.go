package main

import (
	"context"
	"fmt"
	"os"

	"github.com/cenote-id/cenote/internal/app"
	"github.com/cenote-id/cenote/internal/config"
)

type keysCmd struct {
	Generate keysGenerateCmd `cmd:"" help:"Write a new master key to a file."`
	Rotate   keysRotateCmd   `cmd:"" help:"Make a new data key and wrap all of them under a new master key if one is given."`
}

type keysGenerateCmd struct {
	Out string `help:"File to write; it must not exist." required:"" placeholder:"FILE"`
}

// Run writes a master key that only its owner can read.
func (c *keysGenerateCmd) Run(s streams) error {
	if err := app.GenerateMasterKey(c.Out); err != nil {
		return err
	}
	fmt.Fprintf(s.err, "Wrote %s. Keep a copy apart from the data: without it the data cannot be opened.\n", c.Out)
	return nil
}

type keysRotateCmd struct {
	config.Storage `embed:""`

	NewMasterKeyFile string `help:"File with the master key to wrap data keys under from now on." placeholder:"FILE"`
}

// Run rotates; servers on the same database notice by themselves.
func (c *keysRotateCmd) Run(ctx context.Context, s streams) error {
	c.MasterKey = os.Getenv(masterKeyVariable)
	if err := c.Check(config.Serve); err != nil {
		return err
	}
	n, err := app.RotateKeys(ctx, c.Storage, c.NewMasterKeyFile)
	if err != nil {
		return err
	}
	fmt.Fprintf(s.out, "%d data keys, the newest is active.\n", n)
	if c.NewMasterKeyFile != "" {
		fmt.Fprintf(s.out, "All are wrapped under %s; start servers with it from now on.\n", c.NewMasterKeyFile)
	}
	return nil
}
