package cognitoidentity_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	ci "github.com/aws/aws-sdk-go-v2/service/cognitoidentity"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentity/types"
	"github.com/go-jose/go-jose/v4"
	"github.com/google/go-cmp/cmp"
)

func TestRolesComeBackAsTheyWereSet(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id := w.pool(alpha, west, trusting(westName, client))
		c := w.root(alpha, west)
		get := func() *ci.GetIdentityPoolRolesOutput {
			t.Helper()
			out, err := c.GetIdentityPoolRoles(t.Context(), &ci.GetIdentityPoolRolesInput{IdentityPoolId: &id})
			if err != nil {
				t.Fatal(err)
			}
			return out
		}
		if diff := cmp.Diff(&ci.GetIdentityPoolRolesOutput{IdentityPoolId: &id}, get(), equal); diff != "" {
			t.Error(diff)
		}
		role := w.iam.role(alpha, "r", trust(id, "authenticated"), allow("*"))
		roles := map[string]string{"authenticated": role}
		mappings := map[string]types.RoleMapping{westName + ":" + client: {
			Type: types.RoleMappingTypeRules, AmbiguousRoleResolution: types.AmbiguousRoleResolutionTypeDeny,
			RulesConfiguration: &types.RulesConfigurationType{Rules: []types.MappingRule{
				{Claim: aws.String("custom:dept"), MatchType: types.MappingRuleMatchTypeEquals, Value: aws.String("dev"), RoleARN: &role},
			}},
		}}
		w.setRoles(alpha, west, id, roles, mappings)
		if diff := cmp.Diff(&ci.GetIdentityPoolRolesOutput{IdentityPoolId: &id, Roles: roles, RoleMappings: mappings}, get(), equal); diff != "" {
			t.Error(diff)
		}
		w.setRoles(alpha, west, id, map[string]string{}, map[string]types.RoleMapping{}) // as Terraform destroys
		if diff := cmp.Diff(&ci.GetIdentityPoolRolesOutput{IdentityPoolId: &id}, get(), equal); diff != "" {
			t.Error(diff)
		}
	})
}

func TestRolesMustBeOnesToPass(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id := w.pool(alpha, west, trusting(westName, client))
		mine := w.iam.role(alpha, "mine", trust(id, "authenticated"), allow("*"))
		theirs := w.iam.role(beta, "theirs", trust(id, "authenticated"), allow("*"))
		set := func(c *ci.Client, role string) error {
			_, err := c.SetIdentityPoolRoles(t.Context(), &ci.SetIdentityPoolRolesInput{IdentityPoolId: &id, Roles: map[string]string{"authenticated": role}})
			return err
		}
		for what, role := range map[string]string{
			"not there": "arn:aws:iam::" + alpha + ":role/nobody", "other account": theirs, "a user": "arn:aws:iam::" + alpha + ":user/mine",
			"no ARN": "just-some-twenty-chars", "without its path": "arn:aws:iam::" + alpha + ":role/mine", "a session": "arn:aws:sts::" + alpha + ":assumed-role/mine/x",
		} {
			want(t, what, set(w.root(alpha, west), role), "NotAuthorizedException", "Access to Role '"+role+"' is forbidden.")
		}
		if err := set(w.root(alpha, west), mine); err != nil {
			t.Error(err)
		}
		noPass := w.user("una", west, allow("cognito-identity:*"))
		want(t, "without iam:PassRole", set(noPass, mine), "NotAuthorizedException", "Access to Role '"+mine+"' is forbidden.")
		elsewhere := w.user("eva", west, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"cognito-identity:*","Resource":"*"},
			{"Effect":"Allow","Action":"iam:PassRole","Resource":"*","Condition":{"StringEquals":{"iam:PassedToService":"lambda.amazonaws.com"}}}]}`)
		want(t, "iam:PassRole to another service", set(elsewhere, mine), "NotAuthorizedException", "Access to Role '"+mine+"' is forbidden.")
		passer := w.user("pia", west, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"cognito-identity:*","Resource":"*"},
			{"Effect":"Allow","Action":"iam:PassRole","Resource":"`+mine+`","Condition":{"StringEquals":{"iam:PassedToService":"cognito-identity.amazonaws.com"}}}]}`)
		if err := set(passer, mine); err != nil {
			t.Error(err)
		}
		_, err := passer.SetIdentityPoolRoles(t.Context(), &ci.SetIdentityPoolRolesInput{IdentityPoolId: &id, Roles: map[string]string{}, RoleMappings: rules(types.AmbiguousRoleResolutionTypeDeny, rule("a", "Equals", "b", theirs))})
		want(t, "a rule's role", err, "NotAuthorizedException", "Access to Role '"+theirs+"' is forbidden.")
		_, err = w.root(alpha, west).SetIdentityPoolRoles(t.Context(), &ci.SetIdentityPoolRolesInput{IdentityPoolId: &id, Roles: map[string]string{"admin": mine}})
		if err == nil || !strings.Contains(err.Error(), "(un)?authenticated") {
			t.Errorf("unknown kind of role: %v", err)
		}
	})
}

