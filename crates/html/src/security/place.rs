//! Where a second factor is set up.

/// Where somebody sets an authenticator or a passkey up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SetUpPlace {
    /// Under Security.
    Security,
    /// At a link, for who sees no other page before; all forms go to `/link`.
    Link,
}
