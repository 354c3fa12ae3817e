package useragent_test

import (
	"strings"
	"testing"

	"github.com/cenote-id/cenote/internal/useragent"
)

func TestDescribe(t *testing.T) {
	for header, want := range map[string]string{
		"Mozilla/5.0 (Macintosh; Intel Mac OS X 15_0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/125.0.0.0 Safari/537.36":                      "Chrome 125 / macOS 15.0",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36 Edg/126.0.0.0":           "Edge 126 / Windows 10",
		"Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0":                                                                  "Firefox 128 / Linux",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1": "Safari 17 / iOS 17.5",
		"Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/125.0.0.0 Mobile Safari/537.36":                   "Chrome 125 / Android 14",
		"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4.1 Safari/605.1.15":                 "Safari 17 / macOS 10.15",
		"aws-sdk-go-v2/1.47 ua/2.1 os/linux lang/go": "",
		"curl/8.9": "",
		"":         "",
		strings.Repeat(" ", 1024) + "Mozilla/5.0 (X11; Linux) Chrome/1": "",
		"Chrome/125 <script>alert(1)</script> Windows NT 10.0":          "Chrome 125 / Windows 10",
	} {
		if got := useragent.Describe(header); got != want {
			t.Errorf("%q is %q, want %q", header, got, want)
		}
	}
}
