package account

import (
	"context"
	"fmt"
	"io/fs"
	"time"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/iampolicy"
)

// Directory finds what authorization and STS need, compiled and cached. What
// it returns is shared and must not be changed. Absence is fs.ErrNotExist.
type Directory interface {
	// Account returns an account.
	Account(ctx context.Context, id string) (Account, error)
	// Principal returns the user or role with a unique id.
	Principal(ctx context.Context, account, id string) (*Principal, error)
	// Role returns a role by name, without regard to case.
	Role(ctx context.Context, account, name string) (*Principal, error)
	// Policy returns the default version of a managed policy, AWS's or the
	// account's own.
	Policy(ctx context.Context, account, arn string) (iampolicy.Source, error)
	// Key returns a long-term access key with its secret. One that was deleted
	// is ErrKeyDeleted.
	Key(ctx context.Context, id string) (Key, error)
	// Provider returns an OpenID Connect provider by its URL without scheme.
	Provider(ctx context.Context, account, url string) (Provider, error)
}

// ErrKeyDeleted says that an access key was deleted. Its id is nobody's, in
// development mode too, where ids that nobody issued are root's. Otherwise it
// is as absent as those: it wraps fs.ErrNotExist.
var ErrKeyDeleted = fmt.Errorf("account: access key deleted: %w", fs.ErrNotExist)

// Principal is a user or a role with everything that decides what it may do.
type Principal struct {
	Kind     Kind // UserKind or RoleKind
	Account  string
	ID       string // AIDA… or AROA…
	Name     string
	Path     string
	Tags     []Tag
	Policies []iampolicy.Source // inline and attached, of a user's groups too
	Boundary *iampolicy.Source  // nil: none

	Trust      *iampolicy.Policy // roles: who may assume it, bound to unique ids
	MaxSession time.Duration     // roles
}

// Kind tells users, groups and roles apart; it is also the first word of
// their ARNs and of their names in denials.
type Kind string

// Kinds of IAM entity.
const (
	UserKind  Kind = "user"
	GroupKind Kind = "group"
	RoleKind  Kind = "role"
)

// ARN names the user or role.
func (p *Principal) ARN() string { return entityARN(p.Account, p.Kind, p.Path, p.Name) }

func entityARN(account string, kind Kind, path, name string) string {
	return awsapi.IAMARN(account, string(kind)+path+name)
}

// Tag is a key with a value. Keys compare without regard to case.
type Tag struct{ Key, Value string }

// Key is a long-term access key.
type Key struct {
	ID        string // AKIA…
	Account   string
	UserID    string // of the user who holds it; empty for the root user
	UserName  string
	UserPath  string
	Secret    string
	Active    bool
	CreatedAt time.Time
	Used      KeyUse // zero: never
}

// Caller is who signs with the key.
func (k *Key) Caller() awsapi.Caller {
	if k.UserID == "" {
		return RootCaller(k.Account, k.ID)
	}
	arn := entityARN(k.Account, UserKind, k.UserPath, k.UserName)
	return awsapi.Caller{
		Kind: awsapi.User, Account: k.Account, ARN: arn, PrincipalARN: arn,
		UserID: k.UserID, Name: k.UserName, EntityID: k.UserID, AccessKeyID: k.ID,
	}
}

// RootCaller is an account's root user.
func RootCaller(account, accessKeyID string) awsapi.Caller {
	arn := RootARN(account)
	return awsapi.Caller{
		Kind: awsapi.Root, Account: account, ARN: arn, PrincipalARN: arn,
		UserID: account, AccessKeyID: accessKeyID,
	}
}

// Provider is an OpenID Connect provider of an account.
type Provider struct {
	Account     string
	URL         string // without "https://", otherwise as it was given
	ClientIDs   []string
	Thumbprints []string // SHA-1 in 40 lower-case hexadecimal digits
	Tags        []Tag
	CreatedAt   time.Time
}

// ARN names the provider.
func (p *Provider) ARN() string { return ProviderARN(p.Account, p.URL) }

// ProviderARN names the OpenID Connect provider of a URL without scheme.
func ProviderARN(account, url string) string { return awsapi.IAMARN(account, "oidc-provider/"+url) }
