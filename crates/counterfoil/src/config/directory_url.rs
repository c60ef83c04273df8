//! Where an authority says what it can be asked by ACME.

use std::fmt;
use std::str::FromStr;

use http::Uri;

/// The URL of a directory (RFC 8555 section 7.1.1), which is encrypted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DirectoryUrl(Uri);

/// It is no such URL.
#[derive(Debug, thiserror::Error)]
#[error("no URL of a directory")]
pub struct NoDirectoryUrl;

impl FromStr for DirectoryUrl {
    type Err = NoDirectoryUrl;

    fn from_str(text: &str) -> Result<Self, NoDirectoryUrl> {
        let uri: Uri = text.parse().map_err(|_| NoDirectoryUrl)?;
        let authority = uri.authority().ok_or(NoDirectoryUrl)?;
        let fits = uri.scheme_str() == Some("https")
            && uri.query().is_none()
            && !authority.as_str().contains('@')
            && !authority.host().is_empty();
        fits.then_some(Self(uri)).ok_or(NoDirectoryUrl)
    }
}

impl fmt::Display for DirectoryUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_kept_as_it_is() {
        for text in [
            "https://acme.example.org/directory",
            "https://[::1]:14000/dir",
        ] {
            let url: DirectoryUrl = text.parse().unwrap();
            assert_eq!(url.to_string(), text);
        }
    }

    #[test]
    fn what_is_no_url_of_a_directory_is_refused() {
        for text in [
            "",
            "acme.example.org",
            "/directory",
            "http://acme.example.org/directory",
            "https://user:secret@acme.example.org/directory",
            "https://acme.example.org/directory?key=x",
        ] {
            assert!(text.parse::<DirectoryUrl>().is_err(), "{text}");
        }
    }
}
