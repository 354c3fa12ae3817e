// Package social asks public login providers about the opaque tokens that
// they hand out: whose they are, and which application they were made for.
//
// Facebook and Amazon are asked with the token itself; Twitter, and Digits
// that came from it, with a request that the application's consumer key signs
// (OAuth 1.0a). Every answer that is not plainly good is a refusal. No error
// holds a token.
package social

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/cenote-id/cenote/internal/issuer"
)

// Asker sends requests; remote.Client does, with its guards. Its errors name
// no URL.
type Asker interface {
	Ask(req *http.Request) (status int, document []byte, err error)
}

// Config is what a Client needs.
type Config struct {
	Asker Asker
	// Elsewhere is where providers are reached, by name, where it is not their
	// own address.
	Elsewhere map[string]*url.URL
	Now       func() time.Time
	Nonce     func() string // for signed requests, unlike any before
}

// Client implements issuer.Introspector.
type Client struct{ cfg Config }

// New returns a Client. It opens no connection.
func New(cfg Config) *Client { return &Client{cfg} }

// Addresses of the providers.
var addresses = map[string]string{
	issuer.Facebook: "https://graph.facebook.com",
	issuer.Amazon:   "https://api.amazon.com",
	issuer.Twitter:  "https://api.twitter.com",
	issuer.Digits:   "https://api.digits.com",
}

// Introspect asks a provider about a token.
func (c *Client) Introspect(ctx context.Context, provider, token string, apps []string) (*issuer.Introspection, error) {
	switch provider {
	case issuer.Facebook:
		return c.facebook(ctx, token)
	case issuer.Amazon:
		return c.amazon(ctx, token)
	case issuer.Twitter:
		return c.twitter(ctx, provider, "/1.1/account/verify_credentials.json", token, apps)
	case issuer.Digits:
		return c.twitter(ctx, provider, "/1.1/sdk/account.json", token, apps)
	}
	return nil, fmt.Errorf("provider %s is not known", provider)
}

// facebook asks for the application and then for the person. The token is sent
// in a header, which the Graph API takes in place of its parameter.
func (c *Client) facebook(ctx context.Context, token string) (*issuer.Introspection, error) {
	var ids [2]string
	for i, path := range []string{"/app", "/me?fields=id"} {
		req, err := c.request(ctx, issuer.Facebook, path)
		if err != nil {
			return nil, err
		}
		req.Header.Set("Authorization", "Bearer "+token)
		var node struct {
			ID string `json:"id"`
		}
		if err := c.read(req, &node); err != nil {
			return nil, err
		}
		ids[i] = node.ID
	}
	app, person := ids[0], ids[1]
	return &issuer.Introspection{Subject: person, Apps: names(app), Claims: map[string]string{"id": person, "app_id": app}}, nil
}

// amazon asks what a token is. Login with Amazon takes it as a parameter of
// the URL only.
func (c *Client) amazon(ctx context.Context, token string) (*issuer.Introspection, error) {
	req, err := c.request(ctx, issuer.Amazon, "/auth/o2/tokeninfo?access_token="+url.QueryEscape(token))
	if err != nil {
		return nil, err
	}
	var info struct {
		Audience string      `json:"aud"` // client of the application
		AppID    string      `json:"app_id"`
		User     string      `json:"user_id"`
		Lasts    json.Number `json:"exp"` // seconds from now
	}
	if err := c.read(req, &info); err != nil {
		return nil, err
	}
	if lasts, err := info.Lasts.Float64(); err != nil || lasts <= 0 {
		return nil, issuer.ErrRejected
	}
	return &issuer.Introspection{
		Subject: info.User, Apps: names(info.Audience, info.AppID), Claims: map[string]string{"user_id": info.User, "app_id": info.AppID},
	}, nil
}

// names leaves out those that were not told.
func names(list ...string) []string {
	var told []string
	for _, name := range list {
		if name != "" {
			told = append(told, name)
		}
	}
	return told
}

func (c *Client) request(ctx context.Context, provider, path string) (*http.Request, error) {
	base := addresses[provider]
	if at, ok := c.cfg.Elsewhere[provider]; ok {
		base = strings.TrimSuffix(at.String(), "/")
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, base+path, nil)
	if err != nil {
		return nil, fmt.Errorf("request to %s cannot be made", provider) // the cause would name the URL
	}
	return req, nil
}

// read sends a request and decodes a good answer. A refusal of the client's
// making is the token's fault; whatever else there is, the provider's.
func (c *Client) read(req *http.Request, to any) error {
	status, document, err := c.cfg.Asker.Ask(req)
	switch {
	case err != nil:
		return fmt.Errorf("ask %s: %w", req.URL.Host, err)
	case status == http.StatusTooManyRequests || status >= 500:
		return fmt.Errorf("ask %s: status %d", req.URL.Host, status)
	case status != http.StatusOK:
		return issuer.ErrRejected
	}
	if err := json.Unmarshal(document, to); err != nil {
		return fmt.Errorf("ask %s: the answer is not JSON", req.URL.Host)
	}
	return nil
}
