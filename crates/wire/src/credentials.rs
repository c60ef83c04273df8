//! The `Authorization` header (wire contract, section 3; RFC 7617).
//!
//! A token may come under its own scheme or in either half of a Basic pair, so the pair is looked
//! at before it counts as login and password. Nothing here asks whether the credentials are right.

use std::fmt;

use counterfoil_domain::password::Password;
use counterfoil_domain::token::{PlainToken, TokenFormats, TokenText};
use data_encoding::{BASE64, BASE64_NOPAD};
use http::HeaderValue;

/// What a request says about who sent it.
#[derive(Clone)]
pub enum Credentials {
    /// No `Authorization` header at all.
    None,
    /// A login or e-mail address, never empty, with a password. Also the client id and secret of an
    /// app.
    Basic {
        /// The login as it was typed.
        login: String,
        /// The password as it was typed, possibly empty.
        password: Password,
    },
    /// A token of a form that is known here, in whichever place it stood.
    Token(PlainToken),
    /// Something that cannot be right: several headers, another scheme, broken base 64, an
    /// ill-formed token.
    Malformed,
}

/// Says only which kind it is: people type passwords into the wrong field.
impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "None",
            Self::Basic { .. } => "Basic(…)",
            Self::Token(_) => "Token(…)",
            Self::Malformed => "Malformed",
        })
    }
}

/// The password that goes with a token in the place of the login.
const TOKEN_MARK: &str = "x-oauth-basic";

impl Credentials {
    /// Reads the `Authorization` headers of a request. What has the form of a token is one, even
    /// where a password may stand: clients that keep a token as a password rely on it.
    pub fn read<'a>(
        headers: impl IntoIterator<Item = &'a HeaderValue>,
        formats: &TokenFormats,
    ) -> Self {
        let mut headers = headers.into_iter();
        match (headers.next(), headers.next()) {
            (None, _) => Self::None,
            (Some(header), None) => parse(header, formats).unwrap_or(Self::Malformed),
            (Some(_), Some(_)) => Self::Malformed,
        }
    }

    /// Reads the `Authorization` headers of a request in which an app proves itself: a Basic pair,
    /// and never a token, since a client secret may have the form of a token that was moved here.
    pub fn read_pair<'a>(headers: impl IntoIterator<Item = &'a HeaderValue>) -> Self {
        let mut headers = headers.into_iter();
        match (headers.next(), headers.next()) {
            (None, _) => Self::None,
            (Some(header), None) => split(header)
                .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("basic"))
                .and_then(|(_, encoded)| decode_pair(encoded))
                .and_then(|pair| {
                    let (login, password) = split_pair(&pair)?;
                    Some(Self::Basic {
                        login: login.to_owned(),
                        password: Password::typed(password),
                    })
                })
                .unwrap_or(Self::Malformed),
            (Some(_), Some(_)) => Self::Malformed,
        }
    }
}

/// The scheme of a header, and what follows it.
pub(crate) fn split(header: &HeaderValue) -> Option<(&str, &str)> {
    let text = str::from_utf8(header.as_bytes()).ok()?;
    let (scheme, rest) = text.trim().split_once(' ')?;
    Some((scheme, rest.trim()))
}

fn parse(header: &HeaderValue, formats: &TokenFormats) -> Option<Credentials> {
    let (scheme, rest) = split(header)?;
    if scheme.eq_ignore_ascii_case("basic") {
        basic(rest, formats)
    } else if is_token_scheme(scheme) {
        PlainToken::parse(rest, formats).map(Credentials::Token)
    } else {
        None
    }
}

pub(crate) fn is_token_scheme(scheme: &str) -> bool {
    scheme.eq_ignore_ascii_case("token") || scheme.eq_ignore_ascii_case("bearer")
}

fn basic(encoded: &str, formats: &TokenFormats) -> Option<Credentials> {
    let pair = decode_pair(encoded)?;
    let (login, password) = split_pair(&pair)?;
    match token_in_pair(login, password, formats) {
        Ok(Some(token)) => Some(Credentials::Token(token.to_plain())),
        Ok(None) => Some(Credentials::Basic {
            login: login.to_owned(),
            password: Password::typed(password),
        }),
        Err(TwoTokens) => None,
    }
}

fn decode_pair(encoded: &str) -> Option<String> {
    let alphabet = if encoded.ends_with('=') {
        BASE64
    } else {
        BASE64_NOPAD
    };
    let pair = alphabet.decode(encoded.as_bytes()).ok()?;
    String::from_utf8(pair).ok()
}

pub(crate) fn split_pair(pair: &str) -> Option<(&str, &str)> {
    let (login, password) = pair.split_once(':')?;
    let readable = !login.is_empty() && !login.chars().any(char::is_control);
    readable.then_some((login, password))
}

