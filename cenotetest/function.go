package cenotetest

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
)

// Function puts a function of the test behind a Lambda function, for user pools
// that name it in their LambdaConfig. The name is that of the function, which
// stands for it in every account and region, or a whole ARN. f takes an event
// and returns it with the response filled in; an error of f is the function's
// own, and its message is told to whoever made the call. f may run several
// times at once.
func Function(name string, f func(event []byte) (reply []byte, err error)) Option {
	return func(o *options) { o.functions = append(o.functions, function{name, f}) }
}

type function struct {
	name string
	f    func(event []byte) ([]byte, error)
}

// serve starts what the server calls when it calls the function, and returns
// the setting for it.
func (f function) serve(tb testing.TB) string {
	s := httptest.NewServer(f)
	tb.Cleanup(s.Close)
	return f.name + "=" + s.URL
}

// ServeHTTP implements http.Handler.
func (f function) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	event, err := io.ReadAll(r.Body)
	if err != nil {
		return // the server has gone
	}
	reply, err := f.f(event)
	if err != nil {
		reply, _ = json.Marshal(map[string]string{"errorMessage": err.Error()}) // text always encodes
		w.WriteHeader(http.StatusInternalServerError)
	}
	_, _ = w.Write(reply)
}
