//! What an app's client id and secret open where no user is needed, and what they are where one is.

use counterfoil_domain::login::Login;
use counterfoil_domain::organization::NewOrganization;
use counterfoil_domain::rate_limit::RateLimits;
use counterfoil_testkit::{Answer, AppActor, World, WorldOptions};
use http::Method;

async fn get(world: &World, app: &AppActor, path: &str) -> Answer {
    ask(world, &app.client_id, &app.client_secret, path).await
}

async fn ask(world: &World, name: &str, secret: &str, path: &str) -> Answer {
    let request = world.anonymous().request(Method::GET, path);
    request.basic(name, secret).send().await
}

/// A world with an app, an organization, and limits.
async fn limited() -> World {
    World::with(WorldOptions {
        rate_limits: Some(RateLimits::default()),
        ..WorldOptions::default()
    })
    .await
}

#[tokio::test]
async fn an_app_reads_what_needs_no_user_within_its_own_rate_limit() {
    let world = limited().await;
    let mona = world.user("mona").await;
    let app = world.app(&mona, "An app").await;
    let new = NewOrganization {
        login: Login::parse("acme").expect("a login"),
        name: None,
    };
    let operator = World::operator();
    let made = world.authority.create_organization(new, &operator);
    made.await.expect("the login is free");
    let paths = [
        "/",
        "/meta",
        "/versions",
        "/users/mona",
        "/users/acme",
        "/orgs/acme",
        "/users/mona/orgs",
        "/orgs/acme/public_members",
    ];
    for (path, used) in paths.into_iter().zip(1..) {
        let answer = get(&world, &app, path).await;
        answer.assert_status(200);
        assert_eq!(
            answer.header("cache-control"),
            "public, max-age=60, s-maxage=60",
            "{path}"
        );
        assert_eq!(
            answer.header("vary"),
            "Accept, Accept-Encoding, Accept, X-Requested-With",
            "{path}"
        );
        assert_eq!(answer.header("x-ratelimit-limit"), "5000", "{path}");
        assert_eq!(
            answer.header("x-ratelimit-used"),
            used.to_string(),
            "{path}"
        );
        assert!(!answer.has("x-oauth-scopes"), "{path}");
        // The tag holds for whoever asks as an app.
        let tag = answer.header("etag");
        let again = world.anonymous().request(Method::GET, path);
        let again = again.basic(&app.client_id, &app.client_secret);
        let again = again.header("if-none-match", &tag).send().await;
        again.assert_status(304);
    }
    let stands = get(&world, &app, "/rate_limit").await;
    let core = stands.assert_status(200).json()["resources"]["core"].clone();
    assert_eq!((&core["limit"], &core["used"]), (&5000.into(), &8.into()));
    assert_eq!(stands.header("cache-control"), "no-cache");
}

#[tokio::test]
async fn a_right_client_id_and_secret_are_no_failed_sign_in_anywhere() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let app = world.app(&mona, "An app").await;
    let paths = [
        "/user",
        "/authorizations",
        "/orgs/acme/members",
        "/users/nobody",
    ];
    for _ in 0..20 {
        for path in paths {
            let expected = if path == "/users/nobody" { 404 } else { 401 };
            get(&world, &app, path).await.assert_status(expected);
        }
    }
    get(&world, &app, "/users/mona").await.assert_status(200);
    mona.get("/user").await.assert_status(200);
    let failed = |action: &String| action.starts_with("sign_in.") && action != "sign_in.succeeded";
    assert!(!world.audit_actions().await.iter().any(failed));
}

#[tokio::test]
async fn a_name_that_is_no_live_client_id_is_a_login() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let app = world.app(&mona, "An app").await;
    let client_id = &app.app.summary.client_id;
    world
        .authority
        .delete_app(client_id, &World::operator())
        .await
        .expect("the app lives");
    for _ in 0..10 {
        let refused = get(&world, &app, "/users/mona").await;
        assert_eq!(refused.assert_status(401).message(), "Bad credentials");
    }
    let locked = get(&world, &app, "/users/mona").await;
    locked.assert_status(403);
}

#[tokio::test]
async fn a_secret_that_has_the_form_of_a_token_is_a_secret_still() {
    let mut options = WorldOptions::default();
    let hex = "hex40".parse().expect("a form of tokens");
    options.settings.token_formats.accepted.push(hex);
    let world = World::with(options).await;
    let mona = world.user("mona").await;
    let app = world.app(&mona, "An app").await;
    get(&world, &app, "/users/mona").await.assert_status(200);
    get(&world, &app, "/meta").await.assert_status(200);
}

#[tokio::test]
async fn nobody_is_given_a_login_that_reads_like_a_client_id() {
    let world = World::new().await;
    let admin = world.administrator("admin").await;
    let token = admin.personal_token("admin", &["site_admin"]).await.token();
    let acting = world.anonymous().with_token(&token);
    world.user("mona").await;
    for login in ["0123456789abcdef0123", "Ov23liABCDEFGHIJKLMN"] {
        let body = serde_json::json!({ "login": login });
        let made = acting.post("/admin/users", body.clone()).await;
        let error = made.assert_status(422).json()["errors"][0].clone();
        assert_eq!(
            (&error["field"], &error["code"]),
            (&"login".into(), &"invalid".into())
        );
        let renamed = acting.patch("/admin/users/mona", body).await;
        renamed.assert_status(422);
    }
}
