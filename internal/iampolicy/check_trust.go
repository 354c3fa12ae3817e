package iampolicy

import (
	"fmt"
	"slices"
	"strings"
)

// AWS's sentences for trust policies.
const (
	trustNotJSON         = "This policy contains invalid Json"
	trustVersion         = "The policy must contain a valid version string"
	trustNoStatement     = "Could not parse the policy: Statement is empty!"
	trustDuplicateSid    = "The Statement Ids in the policy are not unique"
	trustMissing         = "Missing required field %s"
	trustEmptyPrincipal  = "Missing required field Principal cannot be empty!"
	trustEffect          = "Invalid effect: %s"
	trustActions         = "AssumeRole policy may only specify STS AssumeRole actions."
	trustProhibited      = "Has prohibited field %s"
	trustResources       = "AssumeRole policy must not contain resources."
	trustAllowNot        = "Allow with NotPrincipal is not allowed."
	trustNotPrincipal    = "AssumeRole policy must not contain NotPrincipal field."
	trustOperator        = "Invalid Condition type : %s"
	trustBadPrincipal    = "Invalid principal in policy: \"%s\":\"%s\""
	trustCognitoUnscoped = "A condition block must be present for the Cognito provider"
)

// trustActionsAllowed are the actions that a trust policy may name, exactly,
// in lower case. UNCONFIRMED: the whole set, and that patterns such as
// "sts:*" are refused.
var trustActionsAllowed = []string{
	"sts:assumerole", "sts:assumerolewithsaml", "sts:assumerolewithwebidentity",
	"sts:tagsession", "sts:setsourceidentity", "sts:setcontext",
}

// InvalidPrincipal is the sentence for a principal that does not exist. AWS
// prints the type in capitals.
func InvalidPrincipal(ref PrincipalRef) *Malformed {
	return &Malformed{fmt.Sprintf(trustBadPrincipal, strings.ToUpper(string(ref.Type)), ref.Value)}
}

// checkTrust returns the sentence that refuses a trust policy, or "".
func checkTrust(raw *rawPolicy, f *fault, _ Kind) string {
	if f != nil {
		return trustFault(f)
	}
	if repeatsSid(raw) {
		return trustDuplicateSid
	}
	for i := range raw.statements {
		if message := checkTrustStatement(&raw.statements[i]); message != "" {
			return message
		}
	}
	for i := range raw.statements {
		if message := checkGuardRails(&raw.statements[i]); message != "" {
			return message
		}
	}
	return ""
}

func trustFault(f *fault) string {
	switch f.kind {
	case badVersion:
		return trustVersion
	case badStatement:
		return trustNoStatement
	case badField:
		return fmt.Sprintf(trustProhibited, f.detail)
	case badOperator:
		return fmt.Sprintf(trustOperator, f.detail)
	}
	return trustNotJSON
}

func checkTrustStatement(s *rawStatement) string {
	switch {
	case !s.hasEffect:
		return fmt.Sprintf(trustMissing, "Effect")
	case s.effect != "Allow" && s.effect != "Deny":
		return fmt.Sprintf(trustEffect, s.effect)
	case s.resource != nil:
		return fmt.Sprintf(trustProhibited, "Resource")
	case s.notResource != nil:
		return trustResources
	case s.notPrincipal != nil && s.effect == "Allow":
		return trustAllowNot
	case s.notPrincipal != nil:
		return trustNotPrincipal
	case s.principal == nil:
		return fmt.Sprintf(trustMissing, "Principal")
	case len(s.principal) == 0:
		return trustEmptyPrincipal
	case len(s.action) == 0:
		return fmt.Sprintf(trustMissing, "Action")
	}
	for _, a := range s.action {
		if !slices.Contains(trustActionsAllowed, strings.ToLower(a)) {
			return trustActions
		}
	}
	for _, ref := range s.principal {
		if !trustablePrincipal(ref) {
			return InvalidPrincipal(ref).Message
		}
	}
	return ""
}

// trustablePrincipal checks the form of a principal, not its existence.
func trustablePrincipal(ref PrincipalRef) bool {
	switch ref.Type {
	case AWSPrincipal:
		return ref.Form != BadForm
	case ServicePrincipal:
		return strings.Contains(ref.Value, ".") && !strings.ContainsAny(ref.Value, "*?/: ")
	case FederatedPrincipal:
		if BuiltIn(ref.Value) {
			return true
		}
		provider, name := cutProvider(ref.Value)
		return provider != "" && name != ""
	}
	return false
}

// cutProvider takes the ARN of an IAM identity provider apart: "oidc-provider"
// or "saml-provider", and the provider's host and path, or name.
func cutProvider(text string) (provider, name string) {
	a := cutARN(text)
	if !a.ok || a.segments[0] != "arn" || a.segments[1] != "aws" || a.segments[2] != "iam" ||
		a.segments[3] != "" || !isAccount(a.segments[4]) {
		return "", ""
	}
	provider, name, _ = strings.Cut(a.segments[5], "/")
	if provider != "oidc-provider" && provider != "saml-provider" {
		return "", ""
	}
	return provider, name
}
