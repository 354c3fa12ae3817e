package identitypool

import "encoding/base64"

// sealPage makes the token of the page that follows key. bound names the list
// and everything that selects its rows, so that a token is of no use anywhere
// else.
func (s *Service) sealPage(bound, key string) string {
	return base64.RawURLEncoding.EncodeToString(s.Sealer.Seal([]byte(key), []byte(bound)))
}

// openPage returns the key that a token continues from, "" for no token.
func (s *Service) openPage(bound, token string) (string, error) {
	if token == "" {
		return "", nil
	}
	sealed, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil {
		return "", invalid(textPageToken)
	}
	key, err := s.Sealer.Open(sealed, []byte(bound))
	if err != nil {
		return "", invalid(textPageToken)
	}
	return string(key), nil
}
