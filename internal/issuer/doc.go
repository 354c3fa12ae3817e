// Package issuer knows who may issue tokens that Cenote honours, finds their
// keys and verifies what they signed.
//
// # Names
//
// A provider name is an issuer without its scheme: host, optional port, path.
// A user pool's name always has the form
// cognito-idp.<region>.amazonaws.com/<pool id>, whatever the "iss" of its
// tokens looks like; the "iss" itself without its scheme is an alias of it.
// [Resolver] turns a name into an [Issuer], whose Name is the one canonical
// form, so that a person has one identity under every alias.
//
// # Trust
//
// Names are looked up in a fixed order: the user pools of this deployment
// (every region and account), the peers that the operator named, real AWS if
// the operator said so. Nothing else is ever trusted, and keys come from
// nowhere else: no header of a token (jwk, jku, x5u) is read. A custom issuer
// URL is an alias for its own account only, because an account chooses it
// freely and could otherwise speak for somebody else's host.
//
// OpenID Connect providers of IAM are resolved by URL, once the caller has
// found the provider in the account that trusts it.
//
// # Keys
//
// Keys of local pools come from memory. Others are fetched through [Fetcher]
// (package remote), kept as long as their publisher allows within bounds,
// renewed in the background, kept in use for a while when their publisher is
// away, and fetched again for an unknown key id at most once a minute. No
// fetch happens before the token has named the expected issuer and has all
// its claims.
//
// # Verification
//
// [Resolver.Verify] checks in this order: form, pinned algorithm, issuer byte
// for byte, required claims, signature, expiry, audience, use. It fails with
// an [Error] whose Reason identity pools and STS turn into their own texts.
package issuer
