//! Where the web flow leads back to. A URL is judged as text first, then parsed, and what was
//! parsed is what is sent: no browser reads another one out of it than was compared here.

use url::{Url, form_urlencoded};

use crate::app_switches::{AppSwitch, AppSwitches};
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
        switches: AppSwitches,
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
        let fits = |callback: &str| {
            if switches.has(AppSwitch::ExactMatch) {
                is_as_a_whole(callback, asked)
            } else {
                allows(callback, asked, &url)
            }
        };
        let callback = callbacks
            .iter()
            .find(|callback| fits(callback.as_str()))
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
        return is_query_of_its_own(url);
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
    registered.scheme() == url.scheme()
        && registered.host_str() == url.host_str()
        && (has_free_port(&registered)
            || registered.port_or_known_default() == url.port_or_known_default())
        && lies_below(registered.path(), url.path())
}

/// Whether a URL, which is plain, is a registered callback from its first character to its last.
/// The port of a program on the same computer is free even so: it takes what it gets (RFC 9700,
/// section 2.1).
fn is_as_a_whole(callback: &str, asked: &str) -> bool {
    if callback == asked {
        return true;
    }
    let Ok(registered) = Url::parse(callback) else {
        return false;
    };
    let (before, after) = around_port(callback);
    has_free_port(&registered) && !before.is_empty() && (before, after) == around_port(asked)
}

/// Whether a callback is of a program on the same computer, which listens wherever it can.
fn has_free_port(callback: &Url) -> bool {
    callback.scheme() == "http"
        && callback
            .host_str()
            .is_some_and(|host| LOOPBACK.contains(&host))
}

/// What stands before the port of a URL, and what behind it; nothing for one that has no host.
fn around_port(text: &str) -> (&str, &str) {
    let Some((scheme, rest)) = text.split_once("://") else {
        return ("", "");
    };
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let host = without_port(&rest[..end]);
    let before = scheme.len() + "://".len() + host.len();
    (&text[..before], &rest[end..])
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
mod tests;
