//! The exchange: encodings, how an app proves who it is, and what else it proves.

use counterfoil_testkit::World;
use http::Method;
use serde_json::json;

use super::{ACCESS_TOKEN, CALLBACK, CHALLENGE, Scene, VERIFIER, encoded, error_in, token_in};

#[tokio::test]
async fn an_answer_has_the_encoding_that_the_client_takes() {
    let world = World::for_browsers().await;
    let scene = Scene::new(&world).await;
    for (accept, content_type, begins, ends) in [
        (
            None,
            "application/x-www-form-urlencoded; charset=utf-8",
            "access_token=gho_",
            "&scope=repo%2Cgist&token_type=bearer",
        ),
        (
            Some(""),
            "application/x-www-form-urlencoded; charset=utf-8",
            "access_token=gho_",
            "&scope=repo%2Cgist&token_type=bearer",
        ),
        (
            Some("*/*"),
            "application/x-www-form-urlencoded; charset=utf-8",
            "access_token=gho_",
            "&scope=repo%2Cgist&token_type=bearer",
        ),
        (
            Some("application/json"),
            "application/json; charset=utf-8",
            "{\"access_token\":\"gho_",
            "\",\"token_type\":\"bearer\",\"scope\":\"repo,gist\"}",
        ),
        (
            Some("application/xml"),
            "application/xml; charset=utf-8",
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<OAuth>\n  <token_type>bearer</token_type>\n  <scope>repo,gist</scope>\n  <access_token>gho_",
            "</access_token>\n</OAuth>\n",
        ),
    ] {
        let code = scene.code("&scope=repo,gist&prompt=select_account").await;
        let body = format!(
            "client_id={}&client_secret={}&code={code}",
            scene.app.client_id, scene.app.client_secret
        );
        let request = scene.post(body.as_bytes());
        let request = match accept {
            Some(accept) => request.header("accept", accept),
            None => request,
        };
        let answer = request.send_unchecked().await;
        let text = answer.assert_status(200).text();
        assert_eq!(answer.header("content-type"), content_type);
        assert!(
            text.starts_with(begins) && text.ends_with(ends),
            "{accept:?}"
        );
        assert_eq!(answer.header("cache-control"), "no-store");
        assert_eq!(answer.header("pragma"), "no-cache");
        for absent in ["etag", "access-control-allow-origin", "set-cookie"] {
            assert!(!answer.has(absent), "{absent}");
        }
    }
    let refused = scene
        .exchange("x", &[])
        .header("accept", "application/vnd.github.v3+json");
    refused.send_unchecked().await.assert_status(406);
}

#[tokio::test]
async fn a_body_is_read_as_what_it_is_and_the_query_too() {
    let world = World::for_browsers().await;
    let scene = Scene::new(&world).await;
    let (id, secret) = (
        scene.app.client_id.as_str(),
        scene.app.client_secret.as_str(),
    );
    let code = scene.code("&prompt=select_account").await;
    let body = json!({"client_id": id, "client_secret": secret, "code": code, "n": 1});
    let lying = scene
        .post(body.to_string().as_bytes())
        .header("content-type", "application/x-www-form-urlencoded")
        .header("accept", "application/json");
    token_in(&lying.send_unchecked().await);
    let code = scene.code("&prompt=select_account").await;
    let target = format!("{ACCESS_TOKEN}?client_id={id}&client_secret={secret}&code={code}");
    let in_query = scene
        .post(b"")
        .to(target)
        .header("accept", "application/json");
    token_in(&in_query.send_unchecked().await);
    let metrics = world.anonymous().get_ops("/metrics").await.text();
    assert!(
        metrics.contains("counterfoil_client_secrets_in_queries_total 1"),
        "{metrics}"
    );
    for (body, error) in [
        (
            format!("client_id={id}&client_secret={secret}&code=a&code=b"),
            "invalid_request",
        ),
        (
            format!("client_id={id}&client_secret={secret}&code=%ff"),
            "invalid_request",
        ),
        (
            format!("client_id={id}&client_secret={secret}&code=a&grant_type=password"),
            "unsupported_grant_type",
        ),
        (
            format!("client_id={id}&client_secret={secret}&grant_type=authorization_code"),
            "bad_verification_code",
        ),
        ("{\"code\":".to_owned(), "invalid_request"),
    ] {
        let answer = scene
            .post(body.as_bytes())
            .header("accept", "application/json");
        let answer = answer.send_unchecked().await;
        answer.assert_status(200);
        assert_eq!(error_in(&answer), error, "{body}");
    }
}

