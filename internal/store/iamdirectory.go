package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"

	"github.com/cenote-id/cenote/internal/account"
	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/iampolicy"
)

// iamAccount is what is cached of one account at one generation. The maps
// fill as things are asked for and hold what exists only, so that quotas
// bound them.
type iamAccount struct {
	account    account.Account
	generation int64

	principals sync.Map // unique id → *account.Principal
	roles      sync.Map // name key → *account.Principal
	policies   sync.Map // ARN → iampolicy.Source
	keys       sync.Map // access key id → account.Key
	providers  sync.Map // URL → account.Provider

	samlProviders sync.Map // name → *account.SAMLIssuer
}

func (s *IAM) loadAccount(ctx context.Context, id string) (*iamAccount, int64, error) {
	generation, err := s.generation(ctx, id) // first: what is read later is not older
	if err != nil {
		return nil, 0, err
	}
	a, err := s.AccountByID(ctx, id)
	return &iamAccount{account: a, generation: generation}, generation, err
}

// remember returns the value of a key in m, or loads it.
func remember[V any](m *sync.Map, key string, load func() (V, error)) (V, error) {
	if v, ok := m.Load(key); ok {
		return v.(V), nil
	}
	v, err := load()
	if err == nil {
		m.Store(key, v)
	}
	return v, err
}

// Account returns an account.
func (s *IAM) Account(ctx context.Context, id string) (account.Account, error) {
	a, err := s.accounts.Get(ctx, id)
	if err != nil {
		return account.Account{}, err
	}
	return a.account, nil
}

// Principal returns the user or role with a unique id, compiled.
func (s *IAM) Principal(ctx context.Context, acct, id string) (*account.Principal, error) {
	a, err := s.accounts.Get(ctx, acct)
	if err != nil {
		return nil, err
	}
	return remember(&a.principals, id, func() (*account.Principal, error) { return s.compile(ctx, acct, id) })
}

// Role returns a role by name, compiled.
func (s *IAM) Role(ctx context.Context, acct, name string) (*account.Principal, error) {
	a, err := s.accounts.Get(ctx, acct)
	if err != nil {
		return nil, err
	}
	return remember(&a.roles, account.NameKey(name), func() (*account.Principal, error) {
		r, err := s.Roles().ByName(ctx, acct, name)
		if err != nil {
			return nil, err
		}
		return s.Principal(ctx, acct, r.ID)
	})
}

// Policy returns the default version of a managed policy, compiled.
func (s *IAM) Policy(ctx context.Context, acct, arn string) (iampolicy.Source, error) {
	a, err := s.accounts.Get(ctx, acct)
	if err != nil {
		return iampolicy.Source{}, err
	}
	return remember(&a.policies, arn, func() (iampolicy.Source, error) {
		d, err := s.document(ctx, acct, arn)
		if err != nil {
			return iampolicy.Source{}, err
		}
		return d.Source()
	})
}

// Key returns a long-term access key with its secret. The id tells where to
// look, not whom to trust.
func (s *IAM) Key(ctx context.Context, id string) (account.Key, error) {
	acct, ok := account.OfAccessKey(id)
	if !ok {
		return account.Key{}, fs.ErrNotExist
	}
	a, err := s.accounts.Get(ctx, acct)
	if err != nil {
		return account.Key{}, err
	}
	key, err := remember(&a.keys, id, func() (account.Key, error) { return s.KeyByID(ctx, acct, id) })
	if errors.Is(err, fs.ErrNotExist) {
		err = s.deletedKey(ctx, acct, id)
	}
	return key, err
}

// Provider returns an OpenID Connect provider by URL without scheme.
func (s *IAM) Provider(ctx context.Context, acct, url string) (account.Provider, error) {
	a, err := s.accounts.Get(ctx, acct)
	if err != nil {
		return account.Provider{}, err
	}
	return remember(&a.providers, url, func() (account.Provider, error) { return s.ProviderByURL(ctx, acct, url) })
}

// compileAttempts bounds how often a principal is read again because the
// account changed under the reads.
const compileAttempts = 5

var errAccountBusy = errors.New("account changes too fast to be read")

// compile reads everything that decides what a principal may do. The reads
// are not one transaction; that the generation is the same before and after
// them proves that they belong together.
func (s *IAM) compile(ctx context.Context, acct, id string) (*account.Principal, error) {
	for range compileAttempts {
		before, err := s.generation(ctx, acct)
		if err != nil {
			return nil, err
		}
		facts, factsErr := s.facts(ctx, acct, id)
		after, err := s.generation(ctx, acct)
		switch {
		case err != nil:
			return nil, err
		case before != after:
			continue
		case factsErr != nil:
			return nil, factsErr
		}
		return account.NewPrincipal(facts)
	}
	return nil, errAccountBusy
}

func (s *IAM) facts(ctx context.Context, acct, id string) (f account.Facts, err error) {
	owners := []string{id}
	var boundary string
	if account.IsRole(id) {
		if f.Role, err = s.Roles().ByID(ctx, acct, id); err != nil {
			return f, err
		}
		boundary = f.Role.Boundary
	} else {
		if f.User, err = s.Users().ByID(ctx, acct, id); err != nil {
			return f, err
		}
		boundary = f.User.Boundary
		groups, err := s.GroupsOf(ctx, acct, id)
		if err != nil {
			return f, err
		}
		owners = append(owners, groups...)
	}
	var arns []string
	for _, owner := range owners {
		inline, err := s.Inlines(ctx, acct, owner)
		if err != nil {
			return f, err
		}
		f.Inline = append(f.Inline, inline...)
		attached, err := s.Attached(ctx, acct, owner, account.UseAttached)
		if err != nil {
			return f, err
		}
		arns = append(arns, attached...)
	}
	slices.Sort(arns)
	for _, arn := range slices.Compact(arns) {
		d, err := s.document(ctx, acct, arn)
		if err != nil {
			return f, fmt.Errorf("attached policy %s: %v", arn, err) // its absence is not the principal's
		}
		f.Attached = append(f.Attached, d)
	}
	if boundary != "" {
		d, err := s.document(ctx, acct, boundary)
		if err != nil {
			return f, fmt.Errorf("boundary %s: %v", boundary, err)
		}
		f.Boundary = &d
	}
	return f, nil
}

// document returns the default version of a managed policy.
func (s *IAM) document(ctx context.Context, acct, arn string) (account.Document, error) {
	if d, ok := account.AWSDocument(arn); ok {
		return d, nil
	}
	a, _ := awsapi.ParseARN(arn)
	p, err := s.Policies().ByName(ctx, acct, arn[strings.LastIndexByte(arn, '/')+1:])
	if err != nil {
		return account.Document{}, err
	}
	if a.Account != acct || p.ARN() != arn {
		return account.Document{}, errNoRow
	}
	v, err := s.Version(ctx, acct, p.ID, p.DefaultVersion)
	return account.Document{ARN: arn, Name: p.Name, Text: v.Document}, err
}
