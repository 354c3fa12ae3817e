package userpool

import (
	"maps"
	"net/url"
	"strings"

	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
)

// IssuerTag is the reserved tag by which a pool's owner chooses the issuer
// that its tokens name: "path", "aws" or an https URL.
const IssuerTag = "cenote:issuer"

const maxTags = 50

// Sentences about tags. UNCONFIRMED, but for the first, which is our own.
const (
	textIssuerTag    = "The tag " + IssuerTag + " must be 'path', 'aws' or an https URL without user, query or fragment: %s"
	textIssuerTaken  = "The issuer %s is not available."
	textReservedTag  = "aws: prefixed tag key names are not allowed for external use."
	textTooManyTags  = "The number of tags exceeds the limit of %d."
	awsTagKeysPrefix = "aws:"
)

// checkTags checks a pool's whole set of tags.
func checkTags(tags map[string]string) error {
	if len(tags) > maxTags {
		return cognitoidp.InvalidParameterException(textTooManyTags, maxTags)
	}
	for key := range tags {
		if strings.HasPrefix(strings.ToLower(key), awsTagKeysPrefix) {
			return cognitoidp.InvalidParameterException(textReservedTag)
		}
	}
	if v, ok := tags[IssuerTag]; ok && IssuerMode(v) != IssuerPath && IssuerMode(v) != IssuerAWS && !issuerURL(v) {
		return cognitoidp.InvalidParameterException(textIssuerTag, v)
	}
	return nil
}

// issuerURL reports whether s may stand as an issuer: OpenID Connect
// Discovery 1.0 section 3 wants https, a host, and neither query nor fragment.
func issuerURL(s string) bool {
	u, err := url.Parse(s)
	return err == nil && u.Scheme == "https" && u.Hostname() != "" && u.User == nil &&
		u.RawQuery == "" && !u.ForceQuery && !strings.Contains(s, "#")
}

// withTags returns tags with more set; without returns tags with some removed.
func withTags(tags, more map[string]string) map[string]string {
	merged := maps.Clone(tags)
	if merged == nil {
		merged = map[string]string{}
	}
	maps.Copy(merged, more)
	return merged
}

func withoutTags(tags map[string]string, keys []string) map[string]string {
	rest := maps.Clone(tags)
	for _, k := range keys {
		delete(rest, k)
	}
	return rest
}
