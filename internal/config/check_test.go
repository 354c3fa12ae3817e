package config_test

import (
	"strings"
	"testing"

	"github.com/cenote-id/cenote/internal/config"
)

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
