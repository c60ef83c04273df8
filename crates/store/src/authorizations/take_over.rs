//! Taking over tokens from elsewhere, many in one transaction.
//!
//! Each token is judged by what a new one is judged by, but for bounds: whoever moves here keeps
//! all tokens there were. What one of them had the transaction hold on to is held until it ends, so
//! it is asked for once and not with each token. Grants are brought up to date once, by the caller,
//! when all tokens are there.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use counterfoil_domain::audit::{Action, Detail, Event, Subject};
use counterfoil_domain::authorization::{AuthorizationRefused, NewAuthorization, Purpose};
use counterfoil_domain::id::{AccountId, AppId, AuthorizationId, GrantId};
use counterfoil_domain::principal::Principal;
use counterfoil_domain::scope::ScopeSet;
use counterfoil_domain::timestamp::Timestamp;

use crate::accounts::HeldStanding;
use crate::authorizations::end::TouchedGrants;
use crate::authorizations::make::{self, NONE, RowTimes};
use crate::authorizations::{Refusable, refuse};
use crate::statement::statements;
use crate::tx::{Tx, params};
use crate::{accounts, apps, audit, grants};

statements! {
    // Nobody draws the same 128 bits twice; but a file may say the same twice.
    INSERT_UNKNOWN_DIGEST = "INSERT INTO token_digests (authorization_id, digest_head, digest, last_eight, created_at)
        SELECT $1, $2, $3, $4, $5 WHERE NOT EXISTS (SELECT 1 FROM token_digests WHERE digest_head = $2 AND digest = $3)";
}

/// What the transaction holds on to for the tokens that it took over so far.
#[derive(Debug, Default)]
pub(crate) struct TakenOver {
    /// Owners who may have tokens, as they stand.
    owners: HashMap<AccountId, HeldStanding>,
    /// The grants of pairs that are locked and whose app lives.
    grants: HashMap<(AccountId, AppId), GrantId>,
    touched: TouchedGrants,
}

/// When a token was made and last used elsewhere.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Elsewhere {
    /// When it was made.
    pub(crate) created_at: Timestamp,
    /// When it was last used.
    pub(crate) last_used_at: Option<Timestamp>,
}

impl TakenOver {
    /// The grants that are to be brought up to date.
    pub(crate) fn into_touched(self) -> TouchedGrants {
        self.touched
    }

    /// Takes over one token.
    pub(crate) async fn take_over(
        &mut self,
        tx: &mut Tx,
        new: &NewAuthorization,
        elsewhere: Elsewhere,
        by: &Principal,
    ) -> Refusable<AuthorizationId> {
        let owner = match self.owners.entry(new.owner) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(unknown) => {
                let owner = accounts::hold_standing(tx, new.owner).await?;
                unknown.insert(make::refuse_owner(owner, new)?)
            }
        };
        let stamp = new.stamp(owner.standing, owner.administrator_epoch);
        let (app, grant) = self.grant(tx, new, by.at).await?;
        let times = RowTimes {
            created: elsewhere.created_at,
            updated: by.at,
            last_used: elsewhere.last_used_at,
        };
        let id = make::insert(tx, new, grant, stamp, times).await?;
        let token = &new.token;
        let row = params![
            id,
            token.digest.head(),
            token.digest.as_bytes(),
            token.last_eight.as_str(),
            by.at
        ];
        if tx.execute(INSERT_UNKNOWN_DIGEST, row).await? == 0 {
            return Err(refuse(AuthorizationRefused::TokenKnown));
        }
        let subject = Subject {
            account: Some(new.owner),
            app,
            authorization: Some(id),
            grant,
            token: Some(token.digest),
            ..Subject::default()
        };
        let event = Event::new(Action::AuthorizationCreated, subject)
            .with(Detail::Provenance(new.provenance.as_str().to_owned()))
            .with(Detail::Scopes(new.scopes.clone()));
        audit::record(tx, by, event).await?;
        Ok(id)
    }

    /// The app and the grant of a token, unless another token has its note or its fingerprint.
    async fn grant(
        &mut self,
        tx: &mut Tx,
        new: &NewAuthorization,
        now: Timestamp,
    ) -> Refusable<(Option<AppId>, Option<GrantId>)> {
        let owner = new.owner;
        match &new.purpose {
            Purpose::Personal { note } => {
                make::refuse_taken_note(tx, owner, note, NONE, now, &mut self.touched).await?;
                Ok((None, None))
            }
            Purpose::App {
                app, fingerprint, ..
            } => {
                let grant = self.grant_of(tx, (owner, *app), &new.scopes, now).await?;
                if let Some(fingerprint) = fingerprint {
                    let (pair, touched) = ((owner, *app), &mut self.touched);
                    make::refuse_taken_fingerprint(tx, pair, fingerprint, NONE, now, touched)
                        .await?;
                }
                self.touched.gained(grant);
                Ok((Some(*app), Some(grant)))
            }
        }
    }

    /// The grant of a pair, which is locked.
    async fn grant_of(
        &mut self,
        tx: &mut Tx,
        (owner, app): (AccountId, AppId),
        scopes: &ScopeSet,
        now: Timestamp,
    ) -> Refusable<GrantId> {
        if let Some(grant) = self.grants.get(&(owner, app)) {
            return Ok(*grant);
        }
        if apps::keep_live(tx, app, None).await?.is_none() {
            return Err(refuse(AuthorizationRefused::AppGone));
        }
        grants::lock_pair(tx, owner, app, now).await?;
        let grant = grants::find_or_make(tx, owner, app, scopes, now).await?;
        self.grants.insert((owner, app), grant);
        Ok(grant)
    }
}
