package app

import (
	"context"
	"html"
	"regexp"
	"slices"

	"github.com/cenote-id/cenote/internal/devtools"
	"github.com/cenote-id/cenote/internal/message"
)

// maxOutbox is how many messages the outbox shows.
const maxOutbox = 200

var (
	codeInText = regexp.MustCompile(`\b\d{6,8}\b`)
	linkInText = regexp.MustCompile(`<a href="([^"]*` + message.LinkPath + `\?[^"]*)">`)
	tags       = regexp.MustCompile(`<[^>]*>`)
)

// Messages lists the newest messages of the outbox, oldest first.
func (d *Deployment) Messages(ctx context.Context, f devtools.Filter) ([]devtools.Message, error) {
	list := d.db.Outbox().Recent
	if f.Failed {
		list = d.db.Outbox().Failures
	}
	queued, err := list(ctx, "", maxOutbox)
	if err != nil {
		return nil, err
	}
	slices.Reverse(queued)
	var out []devtools.Message
	for _, q := range queued {
		if f.To == "" || q.Destination == f.To {
			out = append(out, shown(q))
		}
	}
	return out, nil
}

// shown is a message as developers see it.
func shown(q message.Queued) devtools.Message {
	m := devtools.Message{
		ID: q.ID, Created: q.CreatedAt, Account: q.Account, Region: q.Region, UserPoolID: q.Pool,
		Medium: string(q.Medium), Destination: q.Destination, Subject: q.Subject, Body: q.Body,
		Code:  codeInText.FindString(html.UnescapeString(tags.ReplaceAllString(q.Body, " "))),
		State: string(q.State), Attempts: q.Attempts, Problem: q.Problem,
	}
	if link := linkInText.FindStringSubmatch(q.Body); link != nil {
		m.Link = html.UnescapeString(link[1])
	}
	if q.Event != nil {
		m.Code = q.Event.Code
	}
	return m
}

// discreet lists messages as operators see them: where they stand, but not what
// they say, nor to whom.
func (d *Deployment) discreet(ctx context.Context, f devtools.Filter) ([]devtools.Message, error) {
	list, err := d.Messages(ctx, f)
	for i, m := range list {
		list[i].Destination = message.Mask(message.Medium(m.Medium), m.Destination)
		list[i].Subject, list[i].Body, list[i].Code, list[i].Link = "", "", "", ""
	}
	return list, err
}
