//! Headers of pages, their files, and what is not there.

use counterfoil_testkit::World;
use http::Method;
use http::header::{
    ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE,
    REFERRER_POLICY, SET_COOKIE,
};

const OPENER: &str = "cross-origin-opener-policy";

#[tokio::test]
async fn pages_are_kept_by_nobody_and_send_forms_to_us_alone() {
    let world = World::for_browsers().await;
    let mona = world.user("mona").await;
    let visitor = world.visitor();
    let form = visitor.get("/login").await;
    visitor.sign_in(&mona).await;
    let list = visitor.get("/settings/sessions").await;
    for page in [&form, &list] {
        page.assert_status(200);
        assert_eq!(page.headers[CACHE_CONTROL], "no-store");
        assert_eq!(page.headers[REFERRER_POLICY], "same-origin");
        assert_eq!(page.headers["x-frame-options"], "deny");
        assert!(!page.headers.contains_key(ACCESS_CONTROL_ALLOW_ORIGIN));
        let policy = page.headers[CONTENT_SECURITY_POLICY]
            .to_str()
            .expect("ASCII");
        for part in [
            "default-src 'none'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        ] {
            assert!(policy.contains(part), "{policy}");
        }
        assert!(!policy.contains("unsafe"), "{policy}");
    }
    let policy = |page: &counterfoil_testkit::Answer| {
        let policy = page.headers[CONTENT_SECURITY_POLICY]
            .to_str()
            .expect("ASCII");
        policy.contains("form-action 'self'")
    };
    assert!(policy(&list) && list.headers.contains_key(OPENER));
    // After a sign-in an app may come.
    assert!(!policy(&form) && !form.headers.contains_key(OPENER));
}

#[tokio::test]
async fn pages_and_their_files_promise_transport_security_over_tls() {
    let world = World::for_browsers().await;
    let visitor = world.visitor();
    for path in ["/", "/login", "/settings/nothing", "/assets/nothing.css"] {
        let request = visitor.request(Method::GET, path);
        let answer = request.over_tls().send_unchecked().await;
        let promised = answer.header("strict-transport-security");
        assert_eq!(promised, "max-age=31536000; includeSubdomains", "{path}");
    }
}

#[tokio::test]
async fn no_answer_is_taken_for_another_kind_of_document() {
    let world = World::for_browsers().await;
    let visitor = world.visitor();
    let page = visitor.get("/login").await.text();
    let (_, rest) = page.split_once("href=\"/assets/").expect("a stylesheet");
    let (name, _) = rest.split_once('"').expect("an attribute has an end");
    let asset = format!("/assets/{name}");
    for (path, is_page) in [
        ("/login", true),
        ("/settings/nothing", true),
        ("/nothing", false),
        ("/api/v3", false),
        ("/api/v3/user", false),
        ("/.well-known/oauth-authorization-server/login/oauth", false),
        (asset.as_str(), false),
    ] {
        let answer = visitor.get(path).await;
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("x-frame-options"), "deny", "{path}");
        let policy = answer.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'"), "{path}: {policy}");
        let kind = answer.header("content-type");
        assert_eq!(kind.starts_with("text/html"), is_page, "{path}: {kind}");
    }
}

#[tokio::test]
async fn files_are_kept_for_ever_and_every_page_names_those_that_there_are() {
    let world = World::for_browsers().await;
    let visitor = world.visitor();
    let page = visitor.get("/login").await.text();
    let names: Vec<_> = page
        .split("/assets/")
        .skip(1)
        .map(|rest| {
            rest.split(['"', '#', ')'])
                .next()
                .expect("a name")
                .to_owned()
        })
        .collect();
    assert!(!names.is_empty(), "{page}");
    for name in names {
        let file = visitor.get(&format!("/assets/{name}")).await;
        file.assert_status(200);
        assert_eq!(
            file.headers[CACHE_CONTROL],
            "public, max-age=31536000, immutable"
        );
        assert_ne!(file.headers[CONTENT_TYPE], "text/html; charset=utf-8");
        assert!(!file.headers.contains_key(SET_COOKIE));
    }
    visitor.get("/assets/nothing.css").await.assert_status(404);
}

#[tokio::test]
async fn what_is_not_there_says_so_on_a_page() {
    let world = World::for_browsers().await;
    let visitor = world.visitor();
    for path in [
        "/settings/nothing",
        "/login/nothing",
        "/settings",
        "/assets/x/y",
    ] {
        let page = visitor.get(path).await;
        page.assert_status(404);
        assert!(
            page.text().contains("Page not found"),
            "{path}: {}",
            page.text()
        );
    }
    // Elsewhere a program asks.
    let answer = visitor.get("/nothing").await;
    assert_eq!(answer.assert_status(404).json()["message"], "Not Found");
}

#[tokio::test]
async fn a_stranger_s_look_writes_nothing() {
    let world = World::for_browsers().await;
    let rows = || {
        let tables = [
            "sessions",
            "half_sign_ins",
            "spent_forms",
            "audit_events",
            "sign_in_failures",
        ];
        let count = |table| {
            world
                .database()
                .look_up(&format!("SELECT count(*) FROM {table}"))
        };
        tables.map(count)
    };
    let before = rows();
    for path in [
        "/",
        "/login",
        "/login/code",
        "/login/recovery",
        "/settings/sessions",
        "/logout",
    ] {
        world.visitor().get(path).await;
    }
    assert_eq!(rows(), before);
}

#[tokio::test]
async fn the_start_page_says_what_this_is_or_what_needs_attention() {
    let world = World::for_browsers().await;
    let mona = world.user("mona").await;
    let visitor = world.visitor();
    let page = visitor.get("/").await;
    assert!(
        page.text().contains("https://counterfoil.test/api/v3"),
        "{}",
        page.text()
    );
    visitor.sign_in(&mona).await;
    let page = visitor.get("/").await;
    assert!(
        page.text()
            .contains("A password alone protects your account."),
        "{}",
        page.text()
    );
}
