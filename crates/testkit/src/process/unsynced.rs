//! The server whose database syncs nothing, for the test that counts syncs, and who can use it.

use std::path::{Path, PathBuf};

use super::{OauthApp, Person, Program};
use crate::installed;

/// The user's login.
pub const LOGIN: &str = "octocat";
/// The user's password.
pub const PASSWORD: &str = "octocat's password";
/// The app's client id.
pub const CLIENT_ID: &str = "0123456789abcdef0123";
/// The app's client secret.
pub const CLIENT_SECRET: &str = "0123456789abcdef0123456789abcdef01234567";

/// The server as a program, to be started with the folder for its database as its one argument.
pub fn program(folder: &Path) -> Program {
    let binary: PathBuf = installed::program().with_file_name("counterfoil-unsynced");
    assert!(
        binary.is_file(),
        "{} is not built: run `cargo xtask test`, or `cargo build --workspace --bins`",
        binary.display()
    );
    Program::of(binary, folder)
}

/// Its user.
pub fn user() -> Person {
    Person {
        login: LOGIN.to_owned(),
        password: PASSWORD.to_owned(),
    }
}

/// Its app.
pub fn app() -> OauthApp {
    OauthApp {
        client_id: CLIENT_ID.to_owned(),
        client_secret: CLIENT_SECRET.to_owned(),
    }
}
