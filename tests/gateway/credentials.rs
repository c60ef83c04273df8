//! Where the token of a forwarded request may stand, and what is no token.

use counterfoil_domain::token::{PlainToken, TokenFormats};
use counterfoil_server::GatewaySettings;
use counterfoil_testkit::{RepeatableEntropy, World, WorldOptions};
use counterfoil_wire::gateway::presented::{QueryPlace, TokenPlaces};
use data_encoding::BASE64;
use http::HeaderName;

use super::{INVALID_TOKEN, NO_TOKEN, ask, challenge};

const INVALID_REQUEST: &str = "Bearer realm=\"Counterfoil\", error=\"invalid_request\"";

fn basic(pair: &str) -> String {
    format!("Basic {}", BASE64.encode(pair.as_bytes()))
}

async fn world_with_places() -> World {
    World::with(WorldOptions {
        gateway: GatewaySettings {
            places: TokenPlaces {
                cookie: Some("session_token".to_owned()),
                query: Some(QueryPlace {
                    key: "access_token".to_owned(),
                    address: HeaderName::from_static("x-original-uri"),
                }),
            },
            ..GatewaySettings::default()
        },
        ..WorldOptions::default()
    })
    .await
}

#[tokio::test]
async fn a_token_is_taken_from_the_header_in_any_form() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let token = mona.personal_token("laptop", &[]).await.token();
    for value in [
        format!("token {token}"),
        format!("TOKEN {token}"),
        format!("Bearer {token}"),
        format!("bearer {token}"),
        basic(&format!("mona:{token}")),
        basic(&format!("somebody-else:{token}")),
        basic(&format!("{token}:x-oauth-basic")),
        basic(&format!("{token}:")),
    ] {
        let answer = ask(&world, "", &[("authorization", &value)]).await;
        answer.assert_status(200);
        assert_eq!(answer.header("x-auth-login"), "mona", "{value}");
    }
}

#[tokio::test]
async fn a_cookie_and_a_query_count_only_where_the_settings_name_them() {
    let named = world_with_places().await;
    let unnamed = World::new().await;
    for (world, status) in [(&named, 200), (&unnamed, 401)] {
        let mona = world.user("mona").await;
        let token = mona.personal_token("laptop", &[]).await.token();
        for header in [
            ("cookie", format!("a=b; session_token={token}")),
            ("x-original-uri", format!("/a?b=c&access_token={token}")),
        ] {
            let answer = ask(world, "", &[(header.0, &header.1)]).await;
            answer.assert_status(status);
        }
        for header in [
            ("cookie", format!("other={token}")),
            ("x-original-uri", format!("/a?token={token}")),
            ("x-forwarded-uri", format!("/a?access_token={token}")),
            ("x-auth-login", "mona".to_owned()),
        ] {
            let answer = ask(world, "", &[(header.0, &header.1)]).await;
            assert_eq!(challenge(answer.assert_status(401)), NO_TOKEN);
        }
        // The query of the check itself is never the client's.
        ask(world, &format!("?access_token={token}"), &[])
            .await
            .assert_status(400);
    }
}

#[tokio::test]
async fn several_headers_and_two_tokens_are_refused() {
    let world = world_with_places().await;
    let mona = world.user("mona").await;
    let one = mona.personal_token("one", &[]).await.token();
    let other = mona.personal_token("other", &[]).await.token();
    let (bearer, cookie) = (format!("Bearer {one}"), format!("session_token={other}"));
    let pair = basic(&format!("{one}:{other}"));
    let cookies = format!("session_token={one}; session_token={other}");
    for headers in [
        vec![
            ("authorization", bearer.as_str()),
            ("authorization", bearer.as_str()),
        ],
        vec![("authorization", &bearer), ("cookie", &cookie)],
        vec![("authorization", &pair)],
        vec![("cookie", &cookies)],
    ] {
        let answer = ask(&world, "", &headers).await;
        assert_eq!(
            challenge(answer.assert_status(401)),
            INVALID_REQUEST,
            "{headers:?}"
        );
    }
    let same = format!("session_token={one}");
    ask(&world, "", &[("authorization", &bearer), ("cookie", &same)])
        .await
        .assert_status(200);
}

#[tokio::test]
async fn a_token_that_is_ill_formed_or_unknown_is_invalid() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let token = mona.personal_token("laptop", &[]).await.token();
    let prefix = TokenFormats::default().personal;
    let never_issued = PlainToken::generate(&prefix, &RepeatableEntropy::new(4711));
    for wrong in [
        never_issued.expose().to_owned(),
        format!("{token}0"),
        token[..39].to_owned(),
        token.replace("ghp_", "gho_"),
        token.replace("ghp_", "xyz_"),
        token.to_lowercase(),
        "a b".to_owned(),
        "x".repeat(5_000),
    ] {
        let value = format!("Bearer {wrong}");
        let answer = ask(&world, "", &[("authorization", &value)]).await;
        assert_eq!(
            challenge(answer.assert_status(401)),
            INVALID_TOKEN,
            "{wrong}"
        );
    }
}

#[tokio::test]
async fn a_password_is_refused_without_being_looked_at() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let before = world.events().await.len();
    // Far more than a lock would allow, and the right one among them.
    for number in 0..200 {
        let value = basic(&format!("mona:wrong {number}"));
        let answer = ask(&world, "", &[("authorization", &value)]).await;
        assert_eq!(challenge(answer.assert_status(401)), NO_TOKEN);
    }
    let right = basic(&format!("mona:{}", mona.password));
    ask(&world, "", &[("authorization", &right)])
        .await
        .assert_status(401);
    assert_eq!(world.events().await.len(), before);
    // Nothing was counted, and nothing remembered either.
    mona.get("/user").await.assert_status(200);
    ask(&world, "", &[("authorization", &right)])
        .await
        .assert_status(401);
}

#[tokio::test]
async fn other_schemes_are_no_credentials() {
    let world = World::new().await;
    for value in [
        "Digest a=b",
        "Negotiate abc",
        "Basic",
        "Basic !!!",
        "Basic bW9uYQ==",
        "x",
    ] {
        let answer = ask(&world, "", &[("authorization", value)]).await;
        assert_eq!(challenge(answer.assert_status(401)), NO_TOKEN, "{value}");
    }
}

#[tokio::test]
async fn a_client_that_must_be_asked_for_basic_is_if_the_settings_say_so() {
    let world = World::with(WorldOptions {
        gateway: GatewaySettings {
            offer_basic: true,
            ..GatewaySettings::default()
        },
        ..WorldOptions::default()
    })
    .await;
    let answer = ask(&world, "", &[]).await;
    assert_eq!(
        challenge(answer.assert_status(401)),
        "Bearer realm=\"Counterfoil\", Basic realm=\"Counterfoil\""
    );
}
