package api

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// maxHops bounds how far back X-Forwarded-For is followed.
const maxHops = 16

// Source tells where a request comes from and whether it came over TLS.
// X-Forwarded-For is read from the right, through trusted proxies only: what
// stands left of the first address that is not trusted may be invented.
func Source(r *http.Request, trusted []netip.Prefix) (addr netip.Addr, secure bool) {
	addr = remote(r)
	secure = r.TLS != nil
	if !isTrusted(trusted, addr) {
		return addr, secure
	}
	if proto := r.Header.Values("X-Forwarded-Proto"); len(proto) > 0 {
		last := proto[len(proto)-1]
		secure = strings.EqualFold(strings.TrimSpace(last[strings.LastIndexByte(last, ',')+1:]), "https")
	}
	hops := 0
	for _, line := range slices.Backward(r.Header.Values("X-Forwarded-For")) {
		for line != "" {
			i := strings.LastIndexByte(line, ',')
			hop, ok := parseHop(strings.TrimSpace(line[i+1:]))
			if hops++; !ok || hops > maxHops {
				return addr, secure
			}
			addr = hop
			if !isTrusted(trusted, addr) {
				return addr, secure
			}
			line = line[:max(i, 0)]
		}
	}
	return addr, secure
}

func remote(r *http.Request) netip.Addr {
	ap, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	return ap.Addr().Unmap().WithZone("")
}

// parseHop reads an entry of X-Forwarded-For, which some proxies write with a
// port.
func parseHop(s string) (netip.Addr, bool) {
	if a, err := netip.ParseAddr(s); err == nil {
		return a.Unmap().WithZone(""), true
	}
	if ap, err := netip.ParseAddrPort(s); err == nil {
		return ap.Addr().Unmap().WithZone(""), true
	}
	return netip.Addr{}, false
}

func isTrusted(trusted []netip.Prefix, a netip.Addr) bool {
	return slices.ContainsFunc(trusted, func(p netip.Prefix) bool { return p.Contains(a) })
}

// LimitKey is what the limit by address counts: a whole /64 for IPv6, since
// one customer has that many addresses.
func LimitKey(a netip.Addr) netip.Addr {
	if !a.Is6() {
		return a
	}
	p, err := a.Prefix(64)
	if err != nil {
		return a
	}
	return p.Addr()
}

// hostRegion reads the region from a host name of the form service.region.…,
// such as cognito-idp.us-west-2.amazonaws.com; "" when it tells none.
func hostRegion(host string) string {
	first, rest, _ := strings.Cut(host, ".")
	first = strings.TrimSuffix(first, "-fips")
	for _, s := range services {
		if s.Name == first {
			region, _, more := strings.Cut(rest, ".")
			if more {
				return region
			}
		}
	}
	return ""
}
