//! The switches of an app on its page, and callbacks with a scheme of their own.

use std::time::Duration;

use counterfoil_authority::Clock;
use counterfoil_domain::app::{App, AppSwitch, AppSwitches};
use counterfoil_testkit::{AppActor, Visitor, World};

use super::developers::{CALLBACK, NEW, WEBSITE, app_in, page_of};
use super::tokens::{Says as _, signed_in};

/// Registers an app with these callbacks and these switches on, and gives it.
async fn registered(
    world: &World,
    visitor: &Visitor<'_>,
    callbacks: &str,
    on: &[&str],
) -> AppActor {
    let page = visitor.get(NEW).await;
    let typed = filled_in(callbacks, on);
    let made = visitor.submit(&page, NEW, &typed).await;
    app_in(world, &made).await
}

fn filled_in<'a>(callbacks: &'a str, on: &[&'a str]) -> Vec<(&'a str, &'a str)> {
    let typed = [
        ("name", "Board"),
        ("website", WEBSITE),
        ("callbacks", callbacks),
    ];
    let boxes = on.iter().map(|name| (*name, "on"));
    typed.into_iter().chain(boxes).collect()
}

/// The app as it is kept.
async fn kept(world: &World, app: &AppActor) -> App {
    let found = world.store.find_app(&app.app.summary.client_id).await;
    found.expect("it can be read").expect("it is there")
}

/// Which boxes a page shows ticked.
fn ticked(html: &str) -> Vec<String> {
    let inputs = html.split("<input").skip(1);
    let tags = inputs.filter_map(|input| input.split_once('>').map(|(tag, _)| tag));
    let ticked = tags.filter(|tag| tag.contains("checkbox") && tag.contains(" checked"));
    let names = ticked.filter_map(|tag| tag.split_once("name=\"")?.1.split_once('"'));
    names.map(|(name, _)| name.to_owned()).collect()
}

#[tokio::test]
async fn each_switch_of_an_app_has_a_box_on_its_page() {
    let world = World::for_browsers().await;
    let mona = world.user("mona").await;
    let visitor = signed_in(&world, &mona).await;
    let page = visitor.get(NEW).await;
    for label in [
        "Exact match",
        "Device flow",
        "Expiring tokens",
        "Require PKCE",
        "Send iss",
        "Standard token errors",
    ] {
        page.says(label);
    }
    assert_eq!(ticked(&page.text()), Vec::<String>::new());
    let app = registered(&world, &visitor, CALLBACK, &["exact_match", "send_iss"]).await;
    let expected = AppSwitches::default()
        .with(AppSwitch::ExactMatch, true)
        .with(AppSwitch::SendIss, true);
    assert_eq!(app.app.switches, expected);
    let path = page_of(&app);
    for switch in AppSwitch::ALL {
        let page = visitor.get(&path).await;
        let typed = filled_in(CALLBACK, &[switch.name()]);
        let done = visitor.submit(&page, &path, &typed).await;
        visitor.follow(&done).await.says("“Board” was saved.");
        // What is not ticked is off.
        let only = AppSwitches::default().with(switch, true);
        assert_eq!(kept(&world, &app).await.switches, only);
        let shown = visitor.get(&path).await.text();
        assert_eq!(ticked(&shown), [switch.name()]);
    }
    // A form that comes back has them as they were sent.
    let page = visitor.get(&path).await;
    let typed = filled_in("", &["require_pkce", "standard_errors"]);
    let refused = visitor.submit(&page, &path, &typed).await;
    let shown = refused.assert_status(422).text();
    assert_eq!(ticked(&shown), ["require_pkce", "standard_errors"]);
}

