package awsquery_test

import (
	"encoding/xml"
	"io"
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/awsquery"
	"github.com/cenote-id/cenote/internal/awsapi/iam"
	"github.com/cenote-id/cenote/internal/awsapi/sts"
)

func typeOf[T any]() reflect.Type { return reflect.TypeFor[T]() }

func TestOutputs(t *testing.T) {
	for _, tc := range []struct {
		op        *awsapi.Operation
		out       any
		xml, json string
	}{
		{
			sts.GetCallerIdentity.Operation,
			&sts.GetCallerIdentityResponse{Account: new("123456789012"), Arn: new("arn:aws:iam::123456789012:root")},
			`<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>` +
				`<Account>123456789012</Account><Arn>arn:aws:iam::123456789012:root</Arn></GetCallerIdentityResult>` +
				`<ResponseMetadata><RequestId>r-1</RequestId></ResponseMetadata></GetCallerIdentityResponse>`,
			`{"GetCallerIdentityResponse":{"GetCallerIdentityResult":{"Account":"123456789012","Arn":"arn:aws:iam::123456789012:root"},` +
				`"ResponseMetadata":{"RequestId":"r-1"}}}`,
		},
		{
			iam.DeleteRole.Operation, &awsapi.None{},
			`<DeleteRoleResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">` +
				`<ResponseMetadata><RequestId>r-1</RequestId></ResponseMetadata></DeleteRoleResponse>`,
			`{"DeleteRoleResponse":{"ResponseMetadata":{"RequestId":"r-1"}}}`,
		},
		{
			iam.ListUserTags.Operation,
			&iam.ListUserTagsResponse{IsTruncated: new(false), Tags: []iam.Tag{{Key: new("<a>"), Value: new(`"&'`)}, {Key: new("b\r"), Value: new("")}}},
			`<ListUserTagsResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><ListUserTagsResult>` +
				`<Tags><member><Key>&lt;a&gt;</Key><Value>&quot;&amp;&#39;</Value></member><member><Key>b&#xD;</Key><Value></Value></member></Tags>` +
				`<IsTruncated>false</IsTruncated></ListUserTagsResult>` +
				`<ResponseMetadata><RequestId>r-1</RequestId></ResponseMetadata></ListUserTagsResponse>`,
			`{"ListUserTagsResponse":{"ListUserTagsResult":{"Tags":[{"Key":"<a>","Value":"\"&'"},{"Key":"b\r","Value":""}],"IsTruncated":false},` +
				`"ResponseMetadata":{"RequestId":"r-1"}}}`,
		},
		{
			iam.GetAccountSummary.Operation,
			&iam.GetAccountSummaryResponse{SummaryMap: map[string]int64{"Users": 3, "Groups": 0}},
			`<GetAccountSummaryResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><GetAccountSummaryResult><SummaryMap>` +
				`<entry><key>Groups</key><value>0</value></entry><entry><key>Users</key><value>3</value></entry></SummaryMap></GetAccountSummaryResult>` +
				`<ResponseMetadata><RequestId>r-1</RequestId></ResponseMetadata></GetAccountSummaryResponse>`,
			`{"GetAccountSummaryResponse":{"GetAccountSummaryResult":{"SummaryMap":{"Groups":0,"Users":3}},"ResponseMetadata":{"RequestId":"r-1"}}}`,
		},
		{
			sts.GetSessionToken.Operation,
			&sts.GetSessionTokenResponse{Credentials: &sts.Credentials{Expiration: new(time.Date(2026, 1, 2, 3, 4, 5, 999_000_000, time.FixedZone("", 3600)))}},
			`<GetSessionTokenResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetSessionTokenResult><Credentials>` +
				`<Expiration>2026-01-02T02:04:05Z</Expiration></Credentials></GetSessionTokenResult>` +
				`<ResponseMetadata><RequestId>r-1</RequestId></ResponseMetadata></GetSessionTokenResponse>`,
			`{"GetSessionTokenResponse":{"GetSessionTokenResult":{"Credentials":{"Expiration":1767319445.999}},"ResponseMetadata":{"RequestId":"r-1"}}}`,
		},
	} {
		if got := string(awsquery.AppendOutput(nil, tc.op, tc.out, "r-1")); got != tc.xml {
			t.Errorf("%s\n got %s\nwant %s", tc.op.Name, got, tc.xml)
		}
		if got := string(awsquery.AppendOutputJSON(nil, tc.op, tc.out, "r-1")); got != tc.json {
			t.Errorf("%s as JSON\n got %s\nwant %s", tc.op.Name, got, tc.json)
		}
	}
}