/// Both halves of a pair are tokens, and not the same one.
pub(crate) struct TwoTokens;

/// The token in a Basic pair: its password, or its login when the password says so.
pub(crate) fn token_in_pair<'a>(
    login: &'a str,
    password: &'a str,
    formats: &TokenFormats,
) -> Result<Option<TokenText<'a>>, TwoTokens> {
    let as_login = || TokenText::parse(login, formats);
    match TokenText::parse(password, formats) {
        Some(token) if as_login().is_some_and(|other| other != token) => Err(TwoTokens),
        Some(token) => Ok(Some(token)),
        None if password.is_empty() || password == TOKEN_MARK => Ok(as_login()),
        None => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    // Published so that implementations can compare their checksum; long dead.
    const TOKEN: &str = "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";

    fn read(header: &str) -> Credentials {
        let header = HeaderValue::from_str(header).unwrap();
        Credentials::read([&header], &TokenFormats::default())
    }

    fn pair(pair: &str) -> Credentials {
        read(&format!("Basic {}", BASE64.encode(pair.as_bytes())))
    }

    #[test]
    fn a_password_may_hold_colons_and_be_empty() {
        for (text, expected) in [("mona:a:b", "a:b"), ("mona:", "")] {
            let Credentials::Basic { login, password } = pair(text) else {
                panic!("{text}")
            };
            assert_eq!(
                (login.as_str(), password.expose_bytes()),
                ("mona", expected.as_bytes())
            );
        }
    }

    #[test]
    fn padding_and_the_case_of_the_scheme_do_not_matter() {
        for header in [
            "Basic bW9uYTp4eA==",
            "basic bW9uYTp4eA",
            "BASIC   bW9uYTp4eA== ",
        ] {
            assert!(
                matches!(read(header), Credentials::Basic { .. }),
                "{header}"
            );
        }
    }

    #[test]
    fn a_token_is_seen_in_every_place_it_may_stand() {
        for header in ["token", "Bearer", "BEARER"] {
            assert!(matches!(
                read(&format!("{header} {TOKEN}")),
                Credentials::Token(_)
            ));
        }
        for halves in [
            format!("mona:{TOKEN}"),
            format!("{TOKEN}:x-oauth-basic"),
            format!("{TOKEN}:"),
        ] {
            assert!(matches!(pair(&halves), Credentials::Token(_)), "{halves}");
        }
        assert!(matches!(
            pair(&format!("{TOKEN}:secret")),
            Credentials::Basic { .. }
        ));
    }

    #[test]
    fn two_tokens_in_one_pair_are_malformed() {
        let other = "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";
        assert!(matches!(
            pair(&format!("{TOKEN}:{other}")),
            Credentials::Malformed
        ));
        assert!(matches!(
            pair(&format!("{TOKEN}:{TOKEN}")),
            Credentials::Token(_)
        ));
    }

    #[test]
    fn the_pair_of_an_app_is_never_a_token() {
        let read = |header: &str| Credentials::read_pair([&HeaderValue::from_str(header).unwrap()]);
        let basic = |pair: &str| read(&format!("Basic {}", BASE64.encode(pair.as_bytes())));
        assert!(matches!(
            basic(&format!("client:{TOKEN}")),
            Credentials::Basic { login, .. } if login == "client"
        ));
        for header in [&format!("token {TOKEN}"), "Basic !!!", "Basic", ""] {
            assert!(matches!(read(header), Credentials::Malformed), "{header}");
        }
        assert!(matches!(Credentials::read_pair([]), Credentials::None));
    }

    #[test]
    fn what_cannot_be_right_is_malformed() {
        for header in [
            "",
            "Basic",
            "Basic !!!",
            "Basic bW9uYQ==",
            "Basic OnNlY3JldA==",
            "Basic bW9u/zp4",
            "Digest a=b",
            "token ghp_wrong",
            TOKEN,
        ] {
            assert!(matches!(read(header), Credentials::Malformed), "{header}");
        }
        let twice = [HeaderValue::from_static("a"), HeaderValue::from_static("b")];
        assert!(matches!(
            Credentials::read(&twice, &TokenFormats::default()),
            Credentials::Malformed
        ));
    }

    #[test]
    fn debug_output_shows_nothing_that_was_typed() {
        assert_eq!(format!("{:?}", pair("mona:secret")), "Basic(…)");
    }

    proptest! {
        #[test]
        fn no_bytes_break_the_reading(bytes in any::<Vec<u8>>()) {
            let encoded = format!("Basic {}", BASE64.encode(&bytes));
            for bytes in [bytes.as_slice(), encoded.as_bytes()] {
                if let Ok(header) = HeaderValue::from_bytes(bytes) {
                    let _ = Credentials::read([&header], &TokenFormats::default());
                }
            }
        }
    }
}
