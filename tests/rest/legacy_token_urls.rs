//! `/applications/{client_id}/tokens/{access_token}` and
//! `/applications/{client_id}/grants/{access_token}`, for clients that know nothing newer: served
//! where the operator says so (wire contract, section 17).

use counterfoil_server::LegacyTokenUrls;
use counterfoil_testkit::{AppActor, UserActor, World, WorldOptions};
use http::Method;

async fn serving() -> World {
    World::with(WorldOptions {
        legacy_token_urls: LegacyTokenUrls::Served,
        ..WorldOptions::default()
    })
    .await
}

async fn scene(world: &World) -> (UserActor<'_>, AppActor, String) {
    let mona = world.user("mona").await;
    let app = world.app(&mona, "Deployer").await;
    let token = mona.app_token(&app, &["repo"]).await.token();
    (mona, app, token)
}

fn tokens(token: &str) -> String {
    format!("/tokens/{token}")
}

#[tokio::test]
async fn they_are_unknown_paths_unless_the_operator_serves_them() {
    let world = World::new().await;
    let (_, app, token) = scene(&world).await;
    for (method, path) in [
        (Method::GET, tokens(&token)),
        (Method::POST, tokens(&token)),
        (Method::DELETE, tokens(&token)),
        (Method::DELETE, format!("/grants/{token}")),
    ] {
        let answer = app.request(&world, method, &path).send().await;
        let documentation = answer.assert_status(404).json()["documentation_url"].clone();
        assert_eq!(
            documentation,
            "https://docs.github.com/enterprise-server@3.19/rest"
        );
    }
    app.check(&world, &token).await.assert_status(200);
}

#[tokio::test]
async fn they_check_reset_and_revoke_as_the_newer_ones_do() {
    let world = serving().await;
    let (_, app, token) = scene(&world).await;
    let checked = app
        .request(&world, Method::GET, &tokens(&token))
        .send()
        .await;
    assert_eq!(checked.assert_status(200).token(), token);
    assert_eq!(checked.header("cache-control"), "no-store");
    let newer = app.check(&world, &token).await;
    assert_eq!(checked.json(), newer.json());

    let reset = app
        .request(&world, Method::POST, &tokens(&token))
        .send()
        .await;
    assert_eq!(reset.assert_status(200).id(), checked.id());
    let new = reset.token();
    app.request(&world, Method::GET, &tokens(&token))
        .send()
        .await
        .assert_status(404);
    app.check(&world, &new).await.assert_status(200);

    let revoked = app
        .request(&world, Method::DELETE, &tokens(&new))
        .send()
        .await;
    assert_eq!(revoked.assert_status(204).text(), "");
    app.check(&world, &new).await.assert_status(404);
}

#[tokio::test]
async fn the_grant_goes_by_a_token_in_the_path() {
    let world = serving().await;
    let (mona, app, token) = scene(&world).await;
    let path = format!("/grants/{token}");
    app.request(&world, Method::DELETE, &path)
        .send()
        .await
        .assert_status(204);
    app.request(&world, Method::DELETE, &path)
        .send()
        .await
        .assert_status(404);
    assert_eq!(mona.ids("/applications/grants").await, [] as [i64; 0]);
    world
        .anonymous()
        .get_with_token(&token, "/user")
        .await
        .assert_status(401);
}

#[tokio::test]
async fn strangers_and_other_apps_are_told_that_there_is_nothing() {
    let world = serving().await;
    let (mona, app, token) = scene(&world).await;
    let other = world.app(&mona, "Other").await;
    let path = format!("/applications/{}/tokens/{token}", app.client_id);
    for method in [Method::GET, Method::POST, Method::DELETE] {
        let request = || world.anonymous().request(method.clone(), &path);
        for answer in [
            request().send().await,
            request()
                .basic(&other.client_id, &other.client_secret)
                .send()
                .await,
            request()
                .basic(&app.client_id, &other.client_secret)
                .send()
                .await,
            request().basic("mona", &mona.password).send().await,
            request()
                .header("authorization", &format!("token {token}"))
                .send()
                .await,
        ] {
            assert_eq!(answer.assert_status(404).message(), "Not Found");
            assert!(!answer.text().contains(&token));
        }
    }
    app.check(&world, &token).await.assert_status(200);
}

#[tokio::test]
async fn other_methods_and_odd_tokens_find_nothing() {
    let world = serving().await;
    let (_, app, token) = scene(&world).await;
    for method in [Method::PUT, Method::PATCH, Method::OPTIONS] {
        let answer = app.request(&world, method, &tokens(&token)).send().await;
        answer.assert_status(404);
    }
    for odd in ["%", "%ff", "%00", "x", "a%2fb", &format!("{token}/")] {
        let answer = app.request(&world, Method::GET, &tokens(odd)).send().await;
        answer.assert_status(404);
    }
    // Encoded or not, it is the same token.
    let encoded = token.replace('_', "%5F");
    app.request(&world, Method::GET, &tokens(&encoded))
        .send()
        .await
        .assert_status(200);
}

#[tokio::test]
async fn head_is_answered_like_get() {
    let world = serving().await;
    let (_, app, token) = scene(&world).await;
    let answer = app
        .request(&world, Method::HEAD, &tokens(&token))
        .send()
        .await;
    assert_eq!(answer.assert_status(200).text(), "");
}

#[tokio::test]
async fn metrics_know_the_template_and_no_token() {
    let world = serving().await;
    let (_, app, token) = scene(&world).await;
    app.request(&world, Method::GET, &tokens(&token))
        .send()
        .await
        .assert_status(200);
    let metrics = world.anonymous().get_ops("/metrics").await.text();
    assert!(
        metrics.contains("/applications/{client_id}/tokens/{access_token}"),
        "{metrics}"
    );
    assert!(!metrics.contains(&token));
}
