//! What only site administrators change of an account: its login and its standing.

use counterfoil_domain::account::{Account, AccountRefused};
use counterfoil_domain::audit::{Action, Event};
use counterfoil_domain::id::AccountId;
use counterfoil_domain::lifecycle::EndReason;
use counterfoil_domain::login::Login;
use counterfoil_domain::principal::Principal;
use counterfoil_domain::scope::Standing;

use crate::accounts::change::{
    Credential, made, refuse_unknown, set_standing, touch, touch_profile,
};
use crate::accounts::{Refusable, subject_of};
use crate::audit;
use crate::engine::Store;
use crate::error::WriteError;
use crate::statement::statements;
use crate::tx::{Tx, params};

statements! {
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
        by: Principal,
    ) -> Refusable<Account> {
        self.write(move |tx| {
            Box::pin(async move {
                let by = tx.renewed(by);
                rename(tx, id, &login, &by).await
            })
        })
        .await
    }

    /// Makes an account a site administrator, or one no more; `false` when it was so already.
    pub async fn set_standing(
        &self,
        id: AccountId,
        standing: Standing,
        by: Principal,
    ) -> Refusable<bool> {
        self.write(move |tx| {
            Box::pin(async move {
                let by = tx.renewed(by);
                let held = refuse_unknown(tx, id, &by).await?;
                if held.standing == standing {
                    return Ok(false);
                }
                let event = Event::new(Action::UserStandingChanged, subject_of(id));
                let event = set_standing(tx, id, standing, event, by.at).await?;
                touch(tx, id, Credential::Changed, by.at).await?;
                audit::record(tx, &by, event).await?;
                Ok(true)
            })
        })
        .await
    }
}

async fn rename(tx: &mut Tx, id: AccountId, login: &Login, by: &Principal) -> Refusable<Account> {
    let held = refuse_unknown(tx, id, by).await?;
    if held.login == *login {
        return Ok(held);
    }
    let taken = params![login.key(), id];
    if tx.optional(TAKEN_BY_ANOTHER, taken).await?.is_some() {
        return Err(WriteError::Refused(AccountRefused::LoginTaken));
    }
    tx.execute(RENAME, params![id, login.as_str(), login.key()])
        .await?;
    if held.login.key() != login.key() {
        let reason = EndReason::Replaced.as_str();
        let old = params![held.login.as_str(), held.login.key(), by.at, reason];
        tx.execute(KEEP_TAKEN, old).await?;
    }
    touch_profile(tx, id, by.at).await?;
    // A password that was remembered under the old login counts no longer.
    touch(tx, id, Credential::Changed, by.at).await?;
    let event = Event::new(Action::UserRenamed, subject_of(id))
        .with("login_before", &held.login)
        .with("login", login);
    audit::record(tx, by, event).await?;
    made(tx, id).await
}
