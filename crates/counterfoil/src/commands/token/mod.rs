//! `counterfoil token`: issuing, listing, checking and revoking tokens for others.

mod check;
mod list;

use std::time::Duration;

use clap::{ArgGroup, Args, Subcommand};
use counterfoil_authority::{IssueRefused, IssueToken, UseCaseError};
use counterfoil_domain::account::NoSuchUser;
use counterfoil_domain::app::{ClientId, NoSuchApp};
use counterfoil_domain::authorization::{
    Authorization, CreationRefused, NameTaken, NoSuchToken, Provenance,
};
use counterfoil_domain::length_of_time;
use counterfoil_domain::login::Login;
use counterfoil_domain::scope::ScopeSet;
use counterfoil_domain::text::{Fingerprint, Note};
use counterfoil_domain::token::PlainToken;
use counterfoil_domain::token_life::LivesTooLong;
use serde_json::json;

use crate::commands::UsageError;
use crate::commands::answer::Answer;
use crate::commands::app::{if_no_app, no_such_app};
use crate::commands::completion;
use crate::commands::progress;
use crate::commands::secret_input::{self, Assumed};
use crate::commands::table::count;
use crate::commands::token::check::CheckArguments;
use crate::commands::token::list::ListArguments;
use crate::commands::user::{if_no_user, no_such_user};
use crate::commands::values::{self, TokenToRevoke};
use crate::commands::views::TokenView;
use crate::installation::Installation;

/// The commands about tokens.
#[derive(Debug, Subcommand)]
pub(crate) enum TokenCommand {
    /// Create a token for a user, and print it
    ///
    /// Without --app it is a personal access token, whose note no other one of the user has. The
    /// token is printed once and never again; on standard output is nothing but the token, so that
    /// a script can take it.
    #[command(aliases = ["add", "new"], after_help = "\
Examples:
  counterfoil token create octocat --note 'backup job' --scopes repo,read:org --expires-in 30d
  TOKEN=$(counterfoil token create octocat --note CI --scopes repo)")]
    Create(CreateArguments),
    /// List live tokens, or those that are over and why, of one user or of all
    #[command(
        alias = "ls",
        group(ArgGroup::new("whose").required(true).args(["login", "all"])),
        after_help = "\
Examples:
  counterfoil token list octocat
  counterfoil token list --all --ended"
    )]
    List(ListArguments),
    /// Say whose a token is, what it may do and how long; exit 1 with the reason if it is refused
    ///
    /// It is looked up and not used: the time of its last use stays.
    #[command(after_help = "\
Example:
  printf %s \"$FOUND_TOKEN\" | counterfoil token check --token-stdin")]
    Check(CheckArguments),
    /// Revoke one token, or all tokens of a user or an app; they are refused at once
    ///
    /// Before all tokens of a user or an app end, the login or client ID must be typed once more at
    /// a terminal; without one --yes is needed.
    #[command(
        aliases = ["rm", "delete"],
        group(ArgGroup::new("which").required(true).args(["id", "token_stdin", "user", "app"])),
        after_help = "\
Examples:
  counterfoil token revoke 17
  printf %s \"$FOUND_TOKEN\" | counterfoil token revoke --token-stdin
  counterfoil token revoke --user octocat --yes"
    )]
    Revoke(RevokeArguments),
}

/// What a new token is given.
#[derive(Args, Debug)]
pub(crate) struct CreateArguments {
    /// The login of the user it acts for
    #[arg(value_parser = values::login, add = completion::users())]
    login: Login,
    /// What it is for; only a token of an app may do without
    #[arg(long, value_parser = values::note, required_unless_present = "app")]
    note: Option<Note>,
    /// What it may do: scopes separated by commas; '' for none
    #[arg(long, value_parser = values::scopes, add = completion::scopes())]
    scopes: ScopeSet,
    /// How long it lives, such as 12h, 30d or 8w [default: as `tokens.default_lifetime` says, or
    /// until it is revoked]
    #[arg(long, value_name = "TIME", value_parser = values::duration)]
    expires_in: Option<Duration>,
    /// Create a token of the app with this client ID
    #[arg(long, value_name = "ID", value_parser = values::client_id, add = completion::apps())]
    app: Option<ClientId>,
    /// What tells several tokens of one user and app apart
    #[arg(long, value_parser = values::fingerprint, requires = "app")]
    fingerprint: Option<Fingerprint>,
}

/// Which tokens to revoke.
#[derive(Args, Debug)]
pub(crate) struct RevokeArguments {
    /// The token's id, as `token list` shows it
    #[arg(value_parser = values::token_to_revoke)]
    id: Option<TokenToRevoke>,
    /// The token on standard input, one line
    #[arg(long)]
    token_stdin: bool,
    /// All tokens of the user with this login
    #[arg(long, value_name = "LOGIN", value_parser = values::login, add = completion::users())]
    user: Option<Login>,
    /// All tokens of the app with this client ID, whoever's they are
    #[arg(long, value_name = "ID", value_parser = values::client_id, add = completion::apps())]
    app: Option<ClientId>,
    /// Do not ask for confirmation
    #[arg(long)]
    yes: bool,
}

/// Runs one of the commands.
pub(crate) async fn run(
    command: TokenCommand,
    installation: &Installation,
) -> anyhow::Result<Answer> {
    match command {
        TokenCommand::Create(arguments) => create(arguments, installation).await,
        TokenCommand::List(arguments) => list::run(arguments, installation).await,
        TokenCommand::Check(arguments) => check::run(arguments, installation).await,
        TokenCommand::Revoke(arguments) => revoke(arguments, installation).await,
    }
}

