package main

import (
	"context"
	"fmt"
	"os"
	"text/tabwriter"
	"time"

	"github.com/cenote-id/cenote/internal/app"
	"github.com/cenote-id/cenote/internal/config"
)

type keysCmd struct {
	Generate keysGenerateCmd `cmd:"" help:"Write a new master key to a file."`
	Rotate   keysRotateCmd   `cmd:"" help:"Make a new data key and wrap all of them under a new master key if one is given."`
	Signing  signingKeysCmd  `cmd:"" help:"Replace the keys that sign tokens."`
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

type signingKeysCmd struct {
	Rotate signingRotateCmd `cmd:"" help:"Make new keys; the old ones stay published until their tokens have expired."`
	Retire signingRetireCmd `cmd:"" help:"Make new keys and withdraw the old ones: tokens that they have signed are void."`
	List   signingListCmd   `cmd:"" help:"List keys."`
}

// signers says whose keys are meant.
type signers struct {
	config.Storage `embed:""`

	Owner []string `arg:"" optional:"" help:"User pool ids, cognito-identity for the tokens of identity pools, or sts/ID for an account's issuer of web identity tokens."`
}

// replaced are signers that do not mean everybody by accident.
type replaced struct {
	signers `embed:""`

	All bool `help:"Replace everybody's."`
}

func (c *signers) check() error {
	c.MasterKey = os.Getenv(masterKeyVariable)
	return c.Check(config.Serve)
}

func (c *replaced) replace(ctx context.Context, s streams, retire bool, done string) error {
	if (len(c.Owner) == 0) != c.All {
		return &config.Error{Sentence: "name whose keys to replace, or give --all"}
	}
	if err := c.check(); err != nil {
		return err
	}
	return app.ReplaceSigningKeys(ctx, c.Storage, c.Owner, retire, func(owner string) {
		fmt.Fprintf(s.out, "%s: %s\n", owner, done)
	})
}

type signingRotateCmd struct {
	replaced `embed:""`
}

// Run rotates; servers on the same database notice by themselves.
func (c *signingRotateCmd) Run(ctx context.Context, s streams) error {
	return c.replace(ctx, s, false, "new keys are published and sign in a minute")
}

type signingRetireCmd struct {
	replaced `embed:""`
}

// Run retires; servers on the same database notice within half a minute.
func (c *signingRetireCmd) Run(ctx context.Context, s streams) error {
	return c.replace(ctx, s, true, "new keys sign, the old ones are withdrawn")
}

type signingListCmd struct {
	signers `embed:""`
}

// Run lists keys without what is secret of them.
func (c *signingListCmd) Run(ctx context.Context, s streams) error {
	if err := c.check(); err != nil {
		return err
	}
	w := tabwriter.NewWriter(s.out, 0, 8, 2, ' ', 0)
	fmt.Fprintln(w, "OWNER\tUSE\tKEY\tSIGNS FROM\tPUBLISHED UNTIL")
	err := app.ListSigningKeys(ctx, c.Storage, c.Owner, func(k app.SigningKey) {
		until := "replaced"
		if !k.Expires.IsZero() {
			until = k.Expires.Format(time.RFC3339)
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", k.Owner, k.Use, k.ID, k.Active.Format(time.RFC3339), until)
	})
	if err != nil {
		return err
	}
	return w.Flush()
}
