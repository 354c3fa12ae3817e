package account_test

import (
	"errors"
	"io/fs"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cenote-id/cenote/internal/account"
	"github.com/cenote-id/cenote/internal/otp"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/store/storetest"
)

// phone is a user's device, with the clocks of server and app.
type phone struct {
	t       *testing.T
	service *account.Service
	now     time.Time
	user    *account.User
	device  *account.MFADevice
}

func newPhone(t *testing.T, db *store.DB, ahead time.Duration) *phone {
	t.Helper()
	p := &phone{t: t, now: time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)}
	p.service = account.New(account.Config{Stores: db.IAM().Stores(), Now: func() time.Time { return p.now }, AnyAccount: true})
	var err error
	if p.user, err = p.service.CreateUser(t.Context(), account.NewUser{Account: alpha, Name: "ann"}); err != nil {
		t.Fatal(err)
	}
	if p.device, err = p.service.CreateMFADevice(t.Context(), account.NewMFADevice{Account: alpha, Name: "phone"}); err != nil {
		t.Fatal(err)
	}
	codes := account.TwoCodes{First: p.code(ahead - otp.Period), Second: p.code(ahead)}
	if err := p.service.EnableMFADevice(t.Context(), alpha, "ann", p.device.Serial(), codes); err != nil {
		t.Fatal(err)
	}
	return p
}

// code is what an app whose clock is off by that much shows.
func (p *phone) code(ahead time.Duration) string {
	return otp.Code(p.device.Seed, otp.Step(p.now.Add(ahead)))
}

func (p *phone) verify(userID, code string) bool {
	p.t.Helper()
	good, err := p.service.VerifyMFA(p.t.Context(), alpha, userID, p.device.Serial(), code)
	if err != nil {
		p.t.Errorf("verify: %v", err)
	}
	return good
}

func TestVerifyMFACountsACodeOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		p := newPhone(t, db, 0)
		if p.verify(p.user.ID, p.code(0)) {
			t.Error("the code that enabled the device counts again")
		}
		p.now = p.now.Add(otp.Period)
		if !p.verify(p.user.ID, p.code(0)) {
			t.Error("the next code does not count")
		}
		if p.verify(p.user.ID, p.code(0)) {
			t.Error("it counts twice")
		}
		if p.verify(p.user.ID, p.code(-otp.Period)) {
			t.Error("the one before counts after it")
		}
		p.now = p.now.Add(10 * otp.Period)
		code := p.code(0)
		var good atomic.Int32
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				if ok, err := p.service.VerifyMFA(t.Context(), alpha, p.user.ID, p.device.Serial(), code); err == nil && ok {
					good.Add(1)
				}
			})
		}
		all.Wait()
		if n := good.Load(); n != 1 {
			t.Errorf("one code counted %d times at once", n)
		}
	})
}

func TestVerifyMFAKnowsTheAppsClock(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		const ahead = 7 * time.Minute
		p := newPhone(t, db, ahead)
		p.now = p.now.Add(time.Hour)
		if p.verify(p.user.ID, p.code(0)) {
			t.Error("the code of an app that is on time counts")
		}
		if !p.verify(p.user.ID, p.code(ahead)) {
			t.Error("the app's own code does not count")
		}
		// The app has been put right; a new synchronisation says so.
		p.now = p.now.Add(time.Hour)
		codes := account.TwoCodes{First: p.code(-otp.Period), Second: p.code(0)}
		if err := p.service.ResyncMFADevice(t.Context(), alpha, "ann", p.device.Serial(), codes); err != nil {
			t.Fatal(err)
		}
		p.now = p.now.Add(otp.Period)
		if !p.verify(p.user.ID, p.code(0)) {
			t.Error("on time after synchronisation, and does not count")
		}
	})
}

func TestVerifyMFAIsNotGuessed(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		p := newPhone(t, db, 0)
		p.now = p.now.Add(time.Hour)
		wrong := []byte(p.code(0))
		wrong[0] = '0' + (wrong[0]-'0'+5)%10
		for n := range 10 {
			if p.verify(p.user.ID, string(wrong)) {
				t.Fatalf("guess %d counts", n)
			}
		}
		if p.verify(p.user.ID, p.code(0)) {
			t.Error("after ten guesses the right code counts")
		}
		p.now = p.now.Add(10 * time.Minute)
		if !p.verify(p.user.ID, p.code(0)) {
			t.Error("ten minutes later it does not")
		}
		if !errors.Is(func() error {
			_, err := p.service.VerifyMFA(t.Context(), alpha, p.user.ID, account.MFADeviceARN(beta, "/", "phone"), p.code(0))
			return err
		}(), fs.ErrNotExist) {
			t.Error("a device of another account")
		}
	})
}

func TestVerifyMFAIsTheUsersOwn(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		p := newPhone(t, db, 0)
		p.now = p.now.Add(time.Hour)
		bob, err := p.service.CreateUser(t.Context(), account.NewUser{Account: alpha, Name: "bob"})
		if err != nil {
			t.Fatal(err)
		}
		absent := func(what, userID string) {
			t.Helper()
			if _, err := p.service.VerifyMFA(t.Context(), alpha, userID, p.device.Serial(), p.code(0)); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("%s: %v", what, err)
			}
		}
		absent("a colleague", bob.ID)
		absent("the root user", "")
		if err := p.service.DeactivateMFADevice(t.Context(), alpha, "ann", p.device.Serial()); err != nil {
			t.Fatal(err)
		}
		absent("nobody's device", "")
		absent("the user before", p.user.ID)
	})
}
