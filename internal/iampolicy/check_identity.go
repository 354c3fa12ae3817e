package iampolicy

import (
	"fmt"
	"strings"
)

// AWS's sentences for identity policies.
const (
	syntaxErrors    = "Syntax errors in policy."
	oldVersionError = "Policy document must be version 2012-10-17 or greater."
	legacyError     = "The policy failed legacy parsing"
	duplicateSid    = "Statement IDs (SID) in a single policy must be unique."
	noActions       = "Policy statement must contain actions."
	noResources     = "Policy statement must contain resources."
	noVendor        = "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."
	manyColons      = "Actions/Condition can contain only one colon."
	badVendor       = "Vendor %s is not valid"
	notAnARN        = "Resource %s must be in ARN format or \"*\"."
	badPartition    = "Partition \"%s\" is not valid for resource \"arn:%[1]s:%s:%s:%s:%s\"."
	bareVendor      = "Resource vendor must be fully qualified and cannot contain regexes."
	badIAMPath      = "IAM resource path must either be \"*\" or start with %s."
	iamRegion       = "IAM resource %s cannot contain region information."
	s3Region        = "Resource %s can not contain region information."
	hasPrincipal    = "Policy document should not specify a principal."
)

// oldVersionInline says that inline policies may be of the old version or
// have none, while managed ones must be of the current. UNCONFIRMED.
const oldVersionInline = true

// iamPaths are the starts of resource names that IAM itself has.
var iamPaths = []string{
	"user/", "federated-user/", "role/", "group/", "instance-profile/", "mfa/", "server-certificate/",
	"policy/", "sms-mfa/", "saml-provider/", "oidc-provider/", "report/", "access-report/",
}

// rootPath names a root user, which sts:AssumeRoot is an action on. AWS's
// sentence does not list it.
const rootPath = "root"

// checkIdentity returns the sentence that refuses the document, or "". The
// order of the checks is AWS's own; documents with two faults show it.
func checkIdentity(raw *rawPolicy, f *fault, kind Kind) string {
	if f != nil {
		return syntaxErrors
	}
	for i := range raw.statements {
		if !readsAsEffect(raw.statements[i].effect) {
			return syntaxErrors
		}
	}
	if raw.version != currentVersion && (kind == Managed || !oldVersionInline) {
		return oldVersionError
	}
	for i := range raw.statements {
		if s := &raw.statements[i]; s.principal != nil || s.notPrincipal != nil {
			return hasPrincipal
		}
	}
	resourceError, ok := checkLegacy(raw)
	if !ok {
		return legacyError
	}
	if repeatsSid(raw) {
		return duplicateSid
	}
	for i := range raw.statements {
		if s := &raw.statements[i]; len(s.action)+len(s.notAction) == 0 {
			return noActions
		}
	}
	if resourceError != "" {
		return resourceError
	}
	for i := range raw.statements {
		for _, a := range append(raw.statements[i].action, raw.statements[i].notAction...) {
			if message := checkAction(a); message != "" {
				return message
			}
		}
	}
	for i := range raw.statements {
		if s := &raw.statements[i]; len(s.resource)+len(s.notResource) == 0 {
			return noResources
		}
	}
	return ""
}

func readsAsEffect(s string) bool {
	return strings.EqualFold(s, "Allow") || strings.EqualFold(s, "Deny")
}

// repeatsSid reports whether two statements have the same Sid. Statements
// without one, or with an empty one, do not count.
func repeatsSid(raw *rawPolicy) bool {
	seen := map[string]bool{}
	for i := range raw.statements {
		sid := raw.statements[i].sid
		if sid != "" && seen[sid] {
			return true
		}
		seen[sid] = true
	}
	return false
}

// checkLegacy looks for the faults of the old parser: the letter case of
// effects, date values, the shape of ARNs. It remembers the first fault in
// the format of a resource; from there on shapes are not looked at.
func checkLegacy(raw *rawPolicy) (resourceError string, ok bool) {
	for i := range raw.statements {
		s := &raw.statements[i]
		if s.effect != "Allow" && s.effect != "Deny" || !checkDates(s) {
			return "", false
		}
	}
	for i := range raw.statements {
		s := &raw.statements[i]
		for _, r := range append(s.resource, s.notResource...) {
			if resourceError != "" {
				return resourceError, true
			}
			if resourceError = checkResource(r); resourceError == "" && !parsesAsLegacyARN(r) {
				return "", false
			}
		}
	}
	return resourceError, true
}

func checkDates(s *rawStatement) bool {
	for _, c := range s.conditions {
		if op, _, _, ok := cutOperator(c.operator); !ok || !op.date {
			continue
		}
		for _, v := range c.values {
			if _, ok := parseDate(v); !ok {
				return false
			}
		}
	}
	return true
}

// parsesAsLegacyARN accepts shortened ARNs unless they have an empty segment.
func parsesAsLegacyARN(r string) bool {
	if r == "*" {
		return true
	}
	parts := strings.Split(r, ":")
	return (len(parts) >= 6 || !strings.Contains(r, "::")) && len(parts) > 2 && parts[2] != ""
}

func checkAction(a string) string {
	vendor, name, found := strings.Cut(a, ":")
	switch {
	case !found && a != "*":
		return noVendor
	case strings.Contains(name, ":"):
		return manyColons
	case a != "*" && vendor != "*" && strings.ContainsFunc(vendor, notVendorRune):
		return fmt.Sprintf(badVendor, vendor)
	}
	return ""
}

func notVendorRune(r rune) bool {
	switch {
	case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '-', r == '.':
		return false
	}
	return true
}

// checkResource checks one element against the ARN format.
func checkResource(r string) string {
	if r == "*" {
		return ""
	}
	_, rest, found := strings.Cut(r, ":")
	if !found {
		return fmt.Sprintf(notAnARN, r)
	}
	partition, rest, found := strings.Cut(rest, ":")
	switch {
	case partition != "aws":
		return wrongPartition(partition, rest)
	case !found:
		return bareVendor
	}
	service, rest, _ := strings.Cut(rest, ":")
	region, rest, _ := strings.Cut(rest, ":")
	account, path, _ := strings.Cut(rest, ":")
	switch {
	case service == "iam" && region != "":
		return fmt.Sprintf(iamRegion, r)
	case service == "s3" && region != "" && account == "":
		return fmt.Sprintf(s3Region, r) // access points have a region and an account
	case service == "iam" && !isIAMPath(path):
		return fmt.Sprintf(badIAMPath, strings.Join(iamPaths, ", "))
	}
	return ""
}

// wrongPartition prints the ARN as AWS understood it: "*" for what is missing.
func wrongPartition(partition, rest string) string {
	segments := [4]string{"*", "*", "*", "*"}
	for i, s := range strings.SplitN(rest, ":", 4) {
		if s != "" || strings.Contains(rest, ":") {
			segments[i] = s
		}
	}
	return fmt.Sprintf(badPartition, partition, segments[0], segments[1], segments[2], segments[3])
}

func isIAMPath(path string) bool {
	if path == "*" || path == rootPath {
		return true
	}
	for _, start := range iamPaths {
		if strings.HasPrefix(path, start) {
			return true
		}
	}
	return false
}
