package signin

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
	"github.com/cenote-id/cenote/internal/token"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/userpool"
)

// Parameters of a sign-in that has to reach a level.
const (
	parLevels      = "TARGET_ACR_VALUES"
	parMaxAge      = "MAX_AGE"
	parAccessToken = "ACCESS_TOKEN"
)

// Methods of authentication, as amr claims name them (Amazon Cognito developer
// guide, "Authentication levels with ACR and AMR claims").
const (
	byPassword      = "pwd"
	bySoftwareToken = "otp"
	bySMS           = "sms"
	byEmail         = "email_otp"
	bySoftwareKey   = "swk"
	byHardwareKey   = "hwk"
	bySeveral       = "mfa"
)

var everyMethod = []string{byPassword, bySoftwareToken, bySMS, byEmail, bySoftwareKey, byHardwareKey}

// methodOf is how somebody authenticates by a second factor.
var methodOf = map[user.Factor]string{
	user.SoftwareTokenFactor: bySoftwareToken, user.SMSFactor: bySMS, user.EmailFactor: byEmail,
}

// Sentences about levels. UNCONFIRMED: that these are errors is documented.
var (
	errLevelsUnknown = cognitoidp.InvalidParameterException("TARGET_ACR_VALUES holds no valid value.")
	errMaxAge        = cognitoidp.InvalidParameterException("MAX_AGE must be a number of seconds.")
	errTokenAlone    = cognitoidp.InvalidParameterException("ACCESS_TOKEN requires TARGET_ACR_VALUES.")
	errLevelReached  = cognitoidp.InvalidParameterException("The access token already meets the requested authentication level.")
	errNotTheUsers   = cognitoidp.NotAuthorizedException("Access Token was not issued for the user.")
	errUnattainable  = cognitoidp.NotAuthorizedException("User cannot reach a requested authentication level.")
)

// aim is how strongly a person is to sign in, and by what they have done so.
type aim struct {
	levels []int     // one of which is to be reached, the first that can be; nil where nobody asked
	done   []string  // methods, in their order, each once
	since  time.Time // when the oldest of them was done, if an access token says so; else zero
}

// with returns the aim of a person who has got further.
func (m aim) with(method string) aim {
	if m.levels == nil || slices.Contains(m.done, method) {
		return m
	}
	m.done = append(slices.Clip(m.done), method)
	return m
}

// level is the highest one whose methods are all done; 0 for none.
func (m aim) level() int {
	has := func(method string) bool { return slices.Contains(m.done, method) }
	password, code := has(byPassword), has(bySMS) || has(byEmail)
	switch {
	case password && has(bySoftwareToken):
		return 4
	case has(bySoftwareKey), has(byHardwareKey), password && code:
		return 3
	case code:
		return 2
	case password:
		return 1
	}
	return 0
}

// claims are what tokens say of it.
func (m aim) claims(p *userpool.Pool) (acr string, amr []string) {
	if m.levels == nil {
		return "", nil
	}
	amr = slices.Clone(m.done)
	if len(amr) > 1 {
		amr = append(amr, bySeveral)
	}
	return p.LevelName(m.level()), amr
}

// authTime is when somebody who gets through now has authenticated: no later
// than the oldest method that counted, or stepping up would make an old
// password a new one.
func (m aim) authTime(now time.Time) time.Time {
	if m.since.IsZero() {
		return now
	}
	return m.since
}

// encode writes an aim; none as the empty text.
func (m aim) encode() string {
	if m.levels == nil {
		return ""
	}
	b := make([]byte, len(m.levels))
	for i, level := range m.levels {
		b[i] = '0' + byte(level)
	}
	var since int64
	if !m.since.IsZero() {
		since = m.since.Unix()
	}
	return string(b) + " " + strconv.FormatInt(since, 36) + " " + strings.Join(m.done, " ")
}

func decodeAim(text string) aim {
	if text == "" {
		return aim{}
	}
	digits, rest, _ := strings.Cut(text, " ")
	since, done, _ := strings.Cut(rest, " ")
	m := aim{done: strings.Fields(done)}
	if at, err := strconv.ParseInt(since, 36, 64); err == nil && at != 0 {
		m.since = time.Unix(at, 0).UTC()
	}
	for _, d := range digits {
		m.levels = append(m.levels, int(d-'0'))
	}
	return m
}

// aimOf reads what a request asks for. Values that name no level do not count.
func aimOf(r Start) (m aim, err error) {
	names := strings.Fields(r.Parameters[parLevels])
	if len(names) == 0 {
		if r.Parameters[parAccessToken] != "" {
			err = errTokenAlone
		}
		return m, err
	}
	if err := r.Pool.CheckLevels(); err != nil {
		return m, err
	}
	for _, name := range names {
		if level := r.Pool.Level(name); level > 0 && !slices.Contains(m.levels, level) {
			m.levels = append(m.levels, level)
		}
	}
	if m.levels == nil {
		return m, errLevelsUnknown
	}
	return m, nil
}

// AccessTokens verifies access tokens; a *token.Verifier does.
type AccessTokens interface {
	Verify(ctx context.Context, token, scope string) (*token.Access, error)
}

