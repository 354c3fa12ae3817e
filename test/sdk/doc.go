// Package sdk tells Cenote's stories through the AWS SDK for Go: what must
// work, and what must fail with the very error that AWS has for it. Servers
// are those of package cenotetest.
package sdk
