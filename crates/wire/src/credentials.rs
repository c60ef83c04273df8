//! The `Authorization` header (wire contract, section 3; RFC 7617).
//!
//! A token may come under its own scheme or in either half of a Basic pair, so the pair is looked at before it counts as
//! login and password. Nothing here asks whether the credentials are right.

use std::fmt;

use counterfoil_domain::password::Password;
use counterfoil_domain::token::{PlainToken, TokenPrefixes};
use data_encoding::{BASE64, BASE64_NOPAD};
use http::HeaderValue;

/// What a request says about who sent it.
#[derive(Clone)]
pub enum Credentials {
    /// Nothing.
    None,
    /// A login or e-mail address, never empty, with a password. Also the client id and secret of an app.
    Basic {
        /// The login as it was typed.
        login: String,
        /// The password.
        password: Password,
    },
    /// A well-formed token.
    Token(PlainToken),
    /// Something that cannot be right: several headers, another scheme, broken base 64, an ill-formed token.
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
    /// Reads the `Authorization` headers of a request.
    pub fn read<'a>(
        headers: impl IntoIterator<Item = &'a HeaderValue>,
        prefixes: &TokenPrefixes,
    ) -> Self {
        let mut headers = headers.into_iter();
        match (headers.next(), headers.next()) {
            (None, _) => Self::None,
            (Some(header), None) => parse(header, prefixes).unwrap_or(Self::Malformed),
            (Some(_), Some(_)) => Self::Malformed,
        }
    }
}

fn parse(header: &HeaderValue, prefixes: &TokenPrefixes) -> Option<Credentials> {
    let text = str::from_utf8(header.as_bytes()).ok()?;
    let (scheme, rest) = text.trim().split_once(' ')?;
    let rest = rest.trim();
    if scheme.eq_ignore_ascii_case("basic") {
        basic(rest, prefixes)
    } else if scheme.eq_ignore_ascii_case("token") || scheme.eq_ignore_ascii_case("bearer") {
        PlainToken::parse(rest, prefixes).map(Credentials::Token)
    } else {
        None
    }
}

fn basic(encoded: &str, prefixes: &TokenPrefixes) -> Option<Credentials> {
    let alphabet = if encoded.ends_with('=') {
        BASE64
    } else {
        BASE64_NOPAD
    };
    let pair = String::from_utf8(alphabet.decode(encoded.as_bytes()).ok()?).ok()?;
    let (login, password) = pair.split_once(':')?;
    if login.is_empty() || login.chars().any(char::is_control) {
        return None;
    }
    let marked = password.is_empty() || password == TOKEN_MARK;
    let token = PlainToken::parse(password, prefixes)
        .or_else(|| marked.then(|| PlainToken::parse(login, prefixes)).flatten());
    Some(token.map_or_else(
        || Credentials::Basic {
            login: login.to_owned(),
            password: Password::typed(password),
        },
        Credentials::Token,
    ))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    // Published so that implementations can compare their checksum; long dead.
    const TOKEN: &str = "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";

    fn read(header: &str) -> Credentials {
        let header = HeaderValue::from_str(header).unwrap();
        Credentials::read([&header], &TokenPrefixes::default())
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
            Credentials::read(&twice, &TokenPrefixes::default()),
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
                    let _ = Credentials::read([&header], &TokenPrefixes::default());
                }
            }
        }
    }
}
