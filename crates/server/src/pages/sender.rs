//! From where a form was sent, as far as browsers say.

use http::HeaderMap;
use http::header::ORIGIN;

/// What the headers of a `POST` say about the page that sent it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sender {
    /// One of ours.
    Own,
    /// They do not say: the form's token decides alone.
    Unsaid,
    /// A page of somebody else.
    Foreign,
}

/// `Sec-Fetch-Site` cannot be set by scripts, so it decides where it is sent. Older browsers send
/// `Origin`, and `null` in it where they do not want to say.
pub(super) fn sender(headers: &HeaderMap, own_origin: &str) -> Sender {
    if let Some(site) = headers.get("sec-fetch-site") {
        return if site == "same-origin" {
            Sender::Own
        } else {
            Sender::Foreign
        };
    }
    match headers.get(ORIGIN) {
        None => Sender::Unsaid,
        Some(origin) if origin == "null" => Sender::Unsaid,
        Some(origin)
            if origin
                .as_bytes()
                .eq_ignore_ascii_case(own_origin.as_bytes()) =>
        {
            Sender::Own
        }
        Some(_) => Sender::Foreign,
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderName, HeaderValue};

    use super::{Sender, sender};

    #[test]
    fn only_a_page_of_ours_sends_forms() {
        for (sent, expected) in [
            (&[("sec-fetch-site", "same-origin")][..], Sender::Own),
            (&[("sec-fetch-site", "same-site")], Sender::Foreign),
            (&[("sec-fetch-site", "cross-site")], Sender::Foreign),
            (&[("sec-fetch-site", "none")], Sender::Foreign),
            (
                &[
                    ("sec-fetch-site", "cross-site"),
                    ("origin", "https://tokens.example.org"),
                ],
                Sender::Foreign,
            ),
            (
                &[("sec-fetch-site", "same-origin"), ("origin", "null")],
                Sender::Own,
            ),
            (&[("origin", "https://tokens.example.org")], Sender::Own),
            (
                &[("origin", "https://tokens.example.org:8443")],
                Sender::Foreign,
            ),
            (&[("origin", "http://tokens.example.org")], Sender::Foreign),
            (&[("origin", "https://evil.example")], Sender::Foreign),
            (&[("origin", "null")], Sender::Unsaid),
            (&[], Sender::Unsaid),
        ] {
            let headers = sent.iter().map(|(name, value)| {
                let name = HeaderName::from_static(name);
                (name, HeaderValue::from_static(value))
            });
            let headers: HeaderMap = headers.collect();
            let found = sender(&headers, "https://tokens.example.org");
            assert_eq!(found, expected, "{sent:?}");
        }
    }
}
