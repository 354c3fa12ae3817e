package cenoteauth_test

import (
	"fmt"
	"log"
	"net/http"

	"github.com/cenote-id/cenote/cenoteauth"
)

// A service whose clients sign for the name "notes". The policies of their
// roles say which notes they may get.
func Example() {
	auth, err := cenoteauth.New(cenoteauth.Config{
		Endpoint:    "https://cenote.example.com",
		Service:     "notes",
		Hosts:       []string{"notes.example.com"},
		Credentials: cenoteauth.Static("AKIA…", "the secret access key of the service"),
	})
	if err != nil {
		log.Fatal(err)
	}
	getNote := func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "note %s, for %s", r.PathValue("id"), cenoteauth.CallerFrom(r.Context()).ARN)
	}
	mux := http.NewServeMux()
	mux.Handle("GET /notes/{id}", auth.Require(func(r *http.Request) cenoteauth.Access {
		return cenoteauth.Access{
			Action:   "notes:GetNote",
			Resource: "arn:aws:notes:us-east-1:123456789012:note/" + r.PathValue("id"),
		}
	}, http.HandlerFunc(getNote)))
	log.Fatal(http.ListenAndServe("localhost:8080", mux))
}
