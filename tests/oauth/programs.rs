//! Programs on somebody's computer, byte for byte as their sources send: Git Credential Manager,
//! which cannot be run here, and the redirect that `gh` falls back to where it gets no device code.

use counterfoil_testkit::{Answer, World};
use http::Method;

use super::{ACCESS_TOKEN, AUTHORIZE, CHALLENGE, Scene, VERIFIER, error_in, parameter, token_in};

/// What each waits for on a free port.
const GCM_CALLBACKS: &[&str] = &["http://127.0.0.1/", "http://localhost/"];
const GH_CALLBACKS: &[&str] = &["http://127.0.0.1/callback", "http://localhost/"];

impl Scene<'_> {
    /// A form for the token endpoint with these headers.
    async fn posts(&self, body: &str, headers: &[(&str, &str)]) -> Answer {
        let anonymous = self.world.anonymous();
        let mut request = anonymous.request_anywhere(Method::POST, ACCESS_TOKEN);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        request.bytes(body.as_bytes()).send_unchecked().await
    }
}

#[tokio::test]
async fn git_credential_manager_exchanges_with_basic_and_body_and_pkce() {
    let world = World::for_browsers().await;
    let scene = Scene::new(&world).await;
    scene.change_callbacks(GCM_CALLBACKS).await;
    let (id, secret) = (&scene.app.client_id, &scene.app.client_secret);
    let basic = counterfoil_testkit::process::basic(id.as_str(), secret);
    let headers = [
        ("accept", "application/json"),
        ("authorization", basic.as_str()),
        ("content-type", "application/x-www-form-urlencoded"),
        (
            "user-agent",
            "Git-Credential-Manager/2.6.1 (Linux; X64) CLR/8.0.11",
        ),
    ];
    // Its secret is in Basic alone, or in the body as well.
    for (port, in_body) in [
        (49_152, String::new()),
        (65_535, format!("&client_secret={secret}")),
    ] {
        let state = "2f5e1d0f6c7a4b3c8d9e0f1a2b3c4d5e";
        let address = format!(
            "{AUTHORIZE}?response_type=code&client_id={id}&state={state}&code_challenge_method=S256&code_challenge={CHALLENGE}\
             &redirect_uri=http%3A%2F%2Flocalhost%3A{port}%2F&scope=repo%20gist%20workflow"
        );
        let back = scene.led_back(&address).await;
        assert!(
            back.starts_with(&format!("http://localhost:{port}/?code=")),
            "{back}"
        );
        assert_eq!(parameter(&back, "state").as_deref(), Some(state));
        let code = parameter(&back, "code").expect("a code");
        let body = format!(
            "grant_type=authorization_code&code={code}&code_verifier={VERIFIER}&client_id={id}\
             &redirect_uri=http%3A%2F%2Flocalhost%3A{port}%2F{in_body}"
        );
        let answer = scene.posts(&body, &headers).await;
        let token = token_in(&answer);
        assert_eq!(answer.json()["scope"], "repo,gist,workflow");
        assert!(scene.accepts(&token).await);
    }
}

#[tokio::test]
async fn git_credential_manager_is_refused_where_its_two_secrets_differ() {
    let world = World::for_browsers().await;
    let scene = Scene::new(&world).await;
    scene.change_callbacks(GCM_CALLBACKS).await;
    let (id, secret) = (&scene.app.client_id, &scene.app.client_secret);
    let address = format!(
        "{AUTHORIZE}?client_id={id}&redirect_uri=http%3A%2F%2Flocalhost%3A50000%2F&code_challenge_method=S256&code_challenge={CHALLENGE}"
    );
    let back = scene.led_back(&address).await;
    let code = parameter(&back, "code").expect("a code");
    let body = format!("client_id={id}&code={code}&code_verifier={VERIFIER}&client_secret=");
    let basic = counterfoil_testkit::process::basic(id.as_str(), secret);
    let headers = [
        ("accept", "application/json"),
        ("authorization", basic.as_str()),
    ];
    let other = format!("{body}{}", "0".repeat(40));
    let refused = scene.posts(&other, &headers).await;
    assert_eq!(error_in(&refused), "incorrect_client_credentials");
    // Nobody who has only one of them can end the code.
    token_in(&scene.posts(&format!("{body}{secret}"), &headers).await);
}

#[tokio::test]
async fn gh_falls_back_to_a_redirect_and_sends_no_redirect_uri_with_the_code() {
    let world = World::for_browsers().await;
    let scene = Scene::new(&world).await;
    scene.change_callbacks(GH_CALLBACKS).await;
    let (id, secret) = (&scene.app.client_id, &scene.app.client_secret);
    let headers = [
        ("accept", ""),
        ("content-type", "application/x-www-form-urlencoded"),
        ("user-agent", "GitHub CLI 2.23.0"),
    ];
    let state = "0a1b2c3d4e5f60718293";
    // At github.com the first, at any other host the second.
    for redirect in [
        "http%3A%2F%2F127.0.0.1%3A38241%2Fcallback",
        "http%3A%2F%2Flocalhost%3A38241%2F",
    ] {
        let address = format!(
            "{AUTHORIZE}?client_id={id}&redirect_uri={redirect}&scope=repo+read%3Aorg+gist&state={state}"
        );
        let back = scene.led_back(&address).await;
        let begins = redirect.replace("%3A", ":").replace("%2F", "/");
        assert!(back.starts_with(&format!("{begins}?code=")), "{back}");
        let code = parameter(&back, "code").expect("a code");
        let body = format!("client_id={id}&client_secret={secret}&code={code}&state={state}");
        let answer = scene.posts(&body, &headers).await;
        let text = answer.assert_status(200).text();
        let (head, rest) = text.split_once('&').expect("a form");
        let token = head.strip_prefix("access_token=").expect("a token");
        assert_eq!(rest, "scope=repo%2Cread%3Aorg%2Cgist&token_type=bearer");
        assert!(scene.accepts(token).await);
    }
}
