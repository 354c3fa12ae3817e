package sdk

import (
	"crypto/sha1"
	"encoding/hex"
	"encoding/json"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	ci "github.com/aws/aws-sdk-go-v2/service/cognitoidentity"
	citypes "github.com/aws/aws-sdk-go-v2/service/cognitoidentity/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	ststypes "github.com/aws/aws-sdk-go-v2/service/sts/types"

	"github.com/cenote-id/cenote/cenotetest"
)

// A provider whose certificate no authority vouches for is good for the account
// that has its thumbprint, for every client id that the account lists, and for
// nobody else.
func TestThumbprints(t *testing.T) {
	mux := http.NewServeMux()
	provider := httptest.NewUnstartedServer(mux)
	provider.Config.ErrorLog = log.New(io.Discard, "", 0)
	provider.StartTLS()
	t.Cleanup(provider.Close)
	mux.HandleFunc("GET /.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(map[string]string{"issuer": provider.URL, "jwks_uri": provider.URL + "/keys"})
	})
	mux.HandleFunc("GET /keys", func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(map[string]any{"keys": []any{evilJWK()}})
	})
	sum := sha1.Sum(provider.Certificate().Raw)
	thumbprint, name := hex.EncodeToString(sum[:]), strings.TrimPrefix(provider.URL, "https://")

	// The operator lets this address be asked, no more.
	w := development(t, cenotetest.Peer("allowed.example.com", provider.URL))
	setUp := func(o owner, thumbprints ...string) (arn, role, pool string) {
		admin := w.iam(o.keys)
		arn = *must(admin.CreateOpenIDConnectProvider(t.Context(), &iam.CreateOpenIDConnectProviderInput{
			Url: &provider.URL, ClientIDList: []string{"one", "two"}, ThumbprintList: thumbprints,
		}))(t).OpenIDConnectProviderArn
		role = *must(admin.CreateRole(t.Context(), &iam.CreateRoleInput{
			RoleName: aws.String("open"), AssumeRolePolicyDocument: aws.String(trusting(`{"Federated":"`+arn+`"}`, `{"StringEquals":{"`+name+`:sub":"ann"}}`)),
		}))(t).Role.Arn
		pool = *must(w.identity(o.keys, tokyo).CreateIdentityPool(t.Context(), &ci.CreateIdentityPoolInput{
			IdentityPoolName: aws.String("open"), OpenIdConnectProviderARNs: []string{arn},
		}))(t).IdentityPoolId
		return arn, role, pool
	}
	arn, role, pool := setUp(w.alpha, thumbprint)
	_, betaRole, betaPool := setUp(w.beta)
	assume := func(role, aud string) error {
		_, err := w.sts(nobody).AssumeRoleWithWebIdentity(t.Context(), &sts.AssumeRoleWithWebIdentityInput{
			RoleArn: &role, RoleSessionName: aws.String("ann"), WebIdentityToken: aws.String(w.idToken(t, provider.URL, "ann", aud)),
		})
		return err
	}
	enter := func(pool string) error {
		_, err := w.identity(nobody, tokyo).GetId(t.Context(), &ci.GetIdInput{IdentityPoolId: &pool, Logins: map[string]string{name: w.idToken(t, provider.URL, "ann", "one")}})
		return err
	}
	for _, aud := range []string{"one", "two"} {
		if err := assume(role, aud); err != nil {
			t.Errorf("client %s: %v", aud, err)
		}
	}
	refused[*ststypes.InvalidIdentityTokenException](t, "another client", assume(role, "three"), "Incorrect token audience")
	if err := enter(pool); err != nil {
		t.Error(err)
	}
	refused[*ststypes.IDPCommunicationErrorException](t, "an account without the thumbprint", assume(betaRole, "one"), "Couldn't connect to the identity provider of the web identity token")
	refused[*citypes.ExternalServiceException](t, "its identity pool", enter(betaPool), "Couldn't reach the identity provider "+name+".")
	must(w.iam(w.alpha.keys).UpdateOpenIDConnectProviderThumbprint(t.Context(), &iam.UpdateOpenIDConnectProviderThumbprintInput{
		OpenIDConnectProviderArn: &arn, ThumbprintList: []string{strings.Repeat("0", 40)},
	}))(t)
	refused[*ststypes.IDPCommunicationErrorException](t, "after the thumbprint has changed", assume(role, "one"), "Couldn't connect to the identity provider of the web identity token")
}
