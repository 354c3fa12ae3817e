package api_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cenote-id/cenote/internal/api"
	"github.com/cenote-id/cenote/internal/awsapi/sigv4"
)

// Strangers who send long bodies and never end them must not fill the memory,
// nor keep others from being served.
func TestSlowLongBodies(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k, err := api.New(api.Config{
			Doors: []api.Door{plainDoor()}, Authenticator: sigv4.New(sigv4.Config{Keys: keys{}, Now: time.Now}),
			Authorizer: new(policies), AccessTokens: tokens{}, Log: silent, Now: time.Now,
			NewID: func() string { return "id" }, DefaultRegion: "us-east-1",
		})
		if err != nil {
			t.Fatal(err)
		}
		call := func(body io.Reader) *httptest.ResponseRecorder {
			r := httptest.NewRequest(http.MethodPost, "/", body)
			r.ContentLength = -1
			r.Header.Set("X-Amz-Target", idp+"GetUser")
			w := httptest.NewRecorder()
			k.ServeHTTP(w, r)
			return w
		}
		const token = `{"AccessToken":"good-token"}`
		long := strings.Repeat(" ", 70_000) + token

		release := make(chan struct{})
		answers := make(chan int, 1000)
		for range cap(answers) {
			go func() { answers <- call(io.MultiReader(strings.NewReader(long), stalled(release))).Code }()
		}
		synctest.Wait()
		if w := call(strings.NewReader(token)); w.Code != http.StatusOK {
			t.Errorf("a short body meanwhile: %d %s", w.Code, w.Body)
		}
		if w := call(strings.NewReader(long)); !strings.Contains(w.Body.String(), "TooManyRequestsException") {
			t.Errorf("a long body meanwhile: %d %s", w.Code, w.Body)
		}
		close(release)
		good := 0
		for range cap(answers) {
			if <-answers == http.StatusOK {
				good++
			}
		}
		if good != 128 {
			t.Errorf("%d long bodies were in memory", good)
		}
		if w := call(strings.NewReader(long)); w.Code != http.StatusOK {
			t.Errorf("a long body afterwards: %d %s", w.Code, w.Body)
		}
	})
}

// stalled is a body that does not go on until the channel is closed.
type stalled chan struct{}

func (s stalled) Read([]byte) (int, error) {
	<-s
	return 0, io.EOF
}
