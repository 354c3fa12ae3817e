// Package remote fetches the public documents of token issuers: OpenID
// Connect metadata and key sets.
//
// Names of issuers come from people who may configure identity pools and IAM
// providers, so every fetch is made as if the URL were hostile: HTTPS with a
// verified certificate on port 443; no proxy, cookie or credential; no
// redirect to another host; one megabyte; five seconds; and no connection to
// an address that is not public, judged at the moment of dialling, when the
// name has been resolved for the last time.
//
// The operator's own peers are the exception: the very host and port of a
// peer may be anywhere, and may be plain HTTP if the operator wrote http://.
package remote
