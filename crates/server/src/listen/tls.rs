//! The certificate in use, and changing it while serving.
//!
//! A certificate is loaded and checked as a whole before it takes the place of the one in use, so a
//! half-written renewal never takes a server down. Connections that exist keep what they began
//! with.

use std::sync::Arc;

use arc_swap::ArcSwap;
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::sign::SingleCertAndKey;

use super::certificate::{CertificateFiles, TlsError, certified_key, expiry};
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

/// The certificate in use, and how to load it anew.
#[derive(Debug)]
pub struct TlsReloader {
    source: ArcSwap<TlsSource>,
    current: ArcSwap<Current>,
}

#[derive(Debug)]
struct Current {
    config: Arc<ServerConfig>,
    /// When the first of the chain's certificates expires, in seconds since 1970.
    expires_at: Option<i64>,
}

impl TlsReloader {
    /// Loads a certificate to start with.
    pub fn new(source: TlsSource) -> Result<Self, TlsError> {
        let current = load(&source)?;
        Ok(Self {
            source: ArcSwap::from_pointee(source),
            current: ArcSwap::from_pointee(current),
        })
    }

    /// Loads the certificate anew from where it came. After an error the one in use stays in use.
    pub fn reload(&self) -> Result<(), TlsError> {
        let current = load(&self.source.load())?;
        self.current.store(Arc::new(current));
        Ok(())
    }

    /// Loads a certificate from somewhere else, also for later reloads. After an error everything
    /// stays as it is.
    pub fn replace(&self, source: TlsSource) -> Result<(), TlsError> {
        let current = load(&source)?;
        self.source.store(Arc::new(source));
        self.current.store(Arc::new(current));
        Ok(())
    }

    /// When the certificate in use expires, in seconds since 1970: the earliest end of those in its
    /// chain, as far as it can be read.
    pub fn expires_at(&self) -> Option<i64> {
        self.current.load().expires_at
    }

    pub(super) fn now(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.current.load().config)
    }
}

fn load(source: &TlsSource) -> Result<Current, TlsError> {
    match source {
        TlsSource::Files(files) => server_config(files),
        TlsSource::SelfSigned(own) => server_config(&own.make_or_keep()?),
    }
}

fn server_config(files: &CertificateFiles) -> Result<Current, TlsError> {
    let provider = Arc::new(ring::default_provider());
    let certificate = certified_key(files, &provider)?;
    let expires_at = certificate.cert.iter().filter_map(expiry).min();
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("the provider's cipher suites serve the default versions")
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(SingleCertAndKey::from(certificate)));
    config.alpn_protocols = vec![ALPN_HTTP2.to_vec(), ALPN_HTTP1.to_vec()];
    Ok(Current {
        config: Arc::new(config),
        expires_at,
    })
}