// credit returns the aim with what the access token of a request proves: the
// methods that it names, unless they are older than the request admits or than
// the user's password.
func (s *Service) credit(ctx context.Context, r Start, who account, m aim) (aim, error) {
	within, err := maxAge(r.Parameters[parMaxAge])
	if err != nil || r.Parameters[parAccessToken] == "" {
		return m, err
	}
	access, err := s.access.Verify(ctx, r.Parameters[parAccessToken], token.SelfService)
	if err != nil {
		return m, err
	}
	if access.Pool != r.Pool.ID || access.Client != r.Client.ID || who.user == nil || access.Sub != who.user.Sub {
		return m, errNotTheUsers
	}
	if s.now().Sub(access.AuthTime) > within || provenSince(who.user).After(access.AuthTime.Add(time.Second)) {
		return m, nil
	}
	for _, method := range access.AMR {
		if slices.Contains(everyMethod, method) {
			m = m.with(method)
			m.since = access.AuthTime
		}
	}
	return m, nil
}

// forever is longer than any token lives.
const forever = 1 << 62

// maxAge reads MAX_AGE.
func maxAge(text string) (time.Duration, error) {
	if text == "" {
		return forever, nil
	}
	n, err := strconv.ParseInt(text, 10, 32)
	if err != nil || n < 0 {
		return 0, errMaxAge
	}
	return time.Duration(n) * time.Second, nil
}

// usable reports whether u could be asked for a second factor at all.
func usable(p *userpool.Pool, u *user.User, x user.Factor) bool {
	return u.CanUse(x) && (x == user.SoftwareTokenFactor || user.Offers(p, x) && !onlyRecovery(p, u, x.Address()))
}

// lacking lists the second factors of u with which somebody who has come as
// far as m reaches a level.
func (m aim) lacking(p *userpool.Pool, u *user.User, level int) []user.Factor {
	var list []user.Factor
	for _, x := range []user.Factor{user.SMSFactor, user.SoftwareTokenFactor, user.EmailFactor} {
		if usable(p, u, x) && m.with(methodOf[x]).level() >= level {
			list = append(list, x)
		}
	}
	return list
}

// toProve is secondFactor for somebody who has an aim. What the pool asks for
// it asks for whatever the aim is; the aim may ask for more, or choose among
// what the pool admits.
func toProve(p *userpool.Pool, u *user.User, m aim) (ask, error) {
	next, err := secondFactor(p, u)
	if err != nil || m.levels == nil {
		return next, err
	}
	for _, level := range m.levels {
		if m.level() >= level {
			return next, nil
		}
		list := m.lacking(p, u, level)
		if len(list) == 0 {
			continue
		}
		if both := slices.DeleteFunc(slices.Clone(list), func(x user.Factor) bool { return !slices.Contains(next.prove, x) }); len(both) > 0 {
			list = both
		}
		return ask{prove: list}, nil
	}
	return ask{}, errUnattainable
}

// reach is the highest level that a first factor can lead to.
func (m aim) reach(p *userpool.Pool, u *user.User, first cognitoidp.ChallengeNameType) int {
	switch first {
	case cognitoidp.ChallengeNameTypeEmailOtp:
		return m.with(byEmail).level()
	case cognitoidp.ChallengeNameTypeSmsOtp:
		return m.with(bySMS).level()
	case cognitoidp.ChallengeNameTypeWebAuthn:
		return m.with(bySoftwareKey).level()
	}
	m = m.with(byPassword)
	if u == nil {
		return userpool.Levels
	}
	best := m.level()
	for _, x := range m.lacking(p, u, best) {
		best = max(best, m.with(methodOf[x]).level())
	}
	return best
}

// offered lists what an account may begin with: of its choices, those that
// lead where it aims at. A client that hides users is told the same of all of
// them, and whether a level can be reached only once a password is proven.
func offered(a App, who account) ([]cognitoidp.ChallengeNameType, error) {
	list := choices(a, who)
	if who.aim.levels == nil {
		return list, nil
	}
	leading := func(u *user.User, level int) []cognitoidp.ChallengeNameType {
		return slices.DeleteFunc(slices.Clone(list), func(c cognitoidp.ChallengeNameType) bool { return who.aim.reach(a.Pool, u, c) < level })
	}
	if a.Client.HidesUsers() && len(who.aim.done) == 0 {
		return leading(nil, slices.Min(who.aim.levels)), nil
	}
	for _, level := range who.aim.levels {
		if some := leading(who.user, level); len(some) > 0 {
			return some, nil
		}
	}
	return nil, errUnattainable
}

// stepUp goes on with somebody who has proven a password before, as their
// access token says, and lacks a second factor. The result is nil for somebody
// who has to begin with a first factor. An access token alone leads to no
// tokens: one that is enough already is an error.
func (s *Service) stepUp(ctx context.Context, a App, who account, preferred cognitoidp.ChallengeNameType) (*Result, error) {
	if len(who.aim.done) == 0 {
		return nil, nil
	}
	if err := mayEnter(who.user); err != nil {
		return nil, err
	}
	for _, level := range who.aim.levels {
		if who.aim.level() >= level {
			return nil, errLevelReached
		}
		first := slices.ContainsFunc(choices(a, who), func(c cognitoidp.ChallengeNameType) bool {
			return who.aim.reach(a.Pool, who.user, c) >= level && cmp.Or(preferred, c) == c
		})
		switch list := who.aim.lacking(a.Pool, who.user, level); {
		case len(list) == 0 && !first:
			continue
		case len(list) == 0, first && preferred != "":
			return nil, nil
		default:
			return s.askOne(ctx, a, passed{user: who.user, next: who.user, start: who.aim}, list)
		}
	}
	return nil, errUnattainable
}
