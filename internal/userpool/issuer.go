package userpool

import (
	"net/url"
	"strings"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
)

// IssuerMode is a form of issuer.
type IssuerMode string

// Forms of issuer. A pool may also name a URL of its own.
const (
	IssuerPath IssuerMode = "path" // <public URL>/<pool id>
	IssuerAWS  IssuerMode = "aws"  // the form that Amazon Cognito uses
)

// Issuers knows under which issuer each pool's tokens are made. The zero
// value has no public URL and is of use only in tests.
type Issuers struct {
	PublicURL string     // without a slash at the end
	Mode      IssuerMode // of pools that do not say; IssuerPath if empty
}

// Of returns the issuer of a pool.
func (i Issuers) Of(p *Pool) string {
	mode := i.Mode
	if tag, ok := p.Tags()[IssuerTag]; ok {
		if issuerURL(tag) {
			return tag
		}
		mode = IssuerMode(tag)
	}
	if mode == IssuerAWS {
		return AWSIssuer(p)
	}
	return i.PublicURL + "/" + p.ID
}

// AWSIssuer returns the issuer that the pool would have on Amazon Cognito.
func AWSIssuer(p *Pool) string {
	host := "cognito-idp."
	if c := p.Description.IssuerConfiguration; c != nil && awsapi.Value(c.Type) == cognitoidp.IssuerTypeUpdated {
		host = "issuer-cognito-idp."
	}
	return "https://" + host + p.Region + ".amazonaws.com/" + p.ID
}

// ProviderName names the pool among an identity pool's providers. It is the
// same in every issuer mode.
func ProviderName(p *Pool) string {
	return "cognito-idp." + p.Region + ".amazonaws.com/" + p.ID
}

// CustomIssuer returns the URL that a pool's tags give as its issuer; empty if
// they give none. No two pools of an account may have the same one.
func (p *Pool) CustomIssuer() string {
	if tag := p.Tags()[IssuerTag]; issuerURL(tag) {
		return tag
	}
	return ""
}

// checkIssuer refuses a custom issuer inside a name space that belongs to
// others: issuers under the deployment's own URL and Amazon's hosts are those
// of the pools whose ids they end in.
func (i Issuers) checkIssuer(custom string) error {
	if custom == "" {
		return nil
	}
	u, err := url.Parse(custom)
	if err != nil {
		return cognitoidp.InvalidParameterException(textIssuerTag, custom)
	}
	host := strings.ToLower(strings.TrimRight(u.Hostname(), "."))
	own, err := url.Parse(i.PublicURL)
	same := err == nil && strings.EqualFold(own.Hostname(), host) && (port(own) == port(u) || own.Port() == u.Port())
	if i.PublicURL != "" && same {
		return cognitoidp.InvalidParameterException(textIssuerTaken, custom)
	}
	for _, amazon := range []string{"amazonaws.com", "amazonaws.com.cn", "amazoncognito.com"} {
		if host == amazon || strings.HasSuffix(host, "."+amazon) {
			return cognitoidp.InvalidParameterException(textIssuerTaken, custom)
		}
	}
	return nil
}

// port returns the port that a URL means.
func port(u *url.URL) string {
	if p := u.Port(); p != "" {
		return p
	}
	return map[string]string{"http": "80", "https": "443"}[u.Scheme]
}
