//! URLs of apps: home pages and callbacks.

use url::Url;

/// Schemes that are no program's own: what they lead to runs scripts, reads files, shows pages as
/// those of others, or sends something.
const NOBODYS: [&str; 15] = [
    "javascript",
    "data",
    "vbscript",
    "file",
    "blob",
    "about",
    "filesystem",
    "intent",
    "view-source",
    "ws",
    "wss",
    "ftp",
    "mailto",
    "tel",
    "sms",
];

/// An absolute `http` or `https` URL, at most 255 characters: an app's home page or callback. A
/// callback may also have the scheme of a program on people's computers. One that was stored before
/// the rules became as strict is what it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppUrl(String);

/// A URL that may not be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a URL starts with http:// or https://, names a host, and has at most 255 characters, no blank, no backslash, no user and no fragment"
)]
pub struct AppUrlRefused;

/// A callback URL that may not be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a callback URL starts with http:// or https:// and names a host, or has a program's own scheme, such as com.example.app:/callback; it has at most 255 characters, no blank, no backslash, no user and no fragment"
)]
pub struct CallbackUrlRefused;

impl AppUrl {
    /// The URL in `text`, as browsers read it. What they would mend or read otherwise than it is
    /// written is refused.
    pub fn parse(text: &str) -> Result<Self, AppUrlRefused> {
        if !is_plain(text) {
            return Err(AppUrlRefused);
        }
        let url = Url::parse(text).map_err(|_| AppUrlRefused)?;
        if !matches!(url.scheme(), "http" | "https") || !is_written_as_read(text, &url) {
            return Err(AppUrlRefused);
        }
        Ok(Self(text.to_owned()))
    }

    /// The URL in `text`, to which the web flow may return: one that [`AppUrl::parse`] takes, or
    /// one with the scheme of a program on people's computers (RFC 8252, section 7.1).
    pub fn parse_callback(text: &str) -> Result<Self, CallbackUrlRefused> {
        if let Ok(url) = Self::parse(text) {
            return Ok(url);
        }
        let url = Url::parse(text).map_err(|_| CallbackUrlRefused)?;
        // After the scheme a slash: else `localhost:3000/cb` would be one.
        let rest = text.strip_prefix(url.scheme());
        let has_path = rest.is_some_and(|rest| rest.starts_with(":/"));
        let may_be_own = !matches!(url.scheme(), "http" | "https")
            && !NOBODYS.contains(&url.scheme())
            && url.username().is_empty()
            && url.password().is_none();
        // Only as it is written, since it is compared as it is written.
        if has_path && may_be_own && is_plain(text) && url.as_str() == text {
            Ok(Self(text.to_owned()))
        } else {
            Err(CallbackUrlRefused)
        }
    }

    /// A URL as it was stored.
    pub fn from_stored(text: String) -> Self {
        Self(text)
    }

    /// Whether it would be taken today as the home page of an app.
    pub fn is_still_taken(&self) -> bool {
        Self::parse(&self.0).is_ok()
    }

    /// Whether it would be taken today as one of an app's callbacks.
    pub fn is_still_taken_as_callback(&self) -> bool {
        Self::parse_callback(&self.0).is_ok()
    }

    /// Whether its path has a segment `.` or `..`, in whatever spelling browsers take for one.
    pub fn has_dots_in_path(&self) -> bool {
        let rest = self.0.split_once("://").map_or("", |(_, rest)| rest);
        let path = rest.split('?').next().unwrap_or_default();
        path.split('/').skip(1).any(|segment| {
            let plain = segment.to_ascii_lowercase().replace("%2e", ".");
            plain == "." || plain == ".."
        })
    }

    /// Whether what is sent there passes no network without encryption.
    pub fn is_encrypted_or_local(&self) -> bool {
        let Ok(url) = Url::parse(&self.0) else {
            return false;
        };
        // Any other scheme leads to a program on the same computer.
        let is_loopback = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
        url.scheme() != "http" || is_loopback
    }

