package user

import "time"

// Figures of the lock that wrong passwords put on an account (Amazon Cognito
// developer guide, "Lockout behavior for failed sign-in attempts").
const (
	lockThreshold = 5                // failures in a row that lock
	lockFirst     = time.Second      // after the failure that reaches the threshold; doubles with each further one
	lockLongest   = 15 * time.Minute // also: how long without an attempt forgets the failures
)

// Lock counts the wrong passwords and codes given in a row.
type Lock struct {
	Failures int
	LastAt   time.Time // of the newest failure; zero with none
}

// Until returns when the lock opens; a time in the past means it is open.
func (l Lock) Until() time.Time {
	if l.Failures < lockThreshold {
		return time.Time{}
	}
	wait := lockLongest
	// Ten doublings pass the longest wait; more could overflow.
	if n := l.Failures - lockThreshold; n < 10 {
		wait = min(lockFirst<<n, lockLongest)
	}
	return l.LastAt.Add(wait)
}

// Locked reports whether attempts are refused unheard.
func (l Lock) Locked(now time.Time) bool { return now.Before(l.Until()) }

// Fail counts one more failure. An attempt while locked does not count, nor
// does it make the lock last longer.
func (l Lock) Fail(now time.Time) Lock {
	if l.Locked(now) {
		return l
	}
	if now.Sub(l.LastAt) >= lockLongest {
		l.Failures = 0
	}
	return Lock{Failures: l.Failures + 1, LastAt: now}
}
