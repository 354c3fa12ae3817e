package message_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"net/mail"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
	"github.com/cenote-id/cenote/internal/message"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/store/storetest"
	"github.com/cenote-id/cenote/internal/trigger"
	"github.com/cenote-id/cenote/internal/trigger/esdk"
	"github.com/cenote-id/cenote/internal/userpool"
)

type senderKey struct{}

func (senderKey) SenderKey(_, arn string) esdk.Key { return esdk.Key{Namespace: "test", Name: arn} }

// functions has one function behind every ARN.
func functions(response string) *trigger.Service {
	return trigger.New(trigger.Config{
		Routes: trigger.NewRoutes(trigger.Route{Name: "arn:*", Function: function(response)}), Senders: senderKey{}, Log: slog.New(slog.DiscardHandler),
	})
}

// round is somebody who takes messages, as a script says.
type round struct {
	mu      sync.Mutex
	carried []string // ids, in order
	carry   func(ctx context.Context, m message.Message) error
}

func (r *round) Carry(ctx context.Context, m message.Message) error {
	r.mu.Lock()
	r.carried = append(r.carried, m.ID)
	r.mu.Unlock()
	if r.carry == nil {
		return nil
	}
	return r.carry(ctx, m)
}

func (r *round) took() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := r.carried
	r.carried = nil
	return out
}

// office is an outbox with one courier.
type office struct {
	t        *testing.T
	db       *store.DB
	clock    *storetest.Time
	round    *round
	outcomes map[message.Outcome]int
	log      *strings.Builder
	*message.Courier
}

func eachOffice(t *testing.T, f func(t *testing.T, o *office)) {
	clock := storetest.NewTime()
	storetest.Each(t, func(t *testing.T, db *store.DB) { f(t, newOffice(t, db, clock)) }, storetest.Clock(clock.Now))
}

func oneOffice(t *testing.T) *office {
	clock := storetest.NewTime()
	return newOffice(t, storetest.Memory(t, storetest.Clock(clock.Now)), clock)
}

func newOffice(t *testing.T, db *store.DB, clock *storetest.Time) *office {
	o := &office{t: t, db: db, clock: clock, round: &round{}, outcomes: map[message.Outcome]int{}, log: &strings.Builder{}}
	var mu sync.Mutex
	o.Courier = message.NewCourier(message.CourierConfig{
		Route: message.ByEmail, Carrier: o.round, Queue: db.Outbox(), Now: clock.Now, Poll: time.Millisecond,
		Log: slog.New(slog.NewTextHandler(o.log, nil)),
		Observe: func(_ message.Route, x message.Outcome) {
			mu.Lock()
			defer mu.Unlock()
			o.outcomes[x]++
		},
	})
	return o
}

const secretCode = "987654"

func (o *office) put(id, pool string, life time.Duration) {
	o.t.Helper()
	now := o.clock.Now()
	if err := o.db.Outbox().Put(o.t.Context(), message.Message{
		ID: id, Account: "123456789012", Region: "us-west-2", Pool: pool, Medium: message.Email, Route: message.ByEmail,
		Destination: "tom@example.com", Subject: "Code", Body: "It is " + secretCode, CreatedAt: now, ExpiresAt: now.Add(life),
	}); err != nil {
		o.t.Fatal(err)
	}
}

// message returns a message as the outbox has it.
func (o *office) message(id string) message.Queued {
	o.t.Helper()
	list, err := o.db.Outbox().Recent(o.t.Context(), "", 1000)
	if err != nil {
		o.t.Fatal(err)
	}
	i := slices.IndexFunc(list, func(q message.Queued) bool { return q.ID == id })
	if i < 0 {
		o.t.Fatalf("no message %s", id)
	}
	return list[i]
}

func TestMessagesAreSentOnce(t *testing.T) {
	eachOffice(t, func(t *testing.T, o *office) {
		const n = 30 // more than fit at once, and more than a pool's share
		want := map[string]bool{}
		for i := range n {
			o.put(fmt.Sprint("m", i), fmt.Sprint("us-west-2_", i%2), time.Hour)
			want[fmt.Sprint("m", i)] = true
		}
		o.Drain(t.Context())
		took := o.round.took()
		got := map[string]bool{}
		for _, id := range took {
			got[id] = true
		}
		if diff := cmp.Diff(want, got); len(took) != n || diff != "" {
			t.Errorf("%d sent: %s", len(took), diff)
		}
		o.clock.Advance(24 * time.Hour)
		o.Drain(t.Context())
		if again := o.round.took(); len(again) > 0 || o.outcomes[message.WasSent] != n {
			t.Errorf("sent again: %v, outcomes %v", again, o.outcomes)
		}
		if q := o.message("m7"); q.State != message.Sent || q.Body != "" {
			t.Errorf("%+v", q)
		}
	})
}

