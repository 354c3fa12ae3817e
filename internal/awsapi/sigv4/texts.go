package sigv4

import "github.com/cenote-id/cenote/internal/awsapi"

// Texts that both protocols share.
const (
	msgMismatch        = "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details."
	msgHostUnsigned    = "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization."
	msgTargetUnsigned  = "'X-Amz-Target' must be a 'SignedHeader' in the AWS Authorization."
	msgRegionsUnsigned = "'X-Amz-Region-Set' must be a 'SignedHeader' in the AWS Authorization." // UNCONFIRMED
	msgHeaderTooLong   = "Authorization header is too long."
	msgTooManyHeaders  = "Too many 'SignedHeaders'."
	msgTooManyParams   = "Too many query parameters"
	msgInvalidURI      = "Couldn't parse the specified URI."
	msgTrailingEscape  = "Incomplete trailing escape % sequence"
	msgIllegalEscape   = "Illegal hex character in escape % pattern: "
)

// invalidURI answers a path that leaves the root. AWS answers 400 with an
// empty body; a code is kinder and costs nothing.
var invalidURI = &awsapi.ErrorShape{Name: "InvalidURIException", Code: "InvalidURI", Status: 400, Front: true}

// texts are the sentences that differ between the protocols.
type texts struct {
	missing, unknownKey, inactiveKey, damagedToken, expiredToken string
}

var (
	queryTexts = texts{
		missing:      "Request is missing Authentication Token",
		unknownKey:   "The security token included in the request is invalid.",
		inactiveKey:  "The AWS access key provided does not exist in our records.",
		damagedToken: "The security token included in the request is invalid",
		expiredToken: "The security token included in the request is expired",
	}
	jsonTexts = texts{
		missing:      "Missing Authentication Token",
		unknownKey:   "The security token included in the request is invalid.",
		inactiveKey:  "The security token included in the request is invalid.",
		damagedToken: "The security token included in the request is invalid.",
		expiredToken: "The security token included in the request is expired",
	}
)

func textsOf(p awsapi.Protocol) *texts {
	if p == awsapi.Query {
		return &queryTexts
	}
	return &jsonTexts
}
