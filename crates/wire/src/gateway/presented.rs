//! Where the token of a forwarded request is looked for.
//!
//! The `Authorization` header is always read. A cookie and a key of the original query are read
//! where the operator names them. A request with two different tokens is refused, wherever they
//! stand: which of them counts would be a guess, and what lies behind the gateway may guess
//! otherwise. Only tokens count, so nothing here looks at a password.

use counterfoil_domain::digest::SecretDigest;
use counterfoil_domain::token::{TokenFormats, TokenText};
use data_encoding::{BASE64, BASE64_NOPAD};
use http::header::{AUTHORIZATION, COOKIE};
use http::{HeaderMap, HeaderName, HeaderValue};
use percent_encoding::percent_decode_str;

use crate::credentials::{is_token_scheme, split, split_pair, token_in_pair};

/// Where a token may stand besides the `Authorization` header.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TokenPlaces {
    /// The name of a cookie.
    pub cookie: Option<String>,
    /// A key of the query of the request that was made to the gateway.
    pub query: Option<QueryPlace>,
}

/// A key in a query, and the header that holds the address with that query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueryPlace {
    /// The key of the query, as `access_token`.
    pub key: String,
    /// The header in which the gateway says the address, such as `X-Original-URI`.
    pub address: HeaderName,
}

/// What a forwarded request presents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PresentedToken {
    /// Nothing that could be a token: no credentials, or those of another scheme.
    None,
    /// One well-formed token, by what is kept of it.
    Token(SecretDigest),
    /// Something in the place of a token that is none.
    IllFormed,
    /// Several headers with credentials, or two different tokens.
    Ambiguous,
}

impl PresentedToken {
    /// Reads the headers of a forwarded request.
    pub fn read(headers: &HeaderMap, places: &TokenPlaces, formats: &TokenFormats) -> Self {
        let mut authorization = headers.get_all(AUTHORIZATION).iter();
        let mut found = match (authorization.next(), authorization.next()) {
            (None, _) => Self::None,
            (Some(_), Some(_)) => return Self::Ambiguous,
            // What is no token there is refused, whatever a cookie says: somebody meant something
            // by it.
            (Some(header), None) => match read_authorization(header, formats) {
                Self::Token(digest) => Self::Token(digest),
                refused => return refused,
            },
        };
        if let Some(name) = &places.cookie {
            found = cookies(headers, name).fold(found, |found, value| {
                found.and(Self::of_text(value, formats))
            });
        }
        if let Some(place) = &places.query {
            found = found.and(read_query(headers, place, formats));
        }
        found
    }

    /// What a place with this text presents; an empty one presents nothing.
    fn of_text(text: &str, formats: &TokenFormats) -> Self {
        match TokenText::parse(text, formats) {
            Some(token) => Self::Token(token.digest()),
            None if text.is_empty() => Self::None,
            None => Self::IllFormed,
        }
    }

    /// What two places present together.
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::None, found) | (found, Self::None) => found,
            (Self::Token(one), Self::Token(other)) if one == other => Self::Token(one),
            (Self::Ambiguous, _) | (_, Self::Ambiguous) | (Self::Token(_), Self::Token(_)) => {
                Self::Ambiguous
            }
            (Self::IllFormed, _) | (_, Self::IllFormed) => Self::IllFormed,
        }
    }
}

/// The longest Basic pair in which a token can stand: a login or address, a colon and the longest
/// token.
const PAIR_BYTES: usize = 512;

fn read_authorization(header: &HeaderValue, formats: &TokenFormats) -> PresentedToken {
    match split(header) {
        Some((scheme, rest)) if is_token_scheme(scheme) => TokenText::parse(rest, formats)
            .map_or(PresentedToken::IllFormed, |token| {
                PresentedToken::Token(token.digest())
            }),
        Some((scheme, encoded)) if scheme.eq_ignore_ascii_case("basic") => {
            read_basic(encoded, formats)
        }
        None if is_bare_token_scheme(header) => PresentedToken::IllFormed,
        Some(_) | None => PresentedToken::None,
    }
}

/// A scheme for tokens without a token after it.
fn is_bare_token_scheme(header: &HeaderValue) -> bool {
    header
        .to_str()
        .is_ok_and(|text| is_token_scheme(text.trim()))
}

