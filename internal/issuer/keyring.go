package issuer

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"
)

// How long fetched keys are kept. Publishers choose within these bounds.
const (
	minAge        = time.Minute
	defaultAge    = time.Hour
	maxAge        = 24 * time.Hour
	refreshWindow = 10 * time.Minute // past its age a set is served while it is renewed behind the scenes
	staleLimit    = 24 * time.Hour   // past its age a set is served if its publisher is away
	unknownKeyGap = time.Minute      // between two fetches that only an unknown key id asked for
	failureGap    = 10 * time.Second // after a failed fetch
	fetchTimeout  = 10 * time.Second // metadata and keys together
	maxRemote     = 4096             // issuers remembered
	maxFetches    = 16               // at a time, all issuers together
)

// keyset is what an issuer published.
type keyset struct {
	issuer  string
	keys    []Key
	expires time.Time
}

// remoteIssuer remembers one issuer's key set. Fields are guarded by the
// keyring's mutex; set is never changed in place.
type remoteIssuer struct {
	set     *keyset   // nil before the first success
	fetched time.Time // start of the last attempt
	failed  error     // of the last attempt
	used    time.Time
}

// keyring holds the key sets of remote issuers.
type keyring struct {
	fetcher Fetcher
	public  Fetcher // for key sets elsewhere than their metadata
	now     func() time.Time
	flights singleflight.Group
	slots   chan struct{} // bounds concurrent fetches

	mu      sync.Mutex
	issuers map[endpoint]*remoteIssuer
}

func newKeyring(f, public Fetcher, now func() time.Time) *keyring {
	if public == nil {
		public = f
	}
	return &keyring{fetcher: f, public: public, now: now, slots: make(chan struct{}, maxFetches), issuers: map[endpoint]*remoteIssuer{}}
}

// get returns an issuer's key set, fetching it if it is not here or too old.
func (k *keyring) get(ctx context.Context, e endpoint) (*keyset, error) {
	now := k.now()
	k.mu.Lock()
	r := k.entry(e, now)
	set, failed := r.set, r.failed
	resting := failed != nil && now.Before(r.fetched.Add(failureGap))
	k.mu.Unlock()

	switch {
	case set != nil && now.Before(set.expires):
		return set, nil
	case set != nil && now.Before(set.expires.Add(staleLimit)) && resting:
		return set, nil
	case set != nil && now.Before(set.expires.Add(refreshWindow)):
		k.start(e, now)
		return set, nil
	case resting:
		return nil, failed
	}
	fresh, err := k.wait(ctx, e, now)
	if err != nil && set != nil && now.Before(set.expires.Add(staleLimit)) {
		return set, nil
	}
	return fresh, err
}

// renew fetches again because a token names a key id that set lacks. It gives
// back set itself if the last fetch is too recent or fails.
func (k *keyring) renew(ctx context.Context, e endpoint, set *keyset) *keyset {
	now := k.now()
	k.mu.Lock()
	r := k.entry(e, now)
	current, wait := r.set, now.Before(r.fetched.Add(unknownKeyGap))
	k.mu.Unlock()
	if current != nil && current != set {
		return current
	}
	if wait {
		return set
	}
	if fresh, err := k.wait(ctx, e, now); err == nil {
		return fresh
	}
	return set
}

// entry returns the record of an issuer, forgetting the one that was not used
// for longest where there are too many. The mutex is held.
func (k *keyring) entry(e endpoint, now time.Time) *remoteIssuer {
	r, ok := k.issuers[e]
	if !ok {
		if len(k.issuers) >= maxRemote {
			k.forget()
		}
		r = &remoteIssuer{}
		k.issuers[e] = r
	}
	r.used = now
	return r
}

func (k *keyring) forget() {
	var oldest endpoint
	var at time.Time
	for e, r := range k.issuers {
		if at.IsZero() || r.used.Before(at) {
			oldest, at = e, r.used
		}
	}
	delete(k.issuers, oldest)
}

