package app

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"os"
	"strings"
	"time"

	"github.com/cenote-id/cenote/internal/awsapi/sigv4"
	"github.com/cenote-id/cenote/internal/config"
	"github.com/cenote-id/cenote/internal/secretbox"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/trigger"
	"github.com/cenote-id/cenote/internal/trigger/awslambda"
	"github.com/cenote-id/cenote/internal/trigger/command"
	"github.com/cenote-id/cenote/internal/trigger/esdk"
	"github.com/cenote-id/cenote/internal/trigger/outbound"
	"github.com/cenote-id/cenote/internal/trigger/webhook"
)

// functions makes what stands behind functions, as the settings say.
type functions struct {
	settings *config.Server
	client   *outbound.Client
	secret   []byte
	now      func() time.Time
}

func newFunctions(s *config.Server, now func() time.Time) (*functions, error) {
	roots, err := peerRoots(s)
	if err != nil {
		return nil, err
	}
	secret, err := s.ReadTriggerSecret()
	if err != nil {
		return nil, err
	}
	if _, err := s.ReadLambdaCredentials(); err != nil { // better now than at the first sign-in
		return nil, err
	}
	return &functions{settings: s, client: outbound.New(roots), secret: secret, now: now}, nil
}

// TriggerFunction makes what stands behind a function whose target is given,
// not configured, for tools.
func TriggerFunction(s *config.Server, target config.Target) (trigger.Function, error) {
	f, err := newFunctions(s, time.Now)
	if err != nil {
		return nil, err
	}
	return f.function(target), nil
}

func (f *functions) function(t config.Target) trigger.Function {
	switch {
	case t.Command != nil:
		return command.New(t.Command, environOfPrograms(os.Environ()))
	case t.Invoke != "":
		return f.invoke(t.Invoke)
	}
	return webhook.New(webhook.Config{URL: t.Webhook, Client: f.client, Now: f.now, Secret: f.secret})
}

func (f *functions) invoke(url string) trigger.Function {
	return awslambda.New(awslambda.Config{URL: url, Client: f.client, Now: f.now, Credentials: func() (*sigv4.Credentials, error) {
		c, err := f.settings.ReadLambdaCredentials()
		if err != nil || c == nil {
			return nil, err
		}
		return &sigv4.Credentials{AccessKeyID: c.AccessKeyID, Secret: c.SecretAccessKey, SessionToken: c.SessionToken}, nil
	}})
}

// routes are those of --trigger, and --lambda-endpoint for the rest.
func (f *functions) routes() (*trigger.Routes, error) {
	triggers, err := f.settings.Triggers()
	if err != nil {
		return nil, err
	}
	var routes []trigger.Route
	for _, t := range triggers {
		routes = append(routes, trigger.Route{Name: t.Name, Function: f.function(t.Target)})
	}
	if f.settings.LambdaEndpoint != "" {
		routes = append(routes, trigger.Route{Name: "arn:*", Function: f.invoke(f.settings.LambdaEndpoint)})
	}
	return trigger.NewRoutes(routes...), nil
}

// environOfPrograms is the environment that programs of --trigger get: ours,
// without the settings of Cenote, of which some are secrets.
func environOfPrograms(environ []string) []string {
	var out []string
	for _, kv := range environ {
		if !strings.HasPrefix(kv, "CENOTE_") {
			out = append(out, kv)
		}
	}
	return out
}

// senderKeys implements trigger.SenderKeys. The keys come from the oldest data
// key: functions have them in their configuration, so they must not change with
// a rotation. Each account has keys of its own, under the names that it gives
// its KMS keys.
type senderKeys struct{ ring *secretbox.Ring }

func (k senderKeys) SenderKey(account, kmsKeyARN string) esdk.Key {
	ids := k.ring.Keys() // the newest first
	root, err := k.ring.DeriveFrom(ids[len(ids)-1], "codes for custom senders")
	if err != nil {
		panic(err) // the ring has just named the key
	}
	mac := hmac.New(sha256.New, root)
	mac.Write([]byte(account + "\x00" + kmsKeyARN))
	key := esdk.Key{Namespace: "cenote", Name: kmsKeyARN}
	mac.Sum(key.Secret[:0])
	return key
}

// SenderKey returns the key that the codes in events of custom senders are
// encrypted under.
func SenderKey(ctx context.Context, s config.Storage, account, kmsKeyARN string) (key esdk.Key, err error) {
	err = withStore(ctx, s, func(db *store.DB) error {
		key = senderKeys{db.Ring()}.SenderKey(account, kmsKeyARN)
		return nil
	})
	return key, err
}

// SenderKey is the function of that name, for a running deployment.
func (d *Deployment) SenderKey(account, kmsKeyARN string) esdk.Key {
	return senderKeys{d.db.Ring()}.SenderKey(account, kmsKeyARN)
}

// newTriggers makes the service that asks the functions of pools.
func newTriggers(c *Config, ring *secretbox.Ring) (*trigger.Service, error) {
	f, err := newFunctions(&c.Settings, c.Now)
	if err != nil {
		return nil, err
	}
	routes, err := f.routes()
	if err != nil {
		return nil, err
	}
	return trigger.New(trigger.Config{Routes: routes, Senders: senderKeys{ring}, Log: c.Log, InTransaction: store.InTx}), nil
}
