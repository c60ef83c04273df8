//! Links by which somebody sets a second factor up who should have one by now.

use std::time::Duration;

use counterfoil_authority::{LinkDelivery, LinkTo};
use counterfoil_domain::link::LinkCode;
use counterfoil_domain::mail::{MailBounds, MailKind, MailWords};
use counterfoil_testkit::{Answer, PasskeyDevice, Tampering, UserActor, Visitor, World};

use super::security::{authenticator, codes_of, requiring};
use crate::links::{code, open, sent};

const ASK: &str = "/login/enrolment";
const LINK: &str = "/link";
const SECURITY: &str = "/settings/security";
const PASSKEYS: &str = "/settings/security/passkeys";

/// A world that sends mail, in which everybody needs a second factor within a day.
async fn world() -> World {
    let mut options = requiring();
    options.settings.mail = Some(MailBounds::default());
    World::with(options).await
}

/// Somebody who is signed in and too late.
async fn too_late<'w>(world: &'w World, user: &UserActor<'_>) -> Visitor<'w> {
    let visitor = world.visitor();
    visitor.sign_in(user).await;
    visitor
}

/// Asks for a link, and gives the page that tells what was done.
async fn ask(visitor: &Visitor<'_>) -> Answer {
    let page = visitor.get("/").await;
    page.assert_status(403);
    let asked = visitor.submit(&page, ASK, &[]).await;
    visitor.follow(asked.assert_status(303)).await
}

/// A link that an operator was shown.
async fn shown(world: &World, user: &UserActor<'_>) -> LinkCode {
    let (login, operator) = (&user.account.login, World::operator());
    let offered = world
        .authority
        .offer_enrolment(login, LinkTo::Show, &operator);
    match offered.await.expect("the user has no second factor") {
        LinkDelivery::Shown(link) => link.code,
        LinkDelivery::Mailed => panic!("it was to be shown"),
    }
}

#[tokio::test]
async fn a_mailed_link_and_the_password_set_a_second_factor_up_for_who_is_too_late() {
    let world = world().await;
    let mona = world.user("mona").await;
    let visitor = too_late(&world, &mona).await;
    world.advance(Duration::from_hours(24));
    let told = ask(&visitor).await;
    told.assert_status(403);
    let actions = world.audit_actions().await;
    assert!(actions.iter().any(|action| *action == "link.requested"));
    let says =
        "If your account has a verified address, a link is on its way. It works for 60 minutes.";
    assert!(told.text().contains(says), "{}", told.text());
    let mut letters = sent(&world).await;
    let letter = letters.remove(0);
    assert_eq!(letters.len(), 0);
    assert_eq!(letter.words, MailWords::OfKind(MailKind::Enrolment));
    assert_eq!(letter.to.as_str(), "mona@example.com");
    // The password was given a day ago.
    let asked = open(&visitor, &code(&letter)).await;
    let asked = visitor.follow(asked.assert_status(303)).await;
    let typed = [("password", mona.password.as_str())];
    let on = visitor.submit(&asked, "/login/confirm", &typed).await;
    let page = visitor.follow(&on).await;
    page.assert_status(200);
    assert!(page.text().contains("For your account"), "{}", page.text());
    let set_up = visitor.submit(&page, LINK, &[]).await;
    let app = authenticator(set_up.assert_status(200));
    for typed in ["", &*app.wrong_code(&world)] {
        let refused = visitor.submit(&set_up, LINK, &[("code", typed)]).await;
        refused.assert_status(422);
        assert_eq!(authenticator(&refused).code(&world), app.code(&world));
    }
    // Nothing else is open before.
    visitor.get(SECURITY).await.assert_status(403);
    let (before, typed) = (world.audit_actions().await.len(), app.code(&world));
    let done = visitor.submit(&set_up, LINK, &[("code", &typed)]).await;
    done.assert_status(200);
    assert_eq!(codes_of(&done).len(), 16);
    visitor.get(SECURITY).await.assert_status(200);
    let actions = world.audit_actions().await;
    let led = ["user.otp_enabled", "link.used"];
    assert_eq!(actions[before..], led, "{actions:?}");
    // It works once.
    let again = open(&visitor, &code(&letter)).await;
    again.assert_status(404);
}

