//! `counterfoil config show`: every setting in force, and where it comes from.

use counterfoil_store::PostgresOptions;
use serde_json::{Value, json};

use crate::commands::answer::Answer;
use crate::commands::console::Console;
use crate::commands::table::Table;
use crate::config::{
    ACME_ACCOUNT_KEY_VARIABLE, DATABASE_PASSWORD_VARIABLE, InForce, KEY_VARIABLE,
    MAIL_PASSWORD_VARIABLE, Overrides, Settings, Source,
};

/// What stands in the place of a secret that is set.
const SET: &str = "(set)";
/// What stands where nothing is set and there is no default.
const NOT_SET: &str = "(not set)";

/// Shows the settings in force.
pub(super) fn run(console: &Console) -> anyhow::Result<Answer> {
    let settings = console.settings()?;
    let in_force = console.in_force(Overrides::default())?;
    let mut table = Table::new(["SETTING", "FROM", "VALUE"]);
    for setting in &in_force {
        let value = setting.value.as_ref();
        table.push([
            setting.key.to_owned(),
            from(setting),
            value.map_or_else(|| NOT_SET.to_owned(), ToString::to_string),
        ]);
    }
    let secrets = secrets(&settings, console);
    for Secret { name, source } in &secrets {
        let (source, value) = match source {
            Some(source) => (source.as_str(), SET),
            None => ("-", NOT_SET),
        };
        table.push([(*name).to_owned(), source.to_owned(), value.to_owned()]);
    }
    let document = json!({
        "file": settings.file,
        "settings": in_force.iter().map(document).collect::<Vec<_>>(),
        "secrets": secrets.iter().map(Secret::document).collect::<Vec<_>>(),
        "warnings": settings.renamed,
    });
    let answer = Answer::data(document, table.to_text());
    let renamed = settings.renamed.into_iter();
    Ok(renamed.fold(answer, Answer::with_note))
}

/// Where a value comes from: the file's name is enough where the key is the same.
fn from(setting: &InForce) -> String {
    match &setting.source {
        Source::File { file, key } if *key == setting.key => file.clone(),
        source => source.to_string(),
    }
}

fn document(setting: &InForce) -> Value {
    let (kind, name) = match &setting.source {
        Source::Flag(flag) => ("flag", Some((*flag).to_owned())),
        Source::Variable(name) => ("variable", Some(name.clone())),
        Source::File { file, .. } => ("file", Some(file.clone())),
        Source::Default => ("default", None),
    };
    json!({
        "key": setting.key,
        "value": setting.value,
        "source": {"kind": kind, "name": name},
        "variable": setting.variable,
    })
}

/// A secret, of which no more is told than whether it is set and where.
struct Secret {
    name: &'static str,
    source: Option<String>,
}

impl Secret {
    fn document(&self) -> Value {
        json!({"name": self.name, "set": self.source.is_some(), "source": self.source})
    }
}

/// Those that the settings file has no key for.
fn secrets(settings: &Settings, console: &Console) -> [Secret; 4] {
    let key = settings.environment_key.is_some();
    let in_url = settings
        .database()
        .server()
        .is_some_and(PostgresOptions::has_password);
    let password = if settings.database_password.is_none() {
        in_url.then(|| "database_url".to_owned())
    } else if console.has_variable(DATABASE_PASSWORD_VARIABLE) {
        Some(DATABASE_PASSWORD_VARIABLE.to_owned())
    } else {
        let file = settings.database.password_file.as_ref();
        file.map(|file| file.display().to_string())
    };
    [
        Secret {
            name: "installation key",
            source: key.then(|| KEY_VARIABLE.to_owned()),
        },
        Secret {
            name: "database password",
            source: password,
        },
        Secret {
            name: "mail password",
            source: mail_password(settings, console),
        },
        Secret {
            name: "ACME account key",
            source: acme_account_key(settings, console),
        },
    ]
}

/// Where the password for the mail server is, if there is one.
fn mail_password(settings: &Settings, console: &Console) -> Option<String> {
    settings.mail_password.as_ref()?;
    if console.has_variable(MAIL_PASSWORD_VARIABLE) {
        return Some(MAIL_PASSWORD_VARIABLE.to_owned());
    }
    let file = settings.mail.password_file.as_ref();
    file.map(|file| file.display().to_string())
}

/// Where the key is that binds the account at an authority for certificates, if there is one.
fn acme_account_key(settings: &Settings, console: &Console) -> Option<String> {
    settings.acme_account_key.as_ref()?;
    if console.has_variable(ACME_ACCOUNT_KEY_VARIABLE) {
        return Some(ACME_ACCOUNT_KEY_VARIABLE.to_owned());
    }
    let file = settings.acme.external_account_key_file.as_ref();
    file.map(|file| file.display().to_string())
}