// start begins a fetch, or joins the one that is under way. asked is when the
// caller found that it needs one.
func (k *keyring) start(e endpoint, asked time.Time) <-chan singleflight.Result {
	return k.flights.DoChan(e.discovery+" "+e.keys+" "+e.issuer+" "+e.pins, func() (any, error) { return k.fetch(e, asked) })
}

// wait fetches and waits for the end, or for the end of ctx. The fetch itself
// goes on, since others may wait for it too.
func (k *keyring) wait(ctx context.Context, e endpoint, asked time.Time) (*keyset, error) {
	select {
	case result := <-k.start(e, asked):
		if result.Err != nil {
			return nil, result.Err
		}
		return result.Val.(*keyset), nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// fetch runs once at a time for each issuer. A caller who asked before the
// last fetch began, and only got here after its end, shares its result.
func (k *keyring) fetch(e endpoint, asked time.Time) (*keyset, error) {
	k.mu.Lock()
	if r := k.entry(e, asked); !r.fetched.Before(asked) {
		defer k.mu.Unlock()
		return r.set, r.failed
	}
	k.mu.Unlock()

	ctx, cancel := context.WithTimeout(context.Background(), fetchTimeout)
	defer cancel()
	select {
	case k.slots <- struct{}{}:
		defer func() { <-k.slots }()
	case <-ctx.Done():
		return nil, fmt.Errorf("fetch keys: others take too long: %w", ctx.Err())
	}

	began := k.now()
	set, err := k.read(ctx, e)

	k.mu.Lock()
	defer k.mu.Unlock()
	r := k.entry(e, began)
	r.fetched, r.failed = began, err
	if err == nil {
		r.set = set
	}
	return set, err
}

func (k *keyring) read(ctx context.Context, e endpoint) (*keyset, error) {
	set := &keyset{issuer: e.issuer}
	at, from := e.keys, k.fetcher
	if e.discovery != "" {
		m, err := k.metadata(ctx, e)
		if err != nil {
			return nil, err
		}
		if e.issuer != "" && m.Issuer != e.issuer {
			return nil, fmt.Errorf("%s names the issuer %q", e.discovery, m.Issuer)
		}
		set.issuer = m.Issuer
		if at == "" {
			at = m.KeysURL
			if !e.named && !sameHost(at, e.discovery) {
				from = k.public
			}
		}
	}
	document, age, err := fetchPinned(ctx, from, at, e.pins)
	if err != nil {
		return nil, fmt.Errorf("fetch keys: %w", err)
	}
	if set.keys, err = ParseKeySet(document); err != nil {
		return nil, fmt.Errorf("%s: %w", at, err)
	}
	if age < 0 {
		age = defaultAge
	}
	set.expires = k.now().Add(min(max(age, minAge), maxAge))
	return set, nil
}

// fetchPinned fetches with the pins that the fetcher can heed.
func fetchPinned(ctx context.Context, from Fetcher, at, pins string) ([]byte, time.Duration, error) {
	if p, ok := from.(PinnedFetcher); ok && pins != "" {
		return p.FetchPinned(ctx, at, strings.Fields(pins))
	}
	return from.Fetch(ctx, at)
}

// sameHost reports whether two URLs have scheme, host and port in common.
func sameHost(a, b string) bool {
	u, err := url.Parse(a)
	if err != nil {
		return false
	}
	v, err := url.Parse(b)
	return err == nil && u.Scheme == v.Scheme && strings.EqualFold(u.Host, v.Host)
}

// metadata is the part of OpenID Connect discovery that key sets need.
type metadata struct {
	Issuer  string `json:"issuer"`
	KeysURL string `json:"jwks_uri"`
}

func (k *keyring) metadata(ctx context.Context, e endpoint) (metadata, error) {
	at := e.discovery
	document, _, err := fetchPinned(ctx, k.fetcher, at, e.pins)
	if err != nil {
		return metadata{}, fmt.Errorf("fetch metadata: %w", err)
	}
	var m metadata
	if err := json.Unmarshal(document, &m); err != nil {
		return metadata{}, fmt.Errorf("%s: %w", at, err)
	}
	if u, err := url.Parse(m.Issuer); err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") {
		return metadata{}, fmt.Errorf("%s: issuer is not a URL", at)
	}
	return m, nil
}
