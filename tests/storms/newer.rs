//! What a newer program writes into the feed of changes while this one serves on the same database.

use counterfoil_testkit::{Engine, World, engine};

use super::{HERE, issue, verify, world_with};

/// What a newer program does: its migration takes away the list of kinds, and it ends a token by
/// something that this program has no word for.
fn end_by_a_newer_program(world: &World, token: i64) {
    let migration = match engine::chosen() {
        Engine::Sqlite => "PRAGMA ignore_check_constraints = ON",
        Engine::Postgres | Engine::PgBouncer => {
            "ALTER TABLE changes DROP CONSTRAINT IF EXISTS changes_kind_check"
        }
    };
    world.database().run(&format!(
        "{migration};
        UPDATE authorizations SET ended_at = created_at + 1, end_reason = 'revoked' WHERE id = {token};
        UPDATE token_digests SET ended_at = created_at + 1, end_reason = 'revoked' WHERE authorization_id = {token};
        UPDATE change_feed SET number = number + 1 WHERE id = 1;
        INSERT INTO changes (number, kind, subject_id, digest_head, changed_at)
            SELECT number, 'policy', 7, 0, 1 FROM change_feed WHERE id = 1"
    ));
}

/// Old programs run beside new ones, and nobody can tell them what a new word means.
#[tokio::test]
async fn who_hears_of_a_kind_of_change_that_it_does_not_know_forgets_everything_and_serves_on() {
    let world = world_with(|_| {}).await;
    let mona = world.user("mona").await;
    let ended = issue(&world.authority, &mona, 1).await;
    let kept = issue(&world.authority, &mona, 2).await;
    world.authority.catch_up().await.unwrap();
    for issued in [&ended, &kept] {
        verify(&world, &issued.token, HERE).await.assert_status(200);
    }
    end_by_a_newer_program(&world, ended.authorization.id.0);
    // Remembered until it is heard of, so that the rest shows something.
    verify(&world, &ended.token, HERE).await.assert_status(200);

    let heard = world.authority.catch_up().await;
    heard.expect("an unknown kind of change is no failure");
    verify(&world, &ended.token, HERE).await.assert_status(401);
    verify(&world, &kept.token, HERE).await.assert_status(200);
}

#[tokio::test]
async fn the_feed_is_read_on_behind_a_kind_of_change_that_is_not_known() {
    let world = world_with(|_| {}).await;
    let mona = world.user("mona").await;
    let [first, second, kept] = [
        issue(&world.authority, &mona, 1).await,
        issue(&world.authority, &mona, 2).await,
        issue(&world.authority, &mona, 3).await,
    ];
    world.authority.catch_up().await.unwrap();
    end_by_a_newer_program(&world, first.authorization.id.0);
    world.authority.catch_up().await.unwrap();
    for issued in [&second, &kept] {
        verify(&world, &issued.token, HERE).await.assert_status(200);
    }
    // A change of a known kind costs what is remembered of its subject, and nothing else.
    let losses = world.authority.check_stats().feed_losses;
    let (id, head) = (second.authorization.id.0, second.token.digest().head());
    world.database().run(&format!(
        "UPDATE authorizations SET ended_at = created_at + 1, end_reason = 'revoked' WHERE id = {id};
        UPDATE token_digests SET ended_at = created_at + 1, end_reason = 'revoked' WHERE authorization_id = {id};
        UPDATE change_feed SET number = number + 1 WHERE id = 1;
        INSERT INTO changes (number, kind, subject_id, digest_head, changed_at)
            SELECT number, 'authorization', {id}, {head}, 1 FROM change_feed WHERE id = 1"
    ));
    world.authority.catch_up().await.unwrap();
    verify(&world, &second.token, HERE).await.assert_status(401);
    verify(&world, &kept.token, HERE).await.assert_status(200);
    assert_eq!(world.authority.check_stats().feed_losses, losses);
}
