//! Programs that take their answers by a scheme of their own.

use counterfoil_testkit::World;
use http::header::CONTENT_SECURITY_POLICY;

use super::{AUTHORIZE, Scene, encoded, location, parameter};

const OWN: &str = "com.example.app:/callback";

fn with_redirect(uri: &str) -> String {
    format!("&redirect_uri={}&state=s", encoded(uri))
}

#[tokio::test]
async fn a_program_with_a_scheme_of_its_own_gets_its_codes_and_asks_each_time() {
    let world = World::for_browsers().await;
    let scene = Scene::new(&world).await;
    scene.change_callbacks(&[OWN]).await;
    for _ in 0..2 {
        let page = scene.asks(&with_redirect(OWN)).await;
        let text = page.assert_status(200).text();
        assert!(text.contains("This app runs on your computer."), "{text}");
        // Browsers would keep the form from leading to the program.
        let policy = page.headers[CONTENT_SECURITY_POLICY].to_str();
        assert!(!policy.expect("a text").contains("form-action"));
        let allow = [("answer", "allow")];
        let answer = scene.visitor.submit(&page, AUTHORIZE, &allow).await;
        let address = location(answer.assert_status(303));
        let code = parameter(&address, "code").expect("a code");
        assert_eq!(address, format!("{OWN}?code={code}&state=s"));
        scene.token(&code, &[("redirect_uri", OWN)]).await;
    }
    let page = scene.asks(&with_redirect(OWN)).await;
    let cancel = [("answer", "cancel")];
    let answer = scene.visitor.submit(&page, AUTHORIZE, &cancel).await;
    let address = location(answer.assert_status(303));
    let begins = format!("{OWN}?error=access_denied&");
    assert!(
        address.starts_with(&begins) && address.ends_with("&state=s"),
        "{address}"
    );
    // Another spelling of the address is another address, at the exchange too.
    let code = scene.code("").await;
    let wrong = [("redirect_uri", "com.example.app:/callback/")];
    assert_eq!(scene.error(&code, &wrong).await, "redirect_uri_mismatch");
}

#[tokio::test]
async fn a_callback_of_another_scheme_fits_itself_and_nothing_that_begins_with_it() {
    let world = World::for_browsers().await;
    let scene = Scene::new(&world).await;
    scene
        .change_callbacks(&[OWN, "com.example.other://auth?tenant=1"])
        .await;
    for trick in [
        "com.example.app:/callback/",
        "com.example.app:/callback/x",
        "com.example.app:/callback?x=1",
        "com.example.app:/callback#x",
        "com.example.app:/callback2",
        "com.example.app:/CALLBACK",
        "com.example.app:/call%62ack",
        "com.example.app:/x/../callback",
        "com.example.app:callback",
        "com.example.app://callback",
        "com.example.app:///callback",
        "com.example.app:",
        "COM.example.app:/callback",
        "com.example.apps:/callback",
        "com.example:/callback",
        "xcom.example.app:/callback",
        " com.example.app:/callback",
        "com.example.app:/callback\n",
        "com.example.app:/callback?code=mine",
        "com.example.other://auth",
        "com.example.other://auth?tenant=2",
        "com.example.other://auth?tenant=1&x=1",
        "com.example.other://auth/x?tenant=1",
        "com.example.other://mona@auth?tenant=1",
        "https://com.example.app/callback",
        "http://com.example.app/callback",
        "javascript:/callback",
        "intent://callback#Intent;scheme=com.example.app;end",
    ] {
        let page = scene.asks(&with_redirect(trick)).await;
        let text = page.assert_status(400).text();
        let said = "The return address does not fit";
        assert!(text.contains(said), "{trick}: {text}");
    }
    // A host of the web that is called like the scheme gets nothing either.
    scene
        .change_callbacks(&["https://com.example.app/callback"])
        .await;
    let page = scene.asks(&with_redirect(OWN)).await;
    page.assert_status(400);
}
