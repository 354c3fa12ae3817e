package saml_test

import (
	"testing"

	"github.com/cenote-id/cenote/internal/saml"
)

func BenchmarkVerify(b *testing.B) {
	idp, m := provider(b)
	response := idp.Respond(ann())
	b.ReportAllocs()
	for b.Loop() {
		if _, err := saml.Verify(response, m, expect(now)); err != nil {
			b.Fatal(err)
		}
	}
}
