package account

import (
	"strconv"
	"strings"
	"time"

	"github.com/cenote-id/cenote/internal/awsapi"
)

// conditionKeys answers for the condition keys of one authorization, from the
// request, the caller and the door. Values are made only when a policy asks.
type conditionKeys struct {
	request   *awsapi.Request
	principal *Principal // nil: root, or no IAM entity stands behind the caller
	account   string     // that owns the resource
	context   map[string][]string
	given     map[string][]string // stand in front of all others; an operator asks "what if"
	mfa       bool                // the request proves a second factor, whatever the session says
}

const (
	tagOfPrincipal = "aws:principaltag/"
	isoSeconds     = "2006-01-02T15:04:05Z"
	globalRegion   = "us-east-1" // aws:RequestedRegion of global services
)

// Lookup implements iampolicy.Keys. What the request and the caller have comes
// first, so that nothing in a token can stand in for it.
func (k *conditionKeys) Lookup(name string) ([]string, bool) {
	if v, ok := lookupFold(k.given, name); ok {
		return v, true
	}
	if rest, ok := strings.CutPrefix(name, "aws:"); ok {
		if key, ok := strings.CutPrefix(name, tagOfPrincipal); ok {
			if v, ok := k.principalTag(key); ok {
				return v, true
			}
		} else if v := k.global(rest); v != "" {
			return []string{v}, true
		}
	}
	if s := k.request.Caller.Session; s != nil {
		if v, ok := lookupFold(s.Context, name); ok {
			return v, true
		}
	}
	return lookupFold(k.context, name)
}

// lookupFold finds a key in a small map without regard to case.
func lookupFold(m map[string][]string, name string) ([]string, bool) {
	for k, v := range m {
		if strings.EqualFold(k, name) {
			return v, true
		}
	}
	return nil, false
}

// global returns the value of a global key without its "aws:", empty if the
// request has none.
func (k *conditionKeys) global(name string) string {
	r := k.request
	switch name {
	case "principalarn":
		return r.Caller.PrincipalARN
	case "principalaccount":
		return r.Caller.Account
	case "principaltype":
		return string(r.Caller.Kind)
	case "principalisawsservice", "viaawsservice":
		return "false"
	case "userid":
		return r.Caller.UserID
	case "username":
		if r.Caller.Kind == awsapi.User {
			return r.Caller.Name
		}
	case "resourceaccount":
		return k.account
	case "currenttime":
		return r.Time.UTC().Format(isoSeconds)
	case "epochtime":
		return strconv.FormatInt(r.Time.Unix(), 10)
	case "securetransport":
		return strconv.FormatBool(r.Secure)
	case "sourceip":
		if r.SourceIP.IsValid() {
			return r.SourceIP.Unmap().String()
		}
	case "useragent":
		return r.UserAgent
	case "referer":
		return r.Referer
	case "multifactorauthpresent":
		if k.mfa {
			return "true"
		}
		return k.ofSession(name)
	case "multifactorauthage":
		if k.mfa {
			return "0"
		}
		return k.ofSession(name)
	case "requestedregion":
		if r.Operation != nil && r.Operation.Service.Global {
			return globalRegion
		}
		return r.Region
	default:
		return k.ofSession(name)
	}
	return ""
}

func (k *conditionKeys) ofSession(name string) string {
	if s := k.request.Caller.Session; s != nil {
		return sessionKey(s, name, k.request.Time)
	}
	return ""
}

// sessionKey returns the keys that only temporary credentials have.
func sessionKey(s *awsapi.Session, name string, now time.Time) string {
	switch name {
	case "tokenissuetime":
		return s.IssuedAt.UTC().Format(isoSeconds)
	case "multifactorauthpresent":
		return strconv.FormatBool(s.MFAAuthenticated)
	case "multifactorauthage":
		if s.MFAAuthenticated && !s.MFAAt.IsZero() {
			return strconv.FormatInt(int64(now.Sub(s.MFAAt)/time.Second), 10)
		}
	case "federatedprovider":
		return s.FederatedProvider
	case "sourceidentity":
		return s.SourceIdentity
	}
	return ""
}

// principalTag returns a tag of the caller: the session's, else the user's or
// role's. A tag may be empty and is there all the same.
func (k *conditionKeys) principalTag(key string) ([]string, bool) {
	if s := k.request.Caller.Session; s != nil {
		for name, value := range s.Tags {
			if strings.EqualFold(name, key) {
				return []string{value}, true
			}
		}
	}
	if k.principal != nil {
		for _, t := range k.principal.Tags {
			if strings.EqualFold(t.Key, key) {
				return []string{t.Value}, true
			}
		}
	}
	return nil, false
}
