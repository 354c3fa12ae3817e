package user

import (
	"context"

	"github.com/cenote-id/cenote/internal/audit"
)

// answer compares an answer with u's code of a purpose, and counts a wrong
// one. It answers ErrCodeExpired where no answer would be right any more or
// there never was a code, and ErrCodeMismatch for a wrong answer. The right
// one leaves the code as it is.
//
// It must not run in the transaction of what the code is for: what was counted
// stays whatever becomes of that.
func (s *Service) answer(ctx context.Context, u *User, p Purpose, digits string) (*Code, error) {
	var t trial
	err := s.tx(ctx, func(ctx context.Context) error {
		audit.Skip(ctx)
		var err error
		t, err = s.tryCode(ctx, u, p, digits)
		return err
	})
	switch {
	case err != nil:
		return nil, err
	case !t.living:
		return nil, ErrCodeExpired
	case !t.right:
		return nil, ErrCodeMismatch
	}
	return t.code, nil
}
