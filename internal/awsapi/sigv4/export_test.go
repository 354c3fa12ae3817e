package sigv4

// DerivePublicKey lets the suite compare derived keys with published ones.
var DerivePublicKey = derivePublicKey
