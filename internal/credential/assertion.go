package credential

import (
	"context"
	"slices"
	"time"

	"github.com/cenote-id/cenote/internal/account"
	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/sts"
	"github.com/cenote-id/cenote/internal/iampolicy"
	"github.com/cenote-id/cenote/internal/issuer"
)

// Assertion is what an identity provider says about somebody. It has been
// verified: a token by AssumeRoleWithWebIdentity, an identity by the identity
// pool that it belongs to.
type Assertion struct {
	// Provider is the principal of trust policies: iampolicy.CognitoProvider
	// or the ARN of an OpenID Connect provider in the role's account.
	Provider string
	// Prefix begins the condition keys: iampolicy.CognitoProvider, or the
	// provider's URL without scheme.
	Prefix   string
	Subject  string
	Audience string // azp where present, else aud
	// AMR are the authentication methods: for identity pools
	// "authenticated" or "unauthenticated", provider names, and so on.
	AMR []string
	// Claims are further condition keys, by name without Prefix. They end
	// with the trust policy; Subject, Audience and AMR stay with the session.
	Claims map[string]string

	Tags              []Tag
	TransitiveTagKeys []string
	SourceIdentity    string
	// Roles, when not nil, are the only roles that the provider lets the
	// person have.
	Roles []string
}

// AssumeRoleFor gives a role session to somebody that a provider vouches for,
// if the role's trust policy permits it. Nobody needs to have signed the
// request.
func (s *Service) AssumeRoleFor(ctx context.Context, who Assertion, in RoleRequest) (*RoleCredentials, error) {
	t, err := s.findRole(ctx, &in)
	if err != nil {
		return nil, err
	}
	return s.assumeFor(ctx, who, t, &in)
}

func (s *Service) assumeFor(ctx context.Context, who Assertion, t target, in *RoleRequest) (*RoleCredentials, error) {
	if who.Roles != nil && !slices.Contains(who.Roles, t.arn) {
		return nil, sts.InvalidIdentityTokenException("%s", msgRoleNotInClaim)
	}
	return s.federate(ctx, &federated{
		action: actionWebIdentity, provider: who.Provider, keys: who.keys(), lasting: who.lasting(),
		tags: who.Tags, transitive: who.TransitiveTagKeys, sourceIdentity: who.SourceIdentity,
	}, t, in)
}

// federated is somebody from outside whom a provider vouches for, by whatever
// protocol.
type federated struct {
	action         string // that the trust policy must permit
	provider       string // principal of trust policies
	keys           map[string][]string
	lasting        map[string][]string // condition keys that stay with the session
	tags           []Tag
	transitive     []string
	sourceIdentity string
	most           time.Duration // that the session may last; 0 for no bound of the provider's
}

// federate gives a role session to somebody from outside, if the role's trust
// policy permits it.
func (s *Service) federate(ctx context.Context, who *federated, t target, in *RoleRequest) (*RoleCredentials, error) {
	denied := awsapi.AccessDenied.New(msgFederationDenied, who.action)
	tags, err := newSessionTags(who.tags, who.transitive, nil)
	if err != nil {
		return nil, err
	}

	keys := who.keys
	keys["aws:FederatedProvider"] = []string{who.provider}
	keys["sts:RoleSessionName"] = []string{in.SessionName}
	actions := actionsOf(who.action, tags, who.sourceIdentity, keys)
	if t.role == nil {
		if err := s.cfg.Authorizer.NoRole(ctx, t.arn, account.TrustQuestion{Action: who.action, Federated: who.provider, Context: keys}); err != nil {
			return nil, err
		}
		return nil, denied
	}
	roleTags(keys, t.role, nil)
	for _, action := range actions {
		d, err := s.cfg.Authorizer.MayAssume(ctx, account.TrustQuestion{
			Role: t.role, Action: action, Federated: who.provider, Context: keys,
		})
		if err != nil {
			return nil, err
		}
		if d.Outcome != iampolicy.Allowed {
			return nil, denied
		}
	}

	lasts, err := t.duration(in.Duration, false)
	if err != nil {
		return nil, err
	}
	if who.most > 0 {
		lasts = min(lasts, who.most)
	}
	session := awsapi.Session{
		FederatedProvider: who.provider, SourceIdentity: who.sourceIdentity, Context: who.lasting,
	}
	if err := s.sessionPolicies(ctx, t.role.Account, in, &session); err != nil {
		return nil, err
	}
	tags.addTo(&session)
	return s.issue(t, in, session, lasts)
}

// personKeys name the person for providers that do not call it "sub".
var personKeys = map[string]string{issuer.Facebook: "id", issuer.Amazon: "user_id"}

// lasting are the condition keys that stay with the session (IAM user guide,
// "Available keys for AWS web identity federation").
func (a *Assertion) lasting() map[string][]string {
	keys := map[string][]string{
		a.Prefix + ":aud": {a.Audience},
		a.Prefix + ":sub": {a.Subject},
	}
	if len(a.AMR) > 0 {
		keys[a.Prefix+":amr"] = a.AMR
	}
	if name, ok := personKeys[a.Prefix]; ok {
		keys[a.Prefix+":"+name] = []string{a.Subject}
	}
	return keys
}

// keys are the condition keys while the trust policy is evaluated.
func (a *Assertion) keys() map[string][]string {
	keys := make(map[string][]string, len(a.Claims)+8)
	for name, value := range a.Claims {
		keys[a.Prefix+":"+name] = []string{value}
	}
	for name, values := range a.lasting() {
		keys[name] = values
	}
	keys["sts:RoleAuthorizedByIdp"] = []string{"false"}
	if a.Roles != nil {
		keys["sts:RoleAuthorizedByIdp"] = []string{"true"}
	}
	return keys
}
