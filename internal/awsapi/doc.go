// Package awsapi is the vocabulary that every door and every domain package
// shares: errors as AWS names them, operations and the services they belong
// to, callers, requests, ARNs and access checks.
//
// It holds no behaviour of any service. The generated sub-packages
// (cognitoidp, cognitoidentity, sts, iam) add one Go struct a shape, one
// constructor an error and one descriptor an operation; awsjson and awsquery
// turn them into bytes and back; package api runs them.
package awsapi

//go:generate go run ../cmd/apigen -api ../../api -out .