// rules is a map with one role mapping of type Rules for the west's client.
func rules(open types.AmbiguousRoleResolutionType, list ...types.MappingRule) map[string]types.RoleMapping {
	return map[string]types.RoleMapping{westName + ":" + client: {
		Type: types.RoleMappingTypeRules, AmbiguousRoleResolution: open, RulesConfiguration: &types.RulesConfigurationType{Rules: list},
	}}
}

func rule(claim string, match types.MappingRuleMatchType, value, role string) types.MappingRule {
	return types.MappingRule{Claim: &claim, MatchType: match, Value: &value, RoleARN: &role}
}

func byToken(open types.AmbiguousRoleResolutionType) map[string]types.RoleMapping {
	return map[string]types.RoleMapping{westName + ":" + client: {Type: types.RoleMappingTypeToken, AmbiguousRoleResolution: open}}
}

func TestRoleMappingsAreChecked(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id := w.pool(alpha, west, trusting(westName, client), func(in *ci.CreateIdentityPoolInput) {
			in.SupportedLoginProviders = map[string]string{"accounts.google.com": "app"}
		})
		role := w.iam.role(alpha, "r", trust(id, "authenticated"), allow("*"))
		token := types.RoleMapping{Type: types.RoleMappingTypeToken, AmbiguousRoleResolution: types.AmbiguousRoleResolutionTypeDeny}
		for key, ok := range map[string]bool{
			westName + ":" + client: true, "accounts.google.com": true, westName: false, "https:/" + "/" + westName + ":" + client: false,
			westName + ":" + client2: false, tokyoName + ":" + client: false, "graph.facebook.com": false,
		} {
			_, err := w.root(alpha, west).SetIdentityPoolRoles(t.Context(), &ci.SetIdentityPoolRolesInput{
				IdentityPoolId: &id, Roles: map[string]string{}, RoleMappings: map[string]types.RoleMapping{key: token},
			})
			if ok && err != nil {
				t.Errorf("%s: %v", key, err)
			} else if !ok {
				want(t, key, err, "InvalidParameterException", "("+key+") is not a valid RoleMapping ProviderName or is not a configured provider.")
			}
		}
		many := make([]types.MappingRule, 26)
		for i := range many {
			many[i] = rule("c", types.MappingRuleMatchTypeEquals, "v", role)
		}
		key := westName + ":" + client
		open := types.AmbiguousRoleResolutionTypeDeny
		for what, tc := range map[string]struct {
			m       types.RoleMapping
			message string
		}{
			"open": {types.RoleMapping{Type: types.RoleMappingTypeToken}, key + ": AmbiguousRoleResolution is required for role mappings of type Token."},
			"rules without rules": {
				types.RoleMapping{Type: types.RoleMappingTypeRules, AmbiguousRoleResolution: open},
				key + ": RulesConfiguration is required for type Rules and not allowed for type Token.",
			},
			"token with rules": {
				types.RoleMapping{Type: types.RoleMappingTypeToken, AmbiguousRoleResolution: open, RulesConfiguration: &types.RulesConfigurationType{Rules: many[:1]}},
				key + ": RulesConfiguration is required for type Rules and not allowed for type Token.",
			},
			"26 rules": {rules(open, many...)[key], key + ": a role mapping has at most 25 rules."},
		} {
			_, err := w.root(alpha, west).SetIdentityPoolRoles(t.Context(), &ci.SetIdentityPoolRolesInput{
				IdentityPoolId: &id, Roles: map[string]string{}, RoleMappings: map[string]types.RoleMapping{key: tc.m},
			})
			want(t, what, err, "InvalidParameterException", tc.message)
		}
	})
}

