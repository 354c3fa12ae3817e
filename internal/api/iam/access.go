package iam

import (
	"context"
	"errors"
	"io/fs"
	"reflect"
	"strconv"
	"strings"

	"github.com/cenote-id/cenote/internal/account"
	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/iam"
)

// Access says what IAM must allow before a signed operation runs: the action
// on the user, group, role, policy or provider that the request names, with
// the tags and boundaries of both as condition keys. Lists, and operations on
// the account as a whole, ask about "*".
func (a *API) Access(ctx context.Context, op *awsapi.Operation, in any) ([]awsapi.Access, error) {
	if err := admit(&awsapi.RequestFrom(ctx).Caller); err != nil {
		return nil, err
	}
	own := awsapi.Access{Action: op.Action(), Resource: "*", Context: requestKeys(in)}
	target, err := a.target(ctx, op, in)
	if err != nil {
		return nil, err
	}
	if target.arn != "" {
		own.Resource = target.arn
	}
	own.Shown = target.shown
	target.describe(own.Context)
	accesses := []awsapi.Access{own}
	if target.moved != "" {
		// Whoever renames must be allowed to act under both names.
		accesses = append(accesses, awsapi.Access{Action: op.Action(), Resource: target.moved, Context: own.Context})
	}
	if tag := taggedAtBirth[op.Name]; tag != "" && own.Context["aws:TagKeys"] != nil {
		accesses = append(accesses, awsapi.Access{Action: tag, Resource: own.Resource, Context: own.Context})
	}
	more, err := a.besides(ctx, op, in)
	return append(accesses, more...), err
}

// admit turns away the sessions that may not call IAM, whatever their user may
// do: those of GetFederationToken, and those of GetSessionToken without a
// second factor (IAM user guide, "Compare AWS STS credentials"). Otherwise
// whoever finds credentials that end today could make some that never do. The
// sentence is the service's, for all that it speaks of the token.
func admit(c *awsapi.Caller) error {
	if c.Session == nil || c.Kind == awsapi.AssumedRole || c.Kind != awsapi.FederatedUser && c.Session.MFAAuthenticated {
		return nil
	}
	return awsapi.UnrecognizedClient.New("The security token included in the request is invalid")
}

// taggedAtBirth names the second action that a creation with tags needs.
var taggedAtBirth = map[string]string{
	"CreateRole":                  "iam:TagRole",
	"CreateUser":                  "iam:TagUser",
	"CreatePolicy":                "iam:TagPolicy",
	"CreateOpenIDConnectProvider": "iam:TagOpenIDConnectProvider",
	"CreateInstanceProfile":       "iam:TagInstanceProfile",
	"CreateVirtualMFADevice":      "iam:TagMFADevice",
	"UploadServerCertificate":     "iam:TagServerCertificate",
	"CreateSAMLProvider":          "iam:TagSAMLProvider",
}

// target is what an operation acts on.
type target struct {
	arn      string // empty: nothing in particular
	shown    string // how denials name it; empty: by ARN
	moved    string // ARN after a rename
	tags     []account.Tag
	boundary string // that it has already
}

// describe adds the condition keys that the target has. A boundary that the
// request names counts before the one that is there.
func (t *target) describe(keys map[string][]string) {
	for _, tag := range t.tags {
		keys["aws:ResourceTag/"+tag.Key] = []string{tag.Value}
		keys["iam:ResourceTag/"+tag.Key] = []string{tag.Value}
	}
	if t.boundary != "" && keys["iam:PermissionsBoundary"] == nil {
		keys["iam:PermissionsBoundary"] = []string{t.boundary}
	}
}

// listsShown is how denials name the operations that list.
var listsShown = map[string]string{
	"ListRoles": "role/", "ListUsers": "user/", "ListGroups": "group/", "ListOpenIDConnectProviders": "oidc-provider/*",
}

// target finds what a request names. Something that does not exist is named
// by the ARN that it would have; whether the caller may learn that it is
// missing is IAM's decision, before the handler's.
func (a *API) target(ctx context.Context, op *awsapi.Operation, in any) (target, error) {
	if t, ok, err := a.resourceTarget(ctx, op, in); ok || err != nil {
		return t, err
	}
	acct := owner(ctx)
	path := member(in, "Path")
	if path == "" {
		path = "/"
	}
	switch op.Name {
	case "CreateRole":
		return target{arn: account.RoleARN(acct, path, member(in, "RoleName"))}, nil
	case "CreateUser":
		return target{arn: account.UserARN(acct, path, member(in, "UserName"))}, nil
	case "CreateGroup":
		return target{arn: account.GroupARN(acct, path, member(in, "GroupName"))}, nil
	case "CreatePolicy":
		return target{arn: account.PolicyARN(acct, path, member(in, "PolicyName")), shown: "policy " + member(in, "PolicyName")}, nil
	case "CreateOpenIDConnectProvider":
		return target{arn: account.ProviderARN(acct, strings.TrimPrefix(member(in, "Url"), "https://"))}, nil
	case "ListRoles", "ListUsers", "ListGroups", "ListOpenIDConnectProviders":
		return target{shown: awsapi.IAMARN(acct, listsShown[op.Name])}, nil
	case "ListPolicies":
		prefix := member(in, "PathPrefix")
		if prefix == "" {
			prefix = "/"
		}
		return target{shown: "policy path " + prefix}, nil
	case "GetAccessKeyLastUsed":
		k, err := a.accounts.Key(ctx, acct, member(in, "AccessKeyId"))
		switch {
		case errors.Is(err, iam.NoSuchEntityException("")) || err == nil && k.UserID == "":
			return target{}, nil
		case err != nil:
			return target{}, err
		}
		return a.userTarget(ctx, k.UserName, in)
	}
	switch {
	case has(in, "RoleName"):
		return a.roleTarget(ctx, member(in, "RoleName"))
	case has(in, "GroupName"):
		return a.groupTarget(ctx, member(in, "GroupName"), in)
	case has(in, "UserName"):
		var name *string
		if n := member(in, "UserName"); n != "" {
			name = &n
		}
		user, err := a.userName(ctx, name)
		if errors.Is(err, awsapi.Validation.New("")) || errors.Is(err, fs.ErrNotExist) || err == nil && user == "" {
			return target{}, nil // the handler answers, or the caller is root
		}
		if err != nil {
			return target{}, err
		}
		return a.userTarget(ctx, user, in)
	case has(in, "PolicyArn"):
		return a.policyTarget(ctx, member(in, "PolicyArn"))
	case has(in, "OpenIDConnectProviderArn"):
		return a.providerTarget(ctx, member(in, "OpenIDConnectProviderArn"))
	}
	return target{}, nil
}

