//! Cookies: what they are called, and how they are read and set.
//!
//! Over https a name begins with `__Host-`, so that no neighbour of the host can set it. Plain http
//! is for loopback alone, where there is no such prefix; cookies do not tell ports apart, so there
//! a name ends in digits of the installation.

use std::time::Duration;

use counterfoil_domain::language::Language;
use counterfoil_domain::link::LinkCode;
use counterfoil_domain::session::CookieSecret;
use counterfoil_wire::base::ApiBase;
use http::header::COOKIE;
use http::{HeaderMap, HeaderValue};

use crate::state::ServerState;

/// For how long a browser remembers in which language it wants pages.
const LANGUAGE_KEPT: Duration = Duration::from_hours(365 * 24);

/// For how long a browser remembers the link that somebody opened: longer than its form takes.
const LINK_KEPT: Duration = Duration::from_mins(30);

/// How a browser reaches the pages, as far as cookies care.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reached {
    /// Encrypted.
    Https,
    /// In the clear, without leaving the machine.
    HttpOnLoopback,
    /// In the clear, over a network: nobody signs in there.
    HttpElsewhere,
}

impl Reached {
    pub(super) fn of(base: &ApiBase) -> Self {
        let Some(host) = base.origin().strip_prefix("http://") else {
            return Self::Https;
        };
        let name = match host.rsplit_once(':') {
            Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
            _ => host,
        };
        let is_loopback = matches!(name, "localhost" | "[::1]")
            || name.ends_with(".localhost")
            || name
                .parse::<std::net::Ipv4Addr>()
                .is_ok_and(|address| address.is_loopback());
        if is_loopback {
            Self::HttpOnLoopback
        } else {
            Self::HttpElsewhere
        }
    }
}

/// A cookie of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cookie {
    /// The session of somebody who is signed in.
    Session,
    /// A browser that nobody is signed in with: forms are bound to it.
    Visitor,
    /// A password that was right and waits for a code.
    HalfSignIn,
    /// The language that somebody chose who is not signed in.
    Language,
    /// A link that somebody opened.
    Link,
}

impl Cookie {
    fn word(self) -> &'static str {
        match self {
            Self::Session => "session",
            Self::Visitor => "visitor",
            Self::HalfSignIn => "code",
            Self::Language => "language",
            Self::Link => "link",
        }
    }
}

/// The names of cookies where a request came to.
#[derive(Clone, Debug)]
pub(super) struct CookieNames {
    reached: Reached,
    suffix: String,
}

impl CookieNames {
    pub(super) fn of(state: &ServerState) -> Self {
        let reached = Reached::of(state.base());
        let suffix = match reached {
            Reached::Https => String::new(),
            Reached::HttpOnLoopback | Reached::HttpElsewhere => {
                format!("-{}", state.authority().cookie_suffix())
            }
        };
        Self { reached, suffix }
    }

    fn name(&self, cookie: Cookie) -> String {
        let prefix = match self.reached {
            Reached::Https => "__Host-",
            Reached::HttpOnLoopback | Reached::HttpElsewhere => "",
        };
        format!("{prefix}counterfoil-{}{}", cookie.word(), self.suffix)
    }

