//! What only site administrators change of an account: its login and its standing.

use counterfoil_domain::account::{Account, LoginTaken, NoSuchUser, RenameRefused};
use counterfoil_domain::audit::{Action, Detail, Event, Outcome};
use counterfoil_domain::id::AccountId;
use counterfoil_domain::lifecycle::EndReason;
use counterfoil_domain::login::Login;
use counterfoil_domain::mail::MailKind;
use counterfoil_domain::principal::Attribution;
use counterfoil_domain::scope::Standing;

use crate::accounts::change::{Credential, live, made, set_standing, touch, touch_profile};
use crate::accounts::{Changed, Refusable, subject_of};
use crate::engine::Store;
use crate::error::{StoreError, WriteError};
use crate::outbox;
use crate::statement::{params, statements};
use crate::tx::Tx;
use crate::writing::{Change, Locks, Operation};

statements! {
    ADMINISTRATOR = "SELECT 1 FROM accounts WHERE site_administrator = 1 LIMIT 1";
    FORMER_ADMINISTRATOR = "SELECT 1 FROM accounts WHERE administrator_epoch > 0 LIMIT 1";
    TAKEN_BY_ANOTHER = "SELECT 1 FROM accounts WHERE login_key = $1 AND released_at IS NULL AND id <> $2";
    RENAME = "UPDATE accounts SET login = $2, login_key = $3 WHERE id = $1 AND ended_at IS NULL";
    // A login once given stays taken, and logins are taken by rows: this one never was a user.
    KEEP_TAKEN = "INSERT INTO accounts (kind, login, login_key, site_administrator, credential_version, created_at, updated_at,
        ended_at, end_reason) VALUES ('user', $1, $2, 0, 1, $3, $3, $3, $4)";
}

impl Store {
    /// Gives an account another login. The old one stays taken until it is released.
    pub async fn rename_account(
        &self,
        id: AccountId,
        login: Login,
        by: Attribution,
    ) -> Changed<Account, RenameRefused> {
        let (operation, locks) = (Operation::RenameAccount, Locks::none().account(id));
        self.change(operation, by, locks, move |Change { tx, by, .. }| {
            Box::pin(async move { rename(tx, id, &login, by).await })
        })
        .await
    }

    /// Makes an account a site administrator, or one no more; `false` when it was so already.
    pub async fn set_standing(
        &self,
        id: AccountId,
        standing: Standing,
        by: Attribution,
    ) -> Changed<bool> {
        let (operation, locks) = (Operation::SetStanding, Locks::none().account(id));
        self.change(operation, by, locks, move |Change { tx, by, .. }| {
            Box::pin(async move {
                if live::<NoSuchUser>(tx, id).await?.standing == standing {
                    return Ok(Outcome::unchanged(false));
                }
                let event = Event::new(Action::UserStandingChanged, subject_of(id));
                let event = set_standing(tx, id, standing, event, by.at).await?;
                touch(tx, id, Credential::Changed, by.at).await?;
                outbox::tell(tx, MailKind::StandingChanged, id, by).await?;
                Ok(Outcome::new(true, event))
            })
        })
        .await
    }
}

/// Whether there is, or ever was, a site administrator.
pub(crate) async fn is_administered(tx: &mut Tx) -> Result<bool, StoreError> {
    Ok(tx.optional(ADMINISTRATOR, &[]).await?.is_some()
        || tx.optional(FORMER_ADMINISTRATOR, &[]).await?.is_some())
}

async fn rename(
    tx: &mut Tx,
    id: AccountId,
    login: &Login,
    by: &Attribution,
) -> Refusable<Outcome<Account>, RenameRefused> {
    let now = by.at;
    let held = live(tx, id).await?;
    if held.login == *login {
        return Ok(Outcome::unchanged(held));
    }
    let taken = params![login.key(), id];
    if tx.optional(TAKEN_BY_ANOTHER, taken).await?.is_some() {
        return Err(WriteError::Refused(LoginTaken.into()));
    }
    tx.execute(RENAME, params![id, login.as_str(), login.key()])
        .await?;
    if held.login.key() != login.key() {
        let reason = EndReason::Replaced.as_str();
        let old = params![held.login.as_str(), held.login.key(), now, reason];
        tx.execute(KEEP_TAKEN, old).await?;
    }
    touch_profile(tx, id, now).await?;
    // A password that was remembered under the old login counts no longer.
    touch(tx, id, Credential::Changed, now).await?;
    outbox::tell(tx, MailKind::Renamed, id, by).await?;
    let event = Event::new(Action::UserRenamed, subject_of(id))
        .with(Detail::LoginBefore(held.login.as_str().to_owned()))
        .with(Detail::Login(login.as_str().to_owned()));
    Ok(Outcome::new(made(tx, id).await?, event))
}
