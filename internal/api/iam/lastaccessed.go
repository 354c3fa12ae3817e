package iam

import (
	"context"
	"slices"
	"strings"

	"github.com/cenote-id/cenote/internal/account"
	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/iam"
)

func (a *API) lastAccessedHandlers() []awsapi.Handler {
	return []awsapi.Handler{
		iam.GenerateServiceLastAccessedDetails.Bind(a.GenerateServiceLastAccessedDetails),
		iam.GetServiceLastAccessedDetails.Bind(a.GetServiceLastAccessedDetails),
		iam.GetServiceLastAccessedDetailsWithEntities.Bind(a.GetServiceLastAccessedDetailsWithEntities),
		iam.ListPoliciesGrantingServiceAccess.Bind(a.ListPoliciesGrantingServiceAccess),
	}
}

// serviceNames are what AWS calls its services. Others go by their namespace.
var serviceNames = map[string]string{
	"cognito-idp": "Amazon Cognito User Pools", "cognito-identity": "Amazon Cognito Identity",
	"iam": "AWS Identity and Access Management", "sts": "AWS Security Token Service",
	"s3": "Amazon S3", "dynamodb": "Amazon DynamoDB", "lambda": "AWS Lambda", "sqs": "Amazon SQS", "sns": "Amazon SNS",
}

func serviceName(namespace string) *string {
	if name, ok := serviceNames[namespace]; ok {
		return &name
	}
	return &namespace
}

// GenerateServiceLastAccessedDetails asks for a report on the use of services.
func (a *API) GenerateServiceLastAccessedDetails(ctx context.Context, in *iam.GenerateServiceLastAccessedDetailsRequest) (*iam.GenerateServiceLastAccessedDetailsResponse, error) {
	granularity := iam.AccessAdvisorUsageGranularityTypeServiceLevel
	if in.Granularity != nil {
		granularity = *in.Granularity
	}
	id, err := a.accounts.AskLastAccessed(ctx, owner(ctx), awsapi.Value(in.Arn), string(granularity))
	if err != nil {
		return nil, err
	}
	return &iam.GenerateServiceLastAccessedDetailsResponse{JobId: &id}, nil
}

// GetServiceLastAccessedDetails returns a report. It is complete at once.
func (a *API) GetServiceLastAccessedDetails(ctx context.Context, in *iam.GetServiceLastAccessedDetailsRequest) (*iam.GetServiceLastAccessedDetailsResponse, error) {
	l, err := a.list(ctx, in.Marker, in.MaxItems, awsapi.Value(in.JobId))
	if err != nil {
		return nil, err
	}
	job, all, err := a.accounts.LastAccessed(ctx, owner(ctx), awsapi.Value(in.JobId))
	if err != nil {
		return nil, err
	}
	page := cut(l, all, func(s account.ServiceAccess) string { return s.Service })
	granularity := iam.AccessAdvisorUsageGranularityType(job.Granularity)
	out := &iam.GetServiceLastAccessedDetailsResponse{
		JobStatus: new(iam.JobStatusTypeCompleted), JobType: &granularity, JobCreationDate: &job.CreatedAt, JobCompletionDate: &job.CreatedAt,
		ServicesLastAccessed: []iam.ServiceLastAccessed{},
	}
	for _, s := range page.Items {
		w := iam.ServiceLastAccessed{
			ServiceName: serviceName(s.Service), ServiceNamespace: &s.Service, TotalAuthenticatedEntities: new(int64(len(s.Entities))),
		}
		if s.Last != nil {
			w.LastAuthenticated, w.LastAuthenticatedEntity = &s.Last.At, new(s.Last.ARN(job.Account))
			w.LastAuthenticatedRegion = optional(s.Last.Region)
		}
		if granularity == iam.AccessAdvisorUsageGranularityTypeActionLevel {
			w.TrackedActionsLastAccessed = trackedActions(job.Account, s.Actions)
		}
		out.ServicesLastAccessed = append(out.ServicesLastAccessed, w)
	}
	out.IsTruncated, out.Marker, err = l.end(page.Next)
	return out, err
}

