//! Redirect URIs: what fits a callback, what does not, and who hears of it.

use std::time::Duration;

use counterfoil_testkit::World;

use super::{AUTHORIZE, Scene, encoded, location, parameter};

/// Tricks by which an address that is not the app's might be taken for it, or be read as another
/// one by the next program on the way.
const TRICKS: &[&str] = &[
    "https://evil.example/callback",
    "http://app.example.com/callback",
    "https://app.example.com",
    "https://app.example.com/callback2",
    "https://app.example.com/CALLBACK",
    "https://app.example.com:8443/callback",
    "https://sub.app.example.com/callback",
    "https://app.example.com.evil.example/callback",
    "https://app.example.com./callback",
    "https://app.example.com@evil.example/callback",
    "https://app.example.com:443@evil.example/callback",
    "https://evil.example\\@app.example.com/callback",
    "https://evil.example#@app.example.com/callback",
    "https://app.example.com/callback/../../evil",
    "https://app.example.com/callback/%2e%2e/evil",
    "https://app.example.com/callback/%252e%252e/evil",
    "https://app.example.com/callback%2Fevil",
    "https://app.example.com/callback//evil",
    "https://app.example.com/callback/..;/evil",
    "https://app.example.com/callback/%5c%5cevil.example",
    "https://app.example.com/callback?code=mine",
    "https://app.example.com/callback?st%61te=mine",
    "https://app.example.com/callback#",
    "https://app.example.com/callback\t",
    "https://app.example.com/ callback",
    "https://app.example.com/callback\r\nset-cookie: a=b",
    "https://app.example.com/callback/%00",
    "https://app.example.com/callback/%2fevil.example",
    "https://app.example.com/callback/;evil",
    "https://app.example.com/callback?error=access_denied",
    "https://app.example.com/callback?iss=https%3A%2F%2Fevil.example",
    "https://app.example.com%2eevil.example/callback",
    "https://app.example.com%00.evil.example/callback",
    "https://xn--pp-8ja.example.com/callback",
    "https://[::ffff:192.0.2.1]/callback",
    "https://\u{ff41}pp.example.com/callback",
    "//app.example.com/callback",
    "https:app.example.com/callback",
    "https:///app.example.com/callback",
    "javascript:alert(1)",
    "data:text/html,x",
    "app.example.com/callback",
];

/// One that fits but for its length.
fn longest() -> String {
    let begins = "https://app.example.com/callback/";
    format!("{begins}{}", "a".repeat(2049 - begins.len()))
}

#[tokio::test]
async fn no_trick_leads_a_browser_or_a_code_elsewhere() {
    let world = World::for_browsers().await;
    let scene = Scene::new(&world).await;
    let longest = longest();
    for trick in TRICKS.iter().copied().chain([longest.as_str()]) {
        let page = scene
            .asks(&format!("&redirect_uri={}", encoded(trick)))
            .await;
        let text = page.assert_status(400).text();
        assert!(
            text.contains("The return address does not fit"),
            "{trick}: {text}"
        );
        // The one link leads to what was registered.
        let links: Vec<_> = text
            .split("<a href=\"")
            .skip(1)
            .filter(|link| link.starts_with("http"))
            .collect();
        assert_eq!(links.len(), 1, "{trick}: {text}");
        let link = links[0].split('"').next().expect("an address");
        assert!(
            link.starts_with("https://app.example.com/callback?error=redirect_uri_mismatch&"),
            "{link}"
        );
    }
}

#[tokio::test]
async fn an_error_goes_to_the_app_by_itself_only_for_who_let_it_in() {
    let world = World::for_browsers().await;
    let scene = Scene::new(&world).await;
    let bad = "&redirect_uri=https%3A%2F%2Fevil.example%2F&state=s";
    scene.asks(bad).await.assert_status(400);
    let code = scene.code("").await;
    scene.asks(bad).await.assert_status(400);
    scene.token(&code, &[]).await;
    let answer = scene.asks(bad).await;
    let address = location(answer.assert_status(302));
    assert!(
        address.starts_with("https://app.example.com/callback?error=redirect_uri_mismatch&"),
        "{address}"
    );
    assert!(address.ends_with("&state=s"), "{address}");
    let answer = scene
        .asks("&response_type=token&redirect_uri=https%3A%2F%2Fapp.example.com%2Fcallback%2Fx")
        .await;
    let address = location(answer.assert_status(302));
    assert!(
        address.starts_with("https://app.example.com/callback/x?error=unsupported_response_type&"),
        "{address}"
    );
    // What says two things is told to the user alone.
    scene.asks("&state=a&state=b").await.assert_status(400);
}

#[tokio::test]
async fn a_code_goes_to_the_address_that_was_asked_for_as_it_was_parsed() {
    let world = World::for_browsers().await;
    let scene = Scene::new(&world).await;
    scene
        .change_callbacks(&[
            "https://app.example.com/callback",
            "https://other.example/in?tenant=1",
        ])
        .await;
    for (asked, begins) in [
        (
            "https://app.example.com/callback",
            "https://app.example.com/callback?code=",
        ),
        (
            "https://APP.example.com:443/callback/x?y=1",
            "https://app.example.com/callback/x?y=1&code=",
        ),
        ("https://other.example/in", "https://other.example/in?code="),
        (
            "https://other.example/in?tenant=2",
            "https://other.example/in?tenant=2&code=",
        ),
    ] {
        let more = format!("&redirect_uri={}&prompt=select_account", encoded(asked));
        let address = location(&scene.allowed(&more).await);
        assert!(address.starts_with(begins), "{asked}: {address}");
        let code = parameter(&address, "code").expect("a code");
        scene.token(&code, &[("redirect_uri", asked)]).await;
    }
}

#[tokio::test]
async fn a_program_on_one_s_computer_listens_on_any_port_and_is_asked_for_each_time() {
    let world = World::for_browsers().await;
    let scene = Scene::new(&world).await;
    scene
        .change_callbacks(&["http://127.0.0.1/callback", "http://localhost/"])
        .await;
    let more = format!(
        "&redirect_uri={}",
        encoded("http://127.0.0.1:53271/callback")
    );
    for _ in 0..2 {
        let page = scene.asks(&more).await;
        let text = page.assert_status(200).text();
        assert!(text.contains("This app runs on your computer."), "{text}");
        let answer = scene
            .visitor
            .submit(&page, AUTHORIZE, &[("answer", "allow")])
            .await;
        let address = location(&answer);
        assert!(
            address.starts_with("http://127.0.0.1:53271/callback?code="),
            "{address}"
        );
        let code = parameter(&address, "code").expect("a code");
        scene
            .token(
                &code,
                &[("redirect_uri", "http://127.0.0.1:53271/callback")],
            )
            .await;
    }
    for other in [
        "http://[::1]:1/callback",
        "http://localhost.evil.example/",
        "https://127.0.0.1/callback",
    ] {
        // Who let the app in before goes back to it, and not to where it would like.
        let answer = scene
            .asks(&format!("&redirect_uri={}", encoded(other)))
            .await;
        let address = location(answer.assert_status(302));
        let registered = "http://127.0.0.1/callback?error=redirect_uri_mismatch&";
        assert!(address.starts_with(registered), "{address}");
    }
    // Who agreed to the answer's way before is asked about this one.
    world.advance(Duration::from_secs(1));
    scene.change_callbacks(&["http://app.example.com/cb"]).await;
    let text = scene.asks("").await.assert_status(200).text();
    assert!(
        text.contains("<bdi>app.example.com</bdi> is reached without encryption."),
        "{text}"
    );
}
