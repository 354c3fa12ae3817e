// Package api is the kernel of the four AWS APIs: it turns an HTTP request
// into a call of a handler and the result into a reply. One package below it a
// service, the doors, hold the handlers.
//
// Every call passes the same steps in the same order, and the first that
// fails answers:
//
//	size limit
//	→ rate limit by address
//	→ operation: X-Amz-Target, else Action and Version; the path says nothing
//	→ signature over the raw bytes (signed operations)
//	→ decode
//	→ constraints of the API model
//	→ access token in the body (unsigned operations that require one)
//	→ authorization with IAM (signed operations; root passes)
//	→ rate limit by principal
//	→ handler
//	→ encode, one write, one log line, one metric
//
// Handlers never see HTTP. Errors that are not *awsapi.Error are answered as
// the service's internal error with a bland text and logged once, here.
package api
