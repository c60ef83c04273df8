//! `counterfoil token list`: tokens that live, or those that are over with the reason.

use clap::Args;
use counterfoil_domain::id::AuthorizationId;
use counterfoil_domain::login::Login;

use crate::commands::answer::Answer;
use crate::commands::table::{Table, or_hyphen};
use crate::commands::user::if_no_user;
use crate::commands::values;
use crate::commands::views::{Logins, TokenView, scope_list};
use crate::installation::Installation;

/// Tokens that are read from the database at a time.
const TOKENS_AT_A_TIME: u32 = 1_000;

/// Which tokens to list.
#[derive(Args, Debug)]
pub(crate) struct ListArguments {
    /// The user's login
    #[arg(value_parser = values::login)]
    login: Option<Login>,
    /// The tokens of all users
    #[arg(long)]
    all: bool,
    /// Those that are over instead, with when and why they ended, until their records are removed
    #[arg(long)]
    ended: bool,
}

/// Runs the command.
pub(super) async fn run(arguments: ListArguments, of: &Installation) -> anyhow::Result<Answer> {
    let login = arguments.login.as_ref();
    if arguments.ended {
        ended(login, of).await
    } else {
        live(login, of).await
    }
}

async fn live(login: Option<&Login>, of: &Installation) -> anyhow::Result<Answer> {
    let logins = Logins::from(of.authority.list_accounts().await?);
    let mut views: Vec<TokenView> = Vec::new();
    let mut after = AuthorizationId(0);
    loop {
        let some = of
            .authority
            .list_tokens(login, after, TOKENS_AT_A_TIME)
            .await
            .map_err(|error| if_no_user(login, error))?;
        let Some(last) = some.last() else { break };
        after = last.authorization.id;
        views.extend(some.iter().map(|owned| {
            let owner = logins.of(owned.authorization.owner);
            TokenView::new(&owned.authorization, Some(owned.provenance), owner)
        }));
    }
    let mut table = Table::new([
        "ID",
        "LOGIN",
        "APP",
        "NOTE",
        "SCOPES",
        "LAST EIGHT",
        "CREATED BY",
        "CREATED",
        "EXPIRES",
        "LAST USED",
    ]);
    for view in &views {
        let [id, login, app, note, scopes, last_eight] = what(view);
        table.push([
            id,
            login,
            app,
            note,
            scopes,
            last_eight,
            or_hyphen(view.made_by),
            view.created_at.clone(),
            or_hyphen(view.expires_at.as_ref()),
            or_hyphen(view.last_used_at.as_ref()),
        ]);
    }
    Ok(Answer::data(&views, table.to_text()))
}

async fn ended(login: Option<&Login>, of: &Installation) -> anyhow::Result<Answer> {
    let mut views: Vec<TokenView> = Vec::new();
    let mut after = AuthorizationId(0);
    loop {
        let some = of
            .authority
            .list_tokens_over(login, after, TOKENS_AT_A_TIME)
            .await
            .map_err(|error| if_no_user(login, error))?;
        let Some(last) = some.last() else { break };
        after = last.owned.authorization.id;
        views.extend(some.iter().map(TokenView::from));
    }
    let mut table = Table::new([
        "ID",
        "LOGIN",
        "APP",
        "NOTE",
        "SCOPES",
        "LAST EIGHT",
        "CREATED",
        "LAST USED",
        "ENDED",
        "REASON",
    ]);
    for view in &views {
        let [id, login, app, note, scopes, last_eight] = what(view);
        table.push([
            id,
            login,
            app,
            note,
            scopes,
            last_eight,
            view.created_at.clone(),
            or_hyphen(view.last_used_at.as_ref()),
            or_hyphen(view.ended_at.as_ref()),
            or_hyphen(view.end_reason),
        ]);
    }
    Ok(Answer::data(&views, table.to_text()))
}

/// The cells that say which token it is.
fn what(view: &TokenView) -> [String; 6] {
    [
        view.id.to_string(),
        view.login.clone(),
        or_hyphen(view.app.as_ref().map(|app| &app.name)),
        or_hyphen(view.note.as_ref()),
        scope_list(&view.scopes),
        view.token_last_eight.clone(),
    ]
}
