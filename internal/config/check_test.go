package config_test

import (
	"strings"
	"testing"

	"github.com/cenote-id/cenote/internal/config"
)

func TestGuestActions(t *testing.T) {
	s := serve()
	s.GuestAction = []string{"notes:*", "my-app:Read", "x:Get?"}
	if err := s.Check(config.Serve); err != nil {
		t.Error(err)
	}
	for _, wrong := range []string{"*", "*:*", "notes", "notes:", ":Read", "no*:Read", "notes:Read,notes:Write", "notes:a:b"} {
		s := serve()
		s.GuestAction = []string{wrong}
		if err := s.Check(config.Serve); err == nil || !strings.Contains(err.Error(), "--guest-action") {
			t.Errorf("%q: %v", wrong, err)
		}
	}
}

func TestLoginProviders(t *testing.T) {
	s := serve()
	s.LoginProvider = []string{"graph.facebook.com=http://127.0.0.1:9/facebook/", "www.amazon.com=https://amazon.example.com"}
	if err := s.Check(config.Serve); err != nil {
		t.Fatal(err)
	}
	got, err := s.LoginProviders()
	if err != nil || len(got) != 2 || got["graph.facebook.com"].String() != "http://127.0.0.1:9/facebook" {
		t.Errorf("%v, %v", got, err)
	}
	for _, wrong := range [][]string{
		{"graph.facebook.com"}, {"=https://x"}, {"a=ftp://x"}, {"a=https://"}, {"a=https://u:p@x"}, {"a=https://x?y=z"}, {"a=https://x", "a=https://y"},
	} {
		s := serve()
		s.LoginProvider = wrong
		if err := s.Check(config.Serve); err == nil || !strings.Contains(err.Error(), "--login-provider") {
			t.Errorf("%v: %v", wrong, err)
		}
	}
}