#[tokio::test]
async fn an_app_proves_who_it_is_in_the_body_or_by_basic_or_by_both_alike() {
    let world = World::for_browsers().await;
    let scene = Scene::new(&world).await;
    let (id, secret) = (scene.app.client_id.clone(), scene.app.client_secret.clone());
    let code = scene.code("").await;
    let lisa = world.user("lisa").await;
    let other = world.app(&lisa, "Other").await;
    // Nothing that is wrong about the app spends the code.
    let in_body = |id: &str, secret: &str| {
        scene.exchange_of(&[
            ("client_id", id),
            ("client_secret", secret),
            ("code", &code),
        ])
    };
    let without = || scene.exchange_of(&[("code", &code)]);
    let wrong = "0".repeat(40);
    let denied = "incorrect_client_credentials";
    for (request, status, error) in [
        (in_body(&id, &wrong), 200, denied),
        (in_body(&id, ""), 200, denied),
        (in_body(&id, &secret).basic(&id, &wrong), 200, denied),
        (
            in_body(&id, &secret).basic(&other.client_id, &secret),
            200,
            denied,
        ),
        (without().basic(&id, &wrong), 200, denied),
        (
            in_body(&other.client_id, &other.client_secret),
            200,
            "bad_verification_code",
        ),
        (in_body("00000000000000000001", &secret), 404, "Not Found"),
        (in_body("", &secret), 404, "Not Found"),
        (in_body("mona", &secret), 404, "Not Found"),
        (without(), 404, "Not Found"),
    ] {
        let answer = request.send_unchecked().await;
        answer.assert_status(status);
        assert_eq!(error_in(&answer), error);
    }
    token_in(
        &in_body(&id, &secret)
            .basic(&id, &secret)
            .send_unchecked()
            .await,
    );
    let code = scene.code("&prompt=select_account").await;
    let basic = scene.exchange_of(&[("code", &code)]).basic(&id, &secret);
    token_in(&basic.send_unchecked().await);
    let code = scene.code("&prompt=select_account").await;
    let mixed = scene
        .exchange_of(&[("client_id", &id), ("code", &code)])
        .basic(&id, &secret);
    token_in(&mixed.send_unchecked().await);
}

#[tokio::test]
async fn tokens_are_given_for_no_other_method_than_post() {
    let world = World::for_browsers().await;
    for method in [
        Method::GET,
        Method::HEAD,
        Method::OPTIONS,
        Method::PUT,
        Method::DELETE,
    ] {
        let answer = world
            .anonymous()
            .request_anywhere(method, ACCESS_TOKEN)
            .send_unchecked()
            .await;
        answer.assert_status(404);
        assert!(!answer.has("access-control-allow-origin"));
    }
}

#[tokio::test]
async fn wrong_secrets_are_bounded_by_address_and_close_nobody_out() {
    let world = World::for_browsers().await;
    let scene = Scene::new(&world).await;
    let code = scene.code("").await;
    let id = scene.app.client_id.as_str();
    let wrong = || scene.exchange_of(&[("client_id", id), ("client_secret", "x"), ("code", &code)]);
    for _ in 0..60 {
        let answer = wrong().from_address("198.51.100.1").send_unchecked().await;
        assert_eq!(
            error_in(answer.assert_status(200)),
            "incorrect_client_credentials"
        );
    }
    let answer = wrong().from_address("198.51.100.1").send_unchecked().await;
    answer.assert_status(429);
    assert_eq!(answer.header("retry-after"), "5");
    // A bystander at the same address, and the app itself.
    let bystander = wrong().from_address("198.51.100.2").send_unchecked().await;
    bystander.assert_status(200);
    let right = scene.exchange(&code, &[]).from_address("198.51.100.1");
    token_in(&right.send_unchecked().await);
}

