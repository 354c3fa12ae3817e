package signin

import (
	"context"

	"github.com/cenote-id/cenote/internal/message"
	"github.com/cenote-id/cenote/internal/token"
	"github.com/cenote-id/cenote/internal/trigger"
	"github.com/cenote-id/cenote/internal/user"
)

func (a App) about(username string) trigger.About {
	return trigger.About{Pool: a.Pool, Client: a.Client.ID, Username: username}
}

// preAuthentication asks the pool's function whether somebody may try to sign
// in. About a name that means nobody it is asked as well: a client that hides
// users must not tell by the time that an answer takes.
func (s *Service) preAuthentication(ctx context.Context, r Start, who account) error {
	in := trigger.PreAuthentication{ValidationData: r.Validation}
	name := who.name
	if who.user != nil {
		name, in.Attributes = who.user.Username, user.EventAttributes(r.Pool, who.user)
	}
	if r.Client.HidesUsers() {
		in.NotFound = new(who.user == nil)
	}
	return s.triggers.PreAuthentication(ctx, r.about(name), in)
}

// postAuthentication tells the pool's function that a user is through, and
// whether on a device that is new.
func (s *Service) postAuthentication(ctx context.Context, a App, u *user.User, newDevice bool) error {
	return s.triggers.PostAuthentication(ctx, a.about(u.Username), trigger.PostAuthentication{
		Attributes: user.EventAttributes(a.Pool, u), NewDeviceUsed: newDevice, ClientMetadata: a.Metadata,
	})
}

// customize lets the pool's function change what tokens will say.
func (s *Service) customize(ctx context.Context, a App, u *user.User, g *token.Grant, why trigger.TokenSource) error {
	scope := g.Scope
	if scope == "" {
		scope = token.SelfService
	}
	changes, err := s.triggers.PreTokenGeneration(ctx, a.about(u.Username), trigger.PreTokenGeneration{
		Source: why, Attributes: user.EventAttributes(a.Pool, u), Scopes: []string{scope}, ClientMetadata: a.Metadata,
		Groups: trigger.Groups{Names: g.Groups, Roles: g.Roles, Preferred: g.PreferredRole},
	})
	if err != nil {
		return err
	}
	g.IDChanges, g.AccessChanges = changes.ID, changes.Access
	if changes.Groups != nil {
		g.Groups, g.Roles, g.PreferredRole = changes.Groups.Names, changes.Groups.Roles, changes.Groups.Preferred
	}
	return nil
}

// letter begins a message to somebody who is signing in.
func (a App) letter(u *user.User) message.Letter {
	return message.Letter{
		About: a.about(u.Username), Occasion: trigger.ForAuthentication, Attributes: user.EventAttributes(a.Pool, u), Metadata: a.Metadata,
		Life: a.Client.SessionLife(),
	}
}