// TestRoleChoice asks for credentials under many mappings; what comes out is
// the name of the role.
func TestRoleChoice(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id := w.pool(alpha, west, trusting(westName, client))
		role := map[string]string{}
		for _, name := range []string{"default", "dev", "ops", "unlisted"} {
			role[name] = w.iam.role(alpha, name, trust(id, "authenticated"), allow("*"))
		}
		foreign := w.iam.role(beta, "foreign", trust(id, "authenticated"), allow("*"))
		const (
			auth = types.AmbiguousRoleResolutionTypeAuthenticatedRole
			deny = types.AmbiguousRoleResolutionTypeDeny
		)
		ambiguous := "The ambiguous role mapping rules for: " + westName + ":" + client + " denied this request."
		both := []string{role["dev"], role["ops"]}
		for _, tc := range []struct {
			what    string
			mapping map[string]types.RoleMapping
			claims  claims
			custom  string
			role    string // or
			refused string // NotAuthorizedException; "!" for a wrong configuration
		}{
			{what: "no mapping", role: "default"},
			{what: "no mapping ignores the token's roles", claims: claims{"cognito:roles": both, "cognito:preferred_role": role["dev"]}, role: "default"},
			{what: "no mapping, custom is the default", custom: role["default"], role: "default"},
			{what: "no mapping, custom", custom: role["dev"], refused: "Access to Role '" + role["dev"] + "' is forbidden."},

			{what: "preferred", mapping: byToken(deny), claims: claims{"cognito:roles": both, "cognito:preferred_role": role["ops"]}, role: "ops"},
			{what: "no preferred, deny", mapping: byToken(deny), claims: claims{"cognito:roles": both}, refused: ambiguous},
			{what: "no preferred, default", mapping: byToken(auth), claims: claims{"cognito:roles": both}, role: "default"},
			{what: "no roles, deny", mapping: byToken(deny), refused: ambiguous},
			{what: "no roles, default", mapping: byToken(auth), role: "default"},
			{what: "custom out of the token", mapping: byToken(deny), claims: claims{"cognito:roles": both, "cognito:preferred_role": role["ops"]}, custom: role["dev"], role: "dev"},
			{what: "custom not in the token", mapping: byToken(auth), claims: claims{"cognito:roles": both}, custom: role["unlisted"], refused: "Access to Role '" + role["unlisted"] + "' is forbidden."},
			{what: "custom is the default, not in the token", mapping: byToken(auth), claims: claims{"cognito:roles": both}, custom: role["default"], refused: "Access to Role '" + role["default"] + "' is forbidden."},
			{what: "custom in another account", mapping: byToken(deny), claims: claims{"cognito:roles": []string{foreign}}, custom: foreign, refused: "!"},
			{what: "preferred in another account", mapping: byToken(deny), claims: claims{"cognito:preferred_role": foreign}, refused: "!"},
			{what: "preferred does not exist", mapping: byToken(deny), claims: claims{"cognito:preferred_role": "arn:aws:iam::" + alpha + ":role/app/nobody"}, refused: "!"},
			{what: "preferred is no ARN", mapping: byToken(deny), claims: claims{"cognito:preferred_role": "administrator"}, refused: "!"},

			{what: "first rule wins", mapping: rules(deny, rule("custom:dept", "Equals", "dev", role["dev"]), rule("custom:dept", "StartsWith", "d", role["ops"])), claims: claims{"custom:dept": "dev"}, role: "dev"},
			{what: "starts with", mapping: rules(deny, rule("custom:dept", "Equals", "dev", role["dev"]), rule("custom:dept", "StartsWith", "d", role["ops"])), claims: claims{"custom:dept": "design"}, role: "ops"},
			{what: "contains", mapping: rules(deny, rule("email", "Contains", "@ops.", role["ops"])), claims: claims{"email": "eve@ops.example.com"}, role: "ops"},
			{what: "array equals", mapping: rules(deny, rule("cognito:groups", "Equals", "ops", role["ops"])), claims: claims{"cognito:groups": []string{"dev", "ops"}}, role: "ops"},
			{what: "array element is not a part", mapping: rules(deny, rule("cognito:groups", "Equals", "ops", role["ops"])), claims: claims{"cognito:groups": []string{"devops"}}, refused: ambiguous},
			{what: "not equal", mapping: rules(deny, rule("custom:dept", "NotEqual", "dev", role["ops"])), claims: claims{"custom:dept": "hr"}, role: "ops"},
			{what: "not equal of a missing claim", mapping: rules(auth, rule("custom:dept", "NotEqual", "dev", role["ops"])), role: "default"},
			{what: "no rule, deny", mapping: rules(deny, rule("custom:dept", "Equals", "dev", role["dev"])), claims: claims{"custom:dept": "hr"}, refused: ambiguous},
			{what: "custom of a later rule", mapping: rules(deny, rule("custom:dept", "Equals", "dev", role["dev"]), rule("custom:dept", "StartsWith", "d", role["ops"])), claims: claims{"custom:dept": "dev"}, custom: role["ops"], role: "ops"},
			{what: "custom of a rule that does not match", mapping: rules(auth, rule("custom:dept", "Equals", "dev", role["dev"])), claims: claims{"custom:dept": "hr"}, custom: role["dev"], refused: "Access to Role '" + role["dev"] + "' is forbidden."},
		} {
			w.setRoles(alpha, west, id, map[string]string{"authenticated": role["default"]}, tc.mapping)
			logins := w.west("ann", func(c claims) {
				for k, v := range tc.claims {
					c[k] = v
				}
			})
			in := &ci.GetCredentialsForIdentityInput{IdentityId: aws.String(w.getID(id, logins)), Logins: logins}
			if tc.custom != "" {
				in.CustomRoleArn = &tc.custom
			}
			out, err := w.anyone().GetCredentialsForIdentity(t.Context(), in)
			switch {
			case tc.refused == "!":
				want(t, tc.what, err, "InvalidIdentityPoolConfigurationException", "Invalid identity pool configuration. Check assigned IAM roles for this pool.")
			case tc.refused != "":
				want(t, tc.what, err, "NotAuthorizedException", tc.refused)
			case err != nil:
				t.Errorf("%s: %v", tc.what, err)
			default:
				if got := w.arn(out.Credentials); got != "arn:aws:sts::"+alpha+":assumed-role/"+tc.role+"/CognitoIdentityCredentials" {
					t.Errorf("%s: %s", tc.what, got)
				}
			}
		}
	})
}

// TestMappingIsThatOfTheClient: a mapping for one client says nothing about
// another client of the same user pool.
func TestMappingIsThatOfTheClient(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id := w.pool(alpha, west, trusting(westName, client, client2))
		base := w.iam.role(alpha, "base", trust(id, "authenticated"), allow("*"))
		admin := w.iam.role(alpha, "admin", trust(id, "authenticated"), allow("*"))
		w.setRoles(alpha, west, id, map[string]string{"authenticated": base}, byToken(types.AmbiguousRoleResolutionTypeDeny))
		token := w.claims(westPool, client2, "ann").with("cognito:preferred_role", admin).sign(t, jose.RS256, "west", westKey())
		logins := map[string]string{westName: token}
		if got := w.arn(w.credentials(w.getID(id, logins), logins)); !strings.Contains(got, "/base/") {
			t.Errorf("got %s", got)
		}
	})
}
