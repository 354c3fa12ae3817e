package main

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"fmt"
	"os"
	"runtime"
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

// costs is the processor time of each primitive with all cores at work.
type costs [primitives]time.Duration

// of is the bare cost of a recipe.
func (c costs) of(r recipe) (sum time.Duration) {
	for p, n := range r {
		sum += time.Duration(n) * c[p]
	}
	return sum
}

// perPrimitive is long beside the clock's tick.
const perPrimitive = 500 * time.Millisecond

// measureCrypto measures every primitive with the packages that the server
// uses, on all cores at once: what cores share, such as caches and turbo
// clocks, is shared in the server, too.
func measureCrypto() (c costs, err error) {
	work, err := benchmarks()
	if err != nil {
		return c, err
	}
	for p, f := range work {
		before, err := cpuTime(os.Getpid())
		if err != nil {
			return c, err
		}
		var all sync.WaitGroup
		counts := make([]int, runtime.NumCPU())
		end := time.Now().Add(perPrimitive)
		for n := range counts {
			all.Go(func() {
				for time.Now().Before(end) {
					for range 4 {
						f()
					}
					counts[n] += 4
				}
			})
		}
		all.Wait()
		after, err := cpuTime(os.Getpid())
		if err != nil {
			return c, err
		}
		total := 0
		for _, n := range counts {
			total += n
		}
		c[p] = (after - before) / time.Duration(total)
	}
	return c, nil
}

func benchmarks() (work [primitives]func(), err error) {
	key, err := rsa.GenerateKey(nil, 2048) // Go draws from the system, whatever it is given
	if err != nil {
		return work, err
	}
	digest := sha256.Sum256([]byte("token"))
	id := srp.UserIdentity(region+"_AbCdEf123", "user")
	salt := [srp.SaltSize]byte(secretbox.Bytes(srp.SaltSize))
	verifier := srp.NewVerifier(id, everyPassword, salt)
	client := srpclient.New(32)
	a, err := srp.ParsePublicKey(client.A())
	if err != nil {
		return work, err
	}
	session := srp.Begin(verifier, a, [srp.SecretSize]byte(secretbox.Bytes(srp.SecretSize)))
	now := time.Now()
	_, poolName, _ := strings.Cut(region+"_AbCdEf123", "_")
	answer, err := client.Answer(srpclient.Challenge{Pool: poolName, User: "user", Salt: verifier.Salt(), B: session.B()}, everyPassword, now)
	if err != nil {
		return work, err
	}
	claim := srp.Claim{Identity: id, Timestamp: answer.Timestamp, Signature: answer.Signature}
	if !session.Verify(verifier, claim, now) {
		return work, fmt.Errorf("the SRP exchange does not verify")
	}
	ring, err := secretbox.NewRing(time.Now, secretbox.Key{ID: 1, Secret: secretbox.Bytes(32), Active: now.Add(-time.Hour)})
	if err != nil {
		return work, err
	}
	record, ad := make([]byte, 600), []byte("bench")
	sealed := ring.Seal(record, ad)
	work = [primitives]func(){
		rsaSign:       func() { _, _ = rsa.SignPKCS1v15(nil, key, crypto.SHA256, digest[:]) },
		checkPassword: func() { verifier.Matches(id, everyPassword) },
		makePassword:  func() { srp.NewVerifier(id, everyPassword, salt) },
		srpBegin:      func() { srp.Begin(verifier, a, [srp.SecretSize]byte(record)) },
		srpVerify:     func() { session.Verify(verifier, claim, now) },
		sealing:       func() { ring.Seal(record, ad) },
		unseal:        func() { _, _ = ring.Open(sealed, ad) },
		hmacSum:       func() { mac(record[:32], "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef") },
	}
	return work, nil
}
