//! `counterfoil grant`: what users gave apps.

use clap::{Args, Subcommand};
use counterfoil_authority::UseCaseError;
use counterfoil_domain::grant::GrantRefused;
use counterfoil_domain::id::GrantId;
use counterfoil_domain::login::Login;
use serde_json::json;

use crate::commands::answer::Answer;
use crate::commands::pages::every_page;
use crate::commands::secret_input::{self, Assumed};
use crate::commands::table::{Table, count};
use crate::commands::user::if_no_user;
use crate::commands::views::{GrantView, scope_list};
use crate::commands::{completion, values};
use crate::installation::Installation;

/// The commands about grants.
#[derive(Debug, Subcommand)]
pub(crate) enum GrantCommand {
    /// List the apps that a user gave access, and which
    #[command(alias = "ls")]
    List(ListArguments),
    /// Take back what a user gave an app: the grant and all tokens of the app for the user end at
    /// once
    ///
    /// At a terminal the id must be typed once more; without one --yes is needed.
    #[command(aliases = ["rm", "delete"], after_help = "\
Example:
  counterfoil grant revoke 7 --yes")]
    Revoke(RevokeArguments),
}

/// Whose grants.
#[derive(Args, Debug)]
pub(crate) struct ListArguments {
    /// The user's login
    #[arg(value_parser = values::login, add = completion::users())]
    login: Login,
}

/// Which grant.
#[derive(Args, Debug)]
pub(crate) struct RevokeArguments {
    /// The grant's id, as `grant list` shows it
    #[arg(value_parser = values::grant_id)]
    id: GrantId,
    /// Do not ask for confirmation
    #[arg(long)]
    yes: bool,
}

/// Runs one of the commands.
pub(crate) async fn run(
    command: GrantCommand,
    installation: &Installation,
) -> anyhow::Result<Answer> {
    match command {
        GrantCommand::List(arguments) => list(&arguments.login, installation).await,
        GrantCommand::Revoke(arguments) => revoke(&arguments, installation).await,
    }
}

async fn list(login: &Login, of: &Installation) -> anyhow::Result<Answer> {
    let list = async |page| {
        let listed = of.authority.list_grants_of(login, page).await;
        listed.map_err(|error| if_no_user(login, error))
    };
    let grants = every_page(list).await?;
    let view = |grant| GrantView::new(grant, login.to_string());
    let views: Vec<_> = grants.iter().map(view).collect();
    let mut table = Table::new(["ID", "APP", "CLIENT ID", "SCOPES", "CREATED", "CHANGED"]);
    for view in &views {
        table.push([
            view.id.to_string(),
            view.app.name.clone(),
            view.app.client_id.clone(),
            scope_list(&view.scopes),
            view.created_at.clone(),
            view.updated_at.clone(),
        ]);
    }
    Ok(Answer::data(&views, table.to_text()))
}

async fn revoke(arguments: &RevokeArguments, of: &Installation) -> anyhow::Result<Answer> {
    let id = arguments.id;
    let found = of.authority.find_any_grant(id).await;
    found.map_err(|error| explain(id, error))?;
    secret_input::confirm(
        "revoke this grant with all its tokens",
        &id.to_string(),
        Assumed::when(arguments.yes),
    )?;
    let revoked = of.authority.revoke_any_grant(id, &of.operator).await;
    let tokens = revoked.map_err(|error| explain(id, error))?;
    let document = json!({"id": id.0, "tokens_revoked": tokens});
    let sentence = format!("revoked grant {id} with {}", count(tokens, "token"));
    Ok(Answer::done(document, sentence))
}

/// The sentence for what went wrong with a grant.
fn explain(id: GrantId, error: UseCaseError<GrantRefused>) -> anyhow::Error {
    match error {
        UseCaseError::Refused(GrantRefused::NotFound) => anyhow::anyhow!(
            "there is no live grant {id}; `counterfoil grant list LOGIN` shows a user's grants"
        ),
        UseCaseError::CallerGone(_) | UseCaseError::Store(_) => anyhow::Error::new(error),
    }
}
