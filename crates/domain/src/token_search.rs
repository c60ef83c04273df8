//! Looking for tokens, as site administrators do: of a user, of an app, or the one of a digest.
//!
//! People paste tokens where tokens are looked for. So what was typed is one of these, or it may be
//! a secret, and is neither shown again nor kept.

use std::fmt;

use crate::app::ClientId;
use crate::digest::SecretDigest;
use crate::login::Login;
use crate::token::is_token_body;

/// Where tokens are looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SoughtTokens {
    /// Among those of a user.
    User(Login),
    /// Among those of an app.
    App(ClientId),
    /// The one of which this is kept.
    Digest(SecretDigest),
}

/// Why nothing is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SoughtRefused {
    /// It is none of what tokens are looked for by.
    Unknown,
    /// It is a token, whole or in part.
    Token,
    /// No token ends like this.
    LastEight,
    /// A digest is that of one token, whatever it ends with.
    LastEightOfDigest,
}

/// Characters at the end of a token by which it is told from others.
const LAST: usize = 8;

impl SoughtTokens {
    /// What somebody typed. No token is any of these: its prefix has an underscore, what follows
    /// the prefix has a checksum, or it has as many hexadecimal digits as neither a login nor a
    /// digest has. A part of what follows may have the form of a login.
    pub fn parse(text: &str) -> Result<Self, SoughtRefused> {
        if let Some(digest) = SecretDigest::parse(text) {
            return Ok(Self::Digest(digest));
        }
        // No login that was made here has the form of a client id.
        if let Ok(client_id) = ClientId::parse(text) {
            return Ok(Self::App(client_id));
        }
        if is_token_body(text) {
            return Err(SoughtRefused::Token);
        }
        Login::parse(text).map(Self::User).map_err(|_| {
            let is_hexadecimal =
                text.len() == 40 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
            if is_hexadecimal || text.contains('_') {
                SoughtRefused::Token
            } else {
                SoughtRefused::Unknown
            }
        })
    }

    /// The last eight characters that somebody typed beside it; none where nothing was.
    pub fn last_eight<'t>(&self, text: &'t str) -> Result<Option<&'t str>, SoughtRefused> {
        match self {
            _ if text.is_empty() => Ok(None),
            Self::Digest(_) => Err(SoughtRefused::LastEightOfDigest),
            _ if text.len() == LAST && text.bytes().all(|byte| byte.is_ascii_graphic()) => {
                Ok(Some(text))
            }
            Self::User(_) | Self::App(_) => Err(SoughtRefused::LastEight),
        }
    }
}

/// As it can be typed again: a digest in hexadecimal digits.
impl fmt::Display for SoughtTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User(login) => f.write_str(login.as_str()),
            Self::App(client_id) => f.write_str(client_id.as_str()),
            Self::Digest(digest) => f.write_str(&digest.to_hex()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_tokens_are_looked_for_by_is_told_apart_by_its_form() {
        let digest = SecretDigest::of("secret");
        let client_id = ClientId::parse("0123456789abcdef0123").unwrap();
        for (text, sought) in [
            (
                "mona".to_owned(),
                SoughtTokens::User(Login::parse("mona").unwrap()),
            ),
            (client_id.to_string(), SoughtTokens::App(client_id)),
            (digest.to_hex(), SoughtTokens::Digest(digest)),
        ] {
            assert_eq!(sought.to_string(), text);
            assert_eq!(SoughtTokens::parse(&text), Ok(sought));
        }
    }

    #[test]
    fn a_token_is_recognised_whole_and_in_part() {
        for text in [
            "ghp_0123456789abcdef",
            "gho_x",
            "acme_",
            "github_pat_1",
            "16C7e42F292c6912E7710c838347Ae4H2Y7G",
            &"0123456789".repeat(4),
        ] {
            assert_eq!(
                SoughtTokens::parse(text),
                Err(SoughtRefused::Token),
                "{text}"
            );
        }
        for text in ["", "mona lisa", "mona@example.org", "-"] {
            assert_eq!(
                SoughtTokens::parse(text),
                Err(SoughtRefused::Unknown),
                "{text}"
            );
        }
    }

    #[test]
    fn the_last_eight_narrow_what_a_user_or_an_app_has() {
        let mona = SoughtTokens::parse("mona").unwrap();
        assert_eq!(mona.last_eight(""), Ok(None));
        assert_eq!(mona.last_eight("aB3dE6g8"), Ok(Some("aB3dE6g8")));
        for text in ["aB3dE6g", "aB3dE6g8h", "aB3dE6g ", "ghp_0123456789abcdef"] {
            assert_eq!(
                mona.last_eight(text),
                Err(SoughtRefused::LastEight),
                "{text}"
            );
        }
        let digest = SoughtTokens::Digest(SecretDigest::of("secret"));
        assert_eq!(digest.last_eight(""), Ok(None));
        let refused = Err(SoughtRefused::LastEightOfDigest);
        assert_eq!(digest.last_eight("aB3dE6g8"), refused);
    }
}
