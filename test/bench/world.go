package main

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/url"
	"sync"
	"time"
)

// world is what there is to call: a pool with its client, an identity pool
// that trusts it, and people who are signed in.
type world struct {
	*server
	founded
	population population
	nonce      string   // keeps the names of one run apart from another's
	people     []person // signed in, with an identity
	listTokens []string // page tokens of ListUsers
	challenges challengePool
	permitted  permitted
}

// founded is what lasts from run to run.
type founded struct {
	KeyID, Secret string // access key of the account's root
	Pool, Client  string
	IdentityPool  string
	Role          string // ARN, of people who have signed in
}

func (f *founded) root() accessKey { return accessKey{id: f.KeyID, secret: f.Secret} }

// person is somebody who has signed in.
type person struct {
	username, access, id, refresh string
	identity                      string
	credentials                   accessKey // temporary keys
}

// provider names the user pool in Logins.
func (w *world) provider() string {
	return "cognito-idp." + region + ".amazonaws.com/" + w.Pool
}

// text encodes a value as JSON. Our own structs and maps of strings cannot
// fail to.
func text(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(b)
}

// ask makes one call outside of any measurement and decodes the reply.
func ask[T any](c *conn, r request) (out T, err error) {
	body, err := c.expect(r, nil)
	if err != nil {
		return out, err
	}
	return out, json.Unmarshal(body, &out)
}

// found makes pool, client, role and identity pool through the API.
func (w *world) found(ctx context.Context) error {
	c, err := dial(ctx, w.address)
	if err != nil {
		return err
	}
	defer c.Close()
	now := time.Now()
	pool, err := ask[struct {
		UserPool struct {
			ID string `json:"Id"`
		}
	}](c, w.signed(userPools("CreateUserPool", `{"PoolName":"bench"}`), w.root(), now))
	if err != nil {
		return fmt.Errorf("create user pool: %w", err)
	}
	w.Pool = pool.UserPool.ID
	client, err := ask[struct {
		UserPoolClient struct {
			ClientID string `json:"ClientId"`
		}
	}](c, w.signed(userPools("CreateUserPoolClient", text(struct {
		UserPoolID        string `json:"UserPoolId"`
		ClientName        string
		ExplicitAuthFlows []string
	}{w.Pool, "bench", []string{"ALLOW_USER_PASSWORD_AUTH", "ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"}})), w.root(), now))
	if err != nil {
		return fmt.Errorf("create client: %w", err)
	}
	w.Client = client.UserPoolClient.ClientID
	type clientOfPool struct {
		ProviderName string
		ClientID     string `json:"ClientId"`
	}
	identities, err := ask[struct {
		IdentityPoolID string `json:"IdentityPoolId"`
	}](c, w.signed(identityPools("CreateIdentityPool", text(struct {
		IdentityPoolName               string
		AllowUnauthenticatedIdentities bool
		AllowClassicFlow               bool
		CognitoIdentityProviders       []clientOfPool
	}{"bench", false, true, []clientOfPool{{w.provider(), w.Client}}})), w.root(), now))
	if err != nil {
		return fmt.Errorf("create identity pool: %w", err)
	}
	w.IdentityPool = identities.IdentityPoolID
	role, err := w.createRole(c, now)
	if err != nil {
		return fmt.Errorf("create role: %w", err)
	}
	w.Role = role
	_, err = c.expect(w.signed(identityPools("SetIdentityPoolRoles", text(struct {
		IdentityPoolID string `json:"IdentityPoolId"`
		Roles          map[string]string
	}{w.IdentityPool, map[string]string{"authenticated": role}})), w.root(), now), nil)
	if err != nil {
		return fmt.Errorf("set roles: %w", err)
	}
	return nil
}

// createRole makes the role of people who have signed in, and returns its ARN.
func (w *world) createRole(c *conn, now time.Time) (string, error) {
	trust := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Federated":"cognito-identity.amazonaws.com"},` +
		`"Action":"sts:AssumeRoleWithWebIdentity","Condition":{"StringEquals":{"cognito-identity.amazonaws.com:aud":"` + w.IdentityPool + `"},` +
		`"ForAnyValue:StringLike":{"cognito-identity.amazonaws.com:amr":"authenticated"}}}]}`
	form := url.Values{"Action": {"CreateRole"}, "Version": {"2010-05-08"}, "RoleName": {"bench"}, "AssumeRolePolicyDocument": {trust}}
	body, err := c.expect(w.signed(call{service: "iam", body: form.Encode()}, w.root(), now), nil)
	if err != nil {
		return "", err
	}
	var reply struct {
		ARN string `xml:"CreateRoleResult>Role>Arn"`
	}
	return reply.ARN, xml.Unmarshal(body, &reply)
}

