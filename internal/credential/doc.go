// Package credential issues temporary credentials and knows the secret behind
// every access key. It is the domain behind STS, and identity pools ask it for
// the credentials that they hand out.
//
// # Sealed, not stored
//
// Temporary credentials are nowhere but in the client's hands. The access key
// id (ASIA…) carries the account in AWS's own encoding. The session token is a
// sealed record of the session: principal, role id, times, session policies,
// tags, what the identity provider vouched for. It opens only together with
// the access key id that it was made for. The secret is a MAC of both, under a
// key that never leaves the deployment. Any node verifies a request without
// a read for the session itself, and minting writes nothing. Data keys may be
// rotated at any time: a token names the key that it was sealed under.
//
// What must stop a session at once is looked up in the accounts' directory,
// from memory: a session ends with its role or user, by unique id, so a role
// of the same name created later does not revive it.
//
// # Decisions
//
// [Service.AssumeRole], [Service.AssumeRoleWithWebIdentity] and
// [Service.AssumeRoleWithSAML] check in the order of the specification and
// leave every permission question to the account package's Authorizer: the
// role's trust policy decides, together with the caller's own policies where
// there is a caller. Tags need sts:TagSession and a source identity needs
// sts:SetSourceIdentity in the same way. Web identity tokens are verified by
// the issuer package, SAML responses by the saml package, for a provider of
// the role's own account, before the trust policy is looked at. A SAML
// assertion gives each role once.
//
// A denial does not say whether the role exists.
//
// # Outward
//
// [Service.GetWebIdentityToken] goes the other way: the caller's account, by
// an issuer of its own, tells outside parties who the caller is. The token is
// the caller's alone to use and never outlives the caller's session.
package credential
