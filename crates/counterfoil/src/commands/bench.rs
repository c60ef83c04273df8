//! `counterfoil bench`: a small load on one's own server, so that operators see their own figures.
//!
//! It asks the server that is named and nobody else, for a bounded time on a bounded number of
//! connections. Every request is a check of the token on standard input, which changes nothing but
//! the time of its last use. Plain HTTP/1.1 only: what encryption costs is for the proxy's own
//! tools to say.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use clap::{Args, ValueEnum};
use http::header::{AUTHORIZATION, HOST, USER_AGENT};
use http::{HeaderValue, Request, Uri};
use http_body_util::Empty;
use serde_json::json;
use tokio::net::{TcpStream, lookup_host};
use tokio::task::JoinSet;

use crate::commands::UsageError;
use crate::commands::answer::Answer;
use crate::commands::plain_http::{Connection, PATIENCE, Question};
use crate::commands::secret_input;
use crate::commands::table::facts;

/// Put a small load on a server of your own, and say how fast it answers
///
/// Checks the token on standard input again and again, on several connections that stay open, each
/// asking anew as soon as it was answered. Nothing changes but the time of the token's last use.
/// Load and server share the machine's cores when both run on it. Servers on other machines are
/// loaded only with --remote: the token then crosses the network as it is.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  printf %s \"$TOKEN\" | counterfoil bench --url http://127.0.0.1:8080 --token-stdin
  printf %s \"$TOKEN\" | counterfoil bench --url http://127.0.0.1:8080 --token-stdin --path user --seconds 5")]
pub(crate) struct BenchArguments {
    /// The server's origin, such as `http://127.0.0.1:8080`; plain HTTP only
    #[arg(long, value_name = "URL", value_parser = origin)]
    url: Origin,
    /// The token on standard input, one line
    #[arg(long, required = true)]
    token_stdin: bool,
    /// What is asked
    #[arg(long, value_enum, default_value_t = Path::Gateway)]
    path: Path,
    /// For how long
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=60))]
    seconds: u32,
    /// On how many connections
    #[arg(long, default_value_t = 16, value_parser = clap::value_parser!(u16).range(1..=256))]
    connections: u16,
    /// Load a server on another machine
    #[arg(long)]
    remote: bool,
}

/// What is asked of the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Path {
    /// `GET /gateway/verify`, as a gateway asks
    Gateway,
    /// `GET /api/v3/user`, as a client asks
    User,
}

impl Path {
    fn as_str(self) -> &'static str {
        match self {
            Self::Gateway => "/gateway/verify",
            Self::User => "/api/v3/user",
        }
    }
}

/// Where a server is.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Origin {
    host: String,
    port: u16,
}

fn origin(text: &str) -> Result<Origin, String> {
    let must_be = || "must be http:// with a host and perhaps a port, without a path".to_owned();
    let uri: Uri = text.parse().map_err(|_| must_be())?;
    if uri.scheme_str() == Some("https") {
        return Err(
            "https is not measured; name an address that is served without encryption".to_owned(),
        );
    }
    let is_origin = matches!(uri.path(), "" | "/") && uri.query().is_none();
    let authority = uri
        .authority()
        .filter(|authority| !authority.as_str().contains('@'));
    match (uri.scheme_str(), authority) {
        (Some("http"), Some(authority)) if is_origin => Ok(Origin {
            host: authority.host().trim_matches(['[', ']']).to_owned(),
            port: authority.port_u16().unwrap_or(80),
        }),
        _ => Err(must_be()),
    }
}

/// Runs the load and says what it showed.
pub(crate) async fn run(arguments: BenchArguments) -> anyhow::Result<Answer> {
    let address = find(&arguments.url, arguments.remote).await?;
    let token = secret_input::read_stdin("token")?;
    let request = request(&arguments, &token)?;
    let mut first = Connection::open(address).await?;
    let status = first.ask(&request).await?;
    ensure!(
        status == 200,
        "the server answers {status} to {} with this token; nothing was measured",
        arguments.path.as_str()
    );
    let end = Instant::now() + Duration::from_secs(u64::from(arguments.seconds));
    let began = Instant::now();
    let mut tasks = JoinSet::new();
    for _ in 0..arguments.connections {
        tasks.spawn(ask_until(address, request.clone(), end));
    }
    let mut all = Measured::default();
    while let Some(done) = tasks.join_next().await {
        all.add(done??);
    }
    Ok(all.answer(&arguments, began.elapsed()))
}

/// The address of the server; one on another machine only when that is wanted.
async fn find(origin: &Origin, remote: bool) -> anyhow::Result<SocketAddr> {
    let found: Vec<_> = lookup_host((origin.host.as_str(), origin.port))
        .await
        .with_context(|| format!("cannot find {}", origin.host))?
        .collect();
    let elsewhere = |address: &SocketAddr| !address.ip().to_canonical().is_loopback();
    if !remote && found.iter().any(elsewhere) {
        return Err(UsageError::of(format!(
            "{} is another machine, and the token would cross the network as it is; add --remote if that is meant",
            origin.host
        )));
    }
    // A name may stand for several addresses, of which a server listens on one.
    for address in &found {
        if let Ok(Ok(_)) = tokio::time::timeout(PATIENCE, TcpStream::connect(address)).await {
            return Ok(*address);
        }
    }
    let first = found.first();
    first
        .copied()
        .with_context(|| format!("{} has no address", origin.host))
}

