//! `serve --seed FILE`: users, organizations, teams, apps and tokens with known values, for tests
//! that need an installation from nothing.
//!
//! The file is checked as a whole before anything is made. A file is applied once: the audit trail
//! holds its digest, and the same file at a later start changes nothing, whatever became of what it
//! made. Of another file, what is there already is left as it is. Its values are known to whoever
//! can read it, which is why `serve` takes it on loopback only.

mod apply;
mod check;
mod file;
mod references;

use std::fs;
use std::path::Path;

use counterfoil_authority::CreateAccount;
use counterfoil_domain::app::{
    AppSwitches, AppUrl, ClientId, ClientSecret, DeviceFlow, ExpiringTokens,
};
use counterfoil_domain::code::TotpSeed;
use counterfoil_domain::login::Login;
use counterfoil_domain::organization::{NewOrganization, Role, TeamName};
use counterfoil_domain::scope::ScopeSet;
use counterfoil_domain::text::{DisplayName, Fingerprint, Note};
use counterfoil_domain::token::{PlainToken, TokenFormats};
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

pub use self::apply::Applied;

use self::check::Refused;
use self::file::SeedFile;
use crate::config::Settings;

/// A seed file that was read and checked.
#[derive(Debug)]
pub struct Seed {
    /// SHA-256 of the file, in hexadecimal digits.
    digest: String,
    users: Vec<User>,
    organizations: Vec<Organization>,
    teams: Vec<Team>,
    apps: Vec<App>,
    tokens: Vec<Token>,
}

/// A user to be made.
#[derive(Debug)]
struct User {
    account: CreateAccount,
    otp_seed: Option<TotpSeed>,
}

/// An organization to be made, with its members.
#[derive(Debug)]
struct Organization {
    new: NewOrganization,
    members: Vec<(Login, Role)>,
}

/// A team to be made, with its members.
#[derive(Debug)]
struct Team {
    organization: Login,
    name: TeamName,
    members: Vec<Login>,
}

/// An app to be made.
#[derive(Debug)]
struct App {
    owner: Login,
    name: DisplayName,
    url: AppUrl,
    callback_urls: Vec<AppUrl>,
    device_flow: DeviceFlow,
    expiring_tokens: ExpiringTokens,
    switches: AppSwitches,
    client_id: ClientId,
    client_secret: ClientSecret,
}

/// A token to be made.
#[derive(Debug)]
struct Token {
    login: Login,
    app: Option<ClientId>,
    plain: PlainToken,
    scopes: ScopeSet,
    note: Option<Note>,
    fingerprint: Option<Fingerprint>,
}

/// Why a seed file is not taken. Each is one sentence; none repeats a secret.
#[derive(Debug, thiserror::Error)]
pub enum SeedError {
    /// It cannot be read.
    #[error("cannot read the seed file {file}")]
    Unreadable {
        /// The file.
        file: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// It is not TOML, or has a key that does not exist, or lacks one.
    #[error("{file}: line {line}: {problem}")]
    Form {
        /// The file.
        file: String,
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        problem: String,
    },
    /// A value that may not be.
    #[error("{file}: {place}: {problem}")]
    Value {
        /// The file.
        file: String,
        /// Which value, such as `users[0].login`.
        place: String,
        /// What it must be.
        problem: String,
    },
}

impl Seed {
    /// Reads and checks a file.
    pub fn read(path: &Path, settings: &Settings) -> Result<Self, SeedError> {
        let file = path.display().to_string();
        let text = fs::read_to_string(path).map_err(|source| {
            let file = file.clone();
            SeedError::Unreadable { file, source }
        })?;
        Self::parse(&text, file, &settings.tokens.formats())
    }

