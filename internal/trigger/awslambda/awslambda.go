// Package awslambda calls functions by the Invoke API of AWS Lambda: those of
// AWS itself, of an emulator of AWS, or of one Lambda runtime that runs behind
// its emulator.
//
// Source: AWS Lambda API reference, "Invoke"; AWS Lambda developer guide,
// "Using the runtime interface emulator".
package awslambda

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/sigv4"
	"github.com/cenote-id/cenote/internal/trigger"
	"github.com/cenote-id/cenote/internal/trigger/outbound"
)

// Config says how an Endpoint works. URL, Client and Now are required.
type Config struct {
	// URL is where the API is: the base URL of an endpoint, in which {region}
	// stands for the region of the function, or a whole URL that ends in
	// /invocations, for a place that runs one function.
	URL    string
	Client *outbound.Client
	Now    func() time.Time
	// Credentials returns what requests are signed with, nil for nothing. A nil
	// function signs nothing either.
	Credentials func() (*sigv4.Credentials, error)
}

// Endpoint calls functions. It is safe for concurrent use.
type Endpoint struct{ Config }

var _ trigger.Function = (*Endpoint)(nil)

// New returns an Endpoint.
func New(c Config) *Endpoint {
	c.URL = strings.TrimSuffix(c.URL, "/")
	return &Endpoint{c}
}

const (
	regionMark  = "{region}"
	invocations = "/invocations"
)

var regionName = regexp.MustCompile(`^[a-z]{2}(-[a-z]+)+-\d$`)

var errRegion = errors.New("the ARN names no region")

// Invoke implements trigger.Function.
func (e *Endpoint) Invoke(ctx context.Context, arn string, event []byte) ([]byte, error) {
	a, _ := awsapi.ParseARN(arn)
	// The region becomes part of a host name.
	if !regionName.MatchString(a.Region) {
		return nil, &trigger.Refused{Code: "ResourceNotFoundException", Cause: errRegion}
	}
	reply, err := e.Client.Post(ctx, e.address(arn, a.Region), event, func(r *http.Request) error {
		return e.sign(r, event, a.Region)
	})
	switch {
	case err != nil:
		return nil, err
	case reply.Status != http.StatusOK:
		return nil, reply.Refusal()
	case reply.Header.Get("X-Amz-Function-Error") != "":
		return nil, functionError(reply.Body)
	}
	return reply.Body, nil
}

func (e *Endpoint) address(arn, region string) string {
	base := strings.ReplaceAll(e.URL, regionMark, region)
	if strings.HasSuffix(base, invocations) {
		return base
	}
	return base + "/2015-03-31/functions/" + strings.ReplaceAll(url.PathEscape(arn), ":", "%3A") + invocations
}

func (e *Endpoint) sign(r *http.Request, event []byte, region string) error {
	r.Header.Set("X-Amz-Invocation-Type", "RequestResponse")
	if e.Credentials == nil {
		return nil
	}
	c, err := e.Credentials()
	if err != nil {
		return &trigger.Refused{Code: "AccessDeniedException", Cause: err}
	}
	if c != nil {
		sigv4.Sign(r, event, *c, region, "lambda", e.Now())
	}
	return nil
}

// functionError reads the error document of a function that has failed.
func functionError(document []byte) error {
	if err := trigger.ReplyError(document); err != nil {
		return err
	}
	return &trigger.FunctionError{Message: "null"}
}
