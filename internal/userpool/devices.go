package userpool

import "github.com/cenote-id/cenote/internal/awsapi"

// TracksDevices reports whether the pool gives every device that somebody
// signs in on a key, to be confirmed and remembered. An empty configuration
// turns that on, too: SDKs that cannot tell false from absent send it.
func (p *Pool) TracksDevices() bool { return p.Description.DeviceConfiguration != nil }

// DevicesReplaceMFA reports whether a remembered device proves itself in place
// of a second factor.
func (p *Pool) DevicesReplaceMFA() bool {
	return p.TracksDevices() && awsapi.Value(p.Description.DeviceConfiguration.ChallengeRequiredOnNewDevice)
}

// RemembersOnPrompt reports whether a device that is confirmed is remembered
// only once its user says so.
func (p *Pool) RemembersOnPrompt() bool {
	return p.TracksDevices() && awsapi.Value(p.Description.DeviceConfiguration.DeviceOnlyRememberedOnUserPrompt)
}
