//! Where the web flow leads back to. A URL is judged as text first, then parsed, and what was
//! parsed is what is sent: no browser reads another one out of it than was compared here.

use url::{Url, form_urlencoded};

use crate::app_url::{AppUrl, is_written_as_read};

/// The longest URL that is looked at.
const LONGEST: usize = 2048;

/// What a query of an app's own must not name, since answers do.
const ANSWERS: [&str; 6] = [
    "code",
    "state",
    "iss",
    "error",
    "error_description",
    "error_uri",
];

/// Hosts of the computer that the browser runs on. Each stands for itself: a name is not exchanged
/// for an address.
const LOOPBACK: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];

/// A URL that an answer may go to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RedirectUri(String);

/// A URL that an answer may go to, with the registered callback that allows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChosenRedirect {
    /// Where the answer goes.
    pub uri: RedirectUri,
    /// The callback, as it was registered.
    pub callback: AppUrl,
}

/// The URL fits no registered callback.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the redirect URI fits no callback URL of the app")]
pub struct RedirectMismatch;

/// Where a browser goes with an answer, as people are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Destination<'a> {
    /// To a host, whoever runs it.
    Host {
        /// Its name, with the port where it is not the usual one.
        name: &'a str,
        /// Whether it is reached over TLS.
        is_encrypted: bool,
    },
    /// To a program on the same computer.
    ThisComputer,
}

impl RedirectUri {
    /// The URL that an app asked for, if one of its callbacks allows it; the first of them if it
    /// asked for none.
    pub fn choose(
        asked: Option<&str>,
        callbacks: &[AppUrl],
    ) -> Result<ChosenRedirect, RedirectMismatch> {
        let Some(asked) = asked else {
            let callback = callbacks.first().ok_or(RedirectMismatch)?;
            return Ok(ChosenRedirect {
                uri: Self::of_callback(callback)?,
                callback: callback.clone(),
            });
        };
        let read = Url::parse(asked).ok().filter(|url| is_plain(asked, url));
        let url = read.ok_or(RedirectMismatch)?;
        let callback = callbacks
            .iter()
            .find(|callback| allows(callback.as_str(), asked, &url))
            .ok_or(RedirectMismatch)?;
        Ok(ChosenRedirect {
            uri: Self(url.into()),
            callback: callback.clone(),
        })
    }

    /// Where an answer goes that nothing else was asked for.
    pub fn of_callback(callback: &AppUrl) -> Result<Self, RedirectMismatch> {
        let url = Url::parse(callback.as_str()).map_err(|_| RedirectMismatch)?;
        Ok(Self(url.into()))
    }

    /// One as it was stored.
    pub fn from_stored(text: String) -> Self {
        Self(text)
    }

    /// As it was parsed.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this text, given once more with the code, names the same URL.
    pub fn is_named_by(&self, text: &str) -> bool {
        let read = Url::parse(text).ok().filter(|url| is_plain(text, url));
        read.is_some_and(|url| url.as_str() == self.0)
    }

    /// The URL with an answer in its query, behind what stands there.
    pub fn with_answer(&self, answer: &str) -> String {
        let separator = match self.0.split_once('?') {
            None => "?",
            Some((_, query)) if query.is_empty() || query.ends_with('&') => "",
            Some(_) => "&",
        };
        format!("{}{separator}{answer}", self.0)
    }

    /// The start page of the host that it leads to; none where it leads to no host.
    pub fn home(&self) -> Option<String> {
        let (scheme, rest) = self.0.split_once("://")?;
        let host = rest.split(['/', '?']).next().unwrap_or_default();
        matches!(scheme, "http" | "https").then(|| format!("{scheme}://{host}/"))
    }

