//! Making an installation of an empty database, with the apps that it has from the start. An older
//! installation is given these when an operator asks for it.

use std::convert::Infallible;

use counterfoil_domain::app::App;
use counterfoil_domain::audit::{Action, Detail, Event, Outcome, Subject};
use counterfoil_domain::built_in::BuiltInApp;
use counterfoil_domain::change as feed;
use counterfoil_domain::id::AccountId;
use counterfoil_domain::key::{KeyId, Sealed};
use counterfoil_domain::lifecycle::EndReason;
use counterfoil_domain::principal::{Attribution, Principal};
use counterfoil_domain::timestamp::Timestamp;

use crate::engine::Store;
use crate::error::{ChangeError, StoreError, WriteError};
use crate::keys::{AuditKeyRecord, Initialised};
use crate::statement::{params, statements};
use crate::tx::Tx;
use crate::writing::{Change, Locks, Operation, SystemChange, SystemOperation};
use crate::{apps, keys};

statements! {
    IS_MADE = "SELECT 1 FROM installation WHERE id = 1";
    HAS_DATA = "SELECT 1 FROM accounts LIMIT 1";
    INSERT = "INSERT INTO installation (id, generation, digest_key_id, digest_key_sealed, created_at, heartbeat_at)
        VALUES (1, $1, $2, $3, $4, $4)";
    // Its login has not the form of one, so no user has it or had it.
    OWNER = "SELECT id FROM accounts WHERE login_key = $1 AND released_at IS NULL";
    REVIVE_OWNER = "UPDATE accounts SET ended_at = NULL, end_reason = NULL,
        updated_at = CASE WHEN updated_at > $2 THEN updated_at ELSE $2 END WHERE id = $1 AND end_reason = $3";
    INSERT_OWNER = "INSERT INTO accounts (kind, login, login_key, site_administrator, credential_version, created_at,
        updated_at) VALUES ('organization', $1, $2, 0, 1, $3, $3) RETURNING id";
}

/// What a new installation is made of.
#[derive(Clone, Debug)]
pub struct NewInstallation {
    /// The id of its first key, the primary one.
    pub key_id: KeyId,
    /// What recognises that key.
    pub check_value: [u8; 32],
    /// The key under which short secrets are digested, sealed.
    pub digest_key: Sealed,
    /// The key under which events are vouched for, sealed.
    pub audit_key: AuditKeyRecord,
    /// Random.
    pub generation: [u8; 16],
    /// The apps that it has from the start.
    pub apps: &'static [BuiltInApp],
}

/// Which of the apps that a new installation has there are now and were not before.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BuiltInMade {
    /// Those that are new.
    pub created: Vec<App>,
    /// Those that live again.
    pub revived: Vec<App>,
}

impl Store {
    /// Makes an empty database an installation's. Of two processes that try at the same time one is
    /// refused, and finds what the other wrote.
    pub async fn initialise(
        &self,
        new: NewInstallation,
        now: Timestamp,
    ) -> Result<Initialised, StoreError> {
        // The program acts for itself here: no address or agent, so nothing that a salt would have
        // to hide.
        let by = Attribution {
            principal: Principal::PROGRAM,
            at: now,
            personal_salt: [0; 16],
        };
        let operation = SystemOperation::Initialise;
        self.change_by_system(operation, by, move |SystemChange { tx, by }| {
            Box::pin(async move {
                let taken = tx.optional(IS_MADE, &[]).await?.is_some();
                if taken || tx.optional(HAS_DATA, &[]).await?.is_some() {
                    return Ok(Outcome::unchanged(Initialised::Already));
                }
                // The times that the keys and the installation were made at are one.
                let event = keys::insert_first(tx, &new.key_id, &new.check_value, now).await?;
                let Sealed { key, bytes } = new.digest_key;
                let row = params![&new.generation, key.as_str(), bytes, now];
                tx.execute(INSERT, row).await?;
                keys::insert_audit_key(tx, new.audit_key, now).await?;
                let (_, events) = make_apps(tx, new.apps, by).await?;
                let made = Outcome::new(Initialised::Now, event);
                Ok(events.into_iter().fold(made, Outcome::and))
            })
        })
        .await
    }

