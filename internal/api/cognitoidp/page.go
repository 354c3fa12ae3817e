package cognitoidp

import (
	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
)

// maxPage is the largest page of every list, and the page of a request that
// does not say.
const maxPage = 60

// textPageToken is UNCONFIRMED.
const textPageToken = "Invalid pagination token given."

// pageSize returns the size of the page asked for. Where the API admits a
// limit of zero, it stands for the default.
func pageSize(limit *int64) int {
	if n := awsapi.Value(limit); n > 0 && n < maxPage {
		return int(n)
	}
	return maxPage
}

// list returns the page tokens of one list: of an operation, over what an
// account or a pool owns.
func (a *API) list(op *awsapi.Operation, owner string) awsapi.PageTokens {
	return awsapi.PageTokens{Sealer: a.pages, Operation: op.Action(), Owner: owner}
}

// openPage returns the key after which a page begins; empty for the first.
func openPage(l awsapi.PageTokens, token *string) (after string, err error) {
	if token != nil && l.Open(*token, &after) != nil {
		return "", cognitoidp.InvalidParameterException(textPageToken)
	}
	return after, nil
}

// cutPage takes one page off rows, of which one more than the page holds was
// asked for, and returns the token of the next page; nil on the last.
func cutPage[T any](l awsapi.PageTokens, rows []T, size int, key func(T) string) ([]T, *string, error) {
	if len(rows) <= size {
		return rows, nil, nil
	}
	token, err := l.Seal(key(rows[size-1]))
	return rows[:size], &token, err
}
