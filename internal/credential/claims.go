package credential

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/cenote-id/cenote/internal/awsapi/sts"
	"github.com/cenote-id/cenote/internal/issuer"
)

// Claims that STS honours in web identity tokens (IAM user guide, "Pass
// session tags in AWS STS" and "Monitor and control actions taken with
// assumed roles"; the roles claim since 2026).
const (
	claimTags           = "https://aws.amazon.com/tags"
	claimPrincipalTags  = claimTags + "/principal_tags"
	claimTransitiveTags = claimTags + "/transitive_tag_keys"
	claimSourceIdentity = "https://aws.amazon.com/source_identity"
	claimRoles          = "https://aws.amazon.com/roles"
)

// Limits of session tags, as the API has them for AssumeRole.
const (
	maxTags     = 50
	maxTagKey   = 128 // characters
	maxTagValue = 256 // characters
)

// validSourceIdentity is what AssumeRole takes as a source identity.
var validSourceIdentity = regexp.MustCompile(`^[\w+=,.@-]{2,64}$`)

// tagClaims reads session tags from the nested form and from the flat one,
// for providers that cannot nest claims:
//
//	"https://aws.amazon.com/tags": {"principal_tags": {"k": ["v"]}, "transitive_tag_keys": ["k"]}
//	"https://aws.amazon.com/tags/principal_tags/k": ["v"]
//	"https://aws.amazon.com/tags/transitive_tag_keys": ["k"]
func tagClaims(c *issuer.Claims) (tags []Tag, transitive []string, err error) {
	var nested struct {
		Principal  map[string][]string `json:"principal_tags"`
		Transitive []string            `json:"transitive_tag_keys"`
	}
	if raw := c.Raw(claimTags); raw != nil {
		if err := json.Unmarshal(raw, &nested); err != nil {
			return nil, nil, sts.InvalidIdentityTokenException("%s", msgInvalidTagClaim)
		}
	}
	add := func(key string, values []string) {
		if len(values) != 1 || !validTag(key, values[0]) || len(tags) == maxTags {
			err = sts.InvalidIdentityTokenException("%s", msgInvalidTagClaim)
			return
		}
		tags = append(tags, Tag{key, values[0]})
	}
	for key, values := range nested.Principal {
		add(key, values)
	}
	for _, name := range c.Names() {
		if key, ok := strings.CutPrefix(name, claimPrincipalTags+"/"); ok {
			add(key, c.Values(name))
		}
	}
	if err != nil {
		return nil, nil, err
	}
	slices.SortFunc(tags, func(a, b Tag) int { return strings.Compare(a.Key, b.Key) })
	return tags, append(nested.Transitive, c.Values(claimTransitiveTags)...), nil
}

func validTag(key, value string) bool {
	n := utf8.RuneCountInString(key)
	return n >= 1 && n <= maxTagKey && utf8.RuneCountInString(value) <= maxTagValue
}
