package token_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/cenote-id/cenote/internal/lane"
	"github.com/cenote-id/cenote/internal/token"
)

// lanes runs a signing lane of so many workers; 0 signs inline.
func lanes(b *testing.B, workers int) *lane.Lane {
	if workers == 0 {
		return nil
	}
	l, err := lane.New(lane.Config{Name: "bench", Workers: workers, Queue: 100, Wait: time.Minute})
	if err != nil {
		b.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() { ended <- l.Run(ctx) }()
	b.Cleanup(func() { stop(); <-ended })
	return l
}

func BenchmarkMint(b *testing.B) {
	for _, workers := range []int{0, 1, 2} {
		b.Run(fmt.Sprintf("workers=%d", workers), func(b *testing.B) {
			w, g := newWorld(b), grant()
			w.keys = token.NewKeys(token.KeysConfig{Store: w.db.SigningKeys(), Stock: w.db.SigningKeys(), Now: w.clock, Lane: lanes(b, workers)})
			for b.Loop() {
				if _, err := w.keys.Mint(b.Context(), g); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// A storm: as many sign-ins at once as there are in a burst.
func BenchmarkMintStorm(b *testing.B) {
	for _, workers := range []int{0, 2} {
		b.Run(fmt.Sprintf("workers=%d", workers), func(b *testing.B) {
			w, g := newWorld(b), grant()
			w.keys = token.NewKeys(token.KeysConfig{Store: w.db.SigningKeys(), Stock: w.db.SigningKeys(), Now: w.clock, Lane: lanes(b, workers)})
			b.SetParallelism(16)
			b.RunParallel(func(p *testing.PB) {
				for p.Next() {
					if _, err := w.keys.Mint(b.Context(), g); err != nil {
						b.Error(err)
					}
				}
			})
		})
	}
}

func BenchmarkVerify(b *testing.B) {
	for _, remembered := range []bool{false, true} {
		b.Run(fmt.Sprintf("remembered=%v", remembered), func(b *testing.B) {
			w := newWorld(b)
			_, _, tokens := w.signIn(b, nil)
			for b.Loop() {
				if !remembered {
					w.verifier.Forget()
				}
				if _, err := w.verifier.Verify(b.Context(), tokens.Access, token.SelfService); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkOpenRefresh(b *testing.B) {
	w := newWorld(b)
	_, refresh := w.begin(b, nil)
	for b.Loop() {
		if _, err := w.open(b, refresh); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkForgedRefresh(b *testing.B) {
	w := newWorld(b)
	_, refresh := w.begin(b, nil)
	forged := refresh[:64] + "AAAA" + refresh[68:]
	for b.Loop() {
		if _, err := w.open(b, forged); err == nil {
			b.Fatal("taken")
		}
	}
}

func BenchmarkNewAndSave(b *testing.B) {
	w := newWorld(b)
	for b.Loop() {
		s, _ := w.sessions.New(token.NewSession{Pool: pool, Region: "us-west-2", Client: client, Sub: "s", Username: "u", Life: time.Hour})
		if err := w.sessions.Save(b.Context(), s); err != nil {
			b.Fatal(err)
		}
	}
}
