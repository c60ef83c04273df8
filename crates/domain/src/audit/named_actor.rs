//! Who did something, as people say whom they want.

use std::str::FromStr;

use crate::app::{ClientId, ClientIdRefused};
use crate::id::AccountId;
use crate::login::{Login, LoginRefused};

/// Who did what is wanted, by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NamedActor {
    /// The user of this login.
    User(Login),
    /// A user, by the id that the trail has.
    Account(AccountId),
    /// The app of this client id.
    App(ClientId),
    /// Somebody at the command line: whoever that was, or the user of the operating system that has
    /// this name.
    OperatingSystemUser(Option<String>),
    /// Nobody who is known.
    Anonymous,
    /// The program by itself.
    Program,
}

/// A text that names nobody who could have done something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoActor {
    /// It should be a login.
    #[error(transparent)]
    Login(LoginRefused),
    /// It should be a client id.
    #[error(transparent)]
    ClientId(ClientIdRefused),
    /// It has another form.
    #[error(
        "an actor is a login, or user:LOGIN, app:CLIENT_ID, os_user:NAME, os_user, anonymous or program"
    )]
    Form,
}

impl FromStr for NamedActor {
    type Err = NoActor;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let login = |text| Login::parse(text).map(Self::User).map_err(NoActor::Login);
        match text.split_once(':') {
            Some(("user", name)) => login(name),
            Some(("app", id)) => ClientId::parse(id)
                .map(Self::App)
                .map_err(NoActor::ClientId),
            Some(("os_user", name)) => Ok(Self::OperatingSystemUser(Some(name.to_owned()))),
            // As lists for programs name a user.
            Some(("account", id)) => id
                .parse()
                .map(|id| Self::Account(AccountId(id)))
                .map_err(|_| NoActor::Form),
            Some(_) => Err(NoActor::Form),
            None => match text {
                "os_user" => Ok(Self::OperatingSystemUser(None)),
                "anonymous" => Ok(Self::Anonymous),
                "program" => Ok(Self::Program),
                text => login(text),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_actor_is_said_in_each_of_its_forms() {
        let login = |text| Login::parse(text).expect("a login");
        let id = "0123456789abcdef0123";
        let app = ClientId::parse(id).expect("a client id");
        for (text, actor) in [
            ("mona", NamedActor::User(login("mona"))),
            ("user:program", NamedActor::User(login("program"))),
            ("account:7", NamedActor::Account(AccountId(7))),
            (&*format!("app:{id}"), NamedActor::App(app)),
            ("os_user", NamedActor::OperatingSystemUser(None)),
            (
                "os_user:root",
                NamedActor::OperatingSystemUser(Some("root".to_owned())),
            ),
            ("anonymous", NamedActor::Anonymous),
            ("program", NamedActor::Program),
        ] {
            assert_eq!(text.parse(), Ok(actor), "{text}");
        }
        for (text, refused) in [
            ("team:x", NoActor::Form),
            ("account:x", NoActor::Form),
            ("-mona", NoActor::Login(LoginRefused)),
            ("app:x", NoActor::ClientId(ClientIdRefused)),
        ] {
            assert_eq!(text.parse::<NamedActor>(), Err(refused), "{text}");
        }
    }
}
