//! `serve --seed FILE`: users, apps and tokens with known values, for tests that need an installation from nothing.
//!
//! The file is checked as a whole before anything is made. A file is applied once: the audit trail holds its digest, and the
//! same file at a later start changes nothing, whatever became of what it made. Of another file, what is there already is
//! left as it is. Its values are known to whoever can read it, which is why `serve` takes it on loopback only.

mod apply;
mod file;

use std::collections::HashSet;
use std::fs;
use std::path::Path;

use counterfoil_authority::CreateAccount;
use counterfoil_domain::account::{NewEmail, Verification};
use counterfoil_domain::app::{AppUrl, ClientId, ClientSecret, DeviceFlow};
use counterfoil_domain::code::TotpSeed;
use counterfoil_domain::email::EmailAddress;
use counterfoil_domain::login::Login;
use counterfoil_domain::password::Password;
use counterfoil_domain::scope::{ScopeSet, Standing};
use counterfoil_domain::text::{DisplayName, Fingerprint, Note};
use counterfoil_domain::token::{PlainToken, TokenPrefixes};
use data_encoding::{BASE32_NOPAD, HEXLOWER};
use sha2::{Digest, Sha256};

pub use self::apply::Applied;

use self::file::{AppEntry, SeedFile, TokenEntry, UserEntry};
use crate::commands::DEMO_LOGIN;
use crate::config::Settings;

/// A seed file that was read and checked.
#[derive(Debug)]
pub struct Seed {
    /// SHA-256 of the file, in hexadecimal digits.
    digest: String,
    users: Vec<User>,
    apps: Vec<App>,
    tokens: Vec<Token>,
}

/// A user to be made.
#[derive(Debug)]
struct User {
    account: CreateAccount,
    otp_seed: Option<TotpSeed>,
}

/// An app to be made.
#[derive(Debug)]
struct App {
    owner: Login,
    name: DisplayName,
    url: AppUrl,
    callback_urls: Vec<AppUrl>,
    device_flow: DeviceFlow,
    client_id: ClientId,
    client_secret: ClientSecret,
}

/// A token to be made.
#[derive(Debug)]
struct Token {
    login: Login,
    app: Option<ClientId>,
    token: PlainToken,
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
        let prefixes = TokenPrefixes {
            personal: settings.tokens.personal_prefix.clone(),
            app: settings.tokens.app_prefix.clone(),
        };
        Self::parse(&text, file, &prefixes)
    }

    fn parse(text: &str, file: String, prefixes: &TokenPrefixes) -> Result<Self, SeedError> {
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
        check(entries, digest, prefixes).map_err(|Refused { place, problem }| SeedError::Value {
            file,
            place,
            problem,
        })
    }
}

/// A value that may not be, and where it stands.
struct Refused {
    place: String,
    problem: String,
}

/// Where a value stands, for the sentence that refuses it.
#[derive(Clone, Copy)]
struct Place {
    list: &'static str,
    index: usize,
}

impl Place {
    fn refuse(self, key: &str, problem: impl ToString) -> Refused {
        let Self { list, index } = self;
        Refused {
            place: format!("{list}[{index}].{key}"),
            problem: problem.to_string(),
        }
    }

    /// Reads a value that must be there.
    fn parse<T, E: ToString>(self, key: &str, read: Result<T, E>) -> Result<T, Refused> {
        read.map_err(|problem| self.refuse(key, problem))
    }
}

fn check(entries: SeedFile, digest: String, prefixes: &TokenPrefixes) -> Result<Seed, Refused> {
    let at = |list| move |index| Place { list, index };
    let users = entries.users.into_iter().zip((0..).map(at("users")));
    let users = users
        .map(|(entry, place)| user(entry, place))
        .collect::<Result<Vec<_>, _>>()?;
    let apps = entries.apps.into_iter().zip((0..).map(at("apps")));
    let apps = apps
        .map(|(entry, place)| app(entry, place))
        .collect::<Result<Vec<_>, _>>()?;
    let tokens = entries.tokens.into_iter().zip((0..).map(at("tokens")));
    let tokens = tokens
        .map(|(entry, place)| token(entry, prefixes, place))
        .collect::<Result<Vec<_>, _>>()?;
    refuse_repeated(
        users.iter().map(|user| user.account.login.key()),
        at("users"),
        "login",
    )?;
    refuse_repeated(
        apps.iter().map(|app| app.client_id.to_string()),
        at("apps"),
        "client_id",
    )?;
    refuse_repeated(
        tokens.iter().map(|token| token.token.digest()),
        at("tokens"),
        "token",
    )?;
    Ok(Seed {
        digest,
        users,
        apps,
        tokens,
    })
}

