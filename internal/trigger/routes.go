package trigger

import (
	"errors"
	"fmt"
	"strings"

	"github.com/cenote-id/cenote/internal/awsapi"
)

// Route says what stands behind some functions.
type Route struct {
	// Name is the ARN of a function, an ARN with * for any run of characters,
	// or the bare name of a function, whatever its account and region.
	Name     string
	Function Function
}

// Routes say what stands behind every function that may be called. The first
// route that fits is taken.
type Routes struct{ routes []Route }

// NewRoutes returns the routes of a deployment. Without any, no function can
// be called.
func NewRoutes(routes ...Route) *Routes { return &Routes{routes} }

// Reasons why an ARN stands for nothing, for the log.
var (
	errNotLambda = errors.New("not the ARN of a Lambda function")
	errNoRoute   = errors.New("the operator has named no function for this ARN")
)

// find returns what a pool of an account means by an ARN.
func (r *Routes) find(account, arn string) (Function, error) {
	name, owner, ok := functionName(arn)
	switch {
	case !ok:
		return nil, errNotLambda
	case owner != account:
		return nil, fmt.Errorf("the function belongs to account %s, the pool to %s", owner, account)
	}
	for _, route := range r.routes {
		if route.fits(arn, name) {
			return route.Function, nil
		}
	}
	return nil, errNoRoute
}

func (r Route) fits(arn, name string) bool {
	if strings.HasPrefix(r.Name, "arn:") {
		return r.Name == arn || matches(r.Name, arn)
	}
	return r.Name == name
}

// functionName takes the name and the account out of the ARN of a function,
// with or without a version or alias.
func functionName(arn string) (name, account string, ok bool) {
	a, ok := awsapi.ParseARN(arn)
	if !ok || a.Service != "lambda" {
		return "", "", false
	}
	kind, rest, _ := strings.Cut(a.Resource, ":")
	name, _, _ = strings.Cut(rest, ":")
	return name, a.Account, kind == "function" && name != ""
}

// matches reports whether text is pattern with each * replaced by any run of
// characters.
func matches(pattern, text string) bool {
	parts := strings.Split(pattern, "*")
	if len(parts) == 1 {
		return pattern == text
	}
	first, last := parts[0], parts[len(parts)-1]
	if len(text) < len(first)+len(last) || !strings.HasPrefix(text, first) || !strings.HasSuffix(text, last) {
		return false
	}
	text = text[len(first) : len(text)-len(last)]
	for _, part := range parts[1 : len(parts)-1] {
		_, after, found := strings.Cut(text, part)
		if !found {
			return false
		}
		text = after
	}
	return true
}
