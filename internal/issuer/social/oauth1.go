package social

import (
	"context"
	"crypto/hmac"
	"crypto/sha1" // the only method that Twitter's OAuth 1.0a has
	"encoding/base64"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/cenote-id/cenote/internal/issuer"
)

// twitter asks who the bearer of "token;secret" is. The request is signed with
// the pair and with the consumer key and secret, which apps lists.
func (c *Client) twitter(ctx context.Context, provider, path, token string, apps []string) (*issuer.Introspection, error) {
	key, keySecret, ok := pair(apps)
	access, accessSecret, split := strings.Cut(token, ";")
	if !ok || !split || access == "" || accessSecret == "" {
		return nil, issuer.ErrRejected
	}
	req, err := c.request(ctx, provider, path)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", c.sign(req, key, keySecret, access, accessSecret))
	var person struct {
		ID string `json:"id_str"`
	}
	if err := c.read(req, &person); err != nil {
		return nil, err
	}
	return &issuer.Introspection{Subject: person.ID, Apps: []string{key}, Claims: map[string]string{"id": person.ID}}, nil
}

// pair is a consumer key with its secret.
func pair(apps []string) (key, secret string, ok bool) {
	if len(apps) != 2 || apps[0] == "" || apps[1] == "" {
		return "", "", false
	}
	return apps[0], apps[1], true
}

// sign returns the Authorization header of a request without parameters (RFC
// 5849, 3.4 and 3.5).
func (c *Client) sign(req *http.Request, key, keySecret, token, tokenSecret string) string {
	parameters := map[string]string{
		"oauth_consumer_key": key, "oauth_token": token, "oauth_nonce": c.cfg.Nonce(), "oauth_signature_method": "HMAC-SHA1",
		"oauth_timestamp": strconv.FormatInt(c.cfg.Now().Unix(), 10), "oauth_version": "1.0",
	}
	var pairs []string
	for _, name := range slices.Sorted(maps.Keys(parameters)) {
		pairs = append(pairs, escape(name)+"="+escape(parameters[name]))
	}
	base := req.Method + "&" + escape(req.URL.Scheme+"://"+strings.ToLower(req.URL.Host)+req.URL.EscapedPath()) + "&" + escape(strings.Join(pairs, "&"))
	mac := hmac.New(sha1.New, []byte(escape(keySecret)+"&"+escape(tokenSecret)))
	mac.Write([]byte(base))
	parameters["oauth_signature"] = base64.StdEncoding.EncodeToString(mac.Sum(nil))
	var header []string
	for _, name := range slices.Sorted(maps.Keys(parameters)) {
		header = append(header, escape(name)+`="`+escape(parameters[name])+`"`)
	}
	return "OAuth " + strings.Join(header, ", ")
}

// escape encodes every byte that is not unreserved in RFC 3986.
func escape(text string) string {
	const upper = "0123456789ABCDEF"
	var out strings.Builder
	for i := range len(text) {
		switch c := text[i]; {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '-', c == '_', c == '.', c == '~':
			out.WriteByte(c)
		default:
			out.Write([]byte{'%', upper[c>>4], upper[c&15]})
		}
	}
	return out.String()
}
