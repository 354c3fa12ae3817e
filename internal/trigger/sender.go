package trigger

import (
	"context"
	"encoding/base64"
	"fmt"
	"html"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/trigger/esdk"
	"github.com/cenote-id/cenote/internal/userpool"
)

// SenderKeys has the keys that the codes in events of custom senders are
// encrypted under.
type SenderKeys interface {
	// SenderKey returns the key that stands for a KMS key of an account.
	SenderKey(account, kmsKeyARN string) esdk.Key
}

// Sending is one message that a function of the pool shall send.
type Sending struct {
	Occasion       Occasion
	Code           string // or temporary password, as it is; empty for none
	Attributes     map[string]string
	ClientMetadata map[string]string
}

// Types of requests.
const (
	typeEmail = "customEmailSenderRequestV1"
	typeSMS   = "customSMSSenderRequestV1"
)

type senderRequest struct {
	Type           string            `json:"type"`
	Code           *string           `json:"code"`
	ClientMetadata map[string]string `json:"clientMetadata"`
	Attributes     map[string]string `json:"userAttributes"`
}

// CustomEmailSender hands a message to the function of that name. The service
// does so after the operation has ended well, and no failure reaches the
// client: call it from the outbox. sent is false if the pool names no such
// function.
func (s *Service) CustomEmailSender(ctx context.Context, about About, in Sending) (sent bool, err error) {
	return s.send(ctx, userpool.CustomEmailSender, typeEmail, about, in)
}

// CustomSMSSender is CustomEmailSender for text messages.
func (s *Service) CustomSMSSender(ctx context.Context, about About, in Sending) (sent bool, err error) {
	return s.send(ctx, userpool.CustomSMSSender, typeSMS, about, in)
}

// Reachable reports why the function that the pool names for t could not be
// asked at all: nothing stands behind its ARN.
func (s *Service) Reachable(p *userpool.Pool, t userpool.Trigger) error {
	if s == nil {
		return notConfigured(t)
	}
	if _, err := s.routes.find(p.Account, p.TriggerARN(t)); err != nil {
		return notConfigured(t).WithCause(err)
	}
	return nil
}

func (s *Service) send(ctx context.Context, t userpool.Trigger, kind string, about About, in Sending) (sent bool, err error) {
	if !Names(about.Pool, t) {
		return false, nil
	}
	if s == nil {
		return false, notConfigured(t)
	}
	request := senderRequest{Type: kind, ClientMetadata: in.ClientMetadata, Attributes: all(in.Attributes)}
	if in.Code != "" {
		code, err := s.seal(about.Pool, in)
		if err != nil {
			return false, fmt.Errorf("encrypt the code for %s: %w", t, err)
		}
		request.Code = &code
	}
	// What the function returns is of no interest, but that it has returned.
	_, err = s.run(ctx, t, about, about.event(ctx, versionOne, string(t)+"_"+string(in.Occasion), request, empty{}))
	return err == nil, err
}

// seal encrypts a code for the function of a pool. Temporary passwords are
// escaped for HTML, as on the service.
func (s *Service) seal(p *userpool.Pool, in Sending) (string, error) {
	plain := in.Code
	if in.Occasion == ForAdminCreateUser {
		plain = html.EscapeString(plain)
	}
	kms := awsapi.Value(awsapi.Value(p.Description.LambdaConfig).KMSKeyID)
	sealed, err := esdk.Encrypt(s.senders.SenderKey(p.Account, kms), []byte(plain), esdk.Context{"userpool-id": p.ID})
	return base64.StdEncoding.EncodeToString(sealed), err
}
