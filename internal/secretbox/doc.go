// Package secretbox keeps what the deployment must keep secret, and is the
// one door through which chance comes in.
//
// Secrets at rest and sealed tokens are encrypted under data keys. The data
// keys live in the database, each wrapped by a master key that does not: a
// file, an environment value, or a command in front of a key service. Whoever
// holds the database alone holds nothing. Replacing the master key re-wraps
// the few data keys and touches no sealed value.
//
// A [Ring] holds the unwrapped data keys. It seals under the active one and
// opens under any of them, because every sealed value names its key. Sub-keys
// for other algorithms come from [Ring.Derive], which names the key in the
// same way, so that a MAC made before a rotation still verifies after it.
//
// Sealing is XAES-256-GCM (https://c2sp.org/XAES-256-GCM): AES-256-GCM under a
// key derived from the first half of a random 192-bit nonce. Plain AES-GCM
// with random nonces should stop at 2^32 messages a key (NIST SP 800-38D
// section 8.3), which a busy deployment seals within days.
package secretbox
