// Package wellknown is the door behind which the deployment publishes who it
// is: discovery documents and key sets of every user pool, whatever its
// account, region and issuer mode, of the issuer of identity pools, and of the
// issuers under which accounts vouch for their principals.
//
// All of it is public and meant for any origin. Nothing here asks who is
// asking.
package wellknown

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"log/slog"
	"net/http"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/token"
	"github.com/cenote-id/cenote/internal/userpool"
)

// Pools finds user pools; *userpool.Service is one.
type Pools interface {
	// Find returns the pool of that id, whoever owns it.
	Find(ctx context.Context, id string) (*userpool.Pool, error)
	// Issuer returns the issuer that the pool's tokens name.
	Issuer(p *userpool.Pool) string
}

// KeySets writes key sets; *token.Keys is one.
type KeySets interface {
	// JWKS returns the key set of a pool or of token.IdentityPools, or
	// fs.ErrNotExist.
	JWKS(ctx context.Context, owner string) ([]byte, error)
}

// Config is what a Handler needs; every field is required.
type Config struct {
	Pools          Pools
	Keys           KeySets
	PublicURL      string // where this deployment is reached, without a slash at the end
	IdentityIssuer string // iss of the tokens of identity pools
	Log            *slog.Logger
}

// Handler serves the documents.
type Handler struct {
	Config
	identity []byte
}

// New returns a Handler.
func New(c Config) *Handler { return &Handler{Config: c, identity: identityDocument(c)} }

// Mount adds the door's routes to a mux. They are GET routes; HEAD comes with
// them.
func (h *Handler) Mount(mux *http.ServeMux) {
	mux.HandleFunc("GET /{pool}/.well-known/openid-configuration", h.poolDiscovery)
	mux.HandleFunc("GET /{pool}/.well-known/jwks.json", h.poolKeys)
	mux.HandleFunc("GET /"+token.Outbound("{issuer}")+"/.well-known/openid-configuration", h.outboundDiscovery)
	mux.HandleFunc("GET /"+token.Outbound("{issuer}")+"/.well-known/jwks.json", h.outboundKeys)
	mux.HandleFunc("GET /"+token.IdentityPools+"/.well-known/openid-configuration", h.identityDiscovery)
	mux.HandleFunc("GET /"+token.IdentityPools+"/.well-known/jwks_uri", h.identityKeys)
}

// How long the documents may be kept. A new key is published a minute before
// it signs, so a key set must not be kept longer than that.
const (
	keepKeys      = "public, max-age=60"
	keepDiscovery = "public, max-age=300"
)

func (h *Handler) poolDiscovery(w http.ResponseWriter, r *http.Request) {
	p, err := h.Pools.Find(r.Context(), r.PathValue("pool"))
	if err != nil {
		h.fail(w, r, err)
		return
	}
	doc := token.Discovery{Issuer: h.Pools.Issuer(p), JWKS: h.PublicURL + "/" + p.ID + "/.well-known/jwks.json"}
	answer(w, http.StatusOK, keepDiscovery, doc.Document())
}

func (h *Handler) poolKeys(w http.ResponseWriter, r *http.Request) {
	p, err := h.Pools.Find(r.Context(), r.PathValue("pool"))
	if err != nil {
		h.fail(w, r, err)
		return
	}
	h.keys(w, r, p.ID)
}

func (h *Handler) identityDiscovery(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, keepDiscovery, h.identity)
}

func (h *Handler) identityKeys(w http.ResponseWriter, r *http.Request) {
	h.keys(w, r, token.IdentityPools)
}

func (h *Handler) keys(w http.ResponseWriter, r *http.Request, owner string) {
	set, err := h.Keys.JWKS(r.Context(), owner)
	if err != nil {
		h.fail(w, r, err)
		return
	}
	answer(w, http.StatusOK, keepKeys, set)
}

// identityDocument is what the issuer of identity pools says of itself, with
// the members of the real one.
func identityDocument(c Config) []byte {
	doc, err := json.Marshal(struct {
		Issuer        string   `json:"issuer"`
		JWKS          string   `json:"jwks_uri"`
		Authorization string   `json:"authorization_endpoint"`
		ResponseTypes []string `json:"response_types_supported"`
		SubjectTypes  []string `json:"subject_types_supported"`
		Algorithms    []string `json:"id_token_signing_alg_values_supported"`
	}{
		c.IdentityIssuer, c.PublicURL + "/" + token.IdentityPools + "/.well-known/jwks_uri", c.IdentityIssuer,
		[]string{"token"},
		[]string{"public"},
		[]string{"RS512"},
	})
	if err != nil {
		panic(err) // a struct of strings marshals
	}
	return doc
}

// fail answers an error: what does not exist is told so, anything else is
// logged and not told.
func (h *Handler) fail(w http.ResponseWriter, r *http.Request, err error) {
	status, message := http.StatusInternalServerError, "Internal error."
	if e, ok := awsapi.AsError(err); ok {
		status, message = http.StatusNotFound, e.Message
	} else if errors.Is(err, fs.ErrNotExist) {
		status, message = http.StatusNotFound, "There are no keys here."
	} else if r.Context().Err() == nil {
		h.Log.ErrorContext(r.Context(), "publish issuer document", "path", r.URL.Path, "err", err)
	}
	body, err := json.Marshal(struct {
		Message string `json:"message"`
	}{message})
	if err != nil {
		panic(err) // a string marshals
	}
	answer(w, status, "no-store", body)
}

func answer(w http.ResponseWriter, status int, keep string, body []byte) {
	head := w.Header()
	head.Set("Content-Type", "application/json")
	head.Set("Cache-Control", keep)
	head.Set("Access-Control-Allow-Origin", "*")
	head.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	// A reader that hung up is not worth a line.
	_, _ = w.Write(body)
}
