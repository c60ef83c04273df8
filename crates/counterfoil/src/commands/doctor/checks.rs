//! The checks, in the order in which each can rely on those before it.

use std::sync::Arc;

use counterfoil_authority::Clock;
use counterfoil_domain::account::Account;
use counterfoil_domain::app::{App, AppUrlRefused, CallbackUrlRefused};
use counterfoil_domain::health::ClockHealth;
use counterfoil_domain::login::Login;
use counterfoil_domain::timestamp::Timestamp;
use counterfoil_store::Store;

use super::certificate::{Certificate, look_at_certificate, port_of_challenges};
use super::passkeys::stranded_by_passkeys;
use super::{Finding, machine, mail, server, service};
use crate::clock::SystemClock;
use crate::commands::DEMO_LOGIN;
use crate::commands::console::Console;
use crate::commands::table::count;
use crate::config::{Database, LogLevel, Settings};
use crate::data_folder::{DataFolder, check_file};
use crate::installation::{Opening, open_folder, open_store, start_authority, unfinished};

/// No clock that is right says less: this was written after it.
const EARLIEST_NOW: Timestamp = Timestamp::from_seconds(1_760_000_000);

/// All findings, in order. What cannot be looked at because something before it is broken is left
/// out.
pub(super) async fn all(console: &Console) -> Vec<Finding> {
    let mut findings = Vec::new();
    let settings = match console.settings() {
        Ok(settings) => settings,
        Err(error) => return vec![Finding::error("settings", error)],
    };
    findings.extend(settings_findings(&settings));
    findings.push(clock_finding());
    findings.extend(certificate_finding(&settings));
    match open_folder(&settings, Opening::Existing) {
        Ok(Some(folder)) => {
            findings.extend(folder_findings(&folder));
            findings.extend(service::findings(&settings, &folder).await);
        }
        Ok(None) => findings.push(Finding::ok(
            "data folder",
            "there is none, and none is needed: the database is PostgreSQL's, and keys.file says where the keys are",
        )),
        Err(error) => {
            findings.push(Finding::error("data folder", error));
            return findings;
        }
    }
    findings.push(key_file_finding(&settings));
    match open_store(&settings, Opening::Existing) {
        Err(error) => findings.push(Finding::error("database", error)),
        Ok(store) => {
            findings.extend(Box::pin(database_findings(&settings, &store)).await);
            store.close().await;
        }
    }
    findings
}

fn settings_findings(settings: &Settings) -> Vec<Finding> {
    let source = match &settings.file {
        Some(file) => format!("{} is in order", file.display()),
        None => "there is no settings file: defaults, environment and options count".to_owned(),
    };
    let mut findings = vec![Finding::ok("settings", source)];
    let warnings = settings_warnings(settings).into_iter();
    findings.extend(warnings.map(|warning| Finding::warning("settings", warning)));
    findings
}

/// Settings that are allowed and rarely meant.
pub(crate) fn settings_warnings(settings: &Settings) -> Vec<String> {
    let general = &settings.general;
    let mut warnings = settings.renamed.clone();
    let exposed = general.listen.iter().find(|address| address.is_exposed());
    if let Some(address) = exposed
        && general.insecure_http
        && !settings.is_encrypted()
    {
        warnings.push(format!(
            "insecure_http is true: passwords and tokens can be read on the way to {address}"
        ));
    }
    if let Some(address) = general
        .ops_listen
        .iter()
        .find(|address| address.is_exposed())
    {
        warnings.push(format!(
            "ops_listen has {address}: other machines can read the metrics, which ask for no password"
        ));
    }
    warnings.extend(
        general
            .trusted_proxies
            .iter()
            .filter(|proxy| proxy.is_wider_than_private_networks())
            .map(|proxy| {
                format!(
                    "trusted_proxies has {proxy}, more than any private network: whoever comes from there can say that they come \
                     from elsewhere, and is not limited by address; name the proxies alone"
                )
            }),
    );
    warnings.extend(port_of_challenges(settings));
    if settings.passwords.memory_kib < 8 * 1024 {
        warnings.push(format!(
            "passwords.memory_kib is {}: new passwords are easier to guess from a stolen database",
            settings.passwords.memory_kib
        ));
    }
    if matches!(settings.logging.level, LogLevel::Debug | LogLevel::Trace) {
        warnings.push("logging.level is debug or trace: the log grows quickly".to_owned());
    }
    warnings.extend(server::settings_warnings(settings));
    warnings.extend(gateway_warnings(settings));
    warnings
}

