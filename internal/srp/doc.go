// Package srp is the server's half of the SRP-6a exchange that Cognito's
// clients speak, for users (USER_SRP_AUTH) and for remembered devices
// (DEVICE_SRP_AUTH), and the password check against the same stored verifier.
//
// The variant: N is the 3072-bit prime of RFC 3526, g is 2, the hash is
// SHA-256, and integers enter a hash in signed two's-complement form (pad).
// With I the identity and P the password,
//
//	x = H(pad(salt) | H(pool | I | ":" | P))      v = g^x
//	k = H(pad(N) | pad(g))                        u = H(pad(A) | pad(B))
//	B = k·v + g^b                                 S = (A·v^u)^b
//	K = HKDF(ikm pad(S), salt pad(u), info "Caldera Derived Key", 16 bytes)
//	signature = HMAC(K, pool | I | secret block | timestamp)
//
// All arithmetic on v, b, x and S is constant-time (package modp), and so are
// the comparisons. A verifier is as good as a fast password hash to whoever
// holds it: it is stored sealed (package password).
//
// A sign-in in two requests: Begin makes a Session, whose public half goes to
// the client and which the caller keeps, sealed, until Session.Verify checks
// the client's claim. A Session is for one claim: keeping it from a second
// use is the caller's duty. The caller draws all randomness.
package srp
