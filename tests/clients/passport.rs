//! Express with `passport-github2` 0.1: how most web applications on node sign people in.

use serde_json::json;

use super::browsing::Asked;
use super::installation::text;
use super::web_flow::{APP, Client, MEMBER, STRANGER, WebFlow};

fn serve(scene: &WebFlow, pkce: bool) -> Client {
    let mut client = scene.node("passport.js", &json!({ "pkce": pkce }));
    client.expect(&json!({}), 200);
    client
}

#[test]
fn passport_signs_people_in_with_who_they_are_and_their_address() {
    let scene = WebFlow::new("/callback");
    let auth = format!("{APP}/auth");
    let app = serve(&scene, false);
    let browser = scene.member();
    for asked in [&[Asked::Who, Asked::Whether][..], &[]] {
        let arrival = browser.opens(&auth);
        assert_eq!(arrival.asked, asked);
        assert_eq!(arrival.url, format!("{APP}/"));
        let user = arrival.reply.assert_status(200).json();
        scene.hold(&text(&user["token"]));
        assert_eq!(user["login"], MEMBER);
        let address = format!("{MEMBER}@example.org");
        assert_eq!(user["emails"], json!([{ "value": address }]));
        assert_eq!(user["parameters"]["scope"], "user:email");
        assert_eq!(user["parameters"]["token_type"], "bearer");
    }

    // Somebody else at the same browser of an app is somebody else.
    let arrival = scene.stranger().opens(&auth);
    let user = arrival.reply.assert_status(200).json();
    scene.hold(&text(&user["token"]));
    assert_eq!(user["login"], STRANGER);
    drop(app);

    // The same with PKCE, by a client that then needs the verifier of its session.
    let app = serve(&scene, true);
    let arrival = scene.member().opens(&auth);
    let user = arrival.reply.assert_status(200).json();
    scene.hold(&text(&user["token"]));
    assert_eq!(user["login"], MEMBER);
    drop(app);
}

#[test]
fn passport_hears_that_somebody_does_not_let_the_app_in() {
    let scene = WebFlow::new("/callback");
    let app = serve(&scene, true);
    let arrival = scene.member().cancelling().opens(&format!("{APP}/auth"));
    assert_eq!(arrival.url, format!("{APP}/refused"));
    arrival.reply.assert_status(403);
    drop(app);
}
