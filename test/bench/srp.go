package main

import (
	"bytes"
	"encoding/json"
	"math/big"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/cenote-id/cenote/internal/password"
	"github.com/cenote-id/cenote/internal/srp/srpclient"
)

// An honest SRP client raises a 3072-bit number to a 2,000-bit exponent, which
// takes longer than all that the server does. On a machine that runs both, it
// would be the client that is measured. So the users of the SRP measurement
// have the verifier 1, which is g^0: whoever knows that the exponent x is 0
// computes S = (B - k)^a, and with a small secret a that takes microseconds.
// The server cannot tell: its arithmetic takes the same time for every
// verifier and every A. The run proves it with a second measurement, in which
// honest clients sign in users with real verifiers: its figure of processor
// time a call must be the same.

// openDoor is what is kept of a password whose exponent is 0.
func openDoor() password.Stored {
	return password.Stored{Salt: bytes.Repeat([]byte{0x5a}, 16), Verifier: []byte{1}}
}

// srpReply is the part of a challenge that its answer is made of.
type srpReply struct {
	ChallengeName       string
	ChallengeParameters struct {
		Salt        string `json:"SALT"`
		SecretBlock string `json:"SECRET_BLOCK"`
		B           string `json:"SRP_B"`
		Username    string `json:"USERNAME"`
		UserID      string `json:"USER_ID_FOR_SRP"`
	}
}

// srpAnswer is the body of RespondToAuthChallenge.
type srpAnswer struct {
	ChallengeName      string
	ClientID           string `json:"ClientId"`
	ChallengeResponses srpResponses
}

type srpResponses struct {
	Username    string `json:"USERNAME"`
	SecretBlock string `json:"PASSWORD_CLAIM_SECRET_BLOCK"`
	Signature   string `json:"PASSWORD_CLAIM_SIGNATURE"`
	Timestamp   string `json:"TIMESTAMP"`
}

// srpClient makes an exchange, and answers the challenge for a user.
type srpClient struct {
	secret func() *srpclient.Client
	answer func(*srpclient.Client, srpclient.Challenge) (srpclient.Claim, error)
}

var (
	// knowing clients know the exponent.
	knowing = srpClient{
		secret: func() *srpclient.Client { return srpclient.FromSecret([]byte{byte(1 + rand.IntN(255))}) },
		answer: func(c *srpclient.Client, ch srpclient.Challenge) (srpclient.Claim, error) {
			return c.AnswerExponent(ch, new(big.Int), time.Now())
		},
	}
	// honest clients know the password.
	honest = srpClient{
		secret: func() *srpclient.Client { return srpclient.New(32) },
		answer: func(c *srpclient.Client, ch srpclient.Challenge) (srpclient.Claim, error) {
			return c.Answer(ch, everyPassword, time.Now())
		},
	}
)

// srpSignIn returns a step that signs in one user after another in two calls.
// first makes the first of them off the clock, once a user.
func (w *world) srpSignIn(client srpClient, users int, name func(int) string, connection, connections int) step {
	type opening struct {
		request request
		client  *srpclient.Client
	}
	var openings []opening
	for i := connection; i < users; i += connections {
		c := client.secret()
		openings = append(openings, opening{w.unsigned(userPools("InitiateAuth", text(struct {
			AuthFlow       string
			ClientID       string `json:"ClientId"`
			AuthParameters map[string]string
		}{"USER_SRP_AUTH", w.Client, map[string]string{"USERNAME": name(i), "SRP_A": c.A()}}))), c})
	}
	_, poolName, _ := strings.Cut(w.Pool, "_")
	next := 0
	return func(c *conn) error {
		o := openings[next%len(openings)]
		next++
		body, err := c.expect(o.request, []byte("SRP_B"))
		if err != nil {
			return err
		}
		var reply srpReply
		if err := json.Unmarshal(body, &reply); err != nil {
			return err
		}
		p := reply.ChallengeParameters
		claim, err := client.answer(o.client, srpclient.Challenge{Pool: poolName, User: p.UserID, Salt: p.Salt, B: p.B, SecretBlock: p.SecretBlock})
		if err != nil {
			return err
		}
		_, err = c.expect(w.unsigned(userPools("RespondToAuthChallenge", text(srpAnswer{
			reply.ChallengeName, w.Client, srpResponses{p.Username, p.SecretBlock, claim.Signature, claim.Timestamp},
		}))), wantTokens)
		return err
	}
}
