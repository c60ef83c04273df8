//! The installation that is flooded: as it is in earnest, with users who have signed in before.

use std::fmt::Write as _;
use std::fs;
use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;

use counterfoil_testkit::TestFolder;
use counterfoil_testkit::process::{Program, Running, basic};

use super::client::{Asked, Target};

/// Users who sign in during a flood.
pub(super) const USERS: usize = 10;

/// Where the trusted proxy is.
pub(super) const PROXY: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// A personal token of a user, whose checksum holds.
pub(super) const TOKEN: &str = "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";

/// Whoever was suspended and knows the password.
pub(super) const SUSPENDED: &str = "former";
/// Whoever makes and deletes tokens all day.
pub(super) const BUSY: &str = "busy";

/// See the module.
pub(super) struct Site {
    program: Program,
    folder: TestFolder,
}

/// The login of a user of this number.
pub(super) fn login(number: usize) -> String {
    format!("reader{number}")
}

/// What this user's password is. Nothing of the login is in it.
pub(super) fn password(login: &str) -> String {
    let shifted = login.bytes().map(|byte| char::from(byte % 26 + b'a'));
    format!("tin whistle {}", shifted.collect::<String>())
}

/// Asks who somebody is, by login and password.
pub(super) fn sign_in(login: &str, from: &str) -> Asked {
    Asked {
        authorization: Some(basic(login, &password(login))),
        forwarded_for: Some(from.to_owned()),
        ..Asked::get("/api/v3/user")
    }
}

impl Site {
    /// Users, tokens and nothing else. `binary` is another program than the one of this tree.
    pub(super) fn make(binary: Option<PathBuf>) -> Self {
        let folder = TestFolder::in_memory();
        let program = match binary {
            None => Program::build_in(folder.path()),
            Some(binary) => Program::of(binary, folder.path()),
        };
        let mut seed = String::new();
        let logins = (0..USERS).map(login);
        for login in logins.chain([SUSPENDED.to_owned(), BUSY.to_owned()]) {
            let password = password(&login);
            let _ = write!(
                seed,
                "[[users]]\nlogin = \"{login}\"\npassword = \"{password}\"\nemail = \"{login}@example.org\"\n"
            );
        }
        let owner = login(0);
        let _ = write!(
            seed,
            "[[tokens]]\nlogin = \"{owner}\"\ntoken = \"{TOKEN}\"\nscopes = [\"repo\"]\nnote = \"a pipeline\"\n"
        );
        fs::write(folder.path().join("seed.toml"), seed).expect("the folder is the test's");
        let site = Self { program, folder };
        assert!(site.start(&["--seed", "seed.toml"]).terminate().success());
        let suspend = ["user", "suspend", SUSPENDED];
        site.program.command(&suspend, "").succeeded();
        site
    }

    /// Serves it behind a proxy on this machine, with these words beside.
    pub(super) fn start(&self, arguments: &[&str]) -> Running {
        self.program.start_serve(arguments)
    }

    /// The same with a setting that is not the default.
    pub(super) fn with(mut self, name: &str, value: &str) -> Self {
        self.program = self
            .program
            .with_environment(&format!("COUNTERFOIL_{name}"), value);
        self
    }

    /// How to reach a server of it.
    pub(super) fn target(&self, server: &Running) -> Target {
        Target::of(
            &server.base_url,
            &self.folder.path().join("counterfoil-data"),
        )
    }
}