async fn create(arguments: CreateArguments, of: &Installation) -> anyhow::Result<Answer> {
    let login = arguments.login;
    let app = arguments.app;
    let request = IssueToken {
        login: login.clone(),
        client_id: app.clone(),
        scopes: arguments.scopes,
        note: arguments.note,
        fingerprint: arguments.fingerprint,
        expires_at: arguments
            .expires_in
            .map(|lifetime| of.authority.now().plus(lifetime)),
        token: None,
        provenance: Provenance::CommandLine,
    };
    let issued = of.authority.issue_token(request, &of.operator).await;
    let issued = issued.map_err(|error| explain_issue(&login, app.as_ref(), error))?;
    let provenance = Some(Provenance::CommandLine);
    let view = TokenView::new(&issued.authorization, provenance, login.to_string());
    let id = view.id;
    let mut document = serde_json::to_value(view)?;
    document["token"] = json!(issued.token.expose());
    let note = format!("this is token {id}; it is shown once, and only its digest is kept");
    Ok(Answer::data(document, issued.token.expose()).with_note(note))
}

async fn revoke(arguments: RevokeArguments, of: &Installation) -> anyhow::Result<Answer> {
    let authority = &of.authority;
    let assumed = Assumed::when(arguments.yes);
    if let Some(given) = arguments.id {
        let TokenToRevoke::Id(id) = given else {
            return Err(UsageError::of(TOKEN_AS_ARGUMENT));
        };
        let revoked = authority.revoke_any_token(id, &of.operator).await;
        return Ok(revoked_one(&revoked.map_err(explain_revocation)?));
    }
    if let Some(login) = arguments.user {
        let found = authority.find_account(&login).await;
        found.map_err(|error| if_no_user(&login, error))?;
        secret_input::confirm("revoke all tokens of this user", login.as_str(), assumed)?;
        let _shown = progress::show_waiting("token revoke", "ending tokens");
        let revoked = authority.revoke_tokens_of_user(&login, &of.operator).await;
        let tokens = revoked.map_err(|error| if_no_user(&login, error))?;
        let sentence = format!("revoked {} of {login}", count(tokens, "token"));
        return Ok(Answer::done(json!({"tokens_revoked": tokens}), sentence));
    }
    if let Some(app) = arguments.app {
        let found = authority.find_app(&app).await;
        found.map_err(|error| if_no_app(&app, error))?;
        secret_input::confirm("revoke all tokens of this app", app.as_str(), assumed)?;
        let _shown = progress::show_waiting("token revoke", "ending tokens");
        let revoked = authority.revoke_tokens_of_app(&app, &of.operator).await;
        let tokens = revoked.map_err(|error| if_no_app(&app, error))?;
        let sentence = format!("revoked {} of app {app}", count(tokens, "token"));
        return Ok(Answer::done(json!({"tokens_revoked": tokens}), sentence));
    }
    let token = given_token(of)?;
    let revoked = authority.revoke_found_token(&token, &of.operator).await;
    Ok(revoked_one(&revoked.map_err(explain_revocation)?))
}

/// The sentence for a token that was typed.
const TOKEN_AS_ARGUMENT: &str = "a token is given on standard input, with --token-stdin: other users of this machine can read arguments";

/// The token on standard input.
fn given_token(of: &Installation) -> anyhow::Result<PlainToken> {
    let text = secret_input::read_stdin("token")?;
    PlainToken::parse(&text, &of.authority.settings().token_formats).ok_or_else(|| {
        anyhow::anyhow!("standard input holds no token: its prefix, length or checksum is wrong")
    })
}

fn revoked_one(authorization: &Authorization) -> Answer {
    let id = authorization.id;
    let document = json!({"id": id.0, "tokens_revoked": 1});
    Answer::done(document, format!("revoked token {id}"))
}

/// The sentence for a token that was not made.
fn explain_issue(
    login: &Login,
    app: Option<&ClientId>,
    error: UseCaseError<IssueRefused>,
) -> anyhow::Error {
    let UseCaseError::Refused(refused) = error else {
        return anyhow::Error::new(error);
    };
    match (refused, app) {
        (IssueRefused::NoSuchUser(NoSuchUser), _) => no_such_user(login),
        (IssueRefused::NoSuchApp(NoSuchApp), Some(app)) => no_such_app(app),
        (IssueRefused::Creation(CreationRefused::NameTaken(NameTaken::Note)), _) => {
            anyhow::anyhow!(
                "another live token of this user has this note; give another note, or revoke that token first"
            )
        }
        (IssueRefused::Creation(CreationRefused::NameTaken(NameTaken::Fingerprint)), _) => {
            anyhow::anyhow!(
                "another live token of this user and app has this fingerprint; give another one, or revoke that token first"
            )
        }
        (IssueRefused::LivesTooLong(LivesTooLong { maximum }), _) => anyhow::anyhow!(
            "a token may live for {0} at most, as tokens.maximum_lifetime says; give --expires-in {0} or less",
            length_of_time::write(maximum)
        ),
        (refused @ IssueRefused::ForAdministrators(_), _) => anyhow::anyhow!(
            "{refused}; `counterfoil user edit {login} --admin` makes {login} one, or leave the scopes out"
        ),
        (refused, _) => anyhow::Error::new(refused),
    }
}

/// The sentence for a token that was not revoked.
fn explain_revocation(error: UseCaseError<NoSuchToken>) -> anyhow::Error {
    match error {
        UseCaseError::Refused(NoSuchToken) => anyhow::anyhow!(
            "there is no such live token; `counterfoil token list --all` shows those that there are"
        ),
        UseCaseError::CallerGone(_) | UseCaseError::Store(_) => anyhow::Error::new(error),
    }
}
