//! Answers that nobody gave: by another way than the form, from another site, in a session that is
//! over, to another question.

use counterfoil_testkit::{Answer, World};
use http::Method;
use http::header::{CONTENT_SECURITY_POLICY, LOCATION, REFERRER_POLICY, X_FRAME_OPTIONS};

use super::{AUTHORIZE, CALLBACK, Scene, encoded, location, parameter};

/// How many codes there are.
fn codes(world: &World) -> String {
    let count = "SELECT count(*) FROM authorization_codes";
    world.database().look_up(count).expect("a count")
}

/// The fields that a page's form sends when somebody allows it.
fn allowing(page: &Answer) -> Vec<(String, String)> {
    let mut fields = page.form(AUTHORIZE).hidden;
    fields.push(("answer".to_owned(), "allow".to_owned()));
    fields
}

fn borrowed(fields: &[(String, String)]) -> Vec<(&str, &str)> {
    let pairs = fields.iter();
    pairs
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect()
}

#[tokio::test]
async fn no_other_request_than_the_form_gives_consent() {
    let world = World::for_browsers().await;
    let scene = Scene::new(&world).await;
    let page = scene.asks("&scope=repo").await;
    let fields = allowing(&page);
    let query: Vec<_> = fields
        .iter()
        .map(|(name, value)| format!("&{name}={}", encoded(value)))
        .collect();
    let query = query.concat();
    let in_query = scene.address(&query);
    let csrf = page.form(AUTHORIZE).hidden;
    let csrf = csrf.iter().find(|(name, _)| name == "csrf");
    let csrf = csrf.map(|(_, value)| value.as_str()).expect("a token");
    let client_id = scene.app.client_id.as_str();
    // A link, other methods, and a form that says what is asked in place of the handle.
    for (request, status) in [
        (scene.visitor.request(Method::GET, &in_query), 200),
        (scene.visitor.request(Method::HEAD, &in_query), 200),
        (scene.visitor.request(Method::PUT, &in_query), 404),
        (scene.visitor.request(Method::OPTIONS, &in_query), 404),
        (scene.visitor.form(&in_query, &[]), 403),
        (
            scene.visitor.form(
                AUTHORIZE,
                &[
                    ("csrf", csrf),
                    ("answer", "allow"),
                    ("client_id", client_id),
                    ("scope", "repo"),
                    ("redirect_uri", CALLBACK),
                ],
            ),
            403,
        ),
        (
            scene
                .visitor
                .request(Method::POST, AUTHORIZE)
                .json(&serde_json::json!({"csrf": csrf, "answer": "allow"})),
            403,
        ),
    ] {
        let answer = request.send_unchecked().await;
        answer.assert_status(status);
        assert!(!answer.has("location"), "{}", answer.text());
        assert_eq!(codes(&world), "0");
    }
    let allowed = scene.visitor.post(AUTHORIZE, &borrowed(&fields)).await;
    assert!(location(allowed.assert_status(303)).contains("code="));
    assert_eq!(codes(&world), "1");
}

#[tokio::test]
async fn fields_that_are_added_to_the_form_change_nothing() {
    let world = World::for_browsers().await;
    let scene = Scene::new(&world).await;
    let page = scene.asks("&scope=gist&state=mine").await;
    let mut fields = allowing(&page);
    for (name, value) in [
        ("scope", "repo,site_admin"),
        ("redirect_uri", "https://evil.example/"),
        ("state", "theirs"),
        ("client_id", "00000000000000000001"),
        ("login", "hubot"),
    ] {
        fields.push((name.to_owned(), value.to_owned()));
    }
    let answer = scene.visitor.post(AUTHORIZE, &borrowed(&fields)).await;
    let address = location(answer.assert_status(303));
    let code = parameter(&address, "code").expect("a code");
    assert_eq!(address, format!("{CALLBACK}?code={code}&state=mine"));
    let answer = scene.exchange(&code, &[]).send_unchecked().await;
    assert_eq!(answer.json()["scope"], "gist");
}

