package user

import (
	"context"
	"time"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
	"github.com/cenote-id/cenote/internal/userpool"
)

const (
	maxList   = 60 // users a page, and the default
	tokenLife = time.Hour
)

// ListQuery asks for a page of users.
type ListQuery struct {
	Filter     string   // as ParseFilter reads it
	Attributes []string // show these alone; nil for all
	Limit      int      // 0 for the most
	Token      string   // of the page before; empty for the first
}

// Sentences that are UNCONFIRMED.
var (
	errToken            = cognitoidp.InvalidParameterException("Invalid pagination token given.")
	errUnknownRequested = cognitoidp.InvalidParameterException("One or more requested attributes do not exist.")
)

func errMissingRequested(name string) *awsapi.Error {
	return cognitoidp.InvalidParameterException("User attribute %s is required but not set for every user in the result.", name)
}

// List returns a page of users and the token for the next one, empty at the
// end. An attribute that is to be shown and that the schema requires must be
// there; a user whom an administrator made may lack it.
func (s *Service) List(ctx context.Context, p *userpool.Pool, q ListQuery) ([]*User, string, error) {
	filter, err := ParseFilter(p, q.Filter)
	if err != nil {
		return nil, "", err
	}
	for _, name := range q.Attributes {
		if p.Attribute(name) == nil && name != attrIdentities {
			return nil, "", errUnknownRequested
		}
	}
	pages := s.pages(p, q.Filter)
	var after *Cursor
	if q.Token != "" {
		if err := pages.Open(q.Token, &after); err != nil {
			return nil, "", errToken
		}
	}
	limit := q.Limit
	if limit <= 0 || limit > maxList {
		limit = maxList
	}
	users, err := s.directory.ListUsers(ctx, p.ID, filter, after, limit+1)
	if err != nil {
		return nil, "", err
	}
	token := ""
	if len(users) > limit {
		users = users[:limit]
		if token, err = pages.Seal(filter.cursor(p, users[limit-1])); err != nil {
			return nil, "", err
		}
	}
	for _, u := range users {
		for _, name := range q.Attributes {
			if name != attrSub && name != attrIdentities && !u.Attributes.Has(name) && awsapi.Value(p.Attribute(name).Required) {
				return nil, "", errMissingRequested(name)
			}
		}
	}
	return users, token, nil
}

// pages makes the tokens of a list.
func (s *Service) pages(p *userpool.Pool, filter string) awsapi.PageTokens {
	return awsapi.PageTokens{
		Sealer: s.keys, Operation: "cognito-idp:ListUsers", Owner: p.ID, Filter: filter, Life: tokenLife, Now: s.now,
	}
}
