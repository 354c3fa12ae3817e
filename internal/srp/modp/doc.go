// Package modp computes in the multiplicative group of integers modulo the
// 3072-bit MODP prime N of RFC 3526 (group 15), the only group that Cognito's
// SRP knows.
//
// Everything here takes the same time and touches the same memory whatever
// the values are, unless a name ends in Public: exponents decide neither
// branches nor addresses. math/big gives no such promise, and the general
// constant-time packages have no fast path for this size.
//
// Elements are kept in Montgomery form, x·2^3072 mod N, in 48 words, least
// significant first. A representation is any number below 2^3072, so that
// one conditional subtraction a product is enough; Bytes reduces fully.
package modp
