package userpool_test

import (
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
	"github.com/cenote-id/cenote/internal/userpool"
)

// wantError fails the test unless err is that error of the API.
func wantError(t *testing.T, err error, name, message string) {
	t.Helper()
	got, ok := awsapi.AsError(err)
	if !ok || got.Shape.Name != name || got.Message != message {
		t.Errorf("error is %v, want %s: %s", err, name, message)
	}
}

func attribute(name string, typ cognitoidp.AttributeDataType, change ...func(*cognitoidp.SchemaAttributeType)) cognitoidp.SchemaAttributeType {
	a := cognitoidp.SchemaAttributeType{Name: &name, AttributeDataType: &typ, Mutable: new(true), Required: new(false)}
	for _, f := range change {
		f(&a)
	}
	return a
}

func length(lo, hi string) func(*cognitoidp.SchemaAttributeType) {
	return func(a *cognitoidp.SchemaAttributeType) {
		a.StringAttributeConstraints = &cognitoidp.StringAttributeConstraintsType{MinLength: &lo, MaxLength: &hi}
	}
}

func size(lo, hi string) func(*cognitoidp.SchemaAttributeType) {
	return func(a *cognitoidp.SchemaAttributeType) {
		a.NumberAttributeConstraints = &cognitoidp.NumberAttributeConstraintsType{MinValue: &lo, MaxValue: &hi}
	}
}

func required(a *cognitoidp.SchemaAttributeType) { a.Required = new(true) }

func immutable(a *cognitoidp.SchemaAttributeType) { a.Mutable = new(false) }

func poolWith(attributes ...cognitoidp.SchemaAttributeType) *userpool.Pool {
	return &userpool.Pool{Description: cognitoidp.UserPoolType{SchemaAttributes: attributes}}
}

var people = poolWith(
	attribute("sub", "String", length("1", "2048"), required, immutable),
	attribute("email", "String", length("0", "2048"), required),
	attribute("email_verified", "Boolean"),
	attribute("family_name", "String", length("0", "2048"), required),
	attribute("birthdate", "String", length("10", "10")),
	attribute("updated_at", "Number", size("0", "")),
	attribute("custom:size", "Number", size("-5", "7")),
	attribute("custom:since", "DateTime"),
	attribute("custom:free", "String"),
	attribute("custom:fixed", "String", immutable),
)

func TestValuesFitTheSchema(t *testing.T) {
	for _, values := range []map[string]string{
		{},
		{"email": "a@example.com", "email_verified": "true"},
		{"email_verified": "True"},
		{"birthdate": "1990-01-31"},
		{"birthdate": "一九九〇年一月三一日"}, // ten characters
		{"updated_at": "0"},
		{"custom:size": "-5"},
		{"custom:size": "7"},
		{"custom:since": "2026-11-22T10:00:00Z"},
		{"custom:free": strings.Repeat("é", 4000)},
		{"birthdate": "", "custom:size": ""}, // blank: no value
	} {
		if err := people.CheckValues(values); err != nil {
			t.Errorf("%v: %v", values, err)
		}
	}
	for _, tt := range []struct{ name, value, want string }{
		{"custom:none", "x", "custom:none: Attribute does not exist in the schema."},
		{"none", "x", "none: Attribute does not exist in the schema."},
		{"email_verified", "yes", "email_verified: Value must be true or false"},
		{"birthdate", "1990", "birthdate: String must be no shorter than 10 characters"},
		{"birthdate", "1990-01-311", "birthdate: String must be no longer than 10 characters"},
		{"updated_at", "-1", "updated_at: Number must be no smaller than 0"},
		{"custom:size", "8", "custom:size: Number must be no greater than 7"},
		{"custom:size", "1.5", "custom:size: Value must be a whole number"},
		{"custom:since", "yesterday", "custom:since: Value must be a date and time in ISO 8601 form"},
	} {
		wantError(t, people.CheckValues(map[string]string{tt.name: tt.value}), "InvalidParameterException",
			"Attributes did not conform to the schema: "+tt.want+"\n")
	}
}

func TestNewUsersHaveWhatIsRequired(t *testing.T) {
	if err := people.CheckNewUser(map[string]string{"email": "a@example.com", "family_name": "Doe"}); err != nil {
		t.Error(err)
	}
	wantError(t, people.CheckNewUser(map[string]string{"family_name": "", "custom:none": "x"}), "InvalidParameterException",
		"Attributes did not conform to the schema: email: The attribute is required\n"+
			"family_name: The attribute is required\ncustom:none: Attribute does not exist in the schema.\n")
}

func TestWhatIsFixedStays(t *testing.T) {
	if err := people.CheckMutable([]string{"email", "custom:free", "custom:none"}); err != nil {
		t.Error(err)
	}
	for _, name := range []string{"sub", "custom:fixed"} {
		wantError(t, people.CheckMutable([]string{"email", name}), "InvalidParameterException",
			"user."+name+": Attribute cannot be updated. (changing an immutable attribute)")
	}
	if err := people.CheckDeletable([]string{"birthdate", "custom:free"}); err != nil {
		t.Error(err)
	}
	wantError(t, people.CheckDeletable([]string{"email"}), "InvalidParameterException",
		"Invalid user attributes: email: Required attribute cannot be deleted.")
	wantError(t, people.CheckDeletable([]string{"custom:none"}), "InvalidParameterException",
		"Invalid user attributes: custom:none: Attribute does not exist in the schema.")
	wantError(t, people.CheckDeletable([]string{"custom:fixed"}), "InvalidParameterException",
		"user.custom:fixed: Attribute cannot be updated. (changing an immutable attribute)")
	byPhone := poolWith(attribute("phone_number", "String"))
	byPhone.Description.UsernameAttributes = []cognitoidp.UsernameAttributeType{"phone_number"}
	wantError(t, byPhone.CheckDeletable([]string{"phone_number"}), "InvalidParameterException",
		"Invalid user attributes: phone_number: Required attribute cannot be deleted.")
}

// A string fits exactly when its length in characters lies between the bounds.
func TestStringBounds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lo, hi := rapid.IntRange(0, 20).Draw(t, "min"), rapid.IntRange(0, 20).Draw(t, "max")
		value := rapid.StringN(1, 25, -1).Draw(t, "value")
		p := poolWith(attribute("custom:x", "String", length(strconv.Itoa(lo), strconv.Itoa(hi))))
		n := utf8.RuneCountInString(value)
		err := p.CheckValues(map[string]string{"custom:x": value})
		if fits := lo <= n && n <= hi; fits != (err == nil) {
			t.Fatalf("%d characters between %d and %d: %v", n, lo, hi, err)
		}
	})
}
