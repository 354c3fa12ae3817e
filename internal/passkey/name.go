package passkey

import "encoding/hex"

// makers are authenticators that people know by name, by AAGUID.
var makers = map[string]string{
	"08987058cadc4b81b6e130de50dcbe96": "Windows Hello",
	"9ddd1817af5a4672a2b93e3dd95000a9": "Windows Hello",
	"6028b017b1d44c02b4b3afcdafc96bb2": "Windows Hello",
	"adce000235bcc60a648b0b25f1f05503": "Chrome on Mac",
	"bada5566a7aa401fbd9645619a55120d": "1Password",
	"d548826e79b4db40a3d811116f7e8349": "Bitwarden",
	"ea9b8d664d011d213ce4b6b48cb575d4": "Google Password Manager",
	"fbfc3007154e4ecc8c0b6e020557d7bd": "Apple Passwords",
	"dd4ec289e01d41c9bb8970fa845d4bf2": "iCloud Keychain (Managed)",
	"531126d6e717415c93203d9aa6981239": "Dashlane",
}

// Name is what a person sees in the list of their passkeys. That of a passkey
// of no known maker is UNCONFIRMED but for those that are not bound to a
// machine.
func (c *Credential) Name() string {
	if name := makers[hex.EncodeToString(c.AAGUID)]; name != "" {
		return name
	}
	if c.Attachment == "platform" {
		return "Platform passkey"
	}
	return "Roaming passkey"
}
