//! The certificate in use, and changing it while serving.
//!
//! A certificate is loaded and checked as a whole before it takes the place of the one in use, so a
//! half-written renewal never takes a server down. Connections that exist keep what they began
//! with.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arc_swap::ArcSwap;
use rustls::ServerConfig;
use rustls::crypto::{CryptoProvider, ring};
use rustls::server::ResolvesServerCert;
use rustls::sign::{CertifiedKey, SingleCertAndKey};

use super::certificate::{
    CertificateFiles, CertificateLife, TlsError, certified_key, expiry, life,
};
use super::challenge::{ALPN_CHALLENGE, Challenges, WithChallenges};
use super::orders::OrderCounts;
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
    /// A certificate that an authority gave us, with those behind it and its key in one PEM file,
    /// so that no half of a renewal is ever read. There is none before the first order is done:
    /// until then only the authority is answered.
    Ordered(PathBuf),
}

/// The certificate in use, and how to load it anew.
#[derive(Debug)]
pub struct TlsReloader {
    source: ArcSwap<TlsSource>,
    current: ArcSwap<Current>,
    challenges: Arc<Challenges>,
    /// None where certificates are not ordered.
    orders: Option<OrderCounts>,
}

#[derive(Debug)]
struct Current {
    config: Arc<ServerConfig>,
    /// When the first of the chain's certificates expires, in seconds since 1970.
    expires_at: Option<i64>,
    /// From when to when the server's own is valid.
    life: Option<CertificateLife>,
    has_certificate: bool,
}

impl TlsReloader {
    /// Loads a certificate to start with.
    pub fn new(source: TlsSource) -> Result<Self, TlsError> {
        let challenges = Arc::default();
        let current = load(&source, &challenges)?;
        let is_ordered = matches!(source, TlsSource::Ordered(_));
        Ok(Self {
            source: ArcSwap::from_pointee(source),
            current: ArcSwap::from_pointee(current),
            challenges,
            orders: is_ordered.then(OrderCounts::default),
        })
    }

    /// Loads the certificate anew from where it came. After an error the one in use stays in use.
    pub fn reload(&self) -> Result<(), TlsError> {
        let current = load(&self.source.load(), &self.challenges)?;
        self.current.store(Arc::new(current));
        Ok(())
    }

    /// Loads a certificate from somewhere else, also for later reloads. After an error everything
    /// stays as it is.
    pub fn replace(&self, source: TlsSource) -> Result<(), TlsError> {
        let current = load(&source, &self.challenges)?;
        self.source.store(Arc::new(source));
        self.current.store(Arc::new(current));
        Ok(())
    }

    /// When the certificate in use expires, in seconds since 1970: the earliest end of those in its
    /// chain, as far as it can be read.
    pub fn expires_at(&self) -> Option<i64> {
        self.current.load().expires_at
    }

    /// From when to when the server's certificate in use is valid, as far as it can be read.
    pub fn life(&self) -> Option<CertificateLife> {
        self.current.load().life
    }

    /// Whether clients can be served: an ordered certificate may still be to come.
    pub fn has_certificate(&self) -> bool {
        self.current.load().has_certificate
    }

    /// Proves to an authority that this name is ours, by the digest of the key authorization (RFC
    /// 8737), until [`TlsReloader::forget_challenges`]. Only where certificates are ordered is
    /// anybody answered so.
    pub fn answer_challenge(&self, name: &str, digest: &[u8; 32]) -> Result<(), TlsError> {
        self.challenges.answer(name, digest)
    }

    /// Proves nothing any more.
    pub fn forget_challenges(&self) {
        self.challenges.forget();
    }

    /// What came of orders; none where certificates are not ordered.
    pub fn orders(&self) -> Option<&OrderCounts> {
        self.orders.as_ref()
    }

    pub(super) fn now(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.current.load().config)
    }
}

fn load(source: &TlsSource, challenges: &Arc<Challenges>) -> Result<Current, TlsError> {
    let provider = Arc::new(ring::default_provider());
    match source {
        TlsSource::Files(files) => of_files(files, provider),
        TlsSource::SelfSigned(own) => of_files(&own.make_or_keep()?, provider),
        TlsSource::Ordered(file) => ordered(file, challenges, provider),
    }
}

fn of_files(files: &CertificateFiles, provider: Arc<CryptoProvider>) -> Result<Current, TlsError> {
    let certificate = Arc::new(certified_key(files, &provider)?);
    let shown = SingleCertAndKey::from(Arc::clone(&certificate));
    let config = server_config(Arc::new(shown), provider);
    Ok(Current::new(config, Some(&certificate)))
}

/// The certificate in this file, if there is one yet.
fn ordered(
    file: &Path,
    challenges: &Arc<Challenges>,
    provider: Arc<CryptoProvider>,
) -> Result<Current, TlsError> {
    let files = CertificateFiles {
        certificate: file.to_owned(),
        key: file.to_owned(),
    };
    let certificate = match certified_key(&files, &provider) {
        Ok(certificate) => Some(Arc::new(certificate)),
        Err(TlsError::Read { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    let shown = WithChallenges {
        certificate: certificate.clone(),
        challenges: Arc::clone(challenges),
    };
    let mut config = server_config(Arc::new(shown), provider);
    config.alpn_protocols.push(ALPN_CHALLENGE.to_vec());
    Ok(Current::new(config, certificate.as_deref()))
}

impl Current {
    fn new(config: ServerConfig, certificate: Option<&CertifiedKey>) -> Self {
        let chain = match certificate {
            Some(certificate) => certificate.cert.as_slice(),
            None => &[],
        };
        Self {
            config: Arc::new(config),
            expires_at: chain.iter().filter_map(expiry).min(),
            life: chain.first().and_then(life),
            has_certificate: certificate.is_some(),
        }
    }
}

fn server_config(
    shown: Arc<dyn ResolvesServerCert>,
    provider: Arc<CryptoProvider>,
) -> ServerConfig {
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("the provider's cipher suites serve the default versions")
        .with_no_client_auth()
        .with_cert_resolver(shown);
    config.alpn_protocols = vec![ALPN_HTTP2.to_vec(), ALPN_HTTP1.to_vec()];
    config
}
