package cognitoidp_test

import (
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/trigger"
	"github.com/cenote-id/cenote/internal/trigger/outbound"
	"github.com/cenote-id/cenote/internal/trigger/webhook"
)

// happening is one call of a function: what it got, and what it answers.
type happening struct {
	Version       string `json:"version"`
	Source        string `json:"triggerSource"`
	Username      string `json:"userName"`
	CallerContext struct {
		ClientID string `json:"clientId"`
	} `json:"callerContext"`
	Request  map[string]any `json:"request"`
	Response map[string]any `json:"response"`

	fail string // message of an error in place of a reply
}

// attributes are the user attributes that the function got.
func (h *happening) attribute(name string) string {
	attributes, _ := h.Request["userAttributes"].(map[string]any)
	value, _ := attributes[name].(string)
	return value
}

// functions are what stands behind the triggers of a pool, each an HTTP server
// that checks signatures, and a record of what they were asked.
type functions struct {
	of     map[string]func(h *happening)
	happen *record
	// preToken is the version of PreTokenGeneration; the first if empty.
	preToken types.PreTokenGenerationLambdaVersionType
}

type record struct {
	mu  sync.Mutex
	all []*happening
}

// functionsOf makes functions, by the names of their triggers.
func functionsOf(of map[string]func(h *happening)) functions {
	return functions{of: of, happen: &record{}}
}

// seen lists what the functions were asked since the last call of seen.
func (f functions) seen() []*happening {
	f.happen.mu.Lock()
	defer f.happen.mu.Unlock()
	all := f.happen.all
	f.happen.all = nil
	return all
}

// sources is seen by the names of the sources, a space between.
func (f functions) sources() string {
	var names []string
	for _, h := range f.seen() {
		names = append(names, h.Source)
	}
	return strings.Join(names, " ")
}

const triggerSecret = "what the functions know"

// service asks the functions; nil if there are none.
func (f functions) service(t *testing.T, db *store.DB) *trigger.Service {
	if f.of == nil {
		return nil
	}
	now := func() time.Time { return time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC) }
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil || !webhook.Verify([]byte(triggerSecret), r.Header.Get(webhook.Header), body, now(), 0) {
			t.Errorf("%s: a body that is not signed: %v", r.URL.Path, err)
		}
		h := new(happening)
		if err := json.Unmarshal(body, h); err != nil {
			t.Error(err)
		}
		f.of[strings.TrimPrefix(r.URL.Path, "/")](h)
		f.happen.mu.Lock()
		f.happen.all = append(f.happen.all, h)
		f.happen.mu.Unlock()
		if h.fail != "" {
			w.WriteHeader(http.StatusInternalServerError)
			err = json.NewEncoder(w).Encode(map[string]string{"errorMessage": h.fail})
		} else {
			err = json.NewEncoder(w).Encode(map[string]any{"response": h.Response})
		}
		if err != nil {
			t.Error(err)
		}
	}))
	t.Cleanup(server.Close)
	client := outbound.New(nil)
	var routes []trigger.Route
	for name := range f.of {
		routes = append(routes, trigger.Route{Name: name, Function: webhook.New(webhook.Config{
			URL: server.URL + "/" + name, Client: client, Now: now, Secret: []byte(triggerSecret),
		})})
	}
	return trigger.New(trigger.Config{
		Routes: trigger.NewRoutes(routes...), InTransaction: store.InTx, Log: slog.New(slog.NewTextHandler(t.Output(), nil)),
	})
}

// configure names the functions in a new pool of account alpha in west.
func (f functions) configure(in *idp.CreateUserPoolInput) {
	if f.of == nil {
		return
	}
	c := &types.LambdaConfigType{}
	for name := range f.of {
		arn := aws.String("arn:aws:lambda:" + west + ":" + alpha + ":function:" + name)
		switch name {
		case "PreSignUp":
			c.PreSignUp = arn
		case "PostConfirmation":
			c.PostConfirmation = arn
		case "PreAuthentication":
			c.PreAuthentication = arn
		case "PostAuthentication":
			c.PostAuthentication = arn
		case "CustomMessage":
			c.CustomMessage = arn
		case "DefineAuthChallenge":
			c.DefineAuthChallenge = arn
		case "CreateAuthChallenge":
			c.CreateAuthChallenge = arn
		case "VerifyAuthChallengeResponse":
			c.VerifyAuthChallengeResponse = arn
		case "UserMigration":
			c.UserMigration = arn
		case "PreTokenGeneration":
			c.PreTokenGeneration = arn
			if f.preToken != "" {
				c.PreTokenGenerationConfig = &types.PreTokenGenerationVersionConfigType{LambdaArn: arn, LambdaVersion: f.preToken}
			}
		case "CustomEmailSender":
			senders(c, name)
		default:
			panic("no trigger " + name)
		}
	}
	in.LambdaConfig = c
}

// yes is a function that agrees.
func yes(*happening) {}

// mood is a function that agrees, or, once it is set, ends with an error.
type mood struct{ bad atomic.Bool }

func (m *mood) answer(h *happening) {
	if m.bad.Load() {
		h.fail = "no"
	}
}
