package issuer

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"
)

// Introspector asks a public login provider about an opaque token. Package
// social has the one that does.
type Introspector interface {
	// Introspect returns what the provider says about a token. apps are those
	// that whoever trusts the provider has listed: two of the older providers
	// are asked in their name. ErrRejected means that the provider does not know
	// the token.
	Introspect(ctx context.Context, provider, token string, apps []string) (*Introspection, error)
}

// ErrRejected is a provider's answer that a token is not good, or no longer.
var ErrRejected = errors.New("the provider rejects the token")

// Introspection is what a provider says about a token.
type Introspection struct {
	Subject string
	Apps    []string          // names of the one application that it was made for
	Claims  map[string]string // further ones by the provider's name for them
}

const (
	askedFor    = time.Minute      // how long an answer counts
	askTimeout  = 10 * time.Second // of everything that one token needs
	maxAnswers  = 2048             // of each generation
	maxQuestion = 16               // at a time
	maxOpaque   = 4096             // bytes of a token; none is half as long
)

// askable reports whether a token could be one: it goes into a header or a URL
// of ours.
func askable(token string) bool {
	for i := range len(token) {
		if token[i] < ' ' || token[i] > '~' {
			return false
		}
	}
	return token != "" && len(token) <= maxOpaque
}

// answers remembers for a short time what providers said, so that GetId and
// the calls that follow it are one question. There are two generations, as in
// memory.
type answers struct {
	from    Introspector
	now     func() time.Time
	flights singleflight.Group
	slots   chan struct{}

	mu         sync.Mutex // guards what follows
	young, old map[digest]answer
}

type answer struct {
	found *Introspection
	until time.Time
}

// newAnswers returns nil where nobody is to be asked.
func newAnswers(from Introspector, now func() time.Time) *answers {
	if from == nil {
		return nil
	}
	return &answers{from: from, now: now, slots: make(chan struct{}, maxQuestion), young: map[digest]answer{}}
}

func (a *answers) get(d digest) (*Introspection, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	known, ok := a.young[d]
	if !ok {
		known, ok = a.old[d]
	}
	return known.found, ok && a.now().Before(known.until)
}

func (a *answers) put(d digest, found *Introspection) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.young) >= maxAnswers {
		a.young, a.old = map[digest]answer{}, a.young
	}
	a.young[d] = answer{found, a.now().Add(askedFor)}
}

// ask returns what a provider says about a token. Questions about the same
// token are one. The question goes on when ctx ends, since others may wait for
// its answer too.
func (a *answers) ask(ctx context.Context, provider, token string, apps []string) (*Introspection, error) {
	d := digest(sha256.Sum256([]byte(provider + "\x00" + strings.Join(apps, "\x00") + "\x00" + token)))
	if found, ok := a.get(d); ok {
		return found, nil
	}
	flight := a.flights.DoChan(string(d[:]), func() (any, error) {
		ctx, cancel := context.WithTimeout(context.Background(), askTimeout)
		defer cancel()
		select {
		case a.slots <- struct{}{}:
			defer func() { <-a.slots }()
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		found, err := a.from.Introspect(ctx, provider, token, apps)
		if err == nil {
			a.put(d, found)
		}
		return found, err
	})
	select {
	case result := <-flight:
		if result.Err != nil {
			return nil, result.Err
		}
		return result.Val.(*Introspection), nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// introspect verifies an opaque token by asking whoever made it.
func (r *Resolver) introspect(ctx context.Context, issuer *Issuer, token string, audiences []string) (*Claims, error) {
	if !askable(token) {
		return nil, issuer.refuse(Rejected, nil)
	}
	found, err := r.asked.ask(ctx, issuer.Name, token, audiences)
	switch {
	case errors.Is(err, ErrRejected):
		return nil, issuer.refuse(Rejected, err)
	case err != nil:
		return nil, issuer.refuse(Unreachable, err)
	case found.Subject == "" || len(found.Apps) == 0:
		return nil, issuer.refuse(Rejected, nil)
	}
	if !issuer.anyone && !slices.ContainsFunc(found.Apps, func(app string) bool { return slices.Contains(audiences, app) }) {
		return nil, issuer.refuse(WrongAudience, nil)
	}
	c := &Claims{Issuer: issuer.Name, Subject: found.Subject, Audience: found.Apps[:1], all: map[string]json.RawMessage{}}
	claims := map[string]string{"sub": found.Subject, "aud": found.Apps[0]}
	for name, value := range found.Claims {
		claims[name] = value
	}
	for name, value := range claims {
		text, err := json.Marshal(value)
		if err != nil {
			return nil, err
		}
		c.all[name] = text
	}
	return c, nil
}