/// Sends what a device made to the link.
async fn send_made(
    visitor: &Visitor<'_>,
    asked: &Answer,
    made: &[(&'static str, String)],
) -> Answer {
    let typed: Vec<_> = made.iter().map(|(name, it)| (*name, it.as_str())).collect();
    visitor.submit(asked, LINK, &typed).await
}

#[tokio::test]
async fn a_passkey_at_the_link_is_the_second_factor_of_who_is_too_late() {
    let world = world().await;
    let mona = world.user("mona").await;
    world.advance(Duration::from_hours(24));
    let link = shown(&world, &mona).await;
    let visitor = too_late(&world, &mona).await;
    visitor.get(PASSKEYS).await.assert_status(403);
    let page = open(&visitor, &link).await;
    let nameless = visitor.submit(&page, LINK, &[("name", " ")]).await;
    nameless.assert_status(422);
    let text = nameless.text();
    assert!(text.contains("Enter a name for the passkey"), "{text}");
    let named = [("name", "phone")];
    let asked = visitor.submit(&nameless, LINK, &named).await;
    let device = PasskeyDevice::default();
    let elsewhere = Tampering {
        origin: Some("https://evil.example"),
        ..Tampering::default()
    };
    let wrong = device.make_with(asked.assert_status(200), elsewhere);
    let refused = send_made(&visitor, &asked, &wrong).await;
    refused.assert_status(422);
    let text = refused.text();
    assert!(text.contains("No passkey was added. Try again"), "{text}");
    // Nothing else is open before.
    visitor.get(SECURITY).await.assert_status(403);
    let asked = visitor.submit(&refused, LINK, &named).await;
    let made = device.make(&asked);
    let before = world.audit_actions().await.len();
    let done = send_made(&visitor, &asked, &made).await;
    done.assert_status(200);
    assert_eq!(codes_of(&done).len(), 16);
    let mut actions = world.audit_actions().await.split_off(before);
    actions.sort_unstable();
    assert_eq!(actions, ["link.used", "user.passkey_registered"]);
    visitor.get(SECURITY).await.assert_status(200);
    // It works once.
    open(&visitor, &link).await.assert_status(404);
}

#[tokio::test]
async fn a_passkey_is_not_added_at_a_link_of_somebody_else_or_without_one() {
    let world = world().await;
    let (mona, lisa) = (world.user("mona").await, world.user("lisa").await);
    world.advance(Duration::from_hours(24));
    let link = shown(&world, &mona).await;
    let other = too_late(&world, &lisa).await;
    open(&other, &link).await.assert_status(403);
    let own = too_late(&world, &mona).await;
    let page = open(&own, &link).await;
    let asked = own.submit(&page, LINK, &[("name", "phone")]).await;
    let made = PasskeyDevice::default().make(asked.assert_status(200));
    // Who has the password, and saw what her browser sent.
    let foreign = send_made(&other, &asked, &made).await;
    foreign.assert_status(403);
    // A newer link ends the one that her page was made for.
    shown(&world, &mona).await;
    let late = send_made(&own, &asked, &made).await;
    late.assert_status(404);
    let rows = world.database().look_up("SELECT count(*) FROM passkeys");
    assert_eq!(rows.as_deref(), Some("0"));
}

#[tokio::test]
async fn neither_the_link_nor_the_password_alone_sets_a_second_factor_up() {
    let world = world().await;
    let (mona, lisa) = (world.user("mona").await, world.user("lisa").await);
    world.advance(Duration::from_hours(24));
    let link = shown(&world, &mona).await;
    // Whoever has the link alone is asked to sign in, with all bounds of that.
    let stranger = world.visitor();
    let asked = open(&stranger, &link).await;
    asked.assert_status(303);
    assert_eq!(asked.header("location"), "/login?return_to=%2Flink");
    // Somebody else has no way on, whatever they send.
    let other = too_late(&world, &lisa).await;
    let page = open(&other, &link).await;
    page.assert_status(403);
    assert!(
        page.text().contains("and this link is for"),
        "{}",
        page.text()
    );
    assert!(page.forms().iter().all(|form| form.action != LINK));
    // Whoever has the password alone sees the one page.
    let thief = too_late(&world, &mona).await;
    thief.get(LINK).await.assert_status(404);
    // Both lead on, from the page that asks to sign in.
    let page = stranger.follow(&asked).await;
    let typed = [("login", "mona"), ("password", mona.password.as_str())];
    let on = stranger.submit(&page, "/login", &typed).await;
    let page = stranger.follow(on.assert_status(303)).await;
    let own = page.form(LINK);
    let sent_by_another: Vec<_> = own
        .hidden
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let foreign = other.post(LINK, &sent_by_another).await;
    foreign.assert_status(403);
    assert!(!foreign.text().contains("id=\"secret\""));
    let set_up = stranger.submit(&page, LINK, &[]).await;
    authenticator(set_up.assert_status(200));
}

#[tokio::test]
async fn a_link_ends_with_a_newer_one_and_with_the_second_factor() {
    let world = world().await;
    let mona = world.user("mona").await;
    let first = shown(&world, &mona).await;
    let second = shown(&world, &mona).await;
    let visitor = too_late(&world, &mona).await;
    open(&visitor, &first).await.assert_status(404);
    let page = open(&visitor, &second).await;
    let set_up = visitor.submit(&page, LINK, &[]).await;
    let app = authenticator(set_up.assert_status(200));
    // An operator is faster, which ends the session too.
    world.enable_two_factor(&mona).await;
    let typed = app.code(&world);
    let late = visitor.submit(&set_up, LINK, &[("code", &typed)]).await;
    late.assert_status(404);
    open(&world.visitor(), &second).await.assert_status(404);
}

/// What asking leaves behind, as far as somebody could measure it.
async fn work_of_asking(world: &World, user: &UserActor<'_>) -> (u64, Option<String>, String) {
    let visitor = too_late(world, user).await;
    let page = visitor.get("/").await;
    let before = world.store.stats().writes;
    let asked = visitor.submit(&page, ASK, &[]).await;
    let writes = world.store.stats().writes - before;
    let said = visitor.follow(&asked).await.text();
    let rows = "SELECT kind || ' ' || CAST(asked AS TEXT) FROM outbox ORDER BY id DESC LIMIT 1";
    let (said, _) = said.split_once("</p>").expect("a status line");
    (writes, world.database().look_up(rows), said.to_owned())
}

#[tokio::test]
async fn asking_says_and_does_the_same_whether_there_is_an_address_for_the_link() {
    let world = world().await;
    let (mona, bert) = (
        world.user("mona").await,
        world.unverified_user("bert").await,
    );
    world.advance(Duration::from_hours(24));
    let with = work_of_asking(&world, &mona).await;
    assert_eq!(with.1.as_deref(), Some("enrolment 1"));
    assert!(with.2.contains("a link is on its way"), "{}", with.2);
    assert_eq!(work_of_asking(&world, &bert).await, with);
    let letters = sent(&world).await;
    let to: Vec<_> = letters.iter().map(|letter| letter.to.as_str()).collect();
    assert_eq!(to, ["mona@example.com"]);
}

#[tokio::test]
async fn nobody_has_more_links_mailed_than_the_settings_allow_and_says_so_to_nobody() {
    let world = world().await;
    let bounds = MailBounds::default();
    let mona = world.user("mona").await;
    let mut users = Vec::new();
    for number in 0..bounds.resets_per_address {
        users.push(world.user(&format!("user-{number}")).await);
    }
    world.advance(Duration::from_hours(24));
    let visitor = too_late(&world, &mona).await;
    let mut mailed = 0;
    let first = ask(&visitor).await.text();
    for _ in 0..bounds.resets_per_account + 2 {
        mailed += sent(&world).await.len();
        let said = ask(&visitor).await.text();
        let status = |text: &str| text.contains("a link is on its way");
        assert!(status(&first) && status(&said), "{said}");
    }
    mailed += sent(&world).await.len();
    assert_eq!(mailed, bounds.resets_per_account as usize);
    // The address has some left, and no more than that.
    for user in &users {
        ask(&too_late(&world, user).await).await;
    }
    let left = bounds.resets_per_address - bounds.resets_per_account;
    assert_eq!(sent(&world).await.len(), left as usize);
    // Somebody elsewhere does not pay for it, nor anybody an hour later.
    let bystander = world.visitor().from_address("198.51.100.9");
    let last = users.last().expect("there are some");
    bystander.sign_in(last).await;
    ask(&bystander).await;
    assert_eq!(sent(&world).await.len(), 1);
    world.advance(Duration::from_hours(1));
    ask(&too_late(&world, &mona).await).await;
    assert_eq!(sent(&world).await.len(), 1);
}
