package sdk

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	ststypes "github.com/aws/aws-sdk-go-v2/service/sts/types"
	"github.com/go-jose/go-jose/v4"
	"github.com/google/go-cmp/cmp"

	"github.com/cenote-id/cenote/cenotetest"
)

// outside verifies a token as a party does that knows nothing but the issuer:
// by its discovery document and its key set.
func (w *world) outside(t *testing.T, issuer, token, algorithm string) (claims map[string]any) {
	t.Helper()
	fetch := func(url string, to any) {
		t.Helper()
		req := must(http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil))(t)
		res := must(w.Client().Do(req))(t)
		defer res.Body.Close()
		body := must(io.ReadAll(res.Body))(t)
		if err := json.Unmarshal(body, to); err != nil || res.StatusCode != http.StatusOK {
			t.Fatalf("%s: %s %s", url, res.Status, body)
		}
	}
	var discovery struct {
		Issuer     string
		JWKS       string   `json:"jwks_uri"`
		Algorithms []string `json:"id_token_signing_alg_values_supported"`
	}
	fetch(issuer+"/.well-known/openid-configuration", &discovery)
	if discovery.Issuer != issuer || !cmp.Equal(discovery.Algorithms, []string{"RS256", "ES384"}) {
		t.Errorf("discovery: %+v", discovery)
	}
	keys := new(jose.JSONWebKeySet)
	fetch(discovery.JWKS, keys)
	jws := must(jose.ParseSignedCompact(token, []jose.SignatureAlgorithm{jose.SignatureAlgorithm(algorithm)}))(t)
	found := keys.Key(jws.Signatures[0].Header.KeyID)
	if len(found) != 1 {
		t.Fatalf("%d keys of that id", len(found))
	}
	payload := must(jws.Verify(found[0]))(t)
	if err := json.Unmarshal(payload, &claims); err != nil {
		t.Fatal(err)
	}
	return claims
}

func (w *world) webToken(t *testing.T, keys aws.Credentials, change func(*sts.GetWebIdentityTokenInput)) (*sts.GetWebIdentityTokenOutput, error) {
	t.Helper()
	in := &sts.GetWebIdentityTokenInput{Audience: []string{"https://api.example.com"}, SigningAlgorithm: aws.String("ES384")}
	if change != nil {
		change(in)
	}
	return w.sts(keys).GetWebIdentityToken(t.Context(), in)
}

const textNoOutbound = "Outbound web identity federation is not enabled for this account. Enable it with iam:EnableOutboundWebIdentityFederation."

