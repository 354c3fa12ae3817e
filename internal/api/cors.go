package api

import "net/http"

// What browsers may send and see. AWS echoes the headers that a preflight
// asks for; a request without credentials of the browser's own gains nothing
// by that.
const (
	allowHeaders = "content-type, x-amz-target, x-amz-user-agent, amz-sdk-invocation-id, amz-sdk-request, authorization, " +
		"x-amz-date, x-amz-content-sha256, x-amz-security-token, cache-control"
	exposeHeaders = "x-amzn-RequestId,x-amzn-ErrorType,x-amzn-ErrorMessage,x-cenote-authorization-message,Date"
	allowMethods  = "POST, GET, OPTIONS"
	maxAge        = "172800"
	maxEchoed     = 2048
)

func (k *Kernel) preflight(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	k.common(h, k.cfg.NewID())
	headers := r.Header.Get("Access-Control-Request-Headers")
	if headers == "" || len(headers) > maxEchoed {
		headers = allowHeaders
	}
	h.Set("Access-Control-Allow-Headers", headers)
	h.Set("Access-Control-Allow-Methods", allowMethods)
	h.Set("Access-Control-Max-Age", maxAge)
	h.Set("Content-Length", "0")
	w.WriteHeader(http.StatusOK)
}

// common sets the headers of every reply. The date is the deployment's clock,
// which clients correct theirs by.
func (k *Kernel) common(h http.Header, requestID string) {
	h["Access-Control-Allow-Origin"] = any1
	h["Access-Control-Expose-Headers"] = expose1
	h["Cache-Control"] = noStore1
	h["x-amzn-RequestId"] = []string{requestID}
	h["Date"] = []string{k.cfg.Now().UTC().Format(http.TimeFormat)}
}

// Header values that never change; net/http only reads them.
var (
	any1     = []string{"*"}
	expose1  = []string{exposeHeaders}
	noStore1 = []string{"no-store"}
)
