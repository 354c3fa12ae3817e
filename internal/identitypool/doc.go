// Package identitypool owns identity pools: who may come in, which identity a
// person has, and which role an identity gets temporary keys for.
//
// # From a token to keys
//
// Unsigned calls carry neither account nor region; both are those of the pool
// that the call names, or of the pool of the identity that it names.
//
//  1. Every entry of Logins must name a provider of the pool and carry a good
//     token of it. One bad token fails the call. Package issuer says what good
//     means, package saml for SAML responses; nothing is asked of an issuer that
//     the pool does not list. For users of the developer's own server there is
//     no token of theirs: the server signs a request for one of ours, which is a
//     login from then on (developer.go).
//  2. A login is (provider, subject), the provider under its canonical name.
//     In a pool, a login belongs to at most one identity: the same person has
//     the same identity for ever, whichever client or alias they come by.
//  3. An identity without logins is a guest. Its id is all that it takes to
//     act as that guest, which is why ids are random.
//  4. Logins that arrive together become one identity (link.go tells the
//     rules). An identity that lost its logins, by a merge or by unlinking, is
//     disabled: it never turns back into a guest.
//  5. The role is the pool's role for guests or for the authenticated, or the
//     one that a role mapping takes from the token or finds by rule. The role's
//     own trust policy decides in the end: STS evaluates it against the pool
//     ("aud"), the identity ("sub") and how the person came in ("amr").
//
// A known login costs one indexed read and no write.
//
// # Texts
//
// Clients match on the service's sentences; texts.go has all of them, and
// says which were never observed.
package identitypool
