package app

import (
	"cmp"
	"fmt"
	"io"
	"net"
	"time"

	"github.com/cenote-id/cenote/internal/config"
)

// banner tells a person what is where, and what to do next.
func banner(w io.Writer, o *Options, url string, took time.Duration) {
	where := "data in " + o.Settings.Data
	switch {
	case o.Settings.Database != "":
		where = "data in PostgreSQL"
	case o.Settings.Data == config.InMemory:
		where = "data in memory, gone at the end"
	}
	if o.Mode == config.Serve {
		fmt.Fprintf(w, "cenote %s  %s\n  API        %s  (cognito-idp, cognito-identity, sts, iam)\nready in %d ms\n", o.Version, where, url, took.Milliseconds())
		return
	}
	fmt.Fprintf(w, `cenote %s  development mode — %s, %s
  API        %s  (cognito-idp, cognito-identity, sts, iam)
  Outbox     %s/_cenote/outbox
  Issuer     %s/<user pool id>
  Account    %s  (any access key; a 12-digit one names another account)
%s
  eval "$(%s env%s)"   # sets AWS_ENDPOINT_URL, AWS_REGION, AWS_ACCESS_KEY_ID, …
ready in %d ms
`, o.Version, where, messages(&o.Settings), url, url, url, o.DevAccount, openTo(o.Settings.Listen), cmp.Or(o.Command, "cenote"), envFlag(url), took.Milliseconds())
}

// messages tells where messages go.
func messages(s *config.Server) string {
	switch {
	case s.SMTP != "" && s.SMSWebhook != "":
		return "messages are sent"
	case s.SMTP != "":
		return "e-mails are sent, text messages go to the outbox"
	case s.SMSWebhook != "":
		return "text messages are sent, e-mails go to the outbox"
	}
	return "messages go to the outbox"
}

// envFlag is what `cenote env` needs to find this server.
func envFlag(url string) string {
	if url == "http://"+config.DevListen {
		return ""
	}
	return " --url " + url
}

// openTo warns when more than this machine can reach a development server: to
// whoever does it is root.
func openTo(listen string) string {
	host, _, _ := net.SplitHostPort(listen)
	if ip := net.ParseIP(host); host == "localhost" || ip != nil && ip.IsLoopback() {
		return ""
	}
	return "  Open to    everybody who can reach " + listen + ": each of them is root. Use cenote serve for anything but development.\n"
}
