package awsapi_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/secretbox"
)

func TestPageTokens(t *testing.T) {
	now := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	clock := func() time.Time { return now }
	ring, err := secretbox.NewRing(clock, secretbox.Key{ID: 1, Secret: secretbox.Bytes(32), Active: now})
	if err != nil {
		t.Fatal(err)
	}
	type position struct {
		Name string
		At   int64
	}
	list := awsapi.PageTokens{
		Sealer: ring, Operation: "cognito-idp:ListUsers", Owner: "us-west-2_a", Filter: `email ^= "t"`,
		Life: time.Hour, Now: clock,
	}
	at := position{"tom", 7}
	token, err := list.Seal(at)
	if err != nil {
		t.Fatal(err)
	}
	open := func(p awsapi.PageTokens, token string) (got position, err error) {
		err = p.Open(token, &got)
		return got, err
	}
	got, err := open(list, token)
	if diff := cmp.Diff(at, got); err != nil || diff != "" {
		t.Errorf("%v %s", err, diff)
	}

	foreign := map[string]awsapi.PageTokens{}
	for name, change := range map[string]func(*awsapi.PageTokens){
		"another operation": func(p *awsapi.PageTokens) { p.Operation = "cognito-idp:ListGroups" },
		"another owner":     func(p *awsapi.PageTokens) { p.Owner = "us-west-2_b" },
		"another filter":    func(p *awsapi.PageTokens) { p.Filter = "" },
		"parts shifted": func(p *awsapi.PageTokens) {
			p.Owner, p.Filter = p.Owner+" "+p.Filter[:1], p.Filter[1:]
		},
	} {
		p := list
		change(&p)
		foreign[name] = p
	}
	for name, p := range foreign {
		if got, err := open(p, token); !errors.Is(err, awsapi.ErrPageToken) {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
	for i := range token {
		c := byte('A')
		if token[i] == c {
			c = 'B'
		}
		if got, err := open(list, token[:i]+string(c)+token[i+1:]); !errors.Is(err, awsapi.ErrPageToken) {
			t.Errorf("character %d changed: %v, %v", i, got, err)
		}
		if got, err := open(list, token[:i]); !errors.Is(err, awsapi.ErrPageToken) {
			t.Errorf("cut to %d characters: %v, %v", i, got, err)
		}
	}
	for _, bad := range []string{"", "=", token + "=", token + "\n", strings.Repeat("A", 100_000)} {
		if got, err := open(list, bad); !errors.Is(err, awsapi.ErrPageToken) {
			t.Errorf("%.20q: %v, %v", bad, got, err)
		}
	}

	now = now.Add(time.Hour - time.Second)
	if _, err := open(list, token); err != nil {
		t.Errorf("a second before its end: %v", err)
	}
	now = now.Add(time.Second)
	if got, err := open(list, token); !errors.Is(err, awsapi.ErrPageToken) {
		t.Errorf("at its end: %v, %v", got, err)
	}
}
