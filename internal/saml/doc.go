// Package saml reads what SAML 2.0 identity providers say: their metadata, and
// the responses in which they vouch for somebody. It keeps nothing and asks
// nobody.
//
// # What is believed
//
// A response is hostile until a certificate of the provider's metadata has
// verified it. The cryptography is the library's (goxmldsig); this package
// decides what it may be asked:
//
//   - The text is UTF-8 XML without document types, processing instructions
//     and comments, of bounded size and depth, with no attribute and no ID
//     twice.
//   - There is one assertion, in the place where it belongs, and no signature
//     but that of the response and that of the assertion. Each signs, by one
//     reference to its ID, the very element that it stands in, with exclusive
//     canonicalization, RSA or ECDSA, and SHA-2. If both are there, both must
//     hold; one must be there.
//   - The key is one of the metadata's, whatever the signature says about its
//     key, and its certificate is in its time.
//
// What is read afterwards is not the text that came but the canonical one that
// was digested, parsed anew: what no signature covers does not exist.
//
// [Verify] then checks issuer, status, audience, recipient and times. That an
// assertion is used once only is for the caller to see to, who has a place to
// remember its ID in.
//
// Encrypted assertions are refused.
package saml
