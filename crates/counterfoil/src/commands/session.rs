//! `counterfoil session`: where users are signed in with a browser.

use clap::{Args, Subcommand};
use counterfoil_authority::UseCaseError;
use counterfoil_domain::id::SessionId;
use counterfoil_domain::login::Login;
use serde_json::json;

use crate::commands::answer::Answer;
use crate::commands::table::Table;
use crate::commands::user::if_no_user;
use crate::commands::views::SessionView;
use crate::commands::{completion, values};
use crate::installation::Installation;

/// The commands about sessions.
#[derive(Debug, Subcommand)]
pub(crate) enum SessionCommand {
    /// List where a user is signed in with a browser: from which address, with which program, and
    /// when it was last used
    #[command(alias = "ls")]
    List(ListArguments),
    /// End a session: its browser is signed out at once
    #[command(aliases = ["rm", "revoke"], after_help = "\
Example:
  counterfoil session end 7")]
    End(EndArguments),
}

/// Whose sessions.
#[derive(Args, Debug)]
pub(crate) struct ListArguments {
    /// The user's login
    #[arg(value_parser = values::login, add = completion::users())]
    login: Login,
}

/// Which session.
#[derive(Args, Debug)]
pub(crate) struct EndArguments {
    /// The session's id, as `session list` shows it
    #[arg(value_parser = values::session_id)]
    id: SessionId,
}

/// Runs one of the commands.
pub(crate) async fn run(
    command: SessionCommand,
    installation: &Installation,
) -> anyhow::Result<Answer> {
    match command {
        SessionCommand::List(arguments) => list(&arguments.login, installation).await,
        SessionCommand::End(arguments) => end(arguments.id, installation).await,
    }
}

async fn list(login: &Login, of: &Installation) -> anyhow::Result<Answer> {
    let sessions = of.authority.list_sessions(login).await;
    let sessions = sessions.map_err(|error| if_no_user(login, error))?;
    let views: Vec<_> = sessions.iter().map(SessionView::new).collect();
    let mut table = Table::new(["ID", "ADDRESS", "PROGRAM", "SIGNED IN", "LAST USED"]);
    for view in &views {
        table.push([
            view.id.to_string(),
            view.address.clone(),
            view.agent.clone().unwrap_or_default(),
            view.created_at.clone(),
            view.last_used_at.clone(),
        ]);
    }
    Ok(Answer::data(&views, table.to_text()))
}

async fn end(id: SessionId, of: &Installation) -> anyhow::Result<Answer> {
    let ended = of.authority.end_session(id, &of.operator).await;
    ended.map_err(|error| match error {
        UseCaseError::Refused(_) => anyhow::anyhow!(
            "there is no live session {id}; `counterfoil session list LOGIN` shows a user's sessions"
        ),
        UseCaseError::CallerGone(_) | UseCaseError::Store(_) => anyhow::Error::new(error),
    })?;
    let document = json!({"id": id.0});
    Ok(Answer::done(document, format!("ended session {id}")))
}
