package api

import (
	"fmt"
	"strings"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/shape"
)

// regional are the members that begin with the region of what they name:
// us-west-2_… for user pools, us-west-2:… for identity pools.
var regional = []string{"UserPoolId", "IdentityPoolId", "IdentityId"}

func newRoute(op *awsapi.Operation) *route {
	r := &route{Operation: op}
	if op.Auth != awsapi.Unsigned {
		return r
	}
	p := shape.Of(op.Service, op.Input)
	if i := p.Field([]byte("AccessToken")); i >= 0 && p.Fields[i].Plan.Kind == shape.String {
		r.token = &p.Fields[i]
	}
	for _, name := range regional {
		if i := p.Field([]byte(name)); i >= 0 {
			r.region = append(r.region, &p.Fields[i])
		}
	}
	return r
}

// bind puts a door's handler behind the operation.
func (r *route) bind(h awsapi.Handler, d Door) error {
	switch {
	case r == nil:
		return fmt.Errorf("api: a door binds %s, which no service has", h.Name)
	case r.door != nil:
		return fmt.Errorf("api: %s is bound twice", r.Action())
	case h.Invoke == nil:
		return fmt.Errorf("api: %s is bound to nothing", r.Action())
	}
	r.handler, r.door = h, d
	return nil
}

// regionOf returns the region that begins an id, or "".
func regionOf(id string) string {
	if i := strings.IndexAny(id, "_:"); i > 0 {
		return id[:i]
	}
	return ""
}
