package issuer

import "strings"

// Parts of a user pool's provider name: cognito-idp.<region>.amazonaws.com
// (.cn in China) and the pool id. The region in the host is the one in the id.
const (
	hostPrefix = "cognito-idp."
	hostSuffix = ".amazonaws.com"
	china      = ".cn"
)

// maxPoolID is the longest user pool id of the API.
const maxPoolID = 55

// ParseUserPool reads the AWS form of a user pool's provider name.
func ParseUserPool(name string) (region, poolID string, ok bool) {
	host, id, _ := strings.Cut(name, "/")
	region = regionOf(id)
	if region == "" || host != hostOf(region) {
		return "", "", false
	}
	return region, id, true
}

// UserPoolName returns the provider name of a user pool, or "" for something
// that is not a user pool id.
func UserPoolName(poolID string) string {
	region := regionOf(poolID)
	if region == "" {
		return ""
	}
	return hostOf(region) + "/" + poolID
}

func hostOf(region string) string {
	if strings.HasPrefix(region, "cn-") {
		return hostPrefix + region + hostSuffix + china
	}
	return hostPrefix + region + hostSuffix
}

// regionOf returns the regional half of a user pool id, or "".
func regionOf(poolID string) string {
	region, rest, _ := strings.Cut(poolID, "_")
	if rest == "" || len(poolID) > maxPoolID || !isRegion(region) {
		return ""
	}
	for _, c := range []byte(rest) {
		if !isLower(c) && (c < 'A' || c > 'Z') && !isDigit(c) {
			return ""
		}
	}
	return region
}

// isRegion reports whether s has the form of a region: two letters, words, a
// digit, with dashes between, such as us-gov-west-1. It is asked at every
// call that names a provider.
func isRegion(s string) bool {
	n := len(s)
	if n < len("aa-b-1") || !isLower(s[0]) || !isLower(s[1]) || s[2] != '-' || s[n-2] != '-' || !isDigit(s[n-1]) {
		return false
	}
	for i := 3; i < n-2; i++ {
		if !isLower(s[i]) && (s[i] != '-' || s[i-1] == '-') {
			return false
		}
	}
	return s[n-3] != '-'
}

func isLower(c byte) bool { return 'a' <= c && c <= 'z' }

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

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
