//! A certificate of our own making, for trying things out and for networks where every client can
//! be told to trust it.
//!
//! It is kept, so that clients that trust it once trust it after a restart, and made anew only when
//! it is asked to cover a name that it does not. It does not expire in practice (RFC 5280 section
//! 4.1.2.5 has dates up to the year 9999): nobody would notice in time, and who holds the key file
//! can replace it anyway.

use std::path::PathBuf;

use rcgen::{CertificateParams, DnType, KeyPair};
use rustls::client::verify_server_name;
use rustls::crypto::ring;
use rustls::pki_types::ServerName;
use rustls::server::ParsedCertificate;

use super::certificate::{CertificateFiles, TlsError, certified_key, unwritable, write_both};
use crate::private_files::PrivateFolder;

/// A certificate of our own and where to keep it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SelfSigned {
    /// The folder for its files, made if it is missing (its parent must exist).
    pub folder: PathBuf,
    /// The host names and IP addresses that it is valid for, at least one.
    pub names: Vec<String>,
}

impl SelfSigned {
    /// The files, whether they exist or not. The certificate's is what clients need to trust us.
    pub fn files(&self) -> CertificateFiles {
        CertificateFiles {
            certificate: self.folder.join("self-signed.crt"),
            key: self.folder.join("self-signed.key"),
        }
    }

    /// The files of a certificate that covers all names: the one that exists if it does, else a new
    /// one.
    pub(super) fn make_or_keep(&self) -> Result<CertificateFiles, TlsError> {
        let files = self.files();
        if !self.is_covered_by(&files) {
            self.make(&files)?;
        }
        Ok(files)
    }

    fn is_covered_by(&self, files: &CertificateFiles) -> bool {
        let Ok(existing) = certified_key(files, &ring::default_provider()) else {
            return false;
        };
        let Some(certificate) = existing
            .cert
            .first()
            .and_then(|first| ParsedCertificate::try_from(first).ok())
        else {
            return false;
        };
        self.names.iter().all(|name| {
            ServerName::try_from(name.as_str())
                .is_ok_and(|name| verify_server_name(&certificate, &name).is_ok())
        })
    }

    fn make(&self, files: &CertificateFiles) -> Result<(), TlsError> {
        let (certificate, key) = self.generate().map_err(|source| TlsError::Make {
            names: self.names.clone(),
            source,
        })?;
        let opened = PrivateFolder::open_or_make(&self.folder);
        let folder = opened.map_err(unwritable(&self.folder))?;
        write_both(&folder, files, &certificate, &key)
    }

    /// The certificate and the key in PEM.
    fn generate(&self) -> Result<(String, String), rcgen::Error> {
        let key = KeyPair::generate()?;
        let mut parameters = CertificateParams::new(self.names.clone())?;
        let name = self.names.first().map_or("counterfoil", String::as_str);
        parameters.distinguished_name.push(DnType::CommonName, name);
        let certificate = parameters.self_signed(&key)?;
        Ok((certificate.pem(), key.serialize_pem()))
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;
    use std::path::Path;

    use super::super::test_folder::TestFolder;
    use super::*;

    fn own(folder: &TestFolder, names: &[&str]) -> SelfSigned {
        SelfSigned {
            folder: folder.join("tls"),
            names: names.iter().map(|&name| name.to_owned()).collect(),
        }
    }

    fn content(own: &SelfSigned) -> String {
        let files = own.make_or_keep().unwrap();
        fs::read_to_string(files.certificate).unwrap()
    }

    #[test]
    fn its_files_are_for_the_owner_only() {
        let folder = TestFolder::new();
        let own = own(&folder, &["localhost"]);
        let files = own.make_or_keep().unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&own.folder), 0o700);
        assert_eq!(mode(&files.key), 0o600);
        assert_eq!(mode(&files.certificate), 0o600);
    }

    #[test]
    fn it_is_kept_as_long_as_it_covers_every_name() {
        let folder = TestFolder::new();
        let first = content(&own(
            &folder,
            &["localhost", "tokens.example.org", "127.0.0.1", "::1"],
        ));
        assert_eq!(
            content(&own(&folder, &["tokens.example.org", "::1"])),
            first
        );
        assert_ne!(content(&own(&folder, &["other.example.org"])), first);
    }

    #[test]
    fn a_broken_one_is_replaced() {
        let folder = TestFolder::new();
        let own = own(&folder, &["localhost"]);
        let first = content(&own);
        fs::write(own.files().key, "broken").unwrap();
        assert_ne!(content(&own), first);
    }

    #[test]
    fn a_name_that_cannot_be_in_a_certificate_is_an_error() {
        let folder = TestFolder::new();
        let error = own(&folder, &["caf\u{e9}.example"])
            .make_or_keep()
            .unwrap_err();
        assert_eq!(
            error.to_string(),
            "cannot make a certificate for caf\u{e9}.example"
        );
    }
}
