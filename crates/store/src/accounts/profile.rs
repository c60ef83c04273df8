//! What users say about themselves: how they are called, and how pages speak to them.

use counterfoil_domain::account::NoSuchUser;
use counterfoil_domain::audit::{Action, Detail, Event, Outcome};
use counterfoil_domain::id::AccountId;
use counterfoil_domain::language::Language;
use counterfoil_domain::preferences::{Preferences, Profile};
use counterfoil_domain::principal::Attribution;
use counterfoil_domain::time_zone::Zone;

use crate::accounts::change::{Credential, live, set_name, touch, touch_profile};
use crate::accounts::{Changed, subject_of};
use crate::engine::Store;
use crate::error::StoreError;
use crate::statement::{params, statements};
use crate::tx::Tx;
use crate::writing::{Change, Locks, Operation};

statements! {
    PREFERENCES = "SELECT language, time_zone FROM accounts WHERE id = $1";
    SET_PREFERENCES = "UPDATE accounts SET language = $2, time_zone = $3 WHERE id = $1 AND ended_at IS NULL";
}

impl Store {
    /// Changes what a user says about themselves; `false` when it was so already. It is no change
    /// of credentials: nothing that was proven lapses.
    pub async fn change_profile(
        &self,
        id: AccountId,
        profile: Profile,
        by: Attribution,
    ) -> Changed<bool> {
        let (operation, locks) = (Operation::ChangeProfile, Locks::none().account(id));
        self.change(operation, by, locks, move |Change { tx, by, .. }| {
            Box::pin(async move {
                let held = live::<NoSuchUser>(tx, id).await?;
                let before = preferences(tx, id).await?;
                let Profile { name, preferences } = &profile;
                // Names are personal: the trail says that they changed, not to what.
                let mut changed = Vec::new();
                if held.name != *name {
                    set_name(tx, id, name.as_ref()).await?;
                    touch_profile(tx, id, by.at).await?;
                    changed.push("name".to_owned());
                }
                if before != *preferences {
                    set_preferences(tx, id, preferences).await?;
                    if before.language != preferences.language {
                        changed.push("language".to_owned());
                    }
                    if before.time_zone != preferences.time_zone {
                        changed.push("time_zone".to_owned());
                    }
                }
                if changed.is_empty() {
                    return Ok(Outcome::unchanged(false));
                }
                touch::<NoSuchUser>(tx, id, Credential::Kept, by.at).await?;
                let event = Event::new(Action::UserChanged, subject_of(id));
                Ok(Outcome::new(true, event.with(Detail::Changed(changed))))
            })
        })
        .await
    }
}

/// How pages speak to a user. A language or zone that this program does not know is none.
pub(crate) async fn preferences(tx: &mut Tx, id: AccountId) -> Result<Preferences, StoreError> {
    let Some(mut row) = tx.optional(PREFERENCES, params![id]).await? else {
        return Ok(Preferences::default());
    };
    let language = row.optional_text(0)?;
    let time_zone = row.optional_text(1)?;
    Ok(Preferences {
        language: language.and_then(|tag| Language::find(&tag)),
        time_zone: time_zone.and_then(|name| Zone::find(&name).ok()),
    })
}

async fn set_preferences(
    tx: &mut Tx,
    id: AccountId,
    preferences: &Preferences,
) -> Result<(), StoreError> {
    let language = preferences.language.map(Language::tag);
    let time_zone = preferences.time_zone.as_ref().map(Zone::name);
    tx.execute(SET_PREFERENCES, params![id, language, time_zone])
        .await
        .map(drop)
}
