// Package awsmanaged is the catalogue of AWS-managed policies that Cenote
// knows: what users of Cognito attach, and the general ones that everybody
// starts with. The documents are facts (action lists) in policies.json; their
// version numbers and dates are UNCONFIRMED.
package awsmanaged

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base32"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

// Owner stands where other policies' ARNs have an account.
const Owner = "aws"

// Policy is one AWS-managed policy.
type Policy struct {
	Path        string
	Name        string
	Description string
	Version     int
	Created     time.Time
	Updated     time.Time
	Document    string
}

// ARN names the policy.
func (p *Policy) ARN() string { return "arn:aws:iam::aws:policy" + p.Path + p.Name }

// ID is a unique id in AWS's form. It is made from the ARN, so that it is the
// same in every deployment; it is not the id that AWS uses.
func (p *Policy) ID() string {
	sum := sha256.Sum256([]byte(p.ARN()))
	return "ANPA" + base32.StdEncoding.EncodeToString(sum[:])[:17]
}

//go:embed policies.json
var file []byte

type catalogue struct {
	sorted []*Policy // by name without regard to case
	byARN  map[string]*Policy
}

var load = sync.OnceValue(func() *catalogue {
	var rows []struct {
		Path, Name, Description string
		Version                 int
		Created, Updated        time.Time
		Document                json.RawMessage
	}
	if err := json.Unmarshal(file, &rows); err != nil {
		panic(fmt.Sprintf("awsmanaged: policies.json: %v", err)) // a test reads it
	}
	c := &catalogue{byARN: make(map[string]*Policy, len(rows))}
	for _, r := range rows {
		p := &Policy{r.Path, r.Name, r.Description, r.Version, r.Created, r.Updated, string(r.Document)}
		c.sorted = append(c.sorted, p)
		c.byARN[p.ARN()] = p
	}
	slices.SortFunc(c.sorted, func(a, b *Policy) int {
		return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name))
	})
	return c
})

// All returns the policies by name. They must not be changed.
func All() []*Policy { return load().sorted }

// ByARN returns a policy by ARN.
func ByARN(arn string) (*Policy, bool) {
	p, ok := load().byARN[arn]
	return p, ok
}
