package credential

import (
	"context"
	"time"

	"github.com/cenote-id/cenote/internal/awsapi"
)

// FederationRequest asks for credentials of a federated user: somebody known
// only to the user who asks, with part of that user's permissions.
type FederationRequest struct {
	Name       string
	Duration   time.Duration // 0: twelve hours
	Policy     string        // inline session policy; empty for none
	PolicyARNs []string      // managed session policies
	Tags       []Tag
	TokenSize  int64 // least length of the session token in characters; 0 for whatever it takes
}

// FederatedCredentials are credentials of a federated user.
type FederatedCredentials struct {
	Credentials
	ARN           string
	ID            string // account and name
	PackedPercent int64
}

// FederatedUserARN names a federated user of an account.
func FederatedUserARN(account, name string) string {
	return awsapi.STSARN(account, "federated-user/"+name)
}

// CheckFederationCaller refuses callers who have temporary credentials
// themselves. It comes before the question of permission.
func CheckFederationCaller(caller *awsapi.Caller) error {
	if caller.Session != nil {
		return awsapi.AccessDenied.New("%s", msgSessionCallsFederationToken)
	}
	return nil
}

// GetFederationToken gives credentials to a federated user. What the session
// may do is what the user's policies and the session policies both allow;
// without session policies that is nothing. The caller's permission to ask has
// been checked.
func (s *Service) GetFederationToken(ctx context.Context, in FederationRequest) (*FederatedCredentials, error) {
	caller := &awsapi.RequestFrom(ctx).Caller
	if err := CheckFederationCaller(caller); err != nil {
		return nil, err
	}
	if err := checkTokenSize(in.TokenSize); err != nil {
		return nil, err
	}
	tags, err := newSessionTags(in.Tags, nil, nil)
	if err != nil {
		return nil, err
	}
	r := record{kind: awsapi.FederatedUser, account: caller.Account, name: in.Name, entityID: caller.EntityID}
	policies := RoleRequest{Policy: in.Policy, PolicyARNs: in.PolicyARNs}
	if err := s.sessionPolicies(ctx, caller.Account, &policies, &r.session); err != nil {
		return nil, err
	}
	r.session.Restricted = true
	tags.addTo(&r.session)
	r.session.IssuedAt = s.now()
	r.session.ExpiresAt = r.session.IssuedAt.Add(ownDuration(caller, in.Duration))
	c, percent, err := mint(s.cfg.Ring, &r, in.TokenSize)
	if err != nil {
		return nil, err
	}
	who := r.caller()
	return &FederatedCredentials{Credentials: c, ARN: who.ARN, ID: who.UserID, PackedPercent: awsapi.Value(percent)}, nil
}
