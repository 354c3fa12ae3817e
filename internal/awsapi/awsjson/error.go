package awsjson

import (
	"maps"
	"net/http"
	"slices"

	"github.com/cenote-id/cenote/internal/awsapi"
)

// AppendError appends the body of an error reply. Errors of the layers in
// front of a service spell "Message" with a capital, those of the service do
// not. A denial has both: cognito-idp also models an exception of that name,
// with "message", and SDKs that go by the model would show no text.
func AppendError(dst []byte, e *awsapi.Error) []byte {
	dst = append(dst, `{"__type":`...)
	dst = AppendString(dst, e.Shape.Name)
	if e.Shape.Front {
		dst = append(dst, `,"Message":`...)
	} else {
		dst = append(dst, `,"message":`...)
	}
	dst = AppendString(dst, e.Message)
	if e.Shape == awsapi.AccessDenied {
		dst = append(dst, `,"message":`...)
		dst = AppendString(dst, e.Message)
	}
	for _, name := range slices.Sorted(maps.Keys(e.Fields)) {
		dst = append(dst, ',')
		dst = append(AppendString(dst, name), ':')
		dst = AppendString(dst, e.Fields[name])
	}
	return append(dst, '}')
}

// Status is the HTTP status of an error reply: 400 for whatever the client
// can mend, although the models say otherwise for some.
func Status(e *awsapi.Error) int {
	switch {
	case e.Shape.Server:
		return http.StatusInternalServerError
	case e.Shape.Status == http.StatusRequestEntityTooLarge:
		return http.StatusRequestEntityTooLarge
	}
	return http.StatusBadRequest
}
