//! `counterfoil quickstart`: everything at once, for whoever wants to see it work.

use std::path::PathBuf;

use anyhow::Context;
use clap::Args;
use counterfoil_authority::{CreateAccount, CreateApp, CreatedApp};
use counterfoil_domain::account::Account;
use counterfoil_domain::app::{App, AppSwitches, AppUrl, ClientSecret, DeviceFlow, ExpiringTokens};
use counterfoil_domain::entropy::random_text;
use counterfoil_domain::login::Login;
use counterfoil_domain::password::Password;
use counterfoil_domain::scope::Standing;
use counterfoil_domain::text::DisplayName;
use serde_json::{Value, json};
use zeroize::Zeroizing;

use crate::clock::SystemEntropy;
use crate::commands::answer::Answer;
use crate::commands::console::Console;
use crate::commands::table::facts;
use crate::commands::{DEMO_LOGIN, values};
use crate::config::{Overrides, Settings};
use crate::data_folder::shown;
use crate::installation::{Installation, Opening};
use crate::serving::{self, Server};

/// The name of the demo app.
const DEMO_APP: &str = "Demo app";
/// Where the demo app would be, if there were one.
const DEMO_APP_URL: &str = "http://localhost:3000";
/// Letters and digits that are not taken for one another; none of them means anything to a shell or
/// to curl.
const PASSWORD_ALPHABET: &[u8] = b"23456789abcdefghjkmnpqrstuvwxyz";
/// 99 bits.
const PASSWORD_LENGTH: usize = 20;

/// Try everything out: serve with a demo user and a demo app, and print commands to try
///
/// The first start makes the data folder, a user called demo with a random password and an app, and
/// prints what they are called and what to type. Their secrets are printed once: a second start
/// keeps the data and says how to set new ones. `counterfoil serve` refuses a folder that has the
/// demo user, so that it never stays behind in earnest.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  counterfoil quickstart
  counterfoil quickstart --listen 127.0.0.1:9999")]
pub(crate) struct QuickstartArguments {
    /// The address to serve on, a loopback one; port 0 lets the system choose [default:
    /// localhost:8080, on both families]
    #[arg(long, value_name = "ADDR", value_parser = values::loopback_address)]
    listen: Option<String>,
}

/// Serves to the end.
pub(crate) fn run(arguments: QuickstartArguments, console: &Console) -> anyhow::Result<Answer> {
    serving::block_on(quickstart(arguments, console.clone()))?;
    Ok(Answer::nothing())
}

async fn quickstart(arguments: QuickstartArguments, console: Console) -> anyhow::Result<()> {
    let overrides = Overrides {
        listen: arguments.listen.into_iter().collect(),
        ..Overrides::default()
    };
    let settings = console.settings_with(overrides.clone())?;
    refuse_exposed(&settings)?;
    refuse_server(&settings)?;
    let installation = console.open_with(settings, Opening::Serve).await?;
    // The addresses come first: secrets that are printed once must not be lost to a port that is
    // taken.
    let server = Server::bind(installation).await?;
    let demo = Demo::find_or_make(server.installation()).await?;
    server.announce()?;
    let answer = Guide {
        demo: &demo,
        url: server.url(),
        data_folder: shown(&server.installation().settings.general.data_dir),
        console: &console,
    }
    .to_answer();
    answer
        .print(console.json())
        .context("cannot write to standard output")?;
    let telemetry = server.start_logging()?;
    let reload = move || console.reload(overrides.clone());
    Box::pin(server.run(telemetry, reload)).await
}

/// The settings file may have an address that the command line did not.
fn refuse_exposed(settings: &Settings) -> anyhow::Result<()> {
    let listen = &settings.general.listen;
    match listen.iter().find(|address| !address.is_loopback()) {
        Some(address) => anyhow::bail!(values::no_loopback_address(address)),
        None => Ok(()),
    }
}

/// A database that others may use is no place for a user whose password is printed.
fn refuse_server(settings: &Settings) -> anyhow::Result<()> {
    let database = settings.database();
    anyhow::ensure!(
        database.file().is_some(),
        "quickstart keeps to a SQLite file, and the settings name {database}; use `counterfoil serve` with it, or add \
         --database-url sqlite:quickstart.db"
    );
    Ok(())
}

/// The demo user and the demo app, with the secrets of what was made just now.
struct Demo {
    password: Option<Zeroizing<String>>,
    app: App,
    client_secret: Option<ClientSecret>,
}

impl Demo {
    async fn find_or_make(at: &Installation) -> anyhow::Result<Self> {
        let login = Login::parse(DEMO_LOGIN)?;
        let accounts = at.authority.list_accounts().await?;
        let known = accounts
            .into_iter()
            .find(|account| account.login.key() == login.key());
        let (owner, password) = if let Some(account) = known {
            (account.id, None)
        } else {
            let (account, password) = make_user(login.clone(), at).await?;
            (account.id, Some(password))
        };
        let mut apps = at.authority.list_apps().await?.into_iter();
        let known = apps.find(|app| app.owner == owner && app.summary.name.as_str() == DEMO_APP);
        let (app, client_secret) = if let Some(app) = known {
            (app, None)
        } else {
            let made = make_app(login, at).await?;
            (made.app, Some(made.secret))
        };
        Ok(Self {
            password,
            app,
            client_secret,
        })
    }
}

