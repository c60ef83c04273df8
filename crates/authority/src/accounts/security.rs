//! What users do to protect their accounts: passwords, recovery codes, and turning one-time codes
//! off. What happened to the account, as they are shown it.

use std::collections::{HashMap, HashSet};

use counterfoil_domain::account::{Account, NoSuchUser, RecoveryCodesRefused};
use counterfoil_domain::audit::{Action, Value, reading};
use counterfoil_domain::code::{RECOVERY_CODES, RecoveryCode};
use counterfoil_domain::form::OnceValue;
use counterfoil_domain::id::AccountId;
use counterfoil_domain::login::Login;
use counterfoil_domain::password::Password;
use counterfoil_domain::preferences::Profile;
use counterfoil_domain::second_factor::DisableRefused;
use counterfoil_domain::security::{AccountEvent, Doer, SecurityOverview};
use counterfoil_store::{IdsToName, PasswordSet, RevokeTokens, StoreError, StoredEvent};
use zeroize::Zeroizing;

use crate::accounts::GivePasswordError;
use crate::authority::Authority;
use crate::passwords::queue::{Lane, Requester};
use crate::sessions::person::{FreshPerson, GoneOn, Person};
use crate::use_case::UseCaseError;

/// Events of each kind that are shown.
const EVENTS_SHOWN: usize = 20;
/// Events that are looked at for them.
const EVENTS_READ: u32 = 200;

/// Events that are shown beside refused sign-ins: what a user would want to know who was away.
const SHOWN: [Action; 30] = [
    Action::SignedIn,
    Action::SessionStarted,
    Action::UserPasswordChanged,
    Action::OtpEnabled,
    Action::OtpDisabled,
    Action::OtpExhausted,
    Action::RecoveryCodesReplaced,
    Action::RecoveryCodeUsed,
    Action::PasskeyRegistered,
    Action::PasskeyRenamed,
    Action::PasskeyRemoved,
    Action::PasskeyStalled,
    Action::UserChanged,
    Action::UserRenamed,
    Action::UserStandingChanged,
    Action::UserSuspended,
    Action::UserUnsuspended,
    Action::UserUnlocked,
    Action::OtpEnrolmentBegun,
    Action::EmailAdded,
    Action::EmailRemoved,
    Action::EmailChosen,
    Action::EmailRestored,
    Action::LinkUsed,
    Action::ConsentGiven,
    Action::ConsentDenied,
    Action::CodeRefused,
    Action::RefreshFamilyEnded,
    Action::DeviceApproved,
    Action::DeviceDenied,
];

/// Events that are shown where somebody else is behind them.
const SHOWN_OF_OTHERS: [Action; 7] = [
    Action::SessionEnded,
    Action::LinkMade,
    Action::LinkRequested,
    Action::OrganizationMemberAdded,
    Action::OrganizationMemberRemoved,
    Action::TeamMemberAdded,
    Action::TeamMemberRemoved,
];

fn is_shown(event: &AccountEvent) -> bool {
    let by_other = matches!(event.by, Doer::Other(_) | Doer::Operator);
    SHOWN.contains(&event.action) || (by_other && SHOWN_OF_OTHERS.contains(&event.action))
}

/// Recovery codes that were just drawn: as they are shown, and what is kept of them.
pub(crate) struct NewRecoveryCodes {
    pub(crate) shown: Vec<Zeroizing<String>>,
    pub(crate) digests: Vec<[u8; 32]>,
}

impl Authority {
    pub(crate) fn new_recovery_codes(&self, account: AccountId) -> NewRecoveryCodes {
        let codes: Vec<_> = (0..RECOVERY_CODES)
            .map(|_| RecoveryCode::generate(self.entropy()))
            .collect();
        NewRecoveryCodes {
            shown: codes.iter().map(RecoveryCode::to_shown).collect(),
            digests: codes
                .iter()
                .map(|code| self.recovery_digest(account, code))
                .collect(),
        }
    }

    /// Gives the caller new recovery codes, this once; earlier ones end. The form that asks for it
    /// counts once.
    pub async fn replace_recovery_codes(
        &self,
        person: &FreshPerson,
        once: OnceValue,
    ) -> Result<GoneOn<Vec<Zeroizing<String>>>, UseCaseError<RecoveryCodesRefused>> {
        let (caller, cookie) = self.going_on(&person.caller_once(once));
        let account = caller.account().id;
        let codes = self.new_recovery_codes(account);
        let by = self.attribute_to(caller.principal());
        self.store()
            .replace_recovery_codes(account, codes.digests, by)
            .await?;
        Ok(GoneOn {
            value: codes.shown,
            cookie,
        })
    }

    /// How many unused recovery codes a user has.
    pub async fn recovery_codes_left(&self, id: AccountId) -> Result<u64, StoreError> {
        self.store().recovery_codes_left(id).await
    }

