package awsquery_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	iamclient "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	stsclient "github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/google/go-cmp/cmp"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/awsquery"
	"github.com/cenote-id/cenote/internal/awsapi/iam"
	"github.com/cenote-id/cenote/internal/awsapi/sdktest"
	"github.com/cenote-id/cenote/internal/awsapi/sts"
)

// Every operation that the SDK knows is called with every member filled. What
// we read must be what the SDK was given, and what the SDK reads must be what
// we answered.
func TestTheSDKAndWeUnderstandEachOther(t *testing.T) {
	w := new(wire)
	server := httptest.NewServer(w)
	t.Cleanup(server.Close)
	cfg := aws.Config{
		Region:       "us-east-1",
		BaseEndpoint: aws.String(server.URL),
		Credentials:  credentials.NewStaticCredentialsProvider("AKIAEXAMPLE", "secret", ""),
		HTTPClient:   sdktest.Client{},
		Retryer:      func() aws.Retryer { return aws.NopRetryer{} },
	}
	for _, c := range []struct {
		service *awsapi.Service
		client  any
		atLeast int
	}{
		{sts.Service, stsclient.NewFromConfig(cfg), 8},
		{iam.Service, iamclient.NewFromConfig(cfg), 160},
	} {
		known := 0
		for _, op := range c.service.Operations {
			method := reflect.ValueOf(c.client).MethodByName(op.Name)
			if !method.IsValid() {
				continue
			}
			known++
			t.Run(c.service.Name+"/"+op.Name, func(t *testing.T) { w.roundTrip(t, op, method) })
		}
		if known < c.atLeast {
			t.Errorf("the SDK knows %d operations of %s, at least %d were expected", known, c.service.Name, c.atLeast)
		}
	}
}

func TestAUnionIsAStructureWithOneMember(t *testing.T) {
	w := &wire{op: iam.SimulatePrincipalPolicy.Operation, out: &iam.SimulatePolicyResponse{}}
	server := httptest.NewServer(w)
	t.Cleanup(server.Close)
	client := iamclient.New(iamclient.Options{
		Region: "us-east-1", BaseEndpoint: aws.String(server.URL),
		Credentials: credentials.NewStaticCredentialsProvider("AKIAEXAMPLE", "secret", ""),
	})
	_, err := client.SimulatePrincipalPolicy(context.Background(), &iamclient.SimulatePrincipalPolicyInput{
		PolicySourceArn:     aws.String("arn"),
		ActionNames:         []string{"sts:*"},
		PolicyExclusionList: []types.PolicyIdentifier{&types.PolicyIdentifierMemberPolicyArn{Value: "a"}, &types.PolicyIdentifierMemberPolicyType{Value: "scp"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []iam.PolicyIdentifier{{PolicyArn: new("a")}, {PolicyType: new(iam.PolicyIdentifierPolicyTypeScp)}}
	if diff := cmp.Diff(want, w.in.(*iam.SimulatePrincipalPolicyRequest).PolicyExclusionList); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// wire answers one operation and keeps what it was asked.
type wire struct {
	op  *awsapi.Operation
	in  any
	out any
	err error
}

func (w *wire) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err == nil {
		w.in, err = read(w.op, r.URL.RawQuery, string(body))
	}
	if w.err = err; err != nil {
		rw.WriteHeader(http.StatusInternalServerError)
		return
	}
	rw.Header().Set("Content-Type", awsquery.XMLContentType)
	_, _ = rw.Write(awsquery.AppendOutput(nil, w.op, w.out, "r-1"))
}

func (w *wire) roundTrip(t *testing.T, op *awsapi.Operation, method reflect.Value) {
	w.op = op
	w.out = &awsapi.None{}
	if op.Output != nil {
		out := reflect.New(op.Output)
		fill(out.Elem(), "", 0)
		w.out = out.Interface()
	}
	in := reflect.New(method.Type().In(1).Elem())
	fill(in.Elem(), "", 0)
	results := method.Call([]reflect.Value{reflect.ValueOf(context.Background()), in})
	if err, _ := results[1].Interface().(error); err != nil || w.err != nil {
		t.Fatalf("call: %v; decode: %v", err, w.err)
	}
	if diff := cmp.Diff(tree(in.Elem()), tree(reflect.ValueOf(w.in).Elem())); diff != "" {
		t.Errorf("request (-SDK +ours)\n%s", diff)
	}
	if op.Output == nil {
		return
	}
	if diff := cmp.Diff(tree(reflect.ValueOf(w.out).Elem()), tree(results[0].Elem())); diff != "" {
		t.Errorf("response (-ours +SDK)\n%s", diff)
	}
}

// fill gives every member a value that differs from its neighbours', two items
// to every list, one entry to every map. What nests in itself ends at a depth.
func fill(v reflect.Value, path string, depth int) {
	if depth > 8 {
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), path, depth)
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			v.Set(reflect.ValueOf(time.Date(2026, 1, 2, 3, 4, len(path)%60, 0, time.UTC)))
			return
		}
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() && f.Name != "ResultMetadata" {
				fill(v.Field(i), path+"."+f.Name, depth+1)
			}
		}
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			v.SetBytes([]byte(path + "\x00\xff"))
			return
		}
		if v.Type().Elem().Kind() == reflect.Interface {
			return // a union, which has a test of its own
		}
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range 2 {
			fill(v.Index(i), fmt.Sprintf("%s[%d]", path, i), depth+1)
		}
	case reflect.Map:
		item := reflect.New(v.Type().Elem()).Elem()
		fill(item, path+"{}", depth+1)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(reflect.ValueOf("k & k").Convert(v.Type().Key()), item)
	case reflect.String:
		v.SetString(strings.ReplaceAll(path, ".", " ") + ` é<&>"'+/=%`)
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int32, reflect.Int64:
		v.SetInt(int64(1000 + len(path)))
	}
}

// tree turns a structure of either side into maps and lists of what is present.
func tree(v reflect.Value) any {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return nil
		}
		return tree(v.Elem())
	case reflect.Struct:
		if at, ok := v.Interface().(time.Time); ok {
			return at.UTC().Format(time.RFC3339Nano)
		}
		m := make(map[string]any)
		for i := range v.NumField() {
			f := v.Type().Field(i)
			if !f.IsExported() || f.Name == "ResultMetadata" {
				continue
			}
			if member := tree(v.Field(i)); member != nil && !v.Field(i).IsZero() {
				m[f.Name] = member
			}
		}
		return m
	case reflect.Slice:
		if v.IsNil() {
			return nil
		}
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return string(v.Bytes())
		}
		list := make([]any, v.Len())
		for i := range list {
			list[i] = tree(v.Index(i))
		}
		return list
	case reflect.Map:
		if v.IsNil() {
			return nil
		}
		m := make(map[string]any)
		for it := v.MapRange(); it.Next(); {
			m[it.Key().String()] = tree(it.Value())
		}
		return m
	case reflect.String:
		return v.String()
	case reflect.Bool:
		return v.Bool()
	case reflect.Int32, reflect.Int64:
		return v.Int()
	}
	return fmt.Sprintf("unexpected %s", v.Type())
}
