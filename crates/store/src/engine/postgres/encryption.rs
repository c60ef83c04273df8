//! Encrypted connections: by which certificates a server is believed, and what to do where it is
//! not.

use std::error::Error as _;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::CertificateError;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use tokio_postgres_rustls::MakeRustlsConnect;

/// What the driver says where the server takes no encryption; it has no other sign of it.
const NOT_OFFERED: &str = "server does not support TLS";

/// Whether a connection is encrypted. When it is, the server's certificate is always verified.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Encryption {
    /// It is not.
    #[default]
    Off,
    /// With a certificate that a well-known authority of this system has signed.
    SystemRoots,
    /// With a certificate that one of the authorities in this PEM file has signed.
    Authorities(PathBuf),
}

/// How connections are encrypted. The error is the rest of a sentence.
pub(super) fn encryption(wanted: &Encryption) -> Result<Option<MakeRustlsConnect>, String> {
    let (roots, whose) = match wanted {
        Encryption::Off => return Ok(None),
        Encryption::SystemRoots => (system_roots(), "this system".to_owned()),
        Encryption::Authorities(file) => (
            authorities_in(file)
                .map_err(|error| format!("cannot read {}: {error}", file.display()))?,
            file.display().to_string(),
        ),
    };
    if roots.is_empty() {
        return Err(format!(
            "{whose} has no certificate of an authority to verify the server by"
        ));
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Some(MakeRustlsConnect::new(config)))
}

fn system_roots() -> rustls::RootCertStore {
    let found = rustls_native_certs::load_native_certs();
    let mut roots = rustls::RootCertStore::empty();
    roots.add_parsable_certificates(found.certs);
    roots
}

fn authorities_in(file: &Path) -> io::Result<rustls::RootCertStore> {
    let text = std::fs::read(file)?;
    let mut roots = rustls::RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(&text) {
        let certificate = certificate.map_err(|error| io::Error::other(error.to_string()))?;
        roots.add(certificate).map_err(io::Error::other)?;
    }
    Ok(roots)
}

/// Why a connection was not encrypted, and what to do about it, if that is what an error of the
/// driver is about.
pub(super) fn why_not_encrypted(error: &tokio_postgres::Error) -> Option<String> {
    let cause = error.source()?;
    if cause.to_string() == NOT_OFFERED {
        return Some(
            "the server offers no encryption; turn ssl on in its settings, or write sslmode=disable in the database URL \
             where nobody can listen on the way"
                .to_owned(),
        );
    }
    let cause = cause.downcast_ref::<io::Error>()?.get_ref()?;
    match cause.downcast_ref::<rustls::Error>()? {
        rustls::Error::InvalidCertificate(why) => Some(why_not_believed(why)),
        other => Some(format!("encryption failed: {other}")),
    }
}

fn why_not_believed(why: &CertificateError) -> String {
    match why {
        CertificateError::UnknownIssuer => {
            "no authority that is known here has signed the server's certificate; name the file with its authority's \
             certificate in database.tls_ca_file"
                .to_owned()
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "the server's certificate is for another name; name the server in the database URL as its certificate does"
                .to_owned()
        }
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            "the server's certificate has expired; renew it".to_owned()
        }
        other => format!("the server's certificate cannot be verified: {other}"),
    }
}
