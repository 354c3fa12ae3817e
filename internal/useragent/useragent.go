// Package useragent names browser and system of a User-Agent header, for
// people who look at where they are signed in. Headers are anybody's word:
// nothing but a display may depend on them.
package useragent

import (
	"regexp"
	"strings"
)

// maxHeader bounds what is looked at, in bytes.
const maxHeader = 1024

// browsers in the order in which they are looked for: most of them also claim
// to be those that come later.
var browsers = []struct {
	name    string
	version *regexp.Regexp
}{
	{"Edge", regexp.MustCompile(`\bEdgA?(?:iOS)?/(\d{1,4})`)},
	{"Opera", regexp.MustCompile(`\bOPR/(\d{1,4})`)},
	{"Samsung Internet", regexp.MustCompile(`\bSamsungBrowser/(\d{1,4})`)},
	{"Firefox", regexp.MustCompile(`\b(?:Firefox|FxiOS)/(\d{1,4})`)},
	{"Chrome", regexp.MustCompile(`\b(?:Chrome|CriOS)/(\d{1,4})`)},
	{"Safari", regexp.MustCompile(`\bVersion/(\d{1,4})[.\d]* (?:Mobile/\w+ )?Safari/`)},
}

// systems by what their part of the header looks like. The first group, where
// there is one, is the version.
var systems = []struct {
	name    string
	pattern *regexp.Regexp
}{
	{"iOS", regexp.MustCompile(`\b(?:iPhone|CPU) OS (\d{1,3}[_.]\d{1,3})`)},
	{"Android", regexp.MustCompile(`\bAndroid (\d{1,3}(?:\.\d{1,3})?)`)},
	{"macOS", regexp.MustCompile(`\bMac OS X (\d{1,3}[_.]\d{1,3})`)},
	{"Windows", regexp.MustCompile(`\bWindows NT (\d{1,3})`)},
	{"ChromeOS", regexp.MustCompile(`\bCrOS\b()`)},
	{"Linux", regexp.MustCompile(`\bLinux\b()`)},
}

// Describe returns browser and system, such as "Chrome 125 / macOS 15.0";
// empty if either is unknown.
func Describe(header string) string {
	header = header[:min(len(header), maxHeader)]
	browser, system := "", ""
	for _, b := range browsers {
		if m := b.version.FindStringSubmatch(header); m != nil {
			browser = b.name + " " + m[1]
			break
		}
	}
	for _, s := range systems {
		if m := s.pattern.FindStringSubmatch(header); m != nil {
			system = strings.TrimSpace(s.name + " " + strings.ReplaceAll(m[1], "_", "."))
			break
		}
	}
	if browser == "" || system == "" {
		return ""
	}
	return browser + " / " + system
}
