package api_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	accounts "github.com/cenote-id/cenote/internal/account"
	"github.com/cenote-id/cenote/internal/api"
	identitydoor "github.com/cenote-id/cenote/internal/api/cognitoidentity"
	idpdoor "github.com/cenote-id/cenote/internal/api/cognitoidp"
	iamdoor "github.com/cenote-id/cenote/internal/api/iam"
	stsdoor "github.com/cenote-id/cenote/internal/api/sts"
	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/cognitoidentity"
	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
	"github.com/cenote-id/cenote/internal/awsapi/iam"
	"github.com/cenote-id/cenote/internal/awsapi/sts"
)

var update = flag.Bool("update", false, "write docs/coverage.md anew")

// doors are all that the deployment has; what they bind is what is covered.
// Binding needs no working door.
var doors = []api.Door{new(idpdoor.API), new(identitydoor.API), new(stsdoor.API), iamdoor.New(iamdoor.Config{Outbound: new(accounts.Outbound)})}

const coveragePage = "../../docs/coverage.md"

func TestCoveragePageIsFresh(t *testing.T) {
	want := coverage()
	if *update {
		if err := os.WriteFile(coveragePage, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(coveragePage)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(got), string(want)); diff != "" {
		t.Errorf("docs/coverage.md is stale; run: go test ./internal/api -run TestCoveragePageIsFresh -update\n(-page +doors)\n%s", diff)
	}
}

// coverage writes one line an operation, so that a new one is a line of diff.
func coverage() []byte {
	states := make(map[*awsapi.Operation]string)
	for _, d := range doors {
		for _, h := range d.Handlers() {
			states[h.Operation] = "yes"
			if h.Refusal != "" {
				states[h.Operation] = "refused: " + h.Refusal
			}
		}
	}
	var summary, tables bytes.Buffer
	for _, s := range []*awsapi.Service{cognitoidp.Service, cognitoidentity.Service, sts.Service, iam.Service} {
		n, refused := 0, 0
		fmt.Fprintf(&tables, "\n## %s\n\n| operation | proof | implemented |\n|---|---|---|\n", s.Name)
		for _, op := range s.Operations {
			state := states[op]
			switch {
			case state == "yes":
				n++
			case state != "":
				refused++
			}
			fmt.Fprintf(&tables, "| %s | %s | %s |\n", op.Name, proof(op), state)
		}
		fmt.Fprintf(&summary, "| %s | %s | %d of %d | %d |\n", s.Name, s.APIVersion, n, len(s.Operations), refused)
	}
	return fmt.Appendf(nil, `# API coverage

This page is generated from the API tables and the handlers that are bound; do
not edit it. An operation that is not implemented answers an error that says
so; one that has no meaning without the rest of AWS is refused with the reason
that stands here. What is implemented and differs from AWS is listed in
divergences.md.

| service | API version | implemented | refused |
|---|---|---|---|
%s%s`, summary.Bytes(), tables.Bytes())
}

// proof says what an operation takes as the caller's right to it.
func proof(op *awsapi.Operation) string {
	if op.Auth == awsapi.Signed {
		return "signature"
	}
	switch f, ok := op.Input.FieldByName("AccessToken"); {
	case ok && strings.HasSuffix(f.Tag.Get("api"), ",required"):
		return "access token"
	case ok:
		return "access token or session"
	}
	return "none"
}
