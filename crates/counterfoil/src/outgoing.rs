//! What calls to other people's servers over HTTP have in common: whose certificates are believed,
//! and one request on a connection of its own, whose answer has a bound.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context;
use bytes::Bytes;
use http::header::HOST;
use http::{HeaderValue, Request, Response, Uri};
use http_body_util::{BodyExt as _, Limited};
use hyper::body::Body;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsConnector;

/// Why a request did not get its answer.
pub(crate) type Failed = Box<dyn std::error::Error + Send + Sync>;

/// Believes those whose certificates are in this file, else whom the system believes. The settings'
/// key names what is called, for the sentence if nobody can be believed.
pub(crate) fn connector(
    authorities: Option<&Path>,
    key: &'static str,
) -> anyhow::Result<TlsConnector> {
    let mut roots = RootCertStore::empty();
    if let Some(file) = authorities {
        add_those_in(file, &mut roots)?;
    } else {
        let found = rustls_native_certs::load_native_certs();
        let (added, _) = roots.add_parsable_certificates(found.certs);
        anyhow::ensure!(
            added > 0,
            "{key} cannot be reached by https: this system trusts no certificate authority"
        );
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}

fn add_those_in(file: &Path, roots: &mut RootCertStore) -> anyhow::Result<()> {
    let pem = std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    let no_pem = || format!("{} holds no certificates in PEM", file.display());
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem).collect();
    let found = found.ok().filter(|found| !found.is_empty());
    for certificate in found.with_context(no_pem)? {
        roots.add(certificate).with_context(no_pem)?;
    }
    Ok(())
}

/// Sends a request to whoever this is, host and port as the header has them, and reads at most so
/// many bytes of the answer.
pub(crate) async fn ask<S, B>(
    stream: S,
    authority: &str,
    request: Request<B>,
    most: usize,
) -> Result<Response<Bytes>, Failed>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    B: Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<Failed>,
{
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    // It ends with the sender.
    drop(tokio::spawn(connection));
    let (mut parts, body) = request.into_parts();
    let path = parts.uri.path_and_query().cloned();
    parts.uri = path.map_or_else(Uri::default, Uri::from);
    parts
        .headers
        .insert(HOST, HeaderValue::from_str(authority)?);
    let response = sender
        .send_request(Request::from_parts(parts, body))
        .await?;
    let (parts, body) = response.into_parts();
    let body = Limited::new(body, most).collect().await?;
    Ok(Response::from_parts(parts, body.to_bytes()))
}
