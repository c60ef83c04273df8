//! What an authority and clients are shown while a certificate is ordered.

use std::fs;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, Error as TlsFailure, SignatureScheme};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::super::test_folder::TestFolder;
use super::tls::{encrypted, self_signed};
use super::*;

const NAME: &str = "tokens.example.org";
const DIGEST: [u8; 32] = [7; 32];

/// Takes every certificate, as an authority does, which looks at it afterwards. What reads
/// certificates here refuses one that says something critical which it does not know.
#[derive(Debug)]
struct TakesAll(Arc<CryptoProvider>);

impl ServerCertVerifier for TakesAll {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, TlsFailure> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsFailure> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsFailure> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

/// Connects for this name and offers these protocols.
async fn connect(
    server: &Server,
    name: &str,
    alpn: &[&[u8]],
) -> std::io::Result<TlsStream<TcpStream>> {
    let provider = Arc::new(ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .unwrap()
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(TakesAll(provider)))
        .with_no_client_auth();
    config.alpn_protocols = alpn.iter().map(|one| one.to_vec()).collect();
    let name = ServerName::try_from(name.to_owned()).unwrap();
    TlsConnector::from(Arc::new(config))
        .connect(name, server.connect().await)
        .await
}

/// The certificate that was shown.
fn shown(stream: &TlsStream<TcpStream>) -> Vec<u8> {
    let chain = stream.get_ref().1.peer_certificates().unwrap();
    chain[0].to_vec()
}

#[tokio::test]
async fn before_there_is_a_certificate_the_authority_alone_is_answered() {
    let folder = TestFolder::new();
    let (tls, settings) = encrypted(TlsSource::Ordered(folder.join("ordered.pem")));
    let server = Server::start(settings).await;
    assert!(!tls.has_certificate());
    assert_eq!((tls.life(), tls.expires_at()), (None, None));
    assert!(connect(&server, NAME, &[b"http/1.1"]).await.is_err());
    assert!(connect(&server, NAME, &[b"acme-tls/1"]).await.is_err());

    tls.answer_challenge(NAME, &DIGEST).unwrap();
    let mut asked = connect(&server, "TOKENS.example.org", &[b"acme-tls/1"])
        .await
        .unwrap();
    let extension = [&[0x04, 0x20][..], &DIGEST].concat();
    let certificate = shown(&asked);
    assert!(certificate.windows(34).any(|bytes| bytes == extension));
    let mut rest = Vec::new();
    asked.read_to_end(&mut rest).await.unwrap();
    assert_eq!(rest, b"", "the connection ends with the handshake");

    // Neither another name nor somebody who offers more than the one protocol is answered.
    let other = connect(&server, "other.example.org", &[b"acme-tls/1"]).await;
    assert!(other.is_err());
    let both = connect(&server, NAME, &[b"acme-tls/1", b"http/1.1"]).await;
    assert!(both.is_err());
    tls.forget_challenges();
    assert!(connect(&server, NAME, &[b"acme-tls/1"]).await.is_err());
}

#[tokio::test]
async fn a_certificate_that_arrives_is_served_and_a_broken_file_does_not_take_its_place() {
    let folder = TestFolder::new();
    let file = folder.join("ordered.pem");
    let (tls, settings) = encrypted(TlsSource::Ordered(file.clone()));
    let server = Server::start(settings).await;
    let own = self_signed(&folder, "given").make_or_keep().unwrap();
    let text = [own.key, own.certificate].map(|part| fs::read_to_string(part).unwrap());
    fs::write(&file, text.concat()).unwrap();
    tls.reload().unwrap();
    assert!(tls.has_certificate() && tls.life().is_some());
    let stream = connect(&server, "localhost", &[b"http/1.1"]).await.unwrap();
    let first = shown(&stream);
    assert!(ask(stream, LAST_GET).await.ends_with("127.0.0.1 tls=true"));

    // An order beside it shows clients what they were shown before.
    tls.answer_challenge(NAME, &DIGEST).unwrap();
    let stream = connect(&server, NAME, &[b"http/1.1"]).await.unwrap();
    assert_eq!(shown(&stream), first);
    fs::write(&file, "half a certificate").unwrap();
    assert!(tls.reload().is_err());
    let stream = connect(&server, "localhost", &[b"http/1.1"]).await.unwrap();
    assert_eq!(shown(&stream), first);
}

#[tokio::test]
async fn without_orders_nobody_is_asked_for_the_protocol_of_challenges() {
    let folder = TestFolder::new();
    let (tls, settings) = encrypted(TlsSource::SelfSigned(self_signed(&folder, "own")));
    let server = Server::start(settings).await;
    tls.answer_challenge(NAME, &DIGEST).unwrap();
    assert!(tls.orders().is_none());
    assert!(connect(&server, NAME, &[b"acme-tls/1"]).await.is_err());
}
