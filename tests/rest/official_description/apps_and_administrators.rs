//! Departures in what apps and administrators are answered.

use counterfoil_domain::rate_limit::RateLimits;
use counterfoil_testkit::{
    AppActor, Found, GivenToken, RequestBuilder, TokenActor, UserActor, World, WorldOptions,
};
use http::Method;
use serde_json::{Value, json};

use super::departures;

/// The operations of apps: those of one path differ in their method.
const OF_APPS: [(Method, &str); 5] = [
    (Method::POST, "/token"),
    (Method::PATCH, "/token"),
    (Method::DELETE, "/token"),
    (Method::DELETE, "/grant"),
    (Method::POST, "/token/scoped"),
];

/// The operations of administrators.
const OF_ADMINISTRATORS: [(Method, &str); 11] = [
    (Method::GET, "/admin/tokens"),
    (Method::DELETE, "/admin/tokens/999"),
    (Method::POST, "/admin/users/mona/authorizations"),
    (Method::DELETE, "/admin/users/mona/authorizations"),
    (Method::POST, "/admin/users"),
    (Method::PATCH, "/admin/users/mona"),
    (Method::DELETE, "/admin/users/nobody"),
    (Method::PUT, "/users/mona/site_admin"),
    (Method::DELETE, "/users/mona/site_admin"),
    (Method::PUT, "/users/mona/suspended"),
    (Method::DELETE, "/users/mona/suspended"),
];

/// A body in which every member has the wrong type.
fn wrong_types() -> Value {
    json!({ "access_token": 1, "login": 1, "scopes": 1, "reason": 1 })
}

/// What the answers to apps and to administrators depart by, whatever is asked of them wrongly.
pub(super) async fn all(world: &World, mona: &UserActor<'_>, app: &AppActor) -> Vec<Found> {
    let mut found = of_strange_note_urls(world, mona, app).await;
    found.extend(of_apps(world, app).await);
    found.extend(of_administrators(world).await);
    found
}

/// What an app is answered that asked as often as it may.
pub(super) async fn of_exhausted_apps() -> Vec<Found> {
    let limits = RateLimits {
        authenticated: 1,
        ..RateLimits::default()
    };
    let world = World::with(WorldOptions {
        rate_limits: Some(limits),
        ..WorldOptions::default()
    })
    .await;
    let mona = world.user("mona").await;
    let app = world.app(&mona, "Deployer").await;
    let body = json!({ "access_token": "x" });
    let check = || app.request(&world, Method::POST, "/token").json(&body);
    departures([check(), check()]).await
}

/// What an app is answered that changed as much as it may.
pub(super) async fn of_apps_that_changed_enough() -> Vec<Found> {
    let world = World::with(WorldOptions {
        writes_per_hour: 1,
        ..WorldOptions::default()
    })
    .await;
    let mona = world.user("mona").await;
    let app = world.app(&mona, "Deployer").await;
    let token = mona.app_token(&app, &[]).await.token();
    let body = json!({ "access_token": token });
    let all = [Method::PATCH, Method::PATCH, Method::DELETE]
        .map(|method| app.request(&world, method, "/token").json(&body));
    let grant = app.request(&world, Method::DELETE, "/grant").json(&body);
    departures(all.into_iter().chain([grant])).await
}

async fn of_apps(world: &World, app: &AppActor) -> Vec<Found> {
    let mut requests = Vec::new();
    for (method, path) in OF_APPS {
        let request = || app.request(world, method.clone(), path);
        let unknown = json!({ "access_token": "x", "target": "mona" });
        requests.extend(wrong_in_form(request));
        requests.push(request().basic(&app.client_id, "wrong").json(&unknown));
        requests.push(request().json(&unknown));
    }
    departures(requests).await
}

async fn of_administrators(world: &World) -> Vec<Found> {
    let admin = world.administrator("admin").await;
    let hubot = world.user("hubot").await;
    let acting = with_site_admin(world, &admin).await;
    let ordinary = with_site_admin(world, &hubot).await;
    let mut found = Vec::new();
    for (method, path) in OF_ADMINISTRATORS {
        let request = || acting.request(method.clone(), path);
        let mut requests = wrong_in_form(request);
        requests.push(request().header("if-none-match", "*"));
        requests.push(request().header("authorization", "token x"));
        requests.push(ordinary.request(method.clone(), path));
        found.extend(departures(requests).await);
    }
    let login = &admin.account.login;
    let operator = World::operator();
    let suspended = world.authority.suspend_account(login, &operator).await;
    suspended.expect("the administrator is there");
    let requests = OF_ADMINISTRATORS.map(|(method, path)| acting.request(method, path));
    found.extend(departures(requests).await);
    found
}

async fn with_site_admin<'w>(world: &'w World, user: &UserActor<'w>) -> TokenActor<'w> {
    let given = GivenToken {
        scopes: &["site_admin"],
        ..GivenToken::default()
    };
    let issued = world.issue_token(user, given).await;
    world.anonymous().with_token(issued.token.expose())
}

/// The same request, wrong in one way each.
fn wrong_in_form<'w>(request: impl Fn() -> RequestBuilder<'w>) -> Vec<RequestBuilder<'w>> {
    vec![
        request().header("x-github-api-version", "v3"),
        request().header("accept", "text/html"),
        request().json(&wrong_types()),
        request().bytes(&[b' '; 2_000]),
    ]
}

async fn of_strange_note_urls(world: &World, mona: &UserActor<'_>, app: &AppActor) -> Vec<Found> {
    let body = json!({ "note": "seen by others", "note_url": "not a URL" });
    mona.post("/authorizations", body.clone())
        .await
        .assert_status(201);
    let made = mona.post("/authorizations", app.with_pair(body)).await;
    let of_app = json!({ "access_token": made.token() });
    let admin = world.administrator("lister").await;
    let acting = with_site_admin(world, &admin).await;
    departures([
        app.request(world, Method::POST, "/token").json(&of_app),
        app.request(world, Method::PATCH, "/token").json(&of_app),
        acting.request(Method::GET, "/admin/tokens"),
    ])
    .await
}
