package account

import (
	"strings"

	"github.com/cenote-id/cenote/internal/awsapi/iam"
)

// linkedRolePath is the path below which service-linked roles live.
const linkedRolePath = "/aws-service-role/"

// linked reports whether a role of that path is linked to a service, which
// alone may change it.
func linked(path string) bool { return strings.HasPrefix(path, linkedRolePath) }

// modifiable refuses changes of service-linked roles. Their description and
// tags are the account's own.
func modifiable(role *Entity) error {
	if !linked(role.Path) {
		return nil
	}
	return iam.UnmodifiableEntityException("Cannot perform the operation on the protected role '%s' - this role is only modifiable by AWS", role.Name)
}
