package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

var update = flag.Bool("update", false, "rewrite docs/operations/configuration.md")

const referencePage = "../../docs/operations/configuration.md"

// TestReferencePage keeps the settings page true: it is written from the
// command line itself. Rewrite it with go test ./cmd/cenote -update.
func TestReferencePage(t *testing.T) {
	var c cli
	parser, err := newParser(&c, streams{strings.NewReader(""), &bytes.Buffer{}, &bytes.Buffer{}}, func(int) {})
	if err != nil {
		t.Fatal(err)
	}
	got := reference(parser.Model)
	if *update {
		if err := os.WriteFile(referencePage, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(referencePage)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s is stale; run go test ./cmd/cenote -update", referencePage)
	}
}

func reference(app *kong.Application) []byte {
	var b bytes.Buffer
	b.WriteString("# Settings\n\n<!-- Written from the command line by go test ./cmd/cenote -update. -->\n\n")
	b.WriteString("A flag wins over its variable, a variable over the default. The master key may also come from `" + masterKeyVariable + "`. ")
	b.WriteString("A `CENOTE_…` variable that no setting reads stops the start.\n")
	var walk func(path string, n *kong.Node)
	walk = func(path string, n *kong.Node) {
		path = strings.TrimSpace(path + " " + n.Name)
		if len(n.Children) == 0 {
			fmt.Fprintf(&b, "\n## %s\n\n%s\n", path, n.Help)
			if len(n.Flags) > 0 {
				b.WriteString("\n| flag | variable | default | meaning |\n|---|---|---|---|\n")
			}
			for _, f := range n.Flags {
				name := "--" + f.Name
				if !f.IsBool() {
					name += " " + f.FormatPlaceHolder()
				}
				fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", name, code(strings.Join(f.Envs, ", ")), code(f.Default), strings.ReplaceAll(f.Help, "|", `\|`))
			}
		}
		for _, child := range n.Children {
			walk(path, child)
		}
	}
	walk("", app.Node)
	return b.Bytes()
}

func code(s string) string {
	if s == "" {
		return ""
	}
	return "`" + s + "`"
}
