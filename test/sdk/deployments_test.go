package sdk

import (
	"crypto/x509"
	"encoding/pem"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	ci "github.com/aws/aws-sdk-go-v2/service/cognitoidentity"
	citypes "github.com/aws/aws-sdk-go-v2/service/cognitoidentity/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	ststypes "github.com/aws/aws-sdk-go-v2/service/sts/types"

	"github.com/cenote-id/cenote/cenotetest"
)

// far are two deployments of two owners, in production mode, over HTTPS with
// certificates of authorities of their own. The first is on PostgreSQL, the
// second on an SQLite file and trusts the user pools of the first.
func far(t *testing.T) (one, two *world) {
	t.Helper()
	one = production(t, postgres(t), cenotetest.TLS())
	two = production(t, cenotetest.Data(t.TempDir()), cenotetest.TLS(), cenotetest.Peer(west, one.URL()), cenotetest.PeerCA(one.CA()))
	return one, two
}

func TestStoryOfTwoDeployments(t *testing.T) {
	one, two := far(t)
	p := one.people(t, one.alpha, west)
	i := two.identities(t, two.alpha, tokyo, p)
	login := p.login(p.signIn("alice").IdToken)
	alice := i.id(login)
	keys := i.keys(alice, login)
	if who := two.caller(t, keys); *who.Arn != "arn:aws:sts::"+two.alpha.account+":assumed-role/"+authRole+"/CognitoIdentityCredentials" {
		t.Errorf("alice is %s", *who.Arn)
	}
	must(two.identity(keys, tokyo).DescribeIdentityPool(t.Context(), &ci.DescribeIdentityPoolInput{IdentityPoolId: &i.pool}))(t)
	for name, again := range map[string]map[string]string{
		"by SRP":               p.login(p.signInBySRP("alice").IdToken),
		"by the issuer's name": {strings.TrimPrefix(one.URL(), "https://") + "/" + p.pool: login[p.provider]},
	} {
		if id := i.id(again); id != alice {
			t.Errorf("%s: identity %s, want %s", name, id, alice)
		}
	}

	// Nothing but tokens crosses from one to the other.
	one.rejected(t, "the second's temporary keys at the first", keys, "InvalidClientTokenId", "UnrecognizedClientException", textDamagedToken)
	one.rejected(t, "the second's root keys at the first", two.alpha.keys, "InvalidClientTokenId", "UnrecognizedClientException", textUnknownKey)
	two.rejected(t, "the first's root keys at the second", one.alpha.keys, "InvalidClientTokenId", "UnrecognizedClientException", textUnknownKey)

	// And the same refusals as at home.
	stranger := one.people(t, one.alpha, west)
	i.shut("a pool that is not listed", alice, stranger.login(stranger.signIn("alice").IdToken), textUnsupported)
	i.shut("its token under the listed name", alice, p.login(stranger.signIn("alice").IdToken), textIssuer)
	i.shut("another client's token", alice, p.login(p.signInTo(p.newClient("other"), "alice").IdToken), textUnsupported)
	i.shut("an access token", alice, p.login(p.signIn("alice").AccessToken), textNoAudience)
	good := parse(t, login[p.provider])
	i.shut("our own signature", alice, map[string]string{p.provider: good.rs256(t).String()}, textSignature)
	i.shut("no signature", alice, map[string]string{p.provider: good.with(`{"alg":"none"}`).String()}, textSignature)

	// A user pool elsewhere cannot be asked who has signed out, so the second
	// does not pretend that it asks.
	checked := []citypes.CognitoIdentityProvider{{ProviderName: &p.provider, ClientId: &p.client, ServerSideTokenCheck: aws.Bool(true)}}
	_, err := i.admin.UpdateIdentityPool(t.Context(), &ci.UpdateIdentityPoolInput{
		IdentityPoolId: &i.pool, IdentityPoolName: aws.String("demo"), CognitoIdentityProviders: checked,
	})
	if _, ok := errors.AsType[*citypes.InvalidParameterException](err); !ok {
		t.Errorf("ServerSideTokenCheck: %v", err)
	}

	// Keys that were fetched are kept: the first may go away for a while.
	one.Stop()
	i.keys(alice, login)
	if id := i.id(login); id != alice {
		t.Errorf("identity %s, want %s", id, alice)
	}
}

