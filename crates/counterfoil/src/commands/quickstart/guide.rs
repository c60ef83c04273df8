//! What a quickstart prints: what there is, and what to type.

use std::path::PathBuf;

use counterfoil_domain::app::ClientSecret;
use counterfoil_server::listen::Prepared;
use serde_json::{Value, json};

use super::demo::Demo;
use super::https::Https;
use super::quoting::quoted;
use crate::commands::DEMO_LOGIN;
use crate::commands::answer::Answer;
use crate::commands::console::Console;
use crate::commands::table::facts;

/// What is printed: what there is, and what to type.
pub(super) struct Guide<'a> {
    pub(super) demo: &'a Demo,
    pub(super) url: String,
    pub(super) data_folder: PathBuf,
    pub(super) https: Option<(&'a Https, Prepared)>,
    pub(super) console: &'a Console,
}

/// A remark and the line under it.
type Command = (&'static str, String);

impl Guide<'_> {
    pub(super) fn to_answer(&self) -> Answer {
        let commands = self.commands();
        let https = self.https.map(|(https, _)| https);
        let document = json!({
            "url": self.url,
            "sign_in_url": self.sign_in_url(),
            "data_dir": self.data_folder,
            "authority_file": https.map(Https::authority_file),
            "hosts_line": https.map(Https::hosts_line),
            "login": DEMO_LOGIN,
            "password": self.demo.password.as_ref().map(|password| password.as_str()),
            "client_id": self.demo.app.summary.client_id.as_str(),
            "client_secret": self.demo.client_secret.as_ref().map(ClientSecret::expose),
            "commands": commands.iter().map(|(_, line)| Value::from(line.as_str())).collect::<Vec<_>>(),
        });
        let heading = if self.shows_secrets() {
            "This is shown once. Try it, in another terminal:"
        } else {
            "The data is kept. Its secrets were shown once and are not known any more; to set new ones, in another terminal:"
        };
        let facts = facts(&self.facts());
        let lines = commands
            .iter()
            .map(|(remark, line)| format!("# {remark}\n{line}\n"));
        let notes = self.notes().into_iter().map(|note| format!("{note}\n"));
        let parts: Vec<String> = lines.chain(notes).collect();
        let text = format!(
            "{facts}\n{heading}\n\n{}\nCtrl-C stops the server.",
            parts.join("\n")
        );
        Answer::data(document, text)
    }

    /// Whether everything was made just now, and its secrets are known.
    fn shows_secrets(&self) -> bool {
        self.demo.password.is_some() && self.demo.client_secret.is_some()
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
        ];
        if let Some((https, _)) = self.https {
            facts.push(("authority", https.authority_file().display().to_string()));
        }
        facts.push(("login", DEMO_LOGIN.to_owned()));
        if let Some(password) = &self.demo.password {
            facts.push(("password", password.to_string()));
        }
        facts.push(("client ID", self.demo.app.summary.client_id.to_string()));
        if let Some(secret) = &self.demo.client_secret {
            facts.push(("client secret", secret.expose().to_owned()));
        }
        facts
    }

    /// Three requests at the first start, two commands later; with HTTPS also what lets clients
    /// come.
    fn commands(&self) -> Vec<Command> {
        let of_https = self.https.map(|(https, _)| https.commands());
        let of_https = of_https.unwrap_or_default();
        match self.requests() {
            // curl has to find the server, too.
            Some(requests) => [of_https, requests].concat(),
            None => [self.new_secrets(), of_https].concat(),
        }
    }

    /// Requests of curl with the secrets that were made just now.
    fn requests(&self) -> Option<Vec<Command>> {
        let password = self.demo.password.as_ref()?.as_str();
        let secret = self.demo.client_secret.as_ref()?.expose();
        let client_id = &self.demo.app.summary.client_id;
        let trust = self.https.map(|(https, _)| https.quoted_file());
        let trust = trust.map_or_else(String::new, |file| format!(" --cacert {file}"));
        let curl = format!("curl{trust} -u {DEMO_LOGIN}:{password}");
        let api = format!("{}/api/v3", self.url);
        Some(vec![
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
        ])
    }

    fn new_secrets(&self) -> Vec<Command> {
        let program = self.program();
        let client_id = &self.demo.app.summary.client_id;
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

    /// What has to be known and is no command.
    fn notes(&self) -> Vec<String> {
        let Some((https, prepared)) = self.https else {
            return Vec::new();
        };
        let mut notes = https.notes();
        if !self.shows_secrets() {
            notes.push(format!(
                "Browsers keep sessions, and passkeys, for one address: what was begun under another one than {} does not \
                 count here, and people sign in again.",
                self.url
            ));
            if prepared == Prepared::NewAuthority {
                notes.push(
                    "The authority was made just now: what trusted an earlier one has to be told of it."
                        .to_owned(),
                );
            }
        }
        notes
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
