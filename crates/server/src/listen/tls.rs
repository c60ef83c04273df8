//! Certificates, and changing them while serving.
//!
//! A certificate is loaded and checked as a whole before it takes the place of the one in use, so a
//! half-written renewal never takes a server down. Connections that exist keep what they began
//! with.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arc_swap::ArcSwap;
use rustls::ServerConfig;
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::{CertifiedKey, SingleCertAndKey};

use super::self_signed::SelfSigned;

/// HTTP/2 over TLS, as ALPN names it (RFC 9113 section 3.2).
pub(super) const ALPN_HTTP2: &[u8] = b"h2";
/// HTTP/1.1, as ALPN names it (RFC 7301 section 6).
const ALPN_HTTP1: &[u8] = b"http/1.1";

/// Where the certificate comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TlsSource {
    /// Files that the operator keeps up to date.
    Files(CertificateFiles),
    /// A certificate of our own making.
    SelfSigned(SelfSigned),
}

/// A certificate and its key in PEM files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateFiles {
    /// The server's certificate, followed by the intermediate ones.
    pub certificate: PathBuf,
    /// The private key: PKCS #8, PKCS #1 or SEC 1, not encrypted.
    pub key: PathBuf,
}

/// The certificate in use, and how to load it anew.
#[derive(Debug)]
pub struct TlsReloader {
    source: ArcSwap<TlsSource>,
    current: ArcSwap<ServerConfig>,
}

impl TlsReloader {
    /// Loads a certificate to start with.
    pub fn new(source: TlsSource) -> Result<Self, TlsError> {
        let config = load(&source)?;
        Ok(Self {
            source: ArcSwap::from_pointee(source),
            current: ArcSwap::from_pointee(config),
        })
    }

    /// Loads the certificate anew from where it came. After an error the one in use stays in use.
    pub fn reload(&self) -> Result<(), TlsError> {
        let config = load(&self.source.load())?;
        self.current.store(Arc::new(config));
        Ok(())
    }

    /// Loads a certificate from somewhere else, also for later reloads. After an error everything
    /// stays as it is.
    pub fn replace(&self, source: TlsSource) -> Result<(), TlsError> {
        let config = load(&source)?;
        self.source.store(Arc::new(source));
        self.current.store(Arc::new(config));
        Ok(())
    }

    pub(super) fn now(&self) -> Arc<ServerConfig> {
        self.current.load_full()
    }
}

fn load(source: &TlsSource) -> Result<ServerConfig, TlsError> {
    match source {
        TlsSource::Files(files) => server_config(files),
        TlsSource::SelfSigned(own) => server_config(&own.make_or_keep()?),
    }
}

fn server_config(files: &CertificateFiles) -> Result<ServerConfig, TlsError> {
    let provider = Arc::new(ring::default_provider());
    let certificate = certified_key(files, &provider)?;
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("the provider's cipher suites serve the default versions")
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(SingleCertAndKey::from(certificate)));
    config.alpn_protocols = vec![ALPN_HTTP2.to_vec(), ALPN_HTTP1.to_vec()];
    Ok(config)
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
