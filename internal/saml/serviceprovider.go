package saml

import "strings"

// Names of AWS as a service provider (IAM user guide, "Configure SAML
// assertions for the authentication response").
const (
	awsSignIn   = "https://signin.aws.amazon.com/saml"
	awsServices = "urn:amazon:webservices"
	awsScheme   = "https://"
	awsRegional = ".signin.aws.amazon.com/saml"
)

// AsAWS returns a test for the names under which providers know AWS, its
// regional ones included, and this deployment in its place: its public URL, and
// that with "/saml".
func AsAWS(publicURL string) func(name string) bool {
	return func(name string) bool {
		switch name {
		case "":
			return false
		case awsSignIn, awsServices, publicURL, publicURL + "/saml":
			return true
		}
		region, ok := strings.CutPrefix(name, awsScheme)
		if !ok {
			return false
		}
		region, ok = strings.CutSuffix(region, awsRegional)
		return ok && region != "" && strings.Trim(region, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
	}
}
