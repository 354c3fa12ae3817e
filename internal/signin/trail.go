package signin

import (
	"encoding/json"
	"slices"

	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
	"github.com/cenote-id/cenote/internal/trigger"
)

// trail is what a sign-in by CUSTOM_AUTH has come by: the challenges that were
// answered, oldest first. The function that says what comes next is told, and
// a state that carries a trail leads back to it, never to tokens. It is nil in
// the other flows.
type trail []trigger.PastChallenge

// maxTrail bounds the challenges of one sign-in: a function that never gives
// up must not be asked for ever. The service has no such bound that is known.
const maxTrail = 64

// begun is the trail of a sign-in that nothing has been answered in.
func begun() trail { return trail{} }

// with returns the trail with one more answer at its end. No trail gets any
// longer.
func (t trail) with(name cognitoidp.ChallengeNameType, right bool, metadata *string) trail {
	if t == nil {
		return nil
	}
	return append(slices.Clip(t), trigger.PastChallenge{Name: string(name), Result: right, Metadata: metadata})
}

// passedBy is a PastChallenge under short names: room in a Session is scarce.
type passedBy struct {
	Name     string  `json:"n"`
	Result   bool    `json:"r,omitzero"`
	Metadata *string `json:"m,omitzero"`
}

// encode writes a trail; nil as the empty text.
func (t trail) encode() string {
	if t == nil {
		return ""
	}
	list := make([]passedBy, len(t))
	for i, x := range t {
		list[i] = passedBy(x)
	}
	return document(list)
}

func decodeTrail(text string) (trail, error) {
	if text == "" {
		return nil, nil
	}
	var list []passedBy
	if err := json.Unmarshal([]byte(text), &list); err != nil {
		return nil, err
	}
	t := begun()
	for _, x := range list {
		t = append(t, trigger.PastChallenge(x))
	}
	return t, nil
}
