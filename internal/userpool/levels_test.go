package userpool

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
)

func TestLevelNames(t *testing.T) {
	names := func(pairs ...string) map[string]cognitoidp.AcrLevelConfigType {
		m := map[string]cognitoidp.AcrLevelConfigType{}
		for i := 0; i < len(pairs); i += 2 {
			m[pairs[i]] = cognitoidp.AcrLevelConfigType{AcrValue: &pairs[i+1]}
		}
		return m
	}
	got, err := levelNames(names("Level2", "urn:x:2", "Level3", "urn:cognito:loa:2"))
	want := names("Level1", "urn:cognito:loa:1", "Level2", "urn:x:2", "Level3", "urn:cognito:loa:2", "Level4", "urn:cognito:loa:4")
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("completed: %v (-want +got):\n%s", err, diff)
	}
	p := Pool{Description: cognitoidp.UserPoolType{AcrConfiguration: got}}
	for name, level := range map[string]int{"urn:x:2": 2, "urn:cognito:loa:2": 3, "urn:cognito:loa:3": 0, "urn:cognito:loa:4": 4, "": 0} {
		if p.Level(name) != level {
			t.Errorf("%s is level %d, want %d", name, p.Level(name), level)
		}
	}
	if none, err := levelNames(nil); none != nil || err != nil || (&Pool{}).LevelName(3) != "urn:cognito:loa:3" {
		t.Errorf("no names: %v, %v", none, err)
	}
	for what, c := range map[string]struct {
		given   map[string]cognitoidp.AcrLevelConfigType
		message string
	}{
		"a fifth level":        {names("Level5", "x"), "Level5 is not a key of AcrConfiguration."},
		"an empty name":        {names("Level1", ""), "Level1 has no valid AcrValue."},
		"no name":              {map[string]cognitoidp.AcrLevelConfigType{"Level1": {}}, "Level1 has no valid AcrValue."},
		"a long name":          {names("Level1", strings.Repeat("ä", 65)), "Level1 has no valid AcrValue."},
		"a space":              {names("Level1", "a b"), "Level1 has no valid AcrValue."},
		"a quotation mark":     {names("Level1", `a"`), "Level1 has no valid AcrValue."},
		"a name twice":         {names("Level1", "a", "Level4", "a"), "AcrValue a is not unique."},
		"another level's name": {names("Level1", "urn:cognito:loa:2"), "AcrValue urn:cognito:loa:2 is not unique."},
	} {
		if _, err := levelNames(c.given); err == nil || err.Error() != "InvalidParameterException: "+c.message {
			t.Errorf("%s: %v", what, err)
		}
	}
}
