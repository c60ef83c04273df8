//! Tokens that expire: what an app gets, the exchange of a refresh token, and one that comes again.

use std::time::Duration;

use counterfoil_domain::app::{AppChange, ExpiringTokens};
use counterfoil_domain::mail::{MailKind, MailWords};
use counterfoil_testkit::{Answer, AppActor, RequestBuilder, World};
use futures_util::future::join_all;
use serde_json::{Value, json};

use super::{Scene, error_in, token_in};
use crate::links::{sent, with_mail};

const DAY: Duration = Duration::from_hours(24);
const BAD: &str = "bad_refresh_token";

/// What an app was given.
#[derive(Clone)]
pub(super) struct Pair {
    pub(super) access: String,
    pub(super) refresh: String,
}

#[track_caller]
pub(super) fn pair_in(answer: &Answer) -> Pair {
    let json = answer.assert_status(200).json();
    let text = |member: &str| {
        let text = json[member].as_str();
        text.unwrap_or_else(|| panic!("{json}")).to_owned()
    };
    Pair {
        access: text("access_token"),
        refresh: text("refresh_token"),
    }
}

impl<'w> Scene<'w> {
    pub(super) async fn expiring(world: &'w World) -> Self {
        let scene = Self::new(world).await;
        scene.let_expire(ExpiringTokens::Enabled).await;
        scene
    }

    pub(super) async fn let_expire(&self, expiring: ExpiringTokens) {
        self.change_app(AppChange {
            expiring_tokens: Some(expiring),
            ..AppChange::default()
        })
        .await;
    }

    /// What the app gets whom the user lets in.
    pub(super) async fn pair(&self, scopes: &str) -> Pair {
        let more = format!("&scope={scopes}&prompt=select_account");
        let code = self.code(&more).await;
        pair_in(&self.exchange(&code, &[]).send_unchecked().await)
    }

    /// The request by which this app exchanges a refresh token.
    fn refreshing_as(&self, app: &AppActor, refresh: &str) -> RequestBuilder<'w> {
        self.exchange_of(&[
            ("client_id", &app.client_id),
            ("client_secret", &app.client_secret),
            ("grant_type", "refresh_token"),
            ("refresh_token", refresh),
        ])
    }

    pub(super) fn refreshing(&self, refresh: &str) -> RequestBuilder<'w> {
        self.refreshing_as(&self.app, refresh)
    }

    pub(super) async fn refreshed(&self, refresh: &str) -> Pair {
        pair_in(&self.refreshing(refresh).send_unchecked().await)
    }

    pub(super) async fn refused(&self, refresh: &str) {
        let answer = self.refreshing(refresh).send_unchecked().await;
        assert_eq!(error_in(answer.assert_status(200)), BAD);
    }

    /// How many times this was done, as the trail has it.
    async fn count(&self, action: &str) -> usize {
        let actions = self.world.audit_actions().await;
        actions.iter().filter(|found| *found == action).count()
    }
}

#[tokio::test]
async fn an_app_gets_a_refresh_token_only_once_its_tokens_expire() {
    let world = World::for_browsers().await;
    let scene = Scene::new(&world).await;
    let code = scene.code("&scope=repo").await;
    let lasting = scene.exchange(&code, &[]).send_unchecked().await;
    assert_eq!(
        lasting.json().as_object().map(serde_json::Map::len),
        Some(3)
    );
    let lasting = token_in(&lasting);
    scene.let_expire(ExpiringTokens::Enabled).await;
    let code = scene.code("&scope=repo,gist&prompt=select_account").await;
    let answer = scene.exchange(&code, &[]).send_unchecked().await;
    let pair = pair_in(&answer);
    let expected = format!(
        r#"{{"access_token":"{}","expires_in":28800,"refresh_token":"{}","refresh_token_expires_in":15897600,"token_type":"bearer","scope":"repo,gist"}}"#,
        pair.access, pair.refresh
    );
    assert_eq!(answer.text(), expected);
    assert!(pair.access.starts_with("gho_") && pair.refresh.starts_with("ghr_"));
    assert_eq!(answer.header("cache-control"), "no-store");
    // A refresh token opens nothing, and a token that lasts goes on lasting.
    assert!(scene.accepts(&pair.access).await && !scene.accepts(&pair.refresh).await);
    world.advance(Duration::from_secs(28_799));
    assert!(scene.accepts(&pair.access).await);
    world.advance(Duration::from_secs(1));
    assert!(!scene.accepts(&pair.access).await && scene.accepts(&lasting).await);
    // Whoever wants it as before gets it as before; what expires can be refreshed all the same.
    scene.let_expire(ExpiringTokens::Disabled).await;
    let code = scene.code("&prompt=select_account").await;
    let answer = scene.exchange(&code, &[]).send_unchecked().await;
    assert_eq!(answer.json()["refresh_token"], Value::Null);
    scene.refreshed(&pair.refresh).await;
}

