package trigger

import (
	"context"

	"github.com/cenote-id/cenote/internal/userpool"
)

// UserMigrationSource is why UserMigration is asked.
type UserMigrationSource string

// Sources of UserMigration.
const (
	MigrationAuthentication UserMigrationSource = "UserMigration_Authentication"
	MigrationForgotPassword UserMigrationSource = "UserMigration_ForgotPassword"
)

// UserMigration asks whether a name that means nobody is somebody's elsewhere.
type UserMigration struct {
	Source         UserMigrationSource
	Password       *string           // nil for ForgotPassword
	ValidationData map[string]string // ClientMetadata of InitiateAuth
	ClientMetadata map[string]string
}

// Migrated is a user as it was found elsewhere. Nothing in it has been checked
// against the pool's schema.
type Migrated struct {
	Attributes map[string]string
	// Confirmed: the password is good and stays. Otherwise the user has to set
	// a new one (RESET_REQUIRED).
	Confirmed  bool
	Suppress   bool     // send no message about it
	Media      []string // EMAIL, SMS
	ForceAlias bool
	SMSMFA     bool
}

type migrationRequest struct {
	Password       *string           `json:"password,omitzero"`
	ValidationData map[string]string `json:"validationData"`
	Attributes     nothing           `json:"userAttributes"`
	ClientMetadata map[string]string `json:"clientMetadata,omitzero"`
}

type migrationResponse struct {
	Attributes nothing `json:"userAttributes"`
	ForceAlias nothing `json:"forceAliasCreation"`
	SMSMFA     nothing `json:"enableSMSMFA"`
	Status     nothing `json:"finalUserStatus"`
	Action     nothing `json:"messageAction"`
	Media      nothing `json:"desiredDeliveryMediums"`
}

// statusConfirmed is the one final status that keeps the password.
const statusConfirmed = "CONFIRMED"

// UserMigration asks the function of that name. It returns nil where the
// function knows nobody, and where the pool names no function.
func (s *Service) UserMigration(ctx context.Context, about About, in UserMigration) (*Migrated, error) {
	e := about.event(ctx, versionOne, string(in.Source),
		migrationRequest{Password: in.Password, ValidationData: in.ValidationData, ClientMetadata: in.ClientMetadata}, migrationResponse{})
	f, err := s.call(ctx, userpool.UserMigration, about, e)
	if f == nil || err != nil {
		return nil, err
	}
	m := &Migrated{
		Attributes: f.textMap("userAttributes"),
		// The other statuses all end in a new password.
		Confirmed:  f.word("finalUserStatus") == statusConfirmed,
		Suppress:   f.oneOf("messageAction", "SUPPRESS", "RESEND") == "SUPPRESS",
		Media:      f.texts("desiredDeliveryMediums"),
		ForceAlias: f.flag("forceAliasCreation"),
		SMSMFA:     f.flag("enableSMSMFA"),
	}
	for _, medium := range m.Media {
		if medium != "EMAIL" && medium != "SMS" {
			f.fail("desiredDeliveryMediums", "has an entry that is not one of its values")
		}
	}
	if err := s.checked(ctx, userpool.UserMigration, about, e.Source, f); err != nil {
		return nil, err
	}
	if m.Attributes == nil {
		return nil, nil
	}
	return m, nil
}
