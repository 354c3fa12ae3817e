package sts_test

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http/httptest"
	"strings"
	"testing"

	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	awssts "github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/cenote-id/cenote/internal/store/storetest"
)

// BenchmarkGetCallerIdentity is the whole call with temporary credentials but
// the network: signature, sealed session, policy-free authorization, reply.
func BenchmarkGetCallerIdentity(b *testing.B) {
	w := &world{t: b, time: start}
	w.open(storetest.Memory(b, storetest.Clock(w.now)))
	ann := w.user(home, "ann", anything)
	role := w.role(home, "reader", trust(assumeAction, rootOf(home), ""), "")
	out, err := w.client(ann).AssumeRole(b.Context(), &awssts.AssumeRoleInput{RoleArn: &role, RoleSessionName: new("work")})
	w.must(err)
	const body = "Action=GetCallerIdentity&Version=2011-06-15"
	sum := sha256.Sum256([]byte(body))
	r := httptest.NewRequest("POST", w.url+"/", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w.must(v4.NewSigner().SignHTTP(b.Context(), temporary(out.Credentials), r, hex.EncodeToString(sum[:]), "sts", "us-east-1", w.now()))
	b.ReportAllocs()
	for b.Loop() {
		again := r.Clone(b.Context())
		again.Body = httptest.NewRequest("POST", "/", strings.NewReader(body)).Body
		reply := httptest.NewRecorder()
		w.kernel.ServeHTTP(reply, again)
		if reply.Code != 200 {
			b.Fatal(reply.Body)
		}
	}
}
