package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const (
	tables    = "../../../api"
	generated = "../../awsapi"
)

func TestGeneratedCodeIsFresh(t *testing.T) {
	if err := run(tables, generated, true); err != nil {
		t.Error(err)
	}
}

func TestCheckFindsAStaleFile(t *testing.T) {
	out := t.TempDir()
	if err := run(tables, out, false); err != nil {
		t.Fatal(err)
	}
	if err := run(tables, out, true); err != nil {
		t.Errorf("a second run differs from the first: %v", err)
	}
	path := filepath.Join(out, "sts", "errors_gen.go")
	if err := os.WriteFile(path, []byte("package sts\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := run(tables, out, true); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("a stale file passes: %v", err)
	}
	if text, _ := os.ReadFile(path); string(text) != "package sts\n" {
		t.Error("-check wrote a file")
	}
}

func TestConstants(t *testing.T) {
	for _, tc := range []struct{ typ, value, want string }{
		{"AuthFlowType", "USER_SRP_AUTH", "AuthFlowTypeUserSrpAuth"},
		{"StatusType", "Enabled", "StatusTypeEnabled"},
		{"EventResponseType", "InProgress", "EventResponseTypeInProgress"},
		{"AliasAttributeType", "phone_number", "AliasAttributeTypePhoneNumber"},
		{"ReportFormatType", "text/csv", "ReportFormatTypeTextCsv"},
		{"statusType", "Active", "StatusTypeActive"},
		{"globalEndpointTokenVersion", "v1Token", "GlobalEndpointTokenVersionV1Token"},
		{"summaryKeyType", "MFADevices", "SummaryKeyTypeMFADevices"},
	} {
		if got := constant(tc.typ, tc.value); got != tc.want {
			t.Errorf("%s of %s is named %s, want %s", tc.value, tc.typ, got, tc.want)
		}
	}
}

func TestBadTablesAreRefused(t *testing.T) {
	for name, text := range map[string]string{
		"no shape \"Nowhere\"":                 `{"operations":{"A":{"input":"Nowhere"}},"shapes":{}}`,
		"no shape \"Gone\"":                    `{"operations":{},"shapes":{"L":{"type":"list","member":"Gone"}}}`,
		"A appears twice":                      `{"operations":{"A":{},"A":{}},"shapes":{}}`,
		"required member \"X\" does not exist": `{"operations":{},"shapes":{"S":{"type":"structure","members":{},"required":["X"]}}}`,
	} {
		path := filepath.Join(t.TempDir(), "t.json")
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := loadModel(path); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestCollidingNamesAreRefused(t *testing.T) {
	m := &model{Shapes: ordered[shape]{
		names:  []string{"statusType", "StatusType"},
		values: map[string]shape{"statusType": {Type: "structure"}, "StatusType": {Type: "structure"}},
	}}
	if err := m.checkNames(); err == nil {
		t.Error("two shapes of one Go name pass")
	}
}