#[tokio::test]
async fn a_redirect_uri_may_be_left_out_and_must_be_the_one_that_was_used() {
    let world = World::for_browsers().await;
    let scene = Scene::new(&world).await;
    let asked = format!(
        "&redirect_uri={}&prompt=select_account",
        encoded("https://app.example.com/callback/x")
    );
    for (named, error) in [
        (None, None),
        (Some("https://app.example.com/callback/x"), None),
        (Some("https://APP.example.com/callback/x"), None),
        (
            Some("https://app.example.com/callback"),
            Some("redirect_uri_mismatch"),
        ),
        (
            Some("https://app.example.com/callback/x/../x"),
            Some("redirect_uri_mismatch"),
        ),
        (Some("https://evil.example/"), Some("redirect_uri_mismatch")),
    ] {
        let code = scene.code(&asked).await;
        let more: Vec<_> = named
            .map(|named| ("redirect_uri", named))
            .into_iter()
            .collect();
        let answer = scene.exchange(&code, &more).send_unchecked().await;
        match error {
            None => {
                token_in(&answer);
            }
            Some(error) => {
                assert_eq!(error_in(&answer), error);
                // The code has ended.
                assert_eq!(scene.error(&code, &[]).await, "bad_verification_code");
            }
        }
    }
    // Where the request named none, it is the first callback.
    let code = scene.code("&prompt=select_account").await;
    scene.token(&code, &[("redirect_uri", CALLBACK)]).await;
}

#[tokio::test]
async fn a_verifier_proves_who_asked() {
    let world = World::for_browsers().await;
    let scene = Scene::new(&world).await;
    let with =
        format!("&code_challenge={CHALLENGE}&code_challenge_method=S256&prompt=select_account");
    let without = "&prompt=select_account".to_owned();
    let long = "a".repeat(129);
    for (asked, verifier, is_right) in [
        (&with, Some(VERIFIER), true),
        (&with, None, false),
        (&with, Some(CHALLENGE), false),
        (&with, Some(&VERIFIER[1..]), false),
        (&with, Some(&*long), false),
        (&without, Some(VERIFIER), false),
        (&without, None, true),
    ] {
        let code = scene.code(asked).await;
        let more: Vec<_> = verifier
            .map(|text| ("code_verifier", text))
            .into_iter()
            .collect();
        let answer = scene.exchange(&code, &more).send_unchecked().await;
        if is_right {
            token_in(&answer);
            continue;
        }
        assert_eq!(error_in(&answer), "bad_verification_code");
        // The code has ended, for who knows the verifier too.
        let right: &[(&str, &str)] = if *asked == with {
            &[("code_verifier", VERIFIER)]
        } else {
            &[]
        };
        assert_eq!(scene.error(&code, right).await, "bad_verification_code");
    }
    let events = world.audit_actions().await;
    let refused = events.iter().filter(|action| *action == "code.refused");
    assert_eq!(refused.count(), 5);
}

#[tokio::test]
async fn an_eleventh_token_ends_the_eldest_whichever_way_it_was_made() {
    let world = World::for_browsers().await;
    let scene = Scene::new(&world).await;
    let eldest = scene.mona.app_token(&scene.app, &["repo"]).await.token();
    let code = scene.code("&scope=repo").await;
    let second = scene.token(&code, &[]).await;
    for _ in 0..8 {
        scene.mona.app_token(&scene.app, &["repo"]).await;
    }
    assert_eq!(scene.live().await, 10);
    let code = scene.code("&scope=repo&prompt=select_account").await;
    scene.token(&code, &[]).await;
    assert_eq!(scene.live().await, 10);
    assert!(!scene.accepts(&eldest).await && scene.accepts(&second).await);
    // A code that nobody redeems ends nothing.
    scene.code("&scope=repo&prompt=select_account").await;
    assert!(scene.accepts(&second).await);
}
