package account

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"github.com/cenote-id/cenote/internal/awsapi"
)

// Hypothetical is a question that no request asks.
type Hypothetical struct {
	Caller   awsapi.Caller // see Service.CallerOf
	Action   string        // such as "s3:GetObject"
	Resource string        // an ARN, or "*"
	// ResourceTags are the tags that the resource has.
	ResourceTags map[string]string
	// Context holds condition keys, which count before those that the caller
	// and the resource have.
	Context map[string][]string
	Time    time.Time
}

// known are the condition keys that the resource has.
func (h *Hypothetical) known(service string) map[string][]string {
	keys := make(map[string][]string, 2*len(h.ResourceTags))
	for key, value := range h.ResourceTags {
		keys["aws:ResourceTag/"+key] = []string{value}
		if service == "iam" {
			keys["iam:ResourceTag/"+key] = []string{value}
		}
	}
	return keys
}

// roleActions are the actions on a role that its trust policy decides about.
var roleActions = []string{"sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"}

// Ask answers a hypothetical question as a request of the caller would be
// answered, and leaves no trace of it. The address, region and user agent of
// a request are unknown unless Context has them.
func (a *Authorizer) Ask(ctx context.Context, h Hypothetical) (Decision, error) {
	r := &awsapi.Request{Time: h.Time, Caller: h.Caller, Region: firstFold(h.Context, "aws:requestedregion")}
	account := h.Caller.Account
	arn, ok := awsapi.ParseARN(h.Resource)
	if ok && ValidID(arn.Account) {
		account = arn.Account
	}
	if path, isRole := strings.CutPrefix(arn.Resource, "role/"); isRole && arn.Service == "iam" && containsFold(roleActions, h.Action) {
		role, err := a.directory.Role(ctx, account, path[strings.LastIndexByte(path, '/')+1:])
		if err == nil && role.ARN() == h.Resource {
			rec, err := a.askRole(ctx, r, &TrustQuestion{Role: role, Action: h.Action, Context: h.known(arn.Service)}, h.Context)
			if err != nil {
				return Decision{}, err
			}
			return rec.explain(), nil
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return Decision{}, fmt.Errorf("load role: %w", err)
		}
	}
	who, err := a.policiesOf(ctx, &h.Caller)
	if err != nil {
		return Decision{}, err
	}
	rec := a.evaluate(r, who, &awsapi.Access{Action: h.Action, Resource: h.Resource, Context: h.known(arn.Service)}, h.Context)
	return rec.explain(), nil
}

func containsFold(list []string, text string) bool {
	for _, s := range list {
		if strings.EqualFold(s, text) {
			return true
		}
	}
	return false
}

func firstFold(m map[string][]string, name string) string {
	if v, ok := lookupFold(m, name); ok && len(v) > 0 {
		return v[0]
	}
	return ""
}

// ErrPrincipal says that an ARN names nobody who could ask for something.
var ErrPrincipal = errors.New("no such principal")

// CallerOf returns the caller that an ARN names: a root user (by account id,
// too), a user, or a role with or without the name of a session. A session
// that an ARN names has no policies and tags of its own here.
func (s *Service) CallerOf(ctx context.Context, name string) (awsapi.Caller, error) {
	if ValidID(name) {
		return RootCaller(name, ""), nil
	}
	arn, ok := awsapi.ParseARN(name)
	kind, path, _ := strings.Cut(arn.Resource, "/")
	if !ok || !ValidID(arn.Account) {
		return awsapi.Caller{}, fmt.Errorf("%s: %w", name, ErrPrincipal)
	}
	last := path[strings.LastIndexByte(path, '/')+1:]
	switch {
	case arn.Service == "iam" && arn.Resource == "root":
		return RootCaller(arn.Account, ""), nil
	case arn.Service == "iam" && kind == string(UserKind):
		u, err := s.stores.Users.ByName(ctx, arn.Account, last)
		if err != nil || u.ARN() != name {
			return awsapi.Caller{}, nobody(name, err)
		}
		k := Key{Account: u.Account, UserID: u.ID, UserName: u.Name, UserPath: u.Path}
		return k.Caller(), nil
	case arn.Service == "iam" && kind == string(RoleKind):
		r, err := s.stores.Roles.ByName(ctx, arn.Account, last)
		if err != nil || r.ARN() != name {
			return awsapi.Caller{}, nobody(name, err)
		}
		return s.sessionOf(r, hypotheticalSession), nil
	case arn.Service == "sts" && kind == "assumed-role":
		role, session, _ := strings.Cut(path, "/")
		r, err := s.stores.Roles.ByName(ctx, arn.Account, role)
		if err != nil || r.Name != role || session == "" {
			return awsapi.Caller{}, nobody(name, err)
		}
		return s.sessionOf(r, session), nil
	}
	return awsapi.Caller{}, fmt.Errorf("%s: %w", name, ErrPrincipal)
}

// hypotheticalSession is the session that stands for a role as a whole.
const hypotheticalSession = "hypothetical"

func (s *Service) sessionOf(r *Role, session string) awsapi.Caller {
	return awsapi.Caller{
		Kind: awsapi.AssumedRole, Account: r.Account, ARN: awsapi.STSARN(r.Account, "assumed-role/"+r.Name+"/"+session),
		PrincipalARN: r.ARN(), UserID: r.ID + ":" + session, Name: r.Name, EntityID: r.ID,
		Session: &awsapi.Session{Name: session, IssuedAt: s.now(), ExpiresAt: s.now().Add(r.MaxSession)},
	}
}

func nobody(name string, err error) error {
	if err == nil || errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s: %w", name, ErrPrincipal)
	}
	return err
}
