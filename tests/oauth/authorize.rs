//! The question: who sees it, what stands in it, and what an answer does.

use counterfoil_testkit::World;
use std::time::Duration;

use http::Method;
use http::header::{CONTENT_SECURITY_POLICY, LOCATION};

use super::{AUTHORIZE, CALLBACK, CHALLENGE, Scene, location, parameter, token_in};

/// Demands of the page that asks mona what she has to know before she answers.
#[track_caller]
fn assert_says_what_is_asked(text: &str) {
    for part in [
        "Allow <bdi>Deployer</bdi> to use your account?",
        "Registered by <strong>hubot</strong>",
        "0 people here use it.",
        "Website: <bdi>app.example.com</bdi>",
        "Signed in as <strong>mona</strong>",
        "Fully control all your repositories, private ones included",
        "See all your e-mail addresses",
        "your password or one-time codes",
        "Access lasts until you take it away",
        "Either way you go back to <strong><bdi>app.example.com</bdi></strong>.",
        "New app",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[tokio::test]
async fn an_app_signs_somebody_in_from_the_first_click_to_the_api() {
    let world = World::for_browsers().await;
    let scene = Scene::new(&world).await;
    let visitor = world.visitor();
    let address = scene.address("&scope=user:email,repo&state=x%2Fy");
    let led = visitor.get(&address).await;
    led.assert_status(303);
    let sign_in = location(&led);
    let begins = format!("/login?client_id={}&return_to=", scene.app.client_id);
    assert!(sign_in.starts_with(&begins), "{sign_in}");
    let page = visitor.get(&sign_in).await;
    let text = page.assert_status(200).text();
    assert!(
        text.contains("to continue to <strong><bdi>Deployer</bdi></strong>"),
        "{text}"
    );
    let typed = [
        ("login", scene.mona.account.login.as_str()),
        ("password", scene.mona.password.as_str()),
    ];
    let signed_in = visitor.submit(&page, "/login", &typed).await;
    let page = visitor.follow(&signed_in).await;
    let text = page.assert_status(200).text();
    assert_says_what_is_asked(&text);
    // The redirects of an app are none of its page's business.
    let policy = page.headers[CONTENT_SECURITY_POLICY]
        .to_str()
        .expect("ASCII");
    assert!(!policy.contains("form-action"), "{policy}");
    assert!(!page.has("cross-origin-opener-policy"));
    let back = visitor
        .submit(&page, AUTHORIZE, &[("answer", "allow")])
        .await;
    back.assert_status(303);
    assert!(!back.has("cross-origin-opener-policy"));
    let address = location(&back);
    let code = parameter(&address, "code").expect("a code");
    assert_eq!(address, format!("{CALLBACK}?code={code}&state=x%2Fy"));
    assert!(
        code.len() == 20 && code.bytes().all(|byte| byte.is_ascii_hexdigit()),
        "{code}"
    );
    let answer = scene.exchange(&code, &[]).send_unchecked().await;
    assert_eq!(answer.json()["scope"], "user:email,repo");
    assert_eq!(answer.json()["token_type"], "bearer");
    let actions = world.audit_actions().await;
    let [.., given, created] = actions.as_slice() else {
        panic!("{actions:?}");
    };
    assert_eq!([given, created], ["consent.given", "authorization.created"]);
    let token = token_in(&answer);
    let user = world.anonymous().get_with_token(&token, "/user").await;
    assert_eq!(user.assert_status(200).json()["login"], "mona");
    assert_eq!(user.header("x-oauth-scopes"), "repo, user:email");
    let grants = scene.mona.get("/applications/grants").await.json();
    assert_eq!(
        grants[0]["scopes"],
        serde_json::json!(["user:email", "repo"])
    );
}

#[tokio::test]
async fn an_app_that_nobody_knows_is_told_before_anybody_signs_in() {
    let world = World::for_browsers().await;
    let stranger = world.visitor();
    for (query, shown) in [
        ("", None),
        ("client_id=", None),
        ("client_id=%3Cscript%3E", None),
        (
            "client_id=00000000000000000001",
            Some("00000000000000000001"),
        ),
    ] {
        let page = stranger.get(&format!("{AUTHORIZE}?{query}")).await;
        let text = page.assert_status(404).text();
        assert!(text.contains("This app is not registered here"), "{text}");
        assert_eq!(text.contains("Client ID <code>"), shown.is_some(), "{text}");
        assert!(shown.is_none_or(|id| text.contains(id)) && !text.contains("<script>"));
    }
    let long = format!("{AUTHORIZE}?client_id=x&state={}", "a".repeat(8192));
    let page = stranger.get(&long).await;
    assert!(
        page.assert_status(400)
            .text()
            .contains("The request is too long")
    );
}

#[tokio::test]
async fn who_cancels_goes_back_with_the_refusal_and_gives_nothing() {
    let world = World::for_browsers().await;
    let scene = Scene::new(&world).await;
    let page = scene.asks("&scope=repo&state=%7eq").await;
    let answer = scene
        .visitor
        .submit(&page, AUTHORIZE, &[("answer", "cancel")])
        .await;
    answer.assert_status(303);
    let expected = format!(
        "{CALLBACK}?error=access_denied&error_description=The+user+has+denied+your+application+access.\
         &error_uri=https%3A%2F%2Fdocs.github.com%2Fapps%2Fmanaging-oauth-apps%2F\
         troubleshooting-authorization-request-errors%2F%23access-denied&state=%7eq"
    );
    assert_eq!(location(&answer), expected);
    assert_eq!(scene.live().await, 0);
    assert_eq!(
        world.audit_actions().await.last().map(String::as_str),
        Some("consent.denied")
    );
}

#[tokio::test]
async fn a_state_comes_back_byte_for_byte() {
    let world = World::for_browsers().await;
    let scene = Scene::new(&world).await;
    let long = "%2B".repeat(1365);
    for state in ["", "a+b%20c", "%C3%28%00", "'|`^", &long] {
        let more = format!("&state={state}");
        let address = location(&scene.allowed(&more).await);
        assert!(address.ends_with(&more), "{address}");
    }
    assert!(!location(&scene.allowed("").await).contains("state"));
    let too_long = format!("&state={}", "a".repeat(4097));
    let page = scene.asks(&too_long).await;
    let text = page.assert_status(400).text();
    assert!(text.contains("The request is incomplete: state"), "{text}");
}

#[tokio::test]
async fn what_is_missing_repeated_or_malformed_is_told_on_a_page() {
    let world = World::for_browsers().await;
    let scene = Scene::new(&world).await;
    let (challenge, short) = (CHALLENGE, &CHALLENGE[1..]);
    for (more, parameter) in [
        ("&client_id=other".to_owned(), "client_id"),
        ("&state=a&state=b".to_owned(), "state"),
        ("&scope=repo&scope=gist".to_owned(), "scope"),
        ("&redirect_uri=%ff".to_owned(), "redirect_uri"),
        ("&response_type=token".to_owned(), "response_type"),
        (format!("&code_challenge={challenge}"), "code_challenge"),
        ("&code_challenge_method=S256".to_owned(), "code_challenge"),
        (
            format!("&code_challenge={challenge}&code_challenge_method=plain"),
            "code_challenge",
        ),
        (
            format!("&code_challenge={short}&code_challenge_method=S256"),
            "code_challenge",
        ),
    ] {
        let page = scene.asks(&more).await;
        let text = page.assert_status(400).text();
        let title = format!("The request is incomplete: {parameter}");
        assert!(text.contains(&title), "{more}: {text}");
        assert!(text.contains("Nothing was shared."), "{text}");
    }
    // What other servers want, and what nobody knows, is no mistake.
    for more in [
        "&response_type=code&approval_prompt=force",
        "&allow_signup=false&x=1&x=2",
        "&state=a&state=a",
        "&scope=nothing,repo,other",
    ] {
        scene.asks(more).await.assert_status(200);
    }
}

#[tokio::test]
async fn a_look_that_nobody_sees_gives_nothing_away() {
    let world = World::for_browsers().await;
    let scene = Scene::new(&world).await;
    let code = scene.code("&scope=repo").await;
    scene.token(&code, &[]).await;
    let address = scene.address("&scope=repo");
    let get = || scene.visitor.request(Method::GET, &address);
    for (request, status) in [
        (scene.visitor.request(Method::HEAD, &address), 200),
        (get().header("sec-fetch-dest", "iframe"), 403),
        (
            get()
                .header("sec-fetch-dest", "empty")
                .header("sec-fetch-mode", "cors"),
            403,
        ),
        (get().header("sec-fetch-mode", "no-cors"), 403),
        (get().header("sec-purpose", "prefetch"), 204),
        (get().header("purpose", "prefetch"), 204),
        (get().header("x-moz", "prefetch"), 204),
    ] {
        let answer = request.send_unchecked().await;
        answer.assert_status(status);
        assert!(!answer.headers.contains_key(LOCATION));
    }
    let opened = get()
        .header("sec-fetch-dest", "document")
        .header("sec-fetch-mode", "navigate");
    for request in [get(), opened] {
        let answer = request.send_unchecked().await;
        assert!(location(answer.assert_status(302)).contains("code="));
    }
}

#[tokio::test]
async fn an_answer_counts_once() {
    let world = World::for_browsers().await;
    let scene = Scene::new(&world).await;
    let allow = [("answer", "allow")];
    let page = scene.asks("&scope=repo&state=s").await;
    assert!(
        !page
            .form(AUTHORIZE)
            .hidden
            .iter()
            .any(|(_, value)| value.contains("repo"))
    );
    scene
        .visitor
        .submit(&page, AUTHORIZE, &allow)
        .await
        .assert_status(303);
    let again = scene.visitor.submit(&page, AUTHORIZE, &allow).await;
    let text = again.assert_status(409).text();
    assert!(text.contains("You have answered this already"), "{text}");
    assert!(text.contains("href=\"https://app.example.com/\""), "{text}");
}

#[tokio::test]
async fn an_answer_counts_in_the_session_that_was_asked() {
    let world = World::for_browsers().await;
    let scene = Scene::new(&world).await;
    // Somebody else, who was not asked.
    let page = scene.asks("&scope=gist").await;
    let request_of_mona = page.hidden("request");
    let lisa = world.user("lisa").await;
    let other = world.visitor();
    other.sign_in(&lisa).await;
    let own = other.get(&scene.address("&scope=gist")).await;
    let stolen = [("answer", "allow"), ("request", request_of_mona.as_str())];
    let refused = other.submit(&own, AUTHORIZE, &stolen).await;
    let text = refused.assert_status(403).text();
    assert!(
        text.contains("You are signed in as lisa; this page was for mona"),
        "{text}"
    );
    assert!(text.contains("Continue as lisa"), "{text}");

    // The same person in another browser is asked anew.
    let elsewhere = world.visitor();
    elsewhere.sign_in(&scene.mona).await;
    let own = elsewhere.get(&scene.address("&scope=user")).await;
    let anew = elsewhere.submit(&own, AUTHORIZE, &stolen).await;
    assert_eq!(
        location(anew.assert_status(303)),
        scene.address("&scope=gist")
    );
}

#[tokio::test]
async fn an_answer_to_no_request_or_to_one_that_is_over_and_one_that_is_neither_count_for_nothing()
{
    let world = World::for_browsers().await;
    let scene = Scene::new(&world).await;
    let page = scene.asks("&scope=gist").await;
    for unknown in ["", "x", "AAAAAAAAAAAAAAAAAAAAAA"] {
        let typed = [("answer", "allow"), ("request", unknown)];
        scene
            .visitor
            .submit(&page, AUTHORIZE, &typed)
            .await
            .assert_status(403);
    }
    let neither = scene
        .visitor
        .submit(&page, AUTHORIZE, &[("answer", "perhaps")])
        .await;
    assert_eq!(
        location(neither.assert_status(303)),
        scene.address("&scope=gist")
    );
    world.advance(Duration::from_mins(10));
    let late = scene
        .visitor
        .submit(&page, AUTHORIZE, &[("answer", "allow")])
        .await;
    assert!(
        late.assert_status(403)
            .text()
            .contains("This request is over")
    );
}

#[tokio::test]
async fn a_form_of_another_site_lets_nobody_in() {
    let world = World::for_browsers().await;
    let scene = Scene::new(&world).await;
    let page = scene.asks("&scope=repo").await;
    let form = page.form(AUTHORIZE);
    let hidden = form
        .hidden
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()));
    let fields: Vec<_> = hidden.chain([("answer", "allow")]).collect();
    let foreign = scene.visitor.form(AUTHORIZE, &fields);
    let foreign = foreign
        .header("sec-fetch-site", "cross-site")
        .send_unchecked()
        .await;
    foreign.assert_status(403);
    let without_token: Vec<_> = fields
        .iter()
        .filter(|(name, _)| *name != "csrf")
        .copied()
        .collect();
    let refused = scene.visitor.post(AUTHORIZE, &without_token).await;
    refused.assert_status(403);
    scene
        .visitor
        .post(AUTHORIZE, &fields)
        .await
        .assert_status(303);
}

