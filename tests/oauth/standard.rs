//! What clients expect that are not made for GitHub: introspection, revocation, metadata.

use counterfoil_testkit::{Answer, RequestBuilder, World};
use http::Method;
use serde_json::Value;

use super::{Scene, encoded};

pub(super) const INTROSPECT: &str = "/login/oauth/introspect";
pub(super) const REVOKE: &str = "/login/oauth/revoke";
const METADATA: &str = "/.well-known/oauth-authorization-server";
pub(super) const INACTIVE: &str = "{\"active\":false}";

impl<'w> Scene<'w> {
    /// The request that sends these fields to a path as the app, by Basic.
    pub(super) fn asks_about(&self, path: &str, token: &str) -> RequestBuilder<'w> {
        let body = format!("token={}", encoded(token));
        let request = self.post(body.as_bytes()).to(path);
        request.basic(&self.app.client_id, &self.app.client_secret)
    }

    pub(super) async fn introspected(&self, token: &str) -> Answer {
        let answer = self.asks_about(INTROSPECT, token).send_unchecked().await;
        answer.assert_status(200);
        assert_eq!(answer.header("cache-control"), "no-store");
        answer
    }
}

#[tokio::test]
async fn an_app_is_told_of_its_own_live_tokens_and_of_nothing_else() {
    let world = World::for_browsers().await;
    let scene = Scene::new(&world).await;
    let token = scene
        .mona
        .app_token(&scene.app, &["repo", "gist"])
        .await
        .token();
    let told = scene.introspected(&token).await.json();
    for (member, value) in [
        ("active", Value::Bool(true)),
        ("scope", "repo gist".into()),
        ("client_id", scene.app.client_id.as_str().into()),
        ("username", "mona".into()),
        ("token_type", "bearer".into()),
        ("sub", scene.mona.account.id.to_string().into()),
        ("iss", "https://counterfoil.test/login/oauth".into()),
    ] {
        assert_eq!(told[member], value, "{told}");
    }
    let other = world.app(&scene.hubot, "Other").await;
    let of_other = scene.mona.app_token(&other, &["repo"]).await.token();
    let personal = scene.mona.personal_token("laptop", &["repo"]).await.token();
    let ended = scene.mona.app_token(&scene.app, &["user"]).await.token();
    scene.app.revoke(&world, &ended).await.assert_status(204);
    for nothing in [
        of_other.as_str(),
        &personal,
        &ended,
        "x",
        "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",
    ] {
        assert_eq!(scene.introspected(nothing).await.text(), INACTIVE);
    }
    let suspended = world
        .authority
        .suspend_account(&scene.mona.account.login, &World::operator())
        .await;
    suspended.expect("the user is there");
    assert_eq!(scene.introspected(&token).await.text(), INACTIVE);
}

#[tokio::test]
async fn a_token_that_its_app_gives_back_has_ended_and_another_one_s_has_not() {
    let world = World::for_browsers().await;
    let scene = Scene::new(&world).await;
    let token = scene.mona.app_token(&scene.app, &["repo"]).await.token();
    let other = world.app(&scene.hubot, "Other").await;
    let of_other = scene.mona.app_token(&other, &["repo"]).await.token();
    for given in [of_other.as_str(), "x", &token, &token] {
        let answer = scene.asks_about(REVOKE, given).send_unchecked().await;
        assert_eq!(answer.assert_status(200).text(), "");
    }
    assert!(!scene.accepts(&token).await && scene.accepts(&of_other).await);
}

#[tokio::test]
async fn neither_answers_without_the_app_s_secret_nor_reads_a_query() {
    let world = World::for_browsers().await;
    let scene = Scene::new(&world).await;
    let token = scene.mona.app_token(&scene.app, &["repo"]).await.token();
    let (id, secret) = (
        scene.app.client_id.as_str(),
        scene.app.client_secret.as_str(),
    );
    for path in [INTROSPECT, REVOKE] {
        let body = format!("token={token}&client_id={id}&client_secret=wrong");
        for request in [
            scene.post(body.as_bytes()).to(path),
            scene
                .post(format!("token={token}&client_id={id}").as_bytes())
                .to(path),
            scene.post(format!("token={token}").as_bytes()).to(path),
            scene
                .post(format!("token={token}").as_bytes())
                .to(path)
                .basic("mona", &scene.mona.password),
        ] {
            let refused = request.send_unchecked().await;
            refused.assert_status(401);
            assert_eq!(refused.json()["error"], "invalid_client");
            assert_eq!(
                refused.header("www-authenticate"),
                "Basic realm=\"Counterfoil\""
            );
        }
        let in_query = scene
            .post(b"")
            .to(format!("{path}?token={token}"))
            .basic(id, secret);
        let refused = in_query.send_unchecked().await;
        assert_eq!(
            refused.assert_status(400).json()["error"],
            "invalid_request"
        );
        world
            .anonymous()
            .request_anywhere(Method::GET, path)
            .send_unchecked()
            .await
            .assert_status(404);
    }
    assert!(scene.accepts(&token).await);
}

