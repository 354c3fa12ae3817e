package iampolicy

import (
	"fmt"
	"slices"
	"strings"
)

// CognitoProvider is the built-in principal of identity pools.
const CognitoProvider = "cognito-identity.amazonaws.com"

// builtInProviders need no IAM identity provider.
var builtInProviders = []string{CognitoProvider, "accounts.google.com", "graph.facebook.com", "www.amazon.com"}

// BuiltIn reports whether a web-identity provider is one that every account
// may name in a trust policy.
func BuiltIn(provider string) bool { return slices.Contains(builtInProviders, provider) }

const sharedUnscoped = "Trust policy with trusted principal %s must evaluate, using StringEquals, StringLike or " +
	"StringEqualsIgnoreCase, %s which is not scoped to all."

// sharedIssuers are OIDC issuers that sign for everybody's workloads, with
// the claim that tells one customer from another ("Identity-provider controls
// for shared OIDC providers", IAM user guide). An issuer stands for itself
// and for what is below it.
var sharedIssuers = map[string]string{
	"agent.buildkite.com": "sub",
	"api.pulumi.com/oidc": "aud",
	"app.terraform.io":    "sub",
	"gitlab.com":          "sub",
	"oidc-configuration.audit-log.githubusercontent.com": "sub",
	"oidc.codefresh.io": "sub",
	"oidc.vercel.com":   "aud",
	"proidc.upbound.io": "sub",
	"sandboxes.cloud":   "aud",
	"scalr.io":          "sub",
	"sts.windows.net/33e01921-4d64-4f8c-a055-5bdaffd5e33d": "sub",
	"studio.datachain.ai/api":                              "sub",
	"token.actions.githubusercontent.com":                  "sub",
	"tokens.cloud.shisho.dev":                              "sub",
	"vstoken.actions.githubusercontent.com":                "sub",
}

// scopingOperators can tie a statement to one customer of a shared issuer.
var scopingOperators = []string{"StringEquals", "StringLike", "StringEqualsIgnoreCase"}

// checkGuardRails refuses statements that would let every customer of a
// shared issuer in. A Deny lets nobody in.
func checkGuardRails(s *rawStatement) string {
	if s.effect != "Allow" {
		return ""
	}
	for _, ref := range s.principal {
		if ref.Type != FederatedPrincipal {
			continue
		}
		if ref.Value == CognitoProvider && !scoped(s, CognitoProvider+":aud") {
			return trustCognitoUnscoped
		}
		kind, issuer := cutProvider(ref.Value)
		if claim := sharedClaim(issuer); kind == "oidc-provider" && claim != "" {
			if key := issuer + ":" + claim; !scoped(s, key) {
				return fmt.Sprintf(sharedUnscoped, ref.Value, key)
			}
		}
	}
	return ""
}

func sharedClaim(issuer string) string {
	for at := len(issuer); at > 0; at = strings.LastIndexByte(issuer[:at], '/') {
		if claim, ok := sharedIssuers[issuer[:at]]; ok {
			return claim
		}
	}
	return ""
}

// scoped reports whether a condition holds only for some values of a key:
// every value that it lists has something besides wildcards. IfExists and
// ForAllValues hold for tokens without the claim, so they do not count.
func scoped(s *rawStatement, key string) bool {
	return slices.ContainsFunc(s.conditions, func(c rawCondition) bool {
		name := strings.TrimPrefix(c.operator, "ForAnyValue:")
		return slices.Contains(scopingOperators, name) && strings.EqualFold(c.key, key) &&
			len(c.values) > 0 && !slices.ContainsFunc(c.values, func(v string) bool { return strings.Trim(v, "*?") == "" })
	})
}
