package sdk

import (
	"context"
	"encoding/base64"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	ststypes "github.com/aws/aws-sdk-go-v2/service/sts/types"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// trustAccount is a trust policy for a whole account.
func trustAccount(account, condition string) string {
	if condition != "" {
		condition = `,"Condition":` + condition
	}
	return `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"` + account + `"},"Action":["sts:AssumeRole","sts:TagSession","sts:SetSourceIdentity"]` + condition + `}}`
}

// newRole makes a role with a policy and returns its ARN.
func (w *world) newRole(t *testing.T, o owner, name, trust, policy string) string {
	t.Helper()
	admin := w.iam(o.keys)
	role := must(admin.CreateRole(t.Context(), &iam.CreateRoleInput{RoleName: &name, AssumeRolePolicyDocument: &trust}))(t).Role
	must(admin.PutRolePolicy(t.Context(), &iam.PutRolePolicyInput{RoleName: &name, PolicyName: aws.String("p"), PolicyDocument: &policy}))(t)
	return *role.Arn
}

// assumed begins a session of a role.
func (w *world) assumed(t *testing.T, keys aws.Credentials, in *sts.AssumeRoleInput) aws.Credentials {
	t.Helper()
	return credentialsOf(must(w.sts(keys).AssumeRole(t.Context(), in))(t).Credentials)
}

// TestEveryKindOfCaller asks who signed, and what each kind may do at STS.
func TestEveryKindOfCaller(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx, account := t.Context(), w.alpha.account
		ann := w.userKeys(t, w.alpha, "ann", allow("*", "*"))
		id := *must(w.iam(w.alpha.keys).GetUser(ctx, &iam.GetUserInput{UserName: aws.String("ann")}))(t).User.UserId
		role := w.newRole(t, w.alpha, "app", trustAccount(account, ""), allow("*", "*"))
		roleID := *must(w.iam(w.alpha.keys).GetRole(ctx, &iam.GetRoleInput{RoleName: aws.String("app")}))(t).Role.RoleId
		session := credentialsOf(must(w.sts(ann).GetSessionToken(ctx, nil))(t).Credentials)
		rootSession := credentialsOf(must(w.sts(w.alpha.keys).GetSessionToken(ctx, nil))(t).Credentials)
		federated := credentialsOf(must(w.sts(ann).GetFederationToken(ctx, &sts.GetFederationTokenInput{Name: aws.String("bob"), Policy: aws.String(allow("*", "*"))}))(t).Credentials)
		assumed := w.assumed(t, ann, &sts.AssumeRoleInput{RoleArn: &role, RoleSessionName: aws.String("ses")})
		chained := w.assumed(t, assumed, &sts.AssumeRoleInput{RoleArn: aws.String(w.newRole(t, w.alpha, "next", trustAccount(account, ""), allow("*", "*"))), RoleSessionName: aws.String("chain")})
		nextID := *must(w.iam(w.alpha.keys).GetRole(ctx, &iam.GetRoleInput{RoleName: aws.String("next")}))(t).Role.RoleId

		user := "arn:aws:iam::" + account + ":user/ann"
		for name, tt := range map[string]struct {
			keys                      aws.Credentials
			arn, id                   string
			session, federation, more bool // may call GetSessionToken, GetFederationToken, other operations
		}{
			"root":            {w.alpha.keys, "arn:aws:iam::" + account + ":root", account, true, true, true},
			"user":            {ann, user, id, true, true, true},
			"session of root": {rootSession, "arn:aws:iam::" + account + ":root", account, false, false, false},
			"session of user": {session, user, id, false, false, false},
			"federated user":  {federated, "arn:aws:sts::" + account + ":federated-user/bob", account + ":bob", false, false, false},
			"role":            {assumed, "arn:aws:sts::" + account + ":assumed-role/app/ses", roleID + ":ses", false, false, true},
			"chained role":    {chained, "arn:aws:sts::" + account + ":assumed-role/next/chain", nextID + ":chain", false, false, true},
		} {
			who := w.caller(t, tt.keys)
			if *who.Arn != tt.arn || *who.UserId != tt.id || *who.Account != account {
				t.Errorf("%s: %s, %s, %s", name, *who.Arn, *who.UserId, *who.Account)
			}
			client := w.sts(tt.keys)
			_, err := client.GetSessionToken(ctx, nil)
			if !tt.session {
				refusedCode(t, name+": GetSessionToken", err, "AccessDenied", "Cannot call GetSessionToken with session credentials")
			} else if err != nil {
				t.Errorf("%s: GetSessionToken: %v", name, err)
			}
			_, err = client.GetFederationToken(ctx, &sts.GetFederationTokenInput{Name: aws.String("x1")})
			if !tt.federation {
				refusedCode(t, name+": GetFederationToken", err, "AccessDenied", "Cannot call GetFederationToken with session credentials")
			} else if err != nil {
				t.Errorf("%s: GetFederationToken: %v", name, err)
			}
			_, err = client.GetAccessKeyInfo(ctx, &sts.GetAccessKeyInfoInput{AccessKeyId: aws.String("ASIAY34FZKBOKMUTVV7A")})
			if !tt.more {
				refusedCode(t, name+": GetAccessKeyInfo", err, "AccessDenied", "User: "+tt.arn+" is not authorized to perform: sts:GetAccessKeyInfo on resource: *")
			} else if err != nil {
				t.Errorf("%s: GetAccessKeyInfo: %v", name, err)
			}
		}

		// Root users assume no role, federated users neither; sessions of users do.
		in := &sts.AssumeRoleInput{RoleArn: &role, RoleSessionName: aws.String("again")}
		for name, keys := range map[string]aws.Credentials{"root": w.alpha.keys, "session of root": rootSession} {
			_, err := w.sts(keys).AssumeRole(ctx, in)
			refusedCode(t, name, err, "AccessDenied", "Roles may not be assumed by root accounts.")
		}
		_, err := w.sts(federated).AssumeRole(ctx, in)
		refusedCode(t, "federated user", err, "AccessDenied", "User: arn:aws:sts::"+account+":federated-user/bob is not authorized to perform: sts:AssumeRole on resource: "+role)
		w.assumed(t, session, in)
		// Neither federated users nor plain sessions of users call IAM.
		for name, keys := range map[string]aws.Credentials{"session of user": session, "federated user": federated} {
			_, err := w.iam(keys).ListRoles(ctx, &iam.ListRolesInput{})
			refusedCode(t, name+" at IAM", err, "InvalidClientTokenId", textDamagedToken)
		}
		// A role of a role lasts an hour at the most, whatever the role says.
		must(w.iam(w.alpha.keys).UpdateRole(ctx, &iam.UpdateRoleInput{RoleName: aws.String("app"), MaxSessionDuration: aws.Int32(43200)}))(t)
		in.DurationSeconds = aws.Int32(3601)
		_, err = w.sts(chained).AssumeRole(ctx, in)
		refusedCode(t, "a long chain", err, "ValidationError", "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.")
		w.assumed(t, session, in)
		// Nobody vouches for contexts here.
		in.ProvidedContexts = []ststypes.ProvidedContext{{ProviderArn: aws.String("arn:aws:iam::aws:contextProvider/IdentityCenter"), ContextAssertion: aws.String("assertion")}}
		_, err = w.sts(ann).AssumeRole(ctx, in)
		refusedCode(t, "a context", err, "InvalidParameterValue", "The context provider arn:aws:iam::aws:contextProvider/IdentityCenter is not known.")
	})
}