    fn parse(text: &str, file: String, formats: &TokenFormats) -> Result<Self, SeedError> {
        let entries: SeedFile = toml::from_str(text).map_err(|error| {
            let before = error
                .span()
                .and_then(|span| text.get(..span.start))
                .unwrap_or("");
            SeedError::Form {
                file: file.clone(),
                line: before.matches('\n').count() + 1,
                problem: error.message().replace('\n', ", "),
            }
        })?;
        let digest = HEXLOWER.encode(&Sha256::digest(text.as_bytes()));
        check::all(&entries, digest, formats).map_err(|Refused { place, problem }| {
            SeedError::Value {
                file,
                place,
                problem,
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(text: &str) -> String {
        let refused = Seed::parse(text, "seed.toml".to_owned(), &TokenFormats::default());
        refused.unwrap_err().to_string()
    }

    const USER: &str = "[[users]]\nlogin = \"mona\"\npassword = \"correct horse\"\n";

    /// What stands between the lines that fence TOML in the documentation.
    fn documented_example() -> &'static str {
        let page = include_str!("../../../../docs/run/seed.md");
        let (_, rest) = page.split_once("```toml\n").unwrap();
        rest.split_once("```").unwrap().0
    }

    #[test]
    fn the_documented_example_is_a_seed_file() {
        let seed = Seed::parse(
            documented_example(),
            "seed.toml".to_owned(),
            &TokenFormats::default(),
        );
        let seed = seed.unwrap();
        assert_eq!(
            (seed.users.len(), seed.apps.len(), seed.tokens.len()),
            (2, 1, 2)
        );
        let [organization] = &seed.organizations[..] else {
            panic!("the example has one organization");
        };
        assert_eq!(organization.members.len(), 2);
        assert_eq!(seed.teams[0].name.slug().as_str(), "site-reliability");
        assert!(seed.users[0].otp_seed.is_some());
    }

    #[test]
    fn a_key_that_does_not_exist_is_named_with_its_line() {
        let error = refusal(&format!("{USER}pasword = \"x\"\n"));
        assert!(
            error.starts_with("seed.toml: line 4: unknown field `pasword`"),
            "{error}"
        );
    }

    #[test]
    fn a_value_that_may_not_be_is_named_by_its_place() {
        let error = refusal(&format!(
            "{USER}[[users]]\nlogin = \"-\"\npassword = \"correct horse\"\n"
        ));
        assert!(
            error.starts_with("seed.toml: users[1].login: a login has 1 to 39 letters"),
            "{error}"
        );
    }

    #[test]
    fn nothing_may_stand_twice() {
        let twice = format!("{USER}{}", USER.replace("mona", "Mona"));
        assert_eq!(
            refusal(&twice),
            "seed.toml: users[1].login: stands twice in this file"
        );
    }

    #[test]
    fn nobody_is_in_an_organization_or_a_team_twice() {
        let organization =
            "[[organizations]]\nlogin = \"acme\"\nadmins = [\"mona\"]\nmembers = [\"Mona\"]\n";
        assert_eq!(
            refusal(organization),
            "seed.toml: organizations[0].members: Mona stands twice"
        );
        let team =
            "[[teams]]\norganization = \"acme\"\nname = \"Ops\"\nmembers = [\"mona\", \"mona\"]\n";
        assert_eq!(
            refusal(team),
            "seed.toml: teams[0].members: mona stands twice"
        );
        let organization = organization
            .replace("acme", "mona")
            .replace("[\"Mona\"]", "[]");
        assert_eq!(
            refusal(&format!("{USER}{organization}")),
            "seed.toml: organizations[0].login: stands twice in this file"
        );
    }

    #[test]
    fn a_refused_secret_is_not_repeated() {
        let error = refusal("[[users]]\nlogin = \"mona\"\npassword = 123456789\n");
        assert_eq!(error, "seed.toml: line 3: a secret must be text in quotes");
        let error = refusal(
            "[[tokens]]\nlogin = \"mona\"\ntoken = \"ghp_secret\"\nscopes = []\nnote = \"x\"\n",
        );
        assert!(
            error.starts_with("seed.toml: tokens[0].token: must be a known prefix")
                && !error.contains("secret"),
            "{error}"
        );
    }

    #[test]
    fn the_user_of_the_quickstart_cannot_be_seeded() {
        assert!(
            refusal(&USER.replace("mona", "Demo")).contains("users[0].login: demo is the user of")
        );
    }
}