func TestFailuresAreTriedAgain(t *testing.T) {
	eachOffice(t, func(t *testing.T, o *office) {
		o.round.carry = func(context.Context, message.Message) error {
			return &message.Failure{Reason: "SMTP 451", Detail: message.Scrub("4.7.1 try later, " + secretCode)}
		}
		o.put("m", "us-west-2_a", 24*time.Hour)
		var pauses []time.Duration
		for range message.MaxAttempts {
			o.Drain(t.Context())
			if n := len(o.round.took()); n != 1 {
				t.Fatalf("attempt %d: tried %d times", len(pauses)+1, n)
			}
			q := o.message("m")
			if q.State != message.Pending {
				break
			}
			pauses = append(pauses, q.NotBefore.Sub(o.clock.Now()))
			o.Drain(t.Context()) // too early
			if n := len(o.round.took()); n != 0 {
				t.Fatal("tried before its time")
			}
			o.clock.Advance(pauses[len(pauses)-1])
		}
		q := o.message("m")
		if q.State != message.Failed || q.Attempts != message.MaxAttempts || q.Body != "" || q.Problem != "SMTP 451: 4.7.1 try later, …" {
			t.Errorf("in the end %+v", q)
		}
		for i, p := range pauses {
			most := min(30*time.Minute, 2*time.Second<<i)
			if p < most/2 || p > most {
				t.Errorf("pause %d is %s, want %s to %s", i, p, most/2, most)
			}
		}
		if o.outcomes[message.WasDelayed] != message.MaxAttempts-1 || o.outcomes[message.WasFailed] != 1 {
			t.Errorf("outcomes %v", o.outcomes)
		}
		if strings.Contains(o.log.String(), secretCode) || strings.Contains(o.log.String(), "tom@") {
			t.Errorf("the log tells secrets: %s", o.log)
		}
	})
}

func TestSomeFailuresAreFinal(t *testing.T) {
	o := oneOffice(t)
	o.round.carry = func(_ context.Context, m message.Message) error {
		if m.ID == "odd" {
			return errors.New("dial tcp: " + secretCode)
		}
		return &message.Failure{Reason: "SMTP 550", Final: true}
	}
	o.put("m", "us-west-2_a", time.Hour)
	o.put("odd", "us-west-2_a", time.Hour)
	o.Drain(t.Context())
	if q := o.message("m"); q.State != message.Failed || q.Problem != "SMTP 550" || q.Attempts != 1 {
		t.Errorf("%+v", q)
	}
	if q := o.message("odd"); q.State != message.Pending || q.Problem != "no answer" {
		t.Errorf("%+v", q)
	}
}

// A code that is not good any more is not sent, and one that will not be when
// it is its turn again is given up.
func TestNothingIsSentTooLate(t *testing.T) {
	o := oneOffice(t)
	o.put("late", "us-west-2_a", time.Hour)
	o.put("soon", "us-west-2_a", time.Hour+500*time.Millisecond)
	o.clock.Advance(time.Hour)
	o.round.carry = func(context.Context, message.Message) error { return &message.Failure{Reason: "SMTP 451"} }
	o.Drain(t.Context())
	if got := o.round.took(); !slices.Equal(got, []string{"soon"}) {
		t.Errorf("tried %v", got)
	}
	for id, problem := range map[string]string{"late": "expired before it could be sent", "soon": "SMTP 451"} {
		if q := o.message(id); q.State != message.Failed || q.Problem != problem || q.Body != "" {
			t.Errorf("%s: %+v", id, q)
		}
	}
	if o.outcomes[message.WasLate] != 2 {
		t.Errorf("outcomes %v", o.outcomes)
	}
}