// TestFederatedUsers: they may do what both their own policies and who asked
// for them may do.
func TestFederatedUsers(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		ann := w.userKeys(t, w.alpha, "ann", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["cognito-idp:*","sts:*"],"Resource":"*"},
			{"Effect":"Deny","Action":"sts:TagSession","Resource":"*","Condition":{"StringEquals":{"aws:RequestTag/team":"blue"}}},
			{"Effect":"Deny","Action":"cognito-idp:*","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalTag/team":"green"}}}]}`)
		tag := func(value string) []ststypes.Tag { return []ststypes.Tag{{Key: aws.String("team"), Value: &value}} }
		pools := func(keys aws.Credentials) error {
			_, err := w.idp(keys, west).ListUserPools(ctx, &idp.ListUserPoolsInput{MaxResults: aws.Int32(1)})
			return err
		}
		for name, tt := range map[string]struct {
			by     aws.Credentials
			policy *string
			arns   []ststypes.PolicyDescriptorType
			tags   []ststypes.Tag
			may    bool
		}{
			"what both may":                {ann, aws.String(allow("cognito-idp:List*", "*")), nil, nil, true},
			"by a managed policy":          {ann, nil, []ststypes.PolicyDescriptorType{{Arn: aws.String("arn:aws:iam::aws:policy/AdministratorAccess")}}, nil, true},
			"no policy":                    {ann, nil, nil, nil, false},
			"a policy for something else":  {ann, aws.String(allow("iam:*", "*")), nil, nil, false},
			"a tag of theirs":              {ann, aws.String(allow("*", "*")), nil, tag("red"), true},
			"a tag that the user's denies": {ann, aws.String(allow("*", "*")), nil, tag("green"), false},
			"by root":                      {w.alpha.keys, aws.String(allow("cognito-idp:*", "*")), nil, nil, true},
			"by root, without a policy":    {w.alpha.keys, nil, nil, nil, false},
		} {
			out := must(w.sts(tt.by).GetFederationToken(ctx, &sts.GetFederationTokenInput{Name: aws.String("bob"), Policy: tt.policy, PolicyArns: tt.arns, Tags: tt.tags}))(t)
			//lint:ignore SA1019 clients made before September 2026 read it
			if *out.FederatedUser.Arn != "arn:aws:sts::"+w.alpha.account+":federated-user/bob" || *out.FederatedUser.FederatedUserId != w.alpha.account+":bob" || out.PackedPolicySize == nil {
				t.Errorf("%s: %+v", name, out.FederatedUser)
			}
			if err := pools(credentialsOf(out.Credentials)); (err == nil) != tt.may {
				t.Errorf("%s: %v", name, err)
			}
		}
		_, err := w.sts(ann).GetFederationToken(ctx, &sts.GetFederationTokenInput{Name: aws.String("bob"), Tags: tag("blue")})
		refusedCode(t, "a tag that may not be set", err, "AccessDenied", "User: arn:aws:iam::"+w.alpha.account+":user/ann is not authorized to perform: sts:TagSession on resource: arn:aws:sts::"+w.alpha.account+":federated-user/bob with an explicit deny in an identity-based policy")
		_, err = w.sts(w.userKeys(t, w.alpha, "carl", allow("sts:GetSessionToken", "*"))).GetFederationToken(ctx, &sts.GetFederationTokenInput{Name: aws.String("bob")})
		refusedCode(t, "without permission", err, "AccessDenied", "User: arn:aws:iam::"+w.alpha.account+":user/carl is not authorized to perform: sts:GetFederationToken on resource: arn:aws:sts::"+w.alpha.account+":federated-user/bob because no identity-based policy allows the sts:GetFederationToken action")
	})
}

// TestPresignedCallerIdentity authenticates at a cluster as users of
// Kubernetes do: the token is a presigned GetCallerIdentity for a minute, bound
// to the cluster by a signed header, and good for a quarter of an hour.
func TestPresignedCallerIdentity(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		const header, prefix = "x-k8s-aws-id", "k8s-aws-v1."
		ann := w.userKeys(t, w.alpha, "ann", allow("*", "*"))
		role := w.newRole(t, w.alpha, "nodes", trustAccount(w.alpha.account, ""), allow("*", "*"))
		keys := w.assumed(t, ann, &sts.AssumeRoleInput{RoleArn: &role, RoleSessionName: aws.String("kubectl")})

		presigner := sts.NewPresignClient(w.sts(keys), func(o *sts.PresignOptions) { o.Presigner = clockPresigner{v4.NewSigner(), w} })
		signed := must(presigner.PresignGetCallerIdentity(t.Context(), &sts.GetCallerIdentityInput{}, func(o *sts.PresignOptions) {
			o.ClientOptions = append(o.ClientOptions, func(o *sts.Options) {
				o.APIOptions = append(o.APIOptions, smithyhttp.SetHeaderValue(header, "cluster"), smithyhttp.SetHeaderValue("X-Amz-Expires", "60"))
			})
		}))(t)
		token := prefix + base64.RawURLEncoding.EncodeToString([]byte(signed.URL))

		// The cluster's side.
		authenticate := func(token, cluster string) (int, string) {
			t.Helper()
			text := must(base64.RawURLEncoding.DecodeString(strings.TrimPrefix(token, prefix)))(t)
			link := must(url.Parse(string(text)))(t)
			if q := link.Query(); q.Get("Action") != "GetCallerIdentity" || !strings.Contains(q.Get("X-Amz-SignedHeaders"), header) || q.Get("X-Amz-Expires") != "60" {
				t.Fatalf("token for %s", link)
			}
			req := must(http.NewRequestWithContext(t.Context(), http.MethodGet, link.String(), nil))(t)
			req.Header.Set(header, cluster)
			req.Header.Set("Accept", "application/json")
			res := must(w.Client().Do(req))(t)
			defer res.Body.Close()
			return res.StatusCode, string(must(io.ReadAll(res.Body))(t))
		}
		good := `"Arn":"arn:aws:sts::` + w.alpha.account + `:assumed-role/nodes/kubectl"`
		if status, body := authenticate(token, "cluster"); status != http.StatusOK || !strings.Contains(body, good) || !strings.HasPrefix(body, `{"GetCallerIdentityResponse":{"GetCallerIdentityResult":{`) {
			t.Errorf("%d %s", status, body)
		}
		if status, body := authenticate(token, "another"); status != http.StatusForbidden || !strings.Contains(body, "SignatureDoesNotMatch") {
			t.Errorf("at another cluster: %d %s", status, body)
		}
		other := strings.Replace(signed.URL, "Action=GetCallerIdentity", "Action=GetSessionToken", 1)
		req := must(http.NewRequestWithContext(t.Context(), http.MethodGet, other, nil))(t)
		req.Header.Set(header, "cluster")
		res := must(w.Client().Do(req))(t)
		if res.Body.Close(); res.StatusCode != http.StatusForbidden {
			t.Errorf("for another operation: %s", res.Status)
		}
		w.Clock().Advance(14 * time.Minute) // when kubectl asks for a new one
		if status, body := authenticate(token, "cluster"); status != http.StatusOK {
			t.Errorf("after 14 minutes: %d %s", status, body)
		}
		w.Clock().Advance(2 * time.Minute)
		if status, body := authenticate(token, "cluster"); status != http.StatusForbidden || !strings.Contains(body, "Signature expired: ") {
			t.Errorf("after 16 minutes: %d %s", status, body)
		}
	})
}

// clockPresigner presigns by the server's clock.
type clockPresigner struct {
	*v4.Signer
	w *world
}

// TestDeletedKey: an access key that is gone is nobody's, where unknown keys
// are root's, too.
func TestDeletedKey(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ann := w.userKeys(t, w.alpha, "ann", allow("*", "*"))
		w.caller(t, ann)
		must(w.iam(w.alpha.keys).DeleteAccessKey(t.Context(), &iam.DeleteAccessKeyInput{UserName: aws.String("ann"), AccessKeyId: &ann.AccessKeyID}))(t)
		for name, keys := range map[string]aws.Credentials{
			"its own secret": ann, "another secret": {AccessKeyID: ann.AccessKeyID, SecretAccessKey: "test"},
		} {
			w.rejected(t, "a deleted key with "+name, keys, "InvalidClientTokenId", "UnrecognizedClientException", textUnknownKey)
		}
		_, err := w.idp(ann, tokyo).ListUserPools(t.Context(), &idp.ListUserPoolsInput{MaxResults: aws.Int32(1)})
		refusedCode(t, "elsewhere", err, "UnrecognizedClientException", textUnknownKey)
	})
}

// TestRootSessionsAndDelegation: what cannot be here says so, to those who may
// ask.
func TestRootSessionsAndDelegation(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		const task = "arn:aws:iam::aws:policy/root-task/IAMAuditRootUserCredentials"
		root := func(keys aws.Credentials, target, task string) error {
			_, err := w.sts(keys).AssumeRoot(ctx, &sts.AssumeRootInput{TargetPrincipal: &target, TaskPolicyArn: &ststypes.PolicyDescriptorType{Arn: &task}})
			return err
		}
		ann := w.userKeys(t, w.alpha, "ann", `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sts:AssumeRoot","Resource":"arn:aws:iam::`+w.beta.account+`:root",
			"Condition":{"StringEquals":{"sts:TaskPolicyArn":"`+task+`"}}}}`)
		none := w.beta.account + " is not a member account of an organization: this deployment has no organizations."
		refusedCode(t, "by root", root(w.alpha.keys, w.beta.account, task), "AccessDenied", none)
		refusedCode(t, "its own account", root(w.alpha.keys, "arn:aws:iam::"+w.alpha.account+":root", task), "AccessDenied", strings.Replace(none, w.beta.account, w.alpha.account, 1))
		refusedCode(t, "no task", root(w.alpha.keys, w.beta.account, "arn:aws:iam::aws:policy/AdministratorAccess"), "ValidationError", "arn:aws:iam::aws:policy/AdministratorAccess is not a task policy for root sessions")
		refusedCode(t, "no root user", root(w.alpha.keys, "arn:aws:iam::"+w.beta.account+":user/x", task), "ValidationError", "arn:aws:iam::"+w.beta.account+":user/x is invalid")
		denied := func(target, rest string) string {
			return "User: arn:aws:iam::" + w.alpha.account + ":user/ann is not authorized to perform: sts:AssumeRoot on resource: arn:aws:iam::" + target + ":root " + rest
		}
		// Another account's root user has no policy that would let anybody in.
		refusedCode(t, "a user", root(ann, w.beta.account, task), "AccessDenied", denied(w.beta.account, "because no resource-based policy allows the sts:AssumeRoot action"))
		refusedCode(t, "a user, another task", root(ann, w.alpha.account, strings.Replace(task, "Audit", "Delete", 1)), "AccessDenied", denied(w.alpha.account, "because no identity-based policy allows the sts:AssumeRoot action"))

		token := &sts.GetDelegatedAccessTokenInput{TradeInToken: aws.String("token")}
		_, err := w.sts(w.alpha.keys).GetDelegatedAccessToken(ctx, token)
		refusedCode(t, "GetDelegatedAccessToken", err, "AccessDenied", "The trade-in token is not one of this deployment, which has no delegation requests.")
		_, err = w.sts(ann).GetDelegatedAccessToken(ctx, token)
		refusedCode(t, "GetDelegatedAccessToken by a user", err, "AccessDenied", "User: arn:aws:iam::"+w.alpha.account+":user/ann is not authorized to perform: sts:GetDelegatedAccessToken on resource: * because no identity-based policy allows the sts:GetDelegatedAccessToken action")
	})
}

// PresignHTTP implements sts.HTTPPresignerV4.
func (p clockPresigner) PresignHTTP(ctx context.Context, c aws.Credentials, r *http.Request, hash, service, region string, _ time.Time, opts ...func(*v4.SignerOptions)) (string, http.Header, error) {
	// As the authenticator does: the term is part of the query.
	q := r.URL.Query()
	q.Set("X-Amz-Expires", r.Header.Get("X-Amz-Expires"))
	r.URL.RawQuery = q.Encode()
	r.Header.Del("X-Amz-Expires")
	return p.Signer.PresignHTTP(ctx, c, r, hash, service, region, p.w.Clock().Now(), opts...)
}
