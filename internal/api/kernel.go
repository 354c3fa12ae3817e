package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/awsjson"
	"github.com/cenote-id/cenote/internal/awsapi/awsquery"
	"github.com/cenote-id/cenote/internal/awsapi/shape"
	"github.com/cenote-id/cenote/internal/config"
	"github.com/cenote-id/cenote/internal/lane"
)

// Kernel serves the four APIs. It is safe for concurrent use.
type Kernel struct {
	cfg    Config
	routes *routes
	long   chan struct{} // one entry a body in memory that is longer than usual
	large  chan struct{} // the same for bodies beyond the usual limit
}

// New returns a kernel that serves the doors.
func New(cfg Config) (*Kernel, error) {
	if err := cfg.check(); err != nil {
		return nil, err
	}
	rs, err := newRoutes(cfg.Doors)
	if err != nil {
		return nil, err
	}
	return &Kernel{cfg: cfg, routes: rs, long: make(chan struct{}, longAtOnce), large: make(chan struct{}, largeAtOnce)}, nil
}

// call is one request on its way through the kernel.
type call struct {
	k       *Kernel
	r       *http.Request
	start   time.Time
	req     *awsapi.Request
	json    bool            // AWS JSON, else AWS Query
	service *awsapi.Service // nil until known
	route   *route          // nil until known
	form    awsquery.Form   // AWS Query only
	body    []byte
	release func()
}

// ServeHTTP answers a request.
func (k *Kernel) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch r.Method {
	case http.MethodOptions:
		k.preflight(w, r)
		return
	case http.MethodPost, http.MethodGet:
	default:
		w.Header().Set("Allow", allowMethods)
		k.plain(w, http.StatusMethodNotAllowed, "The AWS APIs are called with POST.")
		return
	}
	body := buffers.Get().(*[]byte)
	c := k.begin(r)
	out, err := c.run(body)
	if errors.Is(err, errNoCall) {
		k.noCall(w, r)
	} else {
		c.reply(w, out, err)
	}
	c.release()
	putBuffer(body)
}

func (k *Kernel) begin(r *http.Request) *call {
	start := k.cfg.Now()
	addr, secure := Source(r, k.cfg.TrustedProxies)
	return &call{
		k: k, r: r, start: start, json: isJSON(r), release: func() {},
		req: &awsapi.Request{
			ID:        k.cfg.NewID(),
			Time:      start.UTC(),
			Caller:    awsapi.Caller{Kind: awsapi.Anonymous},
			SourceIP:  addr,
			UserAgent: bounded(r.UserAgent()),
			Referer:   bounded(r.Referer()),
			Secure:    secure,
		},
	}
}

// bounded cuts a header that is kept with the decisions about its request,
// for as long as those can be explained.
func bounded(header string) string {
	const most = 2048
	if len(header) > most {
		return strings.Clone(header[:most])
	}
	return header
}

// errNoCall says that a request does not even try to call an API.
var errNoCall = errors.New("no API call")

