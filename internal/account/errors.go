package account

import (
	"errors"
	"io/fs"
	"strings"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/iam"
	"github.com/cenote-id/cenote/internal/iampolicy"
)

// Errors that AWS answers although the API model does not declare them for
// the operations concerned.
var (
	invalidParameter = &awsapi.ErrorShape{Name: "InvalidParameterValue", Code: "InvalidParameterValue", Status: 400, Front: true}
	undeclaredNoSuch = &awsapi.ErrorShape{Name: "NoSuchEntityException", Code: "NoSuchEntity", Status: 404, Front: true}
)

// unusual are the sentences of the kinds that IAM words in another way.
var unusual = map[Kind]struct{ missing, taken string }{
	InstanceProfileKind:   {"Instance Profile %s cannot be found.", "Instance Profile %s already exists."},
	ServerCertificateKind: {"The Server Certificate with name %s cannot be found.", "The Server Certificate with name %s already exists."},
}

// noSuch says that an entity does not exist.
func noSuch(kind Kind, name string) error {
	if texts, ok := unusual[kind]; ok {
		return iam.NoSuchEntityException(texts.missing, name)
	}
	return iam.NoSuchEntityException("The %s with name %s cannot be found.", string(kind), name)
}

// noSuchInline says that a user, group or role has no such inline policy.
func noSuchInline(kind Kind, policy string) error {
	return iam.NoSuchEntityException("The %s policy with name %s cannot be found.", string(kind), policy)
}

func noSuchKey(id string) error {
	return iam.NoSuchEntityException("The Access Key with id %s cannot be found.", id)
}

func noSuchPolicy(arn string) error {
	return iam.NoSuchEntityException("Policy %s was not found.", arn)
}

func notAttachable(arn string) error {
	return iam.NoSuchEntityException("Policy %s does not exist or is not attachable.", arn)
}

func noSuchVersion(arn, version string) error {
	return iam.NoSuchEntityException("Policy %s version %s does not exist or is not attachable.", arn, version)
}

func noSuchProvider(arn string) error {
	return iam.NoSuchEntityException("OpenIDConnect Provider not found for arn %s", arn)
}

// exists says that a name is taken.
func exists(kind Kind, name string) error {
	if texts, ok := unusual[kind]; ok {
		return iam.EntityAlreadyExistsException(texts.taken, name)
	}
	word := string(kind)
	return iam.EntityAlreadyExistsException("%s%s with name %s already exists.", strings.ToUpper(word[:1]), word[1:], name)
}

func conflict(what string) error {
	return iam.DeleteConflictException("Cannot delete entity, must %s first.", what)
}

func quota(name string, limit int) error {
	return iam.LimitExceededException("Cannot exceed quota for %s: %d", name, limit)
}

// malformed turns the refusal of a document into the API's error.
func malformed(err error) error {
	if m, ok := errors.AsType[*iampolicy.Malformed](err); ok {
		return iam.MalformedPolicyDocumentException("%s", m.Message)
	}
	return err
}

// absent replaces fs.ErrNotExist by what the client is told.
func absent(err, told error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return told
	}
	return err
}

// taken replaces fs.ErrExist by what the client is told.
func taken(err, told error) error {
	if errors.Is(err, fs.ErrExist) {
		return told
	}
	return err
}
