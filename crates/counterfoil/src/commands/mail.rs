//! `counterfoil mail` and `counterfoil outbox`: whether mail goes.

use clap::{Args, Subcommand};
use counterfoil_domain::email::EmailAddress;
use counterfoil_server::Origins;
use counterfoil_server::listen::ListenAddress;
use serde_json::json;

use crate::commands::answer::Answer;
use crate::commands::table::count;
use crate::commands::{UsageError, values};
use crate::config::Settings;
use crate::control;
use crate::installation::Installation;
use crate::mail::{Links, Smtp, test_letter};

/// The commands about the mail server.
#[derive(Debug, Subcommand)]
pub(crate) enum MailCommand {
    /// Send a test mail to an address, and say what the mail server answers
    ///
    /// It goes at once, past the outbox, with the settings of the section [mail].
    #[command(after_help = "\
Example:
  counterfoil mail test octocat@example.org")]
    Test(TestArguments),
}

/// The commands about mail that waits.
#[derive(Debug, Subcommand)]
pub(crate) enum OutboxCommand {
    /// Let mail go from a database that was restored or copied
    ///
    /// Such a database sends nothing until this says that it is the one in use, so that a drill
    /// writes to nobody. What waited when it was backed up is not sent.
    Resume,
    /// Show how much mail waits, and whether it goes
    Show,
}

/// To whom the test mail goes.
#[derive(Args, Debug)]
pub(crate) struct TestArguments {
    /// The address
    #[arg(value_parser = values::email)]
    address: EmailAddress,
}

/// Sends a test mail.
pub(crate) async fn mail(command: MailCommand, settings: &Settings) -> anyhow::Result<Answer> {
    let MailCommand::Test(TestArguments { address }) = command;
    let smtp = Smtp::of(settings, links(settings))?;
    let Some(smtp) = smtp else {
        return Err(UsageError::of(
            "no mail is sent: mail.server is not set; `counterfoil config show` shows where settings come from",
        ));
    };
    let letter = test_letter(&links(settings));
    let sent = smtp.carry(&address, letter).await;
    sent.map_err(|unsent| explain(&smtp, unsent))?;
    let document = json!({"address": address.as_str(), "server": smtp.server(), "sent": true});
    let sentence = format!(
        "{} took a test mail for {}",
        smtp.server(),
        address.as_str()
    );
    Ok(Answer::done(document, sentence))
}

/// Runs one of the commands about mail that waits.
pub(crate) async fn outbox(command: OutboxCommand, of: &Installation) -> anyhow::Result<Answer> {
    match command {
        OutboxCommand::Show => {
            let state = of.authority.outbox_state().await?;
            let document = json!({
                "waiting": state.waiting,
                "tried": state.tried,
                "oldest": state.oldest.map(|at| at.to_string()),
                "paused": state.is_paused,
                "mail_server": of.settings.mail.server,
            });
            let mut lines = vec![format!("{} waiting", count(state.waiting, "mail"))];
            if state.tried > 0 {
                lines.push(format!("{} of it tried before", state.tried));
            }
            lines.extend(
                state
                    .oldest
                    .map(|oldest| format!("the oldest since {oldest}")),
            );
            if state.is_paused {
                let resume = "paused: this database was restored or copied; `counterfoil outbox resume` lets mail go";
                lines.push(resume.to_owned());
            }
            if of.settings.mail.server.is_none() {
                lines.push("no mail is sent: mail.server is not set".to_owned());
            }
            Ok(Answer::data(document, lines.join("\n") + "\n"))
        }
        OutboxCommand::Resume => {
            let resumed = of.authority.resume_sending(&of.operator).await?;
            let sentence = match resumed {
                Some(waiting) => format!("mail goes again; {} waiting", count(waiting, "mail")),
                None => "mail was not paused".to_owned(),
            };
            let document = json!({"changed": resumed.is_some(), "waiting": resumed});
            Ok(Answer::done(document, sentence))
        }
    }
}

/// The port that a server with these settings has on loopback, as far as they say.
fn port_of(settings: &Settings) -> u16 {
    let mut ports = settings
        .general
        .listen
        .iter()
        .filter_map(|address| match address {
            ListenAddress::Ip(ip) => Some(ip.port()),
            ListenAddress::Name { port, .. } => Some(*port),
            ListenAddress::Unix(_) | ListenAddress::Systemd => None,
        });
    ports.next().unwrap_or(8080)
}

/// What links begin with, as far as the settings say: a command listens on no port itself.
fn links(settings: &Settings) -> Links {
    let origins: Origins = settings.origins(port_of(settings));
    Links::under(origins.first().origin(), settings)
}

/// What links to the pages of an installation begin with. A server that runs knows its port, also
/// where the system chose it or an option named it.
pub(crate) async fn links_to(of: &Installation) -> Links {
    let told = match &of.folder {
        Some(folder) if of.settings.general.public_url.is_none() => {
            control::origin(folder).await.ok()
        }
        Some(_) | None => None,
    };
    told.map_or_else(
        || links(&of.settings),
        |origin| Links::under(&origin, &of.settings),
    )
}

/// The sentence for a test mail that did not go, with all that the server said.
fn explain(smtp: &Smtp, unsent: crate::mail::Unsent) -> anyhow::Error {
    let error = anyhow::Error::new(unsent);
    error.context(format!("{} did not take the mail", smtp.server()))
}