// Trust has to be given: in the peer's name, and in its certificate.
func TestDeploymentsThatAreNotTrusted(t *testing.T) {
	one := production(t, postgres(t), cenotetest.TLS())
	p := one.people(t, one.alpha, west)
	login := p.login(p.signIn("alice").IdToken)

	t.Run("no peer", func(t *testing.T) {
		two := production(t)
		i := two.identities(t, two.alpha, tokyo, p) // on AWS too any name of that form may be configured
		_, err := i.tryID(login)
		refused[*citypes.NotAuthorizedException](t, "GetId", err, textSignature)
		_, err = i.admin.CreateIdentityPool(t.Context(), &ci.CreateIdentityPoolInput{
			IdentityPoolName: aws.String("by issuer"), CognitoIdentityProviders: []citypes.CognitoIdentityProvider{{
				ProviderName: aws.String(strings.TrimPrefix(one.URL(), "https://") + "/" + p.pool), ClientId: &p.client,
			}},
		})
		refused[*citypes.InvalidParameterException](t, "the issuer as a provider", err, "Invalid Cognito Identity Provider")
	})
	t.Run("a peer for another region", func(t *testing.T) {
		two := production(t, cenotetest.Peer("eu-west-1", one.URL()), cenotetest.PeerCA(one.CA()))
		_, err := two.identities(t, two.alpha, tokyo, p).tryID(login)
		refused[*citypes.NotAuthorizedException](t, "GetId", err, textSignature)
	})
	t.Run("a certificate that nobody vouches for", func(t *testing.T) {
		two := production(t, cenotetest.Peer(west, one.URL()))
		_, err := two.identities(t, two.alpha, tokyo, p).tryID(login)
		refused[*citypes.ExternalServiceException](t, "GetId", err, "Couldn't reach the identity provider "+p.provider+".")
	})
	t.Run("the certificate of another", func(t *testing.T) {
		two := production(t, cenotetest.Peer(west, one.URL()), cenotetest.PeerCA(production(t, cenotetest.TLS()).CA()))
		_, err := two.identities(t, two.alpha, tokyo, p).tryID(login)
		refused[*citypes.ExternalServiceException](t, "GetId", err, "Couldn't reach the identity provider "+p.provider+".")
	})
	t.Run("somebody else at the peer's address", func(t *testing.T) {
		// It has a good certificate and other keys, as a peer would have whose
		// data was lost.
		mallory := production(t, cenotetest.TLS())
		two := production(t, cenotetest.Peer(west, mallory.URL()), cenotetest.PeerCA(mallory.CA()))
		_, err := two.identities(t, two.alpha, tokyo, p).tryID(login)
		if _, ok := errors.AsType[*citypes.ExternalServiceException](err); !ok {
			t.Errorf("GetId: %v", err)
		}
	})
}

// Nobody is asked about a pool that no identity pool lists, whatever a token
// says of itself.
func TestUnlistedIssuersAreNotFetched(t *testing.T) {
	var visits atomic.Int64
	site := httptest.NewTLSServer(http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
		visits.Add(1)
		rw.WriteHeader(http.StatusServiceUnavailable)
	}))
	defer site.Close()
	w := production(t, cenotetest.Peer("eu-west-1", site.URL), cenotetest.PeerCA(certificate(site.Certificate())))
	p := w.people(t, w.alpha, west)
	i := w.identities(t, w.alpha, tokyo, p)
	good := parse(t, *p.signIn("alice").IdToken)
	theirs := "eu-west-1_Abcdefghi"
	forged := good.claim(t, "iss", site.URL+"/"+theirs).rs256(t).String()
	for provider, message := range map[string]string{
		"cognito-idp.eu-west-1.amazonaws.com/" + theirs:         textUnsupported,
		strings.TrimPrefix(site.URL, "https://") + "/" + theirs: textUnsupported,
		p.provider: textIssuer,
	} {
		_, err := i.tryID(map[string]string{provider: forged})
		refused[*citypes.NotAuthorizedException](t, provider, err, message)
	}
	if n := visits.Load(); n != 0 {
		t.Errorf("%d visits", n)
	}
	// Listed, it is asked, and not over and over.
	i.trust("cognito-idp.eu-west-1.amazonaws.com/"+theirs, p.client)
	for range 10 {
		if _, err := i.tryID(map[string]string{"cognito-idp.eu-west-1.amazonaws.com/" + theirs: forged}); err == nil {
			t.Fatal("a forged token was taken")
		}
	}
	if n := visits.Load(); n < 1 || n > 2 {
		t.Errorf("%d visits for ten bad tokens", n)
	}
}

