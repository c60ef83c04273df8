//! Making and changing apps.

use counterfoil_domain::app::{
    App, AppChange, AppCreationRefused, AppSwitch, AppSwitches, AppUrl, ClientId, DeviceFlow,
    KeptSecret, NewApp, NoSuchApp,
};
use counterfoil_domain::audit::{Action, Detail, Event, Outcome, Subject};
use counterfoil_domain::change as feed;
use counterfoil_domain::id::{AccountId, AppId};
use counterfoil_domain::lifecycle::EndReason;
use counterfoil_domain::mail::MailKind;
use counterfoil_domain::principal::Attribution;
use counterfoil_domain::timestamp::Timestamp;

use crate::apps::find::{live, live_of_owner, made};
use crate::apps::{Refusable, end, secrets, subject_of};
use crate::error::{StoreError, WriteError};
use crate::nodes::{self, Feature};
use crate::statement::{params, statements};
use crate::tx::Tx;
use crate::{accounts, oauth, outbox};

statements! {
    CLIENT_ID_TAKEN = "SELECT 1 FROM apps WHERE client_id = $1";
    COUNT_OF_OWNER = "SELECT count(*) FROM apps WHERE owner_account_id = $1 AND ended_at IS NULL";
    INSERT = "INSERT INTO apps (owner_account_id, name, url, client_id, device_flow, created_at, updated_at, expiring_tokens,
            exact_match, require_pkce, send_iss, standard_errors)
        VALUES ($1, $2, $3, $4, $5, $6, $6, $7, $8, $9, $10, $11) RETURNING id";
    INSERT_CALLBACK_URL = "INSERT INTO callback_urls (app_id, url, created_at) VALUES ($1, $2, $3)";
    UPDATE = "UPDATE apps SET name = $2, url = $3, device_flow = $4,
        updated_at = CASE WHEN updated_at > $5 THEN updated_at ELSE $5 END, expiring_tokens = $6,
        exact_match = $7, require_pkce = $8, send_iss = $9, standard_errors = $10, resource_server = $11
        WHERE id = $1 AND ended_at IS NULL";
    TOUCH = "UPDATE apps SET updated_at = CASE WHEN updated_at > $2 THEN updated_at ELSE $2 END
        WHERE id = $1 AND ended_at IS NULL";
}

/// Whether a client id was given to an app, of whatever became of that.
pub(crate) async fn is_given(tx: &mut Tx, client_id: &ClientId) -> Result<bool, StoreError> {
    Ok(tx
        .optional(CLIENT_ID_TAKEN, params![client_id.as_str()])
        .await?
        .is_some())
}

/// Makes an app. Its owner is held.
pub(crate) async fn create(
    tx: &mut Tx,
    new: &NewApp,
    per_user_limit: u32,
    by: &Attribution,
) -> Refusable<Outcome<App>, AppCreationRefused> {
    if !accounts::is_active(tx, new.owner).await? {
        return Err(WriteError::Refused(AppCreationRefused::OwnerGone));
    }
    if is_given(tx, &new.client_id).await? {
        return Err(WriteError::Refused(AppCreationRefused::ClientIdTaken));
    }
    if count_of_owner(tx, new.owner).await? >= u64::from(per_user_limit) {
        return Err(WriteError::Refused(AppCreationRefused::TooManyApps));
    }
    if keeps_out(new.switches).next().is_some() || new.expiring_tokens.are_enabled() {
        nodes::demand(tx, Feature::RestrictedApps, by.at).await?;
    }
    let row = params![
        new.owner,
        new.name.as_str(),
        new.url.as_str(),
        new.client_id.as_str(),
        new.device_flow == DeviceFlow::Enabled,
        by.at,
        new.expiring_tokens.are_enabled(),
        new.switches.has(AppSwitch::ExactMatch),
        new.switches.has(AppSwitch::RequirePkce),
        new.switches.has(AppSwitch::SendIss),
        new.switches.has(AppSwitch::StandardErrors),
    ];
    let id = AppId(tx.one(INSERT, row).await?.integer(0)?);
    secrets::insert(tx, id, &new.secret, by.at).await?;
    insert_callback_urls(tx, id, &new.callback_urls, by.at).await?;
    let subject = Subject {
        account: Some(new.owner),
        ..subject_of(id)
    };
    let event = Event::new(Action::AppCreated, subject)
        .with(Detail::ClientId(new.client_id.as_str().to_owned()));
    Ok(Outcome::new(made(tx, id).await?, event))
}

/// The switches that are on and which keep out what an older program lets in.
fn keeps_out(switches: AppSwitches) -> impl Iterator<Item = AppSwitch> {
    let strict = [AppSwitch::ExactMatch, AppSwitch::RequirePkce];
    strict
        .into_iter()
        .filter(move |switch| switches.has(*switch))
}

/// How many live apps an account owns.
pub(super) async fn count_of_owner(tx: &mut Tx, owner: AccountId) -> Result<u64, StoreError> {
    tx.one(COUNT_OF_OWNER, params![owner]).await?.count(0)
}

