//! `counterfoil token check`: what is known of a token that somebody holds.

use clap::Args;
use counterfoil_authority::UseCaseError;
use counterfoil_domain::account::NoSuchUser;
use counterfoil_domain::lifecycle::EndReason;
use counterfoil_domain::scope::{Scope, Standing};
use counterfoil_store::TokenRecord;
use serde_json::json;

use crate::commands::UsageError;
use crate::commands::answer::Answer;
use crate::commands::table::{facts, or_hyphen};
use crate::commands::token::{TOKEN_AS_ARGUMENT, given_token};
use crate::commands::views::{TokenView, scope_list, time};
use crate::installation::Installation;

/// Where the token is.
#[derive(Args, Debug)]
pub(crate) struct CheckArguments {
    /// The token on standard input, one line
    #[arg(long, required_unless_present = "given")]
    token_stdin: bool,
    /// For those who type the token, which no message repeats.
    #[arg(hide = true, conflicts_with = "token_stdin")]
    given: Option<String>,
}

/// Runs the command.
pub(super) async fn run(arguments: CheckArguments, of: &Installation) -> anyhow::Result<Answer> {
    if arguments.given.is_some() {
        return Err(UsageError::of(TOKEN_AS_ARGUMENT));
    }
    let token = given_token(of)?;
    let Some(record) = of.authority.inspect_token(&token).await? else {
        let document = json!({"live": false, "end_reason": "unknown"});
        let sentence = "this token is not known here; if it once was, its record was removed long after it ended";
        return Ok(Answer::done(document, sentence).complaining());
    };
    let view = TokenView::from(&record);
    let sentence = why_not(&record);
    let asleep = scopes_asleep(&record, of).await?;
    let text = described(&view);
    let mut document = serde_json::to_value(&view)?;
    document["scopes_asleep"] = json!(asleep);
    document["live"] = json!(sentence.is_none());
    Ok(match sentence {
        Some(sentence) => {
            if record.over.is_none() {
                document["end_reason"] = json!("owner_suspended");
            }
            Answer::done(document, sentence).complaining()
        }
        None if asleep.is_empty() => Answer::data(document, text),
        None => Answer::data(document, text).with_note(format!(
            "of its scopes {} count for nothing: its owner is no site administrator, or was none when they were given",
            scope_list(&asleep)
        )),
    })
}

/// The scopes of a token that count for nothing.
async fn scopes_asleep(
    record: &TokenRecord,
    of: &Installation,
) -> anyhow::Result<Vec<&'static str>> {
    let authorization = &record.owned.authorization;
    let standing = match of.authority.find_account(&record.login).await {
        Ok(owner) => owner
            .standing
            .of_token(owner.administrator_epoch, authorization.administrator_epoch),
        Err(UseCaseError::Refused(NoSuchUser)) => Standing::Ordinary,
        Err(error) => return Err(error.into()),
    };
    let counting = authorization.scopes.effective(standing);
    let asleep = authorization.scopes.iter();
    let asleep = asleep.filter(|scope| !counting.covers(*scope));
    Ok(asleep.map(Scope::name).collect())
}

fn described(view: &TokenView) -> String {
    let app = view.app.as_ref();
    facts(&[
        ("id", view.id.to_string()),
        ("login", view.login.clone()),
        ("app", or_hyphen(app.map(|app| &app.name))),
        ("note", or_hyphen(view.note.as_ref())),
        ("scopes", scope_list(&view.scopes)),
        ("created by", or_hyphen(view.made_by)),
        ("created", view.created_at.clone()),
        ("expires", or_hyphen(view.expires_at.as_ref())),
        ("last used", or_hyphen(view.last_used_at.as_ref())),
    ])
}

/// The sentence for a token that is refused; none for one that is accepted.
fn why_not(record: &TokenRecord) -> Option<String> {
    let TokenRecord { owned, login, .. } = record;
    let id = owned.authorization.id;
    match record.over {
        Some((at, reason)) => Some(format!(
            "token {id} of {login} is refused since {}: {}",
            time(at),
            because(reason)
        )),
        None if record.owner_is_suspended => Some(format!(
            "token {id} of {login} is refused for as long as {login} is suspended"
        )),
        None => None,
    }
}

/// What happened, for people.
fn because(reason: EndReason) -> &'static str {
    match reason {
        EndReason::Expired => "it expired",
        EndReason::Idle => "nobody used it for as long as tokens.idle_lifetime allows",
        EndReason::DeletedByOwner => "its owner deleted it",
        EndReason::RevokedByOperator => "an operator revoked it",
        EndReason::RevokedByApp => "its app deleted it",
        EndReason::RevokedByAdministrator => "a site administrator deleted it",
        EndReason::GrantDeleted => "what its owner granted the app was taken back",
        EndReason::AccountDeleted => "its owner was deleted",
        EndReason::AppDeleted => "its app was deleted",
        EndReason::AppTransferred => "its app went to another owner",
        EndReason::MaxForApp => {
            "its app got more tokens of these scopes than tokens.live_per_scope_set allows, and it was the oldest"
        }
        EndReason::Reset => "its app had another token put in its place",
        EndReason::Replaced => "another one took its place",
        EndReason::PasswordChanged => {
            "its owner's password was changed, and older tokens were to end with it"
        }
        EndReason::MakerLostRights => "the administrator who made it is one no more",
        EndReason::CredentialsChanged => "its owner's credentials were changed",
        EndReason::SignedOut | EndReason::EndedByOwner => "its owner ended it",
        EndReason::TooManySessions => "its owner had too many",
        EndReason::Used => "it could be used once",
        EndReason::WrongProof => "what was brought with it was wrong",
        EndReason::CodeRepeated => "the code that it was exchanged for came again",
        EndReason::Refreshed => "its app refreshed it",
        EndReason::RefreshRepeated => {
            "a refresh token of its app came again after another one had taken its place"
        }
        EndReason::OwnerSuspended => {
            "its owner was suspended, which ends for good what an app refreshes"
        }
        EndReason::MemberRemoved => "its owner was taken out of the organization",
        EndReason::OrganizationDeleted => "its organization was deleted",
        EndReason::TeamDeleted => "its team was deleted",
        EndReason::SecondFactorOverdue => {
            "its owner has no second factor, though one is required, and two_factor.tokens ends tokens then"
        }
        EndReason::Restored => {
            "the database was restored from a backup that does not prove it live"
        }
    }
}
