//! The answer to the question by which an authority finds out whether a name is ours: TLS-ALPN-01
//! (RFC 8737). It connects, offers one protocol that nobody else speaks, and wants a certificate
//! for the name with a digest in it that only the holder of the account can compute.

use std::sync::Arc;

use parking_lot::Mutex;
use rcgen::{CertificateParams, CustomExtension, KeyPair};
use rustls::crypto::ring;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;

use super::certificate::TlsError;

/// The protocol of the question, as ALPN names it (RFC 8737 section 6.2).
pub(super) const ALPN_CHALLENGE: &[u8] = b"acme-tls/1";

/// The certificates that answer, by their names. There are some only while an order is under way,
/// so most of the time whoever asks is refused.
#[derive(Debug, Default)]
pub(super) struct Challenges(Mutex<Vec<Challenge>>);

#[derive(Debug)]
struct Challenge {
    name: String,
    certificate: Arc<CertifiedKey>,
}

impl Challenges {
    /// Answers for this name from now on.
    pub(super) fn answer(&self, name: &str, digest: &[u8; 32]) -> Result<(), TlsError> {
        let certificate = make(name, digest).map_err(|source| TlsError::Make {
            names: vec![name.to_owned()],
            source,
        })?;
        let mut challenges = self.0.lock();
        challenges.retain(|known| !known.name.eq_ignore_ascii_case(name));
        challenges.push(Challenge {
            name: name.to_owned(),
            certificate: Arc::new(certificate),
        });
        Ok(())
    }

    /// Answers for no name any more.
    pub(super) fn forget(&self) {
        self.0.lock().clear();
    }

    fn find(&self, name: &str) -> Option<Arc<CertifiedKey>> {
        let challenges = self.0.lock();
        let found = challenges
            .iter()
            .find(|known| known.name.eq_ignore_ascii_case(name))?;
        Some(Arc::clone(&found.certificate))
    }
}

/// What is shown to whom: to clients the certificate, once there is one, and to the authority the
/// answer.
#[derive(Debug)]
pub(super) struct WithChallenges {
    pub(super) certificate: Option<Arc<CertifiedKey>>,
    pub(super) challenges: Arc<Challenges>,
}

impl ResolvesServerCert for WithChallenges {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        if asks(&hello) {
            self.challenges.find(hello.server_name()?)
        } else {
            self.certificate.clone()
        }
    }
}

/// Whether this is the authority: nobody else offers this protocol alone.
fn asks(hello: &ClientHello<'_>) -> bool {
    hello
        .alpn()
        .is_some_and(|offered| offered.eq([ALPN_CHALLENGE]))
}

fn make(name: &str, digest: &[u8; 32]) -> Result<CertifiedKey, rcgen::Error> {
    let key = KeyPair::generate()?;
    let mut parameters = CertificateParams::new(vec![name.to_owned()])?;
    parameters.custom_extensions = vec![CustomExtension::new_acme_identifier(digest)];
    let certificate = parameters.self_signed(&key)?;
    let private_key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let chain = vec![certificate.der().clone()];
    // The key is the certificate's own. To compare them would fail: the certificate says something
    // critical that only an authority understands.
    let key = ring::sign::any_supported_type(&private_key)
        .map_err(|_| rcgen::Error::CouldNotParseKeyPair)?;
    Ok(CertifiedKey::new(chain, key))
}
