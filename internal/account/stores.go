package account

import (
	"context"
	"time"
)

// Stores is where rows are kept; the store's IAM view has all of it.
type Stores struct {
	// Tx runs a replayable transaction that travels in the context.
	Tx func(ctx context.Context, fn func(context.Context) error) error

	Accounts    Accounts
	Users       Entities[User]
	Groups      Entities[Group]
	Roles       Entities[Role]
	Policies    Entities[ManagedPolicy]
	Versions    Versions
	Inlines     Inlines
	Attachments Attachments
	Memberships Memberships
	Keys        Keys
	Providers   Providers

	SAMLProviders    SAMLProviders
	InstanceProfiles Entities[InstanceProfile]
	ProfileRoles     ProfileRoles
	Settings         SettingsStore
	Logins           LoginProfiles
	Devices          MFADevices
	Counts           Counts
	Credentials      Credentials

	ServerCertificates Entities[ServerCertificate]

	RoleUses  RoleUses
	Deletions RoleDeletions
	Reports   Reports
}

// Page asks for part of a list: at most Limit entries after a key, the empty
// one for the first page.
type Page struct {
	After string
	Limit int
	Path  string // only entries whose path begins like this
}

// List is a page of a list. Next is the key to go on from, empty at the end.
type List[T any] struct {
	Items []T
	Next  string
}

// Accounts keeps accounts. Absence is fs.ErrNotExist.
type Accounts interface {
	// InsertAccount fails with fs.ErrExist if the id is taken.
	InsertAccount(ctx context.Context, a Account) error
	// EnsureAccount inserts an account unless there is one with its id.
	EnsureAccount(ctx context.Context, a Account) error
	// AccountByID returns one account.
	AccountByID(ctx context.Context, id string) (Account, error)
	// ListAccounts lists by id.
	ListAccounts(ctx context.Context, p Page) (List[Account], error)
	// MoveOn changes the account's generation, which makes every node load
	// again what it has cached of the account.
	MoveOn(ctx context.Context, id string) error
}

// Entities keeps the users, groups, roles or managed policies of accounts.
// Names compare without regard to case. Absence is fs.ErrNotExist.
type Entities[T any] interface {
	// Insert fails with fs.ErrExist if the account has the name already.
	Insert(ctx context.Context, v *T) error
	ByName(ctx context.Context, account, name string) (*T, error)
	ByID(ctx context.Context, account, id string) (*T, error)
	// List lists by name.
	List(ctx context.Context, account string, p Page) (List[*T], error)
	// Update changes everything but account and id. It fails with fs.ErrExist
	// if the new name is taken.
	Update(ctx context.Context, v *T) error
	Delete(ctx context.Context, account, id string) error
	Count(ctx context.Context, account string) (int, error)
}

// Inlines keeps inline policies by the unique id of their owner.
type Inlines interface {
	PutInline(ctx context.Context, account, owner string, p InlinePolicy) error
	Inline(ctx context.Context, account, owner, name string) (InlinePolicy, error)
	// Inlines returns all policies of an owner by name; their total size is
	// bounded when they are put.
	Inlines(ctx context.Context, account, owner string) ([]InlinePolicy, error)
	// DeleteInline fails with fs.ErrNotExist if there is no such policy.
	DeleteInline(ctx context.Context, account, owner, name string) error
}

// Use says what a managed policy does for an entity.
type Use string

// Uses of a managed policy.
const (
	UseAttached Use = "attached"
	UseBoundary Use = "boundary"
)

// Attachments keeps which managed policies users, groups and roles use.
type Attachments interface {
	// Attach does nothing if the policy is attached already.
	Attach(ctx context.Context, account, owner string, use Use, arn string) error
	// Detach fails with fs.ErrNotExist if the policy is not attached.
	Detach(ctx context.Context, account, owner string, use Use, arn string) error
	// Attached returns the ARNs of all policies that an owner uses, in order.
	Attached(ctx context.Context, account, owner string, use Use) ([]string, error)
	// Owners returns the unique ids of the entities that use a policy.
	Owners(ctx context.Context, account string, use Use, arn string) ([]string, error)
	// CountOwners counts them.
	CountOwners(ctx context.Context, account string, use Use, arn string) (int, error)
}