    /// Where the browser goes, as people are told.
    pub fn destination(&self) -> Destination<'_> {
        let rest = self.0.strip_prefix("https://");
        let (rest, is_encrypted) = match (rest, self.0.strip_prefix("http://")) {
            (Some(rest), _) => (rest, true),
            (None, Some(rest)) => (rest, false),
            // A scheme that only a program on the computer takes.
            (None, None) => return Destination::ThisComputer,
        };
        let name = rest.split(['/', '?']).next().unwrap_or_default();
        if LOOPBACK.contains(&without_port(name)) {
            return Destination::ThisComputer;
        }
        Destination::Host { name, is_encrypted }
    }
}

fn without_port(host: &str) -> &str {
    let after_brackets = host.rfind(']').unwrap_or(0);
    match host[after_brackets..].find(':') {
        Some(colon) => &host[..after_brackets + colon],
        None => host,
    }
}

fn is_of_the_web(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https")
}

/// Whether every reader of the text finds the same in it.
fn is_plain(text: &str, url: &Url) -> bool {
    let plain = |byte: u8| byte.is_ascii_graphic() && byte != b'\\' && byte != b'#';
    if text.len() > LONGEST || !text.bytes().all(plain) {
        return false;
    }
    if !is_of_the_web(url) {
        return true;
    }
    is_written_as_read(text, url)
        && url.host_str().is_none_or(|host| !host.ends_with('.'))
        && is_plain_path(path_in(text))
        && is_query_of_its_own(url)
}

/// The path as it is written.
fn path_in(text: &str) -> &str {
    let after_scheme = text.split_once("://").map_or("", |(_, rest)| rest);
    let path = after_scheme.find(['/', '?']);
    let path = path.map_or("", |start| &after_scheme[start..]);
    path.split('?').next().unwrap_or_default()
}

/// Whether a path says the same whether it is decoded once, twice or not at all, and leads to where
/// it says.
fn is_plain_path(path: &str) -> bool {
    let lower = path.to_ascii_lowercase();
    let hidden = ["%2e", "%2f", "%5c", "%25", "%00"];
    !hidden.iter().any(|hidden| lower.contains(hidden))
        && !path.split('/').any(|segment| matches!(segment, "." | ".."))
        && str::from_utf8(&decoded(path)).is_ok()
}

fn decoded(path: &str) -> Vec<u8> {
    let mut parts = path.split('%');
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        let digits = part
            .get(..2)
            .and_then(|two| u8::from_str_radix(two, 16).ok());
        if let Some(byte) = digits {
            bytes.push(byte);
            bytes.extend_from_slice(&part.as_bytes()[2..]);
        } else {
            bytes.push(b'%');
            bytes.extend_from_slice(part.as_bytes());
        }
    }
    bytes
}

fn is_query_of_its_own(url: &Url) -> bool {
    let query = url.query().unwrap_or_default();
    let mut names = form_urlencoded::parse(query.as_bytes());
    !names.any(|(name, _)| ANSWERS.contains(&name.as_ref()))
}

/// Whether a registered callback allows a URL, which is plain.
fn allows(callback: &str, asked: &str, url: &Url) -> bool {
    let Ok(registered) = Url::parse(callback) else {
        return false;
    };
    if !is_of_the_web(&registered) || !is_of_the_web(url) {
        return callback == asked;
    }
    let has_free_port = registered.scheme() == "http"
        && registered
            .host_str()
            .is_some_and(|host| LOOPBACK.contains(&host));
    registered.scheme() == url.scheme()
        && registered.host_str() == url.host_str()
        && (has_free_port || registered.port_or_known_default() == url.port_or_known_default())
        && lies_below(registered.path(), url.path())
}

