//! What somebody should look at, the most urgent first.

use std::time::Duration;

use counterfoil_authority::{AccessError, StoreError};
use counterfoil_domain::access::Viewer;
use counterfoil_domain::account::{HeldEmail, TwoFactor, Verification};
use counterfoil_domain::authorization::{Authorization, Kind};
use counterfoil_domain::page::{Page, Paged};
use counterfoil_domain::timestamp::Timestamp;
use counterfoil_html::Stranger;
use counterfoil_html::home::Attention;

use super::visit::Signed;

const DAY: Duration = Duration::from_hours(24);
/// How long before it expires a token is named.
const EXPIRES_SOON: Duration = Duration::from_hours(7 * 24);
/// From how many recovery codes on somebody is told.
const FEW_CODES: u64 = 3;
/// For how long a token may go unused before it is named.
const UNUSED: Duration = Duration::from_hours(90 * 24);

/// What was read of somebody, from which [`Facts::items`] are told.
#[derive(Debug)]
pub(super) struct Facts {
    tokens: Vec<Authorization>,
    emails: Vec<HeldEmail>,
    two_factor: TwoFactor,
    /// Unused ones, where there is a second factor.
    recovery_codes: Option<u64>,
    now: Timestamp,
}

impl Facts {
    pub(super) async fn read(signed: &Signed) -> Result<Self, StoreError> {
        let (authority, person) = (signed.authority(), signed.person());
        let page = Page::new(1, Page::LARGEST_SIZE);
        let tokens = authority.list_authorizations(person.caller(), None, page);
        let viewer = Viewer::by_password(person.account().id);
        let emails = match authority.own_emails(&viewer, page).await {
            Ok(Paged { items, .. }) => items,
            Err(AccessError::Store(error)) => return Err(error),
            Err(AccessError::Refused(_)) => Vec::new(),
        };
        let account = person.account();
        let recovery_codes = match account.two_factor {
            TwoFactor::On => Some(authority.recovery_codes_left(account.id).await?),
            TwoFactor::Off => None,
        };
        Ok(Self {
            tokens: tokens.await?.items,
            emails,
            two_factor: account.two_factor,
            recovery_codes,
            now: authority.now(),
        })
    }

    pub(super) fn items(&self) -> Vec<Attention<'_>> {
        let personal = || {
            let tokens = self.tokens.iter();
            tokens.filter(|token| matches!(token.kind, Kind::Personal))
        };
        let expiring = personal().filter_map(|token| {
            let at = token.expires_at?;
            (at.since(self.now) < EXPIRES_SOON).then_some(Attention::TokenExpires {
                id: token.id.0.unsigned_abs(),
                name: name(token),
                at,
            })
        });
        let unused = personal().filter_map(|token| {
            let unused = self.now.since(token.times().last_sign_of_life());
            (unused >= UNUSED).then_some(Attention::TokenUnused {
                id: token.id.0.unsigned_abs(),
                name: name(token),
                days: unused.as_secs() / DAY.as_secs(),
            })
        });
        let factor = (self.two_factor == TwoFactor::Off).then_some(Attention::NoSecondFactor);
        let codes = self.recovery_codes.filter(|left| *left <= FEW_CODES);
        let codes = codes.map(Attention::FewRecoveryCodes);
        let emails = self.emails.iter();
        let unverified = emails.filter(|held| held.verification == Verification::Unverified);
        let unverified = unverified.map(|held| Attention::UnverifiedAddress(held.address.as_str()));
        expiring
            .chain(factor)
            .chain(codes)
            .chain(unused)
            .chain(unverified)
            .collect()
    }
}

fn name(token: &Authorization) -> Stranger<'_> {
    Stranger(token.note.as_ref().map_or("", |note| note.as_str()))
}
