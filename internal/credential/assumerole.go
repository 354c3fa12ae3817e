package credential

import (
	"context"

	"github.com/cenote-id/cenote/internal/account"
	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/iampolicy"
)

// Actions that a trust policy, and the caller's policies, must permit.
const (
	actionAssumeRole        = "sts:AssumeRole"
	actionWebIdentity       = "sts:AssumeRoleWithWebIdentity"
	actionSAML              = "sts:AssumeRoleWithSAML"
	actionTagSession        = "sts:TagSession"
	actionSetSourceIdentity = "sts:SetSourceIdentity"
)

// AssumeRoleRequest asks for a session of a role for the caller of the
// request in the context.
type AssumeRoleRequest struct {
	RoleRequest
	Tags              []Tag
	TransitiveTagKeys []string
	ExternalID        string
	SourceIdentity    string
	SerialNumber      string // of an MFA device
	TokenCode         string
	ContextProviders  []string // ARNs of who vouches for further context
}

// AssumeRole gives the caller a session of a role, if the role's trust policy
// and the caller's own policies permit it.
func (s *Service) AssumeRole(ctx context.Context, in AssumeRoleRequest) (*RoleCredentials, error) {
	caller := &awsapi.RequestFrom(ctx).Caller
	from := caller.Session
	if caller.Kind == awsapi.Root {
		return nil, awsapi.AccessDenied.New("%s", msgRootAssumes)
	}
	t, err := s.findRole(ctx, &in.RoleRequest)
	if err != nil {
		return nil, err
	}
	if caller.Kind != awsapi.User && caller.Kind != awsapi.AssumedRole {
		return nil, denied(caller.ARN, actionAssumeRole, t.arn)
	}
	// The trust policy may ask for the second factor. The session does not
	// remember it: aws:MultiFactorAuthPresent is false in role sessions on AWS.
	mfa, err := s.checkMFA(ctx, caller, in.SerialNumber, in.TokenCode)
	if err != nil {
		return nil, err
	}
	if len(in.ContextProviders) > 0 {
		return nil, invalidParameterValue.New(msgNoContextProvider, in.ContextProviders[0])
	}
	tags, err := newSessionTags(in.Tags, in.TransitiveTagKeys, from)
	if err != nil {
		return nil, err
	}
	identity, err := sourceIdentity(in.SourceIdentity, caller, t.arn)
	if err != nil {
		return nil, err
	}

	keys := map[string][]string{"sts:RoleSessionName": {in.SessionName}}
	if in.ExternalID != "" {
		keys["sts:ExternalId"] = []string{in.ExternalID}
	}
	actions := actionsOf(actionAssumeRole, tags, identity, keys)
	if t.role == nil {
		if err := s.cfg.Authorizer.NoRole(ctx, t.arn, account.TrustQuestion{Action: actionAssumeRole, Context: keys, MFA: mfa}); err != nil {
			return nil, err
		}
		return nil, denied(caller.ARN, actionAssumeRole, t.arn)
	}
	roleTags(keys, t.role, tags.inherited)
	for _, action := range actions {
		d, err := s.cfg.Authorizer.MayAssume(ctx, account.TrustQuestion{Role: t.role, Action: action, Context: keys, MFA: mfa})
		if err != nil {
			return nil, err
		}
		if d.Outcome != iampolicy.Allowed {
			return nil, denied(caller.ARN, action, t.arn)
		}
	}

	chained := caller.Kind == awsapi.AssumedRole
	lasts, err := t.duration(in.Duration, chained)
	if err != nil {
		return nil, err
	}
	session := awsapi.Session{SourceIdentity: identity}
	if chained {
		session.ChainDepth = from.ChainDepth + 1
	}
	if err := s.sessionPolicies(ctx, t.role.Account, &in.RoleRequest, &session); err != nil {
		return nil, err
	}
	tags.addTo(&session)
	return s.issue(t, &in.RoleRequest, session, lasts)
}

// actionsOf lists what must be permitted for a session with these tags and
// this source identity, and completes the condition keys.
func actionsOf(first string, tags *sessionTags, identity string, keys map[string][]string) []string {
	actions := []string{first}
	if tags.any() {
		actions = append(actions, actionTagSession)
	}
	tags.addKeys(keys)
	if identity != "" {
		actions = append(actions, actionSetSourceIdentity)
		keys["sts:SourceIdentity"] = []string{identity}
	}
	return actions
}

// sourceIdentity returns the source identity of the session to be. Once set
// it goes from session to session and cannot change.
func sourceIdentity(asked string, caller *awsapi.Caller, role string) (string, error) {
	if caller.Session == nil || caller.Session.SourceIdentity == "" {
		return asked, nil
	}
	if set := caller.Session.SourceIdentity; asked == "" || asked == set {
		return set, nil
	}
	return "", denied(caller.ARN, actionSetSourceIdentity, role)
}
