package account

import (
	"sync"

	"github.com/cenote-id/cenote/internal/iampolicy"
)

// sessionPoliciesKept bounds each of the two generations of compiled session
// policies. A document has at most 2,048 characters.
const sessionPoliciesKept = 512

// sessionPolicies keeps compiled session policies by their text: every guest
// of every identity pool has the same one.
type sessionPolicies struct {
	mu         sync.Mutex // guards both maps
	young, old map[string]*iampolicy.Policy
}

func (c *sessionPolicies) compile(doc string) (*iampolicy.Policy, error) {
	c.mu.Lock()
	p, ok := c.young[doc]
	if !ok {
		p, ok = c.old[doc]
	}
	c.mu.Unlock()
	if ok {
		return p, nil
	}
	p, err := iampolicy.Load(doc)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.young) >= sessionPoliciesKept {
		c.young, c.old = nil, c.young
	}
	if c.young == nil {
		c.young = map[string]*iampolicy.Policy{}
	}
	c.young[doc] = p
	return p, nil
}
