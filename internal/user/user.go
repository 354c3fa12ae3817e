package user

import "time"

// User is one person in one pool.
type User struct {
	Pool       string // user pool id
	Region     string
	Sub        string // UUID, fixed for life
	Username   string // as it was first written; the sub in pools with username attributes
	Status     Status
	Enabled    bool
	Attributes Attributes  // all but sub
	Credential *Credential // nil for users without a password, and in lists
	Lock       Lock
	Grouped    bool    // may be in groups; the memberships know
	Factors    Factors // nothing in lists
	CreatedAt  time.Time
	ModifiedAt time.Time
	Version    int64 // optimistic; the store counts it up
}

// Profile returns the attributes as the API prints them: sub first, then the
// others in the order in which they were first written.
func (u *User) Profile() Attributes {
	all := make(Attributes, 1, 1+len(u.Attributes))
	all[0] = Attribute{Name: "sub", Value: u.Sub}
	return append(all, u.Attributes...)
}

// Status says how far a user's account has come (UserStatusType).
type Status string

// Statuses that users of this deployment can have.
const (
	Unconfirmed         Status = "UNCONFIRMED"
	Confirmed           Status = "CONFIRMED"
	ResetRequired       Status = "RESET_REQUIRED"
	ForceChangePassword Status = "FORCE_CHANGE_PASSWORD"
	ExternalProvider    Status = "EXTERNAL_PROVIDER"
)

// Statuses lists them all.
var Statuses = []Status{Confirmed, ExternalProvider, ForceChangePassword, ResetRequired, Unconfirmed}
