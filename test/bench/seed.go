package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/cenote-id/cenote/internal/password"
	"github.com/cenote-id/cenote/internal/secretbox"
	"github.com/cenote-id/cenote/internal/srp"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/userpool"
)

// everyPassword is everybody's who has one.
const everyPassword = "Bench-Passw0rd"

// population says who is in a pool. Some users can sign in with the password,
// and as many with SRP alone (see srp.go); they lie evenly among all.
type population struct{ users int }

// maxSigners bounds the users of either kind who can sign in.
const maxSigners = 1000

// stride is the distance between two users of one kind.
func (p population) stride() int { return max(2, p.users/maxSigners) }

func (p population) passwordUsers() int { return (p.users + p.stride() - 1) / p.stride() }
func (p population) srpUsers() int      { return p.users / p.stride() }

func (p population) passwordUser(i int) string { return username(i * p.stride()) }
func (p population) srpUser(i int) string      { return username(i*p.stride() + p.stride()/2) }

func username(i int) string { return fmt.Sprintf("user%08d", i) }
func email(i int) string    { return username(i) + "@example.com" }

// kind returns whether user i signs in with the password or by SRP.
func (p population) kind(i int) (byPassword, bySRP bool) {
	return i%p.stride() == 0, i%p.stride() == p.stride()/2
}

// seeding fills the pool of a deployment whose server is stopped.
type seeding struct {
	url       string
	masterKey string
	pool      string
	population
}

const (
	usersPerTx = 2000
	// seeders is how many transactions are open at once. SQLite takes them one
	// after another; PostgreSQL takes them side by side.
	seeders = 4
)

// seed writes the users through the store, as the server would, but many in
// one transaction and with one password hash for all who never sign in.
func seed(ctx context.Context, s seeding) (took time.Duration, err error) {
	began := time.Now()
	master, err := secretbox.ReadMaster(s.masterKey)
	if err != nil {
		return 0, err
	}
	db, err := store.Open(ctx, store.Config{URL: s.url, Master: master, Now: time.Now})
	if err != nil {
		return 0, err
	}
	defer func() {
		if closeErr := db.Close(); err == nil {
			err = closeErr
		}
	}()
	pool, err := db.UserPools().Pool(ctx, s.pool)
	if err != nil {
		return 0, fmt.Errorf("find pool %s: %w", s.pool, err)
	}
	w := &sower{seeding: s, pool: pool, users: db.Users(), now: time.Now().UTC().Truncate(time.Millisecond)}
	w.idle = w.stored("nobody")
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(seeders)
	for from := 0; from < s.population.users; from += usersPerTx {
		group.Go(func() error {
			batch := w.batch(from, min(from+usersPerTx, s.population.users))
			return db.Tx(ctx, func(ctx context.Context) error {
				for _, u := range batch {
					if err := w.users.InsertUser(ctx, u, user.Key(pool, u.Username), user.Aliases(pool, u.Attributes)); err != nil {
						return err
					}
				}
				return nil
			})
		})
	}
	err = group.Wait()
	return time.Since(began), err
}

// sower makes users.
type sower struct {
	seeding
	pool  *userpool.Pool
	users *store.Users
	now   time.Time
	idle  password.Stored // of those who never sign in
}

func (w *sower) batch(from, to int) []*user.User {
	// The same users each time, whatever else is drawn.
	chance := rand.New(rand.NewPCG(uint64(from), uint64(w.population.users)))
	batch := make([]*user.User, 0, to-from)
	for i := from; i < to; i++ {
		u := &user.User{
			Pool: w.pool.ID, Region: w.pool.Region, Sub: w.sub(i, chance), Username: username(i), Status: user.Confirmed, Enabled: true,
			Attributes: user.Attributes{
				{Name: "email", Value: email(i)},
				{Name: "email_verified", Value: "true"},
				{Name: "given_name", Value: "Given"},
				{Name: "family_name", Value: fmt.Sprintf("Family%04d", i%5000)},
			},
			Credential: &user.Credential{Stored: w.idle, SetAt: w.now},
			CreatedAt:  w.now, ModifiedAt: w.now,
		}
		switch byPassword, bySRP := w.population.kind(i); {
		case byPassword:
			u.Credential.Stored = w.stored(u.Username)
		case bySRP:
			u.Credential.Stored = openDoor()
		}
		batch = append(batch, u)
	}
	return batch
}

// stored is what is kept of the password for a user.
func (w *sower) stored(username string) password.Stored {
	salt := [srp.SaltSize]byte(secretbox.Bytes(srp.SaltSize))
	salt[0] |= 1
	s, v := srp.NewVerifier(srp.UserIdentity(w.pool.ID, username), everyPassword, salt).Parts()
	return password.Stored{Salt: s, Verifier: v}
}

// sub returns the id of user i: random but for its first digits, which grow
// with i, so that rows and index entries are appended and a million users take
// a minute to write, not an hour.
func (w *sower) sub(i int, chance *rand.Rand) string {
	first := uint32(uint64(i) << 32 / uint64(w.population.users))
	a, b := chance.Uint64(), chance.Uint64()
	return fmt.Sprintf("%08x-%04x-4%03x-%04x-%012x", first, a&0xffff, a>>16&0xfff, a>>32&0x3fff|0x8000, b&(1<<48-1))
}
