//! Encrypted connections.

use std::fs;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::super::test_folder::TestFolder;
use super::*;

pub(super) fn self_signed(folder: &TestFolder, name: &str) -> SelfSigned {
    SelfSigned {
        folder: folder.join(name),
        names: vec!["localhost".to_owned()],
    }
}

pub(super) fn encrypted(source: TlsSource) -> (Arc<TlsReloader>, ServeSettings) {
    let tls = Arc::new(TlsReloader::new(source).unwrap());
    let settings = ServeSettings {
        tls: Some(Arc::clone(&tls)),
        ..ServeSettings::default()
    };
    (tls, settings)
}

/// A client that trusts this certificate only.
async fn connect_tls(
    server: &Server,
    trusted: &CertificateFiles,
    alpn: &[u8],
) -> std::io::Result<TlsStream<TcpStream>> {
    encrypt(server.connect().await, trusted, alpn).await
}

/// A client on this connection that trusts this certificate only.
pub(super) async fn encrypt(
    connection: TcpStream,
    trusted: &CertificateFiles,
    alpn: &[u8],
) -> std::io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots
        .add(CertificateDer::from_pem_file(&trusted.certificate).unwrap())
        .unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![alpn.to_vec()];
    let name = ServerName::try_from("localhost").unwrap();
    TlsConnector::from(Arc::new(config))
        .connect(name, connection)
        .await
}

#[tokio::test]
async fn https_is_served_under_a_certificate_of_our_own() {
    let folder = TestFolder::new();
    let own = self_signed(&folder, "own");
    let (_, settings) = encrypted(TlsSource::SelfSigned(own.clone()));
    let server = Server::start(settings).await;
    let stream = connect_tls(&server, &own.files(), b"http/1.1")
        .await
        .unwrap();
    assert!(ask(stream, LAST_GET).await.ends_with("127.0.0.1 tls=true"));
}

#[tokio::test]
async fn http_2_is_spoken_with_clients_that_choose_it() {
    let folder = TestFolder::new();
    let own = self_signed(&folder, "own");
    let (_, settings) = encrypted(TlsSource::SelfSigned(own.clone()));
    let server = Server::start(settings).await;
    let mut stream = connect_tls(&server, &own.files(), b"h2").await.unwrap();
    // Preface, empty SETTINGS, and HEADERS of stream 1 that end both headers and stream: GET https
    // / (404) from HPACK's static table, with the authority `a` as a literal.
    let request = [
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".as_slice(),
        &[0, 0, 0, 4, 0, 0, 0, 0, 0],
        &[0, 0, 6, 1, 5, 0, 0, 0, 1, 0x82, 0x87, 0x84, 0x01, 1, b'a'],
    ];
    stream.write_all(&request.concat()).await.unwrap();
    loop {
        let mut frame = [0; 9];
        stream.read_exact(&mut frame).await.unwrap();
        let [_, high, low, kind, _, _, _, _, stream_id] = frame;
        let mut payload = vec![0; usize::from(u16::from_be_bytes([high, low]))];
        stream.read_exact(&mut payload).await.unwrap();
        if kind == 1 {
            // `:status: 404` is entry 13 of the static table (RFC 7541 appendix A), and the high
            // bit says entry.
            assert_eq!((stream_id, payload.first()), (1, Some(&0x8d)));
            break;
        }
    }
}

#[tokio::test]
async fn a_renewed_certificate_is_served_after_a_reload_and_a_broken_one_is_not() {
    let folder = TestFolder::new();
    let (old, new) = (self_signed(&folder, "old"), self_signed(&folder, "new"));
    let files = CertificateFiles {
        certificate: folder.join("server.crt"),
        key: folder.join("server.key"),
    };
    let install = |own: &SelfSigned| {
        let made = own.make_or_keep().unwrap();
        fs::copy(&made.certificate, &files.certificate).unwrap();
        fs::copy(&made.key, &files.key).unwrap();
    };
    install(&old);
    let (tls, settings) = encrypted(TlsSource::Files(files.clone()));
    let server = Server::start(settings).await;
    assert!(connect_tls(&server, &old.files(), b"h2").await.is_ok());

    install(&new);
    assert!(
        connect_tls(&server, &old.files(), b"h2").await.is_ok(),
        "not before the reload"
    );
    tls.reload().unwrap();
    assert!(connect_tls(&server, &old.files(), b"h2").await.is_err());
    assert!(connect_tls(&server, &new.files(), b"h2").await.is_ok());

    fs::copy(old.files().key, &files.key).unwrap();
    assert!(matches!(tls.reload(), Err(TlsError::Mismatch { .. })));
    fs::write(&files.key, "half a k").unwrap();
    assert!(matches!(tls.reload(), Err(TlsError::Unusable(path)) if path == files.key));
    fs::remove_file(&files.certificate).unwrap();
    assert!(matches!(tls.reload(), Err(TlsError::Read { .. })));
    assert!(
        connect_tls(&server, &new.files(), b"h2").await.is_ok(),
        "the last good one stays"
    );
}