// A node that dies in the middle of an attempt leaves the message to others,
// after a while; and a message that nobody survives is given up.
func TestCrash(t *testing.T) {
	eachOffice(t, func(t *testing.T, o *office) {
		o.put("m", "us-west-2_a", 24*time.Hour)
		die := func() { // what is left of a node that had claimed the message
			if list, err := o.db.Outbox().Claim(t.Context(), message.Claim{Route: message.ByEmail, Limit: 1, Hide: 90 * time.Second}); err != nil || len(list) != 1 {
				t.Fatal(list, err)
			}
		}
		die()
		o.Drain(t.Context())
		if got := o.round.took(); len(got) > 0 {
			t.Errorf("%v was taken from the one that had it", got)
		}
		o.clock.Advance(90 * time.Second)
		o.Drain(t.Context())
		if got := o.round.took(); len(got) != 1 || o.message("m").State != message.Sent {
			t.Errorf("not sent after the crash: %v", got)
		}

		o.put("poison", "us-west-2_a", 24*time.Hour)
		for range message.MaxAttempts {
			die()
			o.clock.Advance(90 * time.Second)
		}
		o.Drain(t.Context())
		if got := o.round.took(); len(got) > 0 || o.message("poison").State != message.Failed {
			t.Errorf("tried once more: %v, %+v", got, o.message("poison"))
		}
	})
}

// One pool whose messages take for ever leaves room for the others.
func TestSlowPoolsHoldUpNobody(t *testing.T) {
	o := oneOffice(t)
	release := make(chan struct{})
	arrived := make(chan struct{}, 1)
	o.round.carry = func(ctx context.Context, m message.Message) error {
		if m.Pool == "us-west-2_slow" {
			select {
			case <-release:
			case <-ctx.Done():
			}
			return nil
		}
		arrived <- struct{}{}
		return nil
	}
	for i := range 40 {
		o.put(fmt.Sprint("slow", i), "us-west-2_slow", time.Hour)
	}
	o.put("quick", "us-west-2_quick", time.Hour)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- o.Run(ctx) }()
	<-arrived
	close(release)
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if got := o.round.took(); len(got) != 41 {
		t.Errorf("%d of 41 were sent before the courier went home", len(got))
	}
}

// A courier that is told to stop finishes what it has begun.
func TestStopping(t *testing.T) {
	o := oneOffice(t)
	began, finish := make(chan struct{}), make(chan struct{})
	o.round.carry = func(ctx context.Context, _ message.Message) error {
		close(began)
		<-finish
		return ctx.Err()
	}
	o.put("m", "us-west-2_a", time.Hour)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- o.Run(ctx) }()
	<-began
	stop()
	close(finish)
	if err := <-ended; err != nil || o.message("m").State != message.Sent {
		t.Errorf("%v, %+v", err, o.message("m"))
	}
}

// pools is a directory of user pools.
type pools map[string]*userpool.Pool

func (p pools) Find(_ context.Context, id string) (*userpool.Pool, error) {
	switch found := p[id]; {
	case id == "broken":
		return nil, errors.New("connection reset")
	case id == "unknown":
		return nil, cognitoidp.ResourceNotFoundException("User pool %s does not exist.", id)
	case found == nil:
		return nil, fs.ErrNotExist
	default:
		return found, nil
	}
}

// mailer notes what it is given.
type mailer struct{ mails []message.Mail }

func (m *mailer) SendMail(_ context.Context, x message.Mail) error {
	m.mails = append(m.mails, x)
	return nil
}

func TestWhoEmailsAreFrom(t *testing.T) {
	developer := func(from, source string) *cognitoidp.EmailConfigurationType {
		c := &cognitoidp.EmailConfigurationType{EmailSendingAccount: new(cognitoidp.EmailSendingAccountTypeDeveloper)}
		if from != "" {
			c.From = &from
		}
		if source != "" {
			c.SourceArn = &source
		}
		return c
	}
	const identity = "arn:aws:ses:us-west-2:123456789012:identity/"
	for name, c := range map[string]struct {
		config *cognitoidp.EmailConfigurationType
		want   string
	}{
		"no configuration":         {nil, `"Cenote" <id@example.com>`},
		"From of the service's":    {&cognitoidp.EmailConfigurationType{From: new("x@shop.example")}, `"Cenote" <id@example.com>`},
		"an address of the domain": {developer("Shop <hello@shop.example>", ""), `"Shop" <hello@shop.example>`},
		"an address by itself":     {developer("a@other.example", ""), `<a@other.example>`},
		"another of its domain":    {developer("b@other.example", ""), `"Cenote" <id@example.com>`},
		"somebody else's":          {developer("ceo@bank.example", ""), `"Cenote" <id@example.com>`},
		"a name for our own":       {developer("Shop <id@example.com>", ""), `"Shop" <id@example.com>`},
		"a domain like another":    {developer("x@evilshop.example", ""), `"Cenote" <id@example.com>`},
		"two addresses":            {developer("a@shop.example, b@shop.example", ""), `"Cenote" <id@example.com>`},
		"SES identity":             {developer("", identity+"sales@shop.example"), `<sales@shop.example>`},
		"SES identity of a domain": {developer("", identity+"shop.example"), `"Cenote" <id@example.com>`},
	} {
		t.Run(name, func(t *testing.T) {
			out := &mailer{}
			carrier := &message.EmailCarrier{
				Pools:  pools{"us-west-2_a": {ID: "us-west-2_a", Description: cognitoidp.UserPoolType{EmailConfiguration: c.config}}},
				Mailer: out, From: address("Cenote", "id@example.com"), Allowed: []string{"SHOP.example", "a@other.example"},
			}
			err := carrier.Carry(t.Context(), message.Message{ID: "m", Pool: "us-west-2_a", Destination: "tom@example.com", Body: "<b>Hi</b>"})
			if err != nil || len(out.mails) != 1 {
				t.Fatal(err)
			}
			if got := out.mails[0]; got.From.String() != c.want || got.Text != "Hi" || got.To != "tom@example.com" {
				t.Errorf("from %s, %+v", got.From.String(), got)
			}
		})
	}
}