/// A pair without a token is a login and password. That is another scheme here: nobody signs in at
/// a gateway.
fn read_basic(encoded: &str, formats: &TokenFormats) -> PresentedToken {
    let mut buffer = [0; PAIR_BYTES];
    let Some(pair) = decode(encoded, &mut buffer) else {
        return PresentedToken::None;
    };
    let Some((login, password)) = split_pair(pair) else {
        return PresentedToken::None;
    };
    match token_in_pair(login, password, formats) {
        Ok(Some(token)) => PresentedToken::Token(token.digest()),
        Ok(None) => PresentedToken::None,
        Err(_) => PresentedToken::Ambiguous,
    }
}

fn decode<'b>(encoded: &str, buffer: &'b mut [u8; PAIR_BYTES]) -> Option<&'b str> {
    let alphabet = if encoded.ends_with('=') {
        BASE64
    } else {
        BASE64_NOPAD
    };
    let room = alphabet.decode_len(encoded.len()).ok()?;
    let decoded = buffer.get_mut(..room)?;
    let length = alphabet.decode_mut(encoded.as_bytes(), decoded).ok()?;
    str::from_utf8(decoded.get(..length)?).ok()
}

/// The values of all cookies of a name. One that is not text is left out, since no token is.
fn cookies<'h>(headers: &'h HeaderMap, name: &'h str) -> impl Iterator<Item = &'h str> {
    let fields = headers.get_all(COOKIE).iter();
    fields
        .flat_map(|field| field.as_bytes().split(|byte| *byte == b';'))
        .filter_map(|pair| str::from_utf8(pair).ok())
        .filter_map(|pair| pair.trim().split_once('='))
        .filter(move |(key, _)| *key == name)
        .map(|(_, value)| unquoted(value))
}

/// A cookie's value may stand in quotation marks (RFC 6265, section 4.1.1).
fn unquoted(value: &str) -> &str {
    value
        .strip_prefix('"')
        .and_then(|value| value.strip_suffix('"'))
        .unwrap_or(value)
}

fn read_query(headers: &HeaderMap, place: &QueryPlace, formats: &TokenFormats) -> PresentedToken {
    let mut addresses = headers.get_all(&place.address).iter();
    let address = match (addresses.next(), addresses.next()) {
        (None, _) => return PresentedToken::None,
        // One of them is not the gateway's.
        (Some(_), Some(_)) => return PresentedToken::Ambiguous,
        (Some(address), None) => address,
    };
    let Ok(address) = str::from_utf8(address.as_bytes()) else {
        return PresentedToken::None;
    };
    let Some((_, query)) = address.split_once('?') else {
        return PresentedToken::None;
    };
    let query = query.split_once('#').map_or(query, |(query, _)| query);
    query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .filter(|(key, _)| percent_decode_str(key).eq(place.key.bytes()))
        .map(|(_, value)| {
            percent_decode_str(value)
                .decode_utf8()
                .map_or(PresentedToken::IllFormed, |value| {
                    PresentedToken::of_text(&value, formats)
                })
        })
        .fold(PresentedToken::None, PresentedToken::and)
}

#[cfg(test)]
mod tests {
    use super::*;

    // Published so that implementations can compare their checksum; long dead.
    const TOKEN: &str = "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";
    const OTHER: &str = "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";

    fn places() -> TokenPlaces {
        TokenPlaces {
            cookie: Some("session_token".to_owned()),
            query: Some(QueryPlace {
                key: "access_token".to_owned(),
                address: HeaderName::from_static("x-original-uri"),
            }),
        }
    }

