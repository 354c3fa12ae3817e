// Package sigv4 verifies AWS Signature Version 4, in the header form and in
// the query (presigned) form, as the services of this deployment do.
//
// A Verifier takes a request as it came off the wire, with the raw body, and
// answers who signed it. Checks run in the order that was measured on AWS
// (Query services), so a request with two faults is answered with the same
// fault as there:
//
//	path and query syntax
//	→ a signature is there, and in one form only
//	→ algorithm, grammar, all parts present
//	→ host (and X-Amz-Target) are signed
//	→ the date parses, is not too old, not too new
//	→ credential scope: five parts, region, service, terminator, date
//	→ the key is known, active, its token intact and not expired
//	→ the signature
//
// The codes differ by protocol (SignatureDoesNotMatch for AWS Query,
// InvalidSignatureException for AWS JSON); awsapi.ErrorShape holds both.
//
// What must be signed. Host always. X-Amz-Target whenever it is present: it
// chooses the operation, so a signature that leaves it out would be good for
// any operation with the same body. The other x-amz-* headers may stay
// unsigned, because nothing they say is believed without proof: the body is
// hashed here and X-Amz-Content-SHA256 is only compared with that hash, the
// date enters the string to sign whether or not its header is signed, and a
// session token is sealed and bound to its access key id. Proxies add such
// headers of their own, so refusing them all would refuse honest callers.
//
// STS also takes SigV4A, the asymmetric form that is good for a set of regions
// (see asymmetric.go).
//
// UNSIGNED-PAYLOAD and the streaming markers belong to S3 and are refused. For
// services of others that sign as S3 does (see s3.go), UNSIGNED-PAYLOAD is good
// for requests without a body.
//
// Sign makes signatures, for the few requests that the deployment sends
// itself.
//
// Everything that a stranger controls is bounded, and the package never puts
// a secret, a token or a signature into an error.
package sigv4
