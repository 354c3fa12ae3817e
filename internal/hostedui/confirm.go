package hostedui

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"unicode/utf8"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
	"github.com/cenote-id/cenote/internal/message"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/userpool"
)

// Clients finds clients; *userpool.Service does.
type Clients interface {
	// FindClient returns the client of that id and its pool.
	FindClient(ctx context.Context, id string) (*userpool.Client, *userpool.Pool, error)
}

// Users confirms sign-ups; *user.Service does.
type Users interface {
	ConfirmSignUp(ctx context.Context, p *userpool.Pool, c *userpool.Client, in user.Confirmation) error
}

// Limiter says whether an address may ask once more.
type Limiter interface {
	Allow(netip.Addr) bool
}

// Config is what Pages work with. All fields are required.
type Config struct {
	Clients Clients
	Users   Users
	Limit   Limiter
	// Source tells where a request comes from, and whether over TLS.
	Source func(*http.Request) (netip.Addr, bool)
	NewID  func() string // of requests, for the audit record
	Log    *slog.Logger
}

// Pages are the pages of a deployment.
type Pages struct{ Config }

// New returns Pages.
func New(c Config) *Pages { return &Pages{c} }

// Mount adds the pages to a mux.
func (p *Pages) Mount(mux *http.ServeMux) {
	mux.HandleFunc("GET "+message.LinkPath, p.showConfirm)
	mux.HandleFunc("POST "+message.LinkPath, p.confirm)
}

// maxForm bounds a form, in bytes.
const maxForm = 8 << 10

// Parameters of the link, which are the fields of the form.
const (
	parClient = "client_id"
	parUser   = "user_name"
	parSecret = "confirmation_code"
	parLang   = "lang"
)

// confirmation is what a link says.
type confirmation struct{ client, user, secret string }

// Bounds of what a link says, in characters (ConfirmSignUp).
const (
	maxClient   = 128
	maxUsername = 128
)

func readConfirmation(q url.Values) (confirmation, bool) {
	c := confirmation{q.Get(parClient), q.Get(parUser), q.Get(parSecret)}
	fits := func(s string, most int) bool {
		return s != "" && utf8.ValidString(s) && utf8.RuneCountInString(s) <= most
	}
	return c, fits(c.client, maxClient) && fits(c.user, maxUsername) && user.IsLinkSecret(c.secret)
}

// showConfirm shows the button. It says the same of every link that looks like
// one: only who follows it through learns more.
func (p *Pages) showConfirm(w http.ResponseWriter, r *http.Request) {
	t := textsFor(r)
	if !p.admit(w, r, t) {
		return
	}
	in, ok := readConfirmation(r.URL.Query())
	if !ok {
		write(w, r, p.Log, http.StatusBadRequest, t.invalid())
		return
	}
	write(w, r, p.Log, http.StatusOK, page{
		Language: t.language, Symbol: "mail", Title: t.of(textConfirmTitle), Lead: t.of(textConfirmLead), Note: t.of(textConfirmNote),
		Button: t.of(textConfirmButton), Action: message.LinkPath,
		Form: []field{{parClient, in.client}, {parUser, in.user}, {parSecret, in.secret}, {parLang, t.language}},
	})
}

// confirm does what the link is for. The secret proves that the form is the
// reader's own: whoever has it may as well open the link.
func (p *Pages) confirm(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		write(w, r, p.Log, http.StatusBadRequest, textsFor(r).invalid())
		return
	}
	t := textsFor(r)
	if !p.admit(w, r, t) {
		return
	}
	in, ok := readConfirmation(r.PostForm)
	if !ok {
		write(w, r, p.Log, http.StatusBadRequest, t.invalid())
		return
	}
	done, already := t.done(), t.already()
	client, err := p.confirmSignUp(r, in)
	if client != nil {
		done, already = t.onward(done, client), t.onward(already, client)
	}
	p.conclude(w, r, t, err, done, already)
}