func certificate(c *x509.Certificate) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})
}

// The other way that AWS has for strangers: an IAM OpenID Connect provider.
// It works for user pools and for identity pools of another deployment.
func TestOpenIDProviders(t *testing.T) {
	one, two := far(t)
	p := one.people(t, one.alpha, west)
	theirs := one.identities(t, one.alpha, west, p)
	tokens := p.signIn("alice")
	login := p.login(tokens.IdToken)
	alice := theirs.id(login)
	identity := *must(theirs.public.GetOpenIdToken(t.Context(), &ci.GetOpenIdTokenInput{IdentityId: &alice, Logins: login}))(t).Token

	admin := two.iam(two.alpha.keys)
	for _, c := range []struct{ name, issuer, audience, token, other string }{
		{"user-pool", one.URL() + "/" + p.pool, p.client, *tokens.IdToken, *p.signInTo(p.newClient("other"), "alice").IdToken},
		{"identity-pool", one.URL() + "/cognito-identity", theirs.pool, identity, ""},
	} {
		url := strings.TrimPrefix(c.issuer, "https://")
		arn := must(admin.CreateOpenIDConnectProvider(t.Context(), &iam.CreateOpenIDConnectProviderInput{Url: &c.issuer, ClientIDList: []string{c.audience}}))(t).OpenIDConnectProviderArn
		role := must(admin.CreateRole(t.Context(), &iam.CreateRoleInput{
			RoleName: &c.name, AssumeRolePolicyDocument: aws.String(trusting(`{"Federated":"`+*arn+`"}`, `{"StringEquals":{"`+url+`:aud":"`+c.audience+`"}}`)),
		}))(t).Role.Arn
		out, err := two.sts(nobody).AssumeRoleWithWebIdentity(t.Context(), &sts.AssumeRoleWithWebIdentityInput{
			RoleArn: role, RoleSessionName: aws.String("alice"), WebIdentityToken: &c.token,
		})
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if *out.Provider != *arn || *out.Audience != c.audience || *out.AssumedRoleUser.Arn != "arn:aws:sts::"+two.alpha.account+":assumed-role/"+c.name+"/alice" {
			t.Errorf("%s: %s, %s, %s", c.name, *out.Provider, *out.Audience, *out.AssumedRoleUser.Arn)
		}
		if c.other != "" {
			_, err = two.assumeWith(t, c.other, *role)
			refused[*ststypes.InvalidIdentityTokenException](t, c.name+": another audience", err, "Incorrect token audience")
		}
		_, err = two.assumeWith(t, parse(t, c.token).rs256(t).String(), *role)
		if _, ok := errors.AsType[*ststypes.InvalidIdentityTokenException](err); !ok {
			t.Errorf("%s: our own signature: %v", c.name, err)
		}
		// Another account of the deployment trusts nobody.
		_, err = two.assumeWith(t, c.token, "arn:aws:iam::"+two.beta.account+":role/"+c.name)
		if err == nil {
			t.Errorf("%s: a role of an account without the provider", c.name)
		}
	}

	// An identity pool can trust such a provider, too.
	url := strings.TrimPrefix(one.URL(), "https://") + "/" + p.pool
	pool := must(two.identity(two.alpha.keys, tokyo).CreateIdentityPool(t.Context(), &ci.CreateIdentityPoolInput{
		IdentityPoolName: aws.String("open"), OpenIdConnectProviderARNs: []string{"arn:aws:iam::" + two.alpha.account + ":oidc-provider/" + url},
	}))(t)
	must(two.identity(nobody, tokyo).GetId(t.Context(), &ci.GetIdInput{IdentityPoolId: pool.IdentityPoolId, Logins: map[string]string{url: *tokens.IdToken}}))(t)
}