    /// The value of a cookie that a request carries. Of two with one name none counts: one of them
    /// is somebody else's.
    fn value<'h>(&self, cookie: Cookie, headers: &'h HeaderMap) -> Option<&'h str> {
        let name = self.name(cookie);
        let mut found = None;
        for header in headers.get_all(COOKIE) {
            for pair in header.to_str().unwrap_or_default().split(';') {
                let Some((key, value)) = pair.trim().split_once('=') else {
                    continue;
                };
                if key != name {
                    continue;
                }
                if found.is_some_and(|found| found != value) {
                    return None;
                }
                found = Some(value);
            }
        }
        found
    }

    /// The secret in a cookie.
    pub(super) fn secret(&self, cookie: Cookie, headers: &HeaderMap) -> Option<CookieSecret> {
        CookieSecret::parse(self.value(cookie, headers)?)
    }

    /// The code of a link that somebody opened.
    pub(super) fn link(&self, headers: &HeaderMap) -> Option<LinkCode> {
        LinkCode::parse(self.value(Cookie::Link, headers)?)
    }

    /// A `Set-Cookie` by which a browser remembers the link that somebody opened.
    pub(super) fn keep_link(&self, code: &LinkCode) -> HeaderValue {
        self.set(Cookie::Link, code.expose(), Some(LINK_KEPT))
    }

    /// The language that somebody chose.
    pub(super) fn language(&self, headers: &HeaderMap) -> Option<Language> {
        let chosen = self.value(Cookie::Language, headers)?;
        Language::ALL
            .into_iter()
            .find(|language| language.tag() == chosen)
    }

    /// A `Set-Cookie` by which a browser keeps a secret for so long; until it is closed when no
    /// time is given.
    pub(super) fn keep(
        &self,
        cookie: Cookie,
        secret: &CookieSecret,
        lifetime: Option<Duration>,
    ) -> HeaderValue {
        self.set(cookie, secret.expose(), lifetime)
    }

    /// A `Set-Cookie` by which a browser remembers a language.
    pub(super) fn keep_language(&self, language: Language) -> HeaderValue {
        self.set(Cookie::Language, language.tag(), Some(LANGUAGE_KEPT))
    }

    /// A `Set-Cookie` by which a browser forgets a cookie.
    pub(super) fn forget(&self, cookie: Cookie) -> HeaderValue {
        self.set(cookie, "", Some(Duration::ZERO))
    }

    /// The `Cookie` of a request that sends this secret.
    pub(super) fn sent(&self, cookie: Cookie, secret: &CookieSecret) -> HeaderValue {
        let text = format!("{}={}", self.name(cookie), secret.expose());
        let mut header = HeaderValue::try_from(text).expect("names and values are plain ASCII");
        header.set_sensitive(true);
        header
    }

    fn set(&self, cookie: Cookie, value: &str, lifetime: Option<Duration>) -> HeaderValue {
        let lifetime = lifetime.map(|lifetime| format!("; Max-Age={}", lifetime.as_secs()));
        let lifetime = lifetime.unwrap_or_default();
        let secure = match self.reached {
            Reached::Https => "; Secure",
            Reached::HttpOnLoopback | Reached::HttpElsewhere => "",
        };
        let name = self.name(cookie);
        // Lax: a link from an app leads to a page that knows who is signed in.
        let text = format!("{name}={value}; Path=/{lifetime}{secure}; HttpOnly; SameSite=Lax");
        let mut header = HeaderValue::try_from(text).expect("names and values are plain ASCII");
        header.set_sensitive(true);
        header
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reached(origin: &str) -> Reached {
        Reached::of(&ApiBase::parse(origin).expect("an origin"))
    }

    #[test]
    fn plain_http_is_for_loopback_alone() {
        assert_eq!(reached("https://tokens.example.org"), Reached::Https);
        for origin in [
            "http://localhost:8080",
            "http://127.0.0.1",
            "http://127.9.9.9:1",
            "http://[::1]:8080",
        ] {
            assert_eq!(reached(origin), Reached::HttpOnLoopback, "{origin}");
        }
        for origin in [
            "http://tokens.example.org",
            "http://10.0.0.1:8080",
            "http://localhost.example.org",
            "http://[::2]:8080",
        ] {
            assert_eq!(reached(origin), Reached::HttpElsewhere, "{origin}");
        }
    }

    fn names(reached: Reached) -> CookieNames {
        let suffix = match reached {
            Reached::Https => "",
            Reached::HttpOnLoopback | Reached::HttpElsewhere => "-0123abcd",
        };
        CookieNames {
            reached,
            suffix: suffix.to_owned(),
        }
    }

    fn headers(values: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(COOKIE, HeaderValue::try_from(*value).expect("ASCII"));
        }
        headers
    }

    #[test]
    fn a_cookie_is_found_among_others_unless_it_comes_twice() {
        let names = names(Reached::Https);
        let name = "__Host-counterfoil-session";
        for (sent, value) in [
            (&["a=b; __Host-counterfoil-session=x"][..], Some("x")),
            (&["a=b", "__Host-counterfoil-session=x; c=d"], Some("x")),
            (
                &["__Host-counterfoil-session=x; __Host-counterfoil-session=y"],
                None,
            ),
            (
                &[
                    "__Host-counterfoil-session=x",
                    "__Host-counterfoil-session=y",
                ],
                None,
            ),
            (&["counterfoil-session=x"], None),
            (&["__host-counterfoil-session=x"], None),
            (&[name], None),
            (&[], None),
        ] {
            assert_eq!(
                names.value(Cookie::Session, &headers(sent)),
                value,
                "{sent:?}"
            );
        }
    }

    #[test]
    fn a_cookie_is_host_only_and_hidden_from_scripts() {
        let value = CookieSecret::parse(&"A".repeat(43)).expect("a secret");
        let kept =
            names(Reached::Https).keep(Cookie::Session, &value, Some(Duration::from_mins(1)));
        assert_eq!(
            kept,
            "__Host-counterfoil-session=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA; Path=/; Max-Age=60; Secure; HttpOnly; SameSite=Lax"
        );
        assert!(kept.is_sensitive());
        let loopback = names(Reached::HttpOnLoopback);
        assert_eq!(
            loopback.forget(Cookie::HalfSignIn),
            "counterfoil-code-0123abcd=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax"
        );
        let session = loopback.keep(Cookie::Visitor, &value, None);
        assert!(!session.to_str().expect("ASCII").contains("Max-Age"));
    }
}
