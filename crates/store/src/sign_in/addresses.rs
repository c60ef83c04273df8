//! From where users signed in.

use std::time::Duration;

use counterfoil_domain::audit::{Action, Event, Subject};
use counterfoil_domain::id::AccountId;
use counterfoil_domain::principal::Attribution;
use counterfoil_domain::timestamp::Timestamp;

use crate::engine::Store;
use crate::error::StoreError;
use crate::statement::{Row, params, statements};
use crate::tx::Tx;
use crate::writing::Note;

/// How often a sign-in from the same address is written down.
const NOTED_EVERY: Duration = Duration::from_hours(24);
/// For how long an address that signed in is kept, longer than any sensible `known_address`.
const ADDRESSES_KEPT: Duration = Duration::from_hours(400 * 24);

statements! {
    SIGNED_IN_AT = "SELECT signed_in_at FROM sign_in_addresses WHERE account_id = $1 AND address_key = $2";
    // Whoever noted it meanwhile has told it, too.
    NOTE_SIGNED_IN = "INSERT INTO sign_in_addresses (account_id, address_key, signed_in_at) VALUES ($1, $2, $3)
        ON CONFLICT (account_id, address_key) DO UPDATE SET signed_in_at = excluded.signed_in_at
        WHERE sign_in_addresses.signed_in_at <= $4";
    FORGET_OLD_ADDRESSES = "DELETE FROM sign_in_addresses WHERE account_id = $1 AND signed_in_at <= $2";
}

impl Store {
    /// Notes that an account signed in from an address, with one event, once a day at most.
    pub async fn note_signed_in(
        &self,
        account: AccountId,
        address_key: String,
        by: Attribution,
    ) -> Result<(), StoreError> {
        let until = by.at.minus(NOTED_EVERY);
        let (noted, address_key) = self
            .read(move |tx| {
                Box::pin(async move {
                    Ok((signed_in_at(tx, account, &address_key).await?, address_key))
                })
            })
            .await?;
        if noted.is_some_and(|at| at > until) {
            return Ok(());
        }
        self.note(Note::SignedIn, move |tx| {
            Box::pin(async move {
                let too_old = params![account, by.at.minus(ADDRESSES_KEPT)];
                tx.execute(FORGET_OLD_ADDRESSES, too_old).await?;
                let note = params![account, address_key, by.at, until];
                if tx.execute(NOTE_SIGNED_IN, note).await? == 1 {
                    let about = Subject {
                        account: Some(account),
                        ..Subject::default()
                    };
                    tx.record(&by, Event::new(Action::SignedIn, about)).await?;
                }
                Ok(())
            })
        })
        .await
    }
}

async fn signed_in_at(
    tx: &mut Tx,
    account: AccountId,
    address: &str,
) -> Result<Option<Timestamp>, StoreError> {
    let row: Option<Row> = tx.optional(SIGNED_IN_AT, params![account, address]).await?;
    row.map(|mut row| row.timestamp(0)).transpose()
}
