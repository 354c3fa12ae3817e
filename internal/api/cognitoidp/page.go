package cognitoidp

import (
	"encoding/base64"

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

// openPage returns the key after which a page begins; empty for the first. A
// token opens only for the list that it came from: bound names the operation
// and everything else that selects its rows.
func (a *API) openPage(token *string, bound string) (string, error) {
	if token == nil {
		return "", nil
	}
	sealed, err := base64.RawURLEncoding.DecodeString(*token)
	if err != nil {
		return "", cognitoidp.InvalidParameterException(textPageToken)
	}
	after, err := a.pages.Open(sealed, []byte(bound))
	if err != nil {
		return "", cognitoidp.InvalidParameterException(textPageToken)
	}
	return string(after), nil
}

// cutPage takes one page off rows, of which one more than the page holds was
// asked for, and returns the token of the next page; nil on the last.
func cutPage[T any](a *API, rows []T, size int, bound string, key func(T) string) ([]T, *string) {
	if len(rows) <= size {
		return rows, nil
	}
	sealed := a.pages.Seal([]byte(key(rows[size-1])), []byte(bound))
	return rows[:size], new(base64.RawURLEncoding.EncodeToString(sealed))
}
