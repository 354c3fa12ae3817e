package sigv4

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/cenote-id/cenote/internal/awsapi"
)

// appendCanonicalRequest writes the text whose hash is signed: method, path,
// query, signed headers, their names, payload hash. ok is false when the
// signature names a header that the request does not have.
func (s *signed) appendCanonicalRequest(dst []byte, r *http.Request, payloadHash []byte, svc *awsapi.Service) (_ []byte, ok bool) {
	dst = append(dst, r.Method...)
	dst = append(dst, '\n')
	if svc.S3Signing {
		dst = appendS3Path(dst, r.URL.EscapedPath())
	} else {
		dst = appendCanonicalPath(dst, r.URL.EscapedPath())
	}
	dst = append(dst, '\n')
	dst = s.appendCanonicalQuery(dst)
	dst = append(dst, '\n')
	if dst, ok = s.appendCanonicalHeaders(dst, r); !ok {
		return dst, false
	}
	dst = append(dst, '\n')
	dst = append(dst, s.signedHeaders...)
	dst = append(dst, '\n')
	return append(dst, payloadHash...), true
}

// appendStringToSign writes what the signing key signs.
func (s *signed) appendStringToSign(dst []byte, canonical [sha256.Size]byte) []byte {
	dst = append(dst, s.algorithm...)
	dst = append(dst, '\n')
	dst = append(dst, s.date...)
	dst = append(dst, '\n')
	dst = append(dst, s.credential[len(s.scope.accessKeyID)+1:]...)
	dst = append(dst, '\n')
	return hex.AppendEncode(dst, canonical[:])
}

// validPath reports whether a path is absolute and stays below the root.
func validPath(escaped string) bool {
	if escaped == "" || escaped == "/" {
		return true
	}
	if escaped[0] != '/' {
		return false
	}
	depth := 0
	for segment := range strings.SplitSeq(escaped[1:], "/") {
		switch segment {
		case "", ".":
		case "..":
			if depth--; depth < 0 {
				return false
			}
		default:
			depth++
		}
	}
	return true
}

// appendCanonicalPath writes a valid path without dot segments and empty
// segments, each segment escaped once more: services other than S3 sign the
// escape of the escape, so "%20" becomes "%2520".
func appendCanonicalPath(dst []byte, escaped string) []byte {
	if escaped == "" || escaped == "/" {
		return append(dst, '/')
	}
	start := len(dst)
	var starts []int // where each kept segment begins in dst
	last := ""
	for segment := range strings.SplitSeq(escaped[1:], "/") {
		last = segment
		switch segment {
		case "", ".":
		case "..":
			dst = dst[:starts[len(starts)-1]]
			starts = starts[:len(starts)-1]
		default:
			starts = append(starts, len(dst))
			dst = append(dst, '/')
			dst = appendEscaped(dst, segment)
		}
	}
	if len(dst) == start || last == "" || last == "." || last == ".." {
		dst = append(dst, '/')
	}
	return dst
}

// appendCanonicalQuery writes the parameters sorted by name, then value, all
// but the signature of a presigned request.
func (s *signed) appendCanonicalQuery(dst []byte) []byte {
	if len(s.query) == 0 {
		return dst
	}
	sorted := slices.Clone(s.query)
	slices.SortFunc(sorted, func(a, b param) int {
		if c := strings.Compare(a.name, b.name); c != 0 {
			return c
		}
		return strings.Compare(a.value, b.value)
	})
	sep := false
	for _, p := range sorted {
		if s.presigned && p.name == "X-Amz-Signature" {
			continue
		}
		if sep {
			dst = append(dst, '&')
		}
		sep = true
		dst = append(dst, p.name...)
		dst = append(dst, '=')
		dst = append(dst, p.value...)
	}
	return dst
}

// appendCanonicalHeaders writes one "name:value" line for each signed header,
// in the order in which the signature names them.
func (s *signed) appendCanonicalHeaders(dst []byte, r *http.Request) (_ []byte, ok bool) {
	for name := range strings.SplitSeq(s.signedHeaders, ";") {
		dst = append(dst, name...)
		dst = append(dst, ':')
		switch values := headerValues(r, name); {
		case name == "host", name == ":authority":
			dst = appendTrimmed(dst, r.Host)
		case values != nil:
			for i, v := range values {
				if i > 0 {
					dst = append(dst, ',')
				}
				dst = appendTrimmed(dst, v)
			}
		case name == "content-length" && r.ContentLength >= 0:
			dst = strconv.AppendInt(dst, r.ContentLength, 10)
		default:
			return dst, false
		}
		dst = append(dst, '\n')
	}
	return dst, true
}

// headerValues finds a header by the lower-case name that signatures use.
func headerValues(r *http.Request, name string) []string {
	if name != strings.ToLower(name) {
		return nil
	}
	return r.Header[http.CanonicalHeaderKey(name)]
}

// appendTrimmed writes a header value without outer blanks and with inner
// runs of spaces made one.
func appendTrimmed(dst []byte, v string) []byte {
	v = strings.Trim(v, " \t")
	if !strings.Contains(v, "  ") {
		return append(dst, v...)
	}
	for i := range len(v) {
		if v[i] == ' ' && v[i-1] == ' ' {
			continue
		}
		dst = append(dst, v[i])
	}
	return dst
}