// conclude tells the reader what came of it.
func (p *Pages) conclude(w http.ResponseWriter, r *http.Request, t texts, err error, done, already page) {
	e, told := awsapi.AsError(err)
	switch {
	case err == nil:
		write(w, r, p.Log, http.StatusOK, done)
	case told && errors.Is(e, cognitoidp.NotAuthorizedException("")): // the link is right, and was followed before
		write(w, r, p.Log, http.StatusOK, already)
	case told && errors.Is(e, cognitoidp.LimitExceededException("")):
		write(w, r, p.Log, http.StatusTooManyRequests, t.limit())
	case told && (errors.Is(e, user.ErrCodeMismatch) || errors.Is(e, user.ErrCodeExpired) ||
		errors.Is(e, user.ErrNotFound) || errors.Is(e, cognitoidp.ResourceNotFoundException(""))):
		write(w, r, p.Log, http.StatusBadRequest, t.invalid())
	case told: // a function of the pool objects, too late to undo anything
		p.Log.WarnContext(r.Context(), "confirm by link", "code", e.Shape.Name)
		write(w, r, p.Log, http.StatusBadRequest, t.failed())
	default:
		p.Log.ErrorContext(r.Context(), "confirm by link", "err", err)
		write(w, r, p.Log, http.StatusInternalServerError, t.failed())
	}
}

// confirmSignUp is the operation of that name, recorded as such. The client is
// nil if there is none.
func (p *Pages) confirmSignUp(r *http.Request, in confirmation) (*userpool.Client, error) {
	address, secure := p.Source(r)
	request := &awsapi.Request{
		ID: p.NewID(), Operation: cognitoidp.ConfirmSignUp.Operation, Caller: awsapi.Caller{Kind: awsapi.Anonymous},
		SourceIP: address, Secure: secure, UserAgent: r.UserAgent(),
	}
	ctx := awsapi.WithRequest(r.Context(), request)
	client, pool, err := p.Clients.FindClient(ctx, in.client)
	if err != nil {
		return nil, err
	}
	request.Region = pool.Region
	request.About(pool.Account, pool.Region, awsapi.UserPoolARN(pool.Region, pool.Account, pool.ID))
	return client, p.Users.ConfirmSignUp(ctx, pool, client, user.Confirmation{Username: in.user, Code: in.secret})
}

// admit refuses addresses that ask too often.
func (p *Pages) admit(w http.ResponseWriter, r *http.Request, t texts) bool {
	address, _ := p.Source(r)
	if p.Limit.Allow(address) {
		return true
	}
	write(w, r, p.Log, http.StatusTooManyRequests, t.limit())
	return false
}

func (t texts) done() page {
	return page{Language: t.language, Symbol: "done", Title: t.of(textDoneTitle), Lead: t.of(textDoneLead)}
}

func (t texts) already() page {
	return page{Language: t.language, Symbol: "done", Title: t.of(textAlreadyTitle), Lead: t.of(textAlreadyLead)}
}

func (t texts) invalid() page {
	return page{Language: t.language, Symbol: "problem", Title: t.of(textInvalidTitle), Lead: t.of(textInvalidLead)}
}

func (t texts) limit() page {
	return page{Language: t.language, Symbol: "problem", Title: t.of(textLimitTitle), Lead: t.of(textLimitLead)}
}

func (t texts) failed() page {
	return page{Language: t.language, Symbol: "problem", Title: t.of(textErrorTitle), Lead: t.of(textErrorLead)}
}

// onward adds a link to the app, where the client says where that is.
func (t texts) onward(to page, c *userpool.Client) page {
	u, err := url.Parse(awsapi.Value(c.Description.DefaultRedirectURI))
	if err == nil && u.Host != "" && (u.Scheme == "https" || u.Scheme == "http") {
		to.Next, to.NextURL = t.of(textContinue), u.String()
	}
	return to
}
