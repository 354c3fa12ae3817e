package account

import (
	"fmt"

	"github.com/cenote-id/cenote/internal/account/awsmanaged"
	"github.com/cenote-id/cenote/internal/iampolicy"
)

// Facts are the rows that a Principal is compiled from. One of User and Role
// is set.
type Facts struct {
	User     *User
	Role     *Role
	Inline   []InlinePolicy // of the user and the user's groups, or of the role
	Attached []Document     // the same
	Boundary *Document      // nil: none
}

// Document is the default version of a managed policy.
type Document struct{ ARN, Name, Text string }

// Source compiles a managed policy's document.
func (d *Document) Source() (iampolicy.Source, error) {
	p, err := iampolicy.Load(d.Text)
	if err != nil {
		return iampolicy.Source{}, fmt.Errorf("policy %s: %w", d.ARN, err)
	}
	return iampolicy.Source{Policy: p, Name: d.Name, ARN: d.ARN}, nil
}

// AWSDocument returns the document of one of AWS's managed policies.
func AWSDocument(arn string) (Document, bool) {
	p, ok := awsmanaged.ByARN(arn)
	if !ok {
		return Document{}, false
	}
	return Document{ARN: arn, Name: p.Name, Text: p.Document}, true
}

// NewPrincipal compiles a principal. A document that does not compile fails
// it as a whole: leaving out a policy could leave out a Deny.
func NewPrincipal(f Facts) (*Principal, error) {
	p := &Principal{}
	var boundary string
	if f.Role != nil {
		r := f.Role
		trust, err := iampolicy.Load(r.Trust)
		if err != nil {
			return nil, fmt.Errorf("trust policy of %s: %w", r.ID, err)
		}
		*p = Principal{
			Kind: RoleKind, Account: r.Account, ID: r.ID, Name: r.Name, Path: r.Path, Tags: r.Tags,
			Trust: trust.Bind(r.Trusted), MaxSession: r.MaxSession,
		}
		boundary = r.Boundary
	} else {
		u := f.User
		*p = Principal{Kind: UserKind, Account: u.Account, ID: u.ID, Name: u.Name, Path: u.Path, Tags: u.Tags}
		boundary = u.Boundary
	}
	for _, in := range f.Inline {
		policy, err := iampolicy.Load(in.Document)
		if err != nil {
			return nil, fmt.Errorf("inline policy of %s: %w", p.ID, err)
		}
		p.Policies = append(p.Policies, iampolicy.Source{Policy: policy, Name: in.Name})
	}
	for i := range f.Attached {
		source, err := f.Attached[i].Source()
		if err != nil {
			return nil, err
		}
		p.Policies = append(p.Policies, source)
	}
	if boundary == "" {
		return p, nil
	}
	if f.Boundary == nil {
		return nil, fmt.Errorf("boundary %s of %s is missing", boundary, p.ID)
	}
	source, err := f.Boundary.Source()
	p.Boundary = &source
	return p, err
}