/// Rules that say nothing. That may be meant; it may as well be what a key that was forgotten
/// leaves.
fn gateway_warnings(settings: &Settings) -> impl Iterator<Item = String> {
    let rules = settings.gateway.rules.iter();
    let empty = rules.filter(|(_, rule)| rule.is_empty());
    empty.map(|(name, _)| {
        format!("gateway.rules.{name} is empty: it admits every live token, whoever's it is and whatever it may do")
    })
}

fn clock_finding() -> Finding {
    let now = SystemClock::default().now();
    if now < EARLIEST_NOW {
        let problem = format!(
            "the clock says {now}, which cannot be; set it, or one-time codes and expiry fail"
        );
        Finding::problem("clock", problem)
    } else {
        Finding::ok("clock", format!("the clock says {now}"))
    }
}

fn certificate_finding(settings: &Settings) -> Option<Finding> {
    Some(match look_at_certificate(settings)? {
        Certificate::Good(sentence) => Finding::ok("certificate", sentence),
        Certificate::Doubtful(sentence) => Finding::warning("certificate", sentence),
        Certificate::Bad(sentence) | Certificate::Over(sentence) => {
            Finding::problem("certificate", sentence)
        }
    })
}

fn folder_findings(folder: &DataFolder) -> Vec<Finding> {
    let path = folder.path().display();
    let mut findings = vec![Finding::ok(
        "data folder",
        format!("{path} is closed to other users"),
    )];
    findings.push(machine::writable(folder.path()));
    findings.push(match folder.is_served() {
        Ok(true) => Finding::ok("server", format!("`counterfoil serve` runs on {path}")),
        Ok(false) => Finding::ok("server", format!("no `counterfoil serve` runs on {path}")),
        Err(error) => Finding::error("server", error),
    });
    findings.push(machine::file_system(folder.path()));
    findings.push(machine::free_space(folder.path()));
    findings
}

fn key_file_finding(settings: &Settings) -> Finding {
    let key_file = settings.key_file();
    match check_file(&key_file) {
        Err(error) => Finding::error("keys", error),
        Ok(()) if settings.environment_key.is_some() => {
            Finding::ok("keys", "COUNTERFOIL_KEY holds a key")
        }
        Ok(()) if key_file.exists() => Finding::ok(
            "keys",
            format!("{} is closed to other users", key_file.display()),
        ),
        Ok(()) => Finding::warning(
            "keys",
            format!(
                "there is no {} and no COUNTERFOIL_KEY yet",
                key_file.display()
            ),
        ),
    }
}

async fn database_findings(settings: &Settings, store: &Store) -> Vec<Finding> {
    let mut findings = Vec::new();
    match store.schema().await {
        Err(error) => return vec![Finding::error("database", error)],
        Ok(schema) => findings.push(Finding::ok(
            "database",
            format!(
                "{} is at schema {} ({})",
                settings.database(),
                schema.number,
                schema.name
            ),
        )),
    }
    findings.extend(Box::pin(server::findings(settings, store)).await);
    findings.extend(integrity_findings(settings, store).await);
    match store.installation().await {
        Err(error) => {
            findings.push(Finding::error("database", error));
            return findings;
        }
        // Starting the use cases would make an installation of it.
        Ok(None) => {
            findings.push(Finding::error("database", unfinished(settings)));
            return findings;
        }
        Ok(Some(_)) => {}
    }
    findings.extend(key_and_user_findings(settings, store).await);
    findings.push(mail::finding(settings, store).await);
    match store.list_apps(None).await {
        Err(error) => findings.push(Finding::error("apps", error)),
        Ok(apps) => findings.extend(apps.iter().filter_map(url_finding)),
    }
    match store.newest_event().await {
        Err(error) => findings.push(Finding::error("clock", error)),
        Ok(newest) => findings.extend(newest.and_then(event_to_come)),
    }
    findings
}

