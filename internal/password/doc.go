// Package password decides what a password must look like, turns it into what
// is kept of it, and checks it against that.
//
// Two forms are kept. A verifier (package srp) is what Cognito's SRP fixes: it
// serves USER_SRP_AUTH, and the plain-password flows check against it too, for
// a fifth of a millisecond. It is no slow hash, so its protection is that it is
// stored sealed, under a key that is not in the database. An argon2id hash is
// for pools that opt out of SRP. Hashes that came with an import (bcrypt,
// scrypt, argon2id, PBKDF2) verify as they are and should be replaced by the
// pool's own form at the first good sign-in: see [Stored.Outdated].
//
// A [Checker] does all work that is slow on a lane, and the same work for users
// who do not exist. Nothing here seals, stores, or looks a user up: Stored is
// in the clear and must be sealed by whoever keeps it.
package password
