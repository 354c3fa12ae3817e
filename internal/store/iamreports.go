package store

import (
	"context"
	"time"

	"github.com/cenote-id/cenote/internal/account"
)

// NoteServiceUses records uses of services, unless later ones are recorded.
func (s *IAM) NoteServiceUses(ctx context.Context, uses []account.ServiceUse) error {
	return s.db.Tx(ctx, func(ctx context.Context) error {
		for i := range uses {
			u := &uses[i]
			_, err := s.db.exec(ctx, `INSERT INTO iam_service_use (account, principal, service, action, used, region) VALUES ($1, $2, $3, $4, $5, $6)
				ON CONFLICT (account, principal, service, action) DO UPDATE SET used = excluded.used, region = excluded.region
				WHERE iam_service_use.used < excluded.used`,
				u.Account, u.Principal, u.Service, u.Action, micros(u.At), u.Region)
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// ServiceUses returns what a principal has used, by service and action.
func (s *IAM) ServiceUses(ctx context.Context, acct, principal string) ([]account.ServiceUse, error) {
	return many(ctx, s.db, func(row scanner) (account.ServiceUse, error) {
		u := account.ServiceUse{Account: acct, Principal: principal}
		var used int64
		err := row.Scan(&u.Service, &u.Action, &used, &u.Region)
		u.At = fromMicros(used)
		return u, err
	}, `SELECT service, action, used, region FROM iam_service_use WHERE account = $1 AND principal = $2 ORDER BY service, action`, acct, principal)
}

// pruneServiceUses forgets uses that are older than a time.
func (s *IAM) pruneServiceUses(ctx context.Context, before time.Time) error {
	_, err := s.db.exec(ctx, `DELETE FROM iam_service_use WHERE used < $1`, micros(before))
	return err
}

// PutAccessJob records that a report was asked for, and returns the id that
// its question has had from the first time.
func (s *IAM) PutAccessJob(ctx context.Context, j account.AccessJob) (id string, err error) {
	err = s.db.Tx(ctx, func(ctx context.Context) error {
		id, err = one(ctx, s.db, scanText, `INSERT INTO iam_access_jobs (account, arn, granularity, id, created) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (account, arn, granularity) DO UPDATE SET created = excluded.created RETURNING id`,
			j.Account, j.ARN, j.Granularity, j.ID, micros(j.CreatedAt))
		return err
	})
	return id, err
}

// AccessJob returns a report that was asked for.
func (s *IAM) AccessJob(ctx context.Context, acct, id string) (account.AccessJob, error) {
	return one(ctx, s.db, func(row scanner) (account.AccessJob, error) {
		j := account.AccessJob{Account: acct, ID: id}
		var created int64
		err := row.Scan(&j.ARN, &j.Granularity, &created)
		j.CreatedAt = fromMicros(created)
		return j, err
	}, `SELECT arn, granularity, created FROM iam_access_jobs WHERE account = $1 AND id = $2`, acct, id)
}

// PutCredentialReport replaces an account's report.
func (s *IAM) PutCredentialReport(ctx context.Context, r account.CredentialReport) error {
	_, err := s.db.exec(ctx, `INSERT INTO iam_credential_reports (account, content, generated) VALUES ($1, $2, $3)
		ON CONFLICT (account) DO UPDATE SET content = excluded.content, generated = excluded.generated`,
		r.Account, r.Content, micros(r.GeneratedAt))
	return err
}

// CredentialReport returns an account's report.
func (s *IAM) CredentialReport(ctx context.Context, acct string) (account.CredentialReport, error) {
	return one(ctx, s.db, func(row scanner) (account.CredentialReport, error) {
		r := account.CredentialReport{Account: acct}
		var generated int64
		err := row.Scan(&r.Content, &generated)
		r.GeneratedAt = fromMicros(generated)
		return r, err
	}, `SELECT content, generated FROM iam_credential_reports WHERE account = $1`, acct)
}
