//! Encryption.

use std::path::PathBuf;

use crate::config::rule::{FilePath, Maybe, Switch};
use crate::config::section::section;

section! {
    /// The certificate for connections over IP. Without one, HTTP is served without encryption, to
    /// this machine only unless the keys at the top of the file say otherwise. Unix sockets are
    /// never encrypted.
    pub struct Tls = "tls", "tls." {
        /// The file with the server's certificate and the intermediate ones behind it, in PEM.
        /// SIGHUP reads it again.
        cert: Option<PathBuf> = None, Maybe(FilePath { example: "/etc/counterfoil/tls.crt" }), Live;
        /// The file with the certificate's private key in PEM, without a passphrase. SIGHUP reads
        /// it again.
        key: Option<PathBuf> = None, Maybe(FilePath { example: "/etc/counterfoil/tls.key" }), Live;
        /// Whether to make a certificate of our own, kept in `data_dir`, that clients must be told
        /// to trust.
        self_signed: bool = false, Switch, Restart;
    }
}
