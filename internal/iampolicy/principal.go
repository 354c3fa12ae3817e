package iampolicy

import "strings"

// Principal is who asks.
type Principal struct {
	Account   string // 12 digits; empty for anonymous and web-identity callers
	ARN       string // user ARN, session ARN of a role or federated user, or root ARN
	RoleARN   string // of a role session: the role's own ARN, with its path
	UserARN   string // of a federated-user session: the user who asked for it
	ID        string // AIDA… or AROA… of the user or role; empty for others
	Federated string // of a web-identity or SAML caller: the provider's name or ARN
	Service   string // of a service: its principal, such as "email.cognito-idp.amazonaws.com"
	Root      bool   // the account's root user
}

// anonymous reports that nobody signed the request.
func (p *Principal) anonymous() bool {
	return p.Account == "" && p.Federated == "" && p.Service == ""
}

// PrincipalType is a member name of a Principal element.
type PrincipalType string

// Types of principal.
const (
	AWSPrincipal       PrincipalType = "AWS"
	FederatedPrincipal PrincipalType = "Federated"
	ServicePrincipal   PrincipalType = "Service"
	CanonicalPrincipal PrincipalType = "CanonicalUser"
)

// PrincipalForm is what the text of an AWS principal names.
type PrincipalForm uint8

// Forms of an AWS principal.
const (
	BadForm       PrincipalForm = iota // nothing that IAM knows
	Everyone                           // "*"
	WholeAccount                       // 12 digits or the root ARN
	UserForm                           // arn:aws:iam::A:user/path/name
	RoleForm                           // arn:aws:iam::A:role/path/name
	SessionForm                        // arn:aws:sts::A:assumed-role/name/session
	FederatedForm                      // arn:aws:sts::A:federated-user/name
	UniqueID                           // AIDA… or AROA…, what a deleted entity leaves behind
)

// PrincipalRef is one entry of a Principal element as it is written.
type PrincipalRef struct {
	Type       PrincipalType
	Value      string
	Form       PrincipalForm // AWS principals only
	Account    string        // of the account, user, role or session named
	Name       string        // user or role name without path, or the federated user's
	Session    string        // session name
	start, end int           // of the JSON string in the document
}

// readPrincipal takes an AWS principal's text apart.
func readPrincipal(t PrincipalType, text string) PrincipalRef {
	r := PrincipalRef{Type: t, Value: text}
	if t != AWSPrincipal {
		return r
	}
	a := cutARN(text)
	kind, rest, _ := strings.Cut(a.segments[5], "/")
	switch {
	case text == "*":
		r.Form = Everyone
	case isAccount(text):
		r.Form, r.Account = WholeAccount, text
	case len(text) == 21 && (strings.HasPrefix(text, "AIDA") || strings.HasPrefix(text, "AROA")):
		r.Form = UniqueID
	case !a.ok || a.segments[0] != "arn" || a.segments[1] != "aws" || a.segments[3] != "" || !isAccount(a.segments[4]):
	case a.segments[2] == "iam" && a.segments[5] == "root":
		r.Form, r.Account = WholeAccount, a.segments[4]
	case a.segments[2] == "iam" && (kind == "user" || kind == "role"):
		name := rest[strings.LastIndexByte(rest, '/')+1:]
		if name == "" {
			break
		}
		r.Form, r.Account, r.Name = UserForm, a.segments[4], name
		if kind == "role" {
			r.Form = RoleForm
		}
	case a.segments[2] == "sts" && kind == "assumed-role":
		name, session, _ := strings.Cut(rest, "/")
		if name != "" && session != "" && !strings.Contains(session, "/") {
			r.Form, r.Account, r.Name, r.Session = SessionForm, a.segments[4], name, session
		}
	case a.segments[2] == "sts" && kind == "federated-user" && rest != "":
		r.Form, r.Account, r.Name = FederatedForm, a.segments[4], rest
	}
	return r
}

func isAccount(s string) bool {
	return len(s) == 12 && strings.Trim(s, "0123456789") == ""
}

// grant says how closely a resource policy names a principal. The closer,
// the less the principal's own policies matter (IAM user guide, "policy
// evaluation logic", table of principals in the same account).
type grant uint8

const (
	namesAccount  grant = 1 << iota // the account may delegate to its principals
	namesUser                       // a user
	namesRole                       // a role, all of its sessions
	namesSession                    // one session of a role or federated user
	namesIssuer                     // the user behind a federated-user session
	namesEveryone                   // "*"
	namesOutside                    // a service or identity provider
)

// entry is one compiled principal. id, where known, is the unique id that the
// named user or role had when the policy was written.
type entry struct {
	PrincipalRef
	id string
}

// grants returns how the entry names p, or 0 if it does not.
func (e *entry) grants(p *Principal) grant {
	switch {
	case e.Type == ServicePrincipal && e.Value != "" && e.Value == p.Service,
		e.Type == FederatedPrincipal && e.Value != "" && e.Value == p.Federated:
		return namesOutside
	case e.Type != AWSPrincipal:
		return 0
	case e.Form == Everyone && (p.Account != "" || p.anonymous()):
		return namesEveryone
	case e.Form == WholeAccount && e.Account == p.Account:
		return namesAccount
	case e.Form == UniqueID:
		return e.byID(p, e.Value)
	case e.id != "" && e.id != p.ID:
		return 0
	}
	switch {
	case e.Form == UserForm && p.UserARN != "":
		// The id is the user's own, the session is not: its bounds hold.
		if e.same(p.UserARN) {
			return namesIssuer
		}
	case e.Form == UserForm && e.same(p.ARN):
		return namesUser
	case e.Form == RoleForm && e.same(p.RoleARN):
		return namesRole
	case (e.Form == SessionForm || e.Form == FederatedForm) && e.Value == p.ARN:
		return namesSession
	}
	return 0
}

// same compares an ARN with the entry's. A bound entry has been compared by
// id already, which survives a new name or path.
func (e *entry) same(arn string) bool {
	return arn != "" && (e.id != "" || e.Value == arn)
}

func (e *entry) byID(p *Principal, id string) grant {
	switch {
	case id != p.ID:
		return 0
	case p.RoleARN != "":
		return namesRole
	case p.UserARN != "":
		return namesIssuer
	}
	return namesUser
}

// principals is a compiled Principal or NotPrincipal element.
type principals struct {
	entries []entry
	not     bool
	present bool
}

// grants returns every way in which the element covers p; 0 is none.
// bounded tells that p has a permissions boundary.
func (e *principals) grants(p *Principal, deny, bounded bool) grant {
	if !e.present {
		return 0
	}
	var named grant
	for i := range e.entries {
		named |= e.entries[i].grants(p)
	}
	if !e.not {
		return named
	}
	switch {
	case !deny && named != 0:
		return 0
	case deny && !bounded && named&namesEveryone != 0:
		return 0
	case deny && !bounded && e.exempts(named, p):
		return 0
	}
	return namesEveryone
}

// exempts reports whether a Deny with NotPrincipal spares p: it must list
// every name that p goes by, the account included. (That it never spares a
// principal with a permissions boundary is an observed quirk of AWS.)
func (e *principals) exempts(named grant, p *Principal) bool {
	switch {
	case p.Federated != "" || p.Service != "":
		return named&namesOutside != 0
	case p.RoleARN != "":
		return named&(namesAccount|namesRole|namesSession) == namesAccount|namesRole|namesSession
	case p.UserARN != "":
		return named&(namesAccount|namesSession) == namesAccount|namesSession
	case p.Root:
		return named&namesAccount != 0
	}
	return named&(namesAccount|namesUser) == namesAccount|namesUser
}
