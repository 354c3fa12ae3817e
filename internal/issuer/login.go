package issuer

import (
	"fmt"
	"net/url"
	"slices"
)

// Public login providers, by the name that they have in Logins and in trust
// policies.
const (
	Google   = "accounts.google.com"
	Apple    = "appleid.apple.com"
	Facebook = "graph.facebook.com"
	Amazon   = "www.amazon.com"
	Twitter  = "api.twitter.com"
	Digits   = "www.digits.com"
)

// Facebook's iOS library hands out ID tokens where people limit what it may
// know about them ("Limited Login"). They come from other hosts.
const (
	facebookLogin   = "www.facebook.com"
	facebookLimited = "limited.facebook.com"
)

// openIDLogins speak OpenID Connect.
var openIDLogins = []string{Google, Apple, facebookLogin, facebookLimited}

// opaqueLogins hand out access tokens that only they can read.
var opaqueLogins = []string{Facebook, Amazon, Twitter, Digits}

// LoginProviders lists the names of everybody whom Login knows, and of the
// further hosts that speak for them.
func LoginProviders() []string { return slices.Concat(openIDLogins, opaqueLogins) }

// Login returns the public login provider of a name, as the one that made a
// token: Facebook makes two kinds. The token is not believed yet.
func (r *Resolver) Login(name, token string) (*Issuer, error) {
	switch {
	case name == Google || name == Apple:
		return r.openIDLogin(name), nil
	case name == Facebook:
		if iss, ok := Peek(token); ok {
			for _, host := range []string{facebookLogin, facebookLimited} {
				if iss == "https://"+host {
					found := r.openIDLogin(host)
					found.Name = Facebook // who a person is there does not depend on the kind of token
					return found, nil
				}
			}
		}
	case !slices.Contains(opaqueLogins, name):
		return nil, fmt.Errorf("%s: %w", name, ErrUntrusted)
	}
	if r.asked == nil {
		return nil, fmt.Errorf("%s: %w", name, ErrUntrusted)
	}
	return &Issuer{Name: name, Kind: AccessToken}, nil
}

// LoginOfAnyApp is Login without regard to the application that a token was
// made for: whoever trusts it looks at the audience alone.
func (r *Resolver) LoginOfAnyApp(name, token string) (*Issuer, error) {
	found, err := r.Login(name, token)
	if err == nil {
		found.anyone = true
	}
	return found, err
}

func (r *Resolver) openIDLogin(name string) *Issuer {
	iss := "https://" + name
	i := &Issuer{Name: name, Kind: OpenID, iss: []string{iss}}
	if name == Google {
		i.iss = append(i.iss, name) // its older form ("OpenID Connect" in Google's Identity guides)
	}
	if base, elsewhere := r.login[name]; elsewhere {
		i.endpoint = discovered(base, iss)
		i.endpoint.named = true
		return i
	}
	i.endpoint = discovered(&url.URL{Scheme: "https", Host: name}, iss)
	return i
}
