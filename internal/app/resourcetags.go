package app

import (
	"context"
	"errors"
	"io/fs"
	"maps"
	"strings"

	"github.com/cenote-id/cenote/internal/account"
	"github.com/cenote-id/cenote/internal/awsapi"
)

// resourceTags returns the tags of a resource of the deployment, none for one
// that there is not.
func (i inspector) resourceTags(ctx context.Context, name string) (map[string]string, error) {
	arn, ok := awsapi.ParseARN(name)
	if !ok {
		return nil, nil
	}
	kind, path, _ := strings.Cut(arn.Resource, "/")
	last := path[strings.LastIndexByte(path, '/')+1:]
	var tags map[string]string
	var owner string
	var err error
	switch arn.Service + ":" + kind {
	case "cognito-idp:userpool":
		p, e := i.db.UserPools().Pool(ctx, path)
		if err = e; err == nil {
			tags, owner = p.Tags(), p.ARN()
		}
	case "cognito-identity:identitypool":
		p, e := i.db.IdentityPools().Get(ctx, path)
		if err = e; err == nil {
			tags, owner = p.Tags, p.ARN()
		}
	case "iam:role":
		r, e := i.accounts.Role(ctx, arn.Account, last)
		if err = e; err == nil {
			tags, owner = tagMap(r.Tags), r.ARN()
		}
	case "iam:user":
		u, e := i.accounts.User(ctx, arn.Account, last)
		if err = e; err == nil {
			tags, owner = tagMap(u.Tags), u.ARN()
		}
	case "iam:policy":
		p, e := i.accounts.Policy(ctx, arn.Account, name)
		if err = e; err == nil {
			tags, owner = tagMap(p.Tags), name
		}
	case "iam:oidc-provider":
		p, e := i.accounts.Provider(ctx, arn.Account, name)
		if err = e; err == nil {
			tags, owner = tagMap(p.Tags), name
		}
	}
	if _, refused := awsapi.AsError(err); refused || errors.Is(err, fs.ErrNotExist) || owner != name {
		return nil, nil
	}
	return maps.Clone(tags), err
}

func tagMap(tags []account.Tag) map[string]string {
	m := make(map[string]string, len(tags))
	for _, t := range tags {
		m[t.Key] = t.Value
	}
	return m
}
