package credential

import (
	"maps"
	"slices"
	"strings"

	"github.com/cenote-id/cenote/internal/awsapi"
)

// reservedPrefix begins the keys of tags that are AWS's own.
const reservedPrefix = "aws:"

// Tag is a session tag.
type Tag struct{ Key, Value string }

// sessionTags are the tags of a session that is about to begin. Keys compare
// without regard to case.
type sessionTags struct {
	asked      []Tag
	transitive []string          // keys of asked tags that a next role gets too
	inherited  map[string]string // what the calling session hands on
}

// newSessionTags checks the tags of a request against each other and against
// those that the caller's session (nil for none) hands on.
func newSessionTags(tags []Tag, transitive []string, from *awsapi.Session) (*sessionTags, error) {
	t := &sessionTags{asked: tags, transitive: transitive, inherited: map[string]string{}}
	if from != nil {
		for _, key := range from.TransitiveTags {
			if v, ok := valueFold(from.Tags, key); ok {
				t.inherited[key] = v
			}
		}
	}
	seen := make(map[string]struct{}, len(tags))
	for _, tag := range tags {
		key := strings.ToLower(tag.Key)
		if strings.HasPrefix(key, reservedPrefix) {
			return nil, invalidParameterValue.New("%s", msgReservedTag)
		}
		if _, twice := seen[key]; twice {
			return nil, invalidParameterValue.New("%s", msgDuplicateTags)
		}
		seen[key] = struct{}{}
	}
	for _, key := range transitive {
		if _, ok := valueFold(t.inherited, key); ok {
			return nil, invalidParameterValue.New("%s", msgTransitiveTaken)
		}
		if _, ok := seen[strings.ToLower(key)]; !ok {
			return nil, invalidParameterValue.New("%s", msgTransitiveMissing)
		}
	}
	for _, tag := range tags {
		if _, ok := valueFold(t.inherited, tag.Key); ok {
			return nil, invalidParameterValue.New("%s", msgTagTaken)
		}
	}
	return t, nil
}

// any reports whether the session will have tags, which its role's trust
// policy must permit.
func (t *sessionTags) any() bool { return len(t.asked)+len(t.inherited) > 0 }

// addKeys adds what trust policies may ask about the tags.
func (t *sessionTags) addKeys(keys map[string][]string) {
	for _, tag := range t.asked {
		keys["aws:RequestTag/"+tag.Key] = []string{tag.Value}
		keys["aws:TagKeys"] = append(keys["aws:TagKeys"], tag.Key)
	}
	if len(t.transitive) > 0 {
		keys["sts:TransitiveTagKeys"] = t.transitive
	}
}

// addTo puts the tags into the session.
func (t *sessionTags) addTo(s *awsapi.Session) {
	if !t.any() {
		return
	}
	s.Tags = maps.Clone(t.inherited)
	for _, tag := range t.asked {
		s.Tags[tag.Key] = tag.Value
	}
	s.TransitiveTags = append(slices.Sorted(maps.Keys(t.inherited)), t.transitive...)
}

// valueFold finds a key without regard to case.
func valueFold(tags map[string]string, key string) (string, bool) {
	for k, v := range tags {
		if strings.EqualFold(k, key) {
			return v, true
		}
	}
	return "", false
}
