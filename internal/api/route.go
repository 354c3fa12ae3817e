package api

import (
	"net/http"
	"strings"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/awsquery"
	"github.com/cenote-id/cenote/internal/awsapi/cognitoidentity"
	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
	"github.com/cenote-id/cenote/internal/awsapi/iam"
	"github.com/cenote-id/cenote/internal/awsapi/shape"
	"github.com/cenote-id/cenote/internal/awsapi/sts"
)

// services are all that the kernel answers for, with or without a door.
var services = []*awsapi.Service{cognitoidp.Service, cognitoidentity.Service, sts.Service, iam.Service}

// route is an operation with what stands behind it.
type route struct {
	*awsapi.Operation
	handler awsapi.Handler // Invoke is nil where no door has code for it
	door    Door
	token   *shape.Field   // the AccessToken of an unsigned operation, or nil
	region  []*shape.Field // members whose value begins with a region, unsigned operations
}

// routes finds operations by what a request says.
type routes struct {
	targets  map[string]*route            // by X-Amz-Target
	versions map[string]*awsapi.Service   // Query services by Version
	actions  map[string]map[string]*route // by Version, then Action
}

func newRoutes(doors []Door) (*routes, error) {
	rs := &routes{
		targets:  make(map[string]*route),
		versions: make(map[string]*awsapi.Service),
		actions:  make(map[string]map[string]*route),
	}
	byOperation := make(map[*awsapi.Operation]*route)
	for _, s := range services {
		if s.Protocol == awsapi.Query {
			rs.versions[s.APIVersion] = s
			rs.actions[s.APIVersion] = make(map[string]*route)
		}
		for _, op := range s.Operations {
			r := newRoute(op)
			byOperation[op] = r
			if s.Protocol == awsapi.Query {
				rs.actions[s.APIVersion][op.Name] = r
			} else {
				rs.targets[s.TargetPrefix+"."+op.Name] = r
			}
		}
	}
	for _, d := range doors {
		for _, h := range d.Handlers() {
			if err := byOperation[h.Operation].bind(h, d); err != nil {
				return nil, err
			}
		}
	}
	return rs, nil
}

// byTarget finds the operation of an AWS JSON request. The service is known
// when the target's prefix is, even if the operation is not.
func (rs *routes) byTarget(target string) (*route, *awsapi.Service, error) {
	if r, ok := rs.targets[target]; ok {
		return r, r.Service, r.implemented()
	}
	prefix, name, _ := strings.Cut(target, ".")
	for _, s := range services {
		if s.Protocol == awsapi.JSON && s.TargetPrefix == prefix {
			return nil, s, awsapi.InvalidAction.New("%s has no operation %s.", s.Name, clip(name))
		}
	}
	return nil, nil, awsapi.InvalidAction.New("X-Amz-Target names no service that this endpoint knows.")
}

// byAction finds the operation of an AWS Query request.
func (rs *routes) byAction(f awsquery.Form) (*route, *awsapi.Service, error) {
	action, version := f["Action"], f["Version"]
	if r, ok := rs.actions[version][action]; ok {
		return r, r.Service, r.implemented()
	}
	if version == "" {
		version = "NO_VERSION_SPECIFIED"
	}
	return nil, rs.versions[version], awsapi.InvalidAction.New("Could not find operation %s for version %s", clip(action), clip(version))
}

func (r *route) implemented() error {
	if r.handler.Invoke == nil {
		return awsapi.NotImplemented.New("Cenote does not implement %s yet.", r.Action())
	}
	return nil
}

// isJSON reports whether a request speaks AWS JSON or at least means to.
func isJSON(r *http.Request) bool {
	return len(r.Header.Values("X-Amz-Target")) > 0 || strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-amz-json")
}

// clip keeps what a stranger wrote from filling the answer.
func clip(s string) string {
	const most = 128
	if len(s) > most {
		s = s[:most] + "…"
	}
	return strings.ToValidUTF8(s, "\ufffd")
}
