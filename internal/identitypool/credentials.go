package identitypool

import (
	"context"
	"time"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/cognitoidentity"
)

// What GetCredentialsForIdentity asks STS for.
const (
	sessionName     = "CognitoIdentityCredentials"
	sessionDuration = time.Hour
)

// CredentialsRequest is a call of GetCredentialsForIdentity.
type CredentialsRequest struct {
	Region     string // where the call arrived
	IdentityID string
	Logins     map[string]string
	CustomRole string // role ARN; empty for not sent
}

// GetCredentials returns temporary keys for an identity, and the id of the
// identity that the logins led to, which may be another one after a merge.
func (s *Service) GetCredentials(ctx context.Context, r CredentialsRequest) (identityID string, c *Credentials, err error) {
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
	grant := Grant{
		RoleARN: role, SessionName: sessionName, Duration: sessionDuration,
		PoolID: p.ID, IdentityID: e.identity.ID, AMR: e.amr(), Tags: e.tags(),
	}
	if len(e.proofs) == 0 {
		grant.Policies, grant.PolicyARNs = s.Guests.sessionPolicies()
	}
	c, err = s.Grantor.AssumeForIdentity(ctx, grant)
	if refusal, ok := awsapi.AsError(err); ok {
		return "", nil, cognitoidentity.InvalidIdentityPoolConfigurationException(textInvalidPool).WithCause(refusal)
	}
	if err != nil {
		return "", nil, err
	}
	return e.identity.ID, c, nil
}
