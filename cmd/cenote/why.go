package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/cenote-id/cenote/internal/account"
	"github.com/cenote-id/cenote/internal/config"
	"github.com/cenote-id/cenote/internal/iampolicy"
	"github.com/cenote-id/cenote/internal/inspect"
)

type whyCmd struct {
	inspected `embed:""`

	Request string `arg:"" optional:"" help:"Id of a request that was refused, as clients print it."`

	Principal string   `help:"Ask what this principal may do instead: the ARN of a user, a role, a role session or a root user." placeholder:"ARN"`
	Action    string   `help:"The action, such as iam:GetRole." placeholder:"ACTION"`
	Resource  string   `help:"The resource." default:"*" placeholder:"ARN"`
	Context   []string `help:"A condition key of the request." placeholder:"KEY=VALUE" sep:"none"`
	JSON      bool     `help:"Print JSON lines." name:"json"`
}

// Run prints decisions: the statements that were looked at, their conditions
// with the values that there were, and what would have to change.
func (c *whyCmd) Run(ctx context.Context, s streams) error {
	if (c.Request == "") == (c.Principal == "") {
		return &config.Error{Sentence: "name a request, or a --principal with an --action"}
	}
	return c.ask(ctx, func(from inspect.Source) error {
		decisions, err := c.decisions(ctx, from)
		if err != nil {
			return err
		}
		if len(decisions) == 0 {
			return fmt.Errorf("nothing is known of request %s: no policy refused it, or newer refusals have taken its place (30 days, the newest %d of each account)", c.Request, account.DenialsKept)
		}
		for i := range decisions {
			if c.JSON {
				err = json.NewEncoder(s.out).Encode(decisions[i])
			} else {
				err = printDecision(s.out, &decisions[i])
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}

func (c *whyCmd) decisions(ctx context.Context, from inspect.Source) ([]account.Decision, error) {
	if c.Request != "" {
		return from.Explain(ctx, c.Request)
	}
	keys, err := inspect.ReadContext(c.Context)
	if err != nil {
		return nil, &config.Error{Sentence: "--" + err.Error()}
	}
	q := inspect.Question{Principal: c.Principal, Action: c.Action, Resource: c.Resource, Context: keys}
	if err := q.Check(); err != nil {
		return nil, &config.Error{Sentence: "--action: " + err.Error()}
	}
	d, err := from.Ask(ctx, q)
	return []account.Decision{d}, err
}

// verdicts are the first words about a decision.
var verdicts = map[account.Outcome]string{
	account.OutcomeAllowed: "ALLOWED", account.OutcomeExplicitDeny: "DENIED", account.OutcomeImplicitDeny: "DENIED",
}

func printDecision(w io.Writer, d *account.Decision) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s  %s on %s\n", verdicts[d.Outcome], d.Action, d.Resource)
	fmt.Fprintf(&b, "  principal  %s\n", d.Principal)
	if d.RequestID != "" {
		fmt.Fprintf(&b, "  request    %s  %s  %s\n", d.RequestID, d.Time.UTC().Format("2006-01-02T15:04:05Z"), d.Operation)
	}
	if d.Reason != "" {
		fmt.Fprintf(&b, "  reason     %s\n", d.Reason)
	}
	b.WriteString("\nStatements about the action\n")
	if len(d.Statements) == 0 {
		b.WriteString("  none, in any policy that applies\n")
	}
	for i := range d.Statements {
		printStatement(&b, &d.Statements[i])
	}
	if len(d.Context) > 0 {
		b.WriteString("\nContext of the request\n")
		for _, key := range slices.Sorted(maps.Keys(d.Context)) {
			fmt.Fprintf(&b, "  %s = %s\n", key, strings.Join(d.Context[key], ", "))
		}
	}
	if len(d.Changes) > 0 {
		b.WriteString("\nWhat would have to change\n")
		for _, change := range d.Changes {
			fmt.Fprintf(&b, "  - %s\n", change)
		}
	}
	if d.Shortened {
		b.WriteString("\nPart of this decision was too long to be kept.\n")
	}
	b.WriteString("\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// misses say why a statement did not apply.
var misses = map[iampolicy.Miss]string{
	iampolicy.MissResource: "not for this resource", iampolicy.MissPrincipal: "not for this principal",
	iampolicy.MissCondition: "its conditions do not hold",
}

func printStatement(b *strings.Builder, s *iampolicy.StatementTrace) {
	effect, how := "allows", "applies"
	if s.Deny {
		effect = "denies"
	}
	if !s.Matched {
		how = misses[s.Miss]
	}
	fmt.Fprintf(b, "  %s  %s, line %d: %s\n", effect, s.Name(), s.Start.Line, how)
	for i := range s.Conditions {
		c := &s.Conditions[i]
		mark := "no "
		if c.Holds {
			mark = "yes"
		}
		fmt.Fprintf(b, "          %s  %s\n", mark, c)
	}
}
