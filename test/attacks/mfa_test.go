package attacks

import (
	"fmt"
	"testing"
	"time"

	"github.com/cenote-id/cenote/internal/otp"
)

// guarded is a pool where everybody has to have a software token.
func (w *world) guarded() *pool {
	w.t.Helper()
	p := w.pool(w.roots[home], west, nil, nil)
	p.admin("SetUserPoolMfaConfig", input{"MfaConfiguration": "ON", "SoftwareTokenMfaConfiguration": input{"Enabled": true}}).ok(w.t, nil)
	return p
}

// setup is how far somebody is on the way through MFA_SETUP.
type setup struct{ Session, SecretCode string }

func (p *pool) beginSetup(name string) (s setup) {
	p.t.Helper()
	var in signedIn
	p.signIn(name, goodPassword).ok(p.t, &in)
	if in.ChallengeName != "MFA_SETUP" {
		p.t.Fatalf("asked for %s", in.ChallengeName)
	}
	return setup{Session: in.Session}
}

func (p *pool) associate(s *setup) reply {
	p.t.Helper()
	r := p.unsigned("cognito-idp", "AssociateSoftwareToken", input{"Session": s.Session})
	if r.status == 200 {
		r.ok(p.t, s)
	}
	return r
}

func (p *pool) verify(s *setup) reply {
	p.t.Helper()
	r := p.unsigned("cognito-idp", "VerifySoftwareToken", input{"Session": s.Session, "UserCode": p.totp(s.SecretCode)})
	if r.status == 200 {
		r.ok(p.t, s)
	}
	return r
}

func (p *pool) finish(name string, s setup) reply {
	p.t.Helper()
	return p.public("RespondToAuthChallenge", input{"ChallengeName": "MFA_SETUP", "Session": s.Session, "ChallengeResponses": input{"USERNAME": name}})
}

func (w *world) totp(secret string) string {
	w.t.Helper()
	raw, err := otp.Decode(secret)
	if err != nil {
		w.t.Fatal(err)
	}
	return otp.Code(raw, otp.Step(w.now()))
}

// Whoever has the password and began MFA_SETUP before the user did must not
// replace the software token that the user has set up since.
func TestEarlierSetupReplacesNoFactor(t *testing.T) {
	for _, began := range []string{"asked", "associated"} {
		w := serve(t, options{})
		p := w.guarded()
		p.person("alice")
		thief := p.beginSetup("alice")
		if began == "associated" {
			p.associate(&thief).ok(t, nil)
		}
		alice := p.beginSetup("alice")
		p.associate(&alice).ok(t, nil)
		p.verify(&alice).ok(t, nil)
		p.finish("alice", alice).ok(t, nil)
		if began == "asked" {
			p.associate(&thief).refused(t, began, "NotAuthorizedException", "Invalid session for the user.")
		} else {
			p.verify(&thief).refused(t, began, "NotAuthorizedException", "Invalid session for the user.")
		}
		p.finish("alice", thief).refused(t, began, "NotAuthorizedException", "Invalid session for the user")
		w.pass(time.Minute)
		var in signedIn
		p.signIn("alice", goodPassword).ok(t, &in)
		p.public("RespondToAuthChallenge", input{
			"ChallengeName": "SOFTWARE_TOKEN_MFA", "Session": in.Session,
			"ChallengeResponses": input{"USERNAME": "alice", "SOFTWARE_TOKEN_MFA_CODE": p.totp(alice.SecretCode)},
		}).ok(t, nil)
	}
}

// The same by e-mail: the code went out before the user had a factor.
func TestEarlierAddressJoinsNoFactor(t *testing.T) {
	w := serve(t, options{})
	p := w.pool(w.roots[home], west, input{"EmailConfiguration": input{
		"EmailSendingAccount": "DEVELOPER", "SourceArn": "arn:aws:ses:" + west + ":" + home + ":identity/example.com",
	}}, nil)
	p.admin("SetUserPoolMfaConfig", input{
		"MfaConfiguration": "ON", "SoftwareTokenMfaConfiguration": input{"Enabled": true},
		"EmailMfaConfiguration": input{"Message": "Your code is {####}", "Subject": "Code"},
	}).ok(t, nil)
	p.person("alice")
	thief := p.beginSetup("alice")
	var asked signedIn
	p.public("RespondToAuthChallenge", input{
		"ChallengeName": "MFA_SETUP", "Session": thief.Session,
		"ChallengeResponses": input{"USERNAME": "alice", "EMAIL": "thief@example.com"},
	}).ok(t, &asked)
	alice := p.beginSetup("alice")
	p.associate(&alice).ok(t, nil)
	p.verify(&alice).ok(t, nil)
	p.public("RespondToAuthChallenge", input{
		"ChallengeName": asked.ChallengeName, "Session": asked.Session,
		"ChallengeResponses": input{"USERNAME": "alice", "EMAIL_OTP_CODE": w.code(t, "thief@example.com")},
	}).
		refused(t, "code to another address", "NotAuthorizedException", "Invalid session for the user.")
}

// Two people who set up a token with one password at the same time: one of
// them succeeds.
func TestSetupsAtOnce(t *testing.T) {
	a, b := pair(t)
	p := a.guarded()
	nodes := []*pool{p, p.on(b)}
	for i := range 3 {
		name := fmt.Sprintf("user%d", i)
		p.person(name)
		setups := make([]setup, 6)
		for j := range setups {
			setups[j] = p.beginSetup(name)
			p.associate(&setups[j]).ok(t, nil)
		}
		answers := guess(len(setups), func(j int) reply {
			r := nodes[j%2].verify(&setups[j])
			if r.status == 200 {
				r.message = "verified"
			}
			return r
		})
		if answers["200 verified"] != 1 || answers["400 Invalid session for the user."] != len(setups)-1 {
			t.Errorf("%v", answers)
		}
	}
}

// A right password starts no new count of wrong codes, on either node.
func TestCodesAreNotGuessed(t *testing.T) {
	a, b := pair(t)
	p := a.guarded()
	p.person("alice")
	alice := p.beginSetup("alice")
	p.associate(&alice).ok(t, nil)
	p.verify(&alice).ok(t, nil)
	p.finish("alice", alice).ok(t, nil)
	a.freeze()
	nodes := []*pool{p, p.on(b)}
	sessions := make([]string, 64)
	for i := range sessions {
		var in signedIn
		nodes[i%2].signIn("alice", goodPassword).ok(t, &in)
		sessions[i] = in.Session
	}
	answers := guess(64, func(i int) reply {
		return nodes[i%2].public("RespondToAuthChallenge", input{
			"ChallengeName": "SOFTWARE_TOKEN_MFA", "Session": sessions[i],
			"ChallengeResponses": input{"USERNAME": "alice", "SOFTWARE_TOKEN_MFA_CODE": fmt.Sprintf("%06d", i)},
		})
	})
	const wrong, locked = "400 Invalid code received for user", "400 Password attempts exceeded"
	if answers[wrong] != 5 || answers[wrong]+answers[locked] != 64 {
		t.Errorf("%v", answers)
	}
	p.signIn("alice", goodPassword).refused(t, "the password meanwhile", "NotAuthorizedException", "Password attempts exceeded")
}
