//! Since when a second factor is required of whom. Each process that serves compares what its
//! settings require with what is written down, so that the grace of all accounts begins once.

use counterfoil_domain::account::{Account, TwoFactor};
use counterfoil_domain::audit::{Action, Detail, Event, Outcome, Subject};
use counterfoil_domain::id::AccountId;
use counterfoil_domain::lifecycle::EndReason;
use counterfoil_domain::principal::Attribution;
use counterfoil_domain::second_factor::{RequiredOf, RequiredSince};
use counterfoil_domain::timestamp::Timestamp;

use crate::accounts;
use crate::authorizations;
use crate::engine::Store;
use crate::error::StoreError;
use crate::statement::{params, statements};
use crate::turn::Turn;
use crate::tx::Tx;
use crate::writing::{SystemChange, SystemOperation};

statements! {
    REQUIREMENTS = "SELECT required_of, since, ended_at FROM second_factor_requirements";
    BEGIN = "INSERT INTO second_factor_requirements (required_of, since) VALUES ($1, $2)
        ON CONFLICT (required_of) DO UPDATE SET since = excluded.since, ended_at = NULL";
    END = "UPDATE second_factor_requirements SET ended_at = $2 WHERE required_of = $1 AND ended_at IS NULL";
}

const ADMINISTRATORS: &str = RequiredOf::Administrators.as_str();
const EVERYONE: &str = RequiredOf::Everyone.as_str();

/// What is written down, with whether it is over.
#[derive(Clone, Copy, Debug, Default)]
struct Written {
    administrators: Option<(Timestamp, bool)>,
    everyone: Option<(Timestamp, bool)>,
}

impl Written {
    /// Also what is over: a process whose settings still require it goes by it.
    fn since(self) -> RequiredSince {
        RequiredSince {
            administrators: self.administrators.map(|(since, _)| since),
            everyone: self.everyone.map(|(since, _)| since),
        }
    }
}

impl Store {
    /// Since when a second factor is required of whom.
    pub async fn second_factor_required(&self) -> Result<RequiredSince, StoreError> {
        let written = self.read_one(|tx| Box::pin(async move { written(tx).await }));
        Ok(written.await?.since())
    }

    /// Writes down of whom a second factor is required from now on, where that is not written down
    /// yet, and says since when it is.
    pub async fn require_second_factor(
        &self,
        of: RequiredOf,
        by: Attribution,
    ) -> Result<RequiredSince, StoreError> {
        let known = self.read_one(|tx| Box::pin(async move { written(tx).await }));
        let known = known.await?;
        if changes(of, known).is_empty() {
            return Ok(known.since());
        }
        let operation = SystemOperation::RequireSecondFactor;
        self.change_by_system(operation, by, move |SystemChange { tx, by }| {
            Box::pin(async move {
                tx.take_turn(Turn::RequiringSecondFactor).await?;
                let known = written(tx).await?;
                let changes = changes(of, known);
                if changes.is_empty() {
                    return Ok(Outcome::unchanged(known.since()));
                }
                for (whom, is_required) in changes {
                    let statement = if is_required { BEGIN } else { END };
                    tx.execute(statement, params![whom, by.at]).await?;
                }
                let now = written(tx).await?;
                let event = Event::new(Action::SecondFactorRequired, Subject::default())
                    .with(Detail::RequiredOf(of.as_str().to_owned()));
                Ok(Outcome::new(now.since(), event))
            })
        })
        .await
    }
}

impl Store {
    /// Accounts that have live tokens and no second factor, a portion of the accounts at a time:
    /// the next ones behind `after`, and where to go on.
    pub async fn without_second_factor(
        &self,
        after: AccountId,
    ) -> Result<(Vec<Account>, Option<AccountId>), StoreError> {
        self.read(move |tx| Box::pin(accounts::without_second_factor(tx, after)))
            .await
    }

    /// Accounts that are not suspended, a portion of them at a time: the next ones behind `after`,
    /// and where to go on.
    pub async fn next_accounts(
        &self,
        after: AccountId,
    ) -> Result<(Vec<Account>, Option<AccountId>), StoreError> {
        self.read(move |tx| Box::pin(accounts::next_accounts(tx, after)))
            .await
    }

    /// Ends the tokens of a user who should have had a second factor by now, if there still is
    /// none. Says how many.
    pub async fn end_tokens_of_overdue(
        &self,
        id: AccountId,
        by: Attribution,
    ) -> Result<u64, StoreError> {
        let operation = SystemOperation::EndOverdue;
        self.change_by_system(operation, by, move |SystemChange { tx, by }| {
            Box::pin(async move {
                accounts::lock_account(tx, id).await?;
                let account = accounts::find_by_id(tx, id).await?;
                if account.is_none_or(|account| account.two_factor == TwoFactor::On) {
                    return Ok(Outcome::unchanged(0));
                }
                let reason = EndReason::SecondFactorOverdue;
                let ended = authorizations::end_all_of_account(tx, id, reason, by.at).await?;
                if ended == 0 {
                    return Ok(Outcome::unchanged(0));
                }
                let event = Event::new(Action::AuthorizationRevoked, accounts::subject_of(id))
                    .with(Detail::Reason(reason.as_str().to_owned()))
                    .with(Detail::Count(ended));
                Ok(Outcome::new(ended, event))
            })
        })
        .await
    }
}

/// Of whom it begins or ceases to be required.
fn changes(of: RequiredOf, known: Written) -> Vec<(&'static str, bool)> {
    let (of_administrators, of_everyone) = match of {
        RequiredOf::Nobody => (false, false),
        RequiredOf::Administrators => (true, false),
        // What is required of everyone is required of administrators: if it is of them alone later,
        // their grace goes on.
        RequiredOf::Everyone => (true, true),
    };
    let is_live = |written: Option<(Timestamp, bool)>| written.is_some_and(|(_, is_over)| !is_over);
    [
        (
            ADMINISTRATORS,
            of_administrators,
            is_live(known.administrators),
        ),
        (EVERYONE, of_everyone, is_live(known.everyone)),
    ]
    .into_iter()
    .filter(|(_, wanted, is)| wanted != is)
    .map(|(whom, wanted, _)| (whom, wanted))
    .collect()
}

async fn written(tx: &mut Tx) -> Result<Written, StoreError> {
    let mut written = Written::default();
    for mut row in tx.rows(REQUIREMENTS, &[]).await? {
        let requirement = Some((row.timestamp(1)?, !row.is_null(2)));
        match RequiredOf::from_stored(&row.text(0)?) {
            Some(RequiredOf::Administrators) => written.administrators = requirement,
            Some(RequiredOf::Everyone) => written.everyone = requirement,
            Some(RequiredOf::Nobody) | None => {}
        }
    }
    Ok(written)
}