#[tokio::test]
async fn a_session_keeps_twenty_requests() {
    let world = World::for_browsers().await;
    let scene = Scene::new(&world).await;
    let first = scene.asks("").await;
    let mut pages = Vec::new();
    for _ in 0..20 {
        world.advance(Duration::from_secs(1));
        pages.push(scene.asks("").await);
    }
    let rows = world
        .database()
        .look_up("SELECT count(*) FROM app_requests");
    assert_eq!(rows.as_deref(), Some("20"));
    let allow = [("answer", "allow")];
    scene
        .visitor
        .submit(&first, AUTHORIZE, &allow)
        .await
        .assert_status(403);
    scene
        .visitor
        .submit(&pages[0], AUTHORIZE, &allow)
        .await
        .assert_status(303);
}

#[tokio::test]
async fn an_app_of_a_suspended_owner_asks_nobody() {
    let world = World::for_browsers().await;
    let scene = Scene::new(&world).await;
    let code = scene.code("").await;
    let owner = &scene.hubot.account.login;
    let suspended = world
        .authority
        .suspend_account(owner, &World::operator())
        .await;
    suspended.expect("the user is there");
    let page = scene.asks("").await;
    let text = page.assert_status(400).text();
    assert!(text.contains("This app is suspended"), "{text}");
    assert!(!text.contains("app.example.com"), "{text}");
    assert_eq!(
        scene.error(&code, &[]).await,
        "incorrect_client_credentials"
    );
}

#[tokio::test]
async fn who_is_somebody_else_signs_out_and_comes_back() {
    let world = World::for_browsers().await;
    let scene = Scene::new(&world).await;
    let page = scene.asks("&scope=repo").await;
    let out = scene.visitor.submit(&page, "/logout", &[]).await;
    let led = scene.visitor.follow(&out).await;
    assert!(location(led.assert_status(303)).starts_with("/login?client_id="));
}
