//! Secrets that everybody may know: what they open, and what they prove, which is nothing.

use counterfoil_testkit::World;
use http::Method;
use serde_json::json;

use super::{CALLBACK, CHALLENGE, Scene, VERIFIER, encoded, token_in};

impl Scene<'_> {
    /// From then on everybody may know the app's secret.
    pub(super) async fn publish(&self) {
        let (client_id, operator) = (&self.app.app.summary.client_id, World::operator());
        let authority = &self.world.authority;
        let secrets = authority.list_app_secrets(client_id).await;
        let id = secrets.expect("the app is there")[0].id;
        let published = authority.publish_app_secret(client_id, id, &operator).await;
        published.expect("it is live");
    }
}

#[tokio::test]
async fn a_published_secret_opens_the_token_endpoint_and_nothing_else() {
    let world = World::for_browsers().await;
    let scene = Scene::new(&world).await;
    let before = scene.token(&scene.code("").await, &[]).await;
    scene.publish().await;
    let token = scene.token(&scene.code("").await, &[]).await;
    assert!(scene.accepts(&token).await && scene.accepts(&before).await);
    let (id, secret) = (
        scene.app.client_id.as_str(),
        scene.app.client_secret.as_str(),
    );
    scene.app.check(&world, &token).await.assert_status(401);
    scene.app.reset(&world, &token).await.assert_status(401);
    scene.app.revoke(&world, &token).await.assert_status(401);
    scene
        .app
        .revoke_grant(&world, &token)
        .await
        .assert_status(401);
    let anonymous = world.anonymous();
    for path in ["/meta", "/rate_limit"] {
        let asked = anonymous.request(Method::GET, path).basic(id, secret);
        asked.send_unchecked().await.assert_status(401);
    }
    let body = format!("token={token}");
    let asked = anonymous
        .request_anywhere(Method::POST, "/login/oauth/introspect")
        .basic(id, secret)
        .bytes(body.as_bytes());
    asked.send_unchecked().await.assert_status(401);
    let body = json!({"client_id": id, "client_secret": secret, "scopes": ["repo"]});
    let made = scene.mona.post("/authorizations", body).await;
    made.assert_status(422);
    assert!(scene.accepts(&token).await);
    assert!(
        world
            .audit_actions()
            .await
            .contains(&"app.secret_published".to_owned())
    );
}

#[tokio::test]
async fn whoever_lets_an_app_in_that_keeps_no_secret_is_asked_each_time_and_told() {
    let world = World::for_browsers().await;
    let scene = Scene::new(&world).await;
    scene.code("&scope=repo").await;
    let code = scene.code("&scope=gist").await;
    scene.token(&code, &[]).await;
    let silent = scene.asks("&scope=gist").await;
    silent.assert_status(302);
    scene.publish().await;
    let page = scene.asks("&scope=gist").await;
    page.assert_status(200);
    let said = "Any program can use this app’s name. It cannot be verified.";
    assert!(page.text().contains(said), "{}", page.text());
}

#[tokio::test]
async fn a_second_redemption_by_a_published_secret_ends_the_token_unless_there_was_a_verifier() {
    let world = World::for_browsers().await;
    let scene = Scene::new(&world).await;
    scene.publish().await;
    let code = scene.code("").await;
    let token = scene.token(&code, &[]).await;
    assert_eq!(scene.error(&code, &[]).await, "bad_verification_code");
    assert!(!scene.accepts(&token).await);

    let challenged = format!("&code_challenge={CHALLENGE}&code_challenge_method=S256");
    let code = scene.code(&challenged).await;
    let proof = [("code_verifier", VERIFIER), ("redirect_uri", CALLBACK)];
    let token = scene.token(&code, &proof).await;
    assert_eq!(scene.error(&code, &proof).await, "bad_verification_code");
    assert!(scene.accepts(&token).await);
}

#[tokio::test]
async fn a_program_that_keeps_no_secret_gives_its_own_token_back_by_its_client_id() {
    let world = World::for_browsers().await;
    let scene = Scene::new(&world).await;
    let token = scene.token(&scene.code("").await, &[]).await;
    let revoke = async |client_id: &str, token: &str| {
        let body = format!("client_id={client_id}&token={}", encoded(token));
        let asked = world
            .anonymous()
            .request_anywhere(Method::POST, "/login/oauth/revoke")
            .bytes(body.as_bytes());
        asked.send_unchecked().await
    };
    let id = scene.app.client_id.clone();
    // As long as the app keeps a secret it has to show it.
    revoke(&id, &token).await.assert_status(401);
    scene.publish().await;
    let another = world.app(&scene.hubot, "Another").await;
    let foreign = another.app.summary.client_id.as_str();
    revoke(foreign, &token).await.assert_status(401);
    assert!(scene.accepts(&token).await);
    revoke(&id, "gho_0000000000000000000000000000000000000")
        .await
        .assert_status(200);
    revoke(&id, &token).await.assert_status(200);
    assert!(!scene.accepts(&token).await);
}

#[tokio::test]
async fn scopes_for_administrators_are_not_given_to_an_app_that_keeps_no_secret() {
    let world = World::for_browsers().await;
    let mut scene = Scene::new(&world).await;
    scene.mona = world.administrator("root").await;
    scene.visitor = world.visitor();
    scene.visitor.sign_in(&scene.mona).await;
    // Given to an app that keeps its secret, and lost with that.
    let code = scene.code("&scope=site_admin,gist").await;
    scene.publish().await;
    let answer = scene.exchange(&code, &[]).send_unchecked().await;
    token_in(&answer);
    assert_eq!(answer.json()["scope"], "gist");
    let code = scene.code("&scope=site_admin,gist").await;
    let answer = scene.exchange(&code, &[]).send_unchecked().await;
    assert_eq!(answer.json()["scope"], "gist");
}