pub(super) async fn insert_callback_urls(
    tx: &mut Tx,
    id: AppId,
    urls: &[AppUrl],
    now: Timestamp,
) -> Result<(), StoreError> {
    for url in urls {
        tx.execute(INSERT_CALLBACK_URL, params![id, url.as_str(), now])
            .await?;
    }
    Ok(())
}

/// Gives a live app, which is held, another secret.
pub(super) async fn rotate(
    tx: &mut Tx,
    id: AppId,
    secret: &KeptSecret,
    now: Timestamp,
) -> Refusable<Outcome<()>> {
    live::<NoSuchApp>(tx, id).await?;
    secrets::end_all(tx, id, EndReason::Replaced, now).await?;
    secrets::insert(tx, id, secret, now).await?;
    tx.execute(TOUCH, params![id, now]).await?;
    tx.announce(feed::Change::App(id), now);
    let event = Event::new(Action::AppSecretRotated, subject_of(id));
    Ok(Outcome::new((), event))
}

/// Changes a live app, which is held.
pub(super) async fn change(
    tx: &mut Tx,
    id: AppId,
    change: AppChange,
    by: &Attribution,
) -> Refusable<Outcome<App>> {
    let now = by.at;
    let held = live::<NoSuchApp>(tx, id).await?;
    let name = change.name.unwrap_or_else(|| held.summary.name.clone());
    let url = change.url.unwrap_or_else(|| held.summary.url.clone());
    let device_flow = change.device_flow.unwrap_or(held.device_flow);
    let expiring = change.expiring_tokens.unwrap_or(held.expiring_tokens);
    let switches = change.switches.of(held.switches);
    let seen_tokens = change.seen_tokens.unwrap_or(held.seen_tokens);
    let is_new_to_older_programs = keeps_out(switches).any(|switch| !held.switches.has(switch))
        || expiring.are_enabled() && !held.expiring_tokens.are_enabled()
        || seen_tokens.are_all() && !held.seen_tokens.are_all();
    if is_new_to_older_programs {
        nodes::demand(tx, Feature::RestrictedApps, now).await?;
    }
    let row = params![
        id,
        name.as_str(),
        url.as_str(),
        device_flow == DeviceFlow::Enabled,
        now,
        expiring.are_enabled(),
        switches.has(AppSwitch::ExactMatch),
        switches.has(AppSwitch::RequirePkce),
        switches.has(AppSwitch::SendIss),
        switches.has(AppSwitch::StandardErrors),
        seen_tokens.are_all(),
    ];
    tx.execute(UPDATE, row).await?;
    let is_stricter =
        switches.has(AppSwitch::ExactMatch) && !held.switches.has(AppSwitch::ExactMatch);
    let urls = change
        .callback_urls
        .filter(|urls| *urls != held.callback_urls);
    if is_stricter || urls.is_some() {
        // What a page asks now may lead where the app wants nothing sent any more.
        oauth::forget_requests_of_app(tx, id).await?;
    }
    if let Some(urls) = urls {
        end::callback_urls(tx, id, EndReason::Replaced, now).await?;
        insert_callback_urls(tx, id, &urls, now).await?;
    }
    tx.announce(feed::Change::App(id), now);
    let changed = made(tx, id).await?;
    if changed.seen_tokens != held.seen_tokens {
        outbox::tell_owners(tx, MailKind::ResourceServerChanged, held.owner, by).await?;
    }
    let event = event_of(&held, &changed);
    Ok(Outcome::new(changed, event))
}

/// What is told of a change.
fn event_of(before: &App, after: &App) -> Event {
    let mut event = Event::new(Action::AppChanged, subject_of(before.summary.id));
    if after.expiring_tokens != before.expiring_tokens {
        let is_on = after.expiring_tokens.are_enabled();
        event = event.with(Detail::ExpiringTokens(is_on));
    }
    if after.seen_tokens != before.seen_tokens {
        let is_on = after.seen_tokens.are_all();
        event = event.with(Detail::ResourceServer(is_on));
    }
    turned(before.switches, after.switches)
        .into_iter()
        .fold(event, Event::with)
}

/// What an event says of the switches that were turned.
fn turned(before: AppSwitches, after: AppSwitches) -> Vec<Detail> {
    let turned = AppSwitch::ALL
        .into_iter()
        .filter(|switch| before.has(*switch) != after.has(*switch));
    let details = turned.map(|switch| {
        let is_on = after.has(switch);
        match switch {
            AppSwitch::ExactMatch => Detail::ExactMatch(is_on),
            AppSwitch::RequirePkce => Detail::RequirePkce(is_on),
            AppSwitch::SendIss => Detail::SendIss(is_on),
            AppSwitch::StandardErrors => Detail::StandardErrors(is_on),
        }
    });
    details.collect()
}

/// Announces the live apps of an account, which may act by their secrets no longer or again. They
/// are held: who decides by one of them either did so before, or waits and sees what has become of
/// its owner.
pub(crate) async fn announce_all_of_owner(
    tx: &mut Tx,
    owner: AccountId,
    now: Timestamp,
) -> Result<(), StoreError> {
    for app in live_of_owner(tx, owner).await? {
        tx.announce(feed::Change::App(app), now);
    }
    Ok(())
}
