//! An app goes to another owner. Who let it in trusted the one before, so everybody is asked again:
//! its callbacks stand there anew, and what waits for an answer or an exchange is over. Tokens and
//! secrets live on. An operator who marked it as a resource server trusted the owner before, too:
//! it is none any more.

use counterfoil_domain::app::{App, TransferRefused};
use counterfoil_domain::audit::{Action, Detail, Event, Outcome, Subject};
use counterfoil_domain::built_in::BuiltInApp;
use counterfoil_domain::change as feed;
use counterfoil_domain::id::AccountId;
use counterfoil_domain::lifecycle::EndReason;
use counterfoil_domain::mail::MailKind;
use counterfoil_domain::principal::Attribution;

use crate::apps::change::{count_of_owner, insert_callback_urls};
use crate::apps::find::{live, made};
use crate::apps::reach::{ActingFor, ReachedApp};
use crate::apps::{Changed, Refusable, end, subject_of};
use crate::engine::Store;
use crate::error::WriteError;
use crate::statement::{params, statements};
use crate::tx::Tx;
use crate::writing::{Change, Locks, Operation};
use crate::{accounts, flows, oauth, outbox};

statements! {
    IS_OF_INSTALLATION = "SELECT 1 FROM accounts WHERE id = $1 AND login_key = $2";
    GIVE = "UPDATE apps SET owner_account_id = $2, resource_server = 0,
        updated_at = CASE WHEN updated_at > $3 THEN updated_at ELSE $3 END
        WHERE id = $1 AND ended_at IS NULL";
}

/// From whom an app goes to whom.
#[derive(Clone, Copy, Debug)]
pub struct Transfer {
    /// Whose it was when it was looked up.
    pub from: AccountId,
    /// Whose it is to be, a user or an organization. A user who asks has to own both.
    pub to: AccountId,
    /// How many live apps an account may own.
    pub per_user_limit: u32,
}

impl Store {
    /// Gives an app to another owner.
    pub async fn transfer_app(
        &self,
        app: impl Into<ReachedApp>,
        transfer: Transfer,
        by: Attribution,
    ) -> Changed<App, TransferRefused> {
        let app: ReachedApp = app.into();
        let (operation, locks) = (Operation::TransferApp, locks(app, transfer));
        self.change(operation, by, locks, move |Change { tx, by, .. }| {
            Box::pin(async move { give(tx, app, transfer, by).await })
        })
        .await
    }
}

/// Nobody ends either of the two meanwhile, and the new one gets no other app.
fn locks(app: ReachedApp, transfer: Transfer) -> Locks {
    let locks = app.locks().keeping_account(transfer.from);
    locks.account(transfer.to)
}

async fn give(
    tx: &mut Tx,
    app: ReachedApp,
    transfer: Transfer,
    by: &Attribution,
) -> Refusable<Outcome<App>, TransferRefused> {
    app.look_again::<TransferRefused>(tx).await?;
    let held = live::<TransferRefused>(tx, app.id).await?;
    if held.owner != transfer.from {
        return Err(WriteError::Refused(TransferRefused::OwnerChanged));
    }
    if held.owner == transfer.to {
        return Ok(Outcome::unchanged(held));
    }
    let of_installation = params![held.owner, BuiltInApp::owner_login().key()];
    if tx
        .optional(IS_OF_INSTALLATION, of_installation)
        .await?
        .is_some()
    {
        return Err(WriteError::Refused(TransferRefused::OfInstallation));
    }
    let may_take = match app.acting {
        Some(ActingFor { user, .. }) => {
            let owner = transfer.to;
            ActingFor { owner, user }.holds(tx).await?
        }
        None => true,
    };
    if !may_take || !accounts::is_active(tx, transfer.to).await? {
        return Err(WriteError::Refused(TransferRefused::RecipientGone));
    }
    if count_of_owner(tx, transfer.to).await? >= u64::from(transfer.per_user_limit) {
        return Err(WriteError::Refused(TransferRefused::TooManyApps));
    }
    let now = by.at;
    tx.execute(GIVE, params![app.id, transfer.to, now]).await?;
    end::callback_urls(tx, app.id, EndReason::Replaced, now).await?;
    insert_callback_urls(tx, app.id, &held.callback_urls, now).await?;
    flows::end_all_of_app(tx, app.id, EndReason::AppTransferred, now).await?;
    oauth::forget_requests_of_app(tx, app.id).await?;
    tx.announce(feed::Change::App(app.id), now);
    // Users hear of what operators do. Who gives an app away knows.
    if app.acting.is_none() {
        outbox::tell_owners(tx, MailKind::AppTransferred, transfer.from, by).await?;
    }
    let subject = Subject {
        account: Some(transfer.to),
        ..subject_of(app.id)
    };
    let mut event = Event::new(Action::AppTransferred, subject)
        .with(Detail::OwnerBefore(transfer.from.0.unsigned_abs()));
    if held.seen_tokens.are_all() {
        event = event.with(Detail::ResourceServer(false));
    }
    Ok(Outcome::new(made(tx, app.id).await?, event))
}