    /// Whether all of these are unused recovery codes of the caller, in the form in which they were
    /// shown. Nothing is spent.
    pub async fn are_recovery_codes(
        &self,
        person: &Person,
        codes: &[&str],
    ) -> Result<bool, StoreError> {
        let account = person.account().id;
        let parsed = codes.iter().map(|code| RecoveryCode::parse(code));
        let Some(parsed) = parsed.collect::<Option<Vec<_>>>() else {
            return Ok(false);
        };
        let digests = parsed
            .iter()
            .map(|code| self.recovery_digest(account, code))
            .collect();
        self.store().are_recovery_codes(account, digests).await
    }

    /// Turns the caller's one-time codes off, unless a second factor is required of them and this
    /// is the last one; `false` when they were off. Passkeys stay.
    pub async fn disable_own_two_factor(
        &self,
        person: &FreshPerson,
    ) -> Result<GoneOn<bool>, UseCaseError<DisableRefused>> {
        let (caller, cookie) = self.going_on(person.caller());
        let account = caller.account();
        let last = self.last_factor_of(account);
        let by = self.attribute_to(caller.principal());
        let value = self.store().disable_own_totp(account.id, last, by).await?;
        Ok(GoneOn { value, cookie })
    }

    /// Gives the caller a new password. Tokens survive it unless asked otherwise.
    pub async fn change_own_password(
        &self,
        person: &FreshPerson,
        password: Password,
        tokens: RevokeTokens,
    ) -> Result<GoneOn<PasswordSet>, GivePasswordError<NoSuchUser>> {
        let (caller, cookie) = self.going_on(person.caller());
        let account = caller.account();
        let requester = Requester::at(caller.address(), Lane::Known);
        let hash = self.hash_for(account, password, requester).await?;
        let by = self.attribute_to(caller.principal());
        let set = self.store().set_password(account.id, hash, tokens, by);
        let value = set.await?;
        Ok(GoneOn { value, cookie })
    }

    /// Changes what the caller says about themselves; `false` when it was so already.
    pub async fn change_profile(
        &self,
        person: &Person,
        profile: Profile,
    ) -> Result<bool, UseCaseError<NoSuchUser>> {
        let by = self.attribute_to(person.caller().principal());
        let id = person.account().id;
        Ok(self.store().change_profile(id, profile, by).await?)
    }

    /// What protects an account, and what happened to it.
    pub async fn security_overview(
        &self,
        account: &Account,
    ) -> Result<SecurityOverview, StoreError> {
        let record = self
            .store()
            .security_of(account.id, EVENTS_READ, self.now())
            .await?;
        let doers = record
            .events
            .iter()
            .filter_map(|event| doer_id(&event.actor));
        let ids = IdsToName {
            accounts: doers.filter(|id| *id != account.id.0).collect(),
            ..IdsToName::default()
        };
        let names = if ids.accounts.is_empty() {
            HashMap::new()
        } else {
            self.store().names_of(ids).await?.accounts
        };
        // A sign-in on a page is told by its session, and once a day by itself.
        let session = Action::SessionStarted.as_str();
        let sessions = record.events.iter().filter(|event| event.action == session);
        let requests: HashSet<_> = sessions.filter_map(request_of).collect();
        let is_told_twice = |event: &StoredEvent| {
            event.action == Action::SignedIn.as_str()
                && request_of(event).is_some_and(|request| requests.contains(&request))
        };
        let told = |event: &StoredEvent| {
            let action = Action::find(&event.action)?;
            let by = match doer_id(&event.actor) {
                Some(id) if id == account.id.0 => Doer::Oneself,
                Some(id) => Doer::Other(
                    names
                        .get(&id)
                        .map(|name| Login::from_stored(name.login.clone())),
                ),
                None if event.actor.starts_with("os_user") => Doer::Operator,
                None if event.actor == "anonymous" => Doer::Stranger,
                None => Doer::Program,
            };
            Some(AccountEvent {
                at: event.at,
                action,
                by,
                address: event.personal("address").map(str::to_owned),
                agent: event.personal("agent").map(str::to_owned),
                count: count_of(event),
            })
        };
        let events = record.events.iter().filter(|event| !is_told_twice(event));
        let events = events.filter_map(told);
        let events = events.filter(is_shown);
        let refusals = record.refusals.iter().filter_map(told);
        Ok(SecurityOverview {
            second_factor: self.second_factor_of(account),
            codes: record.codes,
            events: events.take(EVENTS_SHOWN).collect(),
            refusals: refusals.take(EVENTS_SHOWN).collect(),
            impersonations: record.impersonations,
        })
    }
}

/// The user who did it, as the trail has actors.
fn doer_id(actor: &str) -> Option<i64> {
    actor.strip_prefix("account:")?.parse().ok()
}

/// The request that caused it.
fn request_of(event: &StoredEvent) -> Option<String> {
    reading::read(event.format, &event.bytes)?.request
}

/// How many times it happened, or how many are left, where the event says.
fn count_of(event: &StoredEvent) -> Option<u64> {
    let read = reading::read(event.format, &event.bytes)?;
    let mut details = read.details.into_iter();
    let counted = details.find(|(word, _)| matches!(word.as_str(), "count" | "remaining"));
    match counted {
        Some((_, Value::Number(number))) => Some(number),
        _ => None,
    }
}