#[tokio::test]
async fn a_refresh_ends_both_and_gives_others_of_the_same_authorization() {
    let world = World::for_browsers().await;
    let scene = Scene::expiring(&world).await;
    let first = scene.pair("repo,gist").await;
    let before = scene.mona.get("/authorizations").await.json();
    world.advance(Duration::from_hours(2));
    let answer = scene.refreshing(&first.refresh).send_unchecked().await;
    let second = pair_in(&answer);
    assert_eq!(answer.json()["scope"], "repo,gist");
    assert_eq!(answer.json()["expires_in"], 28_800);
    assert_eq!(answer.json()["refresh_token_expires_in"], 15_897_600);
    assert!(!scene.accepts(&first.access).await && scene.accepts(&second.access).await);
    let after = scene.mona.get("/authorizations").await.json();
    assert_eq!(after.as_array().map(Vec::len), Some(1));
    for member in ["id", "created_at", "scopes", "fingerprint", "app"] {
        assert_eq!(after[0][member], before[0][member], "{member}");
    }
    assert_ne!(after[0]["hashed_token"], before[0]["hashed_token"]);
    let provenance = "SELECT provenance FROM authorizations";
    assert_eq!(
        world.database().look_up(provenance).expect("one"),
        "web_flow"
    );
    assert_eq!(scene.count("authorization.refreshed").await, 1);
    assert_eq!(scene.count("authorization.created").await, 1);
    // One whose time is over is refreshed as well, after the clean-up too.
    world.advance(DAY);
    assert!(!scene.accepts(&second.access).await);
    world.authority.clean_up().await.expect("it can be done");
    assert_eq!(scene.live().await, 1);
    let third = scene.refreshed(&second.refresh).await;
    assert!(scene.accepts(&third.access).await);
    scene.refreshed(&third.refresh).await;
}

#[tokio::test]
async fn a_refresh_is_answered_in_the_encoding_that_the_client_takes() {
    let world = World::for_browsers().await;
    let scene = Scene::expiring(&world).await;
    let mut pair = scene.pair("repo").await;
    for (accept, content_type, begins, ends) in [
        (
            "application/json",
            "application/json; charset=utf-8",
            "{\"access_token\":\"gho_",
            "\"refresh_token_expires_in\":15897600,\"token_type\":\"bearer\",\"scope\":\"repo\"}",
        ),
        (
            "application/xml",
            "application/xml; charset=utf-8",
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<OAuth>\n  <access_token>gho_",
            "</refresh_token>\n  <refresh_token_expires_in>15897600</refresh_token_expires_in>\n  <token_type>bearer</token_type>\n  <scope>repo</scope>\n</OAuth>\n",
        ),
        (
            "*/*",
            "application/x-www-form-urlencoded; charset=utf-8",
            "access_token=gho_",
            "&refresh_token_expires_in=15897600&scope=repo&token_type=bearer",
        ),
    ] {
        let request = scene.refreshing(&pair.refresh).header("accept", accept);
        let answer = request.send_unchecked().await;
        let text = answer.assert_status(200).text();
        assert_eq!(answer.header("content-type"), content_type);
        assert!(text.starts_with(begins) && text.ends_with(ends), "{accept}");
        let repeated = scene.refreshing(&pair.refresh).header("accept", accept);
        let text = repeated.send_unchecked().await.assert_status(200).text();
        assert!(text.contains(BAD), "{accept}");
        let from = text_after(&answer.text(), accept);
        pair.refresh = from;
    }
    let json = json!({
        "client_id": scene.app.client_id,
        "client_secret": scene.app.client_secret,
        "grant_type": "refresh_token",
        "refresh_token": pair.refresh,
    });
    let request = scene.post(json.to_string().as_bytes());
    let answer = request.header("accept", "application/json");
    pair_in(&answer.send_unchecked().await);
}

/// The refresh token in an answer of whichever encoding.
fn text_after(text: &str, accept: &str) -> String {
    let before = match accept {
        "application/json" => "\"refresh_token\":\"",
        "application/xml" => "<refresh_token>",
        _ => "refresh_token=",
    };
    let (_, token) = text.split_once(before).expect("a refresh token");
    token[..40].to_owned()
}

