//! URLs of apps: home pages and callbacks.

use url::Url;

/// An absolute `http` or `https` URL, at most 255 characters: an app's home page or callback. One
/// that was stored before the rules became as strict is what it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppUrl(String);

/// A URL that may not be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a URL starts with http:// or https://, names a host, and has at most 255 characters, no blank, no backslash, no user and no fragment"
)]
pub struct AppUrlRefused;

impl AppUrl {
    /// The URL in `text`, as browsers read it. What they would mend or read otherwise than it is
    /// written is refused.
    pub fn parse(text: &str) -> Result<Self, AppUrlRefused> {
        let plain = |byte: u8| byte.is_ascii_graphic() && byte != b'\\' && byte != b'#';
        if text.len() > 255 || !text.bytes().all(plain) {
            return Err(AppUrlRefused);
        }
        let url = Url::parse(text).map_err(|_| AppUrlRefused)?;
        if !matches!(url.scheme(), "http" | "https") || !is_written_as_read(text, &url) {
            return Err(AppUrlRefused);
        }
        Ok(Self(text.to_owned()))
    }

    /// A URL as it was stored.
    pub fn from_stored(text: String) -> Self {
        Self(text)
    }

    /// Whether it would be taken today.
    pub fn is_still_taken(&self) -> bool {
        Self::parse(&self.0).is_ok()
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
    pub fn is_encrypted_or_loopback(&self) -> bool {
        let Ok(url) = Url::parse(&self.0) else {
            return false;
        };
        let is_loopback = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
        url.scheme() == "https" || is_loopback
    }

    /// The URL as it was written, without any normalization.
    pub fn as_str(&self) -> &str {
        &self.0
    }
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
}
