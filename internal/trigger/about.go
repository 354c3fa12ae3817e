package trigger

import (
	"cmp"
	"context"
	"strings"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/userpool"
)

// About is what every event tells beside its own request.
type About struct {
	Pool     *userpool.Pool
	Client   string // client id; empty for calls that name no client
	Username string // userName; as the request has it where it means nobody
	SDK      string // of the client, see SDK; that of the request if empty
}

// noClient stands for the client of administrators' calls that name none.
const noClient = "CLIENT_ID_NOT_APPLICABLE"

// event is what goes to a function, and comes back from it.
type event struct {
	Version  string   `json:"version"`
	Source   string   `json:"triggerSource"`
	Region   string   `json:"region"`
	Pool     string   `json:"userPoolId"`
	Username string   `json:"userName"`
	Caller   callerOf `json:"callerContext"`
	Request  any      `json:"request"`
	Response any      `json:"response"`
}

type callerOf struct {
	SDK    string `json:"awsSdkVersion"`
	Client string `json:"clientId"`
}

func (a About) event(ctx context.Context, version, source string, request, response any) event {
	client := a.Client
	if client == "" {
		client = noClient
	}
	return event{
		Version: version, Source: source, Region: a.Pool.Region, Pool: a.Pool.ID, Username: a.Username,
		Caller:  callerOf{SDK: cmp.Or(a.SDK, SDK(ctx)), Client: client},
		Request: request, Response: response,
	}
}

// SDK names the SDK that the request of ctx was made with, as events do.
func SDK(ctx context.Context) string { return sdkVersion(awsapi.RequestFrom(ctx).UserAgent) }

const (
	unknownSDK = "aws-sdk-unknown-unknown"
	maxSDK     = 64 // bytes
)

// sdkVersion names the AWS SDK of a User-Agent header as events do. How the
// service writes SDKs that call themselves otherwise is UNCONFIRMED.
func sdkVersion(userAgent string) string {
	product, _, _ := strings.Cut(userAgent, " ")
	name, version, found := strings.Cut(product, "/")
	if !found || !strings.HasPrefix(name, "aws-sdk-") || len(product) > maxSDK || strings.ContainsFunc(product, func(r rune) bool {
		return r != '-' && r != '.' && r != '/' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	}) {
		return unknownSDK
	}
	return name + "-" + version
}

// all returns a map that is never nil: userAttributes are an object even where
// there are none.
func all(m map[string]string) map[string]string {
	if m == nil {
		return map[string]string{}
	}
	return m
}