// passwordAuth is the call that signs a person in with a password.
func (w *world) passwordAuth(username string) call {
	return userPools("InitiateAuth", text(struct {
		AuthFlow       string
		ClientID       string `json:"ClientId"`
		AuthParameters map[string]string
	}{"USER_PASSWORD_AUTH", w.Client, map[string]string{"USERNAME": username, "PASSWORD": everyPassword}}))
}

// federation is the body of GetId and, with an identity, of
// GetCredentialsForIdentity.
type federation struct {
	IdentityPoolID string `json:"IdentityPoolId,omitempty"`
	IdentityID     string `json:"IdentityId,omitempty"`
	Logins         map[string]string
}

const (
	// maxPeople is how many people readers ask about: enough to reach over the
	// whole of a large table.
	maxPeople = 1000
	// gatherers is how many people are signed in at once before measuring.
	gatherers = 4
	maxPages  = 50
)

// gather signs people in, gives them identities and keys, and walks the first
// pages of the user list.
func (w *world) gather(ctx context.Context) error {
	n := min(maxPeople, w.population.passwordUsers())
	w.people = make([]person, n)
	errs := make([]error, gatherers)
	var all sync.WaitGroup
	for g := range gatherers {
		all.Go(func() {
			c, err := dial(ctx, w.address)
			if err != nil {
				errs[g] = err
				return
			}
			defer c.Close()
			for i := g; i < n && errs[g] == nil && ctx.Err() == nil; i += gatherers {
				w.people[i], errs[g] = w.meet(c, w.population.passwordUser(i))
			}
		})
	}
	all.Wait()
	for _, err := range append(errs, ctx.Err()) {
		if err != nil {
			return fmt.Errorf("sign people in: %w", err)
		}
	}
	return w.walk(ctx)
}

func (w *world) meet(c *conn, username string) (person, error) {
	p := person{username: username}
	signedIn, err := ask[struct {
		AuthenticationResult struct{ AccessToken, IdToken, RefreshToken string }
	}](c, w.unsigned(w.passwordAuth(username)))
	if err != nil {
		return p, err
	}
	t := signedIn.AuthenticationResult
	p.access, p.id, p.refresh = t.AccessToken, t.IdToken, t.RefreshToken
	logins := map[string]string{w.provider(): p.id}
	identity, err := ask[struct {
		IdentityID string `json:"IdentityId"`
	}](c, w.unsigned(identityPools("GetId", text(federation{IdentityPoolID: w.IdentityPool, Logins: logins}))))
	if err != nil {
		return p, err
	}
	p.identity = identity.IdentityID
	keys, err := ask[struct {
		Credentials struct {
			AccessKeyID             string `json:"AccessKeyId"`
			SecretKey, SessionToken string
		}
	}](c,
		w.unsigned(identityPools("GetCredentialsForIdentity", text(federation{IdentityID: p.identity, Logins: logins}))))
	k := keys.Credentials
	p.credentials = accessKey{k.AccessKeyID, k.SecretKey, k.SessionToken}
	return p, err
}

// listUsers is the body of ListUsers.
type listUsers struct {
	UserPoolID      string `json:"UserPoolId"`
	Limit           int
	Filter          string `json:",omitempty"`
	PaginationToken string `json:",omitempty"`
}

// walk collects the page tokens of the first pages.
func (w *world) walk(ctx context.Context) error {
	c, err := dial(ctx, w.address)
	if err != nil {
		return err
	}
	defer c.Close()
	w.listTokens = []string{""}
	for len(w.listTokens) < maxPages {
		body := listUsers{UserPoolID: w.Pool, Limit: 60, PaginationToken: w.listTokens[len(w.listTokens)-1]}
		page, err := ask[struct {
			Users           []struct{ Username string }
			PaginationToken string
		}](c, w.signed(userPools("ListUsers", text(body)), w.root(), time.Now()))
		if err != nil {
			return fmt.Errorf("list users: %w", err)
		}
		if page.PaginationToken == "" {
			break
		}
		w.listTokens = append(w.listTokens, page.PaginationToken)
	}
	if len(w.listTokens) > 1 && w.population.users%60 != 0 {
		w.listTokens = w.listTokens[:len(w.listTokens)-1] // the last page may not be full
	}
	return nil
}
