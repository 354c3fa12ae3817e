package iam

import (
	"context"
	"slices"
	"strings"

	"github.com/cenote-id/cenote/internal/account"
	"github.com/cenote-id/cenote/internal/awsapi"
)

// defaultPage is the page of a request that does not say.
const defaultPage = 100

// textMarker is UNCONFIRMED.
const textMarker = "Invalid Marker."

// list reads what a request wants of a list and writes where the list goes on.
type list struct {
	tokens awsapi.PageTokens
	page   account.Page
}

// list opens a page. filter names everything beside operation and account
// that selects rows: a marker is good for that very list only.
func (a *API) list(ctx context.Context, marker *string, maxItems *int64, filter ...string) (*list, error) {
	r := awsapi.RequestFrom(ctx)
	l := &list{
		tokens: awsapi.PageTokens{
			Sealer: a.pages, Operation: r.Operation.Action(), Owner: r.Caller.Account, Filter: strings.Join(filter, "\x00"),
		},
		page: account.Page{Limit: defaultPage},
	}
	if maxItems != nil {
		l.page.Limit = int(*maxItems)
	}
	if marker != nil {
		if err := l.tokens.Open(*marker, &l.page.After); err != nil {
			return nil, awsapi.Validation.New(textMarker)
		}
	}
	return l, nil
}

// end returns IsTruncated, which every list has, and Marker, which only
// truncated ones have.
func (l *list) end(next string) (truncated *bool, marker *string, err error) {
	if next == "" {
		return new(false), nil, nil
	}
	sealed, err := l.tokens.Seal(next)
	return new(true), &sealed, err
}

// cut takes a page off a list that is whole in memory. Keys are unique, and
// short enough for a marker.
func cut[T any](l *list, items []T, key func(T) string) account.List[T] {
	items = slices.Clone(items)
	slices.SortFunc(items, func(a, b T) int { return strings.Compare(key(a), key(b)) })
	from, found := slices.BinarySearchFunc(items, l.page.After, func(v T, after string) int { return strings.Compare(key(v), after) })
	if found {
		from++
	}
	out := account.List[T]{Items: items[from:]}
	if len(out.Items) > l.page.Limit {
		out.Items = out.Items[:l.page.Limit]
		out.Next = key(out.Items[l.page.Limit-1])
	}
	return out
}
