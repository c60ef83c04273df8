//! A certificate and its key in files, read and checked to belong together.

use std::fs;
use std::io;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use rustls::CertificateError;
use rustls::client::verify_server_name;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::server::ParsedCertificate;
use rustls::sign::CertifiedKey;
use x509_cert::der::Decode as _;
use x509_cert::time::Time;

use crate::private_files::PrivateFolder;

/// A certificate and its key in PEM files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateFiles {
    /// The server's certificate, followed by the intermediate ones.
    pub certificate: PathBuf,
    /// The private key: PKCS #8, PKCS #1 or SEC 1, not encrypted.
    pub key: PathBuf,
}

/// The certificate with its key, which is checked to be its own.
pub(super) fn certified_key(
    files: &CertificateFiles,
    provider: &CryptoProvider,
) -> Result<CertifiedKey, TlsError> {
    let CertificateFiles { certificate, key } = files;
    let unusable = |path: &Path| TlsError::Unusable(path.to_owned());
    let chain = CertificateDer::pem_slice_iter(&read(certificate)?)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|_| unusable(certificate))?;
    if chain.is_empty() {
        return Err(unusable(certificate));
    }
    // The parser's errors quote what they choke on, so a key's are dropped.
    let private_key = PrivateKeyDer::from_pem_slice(&read(key)?).map_err(|_| unusable(key))?;
    CertifiedKey::from_der(chain, private_key, provider).map_err(|error| match error {
        rustls::Error::InconsistentKeys(_) => TlsError::Mismatch {
            certificate: certificate.clone(),
            key: key.clone(),
        },
        rustls::Error::InvalidCertificate(_) => unusable(certificate),
        _ => unusable(key),
    })
}

/// The names that the certificate in a PEM file is for, if this host, a name or an address, is none
/// of them.
pub fn names_beside(certificate: &Path, host: &str) -> Result<Option<Vec<String>>, TlsError> {
    let unusable = || TlsError::Unusable(certificate.to_owned());
    let der = CertificateDer::from_pem_slice(&read(certificate)?).map_err(|_| unusable())?;
    let parsed = ParsedCertificate::try_from(&der).map_err(|_| unusable())?;
    let Ok(name) = ServerName::try_from(host) else {
        return Ok(Some(Vec::new()));
    };
    match verify_server_name(&parsed, &name) {
        Ok(()) => Ok(None),
        Err(rustls::Error::InvalidCertificate(CertificateError::NotValidForNameContext {
            presented,
            ..
        })) => Ok(Some(presented.iter().map(|name| plain(name)).collect())),
        Err(_) => Ok(Some(Vec::new())),
    }
}

/// A name as the library shows it, `DnsName("a.example")`, without what is around it.
fn plain(shown: &str) -> String {
    let inner = shown
        .split_once('(')
        .and_then(|(_, rest)| rest.strip_suffix(')'))
        .unwrap_or(shown);
    let name = inner.trim_matches('"');
    // An address is shown in a form of the library's own.
    let address: Result<IpAddr, _> = name.parse();
    address.map_or_else(|_| name.to_owned(), |address| address.to_string())
}

/// From when to when a certificate is valid, in seconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CertificateLife {
    /// Its first second.
    pub not_before: i64,
    /// Its last second.
    pub not_after: i64,
}

/// From when to when a certificate is valid, as a value of its own.
pub(super) fn life(certificate: &CertificateDer<'_>) -> Option<CertificateLife> {
    let (not_before, not_after) = validity(certificate)?;
    Some(CertificateLife {
        not_before,
        not_after,
    })
}

/// When a certificate expires, in seconds since 1970.
pub(super) fn expiry(certificate: &CertificateDer<'_>) -> Option<i64> {
    validity(certificate).map(|(_, end)| end)
}

/// From when to when a certificate is valid, in seconds since 1970.
pub(super) fn validity(certificate: &CertificateDer<'_>) -> Option<(i64, i64)> {
    let certificate = x509_cert::Certificate::from_der(certificate).ok()?;
    let validity = certificate.tbs_certificate.validity;
    let seconds = |time: Time| i64::try_from(time.to_unix_duration().as_secs()).ok();
    Some((seconds(validity.not_before)?, seconds(validity.not_after)?))
}

fn read(path: &Path) -> Result<Vec<u8>, TlsError> {
    fs::read(path).map_err(|source| TlsError::Read {
        path: path.to_owned(),
        source,
    })
}

/// Why a certificate cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file is not PEM, or does not hold what it should.
    #[error(
        "{} does not hold what it must: certificates in PEM in the one file, an unencrypted private key in PEM in the other",
        .0.display()
    )]
    Unusable(PathBuf),
    /// The key belongs to another certificate.
    #[error("the key in {} does not belong to the certificate in {}", key.display(), certificate.display())]
    Mismatch {
        /// The certificate's file.
        certificate: PathBuf,
        /// The key's file.
        key: PathBuf,
    },
    /// A certificate of our own cannot be made for these names.
    #[error("cannot make a certificate for {}", names.join(", "))]
    Make {
        /// The names that it was to be valid for.
        names: Vec<String>,
        /// What is wrong with them.
        source: rcgen::Error,
    },
    /// A certificate of our own cannot be stored.
    #[error("cannot write {}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// Writes a certificate and its key into the folder that both files lie in. The key first: a
/// certificate without its own key is seen to be broken.
pub(super) fn write_both(
    folder: &PrivateFolder,
    files: &CertificateFiles,
    certificate: &str,
    key: &str,
) -> Result<(), TlsError> {
    for (path, content) in [(&files.key, key), (&files.certificate, certificate)] {
        let name = path.file_name().unwrap_or_default();
        let written = folder.replace(name, content.as_bytes());
        written.map_err(unwritable(path))?;
    }
    Ok(())
}

/// That this file or folder cannot be written.
pub(super) fn unwritable(path: &Path) -> impl FnOnce(io::Error) -> TlsError {
    let path = path.to_owned();
    move |source| TlsError::Write { path, source }
}
