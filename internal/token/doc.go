// Package token signs and verifies the tokens of user pools, and keeps the
// sessions that refresh tokens stand for.
//
// # Keys
//
// A pool has two RSA-2048 keys, one for ID tokens and one for access tokens.
// The deployment has one more, for the tokens that identity pools issue. Keys
// are generated ahead of need and kept in a small stock, so that creating a
// pool is instant. A rotation publishes the new key before it signs, and the
// old one until the last token that it signed has expired. [Keys] holds parsed
// keys in memory and looks for news from other nodes twice a minute.
//
// # Tokens
//
// [Keys.Mint] writes ID and access tokens claim by claim, in the order and with
// the types that Cognito uses, and signs both on the signing lane. It takes
// plain values: which attributes a client may read, which groups and roles a
// user has, is decided by its callers.
//
// # Sessions
//
// A refresh token is opaque and sealed: garbage and forgeries are refused
// without a look at the database, and a stolen database cannot make one. It
// names a session, a row with the facts of the sign-in that all its tokens
// repeat (origin_jti, auth_time, scope). Revoking a token revokes the session;
// signing a user out everywhere raises the user's epoch, which no older
// session has. Access tokens are checked against both, on every call.
//
// [Verifier] checks our own access tokens. A token that has passed once is
// remembered by its hash, so that only expiry and revocation are looked at the
// next time.
package token