func trackedActions(acct string, uses []account.ActionUse) []iam.TrackedActionLastAccessed {
	out := []iam.TrackedActionLastAccessed{}
	for _, u := range uses {
		out = append(out, iam.TrackedActionLastAccessed{
			ActionName: &u.Action, LastAccessedEntity: new(u.By.ARN(acct)), LastAccessedTime: &u.By.At, LastAccessedRegion: optional(u.By.Region),
		})
	}
	return out
}

// ownerTypes are kinds of entity as reports spell them.
var ownerTypes = map[account.Kind]iam.PolicyOwnerEntityType{
	account.UserKind: iam.PolicyOwnerEntityTypeUser, account.RoleKind: iam.PolicyOwnerEntityTypeRole, account.GroupKind: iam.PolicyOwnerEntityTypeGroup,
}

// GetServiceLastAccessedDetailsWithEntities tells who used one service of a
// report.
func (a *API) GetServiceLastAccessedDetailsWithEntities(ctx context.Context, in *iam.GetServiceLastAccessedDetailsWithEntitiesRequest) (*iam.GetServiceLastAccessedDetailsWithEntitiesResponse, error) {
	namespace := awsapi.Value(in.ServiceNamespace)
	l, err := a.list(ctx, in.Marker, in.MaxItems, awsapi.Value(in.JobId), namespace)
	if err != nil {
		return nil, err
	}
	job, all, err := a.accounts.LastAccessed(ctx, owner(ctx), awsapi.Value(in.JobId))
	if err != nil {
		return nil, err
	}
	var entities []account.EntityUse
	if i := slices.IndexFunc(all, func(s account.ServiceAccess) bool { return strings.EqualFold(s.Service, namespace) }); i >= 0 {
		entities = all[i].Entities
	}
	page := cut(l, entities, func(e account.EntityUse) string { return e.ID })
	out := &iam.GetServiceLastAccessedDetailsWithEntitiesResponse{
		JobStatus: new(iam.JobStatusTypeCompleted), JobCreationDate: &job.CreatedAt, JobCompletionDate: &job.CreatedAt,
		EntityDetailsList: []iam.EntityDetails{},
	}
	for _, e := range page.Items {
		out.EntityDetailsList = append(out.EntityDetailsList, iam.EntityDetails{
			EntityInfo:        &iam.EntityInfo{Arn: new(e.ARN(job.Account)), Name: &e.Name, Type: new(ownerTypes[e.Kind]), Id: &e.ID, Path: &e.Path},
			LastAuthenticated: &e.At,
		})
	}
	out.IsTruncated, out.Marker, err = l.end(page.Next)
	return out, err
}

// ListPoliciesGrantingServiceAccess tells which policies of an entity open
// services. All namespaces that a request may name fit on a page.
func (a *API) ListPoliciesGrantingServiceAccess(ctx context.Context, in *iam.ListPoliciesGrantingServiceAccessRequest) (*iam.ListPoliciesGrantingServiceAccessResponse, error) {
	if _, err := a.list(ctx, in.Marker, nil, awsapi.Value(in.Arn)); err != nil {
		return nil, err
	}
	grants, err := a.accounts.ServiceGrants(ctx, owner(ctx), awsapi.Value(in.Arn), in.ServiceNamespaces)
	if err != nil {
		return nil, err
	}
	out := &iam.ListPoliciesGrantingServiceAccessResponse{PoliciesGrantingServiceAccess: []iam.ListPoliciesGrantingServiceAccessEntry{}, IsTruncated: new(false)}
	for _, g := range grants {
		entry := iam.ListPoliciesGrantingServiceAccessEntry{ServiceNamespace: &g.Service, Policies: []iam.PolicyGrantingServiceAccess{}}
		for _, p := range g.Policies {
			w := iam.PolicyGrantingServiceAccess{PolicyName: &p.Name, PolicyType: new(iam.PolicyTypeManaged), PolicyArn: optional(p.ARN)}
			if p.ARN == "" { // whose it is tells only an inline policy
				w.PolicyType, w.EntityType, w.EntityName = new(iam.PolicyTypeInline), new(ownerTypes[p.Kind]), &p.Owner
			}
			entry.Policies = append(entry.Policies, w)
		}
		out.PoliciesGrantingServiceAccess = append(out.PoliciesGrantingServiceAccess, entry)
	}
	return out, nil
}
