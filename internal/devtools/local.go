package devtools

import (
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// LocalOnly keeps web pages of strangers away from a development server, where
// any access key is root. Their scripts run on the developer's machine and so
// reach what only listens on loopback. Three things give them away:
//
//   - the Host that they ask for: a name of theirs that they made point here
//     (DNS rebinding). Names that nobody can register are let in, addresses,
//     those of the AWS services, and publicHost;
//   - the Origin: a page may ask if it is of this machine, of the very host
//     that it asks, of a host that nobody can register, or of publicHost;
//   - Sec-Fetch-Site, where there is no Origin: links, images and the like on
//     pages of other sites.
//
// Programs send neither Origin nor Sec-Fetch-Site and pass.
func LocalOnly(publicHost string, next http.Handler) http.Handler {
	return local("a development server", publicHost, next)
}

// OnLoopback is LocalOnly for the address of operators, where that is of this
// machine alone: the browsers of its users reach it, and it asks nobody who
// they are. What comes in from a network is for the network to admit.
func OnLoopback(publicHost string, next http.Handler) http.Handler {
	guarded := local("the address of operators", publicHost, next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if at, ok := r.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr); ok && at.IP.IsLoopback() {
			guarded.ServeHTTP(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// local is LocalOnly for what refusals name.
func local(what, publicHost string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host := hostname(r.Host)
		switch {
		case !ours(host) && !strings.EqualFold(host, publicHost):
			refuse(w, what+" does not answer to the name "+strings.ToValidUTF8(clip(host), "?")+
				"; set --public-url to the URL that clients use")
		case !fromHere(r, host, publicHost):
			refuse(w, what+" answers local pages only")
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// refuse answers in a form that AWS clients show to people.
func refuse(w http.ResponseWriter, why string) {
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	w.WriteHeader(http.StatusForbidden)
	_, _ = w.Write([]byte(`{"__type":"AccessDeniedException","message":"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(why) + "\"}\n"))
}

func clip(s string) string { return s[:min(len(s), 255)] }

// hostname is a Host header without port and brackets.
func hostname(host string) string {
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	return strings.TrimSuffix(strings.Trim(host, "[]"), ".")
}

// private are the ends of names that the DNS of the Internet never answers
// for (RFC 6761, 6762, 8375; ICANN for internal), or that clusters use.
var private = []string{".localhost", ".local", ".internal", ".test", ".home.arpa", ".svc"}

// ours reports whether a server may be asked for by that name: a stranger
// cannot make it point here, or need not, because it is an address.
func ours(host string) bool {
	_, err := netip.ParseAddr(host)
	return err == nil || unregistrable(host) || awsName(host)
}

func unregistrable(host string) bool {
	host = strings.ToLower(host)
	return host != "" && !strings.Contains(host, ".") ||
		slices.ContainsFunc(private, func(end string) bool { return strings.HasSuffix(host, end) })
}

// awsName reports whether a name is that of a service, which developers may
// have pointed here.
func awsName(host string) bool {
	first, _, _ := strings.Cut(host, ".")
	return strings.HasSuffix(host, ".amazonaws.com") &&
		slices.Contains([]string{"cognito-idp", "cognito-identity", "sts", "iam"}, first)
}

// fromHere reports whether a request is a program's, or that of a page which
// may ask.
func fromHere(r *http.Request, host, publicHost string) bool {
	origins := r.Header.Values("Origin")
	if len(origins) == 0 {
		return r.Header.Get("Sec-Fetch-Site") != "cross-site"
	}
	page, err := url.Parse(origins[0])
	if err != nil || len(origins) > 1 {
		return false
	}
	name := page.Hostname()
	if name == "localhost" {
		return true // of any scheme: shells around web views have their own
	}
	if page.Scheme != "http" && page.Scheme != "https" || name == "" {
		return false
	}
	if a, err := netip.ParseAddr(name); err == nil {
		return a.IsLoopback() || name == host
	}
	return unregistrable(name) || strings.EqualFold(name, publicHost)
}