// Memberships keeps which users are in which groups.
type Memberships interface {
	// AddMember does nothing if the user is in the group already.
	AddMember(ctx context.Context, account, group, user string) error
	// RemoveMember fails with fs.ErrNotExist if the user is not in the group.
	RemoveMember(ctx context.Context, account, group, user string) error
	// Members lists users of a group by their unique id.
	Members(ctx context.Context, account, group string, p Page) (List[string], error)
	// GroupsOf returns the unique ids of a user's groups.
	GroupsOf(ctx context.Context, account, user string) ([]string, error)
}

// Versions keeps the documents of managed policies.
type Versions interface {
	InsertVersion(ctx context.Context, account, policy string, v PolicyVersion) error
	Version(ctx context.Context, account, policy string, number int) (PolicyVersion, error)
	// Versions returns all versions, the newest first.
	Versions(ctx context.Context, account, policy string) ([]PolicyVersion, error)
	DeleteVersion(ctx context.Context, account, policy string, number int) error
}

// Keys keeps access keys with their secrets sealed.
type Keys interface {
	InsertKey(ctx context.Context, k Key) error
	// KeyByID returns a key with its secret.
	KeyByID(ctx context.Context, account, id string) (Key, error)
	// KeysOf returns a user's keys, the oldest first; an empty user is the
	// root user.
	KeysOf(ctx context.Context, account, user string) ([]Key, error)
	SetKeyActive(ctx context.Context, account, id string, active bool) error
	// NoteUse records that a key was used. Unlike everything else it does not
	// belong to a change of the account.
	NoteUse(ctx context.Context, account, id string, u KeyUse) error
	DeleteKey(ctx context.Context, account, id string) error
}

// KeyUse is when and for what an access key was last used.
type KeyUse struct {
	At      time.Time
	Service string
	Region  string
}

// Providers keeps OpenID Connect providers by URL without scheme.
type Providers interface {
	// InsertProvider fails with fs.ErrExist if the account has the URL.
	InsertProvider(ctx context.Context, p Provider) error
	ProviderByURL(ctx context.Context, account, url string) (Provider, error)
	// Providers returns all providers of an account by URL.
	Providers(ctx context.Context, account string) ([]Provider, error)
	UpdateProvider(ctx context.Context, p Provider) error
	DeleteProvider(ctx context.Context, account, url string) error
}

// ProfileRoles keeps which roles are in which instance profiles.
type ProfileRoles interface {
	AddProfileRole(ctx context.Context, account, profile, role string) error
	// RemoveProfileRole fails with fs.ErrNotExist if the role is not in it.
	RemoveProfileRole(ctx context.Context, account, profile, role string) error
	// RolesOfProfile returns the unique ids of an instance profile's roles.
	RolesOfProfile(ctx context.Context, account, profile string) ([]string, error)
	// ProfilesOfRole returns the unique ids of a role's instance profiles.
	ProfilesOfRole(ctx context.Context, account, role string) ([]string, error)
}

// SAMLProviders keeps SAML providers by name.
type SAMLProviders interface {
	// InsertSAMLProvider fails with fs.ErrExist if the account has the name.
	InsertSAMLProvider(ctx context.Context, p SAMLProvider) error
	SAMLProviderByName(ctx context.Context, account, name string) (SAMLProvider, error)
	// SAMLProviders returns all providers of an account by name, without
	// documents.
	SAMLProviders(ctx context.Context, account string) ([]SAMLProvider, error)
	UpdateSAMLProvider(ctx context.Context, p SAMLProvider) error
	DeleteSAMLProvider(ctx context.Context, account, name string) error
}