    /// Makes those of the apps that a new installation has whose client ids were never given here,
    /// has those live again that a restore ended, and gives both.
    pub async fn make_built_in_apps(
        &self,
        by: Attribution,
    ) -> Result<BuiltInMade, ChangeError<Infallible>> {
        let (operation, locks) = (Operation::MakeBuiltInApps, Locks::none());
        self.change(operation, by, locks, move |Change { tx, by, .. }| {
            Box::pin(async move {
                let (made, events) = make_apps(tx, BuiltInApp::ALL, by).await?;
                let mut events = events.into_iter();
                Ok(match events.next() {
                    Some(first) => events.fold(Outcome::new(made, first), Outcome::and),
                    None => Outcome::unchanged(made),
                })
            })
        })
        .await
    }
}

/// Makes those of `apps` whose client ids were never given, and the organization that owns them if
/// it is not there. A client id that is there stays whose it is, but an app of that organization
/// lives again if nothing but a restore ended it.
async fn make_apps(
    tx: &mut Tx,
    apps: &[BuiltInApp],
    by: &Attribution,
) -> Result<(BuiltInMade, Vec<Event>), StoreError> {
    let (mut made, mut events) = (BuiltInMade::default(), Vec::new());
    for app in apps {
        let client_id = app.client_id();
        let ended = apps::ended_by_restore(tx, &client_id, &BuiltInApp::owner_login()).await?;
        if let Some(id) = ended {
            let new = app.to_new(owner(tx, by.at, &mut events).await?);
            if let Some(revived) = apps::revive(tx, id, &new, by.at).await? {
                made.revived
                    .push(publish(tx, revived, by.at, &mut events).await?);
            }
            continue;
        }
        if apps::is_given(tx, &client_id).await? {
            continue;
        }
        let owner = owner(tx, by.at, &mut events).await?;
        let created = apps::create(tx, &app.to_new(owner), u32::MAX, by).await;
        let created = created.map_err(|error| match error {
            WriteError::Store(error) => error,
            // Its client id is free, and nobody suspends or ends its owner.
            WriteError::Refused(_) => StoreError::Inconsistent {
                table: "apps",
                column: "client_id",
            },
        })?;
        made.created
            .push(publish(tx, created, by.at, &mut events).await?);
    }
    Ok((made, events))
}

/// Notes that everybody may know the secrets of an app that lives from now on, and gives it.
async fn publish(
    tx: &mut Tx,
    app: Outcome<App>,
    now: Timestamp,
    events: &mut Vec<Event>,
) -> Result<App, StoreError> {
    let (app, recorded) = app.into_parts();
    events.extend(recorded);
    events.extend(apps::publish_secrets(tx, app.summary.id, now).await?);
    Ok(app)
}

/// The organization that owns them, made if it is not there. Nobody but a restore ends it.
async fn owner(
    tx: &mut Tx,
    now: Timestamp,
    events: &mut Vec<Event>,
) -> Result<AccountId, StoreError> {
    let login = BuiltInApp::owner_login();
    if let Some(mut row) = tx.optional(OWNER, params![login.key()]).await? {
        let id = AccountId(row.integer(0)?);
        let ended = params![id, now, EndReason::Restored.as_str()];
        if tx.execute(REVIVE_OWNER, ended).await? > 0 {
            tx.announce(feed::Change::Account(id), now);
        }
        return Ok(id);
    }
    let row = params![login.as_str(), login.key(), now];
    let id = AccountId(tx.one(INSERT_OWNER, row).await?.integer(0)?);
    let subject = Subject {
        account: Some(id),
        organization: Some(id),
        ..Subject::default()
    };
    let event = Event::new(Action::OrganizationCreated, subject);
    events.push(event.with(Detail::Login(login.as_str().to_owned())));
    Ok(id)
}
