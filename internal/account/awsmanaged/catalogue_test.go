package awsmanaged_test

import (
	"testing"

	"github.com/cenote-id/cenote/internal/account/awsmanaged"
	"github.com/cenote-id/cenote/internal/iampolicy"
)

func TestCatalogue(t *testing.T) {
	ids := map[string]string{}
	for _, p := range awsmanaged.All() {
		if _, err := iampolicy.Parse(p.Document, iampolicy.Managed); err != nil {
			t.Errorf("%s: %v", p.Name, err)
		}
		if len(p.ID()) != 21 || ids[p.ID()] != "" {
			t.Errorf("%s: id %q, also of %q", p.Name, p.ID(), ids[p.ID()])
		}
		ids[p.ID()] = p.Name
		if got, ok := awsmanaged.ByARN(p.ARN()); !ok || got != p {
			t.Errorf("ByARN(%s) = %v", p.ARN(), got)
		}
		if p.Version < 1 || p.Description == "" || p.Created.IsZero() || p.Updated.Before(p.Created) {
			t.Errorf("%s: incomplete", p.Name)
		}
	}
	for _, arn := range []string{
		"arn:aws:iam::aws:policy/AmazonCognitoPowerUser",
		"arn:aws:iam::aws:policy/AmazonCognitoReadOnly",
		"arn:aws:iam::aws:policy/AmazonCognitoDeveloperAuthenticatedIdentities",
		"arn:aws:iam::aws:policy/AmazonCognitoUnAuthedIdentitiesSessionPolicy",
		"arn:aws:iam::aws:policy/AmazonCognitoUnauthenticatedIdentities",
		"arn:aws:iam::aws:policy/aws-service-role/AmazonCognitoIdpEmailServiceRolePolicy",
		"arn:aws:iam::aws:policy/AdministratorAccess",
		"arn:aws:iam::aws:policy/PowerUserAccess",
		"arn:aws:iam::aws:policy/ReadOnlyAccess",
		"arn:aws:iam::aws:policy/IAMFullAccess",
		"arn:aws:iam::aws:policy/IAMReadOnlyAccess",
		"arn:aws:iam::aws:policy/AmazonS3FullAccess",
		"arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess",
		"arn:aws:iam::aws:policy/AmazonDynamoDBFullAccess",
		"arn:aws:iam::aws:policy/AmazonDynamoDBReadOnlyAccess",
		"arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole",
	} {
		if _, ok := awsmanaged.ByARN(arn); !ok {
			t.Errorf("%s is missing", arn)
		}
	}
}

// TestWhatPoliciesAllow asks each policy for something it must and must not
// allow.
func TestWhatPoliciesAllow(t *testing.T) {
	for _, tt := range []struct {
		policy, action string
		want           bool
	}{
		{"AdministratorAccess", "anything:AtAll", true},
		{"PowerUserAccess", "cognito-idp:CreateUserPool", true},
		{"PowerUserAccess", "iam:CreateUser", false},
		{"ReadOnlyAccess", "cognito-idp:DescribeUserPool", true},
		{"ReadOnlyAccess", "cognito-idp:AdminGetUser", true},
		{"ReadOnlyAccess", "cognito-idp:AdminCreateUser", false},
		{"ReadOnlyAccess", "iam:GetRole", true},
		{"IAMFullAccess", "iam:CreateUser", true},
		{"IAMReadOnlyAccess", "iam:CreateUser", false},
		{"AmazonCognitoPowerUser", "cognito-identity:CreateIdentityPool", true},
		{"AmazonCognitoPowerUser", "iam:CreateRole", false},
		{"AmazonCognitoReadOnly", "cognito-idp:ListUsers", true},
		{"AmazonCognitoReadOnly", "cognito-idp:DeleteUserPool", false},
		{"AmazonCognitoDeveloperAuthenticatedIdentities", "cognito-identity:GetOpenIdTokenForDeveloperIdentity", true},
		{"AmazonCognitoDeveloperAuthenticatedIdentities", "cognito-identity:DeleteIdentityPool", false},
		{"AmazonCognitoUnAuthedIdentitiesSessionPolicy", "rum:PutRumEvents", true},
		{"AmazonCognitoUnAuthedIdentitiesSessionPolicy", "ssm:GetParameter", false},
		{"AmazonS3ReadOnlyAccess", "s3:GetObject", true},
		{"AmazonS3ReadOnlyAccess", "s3:PutObject", false},
	} {
		doc, _ := awsmanaged.ByARN("arn:aws:iam::aws:policy/" + tt.policy)
		policy, err := iampolicy.Load(doc.Document)
		if err != nil {
			t.Fatal(err)
		}
		q := iampolicy.Question{
			Principal: &iampolicy.Principal{Account: "111122223333"}, Action: tt.action, Resource: "*", Keys: iampolicy.Values{},
		}
		set := iampolicy.Set{Identity: []iampolicy.Source{{Policy: policy}}}
		if got := iampolicy.Evaluate(&q, &set).Outcome == iampolicy.Allowed; got != tt.want {
			t.Errorf("%s allows %s: %v, want %v", tt.policy, tt.action, got, tt.want)
		}
	}
}