    fn read_with(headers: &[(&str, &str)], places: &TokenPlaces) -> PresentedToken {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            let name: HeaderName = name.parse().unwrap();
            map.append(name, HeaderValue::from_str(value).unwrap());
        }
        PresentedToken::read(&map, places, &TokenFormats::default())
    }

    fn read(headers: &[(&str, &str)]) -> PresentedToken {
        read_with(headers, &places())
    }

    fn basic(pair: &str) -> String {
        format!("Basic {}", BASE64.encode(pair.as_bytes()))
    }

    fn token() -> PresentedToken {
        PresentedToken::Token(SecretDigest::of(TOKEN))
    }

    #[test]
    fn a_token_is_found_in_each_place_that_is_named() {
        for value in [
            format!("token {TOKEN}"),
            format!("BEARER {TOKEN}"),
            format!("bearer  {TOKEN} "),
            basic(&format!("mona:{TOKEN}")),
            basic(&format!("{TOKEN}:x-oauth-basic")),
            basic(&format!("{TOKEN}:")),
        ] {
            assert_eq!(read(&[("authorization", &value)]), token(), "{value}");
        }
        for value in [
            format!("session_token={TOKEN}"),
            format!("a=b; session_token=\"{TOKEN}\"; c=d"),
        ] {
            assert_eq!(read(&[("cookie", &value)]), token(), "{value}");
            let nowhere = TokenPlaces::default();
            assert_eq!(
                read_with(&[("cookie", &value)], &nowhere),
                PresentedToken::None
            );
        }
        for value in [
            format!("/a?access_token={TOKEN}"),
            format!("https://a.example/b?c&access%5Ftoken={TOKEN}#d"),
            format!("/?access_token=%67{}", &TOKEN[1..]),
        ] {
            assert_eq!(read(&[("x-original-uri", &value)]), token(), "{value}");
            let nowhere = TokenPlaces::default();
            assert_eq!(
                read_with(&[("x-original-uri", &value)], &nowhere),
                PresentedToken::None
            );
        }
    }

    #[test]
    fn credentials_of_another_scheme_are_no_credentials_here() {
        for value in [
            "",
            "Basic",
            "Basic !!!",
            "Digest a=b",
            TOKEN,
            &basic("mona:secret"),
            &basic(&format!("{TOKEN}:secret")),
            &basic(&format!("mona:{}", "x".repeat(600))),
        ] {
            assert_eq!(
                read(&[("authorization", value)]),
                PresentedToken::None,
                "{value}"
            );
        }
    }

    #[test]
    fn what_stands_for_a_token_and_is_none_is_ill_formed() {
        for value in ["token", "Bearer ", "token ghp_wrong", "bearer a b"] {
            assert_eq!(
                read(&[("authorization", value)]),
                PresentedToken::IllFormed,
                "{value}"
            );
        }
        assert_eq!(
            read(&[("cookie", "session_token=x")]),
            PresentedToken::IllFormed
        );
        assert_eq!(
            read(&[("x-original-uri", "/?access_token=%FF")]),
            PresentedToken::IllFormed
        );
        assert_eq!(read(&[("cookie", "session_token=")]), PresentedToken::None);
    }

    #[test]
    fn two_tokens_are_refused_wherever_they_stand() {
        let bearer = format!("Bearer {TOKEN}");
        let other = format!("session_token={OTHER}");
        let twice = format!("session_token={TOKEN}; session_token={OTHER}");
        let query = format!("/?access_token={TOKEN}&access_token={OTHER}");
        let pair = basic(&format!("{TOKEN}:{OTHER}"));
        for headers in [
            vec![
                ("authorization", bearer.as_str()),
                ("authorization", &bearer),
            ],
            vec![("authorization", &bearer), ("cookie", &other)],
            vec![("cookie", &twice)],
            vec![("cookie", &other), ("cookie", &twice)],
            vec![("x-original-uri", &query)],
            vec![("x-original-uri", "/"), ("x-original-uri", "/")],
            vec![("authorization", &pair)],
        ] {
            assert_eq!(read(&headers), PresentedToken::Ambiguous, "{headers:?}");
        }
    }

    #[test]
    fn the_same_token_twice_is_one_and_a_password_beside_a_cookie_is_refused() {
        let bearer = format!("Bearer {TOKEN}");
        let cookie = format!("session_token={TOKEN}");
        assert_eq!(
            read(&[("authorization", &bearer), ("cookie", &cookie)]),
            token()
        );
        let password = basic("mona:secret");
        assert_eq!(
            read(&[("authorization", &password), ("cookie", &cookie)]),
            PresentedToken::None
        );
        assert_eq!(
            read(&[("authorization", &bearer), ("cookie", "session_token=junk")]),
            PresentedToken::IllFormed
        );
    }
}
