//! How long a token lives: until it expires, until nobody used it for long; and what becomes of it
//! then.

use std::time::Duration;

use counterfoil_authority::{CleanedRows, IssueRefused, IssueToken, MoreToClean, UseCaseError};
use counterfoil_domain::authorization::Provenance;
use counterfoil_domain::id::AuthorizationId;
use counterfoil_domain::lifecycle::EndReason;
use counterfoil_domain::scope::ScopeSet;
use counterfoil_domain::text::Note;
use counterfoil_domain::token::{PlainToken, TokenFormats};
use counterfoil_domain::token_life::{LAST_USED_SLACK, LivesTooLong, TokenLife};
use counterfoil_testkit::{GivenToken, UserActor, World, WorldOptions};
use serde_json::{Value, json};

const DAY: Duration = Duration::from_hours(24);
/// The world begins on 2026-01-02T03:04:05Z.
const A_DAY_LATER: &str = "2026-01-03T03:04:05Z";

async fn world_with(life: TokenLife) -> World {
    let mut options = WorldOptions::default();
    options.settings.token_life = life;
    World::with(options).await
}

async fn world_with_idle(idle: Duration) -> World {
    world_with(TokenLife {
        idle: Some(idle),
        ..TokenLife::default()
    })
    .await
}

async fn status(world: &World, token: &str) -> u16 {
    let answer = world.anonymous().get_with_token(token, "/user").await;
    answer.status.as_u16()
}

async fn clean_a_piece(world: &World) -> MoreToClean {
    let cleaned = world.authority.clean_up().await;
    cleaned.expect("the database takes writes")
}

/// Cleans up until nothing is left to do.
async fn clean(world: &World) {
    while clean_a_piece(world).await == MoreToClean::Soon {}
}

async fn reasons(world: &World, user: &UserActor<'_>) -> Vec<EndReason> {
    let login = Some(&user.account.login);
    let over = world
        .authority
        .list_tokens_over(login, AuthorizationId(0), 1_000)
        .await
        .expect("the user exists");
    over.iter()
        .map(|record| record.over.expect("it is over").1)
        .collect()
}

#[tokio::test]
async fn tokens_live_without_end_unless_it_is_set_and_no_request_can_say_otherwise() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    // No operation has such a key, and keys that nobody knows are ignored.
    let body = json!({ "note": "laptop", "expires_at": A_DAY_LATER });
    let made = mona.post("/authorizations", body).await;
    assert_eq!(made.assert_status(201).json()["expires_at"], Value::Null);
    world.advance(DAY * 1_000);
    assert_eq!(status(&world, &made.token()).await, 200);
}

#[tokio::test]
async fn tokens_get_the_default_lifetime_and_end_with_it() {
    let world = world_with(TokenLife {
        default: Some(DAY),
        ..TokenLife::default()
    })
    .await;
    let mona = world.user("mona").await;
    let app = world.app(&mona, "Deployer").await;
    let personal = mona.personal_token("laptop", &["user"]).await;
    let got = mona.get_or_create(&app, json!({})).await;
    for made in [&personal, &got] {
        assert_eq!(made.json()["expires_at"], A_DAY_LATER);
    }
    let token = personal.token();
    let answer = world.anonymous().get_with_token(&token, "/user").await;
    assert_eq!(
        answer.header("github-authentication-token-expiration"),
        "2026-01-03 03:04:05 UTC"
    );
    world.advance(Duration::from_hours(23));
    assert_eq!(status(&world, &token).await, 200);
    world.advance(Duration::from_hours(1));
    assert_eq!(status(&world, &token).await, 401);
    assert_eq!(mona.ids("/authorizations").await, [] as [i64; 0]);
    // What is over is not in the way of what comes next.
    mona.personal_token("laptop", &["user"]).await;
    mona.get_or_create(&app, json!({})).await.assert_status(201);
    assert_eq!(reasons(&world, &mona).await, [EndReason::Expired; 2]);
    // However late that is written down, they were refused from their expiry on.
    let over = world
        .authority
        .inspect_token(&PlainToken::parse(&token, &TokenFormats::default()).unwrap())
        .await
        .unwrap()
        .and_then(|record| record.over);
    let expired = world.authority.now();
    assert_eq!(over, Some((expired, EndReason::Expired)));
    world.advance(DAY);
    clean(&world).await;
    let again = world
        .authority
        .list_tokens_over(None, AuthorizationId(0), 1);
    assert_eq!(again.await.unwrap()[0].over, over);
}

#[tokio::test]
async fn a_longer_life_than_may_be_is_cut_at_the_api_and_refused_to_an_operator() {
    let world = world_with(TokenLife {
        maximum: Some(DAY),
        ..TokenLife::default()
    })
    .await;
    let mona = world.user("mona").await;
    let made = mona.personal_token("laptop", &[]).await;
    assert_eq!(made.json()["expires_at"], A_DAY_LATER);
    let wish = |lifetime| IssueToken {
        login: mona.account.login.clone(),
        client_id: None,
        scopes: ScopeSet::default(),
        note: Some(Note::parse("by hand").unwrap()),
        fingerprint: None,
        expires_at: Some(world.authority.now().plus(lifetime)),
        token: None,
        provenance: Provenance::CommandLine,
    };
    let refused = world
        .authority
        .issue_token(wish(DAY + Duration::from_secs(1)), &World::operator())
        .await;
    assert!(matches!(
        refused,
        Err(UseCaseError::Refused(IssueRefused::LivesTooLong(
            LivesTooLong { maximum: DAY }
        )))
    ));
    let made = world
        .authority
        .issue_token(wish(DAY), &World::operator())
        .await;
    assert!(made.unwrap().authorization.expires_at.is_some());
}

