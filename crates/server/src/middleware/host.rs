//! Whether a request names its host as HTTP demands (RFC 9112 section 3.2, RFC 9113 section 8.3.1).
//!
//! What the name is does not matter here. A request with two, or with something that is none, may
//! be read in one way by a proxy and in another by us, and is refused before anything else is done
//! for it.

use http::{Uri, Version};

use crate::middleware::request_head::RequestHead;
use crate::refused::FrontRefused;

/// Refuses a request that names no host, several, or something that is none. HTTP/1.0 may name
/// none, and HTTP/2 may name it in `:authority`.
pub(crate) fn check(
    version: Version,
    uri: &Uri,
    asked: &RequestHead<'_>,
) -> Result<(), FrontRefused> {
    let fine = match (asked.host, asked.more_hosts) {
        (Some(host), false) => is_host(host.as_bytes()),
        (Some(_), true) => false,
        (None, _) if version < Version::HTTP_11 => true,
        (None, _) => version > Version::HTTP_11 && uri.authority().is_some(),
    };
    if fine {
        Ok(())
    } else {
        Err(FrontRefused::InvalidHost)
    }
}

/// Whether this is a host, with a port or without (RFC 3986 section 3.2).
fn is_host(value: &[u8]) -> bool {
    // Most are plain names, and every request has one: one look at each byte, eight in a row, and
    // none of them decides alone.
    let plain = |plain: bool, byte: &u8| plain & OF_NAME[usize::from(*byte)];
    let (eights, rest) = value.as_chunks::<8>();
    let of_eights = eights
        .iter()
        .fold(true, |before, eight| eight.iter().fold(before, plain));
    let is_plain = rest.iter().fold(of_eights, plain);
    if is_plain {
        !value.is_empty()
    } else {
        is_host_in_detail(value)
    }
}

fn is_host_in_detail(value: &[u8]) -> bool {
    let is_in_brackets = value.first() == Some(&b'[');
    let end = if is_in_brackets {
        value.iter().position(|byte| *byte == b']').map(|at| at + 1)
    } else {
        Some(
            value
                .iter()
                .position(|byte| *byte == b':')
                .unwrap_or(value.len()),
        )
    };
    let Some((host, port)) = end.map(|end| value.split_at(end)) else {
        return false;
    };
    let is_of_host = if is_in_brackets {
        host.len() > 2
            && host[1..host.len() - 1]
                .iter()
                .all(|byte| is_of_address(*byte))
    } else {
        !host.is_empty() && host.iter().all(|byte| OF_NAME[usize::from(*byte)])
    };
    let is_port = match port.split_first() {
        None => true,
        Some((b':', digits)) => digits.iter().all(u8::is_ascii_digit),
        Some(_) => false,
    };
    is_of_host && is_port
}

/// Which bytes may stand in a name.
static OF_NAME: [bool; 256] = {
    let mut table = [false; 256];
    let allowed = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-._~!$&'()*+,;=%";
    let mut at = 0;
    while at < allowed.len() {
        table[allowed[at] as usize] = true;
        at += 1;
    }
    table
};

fn is_of_address(byte: u8) -> bool {
    byte.is_ascii_hexdigit() || byte == b':' || byte == b'.'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_http_1_1_must_name_its_host_in_the_header() {
        let none = RequestHead::default();
        let check = |version, uri: &'static str| check(version, &Uri::from_static(uri), &none);
        assert!(check(Version::HTTP_10, "/").is_ok());
        assert!(check(Version::HTTP_11, "/").is_err());
        assert!(check(Version::HTTP_11, "http://localhost/").is_err());
        assert!(check(Version::HTTP_2, "https://localhost/").is_ok());
        assert!(check(Version::HTTP_2, "/").is_err());
    }

    #[test]
    fn hosts_are_names_and_addresses_with_or_without_a_port() {
        for host in [
            "localhost",
            "localhost:8080",
            "tokens.example.org:",
            "under_score",
            "192.0.2.1:443",
            "[::1]",
            "[::ffff:192.0.2.1]:8080",
            "a%20b",
        ] {
            assert!(is_host(host.as_bytes()), "{host}");
        }
    }

    #[test]
    fn what_is_no_host_is_refused() {
        for text in [
            "",
            ":80",
            "a b",
            "a/b",
            "user@host",
            "a:b",
            "a:1:2",
            "[::1",
            "[]",
            "[::1]x",
            "[localhost]",
            "a,b c",
            "caf\u{e9}",
            "a\"b",
            "a#b",
            "a?b",
        ] {
            assert!(!is_host(text.as_bytes()), "{text}");
        }
    }
}
