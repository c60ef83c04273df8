//! Every order of a read and a change: whatever leans on what has changed is not found afterwards.

use counterfoil_domain::account::{Account, TwoFactor};
use counterfoil_domain::app::{AppSummary, AppUrl, ClientId, KeptSecret};
use counterfoil_domain::authorization::{Authorization, Kind};
use counterfoil_domain::change::Change;
use counterfoil_domain::digest::SecretDigest;
use counterfoil_domain::id::{AccountId, AppId, AuthorizationId};
use counterfoil_domain::login::Login;
use counterfoil_domain::scope::{AdministratorEpoch, ScopeSet, Standing};
use counterfoil_domain::text::DisplayName;
use counterfoil_domain::timestamp::Timestamp;

use super::*;

const NOW: Timestamp = Timestamp::from_seconds(1_767_323_045);

fn digest() -> SecretDigest {
    SecretDigest::of("a token")
}

fn account() -> Account {
    Account {
        id: AccountId(1),
        login: Login::parse("mona").unwrap(),
        name: None,
        email: None,
        standing: Standing::Ordinary,
        administrator_epoch: AdministratorEpoch(0),
        administrator_since: None,
        two_factor: TwoFactor::Off,
        suspended_at: None,
        created_at: NOW,
        updated_at: NOW,
        profile_updated_at: NOW,
        suspension_changed_at: None,
        credential_version: 1,
    }
}

fn record() -> Authorization {
    let app = AppSummary {
        id: AppId(2),
        name: DisplayName::parse("An app").unwrap(),
        url: AppUrl::parse("https://app.example.com").unwrap(),
        client_id: ClientId::parse("0123456789abcdef0123").unwrap(),
        updated_at: NOW,
    };
    Authorization {
        id: AuthorizationId(3),
        owner: AccountId(1),
        kind: Kind::App(app),
        scopes: ScopeSet::parse(["repo"]).unwrap(),
        administrator_epoch: None,
        note: None,
        note_url: None,
        fingerprint: None,
        token: KeptSecret {
            digest: digest(),
            last_eight: "abcdefgh".to_owned(),
        },
        created_at: NOW,
        updated_at: NOW,
        expires_at: None,
        last_used_at: None,
    }
}

/// What a token leans on, and what it does not.
fn changes() -> [(Change, bool); 6] {
    let head = digest().head();
    let of_token = |id, digest_head| Change::Authorization {
        id: AuthorizationId(id),
        digest_head,
    };
    [
        (of_token(3, head), true),
        (Change::Account(AccountId(1)), true),
        (Change::App(AppId(2)), true),
        (of_token(4, head), false),
        (Change::Account(AccountId(2)), false),
        (Change::App(AppId(1)), false),
    ]
}

/// A look-up in its steps, each of which a change may come after.
fn look_up(cache: &TokenCache, mut after: impl FnMut(usize)) {
    let since = cache.invalidations.now();
    after(0);
    let (record, account) = (record(), account());
    after(1);
    let account = cache
        .shared
        .join_account(account, &cache.invalidations, since);
    after(2);
    let entry = cache.entry(&record, account, since);
    after(3);
    let overtaken = || cache.is_stale(&entry, since);
    cache.tokens.insert_unless(Arc::clone(&entry), overtaken);
    after(4);
}

fn is_found(cache: &TokenCache) -> bool {
    let found = cache.tokens.find(digest());
    found.is_some_and(|entry| entry.is_valid())
}

#[test]
fn what_was_read_is_remembered_when_nothing_changes() {
    let cache = TokenCache::new(CheckSettings::default());
    look_up(&cache, |_| {});
    assert!(is_found(&cache));
}

#[test]
fn a_change_after_any_step_of_a_look_up_is_not_passed_over() {
    for (change, matters) in changes() {
        for step in 0..=4 {
            let cache = TokenCache::new(CheckSettings::default());
            look_up(&cache, |done| {
                if done == step {
                    cache.forget(change);
                }
            });
            assert_eq!(is_found(&cache), !matters, "{change:?} after step {step}");
            // Whoever looks it up again remembers it.
            look_up(&cache, |_| {});
            assert!(is_found(&cache), "{change:?} after step {step}");
        }
    }
}

#[test]
fn a_lost_feed_after_any_step_leaves_nothing() {
    for step in 0..=4 {
        let cache = TokenCache::new(CheckSettings::default());
        look_up(&cache, |done| {
            if done == step {
                cache.forget_everything();
            }
        });
        assert!(!is_found(&cache), "after step {step}");
    }
}
