package sigv4

import (
	"fmt"
	"strings"
	"time"

	"github.com/cenote-id/cenote/internal/awsapi"
)

// checkTime refuses signatures made too long ago or too far ahead. A
// presigned request ages by its own term, its clock may be ahead as any
// other's.
func (s *signed) checkTime(now time.Time, skew time.Duration) error {
	now = now.UTC().Truncate(time.Second)
	age := skew
	if s.presigned {
		age = s.validFor
	}
	if oldest := now.Add(-age); s.time.Before(oldest) {
		return awsapi.InvalidSignature.New("Signature expired: %s is now earlier than %s (%s - %s)",
			s.date, oldest.Format(basicFormat), now.Format(basicFormat), span(age))
	}
	if newest := now.Add(skew); s.time.After(newest) {
		return awsapi.InvalidSignature.New("Signature not yet current: %s is still later than %s (%s + %s)",
			s.date, newest.Format(basicFormat), now.Format(basicFormat), span(skew))
	}
	return nil
}

// span prints a duration as the skew sentences do.
func span(d time.Duration) string {
	if d%time.Minute == 0 {
		return fmt.Sprintf("%d min.", d/time.Minute)
	}
	return fmt.Sprintf("%d sec.", d/time.Second)
}

// checkScope takes the credential apart and checks each part of its scope.
// All faults are reported in one message, as AWS does.
func (s *signed) checkScope(svc *awsapi.Service, endpoint string, regions func(string) bool) error {
	rest := s.credential
	part := func() (p string) {
		p, rest, _ = strings.Cut(rest, "/")
		return p
	}
	s.scope.accessKeyID, s.scope.date = part(), part()
	slashes, form := 4, "5 slash-delimited elements, e.g. keyid/date/region/service/term"
	if s.algorithm == asymmetric {
		slashes, form = 3, "4 slash-delimited elements, e.g. keyid/date/service/term" // UNCONFIRMED
	} else {
		s.scope.region = part()
	}
	s.scope.service = part()
	if strings.Count(s.credential, "/") != slashes || s.scope.accessKeyID == "" || len(s.credential) > maxCredential {
		return awsapi.IncompleteSignature.New("Credential must have exactly %s, got '%s'", form, clip(s.credential))
	}

	if svc.Global {
		endpoint = ""
	}
	var faults []string
	if s.algorithm == asymmetric {
		if !coversRegion(s.regionSet, endpoint, regions) {
			faults = append(faults, fmt.Sprintf("Credential should be scoped to a valid region, not '%s'.", clip(s.regionSet)))
		}
	} else if region := s.scope.region; endpoint != "" && endpoint != region || !regions(region) {
		faults = append(faults, fmt.Sprintf("Credential should be scoped to a valid region, not '%s'.", region))
	}
	if s.scope.service != svc.Name {
		faults = append(faults, fmt.Sprintf("Credential should be scoped to correct service: '%s'.", svc.Name))
	}
	if rest != terminator {
		faults = append(faults, fmt.Sprintf("Credential should be scoped with a valid terminator: '%s', not '%s'.", terminator, rest))
	}
	if day := s.date[:len("20060102")]; s.scope.date != day {
		faults = append(faults, fmt.Sprintf(
			"Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '%s' != '%s', from '%s'.", s.scope.date, day, s.date))
	}
	if faults != nil {
		return awsapi.InvalidSignature.New("%s", strings.Join(faults, " "))
	}
	return nil
}
