package main

import (
	"context"
	"encoding/json"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/cenote-id/cenote/internal/audit"
	"github.com/cenote-id/cenote/internal/config"
	"github.com/cenote-id/cenote/internal/inspect"
)

type auditCmd struct {
	inspected `embed:""`

	Account   string `help:"Only of this account." placeholder:"12DIGITS"`
	Principal string `help:"Only by this caller." placeholder:"ARN"`
	Operation string `help:"Only this operation, such as iam:CreateUser, or with an asterisk at the end all that begin so." placeholder:"NAME"`
	Resource  string `help:"Only on this resource." placeholder:"ARN"`
	Request   string `help:"Only of this request." placeholder:"ID"`
	Since     string `help:"Only from this moment on: a time such as 2026-11-22T20:00:00Z, a day, or how long ago, such as 2h." placeholder:"TIME"`
	Until     string `help:"Only before this moment." placeholder:"TIME"`
	Denied    bool   `help:"List requests that were refused instead of changes."`
	Limit     int    `help:"How many to print, the newest first (0: all)." default:"100"`
	JSON      bool   `help:"Print JSON lines." name:"json"`
}

// Run prints audit records, the newest first.
func (c *auditCmd) Run(ctx context.Context, s streams) error {
	l := inspect.List{Filter: audit.Filter{
		Account: c.Account, Principal: c.Principal, Operation: c.Operation, Resource: c.Resource, RequestID: c.Request,
	}}
	var err error
	now := time.Now()
	if l.Since, err = readMoment("--since", c.Since, now); err != nil {
		return err
	}
	if l.Until, err = readMoment("--until", c.Until, now); err != nil {
		return err
	}
	if c.Limit < 0 {
		return &config.Error{Sentence: "--limit is 0 or more"}
	}
	out := newAuditPrinter(s, c.JSON, c.Denied)
	err = c.ask(ctx, func(from inspect.Source) error {
		for left := c.Limit; ; {
			l.Limit = inspect.MaxLimit
			if c.Limit > 0 {
				l.Limit = min(left, inspect.MaxLimit)
			}
			rows, err := c.page(ctx, from, l)
			if err != nil {
				return err
			}
			for i := range rows {
				if err := out.print(&rows[i]); err != nil {
					return err
				}
			}
			left -= len(rows)
			if len(rows) < l.Limit || c.Limit > 0 && left == 0 {
				return nil
			}
			last := rows[len(rows)-1]
			l.After = audit.Cursor{Time: last.Time, ID: last.ID}
		}
	})
	if err != nil {
		return err
	}
	return out.end()
}

// page returns a page of records, or of denials in their form.
func (c *auditCmd) page(ctx context.Context, from inspect.Source, l inspect.List) ([]audit.Record, error) {
	if !c.Denied {
		return from.Changes(ctx, l)
	}
	denials, err := from.Denials(ctx, l)
	rows := make([]audit.Record, len(denials))
	for i, d := range denials {
		rows[i] = audit.Record{
			ID: d.ID, Time: d.Time, Account: d.Account, Region: d.Region, Operation: d.Operation,
			Principal: d.Principal, Resource: d.Resource, RequestID: d.RequestID,
		}
	}
	return rows, err
}

// readMoment reads a time, a day in UTC, or a duration before now; nothing is
// the zero time.
func readMoment(flag, text string, now time.Time) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if t, err := time.Parse(layout, text); err == nil {
			return t, nil
		}
	}
	if d, err := time.ParseDuration(text); err == nil && d >= 0 {
		return now.Add(-d), nil
	}
	return time.Time{}, &config.Error{Sentence: fmt.Sprintf("%s %q is not a time such as 2026-11-22T20:00:00Z, a day, or a duration such as 2h", flag, text)}
}

// auditPrinter prints records as a table or as JSON lines.
type auditPrinter struct {
	json  *json.Encoder
	table *tabwriter.Writer
}

func newAuditPrinter(s streams, lines, denied bool) *auditPrinter {
	if lines {
		return &auditPrinter{json: json.NewEncoder(s.out)}
	}
	table := tabwriter.NewWriter(s.out, 0, 8, 2, ' ', 0)
	from := "FROM"
	if denied {
		from = ""
	}
	fmt.Fprintf(table, "TIME\tACCOUNT\tREGION\tOPERATION\tPRINCIPAL\tRESOURCE\tREQUEST\t%s\n", from)
	return &auditPrinter{table: table}
}

func (p *auditPrinter) print(r *audit.Record) error {
	if p.json != nil {
		return p.json.Encode(auditLine{
			Time: r.Time, Account: r.Account, Region: r.Region, Operation: r.Operation, Principal: r.Principal,
			Resource: r.Resource, RequestID: r.RequestID, SourceIP: r.SourceIP, ID: r.ID,
		})
	}
	principal := r.Principal
	if principal == "" {
		principal = "-"
	}
	_, err := fmt.Fprintf(p.table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", r.Time.UTC().Format("2006-01-02T15:04:05Z"),
		r.Account, r.Region, r.Operation, principal, r.Resource, r.RequestID, r.SourceIP)
	return err
}

func (p *auditPrinter) end() error {
	if p.table == nil {
		return nil
	}
	return p.table.Flush()
}

// auditLine is a record as a JSON line.
type auditLine struct {
	Time      time.Time
	Account   string
	Region    string `json:",omitempty"`
	Operation string
	Principal string `json:",omitempty"`
	Resource  string `json:",omitempty"`
	RequestID string `json:"RequestId"`
	SourceIP  string `json:"SourceIp,omitempty"`
	ID        string `json:"Id"`
}
