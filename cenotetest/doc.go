// Package cenotetest runs Cenote inside a Go test: all of it, in the test's
// own process, with its data in memory, on a port of its own. It starts in a
// few milliseconds, stops with the test, and any number of servers run side by
// side, so every test can have one.
//
//	func TestSignUp(t *testing.T) {
//		srv := cenotetest.New(t)
//		client := cognitoidentityprovider.New(cognitoidentityprovider.Options{
//			BaseEndpoint: aws.String(srv.URL()),
//			Region:       "eu-west-1",
//			Credentials:  credentials.NewStaticCredentialsProvider("test", "test", ""),
//		})
//		…
//		code := srv.WaitCode(ctx, "alice@example.com")
//		srv.Clock().Advance(24 * time.Hour) // and the code is no good any more
//	}
//
// A server takes any access key for the root user of an account, as `cenote
// dev` does: a key id of twelve digits names the account, and all others are
// account 123456789012. With [Production] it takes only keys that it issued;
// [Server.CreateAccount] makes the first one.
//
// Functions that user pools name in their LambdaConfig are Go functions of the
// test: see [Function].
//
// Time is the server's own: [Clock.Advance] makes tokens, codes and
// credentials expire without waiting. Clients of AWS learn the server's time
// from the Date header of its answers and sign with it, if they may retry.
//
// The package needs no AWS SDK; point any client, in any language, at
// [Server.URL].
package cenotetest
