//! The list of one's sessions, fresh proofs, and how sessions end.

use std::collections::BTreeSet;
use std::time::Duration;

use counterfoil_domain::password::Password;
use counterfoil_server::routes::PAGES;
use counterfoil_store::RevokeTokens;
use counterfoil_testkit::{Answer, Visitor, World, WorldOptions};
use http::Method;
use http::header::{LOCATION, SET_COOKIE};

const STALE: Duration = Duration::from_mins(15);

async fn list(visitor: &Visitor<'_>) -> Answer {
    let page = visitor.get("/settings/sessions").await;
    page.assert_status(200);
    page
}

async fn is_signed_in(visitor: &Visitor<'_>) -> bool {
    visitor.get("/settings/sessions").await.status == 200
}

#[tokio::test]
async fn somebody_sees_where_they_are_signed_in_and_ends_one() {
    let world = World::for_browsers().await;
    let mona = world.user("mona").await;
    let desk = world.visitor();
    let phone = world
        .visitor()
        .from_address("198.51.100.7")
        .called("Mozilla/5.0 (Linux; Android 10; K) Chrome/150.0.0.0 Mobile Safari/537.36");
    desk.sign_in(&mona).await;
    phone.sign_in(&mona).await;
    let page = list(&desk).await;
    let text = page.text();
    for shown in [
        "Firefox on Linux",
        "Chrome on Android",
        "198.51.100.7",
        "This session",
        "In use now, from ",
        "Last used ",
    ] {
        assert!(text.contains(shown), "{shown}: {text}");
    }
    // Last uses are written down late; this one is known without.
    assert_eq!(text.matches("Last used ").count(), 1, "{text}");
    let done = desk.submit(&page, "/settings/sessions/end", &[]).await;
    let page = desk.follow(&done).await;
    assert!(
        page.text().contains("The session was ended."),
        "{}",
        page.text()
    );
    assert!(is_signed_in(&desk).await);
    assert!(!is_signed_in(&phone).await);
}

#[tokio::test]
async fn all_others_end_at_once() {
    let world = World::for_browsers().await;
    let mona = world.user("mona").await;
    let (desk, phone, tablet) = (world.visitor(), world.visitor(), world.visitor());
    for browser in [&desk, &phone, &tablet] {
        browser.sign_in(&mona).await;
    }
    let page = list(&desk).await;
    let done = desk
        .submit(&page, "/settings/sessions/end-others", &[])
        .await;
    let page = desk.follow(&done).await;
    assert!(page.text().contains("2 other sessions were ended."));
    assert!(is_signed_in(&desk).await);
    assert!(!is_signed_in(&phone).await && !is_signed_in(&tablet).await);
}

#[tokio::test]
async fn somebody_elses_session_is_not_there() {
    let world = World::for_browsers().await;
    let (mona, bert) = (world.user("mona").await, world.user("bert").await);
    let (of_mona, of_bert) = (world.visitor(), world.visitor());
    of_mona.sign_in(&mona).await;
    of_bert.sign_in(&bert).await;
    world.visitor().sign_in(&bert).await;
    let mut ids = Vec::new();
    for session in world
        .authority
        .sessions_of(&mona.account)
        .await
        .expect("a list")
    {
        ids.push(session.id.to_string());
    }
    let page = list(&of_bert).await;
    for id in [ids[0].as_str(), "x", "-1", "99999999999999999999"] {
        let typed = [("session", id)];
        let refused = of_bert
            .submit(&page, "/settings/sessions/end", &typed)
            .await;
        refused.assert_status(404);
    }
    assert!(is_signed_in(&of_mona).await);
}

