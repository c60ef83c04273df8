//! Two nodes that clean up at the same time.

use std::time::Duration;

use counterfoil_domain::audit::Action;
use counterfoil_domain::authorization::NewAuthorization;
use counterfoil_domain::lifecycle::EndReason;
use counterfoil_store::ChangeError;

use crate::races::Nodes;
use crate::world::World;

const TOKENS: usize = 200;
/// So few at a time that the nodes meet often.
const PIECE: u32 = 5;

on_each_engine! {
    what_is_over_is_counted_once_by_two_nodes_that_clean_up,
    a_token_that_is_revoked_while_it_expires_ends_once,
}

async fn expiring(world: &World, count: usize) -> Vec<NewAuthorization> {
    let user = world.user("mona").await;
    let expires_at = Some(world.now().plus(Duration::from_mins(1)));
    let new = (0..count).map(|number| NewAuthorization {
        expires_at,
        ..world.personal(&user, &number.to_string(), "repo")
    });
    new.collect()
}

async fn what_is_over_is_counted_once_by_two_nodes_that_clean_up(world: World) {
    let nodes = Nodes::on(world);
    let world = &nodes.world;
    for new in expiring(world, TOKENS).await {
        world.make(new).await;
    }
    world.pass(Duration::from_hours(1));
    let (mut ended, mut calls) = (0, 0);
    while ended < TOKENS as u64 {
        let counts = nodes
            .race(4, |store, _| {
                let by = world.operator();
                async move {
                    let ended = store.end_expired(PIECE, by).await;
                    ended.map_err(ChangeError::<()>::Store)
                }
            })
            .await;
        ended += counts
            .into_iter()
            .map(|one| one.expect("no rule"))
            .sum::<u64>();
        calls += 4;
        assert!(calls < TOKENS * 4, "{ended} ended");
    }
    assert_eq!(ended, TOKENS as u64);
    let told = world.look_up("SELECT count(*) FROM authorizations WHERE end_reason = 'expired'");
    assert_eq!(told, [TOKENS.to_string()]);
    world.pass(Duration::from_hours(1));
    let (mut records, mut digests) = (0, 0);
    while records < TOKENS as u64 {
        let counts = nodes
            .race(4, |store, _| {
                let (before, by) = (world.now(), world.operator());
                async move {
                    let removed = store.remove_ended(before, PIECE, by).await;
                    removed.map_err(ChangeError::<()>::Store)
                }
            })
            .await;
        for one in counts {
            let removed = one.expect("no rule");
            records += removed.authorizations;
            digests += removed.digests;
        }
        calls += 4;
        assert!(calls < TOKENS * 8, "{records} removed");
    }
    assert_eq!((records, digests), (TOKENS as u64, TOKENS as u64));
    let counted = [("ended", TOKENS), ("removed", TOKENS), ("calls", calls)];
    nodes.tell("cleaning up", &counted).await;
}

async fn a_token_that_is_revoked_while_it_expires_ends_once(world: World) {
    let nodes = Nodes::on(world);
    let world = &nodes.world;
    let mut made = Vec::new();
    for new in expiring(world, TOKENS).await {
        made.push(world.make(new).await);
    }
    let before = world.events().await.len();
    let early = world.operator();
    world.pass(Duration::from_hours(1));
    let revoke = {
        let (store, ids) = (nodes.node(0), made.iter().map(|token| token.id));
        let ids: Vec<_> = ids.collect();
        async move {
            let mut revoked = 0;
            // Newest first, and as of before they expired: the two meet in the middle.
            for id in ids.into_iter().rev() {
                let reason = EndReason::DeletedByOwner;
                let outcome = store.revoke_authorization(None, id, reason, early.clone());
                revoked += u64::from(outcome.await.is_ok());
            }
            Ok::<_, ChangeError<()>>(revoked)
        }
    };
    let lapse = {
        let (store, by) = (nodes.node(1), world.operator());
        async move {
            let mut ended = 0;
            for _ in 0..TOKENS {
                match store.end_expired(PIECE, by.clone()).await? {
                    0 => break,
                    some => ended += some,
                }
            }
            Ok::<_, ChangeError<()>>(ended)
        }
    };
    let (revoked, ended) = nodes.meet(revoke, lapse).await;
    let (revoked, ended) = (revoked.expect("no rule"), ended.expect("no rule"));
    assert_eq!(revoked + ended, TOKENS as u64);
    let actions = world.actions_since(before).await;
    let told = actions
        .iter()
        .filter(|action| *action == Action::AuthorizationRevoked.as_str());
    assert_eq!(told.count() as u64, revoked);
    let counted = [("revoked", revoked), ("expired", ended)];
    let counted = counted.map(|(name, count)| (name, usize::try_from(count).expect("few")));
    nodes.tell("revoke against expire", &counted).await;
}
