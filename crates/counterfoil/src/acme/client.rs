//! The way to an authority: requests of the ACME library, by the HTTP client that is in the program
//! anyway. It hears what the library does not tell: when the authority wants to be asked again.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, DATE, HeaderName, RETRY_AFTER, USER_AGENT};
use http::{HeaderMap, HeaderValue, Method, Request, Response};
use http_body_util::Full;
use instant_acme::{BodyWrapper, BytesResponse, Error, HttpClient};
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use crate::outgoing::{Failed, ask};

/// How long one request may take, the connection included.
const PATIENCE: Duration = Duration::from_secs(30);
/// What of an answer is read. A chain of certificates is some thousand bytes.
const ANSWER_BYTES: usize = 256 * 1024;
/// What the authority's problems are written as (RFC 8555 section 6.7).
const PROBLEM: &[u8] = b"application/problem+json";

/// See the module. Cheap to clone.
#[derive(Clone)]
pub(super) struct Client {
    tls: TlsConnector,
    told_to_wait: Arc<Mutex<Option<Duration>>>,
}

impl Client {
    pub(super) fn new(tls: TlsConnector) -> Self {
        Self {
            tls,
            told_to_wait: Arc::default(),
        }
    }

    /// For how long the authority wants not to be asked, if it refused something since this was
    /// last asked and said so.
    pub(super) fn take_told_to_wait(&self) -> Option<Duration> {
        let mut told = self
            .told_to_wait
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        told.take()
    }

    async fn send(&self, request: Request<BodyWrapper<Bytes>>) -> Result<BytesResponse, Error> {
        let host = request.uri().host().unwrap_or_default().to_owned();
        let is_post = request.method() == Method::POST;
        let response = match timeout(PATIENCE, send(&self.tls, request)).await {
            Ok(Ok(response)) => response,
            Ok(Err(cause)) => return Err(failed(format!("{host} cannot be asked: {cause}"))),
            Err(_) => return Err(failed(format!("{host} did not answer in time"))),
        };
        let status = response.status();
        if status.is_client_error() || status.is_server_error() {
            self.note_wait(response.headers());
            // The library reads a problem where it posts, and what it wanted everywhere else.
            if !is_post || !is_problem(response.headers()) {
                return Err(failed(format!("{host} answered {status}")));
            }
        }
        Ok(BytesResponse::from(response.map(Full::new)))
    }

    fn note_wait(&self, headers: &HeaderMap) {
        if let Some(wait) = retry_after(headers) {
            *self
                .told_to_wait
                .lock()
                .unwrap_or_else(PoisonError::into_inner) = Some(wait);
        }
    }
}

impl HttpClient for Client {
    fn request(
        &self,
        request: Request<BodyWrapper<Bytes>>,
    ) -> Pin<Box<dyn Future<Output = Result<BytesResponse, Error>> + Send>> {
        let this = self.clone();
        Box::pin(async move { this.send(request).await })
    }
}

async fn send(
    tls: &TlsConnector,
    mut request: Request<BodyWrapper<Bytes>>,
) -> Result<Response<Bytes>, Failed> {
    let uri = request.uri().clone();
    // A directory may name what it likes; nothing is asked unencrypted.
    if uri.scheme_str() != Some("https") {
        return Err("its directory has a URL that does not begin with https://".into());
    }
    let authority = uri
        .authority()
        .ok_or("its directory has a URL without a host")?;
    let host = authority.host();
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let stream = TcpStream::connect((host, authority.port_u16().unwrap_or(443))).await?;
    let name = ServerName::try_from(host.to_owned())?;
    let stream = tls.connect(name, stream).await?;
    name_us(request.headers_mut());
    ask(stream, authority.as_str(), request, ANSWER_BYTES).await
}

/// An authority should know which program asks, before the library that it asks with (RFC 8555
/// section 6.1).
fn name_us(headers: &mut HeaderMap) {
    const OURS: &str = concat!("counterfoil/", env!("CARGO_PKG_VERSION"));
    let library = headers
        .get(USER_AGENT)
        .and_then(|value| value.to_str().ok());
    let both = format!("{OURS} {}", library.unwrap_or_default());
    if let Ok(both) = HeaderValue::from_str(both.trim_end()) {
        headers.insert(USER_AGENT, both);
    }
}

fn failed(sentence: String) -> Error {
    Error::Other(sentence.into())
}

fn is_problem(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE);
    kind.is_some_and(|kind| kind.as_bytes().starts_with(PROBLEM))
}

/// How long to wait by `Retry-After`, which has a number of seconds or a date. A date is compared
/// with the answer's own, so that nobody's clock but the authority's counts.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = |name: HeaderName| headers.get(name)?.to_str().ok();
    let value = text(RETRY_AFTER)?.trim();
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let until = httpdate::parse_http_date(value).ok()?;
    let sent = httpdate::parse_http_date(text(DATE)?).ok()?;
    Some(until.duration_since(sent).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waits(headers: &[(HeaderName, &'static str)]) -> Option<u64> {
        let headers = headers
            .iter()
            .map(|(name, value)| (name.clone(), HeaderValue::from_static(value)))
            .collect();
        retry_after(&headers).map(|wait| wait.as_secs())
    }

    #[test]
    fn a_wait_is_a_number_of_seconds_or_a_date() {
        let date = (DATE, "Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(waits(&[(RETRY_AFTER, "120")]), Some(120));
        let later = (RETRY_AFTER, "Sun, 06 Nov 1994 08:50:37 GMT");
        assert_eq!(waits(&[date.clone(), later.clone()]), Some(60));
        let before = (RETRY_AFTER, "Sun, 06 Nov 1994 08:48:37 GMT");
        assert_eq!(waits(&[date, before]), Some(0));
        assert_eq!(waits(&[later]), None);
        assert_eq!(waits(&[(RETRY_AFTER, "soon")]), None);
        assert_eq!(waits(&[]), None);
    }

    #[test]
    fn the_program_names_itself_before_its_library() {
        let mut headers = HeaderMap::new();
        headers.insert(USER_AGENT, HeaderValue::from_static("library/1"));
        name_us(&mut headers);
        let named = headers[USER_AGENT].to_str().unwrap();
        assert!(named.starts_with("counterfoil/") && named.ends_with(" library/1"));
    }
}