/// What is asked again and again. It holds the token.
fn request(arguments: &BenchArguments, token: &str) -> anyhow::Result<Question> {
    let token = format!("Bearer {token}");
    let mut token = HeaderValue::from_str(&token)
        .ok()
        .filter(|value| {
            value
                .as_bytes()
                .iter()
                .skip("Bearer ".len())
                .all(u8::is_ascii_graphic)
        })
        .context("a token is made of visible ASCII characters")?;
    token.set_sensitive(true);
    let Origin { host, port } = &arguments.url;
    let host = if host.contains(':') {
        format!("[{host}]")
    } else {
        host.clone()
    };
    let request = Request::get(arguments.path.as_str())
        .header(HOST, format!("{host}:{port}"))
        .header(USER_AGENT, "counterfoil-bench")
        .header(AUTHORIZATION, token)
        .body(Empty::new());
    request.context("the server's name cannot be sent")
}

/// Asks on one connection until the time is over.
async fn ask_until(
    address: SocketAddr,
    request: Question,
    end: Instant,
) -> anyhow::Result<Measured> {
    let mut measured = Measured::default();
    let mut connection = Connection::open(address).await?;
    while Instant::now() < end {
        let since = Instant::now();
        let status = connection.ask(&request).await?;
        if status == 200 {
            measured.latencies.push(since.elapsed());
        } else {
            *measured.errors.entry(status).or_default() += 1;
        }
        if !connection.stays_open().await {
            connection = Connection::open(address).await?;
        }
    }
    Ok(measured)
}

/// What some connections saw.
#[derive(Default)]
struct Measured {
    latencies: Vec<Duration>,
    /// Answers other than 200, by status.
    errors: BTreeMap<u16, u64>,
}

impl Measured {
    fn add(&mut self, other: Self) {
        self.latencies.extend(other.latencies);
        for (status, count) in other.errors {
            *self.errors.entry(status).or_default() += count;
        }
    }

    /// The time within which so many of a hundred answers came.
    fn percentile(&self, of_hundred: usize) -> Duration {
        let place = (self.latencies.len() * of_hundred).div_ceil(100);
        let found = self.latencies.get(place.saturating_sub(1));
        found.copied().unwrap_or_default()
    }

    fn answer(mut self, arguments: &BenchArguments, took: Duration) -> Answer {
        self.latencies.sort_unstable();
        let answered = u32::try_from(self.latencies.len()).unwrap_or(u32::MAX);
        let per_second = (f64::from(answered) / took.as_secs_f64()).round();
        let errors: u64 = self.errors.values().sum();
        let milliseconds = |of| self.percentile(of).as_secs_f64() * 1e3;
        let [p50, p90, p99] = [50, 90, 99].map(milliseconds);
        let statuses = self.errors.iter();
        let statuses = statuses.map(|(status, count)| (status.to_string(), json!(count)));
        let document = json!({
            "path": arguments.path.as_str(),
            "seconds": took.as_secs_f64(),
            "connections": arguments.connections,
            "requests": answered,
            "requests_per_second": per_second,
            "p50_milliseconds": p50,
            "p90_milliseconds": p90,
            "p99_milliseconds": p99,
            "errors": errors,
            "errors_by_status": statuses.collect::<serde_json::Map<_, _>>(),
        });
        let text = facts(&[
            ("path", arguments.path.as_str().to_owned()),
            ("requests", answered.to_string()),
            ("requests/s", format!("{per_second:.0}")),
            ("p50", format!("{p50:.3} ms")),
            ("p90", format!("{p90:.3} ms")),
            ("p99", format!("{p99:.3} ms")),
            ("errors", errors.to_string()),
        ]);
        let answer = Answer::data(document, text);
        if errors > 0 {
            answer.complaining()
        } else {
            answer
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_plain_http_without_a_path() {
        let of = |text| origin(text).ok().map(|origin| (origin.host, origin.port));
        assert_eq!(
            of("http://127.0.0.1:8080"),
            Some(("127.0.0.1".to_owned(), 8080))
        );
        assert_eq!(of("http://[::1]:8080/"), Some(("::1".to_owned(), 8080)));
        assert_eq!(of("http://localhost"), Some(("localhost".to_owned(), 80)));
        for refused in [
            "https://localhost",
            "http://localhost/x",
            "localhost:8080",
            "http://me@localhost",
        ] {
            assert_eq!(of(refused), None, "{refused}");
        }
    }

    #[test]
    fn percentiles_are_of_what_was_answered() {
        let latencies = (1..=200).map(Duration::from_millis).collect();
        let measured = Measured {
            latencies,
            errors: BTreeMap::new(),
        };
        assert_eq!(measured.percentile(50), Duration::from_millis(100));
        assert_eq!(measured.percentile(99), Duration::from_millis(198));
        assert_eq!(Measured::default().percentile(99), Duration::ZERO);
    }
}