#[tokio::test]
async fn a_proof_that_is_old_is_asked_for_again_and_the_form_survives() {
    let world = World::for_browsers().await;
    let mona = world.user("mona").await;
    let pocket = world.enable_two_factor(&mona).await;
    let (desk, phone) = (world.visitor(), world.visitor());
    for browser in [&desk, &phone] {
        let page = browser.get("/login").await;
        let typed = [("login", "mona"), ("password", mona.password.as_str())];
        browser.submit(&page, "/login", &typed).await;
        let page = browser.get("/login/code").await;
        let code = pocket.code(&world);
        let done = browser
            .submit(&page, "/login/code", &[("code", &code)])
            .await;
        done.assert_status(303);
        world.advance(Duration::from_secs(31));
    }
    world.advance(STALE);
    let before = desk.cookie("session").expect("a session");
    let page = list(&desk).await;
    let asked = desk
        .submit(&page, "/settings/sessions/end-others", &[])
        .await;
    asked.assert_status(200);
    assert!(is_signed_in(&phone).await, "nothing is done yet");
    let code = pocket.code(&world);
    let wrong = [("password", "not it, no"), ("code", code.as_str())];
    let again = desk.submit(&asked, "/login/confirm", &wrong).await;
    again.assert_status(422);
    let typed = [
        ("password", mona.password.as_str()),
        ("code", code.as_str()),
    ];
    let done = desk.submit(&again, "/login/confirm", &typed).await;
    done.assert_status(303);
    assert_eq!(done.headers[LOCATION], "/settings/sessions");
    assert!(!is_signed_in(&phone).await);
    assert_ne!(desk.cookie("session").expect("a session"), before);
    // The earlier secret of the session is worth nothing.
    let thief = world.visitor();
    thief.sign_in(&world.user("bert").await).await;
    thief.set_cookie("session", &before);
    assert!(!is_signed_in(&thief).await);
    assert!(is_signed_in(&desk).await);
    let actions = world.audit_actions().await;
    assert!(actions.iter().any(|action| action == "session.confirmed"));
}

#[tokio::test]
async fn a_session_ends_with_the_password_with_time_and_without_use() {
    let world = World::for_browsers().await;
    let mona = world.user("mona").await;
    let visitor = world.visitor();
    visitor.sign_in(&mona).await;
    let password = Password::choose("another good password").expect("a password");
    let login = &mona.account.login;
    let operator = World::operator();
    let set = world
        .authority
        .set_password(login, password, RevokeTokens::Keep, &operator);
    set.await.expect("the user is there");
    assert!(!is_signed_in(&visitor).await);
    let mona = mona.with_password("another good password");
    visitor.sign_in(&mona).await;
    for _ in 0..4 {
        world.advance(Duration::from_hours(6 * 24));
        assert!(is_signed_in(&visitor).await);
        let written = world.authority.flush_session_uses().await;
        written.expect("it can be written");
    }
    world.advance(Duration::from_hours(6 * 24 + 1));
    assert!(!is_signed_in(&visitor).await, "it is thirty days old");
    visitor.sign_in(&mona).await;
    world.advance(Duration::from_hours(7 * 24) + Duration::from_mins(2));
    assert!(!is_signed_in(&visitor).await, "nobody used it for a week");
}

#[tokio::test]
async fn sessions_end_for_good_with_a_suspension_and_with_the_account() {
    let world = World::for_browsers().await;
    let (mona, bert) = (world.user("mona").await, world.user("bert").await);
    let (of_mona, of_bert) = (world.visitor(), world.visitor());
    of_mona.sign_in(&mona).await;
    of_bert.sign_in(&bert).await;
    let (authority, operator) = (&world.authority, World::operator());
    let suspended = authority.suspend_account(&mona.account.login, &operator);
    suspended.await.expect("the user is there");
    let deleted = authority.delete_account(&bert.account.login, &operator);
    deleted.await.expect("the user is there");
    assert!(!is_signed_in(&of_mona).await && !is_signed_in(&of_bert).await);
    let lifted = authority.unsuspend_account(&mona.account.login, &operator);
    lifted.await.expect("the user is there");
    assert!(!is_signed_in(&of_mona).await);
    of_mona.sign_in(&mona).await;
    assert!(is_signed_in(&of_mona).await);
}

#[tokio::test]
async fn one_sign_in_too_many_ends_the_session_that_was_used_least_recently() {
    let mut options = WorldOptions::for_browsers();
    options.settings.session_life.most_per_user = 2;
    let world = World::with(options).await;
    let mona = world.user("mona").await;
    let (first, second, third) = (world.visitor(), world.visitor(), world.visitor());
    for browser in [&first, &second, &third] {
        browser.sign_in(&mona).await;
        world.advance(Duration::from_mins(1));
    }
    assert!(!is_signed_in(&first).await);
    assert!(is_signed_in(&second).await && is_signed_in(&third).await);
}