async fn metadata(world: &World, path: &str) -> Value {
    let request = world.anonymous().request_anywhere(Method::GET, path);
    request.send_unchecked().await.assert_status(200).json()
}

#[tokio::test]
async fn what_the_server_says_of_itself_is_so() {
    let world = World::for_browsers().await;
    let scene = Scene::new(&world).await;
    let told = metadata(&world, METADATA).await;
    let of_issuer = format!("{METADATA}/login/oauth");
    assert_eq!(metadata(&world, &of_issuer).await, told);
    assert_eq!(told["issuer"], "https://counterfoil.test/login/oauth");
    let path = |name: &str| {
        let address = told[name].as_str().expect("an address");
        let path = address
            .strip_prefix("https://counterfoil.test")
            .expect("of ours");
        path.to_owned()
    };
    let authorize = format!(
        "{}?client_id={}",
        path("authorization_endpoint"),
        scene.app.client_id
    );
    scene.visitor.get(&authorize).await.assert_status(200);
    let (id, secret) = (
        scene.app.client_id.as_str(),
        scene.app.client_secret.as_str(),
    );
    for (endpoint, methods, body, status) in [
        (
            "token_endpoint",
            "token_endpoint_auth_methods_supported",
            "grant_type=authorization_code",
            200,
        ),
        (
            "introspection_endpoint",
            "introspection_endpoint_auth_methods_supported",
            "token=x",
            200,
        ),
        (
            "revocation_endpoint",
            "revocation_endpoint_auth_methods_supported",
            "token=x",
            200,
        ),
    ] {
        for method in told[methods].as_array().expect("a list") {
            let request = match method.as_str().expect("a word") {
                "client_secret_basic" => scene.post(body.as_bytes()).basic(id, secret),
                "client_secret_post" => {
                    let body = format!("{body}&client_id={id}&client_secret={secret}");
                    scene.post(body.as_bytes())
                }
                other => panic!("{other}"),
            };
            let answer = request
                .to(path(endpoint))
                .header("accept", "application/json");
            let text = answer.send_unchecked().await.assert_status(status).text();
            assert!(!text.contains("client"), "{endpoint}: {text}");
        }
    }
}

#[tokio::test]
async fn the_lists_in_what_the_server_says_of_itself_are_whole() {
    let world = World::for_browsers().await;
    let scene = Scene::new(&world).await;
    let told = metadata(&world, METADATA).await;
    for (member, only) in [
        ("response_types_supported", "code"),
        ("response_modes_supported", "query"),
        ("code_challenge_methods_supported", "S256"),
    ] {
        assert_eq!(told[member], serde_json::json!([only]), "{told}");
    }
    let types = told["grant_types_supported"].as_array().expect("a list");
    let device = "urn:ietf:params:oauth:grant-type:device_code";
    assert_eq!(types, &["authorization_code", device, "refresh_token"]);
    for grant_type in types.iter().filter_map(Value::as_str) {
        let fields = [
            ("client_id", scene.app.client_id.as_str()),
            ("client_secret", &scene.app.client_secret),
            ("grant_type", grant_type),
        ];
        let answer = scene.exchange_of(&fields).send_unchecked().await;
        let error = super::error_in(&answer);
        let expected = match grant_type {
            "authorization_code" => "bad_verification_code",
            "refresh_token" => "bad_refresh_token",
            _ => "incorrect_device_code",
        };
        assert_eq!(error, expected, "{grant_type}");
    }
    for scope in told["scopes_supported"].as_array().expect("a list") {
        let scope = scope.as_str().expect("a name");
        let page = scene.asks(&format!("&scope={scope}")).await;
        assert!(
            page.assert_status(200)
                .text()
                .contains(&format!(">{scope}</code>")),
            "{scope}"
        );
    }
}