func TestMessagesOfPoolsThatAreGone(t *testing.T) {
	carrier := &message.EmailCarrier{Pools: pools{}, Mailer: &mailer{}}
	for id, final := range map[string]bool{"gone": true, "unknown": true, "broken": false} {
		err := carrier.Carry(t.Context(), message.Message{Pool: id})
		if f, ok := errors.AsType[*message.Failure](err); !ok || f.Final != final {
			t.Errorf("%s: %v", id, err)
		}
	}
}

func TestFunctionsThatSend(t *testing.T) {
	pool := &userpool.Pool{ID: "us-west-2_a", Owner: userpool.Owner{Account: "123456789012", Region: "us-west-2"}, Description: cognitoidp.UserPoolType{
		LambdaConfig: &cognitoidp.LambdaConfigType{CustomEmailSender: &cognitoidp.CustomEmailLambdaVersionConfigType{LambdaArn: new(functionARN)}},
	}}
	m := message.Message{Pool: pool.ID, Medium: message.Email, Route: message.ByFunction, Event: &message.Event{
		Occasion: trigger.ForSignUp, Code: secretCode, Client: "app", SDK: "aws-sdk-js-3.1", Username: "tom", Attributes: map[string]string{"email": "tom@example.com"},
	}}
	asked := map[string]string{}
	carrier := func(f invoke) *message.FunctionCarrier {
		s := trigger.New(trigger.Config{
			Routes: trigger.NewRoutes(trigger.Route{Name: "arn:*", Function: f}), Senders: senderKey{}, Log: slog.New(slog.DiscardHandler),
		})
		return &message.FunctionCarrier{Pools: pools{pool.ID: pool}, Triggers: s}
	}
	good := carrier(func(event []byte) ([]byte, error) {
		for _, part := range []string{"CustomEmailSender_SignUp", "aws-sdk-js-3.1", `"clientId":"app"`, `"userName":"tom"`, secretCode} {
			if strings.Contains(string(event), part) {
				asked[part] = "there"
			}
		}
		return event, nil
	})
	if err := good.Carry(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	want := []string{`"clientId":"app"`, `"userName":"tom"`, "CustomEmailSender_SignUp", "aws-sdk-js-3.1"}
	if got := slices.Sorted(maps.Keys(asked)); !slices.Equal(got, want) {
		t.Errorf("the event holds %v", got)
	}

	bad := carrier(func([]byte) ([]byte, error) {
		return nil, &trigger.FunctionError{Message: "no credit to send " + secretCode}
	})
	f, ok := errors.AsType[*message.Failure](bad.Carry(t.Context(), m))
	if !ok || f.Final || strings.Contains(f.Error(), secretCode) || f.Error() != "UserLambdaValidationException: function ended with an error" {
		t.Errorf("%v", f)
	}

	sms := m
	sms.Medium = message.SMS
	if f, ok := errors.AsType[*message.Failure](good.Carry(t.Context(), sms)); !ok || !f.Final {
		t.Errorf("a message without its function: %v", f)
	}
}

type invoke func(event []byte) ([]byte, error)

func (f invoke) Invoke(_ context.Context, _ string, event []byte) ([]byte, error) { return f(event) }

func address(name, at string) mail.Address { return mail.Address{Name: name, Address: at} }