#[tokio::test]
async fn what_a_node_of_an_older_version_would_not_obey_waits_until_it_is_gone() {
    let world = World::for_browsers().await;
    let mona = world.user("mona").await;
    let visitor = signed_in(&world, &mona).await;
    let app = registered(&world, &visitor, CALLBACK, &[]).await;
    let path = page_of(&app);
    let now = world.clock.now().microseconds();
    world.database().run(&format!(
        "INSERT INTO nodes (id, level, seen_at) VALUES ('older', 1, {now})"
    ));
    let typed = filled_in(CALLBACK, &["exact_match"]);
    let refused = visitor
        .submit(&visitor.get(&path).await, &path, &typed)
        .await;
    let page = refused.assert_status(503);
    page.says("This server is being updated");
    assert_eq!(page.header("retry-after"), "60");
    assert!(!kept(&world, &app).await.switches.has(AppSwitch::ExactMatch));
    world.advance(Duration::from_secs(61));
    let done = visitor
        .submit(&visitor.get(&path).await, &path, &typed)
        .await;
    visitor.follow(&done).await.says("“Board” was saved.");
    assert!(kept(&world, &app).await.switches.has(AppSwitch::ExactMatch));
}

#[tokio::test]
async fn a_new_app_with_a_program_behind_its_callback_requires_pkce_until_its_owner_says_otherwise()
{
    let world = World::for_browsers().await;
    let mona = world.user("mona").await;
    let visitor = signed_in(&world, &mona).await;
    for (callbacks, requires) in [
        (CALLBACK, false),
        ("http://127.0.0.1/callback", true),
        ("http://localhost:3000/", true),
        ("http://[::1]/callback", true),
        ("com.example.app:/callback", true),
        (
            "https://board.example.org/callback\r\nhttp://localhost/",
            true,
        ),
    ] {
        let app = registered(&world, &visitor, callbacks, &[]).await;
        let switches = app.app.switches;
        assert_eq!(
            switches,
            AppSwitches::default().with(AppSwitch::RequirePkce, requires),
            "{callbacks}"
        );
        // Who takes it away on the page of the app does so.
        let path = page_of(&app);
        let page = visitor.get(&path).await;
        let done = visitor
            .submit(&page, &path, &filled_in(callbacks, &[]))
            .await;
        done.assert_status(303);
        let kept = kept(&world, &app).await;
        assert_eq!(kept.switches, AppSwitches::default(), "{callbacks}");
    }
}

#[tokio::test]
async fn no_callback_is_registered_with_a_scheme_that_is_no_program_s() {
    let world = World::for_browsers().await;
    let mona = world.user("mona").await;
    let visitor = signed_in(&world, &mona).await;
    for callback in [
        "javascript:/alert(1)",
        "javascript://board.example.org/%0aalert(1)",
        "JavaScript:/alert(1)",
        "data:/text/html,x",
        "vbscript:/x",
        "file:///etc/passwd",
        "blob:/x",
        "about:/blank",
        "filesystem:/x",
        "intent://callback",
        "view-source:/x",
        "ws://board.example.org/",
        "wss://board.example.org/",
        "ftp://board.example.org/",
        "mailto:/mona@example.org",
        "tel:/1",
        "sms:/1",
        "com.example.app:callback",
        "com.example.app:/a/../callback",
        "com.example.app:/callback#x",
        "Com.Example.App:/callback",
        "urn:ietf:wg:oauth:2.0:oob",
        "localhost:3000/callback",
    ] {
        let page = visitor.get(NEW).await;
        let refused = visitor.submit(&page, NEW, &filled_in(callback, &[])).await;
        refused.assert_status(422);
        refused.says("Enter a full URL, such as https://app.example.org/callback");
    }
    let count = "SELECT count(*) FROM apps WHERE name = 'Board'";
    assert_eq!(world.database().look_up(count).expect("a count"), "0");
    let own = "com.example.app:/callback";
    let app = registered(&world, &visitor, own, &[]).await;
    visitor.get(&page_of(&app)).await.says(own);
}

#[tokio::test]
async fn the_switches_of_an_app_speak_korean() {
    let world = World::for_browsers().await;
    let mona = world.user("mona").await;
    let visitor = world.visitor().speaking("ko");
    visitor.sign_in(&mona).await;
    let page = visitor.get(NEW).await;
    for label in ["정확히 일치", "PKCE 필수", "iss 보내기", "표준 토큰 오류"] {
        page.says(label);
    }
}
