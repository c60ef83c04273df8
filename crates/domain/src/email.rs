//! E-mail addresses.

use std::fmt;

/// An e-mail address as its owner wrote it; compared by its lower-case form. Only its shape is
/// checked: something, an `@`, something with a dot or `localhost`, no white space, at most 254
/// bytes (RFC 5321, section 4.5.3.1.3).
#[derive(Clone, PartialEq, Eq)]
pub struct EmailAddress(String);

/// An address that may not be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an e-mail address looks like name@example.com and has at most 254 characters")]
pub struct EmailRefused;

impl EmailAddress {
    /// The address in `text`.
    pub fn parse(text: &str) -> Result<Self, EmailRefused> {
        let plain = text.len() <= 254 && !text.chars().any(|c| c.is_whitespace() || c.is_control());
        let shaped = text.rsplit_once('@').is_some_and(|(local, domain)| {
            let dotted = domain.contains('.') && !domain.starts_with('.') && !domain.ends_with('.');
            !local.is_empty() && (dotted || domain.eq_ignore_ascii_case("localhost"))
        });
        if plain && shaped {
            Ok(Self(text.to_owned()))
        } else {
            Err(EmailRefused)
        }
    }

    /// An address as it was stored.
    pub fn from_stored(text: String) -> Self {
        Self(text)
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The form in which addresses are compared.
    pub fn key(&self) -> String {
        self.0.to_lowercase()
    }
}

/// Personal: logs show only that there is one.
impl fmt::Debug for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EmailAddress(…)")
    }
}