#[tokio::test]
async fn an_idle_token_is_refused_before_anybody_cleans_up() {
    let world = world_with_idle(DAY).await;
    let mona = world.user("mona").await;
    let unused = mona.personal_token("unused", &[]).await.token();
    let remembered = mona.personal_token("used once", &[]).await.token();
    assert_eq!(status(&world, &remembered).await, 200);
    world.authority.flush_last_used().await.unwrap();
    world.advance(DAY + LAST_USED_SLACK);
    for token in [&unused, &remembered] {
        assert_eq!(status(&world, token).await, 401);
    }
    assert_eq!(mona.ids("/authorizations").await, [] as [i64; 0]);
    clean(&world).await;
    assert_eq!(reasons(&world, &mona).await, [EndReason::Idle; 2]);
}

#[tokio::test]
async fn a_token_that_is_used_lives_on() {
    let world = world_with_idle(DAY).await;
    let mona = world.user("mona").await;
    let made = mona.personal_token("laptop", &[]).await;
    for _ in 0..5 {
        world.advance(DAY);
        assert_eq!(status(&world, &made.token()).await, 200);
        world.authority.flush_last_used().await.unwrap();
        clean(&world).await;
        assert_eq!(mona.ids("/authorizations").await, [made.id()]);
    }
    world.advance(DAY + LAST_USED_SLACK);
    assert_eq!(status(&world, &made.token()).await, 401);
}

#[tokio::test]
async fn a_use_that_was_not_written_down_yet_saves_a_token_from_the_clean_up() {
    let world = world_with_idle(DAY).await;
    let mona = world.user("mona").await;
    let made = mona.personal_token("laptop", &[]).await;
    world.advance(DAY);
    assert_eq!(status(&world, &made.token()).await, 200);
    // The batch with this use is as late as it may be.
    world.advance(LAST_USED_SLACK);
    clean(&world).await;
    world.authority.flush_last_used().await.unwrap();
    world.advance(Duration::from_hours(23));
    clean(&world).await;
    assert_eq!(status(&world, &made.token()).await, 200);
}

#[tokio::test]
async fn ended_tokens_are_kept_for_ninety_days_with_their_reasons() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let app = world.app(&mona, "Deployer").await;
    let lifetime = Some(DAY);
    let expiring = GivenToken {
        lifetime,
        ..GivenToken::default()
    };
    world.issue_token(&mona, expiring).await;
    let mut last = 0;
    for _ in 0..11 {
        last = mona.app_token(&app, &["repo"]).await.id();
    }
    let deleted = mona.personal_token("laptop", &[]).await.id();
    mona.delete(&format!("/authorizations/{deleted}"))
        .await
        .assert_status(204);
    last = last.max(deleted);
    world.advance(DAY);
    clean(&world).await;
    let expected = [
        EndReason::Expired,
        EndReason::MaxForApp,
        EndReason::DeletedByOwner,
    ];
    assert_eq!(reasons(&world, &mona).await, expected);

    let kept = mona.ids("/authorizations").await;
    world.advance(DAY * 89);
    clean(&world).await;
    // What ended on the first day is gone, what ended on the second is not yet.
    assert_eq!(reasons(&world, &mona).await, [EndReason::Expired]);
    world.advance(DAY);
    clean(&world).await;
    assert_eq!(reasons(&world, &mona).await, []);
    assert_eq!(mona.ids("/authorizations").await, kept);
    assert_eq!(mona.personal_token("laptop", &[]).await.id(), last + 1);
    let cleaned = world.authority.cleaned_rows();
    assert!(cleaned.changes > 0);
    assert_eq!(
        cleaned,
        CleanedRows {
            expired: 1,
            idle: 0,
            overdue: 0,
            authorizations: 3,
            digests: 3,
            changes: cleaned.changes,
            failures: 0,
            addresses: cleaned.addresses,
            codes: 0,
            events: 0,
            sessions: 0,
            mails: 0,
        }
    );
    let actions = world.audit_actions().await;
    let told = |word| actions.iter().filter(|action| *action == word).count();
    assert_eq!(told("authorization.lapsed"), 1);
    assert_eq!(told("installation.ended_removed"), 2);
}

#[tokio::test]
async fn failures_that_count_no_more_are_removed() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let wrong = mona.with_password("wrong");
    wrong.get("/user").await.assert_status(401);
    clean(&world).await;
    assert_eq!(world.authority.cleaned_rows().failures, 0);
    world.advance(Duration::from_hours(1));
    clean(&world).await;
    assert_eq!(world.authority.cleaned_rows().failures, 1);
}
