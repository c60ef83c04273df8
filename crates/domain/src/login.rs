//! Logins: the names of accounts.

use std::fmt;

/// The name of an account: 1 to 39 ASCII letters, digits and single inner hyphens. Shown as it was made, unique without
/// regard to case.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Login(String);

/// A login that may not be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a login has 1 to 39 letters, digits and single hyphens, and neither starts nor ends with a hyphen"
)]
pub struct LoginRefused;

impl Login {
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

    /// The login nearest to `text`: whatever is no letter or digit becomes a hyphen, several become one, and none is left at
    /// the ends. Administrators' programs make users by names of other systems (`octo_cat`).
    ///
    /// ```
    /// use counterfoil_domain::login::Login;
    /// assert_eq!(Login::normalized("_octo__cat").unwrap().as_str(), "octo-cat");
    /// assert!(Login::normalized("__").is_err());
    /// ```
    pub fn normalized(text: &str) -> Result<Self, LoginRefused> {
        // Nothing that long can be cut to a login, and the work is bounded.
        if text.len() > 255 {
            return Err(LoginRefused);
        }
        let words = text
            .split(|character: char| !character.is_ascii_alphanumeric())
            .filter(|word| !word.is_empty());
        Self::parse(&words.collect::<Vec<_>>().join("-"))
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
