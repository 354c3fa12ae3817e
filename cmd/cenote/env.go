package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

type envCmd struct {
	URL     string `help:"The server's URL." default:"http://localhost:2366" env:"CENOTE_URL"`
	Region  string `help:"The region to work in." default:"us-east-1" env:"CENOTE_REGION"`
	Account string `help:"The account to work in; its number serves as access key in development." placeholder:"12DIGITS" env:"CENOTE_ACCOUNT"`
	Format  string `help:"${enum}." enum:"sh,fish,powershell,dotenv,json,github" default:"sh"`
	Unset   bool   `help:"Print what takes the variables away again (sh, fish, powershell)."`
}

// variable is one environment variable.
type variable struct{ name, value string }

func (c *envCmd) variables() []variable {
	key := "test"
	if c.Account != "" {
		key = c.Account
	}
	return []variable{
		{"AWS_ENDPOINT_URL", c.URL},
		{"AWS_REGION", c.Region},
		{"AWS_DEFAULT_REGION", c.Region},
		{"AWS_ACCESS_KEY_ID", key},
		{"AWS_SECRET_ACCESS_KEY", "test"},
	}
}

// Run prints the variables in the format asked for.
func (c *envCmd) Run(s streams) error {
	if c.Unset {
		return c.unset(s.out)
	}
	vars := c.variables()
	switch c.Format {
	case "json":
		doc := make(map[string]string, len(vars))
		for _, v := range vars {
			doc[v.name] = v.value
		}
		enc := json.NewEncoder(s.out)
		enc.SetIndent("", "  ")
		return enc.Encode(doc)
	case "github":
		// Lines for the file that $GITHUB_ENV names.
		for _, v := range vars {
			fmt.Fprintf(s.out, "%s=%s\n", v.name, v.value)
		}
		return nil
	}
	for _, v := range vars {
		switch c.Format {
		case "sh":
			fmt.Fprintf(s.out, "export %s=%s\n", v.name, shellQuote(v.value))
		case "fish":
			fmt.Fprintf(s.out, "set -gx %s %s;\n", v.name, shellQuote(v.value))
		case "powershell":
			fmt.Fprintf(s.out, "$Env:%s = '%s'\n", v.name, strings.ReplaceAll(v.value, "'", "''"))
		case "dotenv":
			fmt.Fprintf(s.out, "%s=%q\n", v.name, v.value)
		}
	}
	if c.Format == "sh" {
		// Session tokens of a former shell would make the two keys invalid.
		fmt.Fprintln(s.out, "unset AWS_SESSION_TOKEN AWS_PROFILE")
	}
	return nil
}

func (c *envCmd) unset(w io.Writer) error {
	for _, v := range c.variables() {
		switch c.Format {
		case "fish":
			fmt.Fprintf(w, "set -e %s;\n", v.name)
		case "powershell":
			fmt.Fprintf(w, "Remove-Item Env:%s -ErrorAction SilentlyContinue\n", v.name)
		default:
			fmt.Fprintf(w, "unset %s\n", v.name)
		}
	}
	return nil
}

// shellQuote quotes a value for sh and fish where it needs quoting.
func shellQuote(v string) string {
	if v != "" && !strings.ContainsFunc(v, func(r rune) bool {
		return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:@", r)
	}) {
		return v
	}
	return "'" + strings.ReplaceAll(v, "'", `'\''`) + "'"
}
