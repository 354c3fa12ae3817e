package store

import (
	"context"
	"io/fs"

	"github.com/cenote-id/cenote/internal/account"
)

// IAM keeps accounts and what IAM has in them. It is the account package's
// stores and its Directory.
type IAM struct {
	db       *DB
	accounts *Cache[string, *iamAccount]
}

// IAM returns the view of accounts and IAM.
func (db *DB) IAM() *IAM { return db.iam() }

// Stores lists the view's parts as the account package takes them.
func (s *IAM) Stores() account.Stores {
	return account.Stores{
		Tx: s.db.Tx, Accounts: s, Users: s.Users(), Groups: s.Groups(), Roles: s.Roles(), Policies: s.Policies(),
		Versions: s, Inlines: s, Attachments: s, Memberships: s, Keys: s, Providers: s, SAMLProviders: s,
		InstanceProfiles: s.InstanceProfiles(), ProfileRoles: s, Settings: s, Logins: s, Devices: s, Counts: s, RoleUses: s, Deletions: s, Credentials: s, ServerCertificates: s.ServerCertificates(),
		Reports: s,
	}
}

// cachedAccounts is about how many accounts are kept in memory.
const cachedAccounts = 4096

func newIAM(db *DB) *IAM {
	s := &IAM{db: db}
	s.accounts = NewCache(db, CacheConfig[string, *iamAccount]{
		Size: cachedAccounts, Load: s.loadAccount, Version: s.generation,
	})
	return s
}

const accountColumns = `id, name, created`

func scanAccount(row scanner) (a account.Account, err error) {
	var created int64
	err = row.Scan(&a.ID, &a.Name, &created)
	a.CreatedAt = fromMicros(created)
	return a, err
}

// InsertAccount adds an account.
func (s *IAM) InsertAccount(ctx context.Context, a account.Account) error {
	_, err := s.db.exec(ctx, `INSERT INTO accounts (id, name, created, generation) VALUES ($1, $2, $3, $4)`,
		a.ID, a.Name, micros(a.CreatedAt), micros(s.db.now()))
	return err
}

// EnsureAccount adds an account unless there is one with its id.
func (s *IAM) EnsureAccount(ctx context.Context, a account.Account) error {
	_, err := s.db.exec(ctx, `INSERT INTO accounts (id, name, created, generation) VALUES ($1, $2, $3, $4)
		ON CONFLICT (id) DO NOTHING`, a.ID, a.Name, micros(a.CreatedAt), micros(s.db.now()))
	return err
}

// AccountByID returns an account from its row.
func (s *IAM) AccountByID(ctx context.Context, id string) (account.Account, error) {
	return one(ctx, s.db, scanAccount, `SELECT `+accountColumns+` FROM accounts WHERE id = $1`, id)
}

// ListAccounts lists by id.
func (s *IAM) ListAccounts(ctx context.Context, p account.Page) (account.List[account.Account], error) {
	rows, err := many(ctx, s.db, scanAccount, `SELECT `+accountColumns+` FROM accounts WHERE id > $1 ORDER BY id LIMIT $2`,
		p.After, p.Limit+1)
	return iamPage(rows, p.Limit, func(a account.Account) string { return a.ID }), err
}

// iamPage cuts a list for which a row more than the limit was asked for.
func iamPage[T any](rows []T, limit int, key func(T) string) account.List[T] {
	list := account.List[T]{Items: rows}
	if len(rows) > limit {
		list.Items = rows[:limit]
		list.Next = key(rows[limit-1])
	}
	return list
}

// MoveOn changes the account's generation and drops what is cached of it.
func (s *IAM) MoveOn(ctx context.Context, id string) error {
	n, err := s.db.exec(ctx, `UPDATE accounts SET generation = generation + 1 WHERE id = $1`, id)
	if err != nil {
		return err
	}
	if n == 0 {
		return errNoRow
	}
	s.accounts.Drop(ctx, id)
	return nil
}

// generation reads the number alone; it is the cache's version.
func (s *IAM) generation(ctx context.Context, id string) (int64, error) {
	return one(ctx, s.db, scanInt, `SELECT generation FROM accounts WHERE id = $1`, id)
}

// gone makes fs.ErrNotExist of a deletion that found nothing.
func gone(n int64, err error) error {
	if err == nil && n == 0 {
		return fs.ErrNotExist
	}
	return err
}