/// Whether a path is this one or continues it after a slash, with segments that every server reads
/// alike.
fn lies_below(callback: &str, path: &str) -> bool {
    let Some(rest) = path.strip_prefix(callback) else {
        return false;
    };
    if rest.is_empty() {
        return true;
    }
    let below = if callback.ends_with('/') {
        Some(rest)
    } else {
        rest.strip_prefix('/')
    };
    // One slash may stand at the end.
    below.is_some_and(|below| {
        let mut segments = below.strip_suffix('/').unwrap_or(below).split('/');
        below.is_empty() || !below.contains(';') && !segments.any(str::is_empty)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choose(asked: &str, callbacks: &[&str]) -> Option<String> {
        let callbacks: Vec<_> = callbacks
            .iter()
            .map(|url| AppUrl::from_stored((*url).to_owned()))
            .collect();
        let chosen = RedirectUri::choose(Some(asked), &callbacks).ok()?;
        Some(chosen.uri.as_str().to_owned())
    }

    #[test]
    fn a_url_fits_that_is_the_callback_or_lies_below_it() {
        let callback = ["https://app.example.org/cb"];
        for (asked, sent) in [
            ("https://app.example.org/cb", "https://app.example.org/cb"),
            ("https://app.example.org/cb/", "https://app.example.org/cb/"),
            (
                "https://app.example.org/cb/a/b",
                "https://app.example.org/cb/a/b",
            ),
            (
                "https://APP.example.org:443/cb",
                "https://app.example.org/cb",
            ),
            (
                "HTTPS://app.example.org/cb?x=1&y",
                "https://app.example.org/cb?x=1&y",
            ),
            (
                "https://app.example.org/cb/%ED%95%9C",
                "https://app.example.org/cb/%ED%95%9C",
            ),
        ] {
            assert_eq!(choose(asked, &callback).as_deref(), Some(sent), "{asked}");
        }
        assert!(
            choose(
                "https://b.example/x/y",
                &["https://a.example/", "https://b.example"]
            )
            .is_some()
        );
        let own_query = "https://app.example.org/cb?tenant=1";
        assert_eq!(choose(own_query, &[own_query]).as_deref(), Some(own_query));
    }

    #[test]
    fn tricks_of_spelling_fit_nothing() {
        let long = format!("https://app.example.org/cb/{}", "a".repeat(2048));
        for asked in [
            "",
            "/cb",
            "//app.example.org/cb",
            "http://app.example.org/cb",
            "https://app.example.org",
            "https://app.example.org/",
            "https://app.example.org/cb2",
            "https://app.example.org/CB",
            "https://app.example.org/cb%2Fx",
            "https://app.example.org/cb/%2e%2e/x",
            "https://app.example.org/cb/../x",
            "https://app.example.org/cb/./x",
            "https://app.example.org/cb/..",
            "https://app.example.org/cb/..;/x",
            "https://app.example.org/cb/a;b",
            "https://app.example.org/cb//x",
            "https://app.example.org/cb//",
            "https://app.example.org/cb/%5cx",
            "https://app.example.org/cb/%252e",
            "https://app.example.org/cb/%00",
            "https://app.example.org/cb/%ff",
            "https://app.example.org/cb#x",
            "https://app.example.org/cb#",
            "https://app.example.org/cb?code=x",
            "https://app.example.org/cb?x=1&st%61te=2",
            "https://app.example.org/cb?iss=https://evil.example",
            "https://app.example.org/cb?error=x",
            "https://app.example.org:8443/cb",
            "https://app.example.org./cb",
            "https://evil.app.example.org/cb",
            "https://app.example.org.evil.example/cb",
            "https://app.example.orgevil.example/cb",
            "https://app.example.org@evil.example/cb",
            "https://x@app.example.org/cb",
            "https://x:y@app.example.org/cb",
            "https://app.example.org\\@evil.example/cb",
            "https://evil.example\\.app.example.org/cb",
            "https:app.example.org/cb",
            "https:///app.example.org/cb",
            "https:\\\\app.example.org/cb",
            "https://app.example.org/cb x",
            " https://app.example.org/cb",
            "https://app.example.org/cb\t",
            "https://app.example.org/\ncb",
            "https://app.ex\u{e4}mple.org/cb",
            "https://app%2eexample.org/cb",
            "javascript:alert(1)",
            "data:text/html,x",
            &long,
        ] {
            assert_eq!(
                choose(asked, &["https://app.example.org/cb"]),
                None,
                "{asked}"
            );
        }
    }

    #[test]
    fn a_port_is_free_on_the_same_computer_and_under_the_same_name_alone() {
        let callbacks = ["http://127.0.0.1/callback", "http://localhost/"];
        for (asked, fits) in [
            ("http://127.0.0.1:53271/callback", true),
            ("http://127.0.0.1/callback/x", true),
            ("http://localhost:8080/", true),
            ("http://localhost:8080/any", true),
            ("http://127.0.0.1:8080/", false),
            ("http://[::1]:8080/callback", false),
            ("http://127.0.0.2:8080/callback", false),
            ("https://127.0.0.1:8080/callback", false),
            ("http://localhost.evil.example:8080/", false),
            ("http://127.1:8080/callback", false),
        ] {
            assert_eq!(choose(asked, &callbacks).is_some(), fits, "{asked}");
        }
        assert_eq!(
            choose("https://localhost:2/", &["https://localhost:1/"]),
            None
        );
        assert!(choose("http://[::1]:9/", &["http://[::1]/"]).is_some());
    }

    #[test]
    fn another_scheme_is_compared_as_a_whole() {
        let callback = ["com.example.app:/cb"];
        assert!(choose("com.example.app:/cb", &callback).is_some());
        for asked in [
            "com.example.app:/cb/x",
            "com.example.app:/cb?x",
            "com.example.apps:/cb",
        ] {
            assert_eq!(choose(asked, &callback), None, "{asked}");
        }
    }

    #[test]
    fn nothing_asked_for_is_the_first_callback() {
        let callbacks = ["https://a.example/cb?x=1", "https://b.example/"]
            .map(|url| AppUrl::from_stored(url.to_owned()));
        let chosen = RedirectUri::choose(None, &callbacks).expect("there is one");
        assert_eq!(chosen.uri.as_str(), "https://a.example/cb?x=1");
        assert_eq!(RedirectUri::choose(None, &[]), Err(RedirectMismatch));
    }

    #[test]
    fn an_answer_stands_behind_the_query_that_is_there() {
        for (uri, sent) in [
            ("https://a.example/", "https://a.example/?code=c"),
            ("https://a.example/?", "https://a.example/?code=c"),
            ("https://a.example/?x=1", "https://a.example/?x=1&code=c"),
            ("https://a.example/?x&", "https://a.example/?x&code=c"),
            ("com.example:/cb", "com.example:/cb?code=c"),
        ] {
            let uri = RedirectUri::from_stored(uri.to_owned());
            assert_eq!(uri.with_answer("code=c"), sent);
        }
    }

    #[test]
    fn people_are_told_the_host_or_that_it_is_their_computer() {
        for (uri, host, is_encrypted) in [
            ("https://a.example/x", Some("a.example"), true),
            ("http://a.example:81?x", Some("a.example:81"), false),
            ("http://localhost:1/", None, false),
            ("http://[::1]:1/", None, false),
            ("https://127.0.0.1/", None, false),
            ("com.example:/cb", None, false),
        ] {
            let uri = RedirectUri::from_stored(uri.to_owned());
            let expected = host.map_or(Destination::ThisComputer, |name| Destination::Host {
                name,
                is_encrypted,
            });
            assert_eq!(uri.destination(), expected);
        }
    }

    #[test]
    fn the_same_url_may_be_named_in_another_spelling_that_is_plain() {
        let uri = RedirectUri::from_stored("https://a.example/cb".to_owned());
        assert!(uri.is_named_by("https://A.example:443/cb"));
        for other in [
            "https://a.example/cb/",
            "https://a.example/x/../cb",
            "https://u@a.example/cb",
            "x",
        ] {
            assert!(!uri.is_named_by(other), "{other}");
        }
    }
}
