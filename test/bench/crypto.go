package main

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/cenote-id/cenote/internal/secretbox"
	"github.com/cenote-id/cenote/internal/srp"
	"github.com/cenote-id/cenote/internal/srp/srpclient"
)

// primitive is cryptography that an operation cannot do without.
type primitive int

const (
	rsaSign primitive = iota
	checkPassword
	makePassword
	srpBegin
	srpVerify
	sealing
	unseal
	hmacSum
	primitives
)

var primitiveNames = [primitives]string{
	rsaSign: "RSA-2048 signature", checkPassword: "password against verifier", makePassword: "new verifier",
	srpBegin: "SRP: B", srpVerify: "SRP: S and proof", sealing: "seal 600 bytes", unseal: "open 600 bytes", hmacSum: "HMAC-SHA-256 of 64 bytes",
}

// recipe says how many of each an operation needs.
type recipe map[primitive]int

// workbench has what the primitives work on.
type workbench [primitives]func()

// perMeasurement is long beside the clock's tick.
const perMeasurement = 500 * time.Millisecond

// cost returns the processor time that a recipe takes with all cores at work:
// what cores share, such as caches, arithmetic units and turbo clocks, is
// shared in the server, too. It uses the packages that the server uses.
func (b *workbench) cost(r recipe) (time.Duration, error) {
	if len(r) == 0 {
		return 0, nil
	}
	before, err := cpuTime(os.Getpid())
	if err != nil {
		return 0, err
	}
	var all sync.WaitGroup
	counts := make([]int, cores())
	end := time.Now().Add(perMeasurement)
	for n := range counts {
		all.Go(func() {
			for ; time.Now().Before(end); counts[n]++ {
				for p, times := range r {
					for range times {
						b[p]()
					}
				}
			}
		})
	}
	all.Wait()
	after, err := cpuTime(os.Getpid())
	total := 0
	for _, n := range counts {
		total += n
	}
	return (after - before) / time.Duration(total), err
}

// prices is the cost of each primitive by itself.
type prices [primitives]time.Duration

func (b *workbench) prices() (c prices, err error) {
	for p := range c {
		if c[p], err = b.cost(recipe{primitive(p): 1}); err != nil {
			return c, err
		}
	}
	return c, nil
}

func newWorkbench() (*workbench, error) {
	key, err := rsa.GenerateKey(nil, 2048) // Go draws from the system, whatever it is given
	if err != nil {
		return nil, err
	}
	digest := sha256.Sum256([]byte("token"))
	id := srp.UserIdentity(region+"_AbCdEf123", "user")
	salt := [srp.SaltSize]byte(secretbox.Bytes(srp.SaltSize))
	verifier := srp.NewVerifier(id, everyPassword, salt)
	client := srpclient.New(32)
	a, err := srp.ParsePublicKey(client.A())
	if err != nil {
		return nil, err
	}
	session := srp.Begin(verifier, a, [srp.SecretSize]byte(secretbox.Bytes(srp.SecretSize)))
	now := time.Now()
	_, poolName, _ := strings.Cut(region+"_AbCdEf123", "_")
	answer, err := client.Answer(srpclient.Challenge{Pool: poolName, User: "user", Salt: verifier.Salt(), B: session.B()}, everyPassword, now)
	if err != nil {
		return nil, err
	}
	claim := srp.Claim{Identity: id, Timestamp: answer.Timestamp, Signature: answer.Signature}
	if !session.Verify(verifier, claim, now) {
		return nil, fmt.Errorf("the SRP exchange does not verify")
	}
	ring, err := secretbox.NewRing(time.Now, secretbox.Key{ID: 1, Secret: secretbox.Bytes(32), Active: now.Add(-time.Hour)})
	if err != nil {
		return nil, err
	}
	record, ad := make([]byte, 600), []byte("bench")
	sealed := ring.Seal(record, ad)
	return &workbench{
		rsaSign:       func() { _, _ = rsa.SignPKCS1v15(nil, key, crypto.SHA256, digest[:]) },
		checkPassword: func() { verifier.Matches(id, everyPassword) },
		makePassword:  func() { srp.NewVerifier(id, everyPassword, salt) },
		srpBegin:      func() { srp.Begin(verifier, a, [srp.SecretSize]byte(record)) },
		srpVerify:     func() { session.Verify(verifier, claim, now) },
		sealing:       func() { ring.Seal(record, ad) },
		unseal:        func() { _, _ = ring.Open(sealed, ad) },
		hmacSum:       func() { mac(record[:32], "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef") },
	}, nil
}