// run takes the call through all steps before the reply. buf is room for the
// body, which nothing that outlives the call may keep.
func (c *call) run(buf *[]byte) (out any, err error) {
	defer func() {
		if p := recover(); p != nil {
			if p == http.ErrAbortHandler {
				panic(p)
			}
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	if err := c.find(buf); err != nil {
		return nil, err
	}
	ctx := awsapi.WithRequest(c.r.Context(), c.req)
	if err := c.authenticate(ctx); err != nil {
		return nil, err
	}
	in, err := c.decode()
	if err != nil {
		return nil, err
	}
	if err := shape.Check(c.service, in); err != nil {
		return nil, err
	}
	c.locate(in)
	if ctx, err = c.authorize(ctx, in); err != nil {
		return nil, c.declared(err)
	}
	out, err = c.route.handler.Invoke(ctx, in)
	if errors.Is(err, lane.ErrBusy) {
		err = c.throttled() // the work was not begun: the caller may try again
	}
	if err == nil && c.route.Output != nil && reflect.ValueOf(out).IsNil() {
		err = fmt.Errorf("%s answered neither an output nor an error", c.route.Name)
	}
	return out, c.declared(err)
}

// find bounds, reads and routes the request.
func (c *call) find(buf *[]byte) (err error) {
	if !c.k.cfg.ByAddress.Allow(LimitKey(c.req.SourceIP)) {
		if c.json {
			_, c.service, _ = c.k.routes.byTarget(c.r.Header.Get("X-Amz-Target"))
		}
		return c.throttled()
	}
	if c.json {
		targets := c.r.Header.Values("X-Amz-Target")
		if len(targets) != 1 || c.r.Method != http.MethodPost {
			return awsapi.InvalidAction.New("AWS JSON calls are POST requests with one X-Amz-Target header.")
		}
		if c.route, c.service, err = c.k.routes.byTarget(targets[0]); err != nil {
			return err
		}
	}
	c.body, c.release, err = c.k.readBody(c.r, *buf, c.route)
	*buf = c.body
	if err == errNoPlace {
		return c.throttled()
	}
	if err != nil {
		return err
	}
	if !c.json {
		if c.form, err = awsquery.Parse(c.r.URL.RawQuery, string(c.body)); err != nil {
			return err
		}
		if c.form["Action"] == "" && c.form["Version"] == "" {
			return errNoCall
		}
		if c.route, c.service, err = c.k.routes.byAction(c.form); err != nil {
			return err
		}
	}
	c.req.Operation = c.route.Operation
	c.req.Region = c.k.cfg.DefaultRegion
	return nil
}

// authenticate finds the caller of a signed operation. Unsigned ones ignore a
// signature, as the services do.
func (c *call) authenticate(ctx context.Context) error {
	told := hostRegion(c.r.Host)
	if !c.k.served(told) {
		told = ""
	}
	if told != "" {
		c.req.Region = told
	}
	if c.route.Auth != awsapi.Signed {
		return nil
	}
	who, err := c.k.cfg.Authenticator.Verify(ctx, c.r, c.body, c.service, told)
	if err != nil {
		return err
	}
	c.req.Caller = who.Caller
	if told == "" && who.Region != "" {
		c.req.Region = who.Region
	}
	return nil
}

func (c *call) decode() (any, error) {
	if c.json {
		return awsjson.Decode(c.route.Operation, c.body)
	}
	return awsquery.Decode(c.route.Operation, c.form)
}

// locate takes the region of an unsigned call from the id that it names, where
// the host name tells none.
func (c *call) locate(in any) {
	if len(c.route.region) == 0 || c.k.served(hostRegion(c.r.Host)) {
		return
	}
	s := reflect.ValueOf(in).Elem()
	for _, f := range c.route.region {
		if v, present := f.Get(s); present {
			if region := regionOf(v.String()); c.k.served(region) {
				c.req.Region = region
				return
			}
		}
	}
}

func (c *call) authorize(ctx context.Context, in any) (context.Context, error) {
	if c.route.token != nil {
		// Where it may be left out, the handler asks who stands behind the call.
		if token, present := c.route.token.Get(reflect.ValueOf(in).Elem()); present {
			return c.k.cfg.AccessTokens.Authenticate(ctx, token.String())
		}
	}
	if c.route.Auth != awsapi.Signed {
		return ctx, nil
	}
	accesses, err := c.route.door.Access(ctx, c.route.Operation, in)
	if err != nil {
		return nil, err
	}
	if accesses == nil {
		accesses = []awsapi.Access{{Action: c.route.Action(), Resource: "*"}}
	}
	c.req.Owner = c.req.Caller.Account
	if len(accesses) > 0 {
		c.req.Resource = accesses[0].Resource
	}
	if c.req.Caller.Kind != awsapi.Root && len(accesses) > 0 {
		if err := c.k.cfg.Authorizer.Authorize(ctx, accesses); err != nil {
			return nil, err
		}
	}
	if !c.k.cfg.ByPrincipal.Allow(c.req.Caller.PrincipalARN) {
		return nil, c.throttled()
	}
	return ctx, nil
}

func (c *call) throttled() error {
	shape := awsapi.Throttling
	if c.service != nil {
		shape = c.service.Throttled
	}
	return shape.New("Rate exceeded")
}

// declared insists, where the configuration is strict, that a door fails only
// in ways that the model declares for its operation.
func (c *call) declared(err error) error {
	e, ok := awsapi.AsError(err)
	if !ok || !c.k.cfg.Strict || e.Shape.Front || slices.Contains(c.route.Errors, e.Shape.Name) {
		return err
	}
	switch e.Shape {
	case c.service.Invalid, c.service.Internal, c.service.Throttled:
		return err
	}
	return fmt.Errorf("%s does not declare %s", c.route.Action(), e)
}

// served reports whether region is one that this deployment answers for.
func (k *Kernel) served(region string) bool {
	return config.IsRegion(region) && (k.cfg.Regions == nil || k.cfg.Regions(region))
}
