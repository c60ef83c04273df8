//! Logins: the names of accounts.

use std::fmt;

/// The name of an account: 1 to 39 ASCII letters, digits and single inner hyphens. Shown as it was
/// made, unique without regard to case.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Login(String);

/// A login that may not be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a login has 1 to 39 letters, digits and single hyphens, and neither starts nor ends with a hyphen"
)]
pub struct LoginRefused;

/// A login that nobody may be given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NewLoginRefused {
    /// It has not the form of a login.
    #[error(transparent)]
    Form(#[from] LoginRefused),
    /// The name of a Basic pair says whether it is an app's or a user's, so no login reads like a
    /// client id.
    #[error(
        "a login of 20 letters and digits could be an app's client ID; one more or fewer, or a hyphen in it, will do"
    )]
    ClientId,
}

/// Characters of a client id.
const CLIENT_ID_LENGTH: usize = 20;

impl Login {
    /// The login in `text`, to be given to a new account.
    ///
    /// ```
    /// use counterfoil_domain::login::Login;
    /// assert!(Login::parse_new("mona-lisa").is_ok());
    /// assert!(Login::parse_new("0123456789abcdef0123").is_err());
    /// ```
    pub fn parse_new(text: &str) -> Result<Self, NewLoginRefused> {
        Self::parse(text)?.not_like_a_client_id()
    }

    fn not_like_a_client_id(self) -> Result<Self, NewLoginRefused> {
        if self.is_like_a_client_id() {
            Err(NewLoginRefused::ClientId)
        } else {
            Ok(self)
        }
    }

    /// Whether it has the form of a client id: 20 letters and digits. Accounts that were made
    /// before nobody could have such a login go on having it, and sign in by it unless it is the
    /// client id of a live app.
    pub fn is_like_a_client_id(&self) -> bool {
        self.0.len() == CLIENT_ID_LENGTH && self.0.bytes().all(|byte| byte.is_ascii_alphanumeric())
    }

    /// The login in `text`.
    ///
    /// ```
    /// use counterfoil_domain::login::Login;
    /// assert!(Login::parse("mona-lisa").is_ok());
    /// assert!(Login::parse("-mona").is_err());
    /// ```
    pub fn parse(text: &str) -> Result<Self, LoginRefused> {
        let letters = text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        let hyphens = !text.starts_with('-') && !text.ends_with('-') && !text.contains("--");
        if (1..=39).contains(&text.len()) && letters && hyphens {
            Ok(Self(text.to_owned()))
        } else {
            Err(LoginRefused)
        }
    }

    /// The login nearest to `text`, to be given to an account: whatever is no letter or digit
    /// becomes a hyphen, several become one, and none is left at the ends. Administrators' programs
    /// make users by names of other systems (`octo_cat`).
    ///
    /// ```
    /// use counterfoil_domain::login::Login;
    /// assert_eq!(Login::normalized("_octo__cat").unwrap().as_str(), "octo-cat");
    /// assert!(Login::normalized("__").is_err());
    /// ```
    pub fn normalized(text: &str) -> Result<Self, NewLoginRefused> {
        // Nothing that long can be cut to a login, and the work is bounded.
        if text.len() > 255 {
            return Err(LoginRefused.into());
        }
        let words = text
            .split(|character: char| !character.is_ascii_alphanumeric())
            .filter(|word| !word.is_empty());
        Self::parse_new(&words.collect::<Vec<_>>().join("-"))
    }

    /// A login as it was stored.
    pub fn from_stored(text: String) -> Self {
        Self(text)
    }

    /// As it was made.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The form in which logins are compared.
    pub fn key(&self) -> String {
        self.0.to_ascii_lowercase()
    }
}

impl fmt::Display for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_new_login_reads_like_a_client_id() {
        for text in [
            "0123456789abcdef0123",
            "Ov23liABCDEFGHIJKLMN",
            "abcdefghijklmnopqrst",
        ] {
            assert_eq!(Login::parse_new(text), Err(NewLoginRefused::ClientId));
            assert_eq!(Login::normalized(text), Err(NewLoginRefused::ClientId));
            assert!(Login::parse(text).is_ok_and(|login| login.is_like_a_client_id()));
        }
        for text in [
            "0123456789abcdef012",
            "0123456789abcdef01234",
            "0123456789-abcdef012",
        ] {
            assert!(Login::parse_new(text).is_ok(), "{text}");
        }
    }
}