func TestOutboundFederation(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx, admin := t.Context(), w.iam(w.alpha.keys)
		_, err := admin.GetOutboundWebIdentityFederationInfo(ctx, &iam.GetOutboundWebIdentityFederationInfoInput{})
		refused[*iamtypes.FeatureDisabledException](t, "before", err, "Outbound web identity federation is not enabled for this account.")
		_, err = admin.DisableOutboundWebIdentityFederation(ctx, &iam.DisableOutboundWebIdentityFederationInput{})
		refused[*iamtypes.FeatureDisabledException](t, "disabled before it is on", err, "Outbound web identity federation is not enabled for this account.")
		_, err = w.webToken(t, w.alpha.keys, nil)
		refused[*ststypes.OutboundWebIdentityFederationDisabledException](t, "a token before", err, textNoOutbound)

		issuer := *must(admin.EnableOutboundWebIdentityFederation(ctx, &iam.EnableOutboundWebIdentityFederationInput{}))(t).IssuerIdentifier
		_, err = admin.EnableOutboundWebIdentityFederation(ctx, &iam.EnableOutboundWebIdentityFederationInput{})
		refused[*iamtypes.FeatureEnabledException](t, "twice", err, "Outbound web identity federation is already enabled for this account.")
		info := must(admin.GetOutboundWebIdentityFederationInfo(ctx, &iam.GetOutboundWebIdentityFederationInfoInput{}))(t)
		if *info.IssuerIdentifier != issuer || !info.JwtVendingEnabled || !strings.HasPrefix(issuer, w.URL()+"/sts/") {
			t.Errorf("issuer %s, %+v", issuer, info)
		}
		_, err = w.webToken(t, w.beta.keys, nil)
		refused[*ststypes.OutboundWebIdentityFederationDisabledException](t, "another account", err, textNoOutbound)
		theirs := *must(w.iam(w.beta.keys).EnableOutboundWebIdentityFederation(ctx, &iam.EnableOutboundWebIdentityFederationInput{}))(t).IssuerIdentifier
		if theirs == issuer {
			t.Error("two accounts have one issuer")
		}

		// A role with a tag, and a session with another.
		role := must(admin.CreateRole(ctx, &iam.CreateRoleInput{
			RoleName: aws.String("app"), AssumeRolePolicyDocument: aws.String(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"` + w.alpha.account + `"},"Action":["sts:AssumeRole","sts:TagSession"]}}`),
			Tags: []iamtypes.Tag{{Key: aws.String("team"), Value: aws.String("red")}, {Key: aws.String("stage"), Value: aws.String("prod")}},
		}))(t).Role
		must(admin.PutRolePolicy(ctx, &iam.PutRolePolicyInput{RoleName: role.RoleName, PolicyName: aws.String("p"), PolicyDocument: aws.String(allow("sts:*", "*"))}))(t)
		ann := w.userKeys(t, w.alpha, "ann", allow("sts:*", "*"))
		keys := credentialsOf(must(w.sts(ann).AssumeRole(ctx, &sts.AssumeRoleInput{
			RoleArn: role.Arn, RoleSessionName: aws.String("ses"), DurationSeconds: aws.Int32(900),
			Tags: []ststypes.Tag{{Key: aws.String("TEAM"), Value: aws.String("blue")}},
		}))(t).Credentials)

		for _, algorithm := range []string{"RS256", "ES384"} {
			now := w.Clock().Now()
			out := must(w.webToken(t, keys, func(in *sts.GetWebIdentityTokenInput) {
				in.SigningAlgorithm = &algorithm
				in.DurationSeconds = aws.Int32(60)
				in.Tags = []ststypes.Tag{{Key: aws.String("job"), Value: aws.String("42")}}
			}))(t)
			claims := w.outside(t, issuer, *out.WebIdentityToken, algorithm)
			iat, _ := claims["iat"].(float64)
			if life := claims["exp"].(float64) - iat; life != 60 || !out.Expiration.Equal(time.Unix(int64(iat)+60, 0)) || time.Unix(int64(iat), 0).Sub(now).Abs() > time.Minute {
				t.Errorf("%s: iat %v, exp %v, Expiration %v", algorithm, claims["iat"], claims["exp"], out.Expiration)
			}
			if jti, _ := claims["jti"].(string); len(jti) != 36 {
				t.Errorf("jti %q", jti)
			}
			for _, changing := range []string{"iat", "exp", "jti"} {
				delete(claims, changing)
			}
			own := claims["https://sts.amazonaws.com/"].(map[string]any)
			if _, err := time.Parse(time.RFC3339, own["original_session_exp"].(string)); err != nil {
				t.Errorf("original_session_exp: %v", err)
			}
			delete(own, "original_session_exp")
			if diff := cmp.Diff(map[string]any{
				"iss": issuer, "aud": "https://api.example.com", "sub": *role.Arn,
				"https://sts.amazonaws.com/": map[string]any{
					"aws_account": w.alpha.account, "source_region": "us-east-1", "principal_id": *role.Arn,
					"principal_tags": map[string]any{"TEAM": "blue", "stage": "prod"},
					"request_tags":   map[string]any{"job": "42"},
				},
			}, claims); diff != "" {
				t.Errorf("%s: %s", algorithm, diff)
			}
		}
		two := must(w.webToken(t, ann, func(in *sts.GetWebIdentityTokenInput) { in.Audience = []string{"a", "b"} }))(t)
		if diff := cmp.Diff([]any{"a", "b"}, w.outside(t, issuer, *two.WebIdentityToken, "ES384")["aud"]); diff != "" {
			t.Error(diff)
		}

		// What must not be.
		_, err = w.webToken(t, keys, func(in *sts.GetWebIdentityTokenInput) { in.DurationSeconds = aws.Int32(3600) })
		refused[*ststypes.SessionDurationEscalationException](t, "longer than the session", err, "The requested token would outlive the session of its caller.")
		_, err = w.webToken(t, keys, func(in *sts.GetWebIdentityTokenInput) { in.SigningAlgorithm = aws.String("HS256") })
		refusedCode(t, "another algorithm", err, "ValidationError", "1 validation error detected: Value 'HS256' at 'signingAlgorithm' failed to satisfy constraint: Member must satisfy enum value set: [RS256, ES384]")
		_, err = w.webToken(t, keys, func(in *sts.GetWebIdentityTokenInput) {
			in.Tags = []ststypes.Tag{{Key: aws.String("job"), Value: aws.String("1")}, {Key: aws.String("JOB"), Value: aws.String("2")}}
		})
		refusedCode(t, "a tag twice", err, "InvalidParameterValue", "Duplicate tag keys found. Please note that Tag keys are case insensitive.")
		_, err = w.webToken(t, keys, func(in *sts.GetWebIdentityTokenInput) {
			for range 9 {
				in.Audience = append(in.Audience, strings.Repeat("a", 1000))
			}
		})
		if _, ok := errors.AsType[*ststypes.JWTPayloadSizeExceededException](err); !ok {
			t.Errorf("a long payload: %v", err)
		}
		session := credentialsOf(must(w.sts(ann).GetSessionToken(ctx, nil))(t).Credentials)
		if _, err = w.webToken(t, session, nil); err == nil {
			t.Error("a session of GetSessionToken got a token")
		}

		// Switched off, no more tokens are made; those that are out stay good.
		must(admin.DisableOutboundWebIdentityFederation(ctx, &iam.DisableOutboundWebIdentityFederationInput{}))(t)
		_, err = w.webToken(t, keys, nil)
		refused[*ststypes.OutboundWebIdentityFederationDisabledException](t, "after", err, textNoOutbound)
		w.outside(t, issuer, *two.WebIdentityToken, "ES384")
		if again := *must(admin.EnableOutboundWebIdentityFederation(ctx, &iam.EnableOutboundWebIdentityFederationInput{}))(t).IssuerIdentifier; again != issuer {
			t.Errorf("issuer %s, and %s later", issuer, again)
		}
	})
}

// A policy says for whom, how long and how signed a token may be, and with
// which tags.
func TestOutboundConditions(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		must(w.iam(w.alpha.keys).EnableOutboundWebIdentityFederation(t.Context(), &iam.EnableOutboundWebIdentityFederationInput{}))(t)
		keys := w.userKeys(t, w.alpha, "ann", `{"Version":"2012-10-17","Statement":[
			{"Effect":"Allow","Action":"sts:GetWebIdentityToken","Resource":"*","Condition":{
				"ForAllValues:StringEquals":{"sts:IdentityTokenAudience":["https://api.example.com","https://other.example.com"]},
				"NumericLessThanEquals":{"sts:DurationSeconds":"300"},"StringEquals":{"sts:SigningAlgorithm":"ES384"}}},
			{"Effect":"Allow","Action":"sts:TagGetWebIdentityToken","Resource":"*","Condition":{"ForAllValues:StringEquals":{"aws:TagKeys":"job"},"StringLike":{"aws:RequestTag/job":"4*"}}}]}`)
		tag := func(key, value string) []ststypes.Tag { return []ststypes.Tag{{Key: &key, Value: &value}} }
		for name, tt := range map[string]struct {
			change func(*sts.GetWebIdentityTokenInput)
			denied string
		}{
			"as it should be":   {nil, ""},
			"both audiences":    {func(in *sts.GetWebIdentityTokenInput) { in.Audience = append(in.Audience, "https://other.example.com") }, ""},
			"another audience":  {func(in *sts.GetWebIdentityTokenInput) { in.Audience = append(in.Audience, "https://evil.example.com") }, "sts:GetWebIdentityToken"},
			"longer":            {func(in *sts.GetWebIdentityTokenInput) { in.DurationSeconds = aws.Int32(301) }, "sts:GetWebIdentityToken"},
			"another algorithm": {func(in *sts.GetWebIdentityTokenInput) { in.SigningAlgorithm = aws.String("RS256") }, "sts:GetWebIdentityToken"},
			"a tag":             {func(in *sts.GetWebIdentityTokenInput) { in.Tags = tag("job", "42") }, ""},
			"another value":     {func(in *sts.GetWebIdentityTokenInput) { in.Tags = tag("job", "7") }, "sts:TagGetWebIdentityToken"},
			"another tag":       {func(in *sts.GetWebIdentityTokenInput) { in.Tags = append(tag("job", "42"), tag("role", "x")...) }, "sts:TagGetWebIdentityToken"},
		} {
			_, err := w.webToken(t, keys, tt.change)
			if tt.denied == "" {
				if err != nil {
					t.Errorf("%s: %v", name, err)
				}
				continue
			}
			refusedCode(t, name, err, "AccessDenied", "User: arn:aws:iam::"+w.alpha.account+":user/ann is not authorized to perform: "+tt.denied+
				" on resource: * because no identity-based policy allows the "+tt.denied+" action")
		}
	})
}

// Another deployment trusts the issuer of an account, and gives its principals
// a role.
func TestOutboundAcrossDeployments(t *testing.T) {
	one := production(t, cenotetest.TLS())
	two := production(t, postgres(t), cenotetest.TLS(), cenotetest.Peer(west, one.URL()), cenotetest.PeerCA(one.CA()))
	issuer := *must(one.iam(one.alpha.keys).EnableOutboundWebIdentityFederation(t.Context(), &iam.EnableOutboundWebIdentityFederationInput{}))(t).IssuerIdentifier
	must(one.iam(one.beta.keys).EnableOutboundWebIdentityFederation(t.Context(), &iam.EnableOutboundWebIdentityFederationInput{}))(t)
	ann := one.userKeys(t, one.alpha, "ann", allow("sts:*", "*"))
	admin := two.iam(two.alpha.keys)
	provider := must(admin.CreateOpenIDConnectProvider(t.Context(), &iam.CreateOpenIDConnectProviderInput{Url: &issuer, ClientIDList: []string{"https://api.example.com"}}))(t).OpenIDConnectProviderArn
	name := strings.TrimPrefix(issuer, "https://")
	role := must(admin.CreateRole(t.Context(), &iam.CreateRoleInput{
		RoleName: aws.String("guest"), AssumeRolePolicyDocument: aws.String(trusting(`{"Federated":"`+*provider+`"}`,
			`{"StringEquals":{"`+name+`:sub":"arn:aws:iam::`+one.alpha.account+`:user/ann"}}`)),
	}))(t).Role.Arn
	for _, algorithm := range []string{"ES384", "RS256"} {
		token := func(keys aws.Credentials, audience string) string {
			return *must(one.webToken(t, keys, func(in *sts.GetWebIdentityTokenInput) {
				in.SigningAlgorithm, in.Audience = &algorithm, []string{audience}
			}))(t).WebIdentityToken
		}
		keys := must(two.assumeWith(t, token(ann, "https://api.example.com"), *role))(t)
		if who := two.caller(t, keys); !strings.HasPrefix(*who.Arn, "arn:aws:sts::"+two.alpha.account+":assumed-role/guest/") {
			t.Errorf("%s: %s", algorithm, *who.Arn)
		}
		_, err := two.assumeWith(t, token(ann, "https://elsewhere.example.com"), *role)
		refused[*ststypes.InvalidIdentityTokenException](t, algorithm+": another audience", err, "Incorrect token audience")
		_, err = two.assumeWith(t, token(one.alpha.keys, "https://api.example.com"), *role)
		refusedCode(t, algorithm+": another principal", err, "AccessDenied", textNotAssumed)
		if _, err = two.assumeWith(t, token(one.beta.keys, "https://api.example.com"), *role); err == nil {
			t.Errorf("%s: another account's principal", algorithm)
		}
	}
}
