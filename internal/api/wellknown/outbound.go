package wellknown

import (
	"encoding/json"
	"net/http"

	"github.com/cenote-id/cenote/internal/token"
)

// OutboundURL returns the issuer of an account from its id.
func OutboundURL(publicURL, id string) string { return publicURL + "/" + token.Outbound(id) }

// outboundDiscovery is what an account's issuer says of itself. An issuer
// exists while it has keys.
func (h *Handler) outboundDiscovery(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("issuer")
	if _, err := h.Keys.JWKS(r.Context(), token.Outbound(id)); err != nil {
		h.fail(w, r, err)
		return
	}
	url := OutboundURL(h.PublicURL, id)
	doc, err := json.Marshal(struct {
		Issuer        string   `json:"issuer"`
		JWKS          string   `json:"jwks_uri"`
		ResponseTypes []string `json:"response_types_supported"`
		SubjectTypes  []string `json:"subject_types_supported"`
		Algorithms    []string `json:"id_token_signing_alg_values_supported"`
		Claims        []string `json:"claims_supported"`
	}{
		url, url + "/.well-known/jwks.json",
		[]string{"id_token"},
		[]string{"public"},
		token.OutboundAlgorithms(),
		[]string{"iss", "aud", "sub", "iat", "exp", "jti", "https://sts.amazonaws.com/"},
	})
	if err != nil {
		panic(err) // a struct of strings marshals
	}
	answer(w, http.StatusOK, keepDiscovery, doc)
}

func (h *Handler) outboundKeys(w http.ResponseWriter, r *http.Request) {
	h.keys(w, r, token.Outbound(r.PathValue("issuer")))
}
