// Package iampolicy reads, checks, evaluates and explains IAM policy
// documents. It is pure: no clock, no store, no network.
//
// A document is compiled once and evaluated many times. Parse accepts what
// AWS accepts when a policy is written and refuses the rest with AWS's own
// sentence; Load compiles a document that was accepted before. Evaluate
// answers one question ("may this principal do this action on this resource,
// given these condition keys?") from all the policies that apply, in the
// order of the IAM user guide's "policy evaluation logic"; Explain answers
// the same question and says why, statement by statement.
//
// Three promises hold for every input, however hostile:
//   - a value that came from a request is never read as a pattern: variables
//     are matched as literal tokens, not substituted into the pattern text;
//   - time is bounded by the product of pattern and value length, because a
//     match never goes back over an earlier asterisk;
//   - documents are bounded in size and depth, and a member that is given
//     twice is refused.
package iampolicy
