//! Errors of the token endpoint for an app that is not made for GitHub (RFC 6749, section 5.2).

use counterfoil_domain::app::{AppSwitch, ExpiringTokens};
use counterfoil_testkit::{Answer, World};

use super::{CALLBACK, CHALLENGE, Scene, error_in, standard_error, token_in};

impl<'w> Scene<'w> {
    /// A scene whose app wants the standard.
    async fn by_standard(world: &'w World) -> Self {
        let scene = Self::new(world).await;
        scene.turn(AppSwitch::StandardErrors, true).await;
        scene
    }

    /// The answer to these fields, with the app's id and secret.
    async fn posted(&self, more: &[(&str, &str)]) -> Answer {
        let pair = [
            ("client_id", self.app.client_id.as_str()),
            ("client_secret", self.app.client_secret.as_str()),
        ];
        let fields = [&pair[..], more].concat();
        self.exchange_of(&fields).send_unchecked().await
    }
}

#[tokio::test]
async fn each_error_of_a_code_has_the_name_and_the_status_of_the_standard() {
    let world = World::for_browsers().await;
    let scene = Scene::by_standard(&world).await;
    let challenged = format!("&code_challenge={CHALLENGE}&code_challenge_method=S256");
    for (asked, more, status, error) in [
        ("", &[("code", "x")][..], 400, "invalid_grant"),
        ("", &[], 400, "invalid_request"),
        ("", &[("code", "")], 400, "invalid_request"),
        ("", &[("code", "x"), ("code", "y")], 400, "invalid_request"),
        (
            "",
            &[("grant_type", "password")],
            400,
            "unsupported_grant_type",
        ),
        (
            "",
            &[("grant_type", "refresh_token")],
            400,
            "invalid_request",
        ),
        (
            "",
            &[("grant_type", "refresh_token"), ("refresh_token", "x")],
            400,
            "invalid_grant",
        ),
        ("", &[("client_secret", "other")], 400, "invalid_request"),
        (
            "?",
            &[("redirect_uri", "https://app.example.com/callback/x")],
            400,
            "invalid_grant",
        ),
        (&challenged, &[], 400, "invalid_grant"),
        (&challenged, &[("code_verifier", "x")], 400, "invalid_grant"),
    ] {
        let code = match asked {
            "" => None,
            "?" => Some(scene.code("&prompt=select_account").await),
            asked => Some(scene.code(&format!("{asked}&prompt=select_account")).await),
        };
        let code = code.iter().map(|code| ("code", code.as_str()));
        let fields: Vec<_> = code.chain(more.iter().copied()).collect();
        let answer = scene.posted(&fields).await;
        let told = standard_error(&answer, status);
        assert_eq!(told, error, "{asked} {more:?}");
        assert!(answer.json().get("error_uri").is_none());
    }
    // A token is given as ever, and a code that comes again is told like a wrong one.
    let code = scene.code("&prompt=select_account").await;
    let proofs = [("code", code.as_str()), ("redirect_uri", CALLBACK)];
    token_in(&scene.posted(&proofs).await);
    let again = scene.posted(&proofs).await;
    assert_eq!(standard_error(&again, 400), "invalid_grant");
}

#[tokio::test]
async fn an_app_that_does_not_prove_who_it_is_is_told_with_the_status_401() {
    let world = World::for_browsers().await;
    let scene = Scene::by_standard(&world).await;
    let (id, secret) = (
        scene.app.client_id.as_str(),
        scene.app.client_secret.as_str(),
    );
    let basic = "Basic realm=\"Counterfoil\"";
    for request in [
        scene.exchange_of(&[("client_id", id), ("client_secret", "x"), ("code", "x")]),
        scene.exchange_of(&[("client_id", id), ("code", "x")]),
        scene.exchange_of(&[("code", "x")]).basic(id, "x"),
        // Two secrets of one app, of which one is right.
        scene
            .exchange_of(&[("client_id", id), ("client_secret", "x"), ("code", "x")])
            .basic(id, secret),
        scene.exchange_of(&[
            ("client_id", id),
            ("client_secret", "x"),
            ("grant_type", "refresh_token"),
            ("refresh_token", "x"),
        ]),
    ] {
        let answer = request.send_unchecked().await;
        assert_eq!(standard_error(&answer, 401), "invalid_client");
        assert_eq!(answer.header("www-authenticate"), basic);
    }
    // Whoever is no app that is known is told as ever: 404.
    for request in [
        scene.exchange_of(&[("code", "x")]),
        scene.exchange_of(&[("client_id", "x"), ("code", "x")]),
        scene.exchange_of(&[("client_id", "ffffffffffffffffffff"), ("code", "x")]),
    ] {
        let answer = request.send_unchecked().await;
        assert_eq!(error_in(answer.assert_status(404)), "Not Found");
    }
    // And so is a request that names two apps.
    let two = scene
        .exchange_of(&[("client_id", id), ("code", "x")])
        .basic("ffffffffffffffffffff", secret);
    let answer = two.send_unchecked().await;
    assert_eq!(
        error_in(answer.assert_status(200)),
        "incorrect_client_credentials"
    );
}