#[tokio::test]
async fn a_form_from_another_origin_is_refused_and_one_that_hides_it_needs_its_token() {
    let world = World::for_browsers().await;
    let scene = Scene::new(&world).await;
    let page = scene.asks("&scope=repo").await;
    let fields = allowing(&page);
    let sent = |fields: &[(String, String)], origin: &str, site: Option<&str>| {
        let body: Vec<_> = fields
            .iter()
            .map(|(name, value)| format!("{name}={}", encoded(value)))
            .collect();
        let request = scene.visitor.request(Method::POST, AUTHORIZE);
        let request = request
            .bytes(body.join("&").as_bytes())
            .header("origin", origin);
        // Some browsers do not say from which site a form comes.
        match site {
            Some(site) => request.header("sec-fetch-site", site),
            None => request,
        }
    };
    for (origin, site) in [
        ("https://evil.example", None),
        ("http://counterfoil.test", None),
        ("https://counterfoil.test:8443", None),
        ("https://counterfoil.test.evil.example", None),
        ("https://counterfoil.test", Some("cross-site")),
        ("https://counterfoil.test", Some("same-site")),
        ("null", Some("cross-site")),
    ] {
        let refused = sent(&fields, origin, site).send_unchecked().await;
        let text = refused.assert_status(403).text();
        assert!(text.contains("This form came from another site"), "{text}");
        assert!(refused.forms().is_empty() && codes(&world) == "0");
    }
    let mut guessed = fields.clone();
    let csrf = guessed.iter_mut().find(|(name, _)| name == "csrf");
    "AAAA".clone_into(&mut csrf.expect("a token").1);
    for origin in ["null", "https://counterfoil.test"] {
        let refused = sent(&guessed, origin, None).send_unchecked().await;
        refused.assert_status(403);
        assert_eq!(codes(&world), "0");
    }
    let allowed = sent(&fields, "null", None).send_unchecked().await;
    assert!(location(allowed.assert_status(303)).contains("code="));
}

#[tokio::test]
async fn an_answer_in_a_session_that_is_over_lets_nobody_in() {
    let world = World::for_browsers().await;
    let scene = Scene::new(&world).await;
    let page = scene.asks("&scope=repo").await;
    let copied = scene.visitor.copied();
    let out = scene.visitor.submit(&page, "/logout", &[]).await;
    out.assert_status(303);
    for visitor in [&scene.visitor, &copied] {
        let answer = visitor.post(AUTHORIZE, &borrowed(&allowing(&page))).await;
        let led = answer.headers.get(LOCATION).and_then(|to| to.to_str().ok());
        assert!(led.is_none_or(|to| to.starts_with("/login?")), "{led:?}");
        assert_eq!(codes(&world), "0");
    }
}

#[tokio::test]
async fn an_answer_goes_to_the_question_that_its_page_shows() {
    let world = World::for_browsers().await;
    let scene = Scene::new(&world).await;
    let other = world.app(&scene.hubot, "Other").await;
    let first = scene.asks("&scope=gist&state=first").await;
    let address = format!("{AUTHORIZE}?client_id={}&scope=repo", other.client_id);
    let second = scene.visitor.get(&address).await;
    let third = scene.asks("&scope=user&state=third").await;
    let allow = [("answer", "allow")];
    for (page, ends, scope) in [
        (&third, "&state=third", "user"),
        (&first, "&state=first", "gist"),
    ] {
        let answer = scene.visitor.submit(page, AUTHORIZE, &allow).await;
        let address = location(answer.assert_status(303));
        assert!(address.ends_with(ends), "{address}");
        let code = parameter(&address, "code").expect("a code");
        let answer = scene.exchange(&code, &[]).send_unchecked().await;
        assert_eq!(answer.json()["scope"], scope);
    }
    let answer = scene.visitor.submit(&second, AUTHORIZE, &allow).await;
    let code = parameter(&location(&answer), "code").expect("a code");
    // It is the other app's, and whoever else brings it spends nothing.
    assert_eq!(scene.error(&code, &[]).await, "bad_verification_code");
    let pair = [
        ("client_id", other.client_id.as_str()),
        ("client_secret", other.client_secret.as_str()),
        ("code", code.as_str()),
    ];
    let answer = scene.exchange_of(&pair).send_unchecked().await;
    assert_eq!(answer.json()["scope"], "repo");
}

#[tokio::test]
async fn no_page_of_the_flow_is_framed_kept_or_named_to_others() {
    let world = World::for_browsers().await;
    let scene = Scene::new(&world).await;
    let question = scene.asks("&scope=repo").await;
    let wrong = scene.asks("&redirect_uri=https%3A%2F%2Fevil.example").await;
    let unknown = scene.visitor.get(&format!("{AUTHORIZE}?client_id=x")).await;
    let allow = [("answer", "allow")];
    let led = scene.visitor.submit(&question, AUTHORIZE, &allow).await;
    let again = scene.visitor.submit(&question, AUTHORIZE, &allow).await;
    for (answer, status) in [
        (&question, 200),
        (&wrong, 400),
        (&unknown, 404),
        (&led, 303),
        (&again, 409),
    ] {
        answer.assert_status(status);
        assert_eq!(answer.headers[X_FRAME_OPTIONS], "deny");
        assert_eq!(answer.header("cache-control"), "no-store");
        assert_eq!(answer.headers[REFERRER_POLICY], "same-origin");
        let policy = answer.headers[CONTENT_SECURITY_POLICY].to_str();
        let policy = policy.expect("ASCII");
        assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
        assert!(!policy.contains("unsafe"), "{policy}");
        assert!(!answer.has("access-control-allow-origin"));
    }
}
