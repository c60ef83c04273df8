//! Taking over tokens from elsewhere, many in one transaction.
//!
//! Each token is judged by what a new one is judged by, but for bounds: whoever moves here keeps
//! all tokens there were. What one of them had the transaction hold on to is held until it ends, so
//! it is asked for once and not with each token; and tokens are looked up and inserted many with
//! one statement. Grants are brought up to date once, by the caller, when all tokens are there.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use counterfoil_domain::audit::{Action, Detail, Event, Subject};
use counterfoil_domain::authorization::{ForApp, NameTaken, NewAuthorization, Purpose};
use counterfoil_domain::id::{AccountId, AppId, AuthorizationId, GrantId};
use counterfoil_domain::principal::Attribution;
use counterfoil_domain::scope::{AdministratorEpoch, ScopeSet};
use counterfoil_domain::timestamp::Timestamp;

use crate::accounts::HeldStanding;
use crate::authorizations::end::DirtyGrants;
use crate::authorizations::make::{self, NONE};
use crate::authorizations::rows::{self, RowTimes};
use crate::authorizations::{Refusable, refuse};
use crate::error::{StoreError, WriteError};
use crate::statement::{Value, params};
use crate::tx::Tx;
use crate::{accounts, apps, grants};

/// What the transaction holds on to for the tokens that it took over so far.
#[derive(Debug, Default)]
pub(crate) struct TakenOver {
    /// Owners who may have tokens, as they stand.
    owners: HashMap<AccountId, HeldStanding>,
    /// The grants of pairs that are locked and whose app lives.
    grants: HashMap<(AccountId, AppId), GrantId>,
    touched: DirtyGrants,
    /// Tokens to insert together.
    waiting: Vec<Waiting>,
}

/// A token whose owner and app allow it, and that is not inserted yet.
#[derive(Debug)]
struct Waiting {
    line: u64,
    new: NewAuthorization,
    app: Option<AppId>,
    grant: Option<GrantId>,
    stamp: Option<AdministratorEpoch>,
    times: RowTimes,
}

/// When a token was made and last used elsewhere.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Elsewhere {
    /// When it was made.
    pub(crate) created_at: Timestamp,
    /// When it was last used.
    pub(crate) last_used_at: Option<Timestamp>,
}

/// Why a token was not taken over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TakeOverRefused {
    /// Another token has its note or its fingerprint.
    #[error(transparent)]
    NameTaken(#[from] NameTaken),
    /// The owner was deleted or suspended.
    #[error("this user was deleted or suspended")]
    OwnerGone,
    /// The app was deleted.
    #[error("this app was deleted")]
    AppGone,
    /// It is already known, here or in the file.
    #[error("this token is already known")]
    TokenKnown,
}

impl TakenOver {
    /// The grants that are to be brought up to date.
    pub(crate) fn into_dirty(self) -> DirtyGrants {
        self.touched
    }

