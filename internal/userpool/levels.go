package userpool

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
)

// Levels is how many levels of authentication there are (Amazon Cognito
// developer guide, "Authentication levels with ACR and AMR claims").
const Levels = 4

const (
	levelKey     = "Level"
	defaultLevel = "urn:cognito:loa:"
	maxLevelName = 64 // characters
)

// Sentences about the names of levels. UNCONFIRMED: the rules are documented,
// the sentences are not.
const (
	textLevelKey   = "%s is not a key of AcrConfiguration."
	textLevelName  = "%s has no valid AcrValue."
	textLevelTwice = "AcrValue %s is not unique."
)

// LevelName is what acr claims call a level from 1 to Levels.
func (p *Pool) LevelName(level int) string {
	if c, named := p.Description.AcrConfiguration[levelKey+strconv.Itoa(level)]; named {
		return awsapi.Value(c.AcrValue)
	}
	return defaultLevel + strconv.Itoa(level)
}

// Level returns the level with that name; 0 for none.
func (p *Pool) Level(name string) int {
	for level := 1; level <= Levels; level++ {
		if p.LevelName(level) == name {
			return level
		}
	}
	return 0
}

// levelNames completes the names that the owner gives to levels. Who gives
// none has the default names, and is not told them.
func levelNames(given map[string]cognitoidp.AcrLevelConfigType) (map[string]cognitoidp.AcrLevelConfigType, error) {
	if given == nil {
		return nil, nil
	}
	out := map[string]cognitoidp.AcrLevelConfigType{}
	for level := 1; level <= Levels; level++ {
		n := strconv.Itoa(level)
		out[levelKey+n] = cognitoidp.AcrLevelConfigType{AcrValue: new(defaultLevel + n)}
	}
	for _, key := range slices.Sorted(maps.Keys(given)) {
		name := awsapi.Value(given[key].AcrValue)
		if _, known := out[key]; !known {
			return nil, cognitoidp.InvalidParameterException(textLevelKey, key)
		}
		if name == "" || utf8.RuneCountInString(name) > maxLevelName || strings.ContainsAny(name, " \"\\") {
			return nil, cognitoidp.InvalidParameterException(textLevelName, key)
		}
		out[key] = given[key]
	}
	seen := map[string]bool{}
	for _, key := range slices.Sorted(maps.Keys(out)) {
		name := *out[key].AcrValue
		if seen[name] {
			return nil, cognitoidp.InvalidParameterException(textLevelTwice, name)
		}
		seen[name] = true
	}
	return out, nil
}
