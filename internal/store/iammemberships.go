package store

import (
	"context"

	"github.com/cenote-id/cenote/internal/account"
)

// AddMember puts a user into a group.
func (s *IAM) AddMember(ctx context.Context, acct, group, user string) error {
	_, err := s.db.exec(ctx, `INSERT INTO iam_memberships (account, group_id, user_id) VALUES ($1, $2, $3)
		ON CONFLICT (account, group_id, user_id) DO NOTHING`, acct, group, user)
	return err
}

// RemoveMember takes a user out of a group.
func (s *IAM) RemoveMember(ctx context.Context, acct, group, user string) error {
	return gone(s.db.exec(ctx, `DELETE FROM iam_memberships WHERE account = $1 AND group_id = $2 AND user_id = $3`, acct, group, user))
}

// Members lists the users of a group by unique id.
func (s *IAM) Members(ctx context.Context, acct, group string, p account.Page) (account.List[string], error) {
	rows, err := many(ctx, s.db, scanText, `SELECT user_id FROM iam_memberships
		WHERE account = $1 AND group_id = $2 AND user_id > $3 ORDER BY user_id LIMIT $4`, acct, group, p.After, p.Limit+1)
	return iamPage(rows, p.Limit, func(id string) string { return id }), err
}

// GroupsOf returns the unique ids of a user's groups.
func (s *IAM) GroupsOf(ctx context.Context, acct, user string) ([]string, error) {
	return many(ctx, s.db, scanText, `SELECT group_id FROM iam_memberships
		WHERE account = $1 AND user_id = $2 ORDER BY group_id`, acct, user)
}