#[tokio::test]
async fn a_bad_refresh_token_is_answered_as_recorded_and_changes_nothing() {
    let world = World::for_browsers().await;
    let scene = Scene::expiring(&world).await;
    let pair = scene.pair("repo").await;
    let other = world.app(&scene.hubot, "Other").await;
    let expected = r#"{"error":"bad_refresh_token","error_description":"The refresh token passed is incorrect or expired.","error_uri":"https://docs.github.com"}"#;
    for (app, refresh) in [
        (&scene.app, ""),
        (&scene.app, "x"),
        (&scene.app, "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"),
        (&scene.app, pair.access.as_str()),
        (&scene.app, &pair.refresh.to_lowercase()),
        (&scene.app, &"a".repeat(10_000)),
        // Another app's.
        (&other, &pair.refresh),
    ] {
        let answer = scene.refreshing_as(app, refresh).send_unchecked().await;
        assert_eq!(answer.assert_status(200).text(), expected, "{refresh}");
    }
    let (id, secret) = (
        scene.app.client_id.as_str(),
        scene.app.client_secret.as_str(),
    );
    let asked = [
        ("grant_type", "refresh_token"),
        ("refresh_token", &pair.refresh),
    ];
    let wrong = "0".repeat(40);
    for (fields, error) in [
        // Only what a device got is refreshed without a secret.
        (&[("client_id", id)][..], BAD),
        (
            &[("client_id", id), ("client_secret", &wrong)],
            "incorrect_client_credentials",
        ),
        (&[("client_secret", secret)], "Not Found"),
        (
            &[
                ("client_id", id),
                ("client_secret", secret),
                ("refresh_token", "x"),
            ],
            "invalid_request",
        ),
    ] {
        let fields = [fields, &asked].concat();
        let answer = scene.exchange_of(&fields).send_unchecked().await;
        assert_eq!(error_in(&answer), error, "{fields:?}");
    }
    // None of it took anything away.
    assert!(scene.accepts(&pair.access).await);
    let basic = scene.exchange_of(&asked).basic(id, secret);
    pair_in(&basic.send_unchecked().await);
}

#[tokio::test]
async fn a_refresh_neither_widens_nor_narrows_what_a_token_may_do() {
    let world = World::for_browsers().await;
    let scene = Scene::expiring(&world).await;
    let mut pair = scene.pair("repo,gist,offline_access").await;
    for scope in ["repo gist user", "admin:org", "gist", "", "offline_access"] {
        let fields = [
            ("client_id", scene.app.client_id.as_str()),
            ("client_secret", &scene.app.client_secret),
            ("grant_type", "refresh_token"),
            ("refresh_token", &pair.refresh),
            ("scope", scope),
        ];
        let answer = scene.exchange_of(&fields).send_unchecked().await;
        pair = pair_in(&answer);
        assert_eq!(answer.json()["scope"], "repo,gist", "{scope}");
    }
    // What its user changed of it stays so.
    let id = scene.mona.ids("/authorizations").await[0];
    let change = json!({ "scopes": ["gist"] });
    let path = format!("/authorizations/{id}");
    scene.mona.patch(&path, change).await.assert_status(200);
    let answer = scene.refreshing(&pair.refresh).send_unchecked().await;
    assert_eq!(answer.json()["scope"], "gist");
}

#[tokio::test]
async fn the_one_replaced_last_may_come_again_at_once_and_ends_nothing() {
    let world = World::for_browsers().await;
    let scene = Scene::expiring(&world).await;
    let first = scene.pair("repo").await;
    let second = scene.refreshed(&first.refresh).await;
    scene.refused(&first.refresh).await;
    world.advance(Duration::from_secs(30));
    scene.refused(&first.refresh).await;
    assert!(scene.accepts(&second.access).await);
    assert_eq!(scene.count("refresh.repeated").await, 2);
    assert_eq!(scene.count("refresh.family_ended").await, 0);
    scene.refreshed(&second.refresh).await;
}

