//! Reads that a change overtakes: whoever was reading while something ended must not leave it in
//! memory.

use std::sync::Arc;

use counterfoil_authority::{Authority, TokenError};
use counterfoil_domain::account::AccountChange;
use counterfoil_domain::scope::Standing;
use counterfoil_domain::token::PlainToken;
use counterfoil_testkit::engine::fewer_behind_a_pooler;
use counterfoil_testkit::{GivenToken, UserActor, World};
use tokio::sync::Barrier;

use super::{here, issue, world_with};

const ROUNDS: usize = 300;
/// How many read while something changes.
const READERS: usize = 4;

/// Has many check a token that nobody remembers while something happens. When this returns, it has.
async fn meanwhile<T>(
    authority: &Authority,
    token: &PlainToken,
    round: usize,
    act: impl AsyncFnOnce() -> T,
) -> T {
    let barrier = Arc::new(Barrier::new(READERS + 1));
    let readers: Vec<_> = (0..READERS)
        .map(|reader| {
            let (authority, token) = (authority.clone(), token.clone());
            let barrier = Arc::clone(&barrier);
            tokio::spawn(async move {
                barrier.wait().await;
                // Each begins a little later than the one before, from nothing to as long as a
                // commit takes.
                for _ in 0..reader * (round % 50) * 20 {
                    std::hint::spin_loop();
                }
                for _ in 0..3 {
                    drop(authority.authenticate_token(&token, here()).await);
                    tokio::task::yield_now().await;
                }
            })
        })
        .collect();
    barrier.wait().await;
    let done = act().await;
    for reader in readers {
        reader.await.expect("a check does not panic");
    }
    done
}

#[tokio::test(flavor = "multi_thread", worker_threads = 6)]
async fn a_read_that_a_revocation_overtakes_is_not_remembered() {
    // The clock stands still, and whoever comes too late to find a token adds to what is looked up
    // in its second.
    let world = world_with(|options| {
        options.settings.checks.look_ups.unknown_per_second = 0;
    })
    .await;
    let mona = world.user("mona").await;
    let operator = World::operator();
    for round in 0..fewer_behind_a_pooler(ROUNDS) {
        let issued = issue(&world.authority, &mona, round).await;
        let id = issued.authorization.id;
        meanwhile(&world.authority, &issued.token, round, async || {
            let revoked = world.authority.revoke_any_token(id, &operator).await;
            revoked.expect("it lives");
        })
        .await;
        let found = world.authority.authenticate_token(&issued.token, here());
        let found = found.await.map(drop);
        assert!(
            matches!(found, Err(TokenError::Unknown)),
            "round {round}: {found:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 6)]
async fn a_read_that_a_suspension_or_its_lifting_overtakes_is_not_remembered() {
    let world = world_with(|_| {}).await;
    let mona = world.user("mona").await;
    let (authority, operator) = (&world.authority, World::operator());
    let login = &mona.account.login;
    for round in 0..fewer_behind_a_pooler(ROUNDS) {
        // A new one each time, so that the readers read.
        let token = issue(authority, &mona, round).await.token;
        meanwhile(authority, &token, round, async || {
            assert!(authority.suspend_account(login, &operator).await.unwrap());
        })
        .await;
        let found = authority.authenticate_token(&token, here()).await;
        assert!(matches!(found, Err(TokenError::Suspended)), "round {round}");
        meanwhile(authority, &token, round, async || {
            assert!(authority.unsuspend_account(login, &operator).await.unwrap());
        })
        .await;
        let found = authority.authenticate_token(&token, here()).await;
        assert!(found.is_ok(), "round {round}");
        end(&world, &mona).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 6)]
async fn a_read_that_a_loss_of_standing_overtakes_is_not_remembered() {
    let world = world_with(|_| {}).await;
    let root = world.administrator("root").await;
    let operator = World::operator();
    let given = GivenToken {
        scopes: &["site_admin"],
        ..GivenToken::default()
    };
    for round in 0..fewer_behind_a_pooler(ROUNDS) {
        let token = world.issue_token(&root, given).await.token;
        let found = world.authority.authenticate_token(&token, here()).await;
        let administers = found.unwrap().viewer().administers_by();
        assert!(administers.is_some(), "round {round}");
        for standing in [Standing::Ordinary, Standing::SiteAdministrator] {
            let change = AccountChange {
                standing: Some(standing),
                ..AccountChange::default()
            };
            let (authority, login) = (&world.authority, &root.account.login);
            meanwhile(authority, &token, round, async || {
                let changed = authority.change_account(login, change, &operator).await;
                changed.expect("the account lives");
            })
            .await;
            let found = authority.authenticate_token(&token, here()).await.unwrap();
            // What is given back wakes no scope that was given before.
            assert_eq!(found.viewer().administers_by(), None, "round {round}");
        }
        end(&world, &root).await;
    }
}

/// Ends all tokens of a user, who may have so many only.
async fn end(world: &World, user: &UserActor<'_>) {
    let (login, operator) = (&user.account.login, World::operator());
    let ended = world
        .authority
        .revoke_tokens_of_user(login, &operator)
        .await;
    ended.expect("the user lives");
}