#[tokio::test]
async fn the_standard_is_json_whatever_is_accepted_and_of_one_app_alone() {
    let world = World::for_browsers().await;
    let scene = Scene::by_standard(&world).await;
    let pair = |app: &counterfoil_testkit::AppActor| {
        format!(
            "client_id={}&client_secret={}&code=x",
            app.client_id, app.client_secret
        )
    };
    let body = pair(&scene.app);
    for accept in [
        None,
        Some("*/*"),
        Some("application/x-www-form-urlencoded"),
        Some("application/xml"),
    ] {
        let request = scene.post(body.as_bytes());
        let request = match accept {
            Some(accept) => request.header("accept", accept),
            None => request,
        };
        let answer = request.send_unchecked().await;
        assert_eq!(standard_error(&answer, 400), "invalid_grant", "{accept:?}");
    }
    // What cannot be read whole still says whose it is, in whatever order.
    let id = &scene.app.client_id;
    for body in [
        format!("code=a&code=b&client_id={id}"),
        format!("{{\"code\":1,\"client_id\":\"{id}\"}}"),
        format!("code=%ff&client_id={id}"),
    ] {
        let answer = scene.post(body.as_bytes()).send_unchecked().await;
        assert_eq!(standard_error(&answer, 400), "invalid_request", "{body}");
    }
    // Another app is told what apps of GitHub know.
    let other = world.app(&scene.hubot, "Other").await;
    let body = pair(&other);
    let request = scene
        .post(body.as_bytes())
        .header("accept", "application/json");
    let answer = request.send_unchecked().await;
    assert_eq!(error_in(answer.assert_status(200)), "bad_verification_code");
    assert!(answer.json()["error_uri"].is_string());
    // So is this one, from the very moment that it wants it so.
    scene.turn(AppSwitch::StandardErrors, false).await;
    let answer = scene.posted(&[("code", "x")]).await;
    assert_eq!(error_in(answer.assert_status(200)), "bad_verification_code");
}

#[tokio::test]
async fn a_refresh_token_that_does_not_count_is_an_invalid_grant() {
    let world = World::for_browsers().await;
    let scene = Scene::by_standard(&world).await;
    scene.let_expire(ExpiringTokens::Enabled).await;
    let first = scene.pair("repo").await;
    scene.refreshed(&first.refresh).await;
    let again = scene.refreshing(&first.refresh).send_unchecked().await;
    assert_eq!(standard_error(&again, 400), "invalid_grant");
    let other = world.app(&scene.hubot, "Other").await;
    let foreign = [
        ("client_id", other.client_id.as_str()),
        ("client_secret", other.client_secret.as_str()),
        ("grant_type", "refresh_token"),
        ("refresh_token", first.refresh.as_str()),
    ];
    let foreign = scene.exchange_of(&foreign).send_unchecked().await;
    assert_eq!(error_in(foreign.assert_status(200)), "bad_refresh_token");
}

#[tokio::test]
async fn too_many_wrong_secrets_are_told_with_the_time_to_wait() {
    let world = World::for_browsers().await;
    let scene = Scene::by_standard(&world).await;
    let id = scene.app.client_id.as_str();
    let wrong = |address: &str| {
        scene
            .exchange_of(&[("client_id", id), ("client_secret", "x"), ("code", "x")])
            .from_address(address)
    };
    for _ in 0..60 {
        let answer = wrong("198.51.100.1").send_unchecked().await;
        assert_eq!(standard_error(&answer, 401), "invalid_client");
    }
    let answer = wrong("198.51.100.1").send_unchecked().await;
    assert_eq!(standard_error(&answer, 429), "temporarily_unavailable");
    assert_eq!(answer.header("retry-after"), "5");
    // A bystander elsewhere, and the app itself.
    let bystander = wrong("198.51.100.2").send_unchecked().await;
    assert_eq!(standard_error(&bystander, 401), "invalid_client");
    let code = scene.code("").await;
    let right = scene.exchange(&code, &[]).from_address("198.51.100.1");
    token_in(&right.send_unchecked().await);
}
