package trigger_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
	"github.com/cenote-id/cenote/internal/token"
	"github.com/cenote-id/cenote/internal/trigger"
)

const two, three = cognitoidp.PreTokenGenerationLambdaVersionTypeV20, cognitoidp.PreTokenGenerationLambdaVersionTypeV30

// preTokenReply asks the function of a pool of that version.
func preTokenReply(t *testing.T, version cognitoidp.PreTokenGenerationLambdaVersionType, response string) (trigger.TokenChanges, error) {
	t.Helper()
	s, _ := service(t, replying(response))
	a := about()
	if version != "" {
		a.Pool = versioned(version)
	}
	return s.PreTokenGeneration(t.Context(), a, trigger.PreTokenGeneration{Source: trigger.TokensAuthentication})
}

func claims(pairs ...string) map[string]json.RawMessage {
	m := map[string]json.RawMessage{}
	for i := 0; i < len(pairs); i += 2 {
		m[pairs[i]] = json.RawMessage(pairs[i+1])
	}
	return m
}

func TestTokenChanges(t *testing.T) {
	for _, c := range []struct {
		name     string
		version  cognitoidp.PreTokenGenerationLambdaVersionType
		response string
		want     trigger.TokenChanges
	}{
		{"nothing said", "", `{"claimsOverrideDetails":null}`, trigger.TokenChanges{}},
		{"nothing said, two", two, `{"claimsAndScopeOverrideDetails":null}`, trigger.TokenChanges{}},
		{
			"claims", "", `{"claimsOverrideDetails":{"claimsToAddOrOverride":{"a":"1","b":"\"é"},"claimsToSuppress":["email"]}}`,
			trigger.TokenChanges{ID: &token.Changes{Set: claims("a", `"1"`, "b", `"\"é"`), Suppress: []string{"email"}}},
		},
		{
			"what nobody changes", "", `{"claimsOverrideDetails":{"claimsToAddOrOverride":{"sub":"x","iss":"x","cognito:groups":"x","cognito:username":"x","dev:a":"x","token_use":"access"},"claimsToSuppress":["sub","exp","cognito:groups","cognito:username"]}}`,
			trigger.TokenChanges{ID: &token.Changes{Suppress: []string{"cognito:groups"}}},
		},
		{
			"groups", "", `{"claimsOverrideDetails":{"groupOverrideDetails":{"groupsToOverride":["a"],"iamRolesToOverride":["r"],"preferredRole":"r"}}}`,
			trigger.TokenChanges{ID: &token.Changes{}, Groups: &trigger.Groups{Names: []string{"a"}, Roles: []string{"r"}, Preferred: "r"}},
		},
		{"no groups", "", `{"claimsOverrideDetails":{"groupOverrideDetails":{"groupsToOverride":[]}}}`, trigger.TokenChanges{ID: &token.Changes{}, Groups: &trigger.Groups{}}},
		{"groups null", "", `{"claimsOverrideDetails":{"groupOverrideDetails":null}}`, trigger.TokenChanges{ID: &token.Changes{}, Groups: &trigger.Groups{}}},
		{"groups not mentioned", "", `{"claimsOverrideDetails":{}}`, trigger.TokenChanges{ID: &token.Changes{}}},
		{
			"both tokens", two, `{"claimsAndScopeOverrideDetails":{
				"idTokenGeneration":{"claimsToAddOrOverride":{"n":1,"o":{"p":[true,null]},"gone":null},"claimsToSuppress":["email"]},
				"accessTokenGeneration":{"claimsToAddOrOverride":{"l":["a"],"scope":"x","aud":"` + clientID + `"},"claimsToSuppress":["username","l2"],
					"scopesToAdd":["api/read","aws.cognito.signin.user.admin"],"scopesToSuppress":["openid"]},
				"groupOverrideDetails":{"groupsToOverride":["g"]}}}`,
			trigger.TokenChanges{
				ID: &token.Changes{Set: claims("n", "1", "o", `{"p":[true,null]}`), Suppress: []string{"email"}},
				Access: &token.Changes{
					Set: claims("l", `["a"]`, "aud", `"`+clientID+`"`), Suppress: []string{"l2"},
					AddScopes: []string{"api/read", "aws.cognito.signin.user.admin"}, SuppressScopes: []string{"openid"},
				},
				Groups: &trigger.Groups{Names: []string{"g"}},
			},
		},
		{"version three", three, `{"claimsAndScopeOverrideDetails":{"accessTokenGeneration":{"scopesToAdd":["a"]}}}`, trigger.TokenChanges{Access: &token.Changes{AddScopes: []string{"a"}}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := preTokenReply(t, c.version, c.response)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got, cmpopts.EquateEmpty()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestTokenChangesThatAreRefused(t *testing.T) {
	deep := strings.Repeat("[", 40) + strings.Repeat("]", 40)
	many := make([]string, 2600)
	for i := range many {
		many[i] = fmt.Sprintf("c%d", i)
	}
	lots, err := json.Marshal(many)
	if err != nil {
		t.Fatal(err)
	}
	scopes := func(list string) string {
		return `{"claimsAndScopeOverrideDetails":{"accessTokenGeneration":{"scopesToAdd":` + list + `}}}`
	}
	access := func(set string) string {
		return `{"claimsAndScopeOverrideDetails":{"accessTokenGeneration":{"claimsToAddOrOverride":` + set + `}}}`
	}
	for _, c := range []struct {
		name     string
		version  cognitoidp.PreTokenGenerationLambdaVersionType
		response string
	}{
		{"a number in version one", "", `{"claimsOverrideDetails":{"claimsToAddOrOverride":{"n":1}}}`},
		{"a list of claims", "", `{"claimsOverrideDetails":{"claimsToAddOrOverride":["n"]}}`},
		{"details that are text", "", `{"claimsOverrideDetails":"x"}`},
		{"suppress as text", "", `{"claimsOverrideDetails":{"claimsToSuppress":"email"}}`},
		{"suppress null", "", `{"claimsOverrideDetails":{"claimsToSuppress":[null]}}`},
		{"misspelt member", "", `{"claimsOverrideDetails":{"claimsToSupress":["email"]}}`},
		{"groups misspelt", "", `{"claimsOverrideDetails":{"groupOverrideDetails":{"groups":["email"]}}}`},
		{"groups as a list", "", `{"claimsOverrideDetails":{"groupOverrideDetails":["a"]}}`},
		{"version two's details in one", "", `{"claimsAndScopeOverrideDetails":{}}`},
		{"version one's details in two", two, `{"claimsOverrideDetails":{"claimsToSuppress":["email"]}}`},
		{"an audience that is not the client", two, access(`{"aud":"other"}`)},
		{"audiences", two, access(`{"aud":["` + clientID + `"]}`)},
		{"an object for email_verified", two, access(`{"email_verified":{}}`)},
		{"nested too deeply", two, access(`{"d":` + deep + `}`)},
		{"a scope of the service", two, scopes(`["aws.cognito.signin.user.other"]`)},
		{"a scope with a blank", two, scopes(`["a b"]`)},
		{"an empty scope", two, scopes(`[""]`)},
		{"scopes as text", two, scopes(`"a"`)},
		{"too many", two, `{"claimsAndScopeOverrideDetails":{"idTokenGeneration":{"claimsToSuppress":` + string(lots) +
			`},"accessTokenGeneration":{"claimsToSuppress":` + string(lots) + `}}}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := preTokenReply(t, c.version, c.response)
			want(t, err, "InvalidLambdaResponseException", unrecognizable)
			if diff := cmp.Diff(trigger.TokenChanges{}, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestClientsAreAskedAboutInVersionThreeAlone(t *testing.T) {
	for version, calls := range map[cognitoidp.PreTokenGenerationLambdaVersionType]int{
		cognitoidp.PreTokenGenerationLambdaVersionTypeV10: 0, two: 0, three: 1,
	} {
		s, made := service(t, echo)
		a := about()
		a.Pool = versioned(version)
		if _, err := s.PreTokenGeneration(t.Context(), a, trigger.PreTokenGeneration{Source: trigger.TokensClientCredentials}); err != nil {
			t.Error(err)
		}
		if made.count() != calls {
			t.Errorf("%s: asked %d times", version, made.count())
		}
	}
}