fn refuse_repeated<T: Eq + std::hash::Hash>(
    values: impl Iterator<Item = T>,
    at: impl Fn(usize) -> Place,
    key: &str,
) -> Result<(), Refused> {
    let mut seen = HashSet::new();
    for (index, value) in values.enumerate() {
        if !seen.insert(value) {
            return Err(at(index).refuse(key, "stands twice in this file"));
        }
    }
    Ok(())
}

fn user(entry: UserEntry, place: Place) -> Result<User, Refused> {
    let login = place.parse("login", Login::parse(&entry.login))?;
    if login.key() == DEMO_LOGIN {
        return Err(place.refuse(
            "login",
            "is the login of `counterfoil quickstart`'s user; choose another",
        ));
    }
    let email = match &entry.email {
        Some(address) => Some(NewEmail {
            address: place.parse("email", EmailAddress::parse(address))?,
            verification: Verification::Verified,
        }),
        None => None,
    };
    let account = CreateAccount {
        login,
        name: place.parse("name", optional(entry.name.as_deref(), DisplayName::parse))?,
        email,
        standing: if entry.admin {
            Standing::SiteAdministrator
        } else {
            Standing::Ordinary
        },
        password: place.parse("password", Password::choose(entry.password.expose()))?,
    };
    let otp_seed = match &entry.otp_secret {
        Some(secret) => Some(otp_seed(secret.expose()).ok_or_else(|| {
            place.refuse(
                "otp_secret",
                "must be 20 bytes in base 32: 32 letters from A to Z and digits from 2 to 7",
            )
        })?),
        None => None,
    };
    Ok(User { account, otp_seed })
}

fn otp_seed(text: &str) -> Option<TotpSeed> {
    let bytes = BASE32_NOPAD
        .decode(text.to_ascii_uppercase().as_bytes())
        .ok()?;
    TotpSeed::from_bytes(&bytes)
}

fn app(entry: AppEntry, place: Place) -> Result<App, Refused> {
    if entry.callback_urls.is_empty() {
        return Err(place.refuse("callback_urls", "must have at least one URL"));
    }
    let urls = entry.callback_urls.iter().map(|url| AppUrl::parse(url));
    Ok(App {
        owner: place.parse("owner", Login::parse(&entry.owner))?,
        name: place.parse("name", DisplayName::parse(&entry.name))?,
        url: place.parse("url", AppUrl::parse(&entry.url))?,
        callback_urls: place.parse("callback_urls", urls.collect::<Result<Vec<_>, _>>())?,
        device_flow: if entry.device_flow {
            DeviceFlow::Enabled
        } else {
            DeviceFlow::Disabled
        },
        client_id: place.parse("client_id", ClientId::parse(&entry.client_id))?,
        client_secret: place.parse(
            "client_secret",
            ClientSecret::parse(entry.client_secret.expose()),
        )?,
    })
}

fn token(entry: TokenEntry, prefixes: &TokenPrefixes, place: Place) -> Result<Token, Refused> {
    let token = PlainToken::parse(entry.token.expose(), prefixes).ok_or_else(|| {
        let example = prefixes.personal.as_str();
        place.refuse(
            "token",
            format!("must be a known prefix such as {example}, 30 letters and digits, and their checksum; `counterfoil token create` makes one"),
        )
    })?;
    if entry.app.is_none() && entry.note.is_none() {
        return Err(place.refuse("note", "is missing; only a token of an app may do without"));
    }
    if entry.app.is_none() && entry.fingerprint.is_some() {
        return Err(place.refuse("fingerprint", "is for tokens of an app only; set app too"));
    }
    Ok(Token {
        login: place.parse("login", Login::parse(&entry.login))?,
        app: place.parse("app", optional(entry.app.as_deref(), ClientId::parse))?,
        token,
        scopes: place.parse(
            "scopes",
            ScopeSet::parse(entry.scopes.iter().map(String::as_str)),
        )?,
        note: place.parse("note", optional(entry.note.as_deref(), Note::parse))?,
        fingerprint: place.parse(
            "fingerprint",
            optional(entry.fingerprint.as_deref(), Fingerprint::parse),
        )?,
    })
}

/// Reads a value that may be missing.
fn optional<T, E>(text: Option<&str>, read: impl Fn(&str) -> Result<T, E>) -> Result<Option<T>, E> {
    text.map(read).transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(text: &str) -> String {
        let refused = Seed::parse(text, "seed.toml".to_owned(), &TokenPrefixes::default());
        refused.unwrap_err().to_string()
    }

    const USER: &str = "[[users]]\nlogin = \"mona\"\npassword = \"correct horse\"\n";

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
        assert!(refusal(&USER.replace("mona", "Demo")).contains("users[0].login: is the login of"));
    }
}
