//! What a route asks for, to know who asks.

/// What proves who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Credential {
    /// Nothing, whoever asks.
    Nothing,
    /// A login and password with Basic authentication, and a code where the user has two factors.
    /// No token.
    Password,
    /// A login and password, or a token.
    PasswordOrToken,
    /// A token. No password.
    Token,
    /// A token at one of the places where the settings let gateways present it.
    TokenInPlaces,
    /// Nothing; a login and password, a token, or an app's client id and secret that come all the
    /// same must be right.
    Optional,
    /// A token that may act as a site administrator, of one who is one now. Whoever else is right
    /// is told that there is nothing.
    Administrator,
    /// Nothing, whoever asks: a form is bound to the browser.
    Visitor,
    /// A session in a browser.
    Session,
    /// A session in which the user proved a short while ago who they are.
    FreshSession,
    /// A session of a site administrator. Whoever else is signed in is told that there is nothing.
    AdministratorSession,
    /// The same, in which they proved a short while ago who they are.
    FreshAdministratorSession,
    /// The client id and secret of the app that the path names.
    App,
    /// The client id and secret of an app, in the body or with Basic authentication.
    AppInBody,
    /// The same, where strangers are told that there is nothing. Served only where older token URLs
    /// are.
    AppInPath,
}