fn event_to_come(newest: Timestamp) -> Option<Finding> {
    let now = SystemClock::default().now();
    match ClockHealth::of_newest_event(newest, now) {
        ClockHealth::EventsToCome { at } => Some(Finding::problem(
            "clock",
            format!("the database has events of {at}, which is still to come; set the clock"),
        )),
        ClockHealth::Good | ClockHealth::Apart { .. } => None,
    }
}

async fn key_and_user_findings(settings: &Settings, store: &Store) -> Vec<Finding> {
    let clock = Arc::new(SystemClock::default());
    let authority = match start_authority(settings, store, clock).await {
        Err(error) => return vec![Finding::error("keys", error)],
        Ok(authority) => authority,
    };
    let sentence = "every key that the database needs is there";
    let mut findings = vec![Finding::ok("keys", sentence)];
    match authority.list_accounts().await {
        Err(error) => findings.push(Finding::error("users", error)),
        Ok(accounts) => {
            let logins: Vec<String> = accounts.iter().map(|account| account.login.key()).collect();
            findings.push(users_finding(&logins));
            findings.extend(client_id_findings(&accounts));
        }
    }
    match stranded_by_passkeys(settings, store).await {
        Err(error) => findings.push(Finding::error("passkeys", error)),
        Ok(sentence) => {
            let warning = |sentence| Finding::warning("passkeys", sentence);
            findings.extend(sentence.map(warning));
        }
    }
    findings
}

async fn integrity_findings(settings: &Settings, store: &Store) -> Vec<Finding> {
    match store.check_integrity().await {
        Err(error) => vec![Finding::error("database", error)],
        Ok(problems) if problems.is_empty() => vec![Finding::ok(
            "database",
            match settings.database() {
                Database::Sqlite(_) => "the file is sound, and the audit trail has no gaps",
                Database::Postgres(_) => "the audit trail has no gaps",
            },
        )],
        Ok(problems) => problems
            .into_iter()
            .map(|problem| Finding::problem("database", format!("{problem}; restore a backup")))
            .collect(),
    }
}

/// An app with a URL that would be refused today.
fn url_finding(app: &App) -> Option<Finding> {
    let (url, client_id) = (&app.summary.url, &app.summary.client_id);
    let mut callbacks = app.callback_urls.iter();
    let callback = callbacks.find(|url| !url.is_still_taken_as_callback());
    let (refused, why) = if url.is_still_taken() {
        (callback?, CallbackUrlRefused.to_string())
    } else {
        (url, AppUrlRefused.to_string())
    };
    let refused = refused.as_str();
    let found = format!("the app {client_id} has the URL {refused}, which would be refused today");
    Some(Finding::warning("apps", format!("{found}: {why}")))
}

/// Users whose login an app could have as its client id. Nobody is given such a login any more.
fn client_id_findings(accounts: &[Account]) -> Vec<Finding> {
    let logins = accounts.iter().map(|account| &account.login);
    let alike = logins.filter(|login| login.is_like_a_client_id());
    let warning = |login: &Login| {
        Finding::warning(
            "users",
            format!(
                "the login {login} reads like a client ID: its owner cannot sign in once an app has it; rename the user"
            ),
        )
    };
    alike.map(warning).collect()
}

fn users_finding(logins: &[String]) -> Finding {
    if logins.is_empty() {
        return Finding::warning(
            "users",
            "there are none; `counterfoil user create LOGIN` creates one",
        );
    }
    if logins.iter().any(|login| login == DEMO_LOGIN) {
        return Finding::warning(
            "users",
            format!(
                "the user {DEMO_LOGIN} of `counterfoil quickstart` is here, so `counterfoil serve` refuses to start; \
                 `counterfoil user delete {DEMO_LOGIN}` helps"
            ),
        );
    }
    let number = u64::try_from(logins.len()).unwrap_or(u64::MAX);
    Finding::ok(
        "users",
        format!("there are {}", count(number, "user")).replace("are 1 ", "is 1 "),
    )
}
