package token

import "time"

// SelfService is the scope of tokens that the API issues, and the one that
// its self-service operations ask for.
const SelfService = "aws.cognito.signin.user.admin"

// Grant is what tokens of one sign-in say. The caller has decided all of it:
// what is here is written.
type Grant struct {
	Pool   string // id, whose keys sign
	Issuer string // iss
	Client string // client id

	Sub        string
	Username   string
	Attributes []Attribute // those that the client may read
	Groups     []string    // in order of precedence
	Roles      []string    // of the groups, in the same order
	// PreferredRole is that of the group with the lowest precedence number;
	// empty where two groups tie with different roles.
	PreferredRole string

	// OriginJTI names the session; empty where the client has token revocation
	// switched off, and then the tokens have no jti either.
	OriginJTI string
	EventID   string
	AuthTime  time.Time
	Scope     string // SelfService if empty
	DeviceKey string
	ACR       string   // how strongly the user has signed in; empty where nobody asked
	AMR       []string // and by which methods

	IDLife, AccessLife time.Duration

	IDChanges, AccessChanges *Changes

	// Only tokens of the authorization endpoint have these.
	Domain   bool   // adds at_hash, and version to the access token
	Nonce    string // as the request had it
	Audience string // aud of the access token: the bound resource
}

// Attribute is a user attribute. Values are text as the store has it; which
// type a claim has follows from its name.
type Attribute struct{ Name, Value string }

// ClientGrant is what the access token of a client alone says
// (client_credentials).
type ClientGrant struct {
	Pool, Issuer, Client string
	Scope                string // separated by spaces
	Life                 time.Duration
	Changes              *Changes
}

// Tokens are what a sign-in or a refresh answers.
type Tokens struct {
	ID, Access string
	ExpiresIn  int64 // of the access token, in seconds
}
