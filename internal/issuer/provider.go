package issuer

import (
	"regexp"
	"strings"
)

// userPoolName is the AWS form: the region in the host is the one in the id.
var userPoolName = regexp.MustCompile(`^cognito-idp\.([a-z]{2}(?:-[a-z]+)+-\d)\.amazonaws\.com(?:\.cn)?/(([a-z]{2}(?:-[a-z]+)+-\d)_[0-9A-Za-z]{1,45})$`)

var userPoolID = regexp.MustCompile(`^([a-z]{2}(?:-[a-z]+)+-\d)_[0-9A-Za-z]{1,45}$`)

// ParseUserPool reads the AWS form of a user pool's provider name.
func ParseUserPool(name string) (region, poolID string, ok bool) {
	m := userPoolName.FindStringSubmatch(name)
	if m == nil || m[1] != m[3] {
		return "", "", false
	}
	return m[1], m[2], true
}

// UserPoolName returns the provider name of a user pool, or "" for something
// that is not a user pool id.
func UserPoolName(poolID string) string {
	region := regionOf(poolID)
	if region == "" {
		return ""
	}
	suffix := ""
	if strings.HasPrefix(region, "cn-") {
		suffix = ".cn"
	}
	return "cognito-idp." + region + ".amazonaws.com" + suffix + "/" + poolID
}

// regionOf returns the region half of a user pool id, or "".
func regionOf(poolID string) string {
	if m := userPoolID.FindStringSubmatch(poolID); m != nil {
		return m[1]
	}
	return ""
}

// WithoutScheme returns an issuer URL as a provider name.
func WithoutScheme(url string) string {
	if name, ok := strings.CutPrefix(url, "https://"); ok {
		return name
	}
	return strings.TrimPrefix(url, "http://")
}

// lastSegment returns what follows the last slash of a provider name.
func lastSegment(name string) string {
	return name[strings.LastIndexByte(name, '/')+1:]
}
