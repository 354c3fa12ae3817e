package account

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
	"time"

	"github.com/cenote-id/cenote/internal/awsapi/iam"
)

// CredentialReport lists the users of an account and the state of their
// credentials, as comma-separated values.
type CredentialReport struct {
	Account     string
	Content     string
	GeneratedAt time.Time
}

// reportLife is for how long a report is served, and no new one made.
const reportLife = 4 * time.Hour

// credentialColumns head the report.
var credentialColumns = []string{
	"user", "arn", "user_creation_time", "password_enabled", "password_last_used", "password_last_changed", "password_next_rotation", "mfa_active",
	"access_key_1_active", "access_key_1_last_rotated", "access_key_1_last_used_date", "access_key_1_last_used_region", "access_key_1_last_used_service",
	"access_key_2_active", "access_key_2_last_rotated", "access_key_2_last_used_date", "access_key_2_last_used_region", "access_key_2_last_used_service",
	"cert_1_active", "cert_1_last_rotated", "cert_2_active", "cert_2_last_rotated",
}

// Words of the report.
const (
	reportRoot    = "<root_account>"
	notApplicable = "N/A"
	noInformation = "no_information"
	notSupported  = "not_supported"
	reportTime    = "2006-01-02T15:04:05-07:00"
)

// Sentences about reports. UNCONFIRMED.
const (
	textReportAbsent  = "No credential report is present. Use GenerateCredentialReport to generate one."
	textReportExpired = "The credential report has expired. Use GenerateCredentialReport to generate a new one."
)

// GenerateCredentialReport makes a report, unless there is one that is still
// served. fresh tells that it made one.
func (s *Service) GenerateCredentialReport(ctx context.Context, account string) (fresh bool, err error) {
	now := s.now()
	have, err := s.stores.Reports.CredentialReport(ctx, account)
	if err == nil && now.Sub(have.GeneratedAt) < reportLife {
		return false, nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return false, err
	}
	content, err := s.credentialReport(ctx, account)
	if err != nil {
		return false, err
	}
	return true, s.stores.Reports.PutCredentialReport(ctx, CredentialReport{Account: account, Content: content, GeneratedAt: now})
}

// CredentialReport returns the report that was made last.
func (s *Service) CredentialReport(ctx context.Context, account string) (CredentialReport, error) {
	r, err := s.stores.Reports.CredentialReport(ctx, account)
	switch {
	case err != nil:
		return r, absent(err, iam.CredentialReportNotPresentException(textReportAbsent))
	case s.now().Sub(r.GeneratedAt) >= reportLife:
		return r, iam.CredentialReportExpiredException(textReportExpired)
	}
	return r, nil
}

// credentialReport writes the report: the root user, then all users by name.
func (s *Service) credentialReport(ctx context.Context, account string) (string, error) {
	a, err := s.stores.Accounts.AccountByID(ctx, account)
	if err != nil {
		return "", fmt.Errorf("account: %w", err)
	}
	settings, err := s.stores.Settings.Settings(ctx, account)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	w := csv.NewWriter(&b)
	rootKeys, err := s.keyColumns(ctx, account, "")
	if err != nil {
		return "", err
	}
	rows := [][]string{credentialColumns, append([]string{
		reportRoot, RootARN(account), a.CreatedAt.UTC().Format(reportTime), notSupported, noInformation, notSupported, notSupported, "false",
	}, rootKeys...)}
	page := Page{Limit: readAtOnce}
	for {
		list, err := s.stores.Users.List(ctx, account, page)
		if err != nil {
			return "", fmt.Errorf("users: %w", err)
		}
		for _, u := range list.Items {
			row, err := s.credentialRow(ctx, u, settings.PasswordPolicy)
			if err != nil {
				return "", err
			}
			rows = append(rows, row)
		}
		if list.Next == "" {
			break
		}
		page.After = list.Next
	}
	if err := w.WriteAll(rows); err != nil {
		return "", err
	}
	return strings.TrimSuffix(b.String(), "\n"), nil
}

// credentialRow describes a user's credentials. Nobody signs in with the
// password of an IAM user, so that none has been used.
func (s *Service) credentialRow(ctx context.Context, u *User, policy *PasswordPolicy) ([]string, error) {
	row := []string{u.Name, u.ARN(), u.CreatedAt.UTC().Format(reportTime)}
	login, err := s.stores.Logins.Login(ctx, u.Account, u.ID)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		row = append(row, "false", notApplicable, notApplicable, notApplicable)
	case err != nil:
		return nil, fmt.Errorf("password of user: %w", err)
	default:
		next := notApplicable
		if policy != nil && policy.MaxAge > 0 {
			next = login.ChangedAt.Add(time.Duration(policy.MaxAge) * 24 * time.Hour).UTC().Format(reportTime)
		}
		row = append(row, "true", noInformation, login.ChangedAt.UTC().Format(reportTime), next)
	}
	devices, err := s.MFADevicesOf(ctx, u.Account, u.Name)
	if err != nil {
		return nil, err
	}
	keys, err := s.keyColumns(ctx, u.Account, u.ID)
	if err != nil {
		return nil, err
	}
	return append(append(row, strconv.FormatBool(len(devices) > 0)), keys...), nil
}

// keyColumns describes up to two access keys and two signing certificates of a
// user, the empty id being the root user's.
func (s *Service) keyColumns(ctx context.Context, account, user string) ([]string, error) {
	keys, err := s.stores.Keys.KeysOf(ctx, account, user)
	if err != nil {
		return nil, fmt.Errorf("keys of user: %w", err)
	}
	var row []string
	for i := range 2 {
		columns := []string{"false", notApplicable, notApplicable, notApplicable, notApplicable}
		if i < len(keys) {
			k := &keys[i]
			columns[0], columns[1] = strconv.FormatBool(k.Active), k.CreatedAt.UTC().Format(reportTime)
			if !k.Used.At.IsZero() {
				columns[2], columns[3], columns[4] = k.Used.At.UTC().Format(reportTime), k.Used.Region, k.Used.Service
			}
		}
		row = append(row, columns...)
	}
	certificates, err := s.stores.Credentials.CredentialsOf(ctx, account, user, SigningCertificate)
	if err != nil {
		return nil, fmt.Errorf("signing certificates of user: %w", err)
	}
	for i := range 2 {
		columns := []string{"false", notApplicable}
		if i < len(certificates) {
			c := &certificates[i]
			columns = []string{strconv.FormatBool(c.Active), c.CreatedAt.UTC().Format(reportTime)}
		}
		row = append(row, columns...)
	}
	return row, nil
}
