// Package user owns the people of a user pool: their profile, the names they
// sign in by, their status and its life cycle, their password, the lock that
// wrong passwords put on it, and the codes that prove an address is theirs.
//
// A user belongs to one pool for good and is known by three kinds of name.
// The sub is a random UUID that never changes. The username never changes
// either; in a pool that signs people in by e-mail address or phone number
// it is the sub. An alias is an attribute value that works as a username:
// the e-mail address and phone number of a pool with username attributes,
// verified or not, and the verified e-mail address, verified phone number or
// preferred username of a pool with alias attributes. All names of a pool
// share one namespace, so a name always means one user.
//
// Status says how far a user has come and Enabled whether they may act at
// all; the two are independent. The password check, with the pool's policy,
// belongs to package password, and who may sign in when to package signin:
// this package keeps the facts that they decide by, in one row, so that a
// sign-in reads once.
//
// A code proves an address to the user it was sent to, or sets a new password.
// It is good for one purpose, one address and some answers; where a pool wants
// an address proven before it takes the place of another, the new one waits in
// the code. Groups belong to package userpool and who is in them to this one:
// a user's row says whether there is anything to look for.
//
// A device is a user's own, too: it is handed a key by a sign-in, confirmed by
// that sign-in's access token with the verifier of a secret that it has made
// up, and remembered or not. There is no trace of one before it is confirmed,
// and none after it was forgotten.
//
// A user comes into being by their own word, by an administrator's, or by that
// of the pool's function, which has found them in a directory elsewhere.
//
// Nothing that a password or a code could be guessed from leaves the package
// in the clear: credentials are sealed before they are stored, codes are
// stored as keyed hashes.
package user