#[tokio::test]
async fn a_repetition_that_comes_later_or_of_an_older_one_ends_all_and_the_user_is_told() {
    let world = with_mail().await;
    let scene = Scene::expiring(&world).await;
    let other = scene.pair("gist").await;
    for (ended, rotations, pause) in [(1, 1, 31), (2, 2, 0), (3, 1, 9_000_000)] {
        let mut pair = scene.pair("repo").await;
        let old = pair.refresh.clone();
        for _ in 0..rotations {
            pair = scene.refreshed(&pair.refresh).await;
        }
        world.advance(Duration::from_secs(pause));
        let before = scene.live().await;
        scene.refused(&old).await;
        assert!(!scene.accepts(&pair.access).await);
        // The one that counted does no more, and to try it ends nothing else.
        scene.refused(&pair.refresh).await;
        scene.refused(&old).await;
        assert_eq!(before - scene.live().await, 1);
        assert_eq!(scene.count("refresh.family_ended").await, ended);
        let letters = sent(&world).await;
        let told: Vec<_> = letters.iter().map(|letter| letter.words).collect();
        assert_eq!(told, [MailWords::OfKind(MailKind::RefreshRepeated)]);
        assert_eq!(letters[0].to.as_str(), "mona@example.com");
    }
    let reasons = "SELECT count(*) FROM token_digests WHERE end_reason = 'refresh_repeated'";
    assert_eq!(world.database().look_up(reasons).expect("a count"), "3");
    // The session of before is over.
    scene.visitor.sign_in(&scene.mona).await;
    let page = scene.visitor.get("/settings/security").await;
    assert!(page.text().contains("A refresh token came twice"));
    scene.refreshed(&other.refresh).await;
}

#[tokio::test]
async fn of_many_refreshes_at_once_one_gets_tokens_and_the_others_end_nothing() {
    let world = World::for_browsers().await;
    let scene = Scene::expiring(&world).await;
    let mut pair = scene.pair("repo").await;
    for _ in 0..8 {
        let asked: Vec<_> = (0..5).map(|_| scene.refreshing(&pair.refresh)).collect();
        let answers = join_all(asked.iter().map(RequestBuilder::send_unchecked)).await;
        let (won, lost): (Vec<_>, Vec<_>) = answers
            .iter()
            .partition(|answer| answer.json()["access_token"].is_string());
        assert_eq!((won.len(), lost.len()), (1, 4));
        for answer in lost {
            assert_eq!(error_in(answer), BAD);
        }
        let old = pair.access;
        pair = pair_in(won[0]);
        assert!(scene.accepts(&pair.access).await && !scene.accepts(&old).await);
        let digests = "SELECT count(*) FROM token_digests WHERE ended_at IS NULL";
        assert_eq!(world.database().look_up(digests).expect("a count"), "1");
        let live = "SELECT count(*) FROM refresh_tokens WHERE ended_at IS NULL";
        assert_eq!(world.database().look_up(live).expect("a count"), "1");
    }
}

#[tokio::test]
async fn access_lasts_for_366_days_at_most_and_an_answer_says_what_is_left() {
    let world = World::for_browsers().await;
    let scene = Scene::expiring(&world).await;
    let mut pair = scene.pair("repo").await;
    for (days, left) in [(183, 183 * 86_400), (100, 83 * 86_400), (82, 86_400)] {
        world.advance(DAY * days);
        let answer = scene.refreshing(&pair.refresh).send_unchecked().await;
        pair = pair_in(&answer);
        assert_eq!(answer.json()["refresh_token_expires_in"], left);
    }
    world.advance(Duration::from_hours(23));
    let answer = scene.refreshing(&pair.refresh).send_unchecked().await;
    pair = pair_in(&answer);
    assert_eq!(answer.json()["refresh_token_expires_in"], 3_600);
    assert_eq!(answer.json()["expires_in"], 3_600);
    world.advance(Duration::from_hours(1));
    assert!(!scene.accepts(&pair.access).await);
    scene.refused(&pair.refresh).await;
    assert_eq!(scene.live().await, 0);
}

#[tokio::test]
async fn a_refresh_token_that_nobody_uses_is_over_after_184_days() {
    let world = World::for_browsers().await;
    let scene = Scene::expiring(&world).await;
    let (used, unused) = (scene.pair("repo").await, scene.pair("gist").await);
    world.advance(Duration::from_secs(15_897_599));
    scene.refreshed(&used.refresh).await;
    world.advance(Duration::from_secs(1));
    scene.refused(&unused.refresh).await;
    assert_eq!(scene.live().await, 1);
    world.authority.clean_up().await.expect("it can be done");
    let ended = "SELECT count(*) FROM authorizations WHERE end_reason = 'expired'";
    assert_eq!(world.database().look_up(ended).expect("a count"), "1");
    assert_eq!(scene.count("refresh.repeated").await, 0);
}
