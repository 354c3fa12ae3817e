package account

import (
	"time"

	"github.com/cenote-id/cenote/internal/awsapi"
)

// Account is a tenant.
type Account struct {
	ID        string // 12 digits
	Name      string
	CreatedAt time.Time
}

// RootARN names the root user, and the account as a whole in trust policies.
func RootARN(account string) string { return awsapi.IAMARN(account, "root") }

// ValidID reports whether s has the form of an account id.
func ValidID(s string) bool {
	if len(s) != 12 {
		return false
	}
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}