    /// The URL as it was written, without any normalization.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether it is short enough, and has no character that readers take for different things.
fn is_plain(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_graphic() && byte != b'\\' && byte != b'#';
    text.len() <= 255 && text.bytes().all(plain)
}

/// Whether scheme, host and port stand in the text as they were understood, but for capitals;
/// nothing else may stand there.
pub(crate) fn is_written_as_read(text: &str, url: &Url) -> bool {
    let Some(host) = url.host_str() else {
        return false;
    };
    let after_scheme = text
        .get(url.scheme().len()..)
        .and_then(|rest| rest.strip_prefix("://"));
    let written = after_scheme.and_then(|rest| rest.split(['/', '?']).next());
    let Some((name, port)) = written.and_then(|written| written.split_at_checked(host.len()))
    else {
        return false;
    };
    let port_fits = match port.strip_prefix(':') {
        Some(digits) => digits.parse().ok() == url.port_or_known_default(),
        None => port.is_empty(),
    };
    name.eq_ignore_ascii_case(host) && port_fits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_kept_as_it_was_written() {
        for text in [
            "https://app.example.com",
            "http://localhost:3000/callback",
            "HTTPS://App.Example.com:443/a?b=c&d=%20",
            "http://[::1]:8080/",
            "http://127.0.0.1",
            "https://xn--bcher-kva.example/",
        ] {
            assert_eq!(AppUrl::parse(text).as_ref().map(AppUrl::as_str), Ok(text));
        }
    }

    #[test]
    fn what_browsers_would_read_otherwise_than_it_is_written_is_refused() {
        for text in [
            "",
            "app.example.com",
            "//app.example.com",
            "javascript:alert(1)",
            "javascript://app.example.com/%0Aalert(1)",
            "data:text/html,x",
            "ftp://app.example.com",
            "file:///etc/passwd",
            "myapp://callback",
            "https:app.example.com",
            "https:/app.example.com",
            "https:///app.example.com",
            "https://",
            "https://:443/",
            "https://mona@app.example.com/",
            "https://mona:secret@app.example.com/",
            "https://@app.example.com/",
            "https://app.example.com/#top",
            "https://app.example.com/#",
            "https://app.example.com\\@evil.example/",
            "https:\\\\app.example.com",
            "https://app.example.com/a b",
            " https://app.example.com",
            "https://app.example.com\n",
            "https://app.exa\tmple.com",
            "https://b\u{fc}cher.example",
            "https://ex%61mple.com/",
            "https://0x7f.1/",
            "https://2130706433/",
            "https://app.example.com:/",
            "https://app.example.com:port/",
            "https://app.example.com:65536/",
        ] {
            assert_eq!(AppUrl::parse(text), Err(AppUrlRefused), "{text}");
        }
        let long = format!("https://app.example.com/{}", "a".repeat(232));
        assert!(AppUrl::parse(&long[..255]).is_ok());
        assert_eq!(AppUrl::parse(&long), Err(AppUrlRefused));
    }

    #[test]
    fn a_callback_may_have_the_scheme_of_a_program() {
        for text in [
            "com.example.app:/callback",
            "com.example.app:/",
            "com.example.app://callback",
            "com.example.app:///callback?tenant=1",
            "myapp://auth/callback",
            "x-example+1:/cb",
            "https://app.example.com/callback",
        ] {
            let url = AppUrl::parse_callback(text);
            assert_eq!(url.as_ref().map(AppUrl::as_str), Ok(text));
            assert!(url.is_ok_and(|url| url.is_encrypted_or_local()), "{text}");
        }
        let long = format!("com.example.app:/{}", "a".repeat(255));
        for text in [
            "",
            "callback",
            "/callback",
            "app.example.com/cb",
            "localhost:3000/cb",
            "app.example.com:443/cb",
            "com.example.app",
            "com.example.app:",
            "com.example.app:callback",
            "urn:ietf:wg:oauth:2.0:oob",
            "COM.example.app:/callback",
            "com.example.app:/a b",
            " com.example.app:/callback",
            "com.example.app:/callback\n",
            "com.example.app:/call\tback",
            "com.example.app:/callback#x",
            "com.example.app:/callback#",
            "com.example.app:\\callback",
            "com.example.app:/a\\b",
            "com.example.app:/a/../callback",
            "com.example.app:/./callback",
            "com.example.app://mona@host/callback",
            "com.example.app://mona:secret@host/callback",
            "com.ex\u{e4}mple:/callback",
            "https:/app.example.com",
            "https://app.example.com/#top",
            "https://mona@app.example.com/",
            &long,
        ] {
            assert_eq!(
                AppUrl::parse_callback(text),
                Err(CallbackUrlRefused),
                "{text}"
            );
        }
    }

    #[test]
    fn no_scheme_that_does_something_by_itself_is_a_program_s() {
        for scheme in NOBODYS {
            let capitals = scheme.to_ascii_uppercase();
            for text in [
                format!("{scheme}:/callback"),
                format!("{scheme}://app.example.com/callback"),
                format!("{scheme}:alert(1)"),
                format!("{scheme}:///callback"),
                format!("{capitals}:/callback"),
                format!("{scheme}\t:/callback"),
            ] {
                let refused = AppUrl::parse_callback(&text);
                assert_eq!(refused, Err(CallbackUrlRefused), "{text}");
            }
        }
    }
}
