package signin

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
	"github.com/cenote-id/cenote/internal/trigger"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/userpool"
)

const stepNewPassword = cognitoidp.ChallengeNameTypeNewPasswordRequired

// askNewPassword goes out to a user who has proven a temporary password.
func (s *Service) askNewPassword(ctx context.Context, a App, w passed) (*Result, error) {
	u := w.user
	if err := s.admitOnly(ctx, a, u, w.to); err != nil {
		return nil, err
	}
	required := user.Missing(a.Pool, u.Attributes)
	for i, name := range required {
		required[i] = parUserAttributes + "." + name
	}
	known := make(map[string]string, len(u.Attributes))
	for _, x := range u.Attributes {
		if a.Client.MayRead(x.Name) {
			known[x.Name] = x.Value
		}
	}
	return &Result{Challenge: &Challenge{
		Name:    cognitoidp.ChallengeNameTypeNewPasswordRequired,
		Session: s.sealNext(a, stepNewPassword, w, nil),
		Parameters: map[string]string{
			parUserID:         u.Username,
			parRequired:       document(required),
			parUserAttributes: document(known),
		},
	}}, nil
}

// document writes lists and maps of text as JSON.
func document(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic("signin: " + err.Error()) // text always encodes
	}
	return string(b)
}

// newPassword checks the answer to NEW_PASSWORD_REQUIRED. What the person may
// do better (the password, the attributes) leaves the session usable.
func (s *Service) newPassword(ctx context.Context, r Answer) (*Result, error) {
	values, err := need(r.Responses, parUsername)
	if err != nil {
		return nil, err
	}
	name := values[0]
	if err := r.Client.CheckSecretHash(userpool.ForSignIn, name, optional(r.Responses, parSecretHash)); err != nil {
		return nil, err
	}
	st, u, err := s.resume(ctx, r, string(stepNewPassword), name)
	if err != nil {
		return nil, err
	}
	if values, err = need(r.Responses, parNewPassword); err != nil {
		return nil, err
	}
	credential, err := s.users.NewCredential(ctx, r.Pool, u, values[0])
	if err != nil {
		return nil, err
	}
	next, err := s.users.WithFirstPassword(r.Pool, r.Client, u, user.FirstPassword{
		Credential: credential, Attributes: given(r.Responses),
	})
	if err != nil {
		return nil, err
	}
	return s.second(ctx, r.App, passed{user: u, next: next, to: &st, source: trigger.TokensNewPasswordChallenge})
}

// resume finds the user of a session, and checks that the session is one of
// this step and user and still counts.
func (s *Service) resume(ctx context.Context, r Answer, step, name string) (state, *user.User, error) {
	st, err := s.openUnspent(ctx, r.App, step, r.Session)
	if err != nil {
		return st, nil, err
	}
	who, err := s.find(ctx, r.App, name)
	switch {
	case err != nil:
		return st, nil, err
	case who.user == nil || who.user.Sub != st.sub || !st.unchanged(who.user):
		return st, nil, ErrSession
	}
	return st, who.user, standing(who.user)
}

// given collects the attributes among the responses, in the order of their
// names.
func given(responses map[string]string) []user.Attribute {
	var out []user.Attribute
	for _, key := range slices.Sorted(maps.Keys(responses)) {
		if name, ok := strings.CutPrefix(key, parUserAttributes+"."); ok {
			out = append(out, user.Attribute{Name: name, Value: responses[key]})
		}
	}
	return out
}