    /// Takes over the token of a line with the next [`Self::insert`], unless its owner, its app or
    /// a token that waits as well is against it.
    pub(crate) async fn add(
        &mut self,
        tx: &mut Tx,
        (line, new): (u64, NewAuthorization),
        elsewhere: Elsewhere,
        by: &Attribution,
    ) -> Refusable<(), TakeOverRefused> {
        let owner = match self.owners.entry(new.owner) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(unknown) => {
                let owner = accounts::hold_standing(tx, new.owner).await?;
                let owner = make::active(owner);
                unknown.insert(owner.ok_or(refuse(TakeOverRefused::OwnerGone))?)
            }
        };
        let stamp = new.stamp(owner.standing, owner.administrator_epoch);
        let (app, grant) = match &new.purpose {
            Purpose::Personal { .. } => (None, None),
            Purpose::App(ForApp { app, .. }) => {
                let grant = self.grant_of(tx, (new.owner, *app), &new.scopes, by.at);
                (Some(*app), Some(grant.await?))
            }
        };
        let mut others = self.waiting.iter();
        if let Some(refused) = others.find_map(|other| clash(&other.new, &new)) {
            return Err(refuse(refused));
        }
        let times = RowTimes {
            created: elsewhere.created_at,
            updated: by.at,
            last_used: elsewhere.last_used_at,
        };
        self.waiting.push(Waiting {
            line,
            new,
            app,
            grant,
            stamp,
            times,
        });
        Ok(())
    }

    /// How many tokens wait for [`Self::insert`].
    pub(crate) fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// Inserts the tokens that wait. Gives the lines of those that were refused for what was there
    /// before, and why.
    pub(crate) async fn insert(
        &mut self,
        tx: &mut Tx,
        by: &Attribution,
    ) -> Result<Vec<(u64, TakeOverRefused)>, StoreError> {
        let waiting = std::mem::take(&mut self.waiting);
        let mut refused = self.taken_names(tx, &waiting, by.at).await?;
        let digests = waiting.iter().map(|Waiting { new, .. }| {
            let digest = &new.token.digest;
            params![digest.head(), digest.as_bytes()].to_vec()
        });
        let known = tx.look_up_all(&rows::LOOK_UP_DIGESTS, digests.collect());
        let mut free = Vec::with_capacity(waiting.len());
        for (token, is_known) in waiting.into_iter().zip(known.await?) {
            let is_refused = refused.iter().any(|(line, _)| *line == token.line);
            if is_known && !is_refused {
                refused.push((token.line, TakeOverRefused::TokenKnown));
            } else if !is_refused {
                free.push(token);
            }
        }
        self.insert_free(tx, free, by).await?;
        Ok(refused)
    }

    /// Inserts tokens that nothing is against.
    async fn insert_free(
        &mut self,
        tx: &mut Tx,
        tokens: Vec<Waiting>,
        by: &Attribution,
    ) -> Result<(), StoreError> {
        let records = tokens
            .iter()
            .map(|token| rows::record_row(&token.new, token.grant, token.stamp, token.times));
        let ids = tx.insert_all_for_ids(&rows::INSERT_AUTHORIZATIONS, records.collect());
        let ids: Vec<_> = ids.await?.into_iter().map(AuthorizationId).collect();
        let kept = ids
            .iter()
            .zip(&tokens)
            .map(|(id, token)| rows::token_row(*id, &token.new.token, by.at));
        tx.insert_all(&rows::INSERT_DIGESTS, kept.collect()).await?;
        for (id, token) in ids.into_iter().zip(tokens) {
            if let Some(grant) = token.grant {
                self.touched.gained(grant);
            }
            let subject = Subject {
                account: Some(token.new.owner),
                app: token.app,
                authorization: Some(id),
                grant: token.grant,
                token: Some(token.new.token.digest),
                ..Subject::default()
            };
            let event = Event::new(Action::AuthorizationCreated, subject)
                .with(Detail::Provenance(token.new.provenance.as_str().to_owned()))
                .with(Detail::Scopes(token.new.scopes));
            tx.record(by, event).await?;
        }
        Ok(())
    }

    /// The lines of tokens whose note or fingerprint another token has. What has it and is over
    /// ends.
    async fn taken_names(
        &mut self,
        tx: &mut Tx,
        waiting: &[Waiting],
        now: Timestamp,
    ) -> Result<Vec<(u64, TakeOverRefused)>, StoreError> {
        let (mut notes, mut fingerprints) = (Vec::new(), Vec::new());
        for token in waiting {
            let owner = token.new.owner;
            match &token.new.purpose {
                Purpose::Personal { note } => {
                    notes.push((token, params![owner, note.as_str(), NONE].to_vec()));
                }
                Purpose::App(ForApp {
                    app,
                    fingerprint: Some(fingerprint),
                    ..
                }) => {
                    let name = params![owner, *app, fingerprint.as_str(), NONE].to_vec();
                    fingerprints.push((token, name));
                }
                Purpose::App(ForApp {
                    fingerprint: None, ..
                }) => {}
            }
        }
        let mut refused = Vec::new();
        for (look_up, names) in [
            (&make::LOOK_UP_NOTES, notes),
            (&make::LOOK_UP_FINGERPRINTS, fingerprints),
        ] {
            let (tokens, names): (Vec<&Waiting>, Vec<Vec<Value>>) = names.into_iter().unzip();
            let found = tx.look_up_all(look_up, names).await?;
            for (token, is_found) in tokens.into_iter().zip(found) {
                if !is_found {
                    continue;
                }
                match self.refuse_taken_name(tx, &token.new, now).await {
                    Ok(()) => {}
                    Err(WriteError::Refused(why)) => refused.push((token.line, why)),
                    Err(WriteError::Store(error)) => return Err(error),
                }
            }
        }
        Ok(refused)
    }

    /// Refuses a token whose note or fingerprint another one has that is not over.
    async fn refuse_taken_name(
        &mut self,
        tx: &mut Tx,
        new: &NewAuthorization,
        now: Timestamp,
    ) -> Refusable<(), TakeOverRefused> {
        let (owner, touched) = (new.owner, &mut self.touched);
        match &new.purpose {
            Purpose::Personal { note } => {
                make::refuse_taken_note(tx, owner, note, NONE, now, touched).await
            }
            Purpose::App(ForApp {
                app,
                fingerprint: Some(fingerprint),
                ..
            }) => {
                let pair = (owner, *app);
                make::refuse_taken_fingerprint(tx, pair, fingerprint, NONE, now, touched).await
            }
            Purpose::App(ForApp {
                fingerprint: None, ..
            }) => Ok(()),
        }
    }

    /// The grant of a pair, which is locked.
    async fn grant_of(
        &mut self,
        tx: &mut Tx,
        (owner, app): (AccountId, AppId),
        scopes: &ScopeSet,
        now: Timestamp,
    ) -> Refusable<GrantId, TakeOverRefused> {
        if let Some(grant) = self.grants.get(&(owner, app)) {
            return Ok(*grant);
        }
        if apps::keep_live(tx, app).await?.is_none() {
            return Err(refuse(TakeOverRefused::AppGone));
        }
        grants::lock_pair(tx, owner, app, now).await?;
        let grant = grants::find_or_make(tx, owner, app, scopes, now).await?;
        self.grants.insert((owner, app), grant);
        Ok(grant)
    }
}

/// Why two tokens cannot both be taken over.
fn clash(one: &NewAuthorization, other: &NewAuthorization) -> Option<TakeOverRefused> {
    if one.token.digest == other.token.digest {
        return Some(TakeOverRefused::TokenKnown);
    }
    if one.owner != other.owner {
        return None;
    }
    match (&one.purpose, &other.purpose) {
        (Purpose::Personal { note: one }, Purpose::Personal { note: other }) => {
            (one == other).then_some(TakeOverRefused::NameTaken(NameTaken::Note))
        }
        (
            Purpose::App(ForApp {
                app: one_app,
                fingerprint: Some(one),
                ..
            }),
            Purpose::App(ForApp {
                app: other_app,
                fingerprint: Some(other),
                ..
            }),
        ) => (one_app == other_app && one == other)
            .then_some(TakeOverRefused::NameTaken(NameTaken::Fingerprint)),
        (Purpose::Personal { .. } | Purpose::App(_), _) => None,
    }
}
