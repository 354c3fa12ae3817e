package api_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	identityclient "github.com/aws/aws-sdk-go-v2/service/cognitoidentity"
	identitytypes "github.com/aws/aws-sdk-go-v2/service/cognitoidentity/types"
	idpclient "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	idptypes "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	iamclient "github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	stsclient "github.com/aws/aws-sdk-go-v2/service/sts"
	ststypes "github.com/aws/aws-sdk-go-v2/service/sts/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/google/go-cmp/cmp"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/cognitoidentity"
	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
	"github.com/cenote-id/cenote/internal/awsapi/iam"
	"github.com/cenote-id/cenote/internal/awsapi/sts"
)

func TestSDKCallsEveryService(t *testing.T) {
	created := time.Date(2026, 1, 2, 3, 4, 5, 678_000_000, time.UTC)
	var seen []awsapi.Request
	note := func(ctx context.Context) { seen = append(seen, *awsapi.RequestFrom(ctx)) }
	r := start(t, &door{handlers: []awsapi.Handler{
		cognitoidp.AdminGetUser.Bind(func(ctx context.Context, in *cognitoidp.AdminGetUserRequest) (*cognitoidp.AdminGetUserResponse, error) {
			note(ctx)
			return &cognitoidp.AdminGetUserResponse{Username: in.Username, UserCreateDate: &created, Enabled: new(false)}, nil
		}),
		cognitoidp.AdminDeleteUser.Bind(func(ctx context.Context, _ *cognitoidp.AdminDeleteUserRequest) (*awsapi.None, error) {
			note(ctx)
			return nil, nil
		}),
		cognitoidentity.GetId.Bind(func(ctx context.Context, _ *cognitoidentity.GetIdInput) (*cognitoidentity.GetIdResponse, error) {
			note(ctx)
			return &cognitoidentity.GetIdResponse{IdentityId: new("ap-northeast-1:0f3a")}, nil
		}),
		sts.GetCallerIdentity.Bind(func(ctx context.Context, _ *sts.GetCallerIdentityRequest) (*sts.GetCallerIdentityResponse, error) {
			note(ctx)
			c := awsapi.RequestFrom(ctx).Caller
			return &sts.GetCallerIdentityResponse{Account: &c.Account, Arn: &c.ARN}, nil
		}),
		iam.DeleteRole.Bind(func(ctx context.Context, _ *iam.DeleteRoleRequest) (*awsapi.None, error) {
			note(ctx)
			return nil, nil
		}),
	}})
	ctx := context.Background()

	user, err := idpclient.NewFromConfig(r.aws(accessKey)).AdminGetUser(ctx, &idpclient.AdminGetUserInput{UserPoolId: aws.String("eu-central-1_a"), Username: aws.String("jané")})
	if err != nil {
		t.Fatal(err)
	}
	if aws.ToString(user.Username) != "jané" || !created.Equal(*user.UserCreateDate) || user.Enabled {
		t.Errorf("read as %+v", user)
	}
	if id, _ := awsmiddleware.GetRequestIDMetadata(user.ResultMetadata); id != "req-1" {
		t.Errorf("request id %q", id)
	}
	if _, err := idpclient.NewFromConfig(r.aws(accessKey)).AdminDeleteUser(ctx, &idpclient.AdminDeleteUserInput{UserPoolId: aws.String("eu-central-1_a"), Username: aws.String("jane")}); err != nil {
		t.Error(err)
	}
	id, err := identityclient.NewFromConfig(r.aws(accessKey)).GetId(ctx, &identityclient.GetIdInput{IdentityPoolId: aws.String("ap-northeast-1:0a")})
	if err != nil || aws.ToString(id.IdentityId) != "ap-northeast-1:0f3a" {
		t.Errorf("%+v, %v", id, err)
	}
	me, err := stsclient.NewFromConfig(r.aws(rootKey)).GetCallerIdentity(ctx, nil)
	if err != nil || aws.ToString(me.Arn) != "arn:aws:iam::123456789012:root" {
		t.Errorf("%+v, %v", me, err)
	}
	if id, _ := awsmiddleware.GetRequestIDMetadata(me.ResultMetadata); id != "req-4" {
		t.Errorf("request id %q", id)
	}
	if _, err := iamclient.NewFromConfig(r.aws(accessKey)).DeleteRole(ctx, &iamclient.DeleteRoleInput{RoleName: aws.String("app")}); err != nil {
		t.Error(err)
	}

	type facts struct {
		op, region string
		kind       awsapi.PrincipalKind
	}
	var got []facts
	for _, s := range seen {
		got = append(got, facts{s.Operation.Name, s.Region, s.Caller.Kind})
		if !s.SourceIP.IsLoopback() || s.Secure || s.Time.Location() != time.UTC || s.UserAgent == "" {
			t.Errorf("%s: %+v", s.Operation.Name, s)
		}
	}
	want := []facts{
		{"AdminGetUser", "eu-central-1", awsapi.User},
		{"AdminDeleteUser", "eu-central-1", awsapi.User},
		{"GetId", "ap-northeast-1", awsapi.Anonymous}, // from the identity pool's id
		{"GetCallerIdentity", "eu-central-1", awsapi.Root},
		{"DeleteRole", "eu-central-1", awsapi.User},
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(facts{})); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestPresignedGET(t *testing.T) {
	r := start(t, &door{handlers: []awsapi.Handler{
		sts.GetCallerIdentity.Bind(func(context.Context, *sts.GetCallerIdentityRequest) (*sts.GetCallerIdentityResponse, error) {
			return &sts.GetCallerIdentityResponse{Account: new(account)}, nil
		}),
	}})
	signed, err := stsclient.NewPresignClient(stsclient.NewFromConfig(r.aws(accessKey))).PresignGetCallerIdentity(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequest(signed.Method, signed.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header = signed.SignedHeader
	req.Header.Set("Accept", "application/json")
	a := r.do(req)
	want := `{"GetCallerIdentityResponse":{"GetCallerIdentityResult":{"Account":"123456789012"},"ResponseMetadata":{"RequestId":"req-1"}}}`
	if a.status != http.StatusOK || a.body != want || a.header.Get("Content-Type") != "application/json" {
		t.Errorf("answered %d %s\nwant %s", a.status, a.body, want)
	}
}

func TestSDKSeesTypedErrors(t *testing.T) {
	var fail *awsapi.Error
	r := start(t, &door{handlers: []awsapi.Handler{
		cognitoidp.AdminGetUser.Bind(func(context.Context, *cognitoidp.AdminGetUserRequest) (*cognitoidp.AdminGetUserResponse, error) {
			return nil, fail
		}),
		cognitoidentity.GetId.Bind(func(context.Context, *cognitoidentity.GetIdInput) (*cognitoidentity.GetIdResponse, error) {
			return nil, fail
		}),
		sts.AssumeRole.Bind(func(context.Context, *sts.AssumeRoleRequest) (*sts.AssumeRoleResponse, error) {
			return nil, fail
		}),
		iam.GetRole.Bind(func(context.Context, *iam.GetRoleRequest) (*iam.GetRoleResponse, error) {
			return nil, fail
		}),
	}})
	ctx := context.Background()
	adminGetUser := func() error {
		_, err := idpclient.NewFromConfig(r.aws(accessKey)).AdminGetUser(ctx, &idpclient.AdminGetUserInput{UserPoolId: aws.String("eu-central-1_a"), Username: aws.String("jane")})
		return err
	}
	getID := func() error {
		_, err := identityclient.NewFromConfig(r.aws(accessKey)).GetId(ctx, &identityclient.GetIdInput{IdentityPoolId: aws.String("us-east-1:0a")})
		return err
	}
	assumeRole := func() error {
		_, err := stsclient.NewFromConfig(r.aws(accessKey)).AssumeRole(ctx, &stsclient.AssumeRoleInput{RoleArn: aws.String("arn:aws:iam::123456789012:role/app"), RoleSessionName: aws.String("ab")})
		return err
	}
	getRole := func() error {
		_, err := iamclient.NewFromConfig(r.aws(accessKey)).GetRole(ctx, &iamclient.GetRoleInput{RoleName: aws.String("app")})
		return err
	}
	for _, tc := range []struct {
		name   string
		fail   *awsapi.Error
		call   func() error
		typed  func(error) bool
		code   string
		status int
	}{
		{"user pools", cognitoidp.UserNotFoundException("User does not exist."), adminGetUser, is[*idptypes.UserNotFoundException], "UserNotFoundException", 400},
		{"resource", cognitoidp.ResourceNotFoundException("gone"), adminGetUser, is[*idptypes.ResourceNotFoundException], "ResourceNotFoundException", 400},
		{"internal", cognitoidp.InternalErrorException("x"), adminGetUser, is[*idptypes.InternalErrorException], "InternalErrorException", 500},
		{"identity pools", cognitoidentity.NotAuthorizedException("no"), getID, is[*identitytypes.NotAuthorizedException], "NotAuthorizedException", 400},
		{"STS", sts.ExpiredTokenException("old"), assumeRole, is[*ststypes.ExpiredTokenException], "ExpiredTokenException", 400},
		{"STS, other code than name", sts.MalformedPolicyDocumentException("bad"), assumeRole, is[*ststypes.MalformedPolicyDocumentException], "MalformedPolicyDocument", 400},
		{"IAM", iam.NoSuchEntityException("none"), getRole, is[*iamtypes.NoSuchEntityException], "NoSuchEntity", 404},
		{"IAM, service failure", iam.ServiceFailureException("x"), getRole, is[*iamtypes.ServiceFailureException], "ServiceFailure", 500},
		{"front door, JSON", awsapi.AccessDenied.New("no"), adminGetUser, is[*idptypes.AccessDeniedException], "AccessDeniedException", 400},
		{"front door, Query", awsapi.AccessDenied.New("no"), getRole, is[*smithy.GenericAPIError], "AccessDenied", 403},
	} {
		t.Run(tc.name, func(t *testing.T) {
			fail = tc.fail
			err := tc.call()
			if err == nil || !tc.typed(err) {
				t.Fatalf("arrived as %#v", err)
			}
			apiErr, _ := errors.AsType[smithy.APIError](err)
			reply, _ := errors.AsType[*smithyhttp.ResponseError](err)
			if apiErr.ErrorCode() != tc.code || apiErr.ErrorMessage() != tc.fail.Message || reply.HTTPStatusCode() != tc.status {
				t.Errorf("code %s, message %q, status %d", apiErr.ErrorCode(), apiErr.ErrorMessage(), reply.HTTPStatusCode())
			}
		})
	}
}

func is[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

func TestSDKSeesConstraintViolations(t *testing.T) {
	r := start(t, &door{handlers: []awsapi.Handler{
		cognitoidp.AdminGetUser.Bind(func(context.Context, *cognitoidp.AdminGetUserRequest) (*cognitoidp.AdminGetUserResponse, error) {
			t.Error("the handler was called")
			return nil, errors.New("never")
		}),
		cognitoidentity.GetId.Bind(func(context.Context, *cognitoidentity.GetIdInput) (*cognitoidentity.GetIdResponse, error) {
			t.Error("the handler was called")
			return nil, errors.New("never")
		}),
		iam.GetRole.Bind(func(context.Context, *iam.GetRoleRequest) (*iam.GetRoleResponse, error) {
			t.Error("the handler was called")
			return nil, errors.New("never")
		}),
	}})
	ctx := context.Background()
	_, err := idpclient.NewFromConfig(r.aws(accessKey)).AdminGetUser(ctx, &idpclient.AdminGetUserInput{UserPoolId: aws.String("pool"), Username: aws.String("jane")})
	if invalid, ok := errors.AsType[*idptypes.InvalidParameterException](err); !ok || invalid.ErrorMessage() !=
		`1 validation error detected: Value 'pool' at 'userPoolId' failed to satisfy constraint: Member must satisfy regular expression pattern: [\w-]+_[0-9a-zA-Z]+` {
		t.Errorf("arrived as %v", err)
	}
	_, err = identityclient.NewFromConfig(r.aws(accessKey)).GetId(ctx, &identityclient.GetIdInput{IdentityPoolId: aws.String("pool")})
	if e, ok := errors.AsType[smithy.APIError](err); !ok || e.ErrorCode() != "ValidationException" {
		t.Errorf("arrived as %v", err)
	}
	_, err = iamclient.NewFromConfig(r.aws(accessKey)).GetRole(ctx, &iamclient.GetRoleInput{RoleName: aws.String("a b")})
	if e, ok := errors.AsType[smithy.APIError](err); !ok || e.ErrorCode() != "ValidationError" || e.ErrorMessage() !=
		`1 validation error detected: Value at 'roleName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\w+=,.@-]+` {
		t.Errorf("arrived as %v", err)
	}
}
