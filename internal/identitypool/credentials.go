package identitypool

import (
	"context"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"time"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/cognitoidentity"
	"github.com/cenote-id/cenote/internal/credential"
	"github.com/cenote-id/cenote/internal/iampolicy"
)

// What GetCredentialsForIdentity asks STS for.
const (
	sessionName     = "CognitoIdentityCredentials"
	sessionDuration = time.Hour
)

// packedTooLarge is the one refusal of STS whose own sentence reaches the
// client (seen in reports of users with long session tags).
const packedTooLarge = "PackedPolicyTooLargeException"

// CredentialsRequest is a call of GetCredentialsForIdentity.
type CredentialsRequest struct {
	Region     string // where the call arrived
	IdentityID string
	Logins     map[string]string
	CustomRole string // role ARN; empty for not sent
}

// GetCredentials returns temporary keys for an identity, and the id of the
// identity that the logins led to, which may be another one after a merge.
func (s *Service) GetCredentials(ctx context.Context, r CredentialsRequest) (identityID string, c *credential.Credentials, err error) {
	named, p, err := s.identity(ctx, r.Region, r.IdentityID)
	if err != nil {
		return "", nil, err
	}
	e, err := s.enter(ctx, p, named, r.Logins)
	if err != nil {
		return "", nil, err
	}
	role, err := e.role(r.CustomRole)
	if err != nil {
		return "", nil, err
	}
	// The enhanced flow uses roles of the pool's own account only.
	if _, ok := roleOf(p.Account, role); !ok {
		return "", nil, cognitoidentity.InvalidIdentityPoolConfigurationException(textInvalidPool)
	}
	in := credential.RoleRequest{RoleARN: role, SessionName: sessionName, Duration: sessionDuration}
	if len(e.proofs) == 0 {
		in.Policy, in.PolicyARNs = s.guestPolicy, s.Guests.PolicyARNs
	}
	granted, err := s.Grantor.AssumeRoleFor(inward(ctx), e.assertion(), in)
	if refusal, ok := awsapi.AsError(err); ok {
		text := textInvalidPool
		if refusal.Shape.Name == packedTooLarge {
			text = refusal.Message
		}
		return "", nil, cognitoidentity.InvalidIdentityPoolConfigurationException("%s", text).WithCause(refusal)
	}
	if err != nil {
		return "", nil, fmt.Errorf("assume %s: %w", role, err)
	}
	return e.identity.ID, &granted.Credentials, nil
}

// inward is the request that the service itself makes to STS: it comes from
// nobody's network, so that a trust policy's aws:SourceIp speaks of the service
// and never of the app (developer guide, "Identity pools and PrivateLink").
func inward(ctx context.Context) context.Context {
	r := *awsapi.RequestFrom(ctx)
	r.Caller = awsapi.Caller{Kind: awsapi.Anonymous}
	r.SourceIP, r.UserAgent, r.Referer = netip.Addr{}, ownProvider, ""
	return awsapi.WithRequest(ctx, &r)
}

// assertion tells STS who came in, as an identity token would.
func (e *entry) assertion() credential.Assertion {
	a := credential.Assertion{
		Provider: iampolicy.CognitoProvider, Prefix: iampolicy.CognitoProvider,
		Subject: e.identity.ID, Audience: e.pool.ID, AMR: e.amr(),
	}
	tags := e.tags()
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		a.Tags = append(a.Tags, credential.Tag{Key: key, Value: tags[key]})
	}
	return a
}