func TestErrors(t *testing.T) {
	for _, tc := range []struct {
		service   *awsapi.Service
		err       *awsapi.Error
		xml, json string
	}{
		{
			iam.Service, iam.NoSuchEntityException("The user with name %s cannot be found.", "a&b"),
			`<ErrorResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><Error><Type>Sender</Type><Code>NoSuchEntity</Code>` +
				`<Message>The user with name a&amp;b cannot be found.</Message></Error><RequestId>r-1</RequestId></ErrorResponse>`,
			`{"Error":{"Code":"NoSuchEntity","Message":"The user with name a&b cannot be found.","Type":"Sender"},"RequestId":"r-1"}`,
		},
		{
			sts.Service, awsapi.InvalidAction.New("Could not find operation X for version Y"),
			`<ErrorResponse xmlns="http://webservices.amazon.com/AWSFault/2005-15-09"><Error><Type>Sender</Type><Code>InvalidAction</Code>` +
				`<Message>Could not find operation X for version Y</Message></Error><RequestId>r-1</RequestId></ErrorResponse>`,
			`{"Error":{"Code":"InvalidAction","Message":"Could not find operation X for version Y","Type":"Sender"},"RequestId":"r-1"}`,
		},
		{
			sts.Service, awsapi.InternalFailure.New("x"),
			`<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Receiver</Type><Code>InternalFailure</Code>` +
				`<Message>x</Message></Error><RequestId>r-1</RequestId></ErrorResponse>`,
			`{"Error":{"Code":"InternalFailure","Message":"x","Type":"Receiver"},"RequestId":"r-1"}`,
		},
	} {
		if got := string(awsquery.AppendError(nil, tc.service, tc.err, "r-1")); got != tc.xml {
			t.Errorf("\n got %s\nwant %s", got, tc.xml)
		}
		if got := string(awsquery.AppendErrorJSON(nil, tc.err, "r-1")); got != tc.json {
			t.Errorf("\n got %s\nwant %s", got, tc.json)
		}
	}
}

// Whatever the text, the reply is well-formed XML and holds it, but for what
// XML cannot hold.
func TestTextReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.OneOf(rapid.String(), rapid.StringMatching("[a&<>\"'\t\r\n\x00-\x1f\ufffe]*"),
			rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) })).Draw(t, "s")
		text := awsquery.AppendOutput(nil, sts.GetCallerIdentity.Operation, &sts.GetCallerIdentityResponse{Arn: &s}, "r")
		var got struct {
			Arn string `xml:"GetCallerIdentityResult>Arn"`
		}
		dec := xml.NewDecoder(strings.NewReader(string(text)))
		if err := dec.Decode(&got); err != nil {
			t.Fatalf("%q written as %s: %v", s, text, err)
		}
		if _, err := dec.Token(); err != io.EOF {
			t.Fatalf("something follows the reply: %v", err)
		}
		want := strings.Map(func(r rune) rune {
			if r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == '\ufffe' || r == '\uffff' {
				return '\ufffd'
			}
			return r
		}, string([]rune(s)))
		if got.Arn != want {
			t.Fatalf("%q read back as %q", s, got.Arn)
		}
	})
}