#[tokio::test]
async fn cookies_are_of_this_host_for_encrypted_requests_and_hidden_from_scripts() {
    let world = World::for_browsers().await;
    let mona = world.user("mona").await;
    let (desk, phone) = (world.visitor(), world.visitor());
    let answers = [
        desk.get("/login?lang=ko").await,
        desk.get("/login").await,
        desk.sign_in(&mona).await,
        phone.sign_in(&mona).await,
    ];
    let mut names = BTreeSet::new();
    for answer in &answers {
        for cookie in answer.headers.get_all(SET_COOKIE) {
            let cookie = cookie.to_str().expect("a cookie is ASCII");
            let mut parts = cookie.split("; ");
            let pair = parts.next().unwrap_or_default();
            let name = pair.strip_prefix("__Host-counterfoil-");
            let name = name.and_then(|pair| pair.split('=').next());
            names.insert(name.expect("it is of this host").to_owned());
            let attributes: Vec<_> = parts.collect();
            for wanted in ["Path=/", "Secure", "HttpOnly", "SameSite=Lax"] {
                assert!(attributes.contains(&wanted), "{attributes:?}");
            }
            assert!(!attributes.iter().any(|part| part.starts_with("Domain")));
        }
    }
    for name in ["language", "session", "visitor"] {
        assert!(names.contains(name), "{names:?}");
    }
    let secrets = [&desk, &phone].map(|browser| browser.cookie("session").expect("a session"));
    assert_ne!(secrets[0], secrets[1]);
    // 256 bits in base 64.
    assert!(secrets.iter().all(|secret| secret.len() == 43));
}

#[tokio::test]
async fn whoever_is_signed_in_can_sign_out_on_every_page_with_a_menu() {
    let world = World::for_browsers().await;
    let root = world.administrator("root").await;
    let visitor = world.visitor();
    visitor.sign_in(&root).await;
    let has_menu = |path: &str| {
        let is_below = path.starts_with("/settings/") || path.starts_with("/admin");
        is_below && !path.contains('{')
    };
    let mut seen = 0;
    for route in PAGES.routes {
        if route.method != Some(Method::GET) || !has_menu(route.path) {
            continue;
        }
        let page = visitor.get(route.path).await;
        // Some only lead elsewhere.
        if page.status == 200 {
            let forms = page.forms();
            let can_sign_out = forms.iter().any(|form| form.action == "/logout");
            assert!(can_sign_out, "{}", route.path);
            seen += 1;
        }
    }
    assert!(seen >= 15, "{seen}");
}

#[tokio::test]
async fn a_form_of_a_session_that_has_ended_keeps_what_was_typed() {
    let world = World::for_browsers().await;
    let mona = world.user("mona").await;
    let (desk, phone) = (world.visitor(), world.visitor());
    desk.sign_in(&mona).await;
    phone.sign_in(&mona).await;
    let page = list(&desk).await;
    let id = page.form("/settings/sessions/end").hidden;
    let id = &id
        .iter()
        .find(|(name, _)| name == "session")
        .expect("a row")
        .1;
    let id = id.clone();
    world.advance(Duration::from_hours(7 * 24) + Duration::from_mins(2));
    phone.sign_in(&mona).await;
    let asked = desk.submit(&page, "/settings/sessions/end", &[]).await;
    let typed = [("login", "mona"), ("password", mona.password.as_str())];
    let again = desk.submit(&asked, "/login", &typed).await;
    again.assert_status(403);
    assert!(
        again.text().contains("Your entries are still here"),
        "{}",
        again.text()
    );
    let form = again.form("/settings/sessions/end");
    assert!(form.hidden.contains(&("session".to_owned(), id)));
    let sent = desk.submit(&again, "/settings/sessions/end", &[]).await;
    sent.assert_status(303);
}

#[tokio::test]
async fn the_api_takes_no_cookie() {
    let world = World::for_browsers().await;
    let mona = world.user("mona").await;
    let visitor = world.visitor();
    visitor.sign_in(&mona).await;
    for path in ["/api/v3/user", "/api/v3/authorizations"] {
        visitor.get(path).await.assert_status(401);
    }
}
