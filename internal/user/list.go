package user

import (
	"context"
	"encoding/base64"
	"encoding/json"
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
		if p.Attribute(name) == nil {
			return nil, "", errUnknownRequested
		}
	}
	after, err := s.openToken(p, q.Filter, q.Token)
	if err != nil {
		return nil, "", err
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
		token = s.sealToken(p, q.Filter, filter.cursor(p, users[limit-1]))
	}
	for _, u := range users {
		for _, name := range q.Attributes {
			if name != attrSub && !u.Attributes.Has(name) && awsapi.Value(p.Attribute(name).Required) {
				return nil, "", errMissingRequested(name)
			}
		}
	}
	return users, token, nil
}

// pageToken is what a pagination token holds.
type pageToken struct {
	Cursor
	Expires time.Time
}

// tokenFor binds a token to the list that it is a place in.
func tokenFor(p *userpool.Pool, filter string) []byte {
	return []byte("ListUsers\x00" + p.ID + "\x00" + filter)
}

func (s *Service) sealToken(p *userpool.Pool, filter string, at *Cursor) string {
	b, err := json.Marshal(pageToken{*at, s.now().Add(tokenLife)})
	if err != nil {
		panic("user: page token: " + err.Error()) // strings, bytes and a time always encode
	}
	return base64.RawURLEncoding.EncodeToString(s.keys.Seal(b, tokenFor(p, filter)))
}

func (s *Service) openToken(p *userpool.Pool, filter, token string) (*Cursor, error) {
	if token == "" {
		return nil, nil
	}
	sealed, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil {
		return nil, errToken
	}
	b, err := s.keys.Open(sealed, tokenFor(p, filter))
	if err != nil {
		return nil, errToken
	}
	var t pageToken
	if err := json.Unmarshal(b, &t); err != nil || !s.now().Before(t.Expires) {
		return nil, errToken
	}
	return &t.Cursor, nil
}
