package iam_test

import (
	"testing"

	awsiam "github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/cenote-id/cenote/internal/api/iam"
	"github.com/cenote-id/cenote/internal/awsapi"
)

// What has no meaning without the rest of AWS says so, to those who may ask.
func TestRefusedOperations(t *testing.T) {
	refused := 0
	for _, h := range iam.New(iam.Config{}).Handlers() {
		if h.Refusal == "" {
			continue
		}
		refused++
		_, err := h.Invoke(t.Context(), nil)
		if e, ok := awsapi.AsError(err); !ok || e.Shape != awsapi.NotImplemented || e.Message != "Cenote refuses iam:"+h.Name+": "+h.Refusal+"." {
			t.Errorf("%s: %v", h.Name, err)
		}
	}
	if refused == 0 {
		t.Error("nothing is refused")
	}
	inMemory(t, func(t *testing.T, w *world) {
		list := call((*awsiam.Client).ListDelegationRequests, awsiam.ListDelegationRequestsInput{})
		wantError(t, list(t.Context(), w.asUser("nobody", "")), "AccessDenied", "User: arn:aws:iam::111111111111:user/nobody is not authorized to perform: iam:ListDelegationRequests on resource: * because no identity-based policy allows the iam:ListDelegationRequests action")
		wantError(t, list(t.Context(), w.asRoot(alpha)), "NotImplemented", "Cenote refuses iam:ListDelegationRequests: requests for delegated access come from products of AWS and its partners, and policy templates are AWS's own.")
	})
}
