// Package account owns accounts and what IAM keeps in them: users with their
// keys, passwords, MFA devices and certificates, groups, roles, policies and
// identity providers. It decides every signed call.
//
// # Three faces
//
// [Service] changes things; the IAM door is its caller. Every change is one
// transaction that checks names, quotas and delete conflicts, and moves the
// account's generation on.
//
// [Authorizer] answers whether a caller may do something. It reads nothing
// but compiled principals ([Principal]) from a [Directory], which the store
// keeps in memory and drops when the account's generation moves, so that an
// authorization costs microseconds. Each decision can be explained afterwards
// by request id ([Authorizer.Explain]), and a question that no request asked
// can be answered the same way ([Authorizer.Ask]). What refused is also written
// down, by a [Journal] behind the request, and sealed for the account that was
// refused ([OpenDenial]).
//
// [Directory] is also where STS finds roles, providers and the secrets of
// access keys.
//
// # Names and ids
//
// Users, groups, roles and policies are unique in their account by name
// without regard to case; the case is kept. Each also has a unique id that is
// never given again. Trust policies name users and roles by ARN, but what is
// remembered and compared is the id: a re-created namesake is somebody else.
//
// # Secrets
//
// Access keys and seeds of MFA devices are sealed by the store; they are shown
// when they are made and never again. Passwords are hashed slowly, outside of
// transactions, and checked against the row's version when they are stored.
// Whoever guesses at a password or a code is not heard for a while: answers are
// counted before they are compared, and a code of a device counts once.
//
// # Accounts that come into being
//
// In dev mode an account is created when its root user first signs a request (see [Newcomers]).
// In production only `cenote account create` does that.
package account
