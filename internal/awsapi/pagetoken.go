package awsapi

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"time"
)

// Sealer encrypts and authenticates; a *secretbox.Ring is one.
type Sealer interface {
	Seal(plaintext, ad []byte) []byte
	Open(sealed, ad []byte) ([]byte, error)
}

// ErrPageToken is the error for every page token that is not one of ours for
// this very list: changed, expired, or taken from another list. Doors answer
// it with their own invalid-parameter error.
var ErrPageToken = errors.New("page token is not valid for this list")

// maxPageToken bounds what is decoded, in bytes.
const maxPageToken = 8192

// PageTokens makes and reads the page tokens of one list. A token can be
// neither read nor made by clients, and is good for the same operation, owner
// and filter only.
type PageTokens struct {
	Sealer    Sealer
	Operation string        // such as "cognito-idp:ListUsers"
	Owner     string        // account, pool
	Filter    string        // everything else that shapes the list
	Life      time.Duration // how long a token is good; 0 for ever
	Now       func() time.Time
}

// ad joins the parts with their lengths, so that no two lists look the same.
func (p PageTokens) ad() []byte {
	var b strings.Builder
	b.WriteString("page token")
	for _, part := range []string{p.Operation, p.Owner, p.Filter} {
		b.WriteByte(' ')
		b.WriteString(strconv.Itoa(len(part)))
		b.WriteByte(':')
		b.WriteString(part)
	}
	return []byte(b.String())
}

type pageToken struct {
	Position json.RawMessage `json:"p"`
	Expires  int64           `json:"e,omitempty"` // seconds since 1970
}

// Seal returns the token for the page after a position, which is any value
// that encoding/json writes and reads back.
func (p PageTokens) Seal(position any) (string, error) {
	raw, err := json.Marshal(position)
	if err != nil {
		return "", err
	}
	t := pageToken{Position: raw}
	if p.Life > 0 {
		t.Expires = p.Now().Add(p.Life).Unix()
	}
	text, err := json.Marshal(t)
	if err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(p.Sealer.Seal(text, p.ad())), nil
}

// Open reads the position out of a token. Any failure is ErrPageToken.
func (p PageTokens) Open(token string, position any) error {
	if len(token) > maxPageToken || strings.ContainsAny(token, "\r\n") { // which the decoder skips
		return ErrPageToken
	}
	sealed, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil {
		return ErrPageToken
	}
	text, err := p.Sealer.Open(sealed, p.ad())
	if err != nil {
		return ErrPageToken
	}
	var t pageToken
	if json.Unmarshal(text, &t) != nil || json.Unmarshal(t.Position, position) != nil {
		return ErrPageToken
	}
	if t.Expires != 0 && p.Now().Unix() >= t.Expires {
		return ErrPageToken
	}
	return nil
}
