//! Less room than there are tokens: what is not remembered is judged as rightly as what is.

use counterfoil_testkit::World;
use counterfoil_testkit::engine::fewer_behind_a_pooler;

use super::{HERE, issue, verify, world_with};

const TOKENS: usize = 1_000;
const REMEMBERED: usize = 64;

#[tokio::test]
async fn with_little_room_every_token_is_still_judged_rightly() {
    let world = world_with(|options| {
        options.settings.checks.remembered_tokens = REMEMBERED;
        options.settings.checks.look_ups.unknown_per_second = 0;
    })
    .await;
    let (mona, hubot) = (world.user("mona").await, world.user("hubot").await);
    let count = fewer_behind_a_pooler(TOKENS);
    let mut tokens = Vec::new();
    for number in 0..count {
        let owner = if number % 2 == 0 { &mona } else { &hubot };
        tokens.push(issue(&world.authority, owner, number).await);
    }
    let mut is_revoked = vec![false; count];
    let operator = World::operator();
    for step in 0..4 * count {
        // A number without a common divisor with the count reaches all of them, far apart.
        let place = step * 379 % count;
        let expected = if is_revoked[place] { 401 } else { 200 };
        verify(&world, &tokens[place].token, HERE)
            .await
            .assert_status(expected);
        // Some that were asked for lately end, and some that were not.
        if step % 7 == 0 {
            let doomed = (step * 379 + step % 3) % count;
            let id = tokens[doomed].authorization.id;
            let revoked = world.authority.revoke_any_token(id, &operator).await;
            assert_eq!(revoked.is_ok(), !is_revoked[doomed]);
            is_revoked[doomed] = true;
            verify(&world, &tokens[doomed].token, HERE)
                .await
                .assert_status(401);
        }
        assert!(world.authority.check_stats().remembered <= REMEMBERED as u64);
    }
    let login = &mona.account.login;
    assert!(
        world
            .authority
            .suspend_account(login, &operator)
            .await
            .unwrap()
    );
    for (place, token) in tokens.iter().enumerate() {
        let expected = match (is_revoked[place], place % 2 == 0) {
            (true, _) => 401,
            (false, true) => 403,
            (false, false) => 200,
        };
        verify(&world, &token.token, HERE)
            .await
            .assert_status(expected);
    }
}

#[tokio::test]
async fn without_any_room_every_check_is_read_and_right() {
    let world = world_with(|options| options.settings.checks.remembered_tokens = 0).await;
    let mona = world.user("mona").await;
    let issued = issue(&world.authority, &mona, 1).await;
    for number in 1..=3 {
        verify(&world, &issued.token, HERE).await.assert_status(200);
        assert_eq!(world.authority.check_stats().look_ups, number);
    }
    let (id, operator) = (issued.authorization.id, World::operator());
    let revoked = world.authority.revoke_any_token(id, &operator).await;
    revoked.unwrap();
    verify(&world, &issued.token, HERE).await.assert_status(401);
}