async fn make_user(
    login: Login,
    at: &Installation,
) -> anyhow::Result<(Account, Zeroizing<String>)> {
    let text = random_text(&SystemEntropy, PASSWORD_ALPHABET, PASSWORD_LENGTH);
    let text = Zeroizing::new(text);
    let request = CreateAccount {
        login,
        name: Some(DisplayName::parse("Demo user")?),
        email: None,
        standing: Standing::SiteAdministrator,
        password: Password::choose(&text)?,
    };
    let made = at.authority.create_account(request, &at.operator).await;
    Ok((made.context("cannot make the demo user")?, text))
}

async fn make_app(owner: Login, at: &Installation) -> anyhow::Result<CreatedApp> {
    let request = CreateApp {
        owner,
        name: DisplayName::parse(DEMO_APP)?,
        url: AppUrl::parse(DEMO_APP_URL)?,
        callback_urls: vec![AppUrl::parse(&format!("{DEMO_APP_URL}/callback"))?],
        device_flow: DeviceFlow::Enabled,
        expiring_tokens: ExpiringTokens::Disabled,
        switches: AppSwitches::default(),
        given: None,
    };
    let made = at.authority.create_app(request, &at.operator).await;
    made.context("cannot make the demo app")
}

/// What is printed: what there is, and what to type.
struct Guide<'a> {
    demo: &'a Demo,
    url: String,
    data_folder: PathBuf,
    console: &'a Console,
}

impl Guide<'_> {
    fn to_answer(&self) -> Answer {
        let commands = self.commands();
        let secret = self.demo.client_secret.as_ref().map(ClientSecret::expose);
        let document = json!({
            "url": self.url,
            "sign_in_url": self.sign_in_url(),
            "data_dir": self.data_folder,
            "login": DEMO_LOGIN,
            "password": self.demo.password.as_ref().map(|password| password.as_str()),
            "client_id": self.demo.app.summary.client_id.as_str(),
            "client_secret": secret,
            "commands": commands.iter().map(|(_, line)| Value::from(line.as_str())).collect::<Vec<_>>(),
        });
        let heading = match (&self.demo.password, secret) {
            (Some(_), Some(_)) => "This is shown once. Try it, in another terminal:",
            _ => {
                "The data is kept. Its secrets were shown once and are not known any more; to set new ones, in another terminal:"
            }
        };
        let facts = facts(&self.facts());
        let lines = commands
            .iter()
            .map(|(remark, line)| format!("# {remark}\n{line}\n"));
        let lines: Vec<String> = lines.collect();
        let text = format!(
            "{facts}\n{heading}\n\n{}\nCtrl-C stops the server.",
            lines.join("\n")
        );
        Answer::data(document, text)
    }

    /// Where people sign in with a browser.
    fn sign_in_url(&self) -> String {
        format!("{}/login", self.url)
    }

    fn facts(&self) -> Vec<(&'static str, String)> {
        let mut facts = vec![
            ("data folder", self.data_folder.display().to_string()),
            ("address", self.url.clone()),
            ("sign in", self.sign_in_url()),
            ("login", DEMO_LOGIN.to_owned()),
        ];
        if let Some(password) = &self.demo.password {
            facts.push(("password", password.to_string()));
        }
        facts.push(("client ID", self.demo.app.summary.client_id.to_string()));
        if let Some(secret) = &self.demo.client_secret {
            facts.push(("client secret", secret.expose().to_owned()));
        }
        facts
    }

    /// Remarks and the lines under them: three requests at the first start, two commands later.
    fn commands(&self) -> Vec<(&'static str, String)> {
        let client_id = &self.demo.app.summary.client_id;
        if let (Some(password), Some(secret)) = (&self.demo.password, &self.demo.client_secret) {
            let curl = format!("curl -u {DEMO_LOGIN}:{}", password.as_str());
            let api = format!("{}/api/v3", self.url);
            let secret = secret.expose();
            return vec![
                (
                    "create a personal access token",
                    format!(
                        "{curl} -d '{{\"note\":\"my first token\",\"scopes\":[\"repo\"]}}' {api}/authorizations"
                    ),
                ),
                (
                    "get or create the app's token: 201 with a token the first time, 200 without it from then on",
                    format!(
                        "{curl} -X PUT -d '{{\"client_secret\":\"{secret}\",\"scopes\":[\"user:email\"]}}' {api}/authorizations/clients/{client_id}"
                    ),
                ),
                (
                    "list what was granted to apps",
                    format!("{curl} {api}/applications/grants"),
                ),
            ];
        }
        let program = self.program();
        vec![
            (
                "a new password",
                format!("{program} user passwd {DEMO_LOGIN}"),
            ),
            (
                "a new client secret",
                format!("{program} app rotate-secret {client_id}"),
            ),
        ]
    }

    /// The program as it was called, with the folder it was told, so that the lines can be pasted.
    fn program(&self) -> String {
        let called = std::env::args_os().next();
        let called = called.map_or_else(
            || "counterfoil".to_owned(),
            |name| quoted(&name.to_string_lossy()),
        );
        match self.console.given_data_folder() {
            Some(folder) => format!("{called} --data-dir {}", quoted(&folder.to_string_lossy())),
            None => called,
        }
    }
}

/// A word as a shell takes it for one.
fn quoted(word: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/._-+:=@%".contains(&byte);
    if !word.is_empty() && word.bytes().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_only_where_a_shell_would_split_or_change_them() {
        assert_eq!(
            quoted("target/release/counterfoil"),
            "target/release/counterfoil"
        );
        assert_eq!(quoted("my data"), "'my data'");
        assert_eq!(quoted("it's"), r"'it'\''s'");
    }
}
