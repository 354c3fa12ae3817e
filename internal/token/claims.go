package token

import (
	"crypto/sha256"
	"time"

	"github.com/cenote-id/cenote/internal/secretbox"
)

// times are the claims that both tokens share.
type times struct{ auth, issued int64 }

// idPayload writes the claims of an ID token, in the order in which decoded
// tokens of the real service have them. access is the access token that
// at_hash is made of; only the domain's tokens have one.
func (g *Grant) idPayload(t times, access string) []byte {
	o := object(make([]byte, 0, 1024))
	o = append(o, '{')
	split := splitAttributes(g.Attributes)
	if g.Domain && access != "" {
		sum := sha256.Sum256([]byte(access))
		o.text("at_hash", encode(sum[:len(sum)/2]))
	}
	o.text("sub", g.Sub)
	o.texts("cognito:groups", g.Groups)
	split.verified(&o, "email_verified")
	o.text("iss", g.Issuer)
	split.verified(&o, "phone_number_verified")
	o.text("cognito:username", g.Username)
	o.optional("nonce", g.Nonce)
	o.texts("cognito:roles", g.Roles)
	o.optional("cognito:preferred_role", g.PreferredRole)
	o.optional("origin_jti", g.OriginJTI)
	o.text("aud", g.Client)
	split.identities(&o)
	o.optional("event_id", g.EventID)
	o.text("token_use", "id")
	g.levels(&o)
	o.number("auth_time", t.auth)
	o.number("exp", t.issued+seconds(g.IDLife))
	o.number("iat", t.issued)
	if g.OriginJTI != "" {
		o.text("jti", secretbox.UUID())
	}
	split.rest(&o)
	split.email(&o)
	return append(o, '}')
}

// accessPayload writes the claims of an access token.
func (g *Grant) accessPayload(t times) []byte {
	o := object(make([]byte, 0, 512))
	o = append(o, '{')
	o.text("sub", g.Sub)
	o.optional("device_key", g.DeviceKey)
	o.texts("cognito:groups", g.Groups)
	o.text("iss", g.Issuer)
	if g.Domain {
		o.number("version", tokenVersion)
	}
	o.text("client_id", g.Client)
	o.optional("aud", g.Audience)
	o.optional("origin_jti", g.OriginJTI)
	o.optional("event_id", g.EventID)
	o.text("token_use", "access")
	g.levels(&o)
	o.text("scope", g.AccessChanges.scopes(g.scope()))
	o.number("auth_time", t.auth)
	o.number("exp", t.issued+seconds(g.AccessLife))
	o.number("iat", t.issued)
	if g.OriginJTI != "" {
		o.text("jti", secretbox.UUID())
	}
	o.text("username", g.Username)
	return append(o, '}')
}

// levels writes how the user has signed in. Where the two claims stand is
// UNCONFIRMED.
func (g *Grant) levels(o *object) {
	o.optional("acr", g.ACR)
	o.texts("amr", g.AMR)
}

// payload writes the claims of a client's own access token.
func (g *ClientGrant) payload(now int64) []byte {
	o := object(make([]byte, 0, 512))
	o = append(o, '{')
	o.text("sub", g.Client)
	o.text("token_use", "access")
	o.text("scope", g.Changes.scopes(g.Scope))
	o.number("auth_time", now)
	o.text("iss", g.Issuer)
	o.number("exp", now+seconds(g.Life))
	o.number("iat", now)
	o.number("version", tokenVersion)
	o.text("jti", secretbox.UUID())
	o.text("client_id", g.Client)
	return append(o, '}')
}

// tokenVersion is what the access tokens of the domain say of themselves.
const tokenVersion = 2

func (g *Grant) scope() string {
	if g.Scope == "" {
		return SelfService
	}
	return g.Scope
}

func seconds(d time.Duration) int64 { return int64(d / time.Second) }
