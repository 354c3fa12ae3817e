package cognitoidentity_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/cenote-id/cenote/internal/store/storetest"
)

// call is one unsigned request to the kernel, without a network.
func call(b *testing.B, api http.Handler, operation, body string) string {
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/x-amz-json-1.1")
	r.Header.Set("X-Amz-Target", "AWSCognitoIdentityService."+operation)
	w := httptest.NewRecorder()
	api.ServeHTTP(w, r)
	if w.Code != http.StatusOK {
		b.Fatal(w.Body.String())
	}
	return w.Body.String()
}

func BenchmarkFederation(b *testing.B) {
	w := newWorld(b, storetest.Open(b, "sqlite://"+b.TempDir()+"/cenote.db"), options{})
	id := linkPool(w)
	logins := w.west("ann")
	ann, guest := w.getID(id, logins), w.getID(id, nil)
	sent, err := json.Marshal(logins)
	if err != nil {
		b.Fatal(err)
	}
	for name, c := range map[string]struct{ operation, body string }{
		"GetId":                          {"GetId", `{"IdentityPoolId":"` + id + `","Logins":` + string(sent) + `}`},
		"GetCredentialsForIdentity":      {"GetCredentialsForIdentity", `{"IdentityId":"` + ann + `","Logins":` + string(sent) + `}`},
		"GetCredentialsForIdentityGuest": {"GetCredentialsForIdentity", `{"IdentityId":"` + guest + `"}`},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				call(b, w.api, c.operation, c.body)
			}
		})
	}
}
