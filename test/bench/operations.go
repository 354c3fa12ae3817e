package main

import (
	"fmt"
	"slices"
	"time"
)

// operation is a line of the report.
type operation struct {
	name    string
	calls   string // the API calls that one operation is
	signs   bool   // it costs signatures: few connections, and the crypto dominates
	crypto  recipe // what it cannot do without
	goal    float64
	prepare func(w *world, connection, connections int) step
}

// Marks of good replies.
var (
	wantTokens      = []byte(`"AccessToken":"`)
	wantUser        = []byte(`"UserAttributes":[`)
	wantIdentity    = []byte(`"IdentityId":"`)
	wantCredentials = []byte(`"SessionToken":"`)
	wantCaller      = []byte(`/CognitoIdentityCredentials</Arn>`)
	wantCreated     = []byte(`"UserStatus":"FORCE_CHANGE_PASSWORD"`)
	wantUsers       = []byte(`"Users":[{`)
)

// operations are all that are measured.
var operations = slices.Concat(mainOperations, challengeOperations, permissionOperations)

// mainOperations have goals in calls a second on two cores.
var mainOperations = []operation{
	{
		name: "sign-in", calls: "InitiateAuth USER_PASSWORD_AUTH", signs: true, goal: 500,
		crypto: recipe{checkPassword: 1, rsaSign: 2},
		prepare: func(w *world, n, of int) step {
			var requests []request
			for i := n; i < w.population.passwordUsers(); i += of {
				requests = append(requests, w.unsigned(w.passwordAuth(w.population.passwordUser(i))))
			}
			return rounds(requests, wantTokens)
		},
	},
	{
		name: "admin sign-in", calls: "AdminInitiateAuth ADMIN_USER_PASSWORD_AUTH, signed", signs: true, goal: 500,
		crypto: recipe{checkPassword: 1, rsaSign: 2, hmacSum: 5},
		prepare: func(w *world, n, of int) step {
			var requests []request
			for i := n; i < w.population.passwordUsers(); i += of {
				requests = append(requests, w.signed(userPools("AdminInitiateAuth", text(struct {
					AuthFlow       string
					UserPoolID     string `json:"UserPoolId"`
					ClientID       string `json:"ClientId"`
					AuthParameters map[string]string
				}{"ADMIN_USER_PASSWORD_AUTH", w.Pool, w.Client, map[string]string{
					"USERNAME": w.population.passwordUser(i), "PASSWORD": everyPassword,
				}})), w.root(), time.Now()))
			}
			return rounds(requests, wantTokens)
		},
	},
	{
		name: "SRP sign-in", calls: "InitiateAuth USER_SRP_AUTH, RespondToAuthChallenge", signs: true, goal: 300,
		crypto: recipe{srpBegin: 1, srpVerify: 1, rsaSign: 2},
		prepare: func(w *world, n, of int) step {
			return w.srpSignIn(knowing, w.population.srpUsers(), w.population.srpUser, n, of)
		},
	},
	{
		name: "SRP sign-in, honest clients", calls: "the same, client arithmetic on the same cores", signs: true,
		crypto: recipe{srpBegin: 1, srpVerify: 1, rsaSign: 2},
		prepare: func(w *world, n, of int) step {
			return w.srpSignIn(honest, w.population.passwordUsers(), w.population.passwordUser, n, of)
		},
	},
	{
		name: "refresh", calls: "InitiateAuth REFRESH_TOKEN_AUTH", signs: true, goal: 700,
		crypto: recipe{rsaSign: 2},
		prepare: func(w *world, n, of int) step {
			return w.each(n, of, wantTokens, func(p *person) request {
				return w.unsigned(userPools("InitiateAuth", text(struct {
					AuthFlow       string
					ClientID       string `json:"ClientId"`
					AuthParameters map[string]string
				}{"REFRESH_TOKEN_AUTH", w.Client, map[string]string{"REFRESH_TOKEN": p.refresh}})))
			})
		},
	},
	{
		name: "GetUser", calls: "GetUser", goal: 8000,
		prepare: func(w *world, n, of int) step {
			return w.each(n, of, wantUser, func(p *person) request {
				return w.unsigned(userPools("GetUser", text(struct{ AccessToken string }{p.access})))
			})
		},
	},
	{
		name: "GetId", calls: "GetId with a user pool's token",
		prepare: func(w *world, n, of int) step {
			return w.each(n, of, wantIdentity, func(p *person) request {
				return w.unsigned(identityPools("GetId", text(federation{IdentityPoolID: w.IdentityPool, Logins: map[string]string{w.provider(): p.id}})))
			})
		},
	},
	{
		name: "GetCredentialsForIdentity", calls: "GetCredentialsForIdentity", goal: 6000,
		crypto: recipe{sealing: 1, hmacSum: 1},
		prepare: func(w *world, n, of int) step {
			return w.each(n, of, wantCredentials, func(p *person) request {
				return w.unsigned(identityPools("GetCredentialsForIdentity", text(federation{IdentityID: p.identity, Logins: map[string]string{w.provider(): p.id}})))
			})
		},
	},
	{
		name: "GetCallerIdentity", calls: "GetCallerIdentity with temporary keys, signed", goal: 10000,
		crypto: recipe{unseal: 1, hmacSum: 6},
		prepare: func(w *world, n, of int) step {
			now := time.Now()
			return w.each(n, of, wantCaller, func(p *person) request {
				return w.signed(call{service: "sts", body: "Action=GetCallerIdentity&Version=2011-06-15"}, p.credentials, now)
			})
		},
	},
	{
		name: "AdminCreateUser", calls: "AdminCreateUser with a temporary password, signed",
		crypto: recipe{makePassword: 1, hmacSum: 5},
		prepare: func(w *world, n, _ int) step {
			i := 0
			return func(c *conn) error {
				i++
				name := fmt.Sprintf("new-%s-%d-%d", w.nonce, n, i)
				// Every name is new, so that this request is made on the clock.
				body := `{"UserPoolId":"` + w.Pool + `","Username":"` + name + `","TemporaryPassword":"` + everyPassword +
					`","MessageAction":"SUPPRESS","UserAttributes":[{"Name":"email","Value":"` + name + `@example.com"}]}`
				_, err := c.expect(w.signed(userPools("AdminCreateUser", body), w.root(), time.Now()), wantCreated)
				return err
			}
		},
	},
	{
		name: "ListUsers", calls: "ListUsers, a page of 60, signed", goal: 4000,
		crypto: recipe{hmacSum: 5},
		prepare: func(w *world, n, _ int) step {
			var requests []request
			for i := range w.listTokens {
				body := listUsers{UserPoolID: w.Pool, Limit: 60, PaginationToken: w.listTokens[(i+n)%len(w.listTokens)]}
				requests = append(requests, w.signed(userPools("ListUsers", text(body)), w.root(), time.Now()))
			}
			return rounds(requests, wantUsers)
		},
	},
	{
		name: "ListUsers by e-mail", calls: "ListUsers with a filter that one user passes, signed",
		crypto: recipe{hmacSum: 5},
		prepare: func(w *world, n, of int) step {
			const most = 500
			var requests []request
			step := max(1, w.population.users/most)
			for i := n * step; i < w.population.users; i += of * step {
				body := listUsers{UserPoolID: w.Pool, Limit: 60, Filter: `email = "` + email(i) + `"`}
				requests = append(requests, w.signed(userPools("ListUsers", text(body)), w.root(), time.Now()))
			}
			return rounds(requests, wantUsers)
		},
	},
}

// rounds sends one request after another, over and over.
func rounds(requests []request, want []byte) step {
	next := 0
	return func(c *conn) error {
		r := requests[next%len(requests)]
		next++
		_, err := c.expect(r, want)
		return err
	}
}

// each shares the people among the connections and calls for one after
// another.
func (w *world) each(connection, connections int, want []byte, of func(*person) request) step {
	var requests []request
	for i := connection % len(w.people); i < len(w.people); i += connections {
		requests = append(requests, of(&w.people[i]))
	}
	return rounds(requests, want)
}
