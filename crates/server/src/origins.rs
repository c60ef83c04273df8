//! Which origin the URLs of an answer begin with.
//!
//! An installation that others reach has one, its public URL, whatever a request says: the `Host`
//! is the client's word. Where nobody but this machine can come, there need be no public URL, and
//! the three names of loopback are all right. Some clients refuse an answer whose URLs have another
//! host than they asked (wire contract, section 1), so there the URLs follow the `Host`, if it is
//! one of the three with the right port.

use std::sync::OnceLock;

use axum::extract::Request;
use counterfoil_wire::base::ApiBase;
use http::header::HOST;

/// Most origins that one installation can have.
const MOST: usize = 3;

/// The names of this machine that a client may have asked for. The first one counts where the
/// `Host` is none of them.
const LOOPBACK_NAMES: [&str; MOST] = ["localhost", "127.0.0.1", "[::1]"];

/// The origins of an installation: one, or those of loopback.
#[derive(Clone, Debug)]
pub struct Origins {
    first: ApiBase,
    /// All of them, the first one again among them, if the `Host` decides.
    by_host: Option<[Named; MOST]>,
}

#[derive(Clone, Debug)]
struct Named {
    base: ApiBase,
    /// As a `Host` names it.
    host: String,
    /// The same without the port, where that is the scheme's own.
    bare: Option<&'static str>,
}

/// Whether loopback is served encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// Without encryption.
    Http,
    /// Encrypted.
    Https,
}

impl Scheme {
    fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }

    fn own_port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }
}

impl Origins {
    /// The one origin that clients use.
    pub fn public(base: ApiBase) -> Self {
        Self {
            first: base,
            by_host: None,
        }
    }

    /// The names of loopback, at this port.
    ///
    /// ```
    /// use counterfoil_server::{Origins, Scheme};
    ///
    /// assert_eq!(Origins::loopback(Scheme::Http, 8080).first().origin(), "http://localhost:8080");
    /// assert_eq!(Origins::loopback(Scheme::Https, 443).first().origin(), "https://localhost");
    /// ```
    pub fn loopback(scheme: Scheme, port: u16) -> Self {
        let names = LOOPBACK_NAMES.map(|name| {
            let host = format!("{name}:{port}");
            let portless = (port == scheme.own_port()).then_some(name);
            let origin = format!("{}://{}", scheme.as_str(), portless.unwrap_or(&host));
            let base =
                ApiBase::parse(&origin).expect("a name of loopback with a port is an origin");
            Named {
                base,
                host,
                bare: portless,
            }
        });
        let [Named { base, .. }, ..] = &names;
        Self {
            first: base.clone(),
            by_host: Some(names),
        }
    }

    /// The origin where no request says otherwise.
    pub fn first(&self) -> &ApiBase {
        &self.first
    }

    /// Which one the URLs in the answer to this request begin with.
    pub(crate) fn of(&self, request: &Request) -> Origin {
        match &self.by_host {
            None => Origin::default(),
            Some(names) => find(names, request),
        }
    }

    /// The base of one of them.
    pub(crate) fn base(&self, origin: Origin) -> &ApiBase {
        match &self.by_host {
            None => &self.first,
            Some(names) => &names[origin.0].base,
        }
    }
}

fn find(names: &[Named; MOST], request: &Request) -> Origin {
    // HTTP/2 has it in the address alone, as has HTTP/1.1 to a proxy; there it beats the header
    // (RFC 9112 section 3.2.2).
    let asked = match request.uri().authority() {
        Some(authority) => authority.as_str().as_bytes(),
        None => request
            .headers()
            .get(HOST)
            .map_or(&[][..], |host| host.as_bytes()),
    };
    let is_asked = |name: &str| name.as_bytes().eq_ignore_ascii_case(asked);
    let found = names
        .iter()
        .position(|name| is_asked(&name.host) || name.bare.is_some_and(is_asked));
    Origin(found.unwrap_or_default())
}

/// One of the origins of an installation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Origin(usize);

/// What is kept ready for an answer and has URLs in it: once for each origin that was asked for.
#[derive(Debug)]
pub(crate) struct PerOrigin<T>([OnceLock<Box<T>>; MOST]);

impl<T> PerOrigin<T> {
    /// What is kept for this origin, made if there is nothing yet.
    pub(crate) fn get(&self, origin: Origin, make: impl FnOnce() -> T) -> &T {
        self.0[origin.0].get_or_init(|| Box::new(make()))
    }
}

impl<T> Default for PerOrigin<T> {
    fn default() -> Self {
        Self([const { OnceLock::new() }; MOST])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(origins: &Origins, uri: &str, host: Option<&str>) -> String {
        let mut request = Request::builder().uri(uri);
        if let Some(host) = host {
            request = request.header(HOST, host);
        }
        let request = request.body(axum::body::Body::empty()).unwrap();
        origins.base(origins.of(&request)).origin().to_owned()
    }

    #[test]
    fn urls_follow_the_host_among_the_names_of_loopback() {
        let origins = Origins::loopback(Scheme::Http, 8080);
        for host in ["localhost:8080", "127.0.0.1:8080", "[::1]:8080"] {
            let origin = format!("http://{host}");
            assert_eq!(asked(&origins, "/", Some(host)), origin);
            assert_eq!(asked(&origins, &format!("{origin}/"), None), origin);
        }
        assert_eq!(
            asked(&origins, "/", Some("LocalHost:8080")),
            "http://localhost:8080"
        );
    }

    #[test]
    fn a_host_that_is_none_of_them_gets_localhost() {
        let origins = Origins::loopback(Scheme::Http, 8080);
        for host in [
            None,
            Some(""),
            Some("127.0.0.1"),
            Some("127.0.0.1:8081"),
            Some("evil.example:8080"),
            Some("127.0.0.1:8080.evil.example"),
        ] {
            assert_eq!(
                asked(&origins, "/", host),
                "http://localhost:8080",
                "{host:?}"
            );
        }
    }

    #[test]
    fn the_port_of_the_scheme_need_not_be_said() {
        let origins = Origins::loopback(Scheme::Https, 443);
        for host in ["127.0.0.1", "127.0.0.1:443"] {
            assert_eq!(asked(&origins, "/", Some(host)), "https://127.0.0.1");
        }
    }

    #[test]
    fn a_public_url_follows_no_host() {
        let origins = Origins::public(ApiBase::parse("https://tokens.example.org").unwrap());
        assert_eq!(
            asked(&origins, "/", Some("127.0.0.1:8080")),
            "https://tokens.example.org"
        );
    }
}
