package credential

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"github.com/cenote-id/cenote/internal/account"
	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/sts"
	"github.com/cenote-id/cenote/internal/iampolicy"
)

const (
	defaultDuration = time.Hour
	chainedDuration = time.Hour // longest session of a role assumed by a role
)

// maxSessionPolicies bounds the plain text of all session policies, ARNs of
// managed ones included, in characters.
const maxSessionPolicies = 2048

// RoleRequest is what every way to a role has in common.
type RoleRequest struct {
	RoleARN     string
	SessionName string
	Duration    time.Duration // 0: one hour
	Policy      string        // inline session policy; empty for none
	PolicyARNs  []string      // managed session policies
	TokenSize   int64         // least length of the session token in characters; 0 for whatever it takes
}

// RoleCredentials are credentials of a role session.
type RoleCredentials struct {
	Credentials
	SessionARN     string
	SessionID      string // AROA…:name
	PackedPercent  *int64 // nil when the session has neither policies nor tags
	SourceIdentity string
}

// target is the role that a request is about.
type target struct {
	arn  string
	role *account.Principal // nil: there is no such role
}

// findRole checks a request, takes its role ARN apart and looks the role up. A
// well-formed ARN of a role that does not exist is no error: it is for the caller to refuse it
// as if the trust policy had.
func (s *Service) findRole(ctx context.Context, in *RoleRequest) (target, error) {
	if err := checkTokenSize(in.TokenSize); err != nil {
		return target{}, err
	}
	arn := in.RoleARN
	a, ok := awsapi.ParseARN(arn)
	path, isRole := strings.CutPrefix(a.Resource, "role/")
	name := path[strings.LastIndexByte(path, '/')+1:]
	if !ok || !isRole || name == "" || a.Partition != awsapi.Partition || a.Service != "iam" || a.Region != "" || !account.ValidID(a.Account) {
		return target{}, invalid(msgInvalidARN, arn)
	}
	role, err := s.cfg.Directory.Role(ctx, a.Account, name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return target{arn: arn}, nil
	case err != nil:
		return target{}, fmt.Errorf("load role: %w", err)
	case role.ARN() != arn:
		return target{arn: arn}, nil
	}
	return target{arn, role}, nil
}

// account returns the account of the role, whether or not the role exists.
func (t *target) account() string {
	a, _ := awsapi.ParseARN(t.arn)
	return a.Account
}

// duration checks how long a session may last. chained tells that a role
// session asks.
func (t *target) duration(asked time.Duration, chained bool) (time.Duration, error) {
	if asked == 0 {
		asked = defaultDuration
	}
	switch {
	case chained && asked > chainedDuration:
		return 0, invalid(msgChainedDuration)
	case asked > t.role.MaxSession:
		return 0, invalid(msgDurationExceeds)
	}
	return asked, nil
}

// sessionPolicies checks the session policies of a request and puts them into
// the session.
func (s *Service) sessionPolicies(ctx context.Context, account string, in *RoleRequest, session *awsapi.Session) error {
	length := len([]rune(in.Policy))
	for _, arn := range in.PolicyARNs {
		length += len(arn)
		if _, err := s.cfg.Directory.Policy(ctx, account, arn); errors.Is(err, fs.ErrNotExist) {
			return invalid(msgNoSuchPolicy, arn)
		} else if err != nil {
			return fmt.Errorf("load session policy %s: %w", arn, err)
		}
	}
	if length > maxSessionPolicies {
		return invalid("%s", msgPoliciesLength)
	}
	if in.Policy != "" {
		if _, err := iampolicy.Parse(in.Policy, iampolicy.Inline); err != nil {
			if bad, ok := errors.AsType[*iampolicy.Malformed](err); ok {
				return sts.MalformedPolicyDocumentException("%s", bad.Message)
			}
			return fmt.Errorf("session policy: %w", err)
		}
		session.Policies = []string{in.Policy}
	}
	session.PolicyARNs = in.PolicyARNs
	session.Restricted = len(session.Policies)+len(session.PolicyARNs) > 0
	return nil
}

// issue mints the credentials of a role session. The session has everything
// but its name and times.
func (s *Service) issue(t target, in *RoleRequest, session awsapi.Session, lasts time.Duration) (*RoleCredentials, error) {
	session.Name = in.SessionName
	session.IssuedAt = s.now()
	session.ExpiresAt = session.IssuedAt.Add(lasts)
	r := record{
		kind: awsapi.AssumedRole, account: t.role.Account,
		name: t.role.Name, path: t.role.Path, entityID: t.role.ID, session: session,
	}
	c, percent, err := mint(s.cfg.Ring, &r, in.TokenSize)
	if err != nil {
		return nil, err
	}
	who := r.caller()
	return &RoleCredentials{
		Credentials: c, SessionARN: who.ARN, SessionID: who.UserID,
		PackedPercent: percent, SourceIdentity: session.SourceIdentity,
	}, nil
}

// roleTags are the role's tags as condition keys of a trust policy. Tags that
// the calling session hands on stand in front of the role's own.
func roleTags(keys map[string][]string, role *account.Principal, inherited map[string]string) {
	put := func(key, value string) {
		keys["aws:ResourceTag/"+key] = []string{value}
		keys["iam:ResourceTag/"+key] = []string{value}
	}
	for _, tag := range role.Tags {
		value := tag.Value
		if v, ok := valueFold(inherited, tag.Key); ok {
			value = v
		}
		put(tag.Key, value)
	}
}
