// Package cenoteauth lets a service of your own honour the credentials that
// Cenote issues: those of IAM users, of roles, and the temporary ones that
// people get from an identity pool after they have signed in.
//
// A client signs its request to the service with AWS Signature Version 4, as
// any AWS SDK can, under a service name that you choose. The service hands
// what was signed to Cenote, together with the action and the resource that
// the request is about, and learns in one round trip who signed it and whether
// IAM allows it. Policies name your actions as they name those of AWS:
//
//	{
//	  "Effect": "Allow",
//	  "Action": ["notes:GetNote", "notes:PutNote"],
//	  "Resource": "arn:aws:notes:*:123456789012:note/${cognito-identity.amazonaws.com:sub}/*"
//	}
//
// # Use
//
//	auth, err := cenoteauth.New(cenoteauth.Config{
//		Endpoint:    "https://cenote.example.com",
//		Service:     "notes",
//		Hosts:       []string{"notes.example.com"},
//		Credentials: cenoteauth.Static(accessKeyID, secretAccessKey),
//	})
//	…
//	mux.Handle("GET /notes/{id}", auth.Require(func(r *http.Request) cenoteauth.Access {
//		return cenoteauth.Access{
//			Action:   "notes:GetNote",
//			Resource: "arn:aws:notes:us-east-1:123456789012:note/" + r.PathValue("id"),
//		}
//	}, http.HandlerFunc(getNote)))
//
// Inside getNote, [CallerFrom] tells who asks.
//
// # What it promises
//
//   - A body reaches the handler only after its hash has been signed for: it is
//     read whole, up to [Config.MaxBody], before Cenote is asked.
//   - Whatever goes wrong on the way to a decision refuses the request: Cenote
//     out of reach, an answer that is not understood, a panic in between.
//   - A decision is never kept. A role that is deleted, a policy that is
//     changed, or a key that is switched off counts from the next request on
//     (on other nodes of one deployment, within a second).
//   - A signature is good for as long as SigV4 makes it: five minutes to either
//     side of the clock, presigned URLs for as long as they ask, up to
//     [Config.MaxPresign]. Within that time the very same request can be sent
//     again by whoever has seen it. Use TLS, and make requests that must not
//     be repeated refuse repetition.
//
// The service signs its questions with credentials of its own, which need the
// permission cenote:Authorize for the resources that it asks about. The HTTP
// interface below this package is described in docs/services.md, for services
// in other languages.
package cenoteauth
