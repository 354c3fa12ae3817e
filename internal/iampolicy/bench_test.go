package iampolicy_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/cenote-id/cenote/internal/iampolicy"
)

func benchmark(b *testing.B, statements int) {
	parts := make([]string, statements)
	for i := range parts {
		parts[i] = fmt.Sprintf(`{"Effect":"Allow","Action":["svc%d:Get*","svc%d:List*"],"Resource":"arn:aws:svc%d:*:*:thing/${aws:username}/*",
			"Condition":{"StringEquals":{"aws:PrincipalTag/team":"red"},"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}}}`, i, i, i)
	}
	p, err := iampolicy.Load(doc("[" + strings.Join(parts, ",") + "]"))
	if err != nil {
		b.Fatal(err)
	}
	q := iampolicy.Question{
		Principal: user(), Action: fmt.Sprintf("svc%d:GetThing", statements-1),
		Resource: fmt.Sprintf("arn:aws:svc%d:us-east-1:111122223333:thing/u/1", statements-1),
		Keys:     iampolicy.Values{"aws:username": {"u"}, "aws:principaltag/team": {"red"}, "aws:sourceip": {"203.0.113.7"}},
	}
	set := iampolicy.Set{Identity: []iampolicy.Source{{Policy: p}}}
	b.ReportAllocs()
	for b.Loop() {
		if d := iampolicy.Evaluate(&q, &set); d.Outcome != iampolicy.Allowed {
			b.Fatal(d)
		}
	}
}

func BenchmarkEvaluate10(b *testing.B)  { benchmark(b, 10) }
func BenchmarkEvaluate200(b *testing.B) { benchmark(b, 200) }
