package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"text/tabwriter"

	"github.com/cenote-id/cenote/internal/app"
	"github.com/cenote-id/cenote/internal/config"
)

type accountCmd struct {
	Create accountCreateCmd `cmd:"" help:"Create an account and print its first access key."`
	List   accountListCmd   `cmd:"" help:"List accounts."`
}

type accountCreateCmd struct {
	config.Storage `embed:""`

	Name   string `help:"Name of the account." required:""`
	ID     string `name:"id" help:"The account's number (default: a random one)." placeholder:"12DIGITS"`
	Format string `help:"${enum}." enum:"json,sh" default:"json"`
}

// Run creates the account and prints its keys; they are shown only once.
func (c *accountCreateCmd) Run(ctx context.Context, s streams) error {
	c.MasterKey = os.Getenv(masterKeyVariable)
	if err := c.Check(config.Serve); err != nil {
		return err
	}
	if c.ID != "" {
		if err := config.CheckAccount(c.ID); err != nil {
			return err
		}
	}
	acct, err := app.CreateAccount(ctx, c.Storage, c.Name, c.ID)
	if err != nil {
		return err
	}
	if c.Format == "sh" {
		fmt.Fprintf(s.out, "export AWS_ACCESS_KEY_ID=%s\nexport AWS_SECRET_ACCESS_KEY=%s\n", acct.AccessKeyID, shellQuote(acct.SecretAccessKey))
		return nil
	}
	enc := json.NewEncoder(s.out)
	enc.SetIndent("", "  ")
	return enc.Encode(struct {
		AccountID       string `json:"AccountId"`
		Name            string `json:"Name"`
		AccessKeyID     string `json:"AccessKeyId"`
		SecretAccessKey string `json:"SecretAccessKey"`
	}{acct.ID, c.Name, acct.AccessKeyID, acct.SecretAccessKey})
}

type accountListCmd struct {
	config.Storage `embed:""`

	Format string `help:"${enum}." enum:"table,json" default:"table"`
}

// Run lists the accounts, without their keys.
func (c *accountListCmd) Run(ctx context.Context, s streams) error {
	c.MasterKey = os.Getenv(masterKeyVariable)
	if err := c.Check(config.Serve); err != nil {
		return err
	}
	accounts, err := app.ListAccounts(ctx, c.Storage)
	if err != nil {
		return err
	}
	if c.Format == "json" {
		enc := json.NewEncoder(s.out)
		enc.SetIndent("", "  ")
		return enc.Encode(accounts)
	}
	w := tabwriter.NewWriter(s.out, 0, 8, 2, ' ', 0)
	fmt.Fprintln(w, "ACCOUNT\tNAME\tCREATED")
	for _, a := range accounts {
		fmt.Fprintf(w, "%s\t%s\t%s\n", a.ID, a.Name, a.Created.Format("2006-01-02 15:04:05"))
	}
	return w.Flush()
}
