package authorize

import (
	"github.com/cenote-id/cenote/cenoteauth"
	"github.com/cenote-id/cenote/internal/awsapi/sigv4"
	"github.com/cenote-id/cenote/internal/iampolicy"
)

// Condition keys that sessions of identity pools carry.
const (
	keyIdentity = iampolicy.CognitoProvider + ":sub"
	keyPool     = iampolicy.CognitoProvider + ":aud"
	keyAMR      = iampolicy.CognitoProvider + ":amr"
)

// describe tells a service who signed a request.
func describe(who *sigv4.Result) *cenoteauth.Caller {
	c := &who.Caller
	out := &cenoteauth.Caller{
		Type: cenoteauth.CallerType(c.Kind), Account: c.Account, ARN: c.ARN, PrincipalARN: c.PrincipalARN,
		UserID: c.UserID, Name: c.Name, AccessKeyID: who.AccessKeyID, Unverified: !who.Verified,
	}
	s := c.Session
	if s == nil {
		return out
	}
	out.SessionName, out.SessionTags, out.SourceIdentity = s.Name, s.Tags, s.SourceIdentity
	out.FederatedProvider, out.Federation, out.MFA = s.FederatedProvider, s.Context, s.MFAAuthenticated
	expires := s.ExpiresAt
	out.ExpiresAt = &expires
	id, pool := s.Context[keyIdentity], s.Context[keyPool]
	if s.FederatedProvider == iampolicy.CognitoProvider && len(id) == 1 && len(pool) == 1 {
		out.Identity = &cenoteauth.Identity{ID: id[0], PoolID: pool[0], AMR: s.Context[keyAMR]}
	}
	return out
}
