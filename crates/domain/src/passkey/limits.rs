//! How long the parts of a browser's answer may be. Strangers send them, so nothing is read that is
//! longer.

/// Most bytes of client data: a browser writes some hundred.
pub const LONGEST_CLIENT_DATA: usize = 4 * 1_024;
/// Most bytes of an attestation object. One without a statement has some hundred, and up to a
/// kilobyte more for a long credential id or an RSA key.
pub const LONGEST_ATTESTATION: usize = 8 * 1_024;
/// Most bytes of authenticator data. In an assertion they are 37 and what extensions add.
pub const LONGEST_AUTHENTICATOR_DATA: usize = 8 * 1_024;
/// Most bytes of a signature: that of RSA with 4,096 bits has 512.
pub const LONGEST_SIGNATURE: usize = 512;
/// Most bytes of a credential id (Web Authentication, section 5.4.3).
pub const LONGEST_CREDENTIAL_ID: usize = 1_023;