// known reports whether an entity was found; it hides that it was not.
func known(err error) (bool, error) {
	if errors.Is(err, iam.NoSuchEntityException("")) {
		return false, nil
	}
	return err == nil, err
}

func (a *API) roleTarget(ctx context.Context, name string) (target, error) {
	t := target{arn: account.RoleARN(owner(ctx), "/", name), shown: "role " + name}
	r, err := a.accounts.Role(ctx, owner(ctx), name)
	if ok, err := known(err); !ok {
		return t, err
	}
	t.arn, t.tags, t.boundary = r.ARN(), r.Tags, r.Boundary
	return t, nil
}

func (a *API) userTarget(ctx context.Context, name string, in any) (target, error) {
	t := target{arn: account.UserARN(owner(ctx), "/", name), shown: "user " + name}
	u, err := a.accounts.User(ctx, owner(ctx), name)
	if ok, err := known(err); !ok {
		return t, err
	}
	t.arn, t.tags, t.boundary = u.ARN(), u.Tags, u.Boundary
	t.moved = movedARN(in, "NewUserName", &u.Entity, account.UserARN)
	return t, nil
}

func (a *API) groupTarget(ctx context.Context, name string, in any) (target, error) {
	t := target{arn: account.GroupARN(owner(ctx), "/", name), shown: "group " + name}
	g, err := a.accounts.Group(ctx, owner(ctx), name)
	if ok, err := known(err); !ok {
		return t, err
	}
	t.arn = g.ARN()
	t.moved = movedARN(in, "NewGroupName", &g.Entity, account.GroupARN)
	return t, nil
}

// movedARN is the ARN that a rename leads to, or "".
func movedARN(in any, newName string, e *account.Entity, arn func(account, path, name string) string) string {
	name, path := member(in, newName), member(in, "NewPath")
	if name == "" && path == "" {
		return ""
	}
	if name == "" {
		name = e.Name
	}
	if path == "" {
		path = e.Path
	}
	return arn(e.Account, path, name)
}

func (a *API) policyTarget(ctx context.Context, arn string) (target, error) {
	t := target{arn: arn, shown: "policy " + arn}
	p, err := a.accounts.Policy(ctx, owner(ctx), arn)
	if ok, err := known(err); !ok {
		return t, err
	}
	t.tags = p.Tags
	return t, nil
}

func (a *API) providerTarget(ctx context.Context, arn string) (target, error) {
	t := target{arn: arn}
	p, err := a.accounts.Provider(ctx, owner(ctx), arn)
	if ok, err := known(err); !ok {
		return t, err
	}
	t.tags = p.Tags
	return t, nil
}

// requestKeys are the condition keys that the request itself has. The map is
// never nil.
func requestKeys(in any) map[string][]string {
	keys := map[string][]string{}
	v := reflect.Indirect(reflect.ValueOf(in))
	var names []string
	if f := v.FieldByName("Tags"); f.IsValid() {
		tags, _ := f.Interface().([]iam.Tag)
		for _, t := range tags {
			keys["aws:RequestTag/"+awsapi.Value(t.Key)] = []string{awsapi.Value(t.Value)}
			names = append(names, awsapi.Value(t.Key))
		}
	}
	if f := v.FieldByName("TagKeys"); f.IsValid() {
		removed, _ := f.Interface().([]string)
		names = append(names, removed...)
	}
	if names != nil {
		keys["aws:TagKeys"] = names
	}
	if arn := member(in, "PolicyArn"); arn != "" && !has(in, "VersionId") {
		keys["iam:PolicyARN"] = []string{arn}
	}
	if c, ok := in.(*iam.CreateServiceSpecificCredentialRequest); ok {
		keys["iam:ServiceSpecificCredentialServiceName"] = []string{awsapi.Value(c.ServiceName)}
		if c.CredentialAgeDays != nil {
			keys["iam:ServiceSpecificCredentialAgeDays"] = []string{strconv.FormatInt(*c.CredentialAgeDays, 10)}
		}
	}
	if service := member(in, "AWSServiceName"); service != "" {
		keys["iam:AWSServiceName"] = []string{service}
	}
	if arn := member(in, "PermissionsBoundary"); arn != "" {
		keys["iam:PermissionsBoundary"] = []string{arn}
	}
	return keys
}

// has reports whether an input has a member of that name at all.
func has(in any, name string) bool {
	return reflect.Indirect(reflect.ValueOf(in)).FieldByName(name).IsValid()
}

// member returns a text member of an input; empty if it is absent.
func member(in any, name string) string {
	f := reflect.Indirect(reflect.ValueOf(in)).FieldByName(name)
	if !f.IsValid() {
		return ""
	}
	s, _ := f.Interface().(*string)
	return awsapi.Value(s)
}
