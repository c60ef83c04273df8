//! `@octokit/oauth-app` 8 as the web application that it is with its own middleware, and
//! `@octokit/oauth-methods` 6 where somebody else serves the pages.

use counterfoil_testkit::process::Reply;
use serde_json::{Value, json};

use super::browsing::{Asked, Browsing, parameter};
use super::installation::text;
use super::web_flow::{APP, Client, MEMBER, WebFlow};

const MIDDLEWARE: &str = "/api/github/oauth";
const OAUTH_METHODS: &str = "oauth-methods";

/// The app, and somebody who comes to it.
struct Middleware<'s> {
    scene: &'s WebFlow,
    client: Client,
    browser: Browsing<'s>,
}

impl<'s> Middleware<'s> {
    fn serve(scene: &'s WebFlow) -> Self {
        let scopes = json!({ "scopes": ["repo", "read:org"] });
        let mut client = scene.node("octokit_oauth_app.js", &scopes);
        client.expect(&json!({ "method": "listen" }), 200);
        Self {
            scene,
            client,
            browser: scene.member(),
        }
    }

    /// Signs in, and gives the token that the page shows.
    #[track_caller]
    fn token(&self, asked: &[Asked]) -> String {
        let arrival = self.browser.opens(&at("/login"));
        assert_eq!(arrival.asked, asked);
        let page = arrival.reply.assert_status(200).text();
        let (_, rest) = page.split_once("<strong>").expect("it shows a token");
        let token = rest.split('<').next().unwrap_or_default().to_owned();
        self.scene.hold(&token);
        token
    }

    /// What the middleware does for somebody who has a token.
    fn asks(&self, method: &str, path: &str, token: &str) -> Reply {
        let header = format!("Authorization: token {token}");
        self.browser.ask(method, &at(path), &header)
    }
}

fn at(path: &str) -> String {
    format!("{APP}{MIDDLEWARE}{path}")
}

#[test]
fn oauth_app_signs_people_in_and_looks_after_its_tokens() {
    let scene = WebFlow::new("/api/github/oauth/callback");
    let mut app = Middleware::serve(&scene);
    let first = app.token(&[Asked::Who, Asked::Whether]);
    // Who is signed in and let the app in is asked nothing.
    let second = app.token(&[]);
    assert_ne!(first, second);
    let created = app.client.expect(&json!({ "method": "created" }), 200).data;
    for (place, token) in [&first, &second].into_iter().enumerate() {
        assert_eq!(created[place]["token"], token.as_str());
        assert_eq!(created[place]["login"], MEMBER);
    }

    let checked = app.asks("GET", "/token", &first);
    let checked = checked.assert_status(200).json();
    assert_eq!(
        checked["authentication"]["scopes"],
        json!(["repo", "read:org"])
    );
    assert_eq!(checked["data"]["user"]["login"], MEMBER);
    let reset = app.asks("PATCH", "/token", &first);
    let third = text(&reset.assert_status(200).json()["authentication"]["token"]);
    scene.hold(&third);
    app.asks("GET", "/token", &first).assert_status(400);
    app.asks("DELETE", "/token", &third).assert_status(204);
    app.asks("GET", "/token", &third).assert_status(400);
    app.asks("GET", "/token", &second).assert_status(200);

    // With the grant the consent is gone too.
    app.asks("DELETE", "/grant", &second).assert_status(204);
    app.asks("GET", "/token", &second).assert_status(400);
    app.token(&[Asked::Whether]);
}

#[test]
fn oauth_app_hears_that_somebody_does_not_let_it_in() {
    let scene = WebFlow::new("/api/github/oauth/callback");
    let app = Middleware::serve(&scene);
    let arrival = scene.stranger().cancelling().opens(&at("/login"));
    let told = text(&arrival.reply.assert_status(400).json()["error"]);
    assert!(told.contains("access_denied"), "{told}");
    drop(app);
}

#[test]
fn oauth_methods_exchange_what_a_browser_brought_back() {
    let scene = WebFlow::new("/callback");
    let mut client = scene.node("octokit_apps.js", &json!({}));
    let mut call = |method: &str, parameters: &Value, status| {
        let call = json!({ "library": OAUTH_METHODS, "method": method, "parameters": parameters });
        client.expect(&call, status)
    };
    let wanted = json!({ "scopes": ["repo", "gist"], "state": "a state / of ours" });
    let url = text(&call("getWebFlowAuthorizationUrl", &wanted, 200).data["url"]);
    let arrival = scene.member().is_led(&url, &scene.callback);
    assert_eq!(arrival.asked, [Asked::Who, Asked::Whether]);
    let state = parameter(&arrival.url, "state");
    assert_eq!(state, Some("a%20state%20%2F%20of%20ours"));
    let code = parameter(&arrival.url, "code").expect("a code");

    let with = |code: &str| json!({ "code": code, "redirectUrl": scene.callback });
    let refused = call("exchangeWebFlowCode", &with("another"), 400);
    assert!(refused.message.contains("bad_verification_code"));
    let exchanged = call("exchangeWebFlowCode", &with(code), 200);
    assert_eq!(exchanged.data["token_type"], "bearer");
    assert_eq!(exchanged.data["scope"], "repo,gist");
    let token = text(&exchanged.data["access_token"]);
    scene.hold(&token);
    call("exchangeWebFlowCode", &with(code), 400);

    let of = |token: &str| json!({ "token": token });
    let checked = call("checkToken", &of(&token), 200);
    assert_eq!(checked.data["user"]["login"], MEMBER);
    call("deleteAuthorization", &of(&token), 204);
    call("checkToken", &of(&token), 404);
}
