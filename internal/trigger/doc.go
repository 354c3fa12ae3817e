// Package trigger asks the functions that a user pool names in its
// LambdaConfig: may this person sign up, what shall their token say, was the
// answer to a challenge right.
//
// There is one method of [Service] for each trigger. It takes what the event
// tells, and returns what the function decided, checked: a value that is not
// of its type, a member that is not in the contract, a claim that nobody may
// change never reach a caller. Where the pool names no function the methods
// return the zero reply, which changes nothing; the three of CUSTOM_AUTH, where
// no function means no decision, return an error instead.
//
// # When a function does not decide
//
// A function that the pool names and that cannot be asked, does not answer in
// time or answers nonsense ends the operation with an error. There is no
// setting that skips it: a PreSignUp function may exist to keep people out.
// The errors are the service's own:
//
//	the function ended with an error      UserLambdaValidationException
//	what it returned is not the event     InvalidLambdaResponseException
//	it cannot be asked, or is too slow    UnexpectedLambdaException
//
// One attempt takes up to five seconds. An attempt without an answer is made
// again, twice at the most; a function that ended with an error is not asked
// again. Functions must not be asked inside a transaction of the store: they
// take as long as they like, and a replayed transaction would ask them again.
//
// # What is called
//
// An ARN is only a name. What it stands for is the operator's to say ([Routes]):
// an Invoke endpoint of AWS Lambda or of something that speaks its API
// (package awslambda), a URL that takes the event and returns it (package
// webhook), or, for development, a local program (package command). Nothing is
// ever called that the operator has not named, and a pool may name functions of
// its own account only, because there are no resource policies that would
// protect one account's functions from another's pools.
package trigger
