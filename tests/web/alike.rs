//! What strangers, and people who are signed in, are answered about others: the same words for the
//! same work, whether what they typed is somebody's or nobody's.

use std::time::Duration;

use counterfoil_authority::{Invite, LinkDelivery, LinkTo};
use counterfoil_domain::link::LinkCode;
use counterfoil_domain::login::Login;
use counterfoil_domain::scope::Standing;
use counterfoil_testkit::{Answer, Visitor, World};

use super::sign_in::LOCKING;
use crate::links;

const ADDRESSES: &str = "/settings/profile/addresses";
const FORGOTTEN: &str = "/login/forgotten";
const WRONG: &str = "not it, no";

/// What an answer cost, as far as somebody could measure it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Work {
    passwords: u64,
    statements: u64,
    writes: u64,
    mails: u64,
    events: Vec<String>,
}

/// What was done so far. To find it out is work too.
async fn done(world: &World) -> Work {
    let mails = world.database().look_up("SELECT count(*) FROM outbox");
    let events = world.audit_actions().await;
    let stats = world.store.stats();
    Work {
        passwords: world.authority.passwords_computed(),
        statements: stats.statements,
        writes: stats.writes,
        mails: mails.and_then(|count| count.parse().ok()).expect("a count"),
        events,
    }
}

/// Fills in the form of a page and sends it: what is said, without what was typed, and the work.
async fn send(
    world: &World,
    visitor: &Visitor<'_>,
    path: &str,
    typed: &[(&str, &str)],
) -> (String, Work) {
    let page = visitor.get(path).await;
    let before = done(world).await;
    let answer = visitor.submit(&page, path, typed).await;
    let statements = world.store.stats().statements;
    let after = done(world).await;
    let work = Work {
        passwords: after.passwords - before.passwords,
        statements: statements - before.statements,
        writes: after.writes - before.writes,
        mails: after.mails - before.mails,
        events: after.events[before.events.len()..].to_vec(),
    };
    (said(&answer, typed), work)
}

fn said(answer: &Answer, typed: &[(&str, &str)]) -> String {
    let mut text = format!("{} {}", answer.status, answer.header("location"));
    let mut html = answer.text();
    for form in answer.forms() {
        for (_, value) in form.hidden {
            html = html.replace(&value, "");
        }
    }
    for (_, value) in typed {
        html = html.replace(value, "");
    }
    text.push_str(&html);
    text
}

#[track_caller]
fn assert_alike(of: &[(&str, (String, Work))]) {
    for two in of.windows(2) {
        let ((one, one_got), (other, other_got)) = (&two[0], &two[1]);
        assert_eq!(one_got.0, other_got.0, "{one} and {other}");
        assert_eq!(one_got.1, other_got.1, "{one} and {other}");
    }
}

/// A user each for what may be so of somebody.
async fn people(world: &World) {
    world.user("mona").await;
    world.unverified_user("bert").await;
    let lisa = world.user("lisa").await;
    world.enable_two_factor(&lisa).await;
    let zoe = world.user("zoe").await;
    let operator = World::operator();
    let suspended = world
        .authority
        .suspend_account(&zoe.account.login, &operator);
    suspended.await.expect("the user is there");
}

#[tokio::test]
async fn a_wrong_password_costs_and_says_the_same_whoever_has_the_login() {
    for alike in [
        &["mona", "bert", "lisa", "zoe", "nobody"][..],
        &[
            "mona@example.com",
            "bert@example.com",
            "zoe@example.com",
            "nobody@example.com",
        ],
    ] {
        let world = World::for_browsers().await;
        people(&world).await;
        // The first refusal of all measures how long the others take.
        try_once(&world, &world.visitor(), "x").await;
        let mut got = Vec::new();
        for (number, login) in alike.iter().enumerate() {
            let visitor = world
                .visitor()
                .from_address(&format!("198.51.100.{number}"));
            got.push((*login, try_once(&world, &visitor, login).await));
        }
        assert_eq!(got[0].1.1.passwords, 1);
        assert_alike(&got);
        // And so does the lock.
        let mut locked = Vec::new();
        for (number, login) in alike.iter().enumerate() {
            let visitor = world.visitor().from_address(&format!("203.0.113.{number}"));
            for _ in 0..LOCKING {
                try_once(&world, &visitor, login).await;
            }
            let refused = try_once(&world, &visitor, login).await;
            assert!(refused.0.starts_with("403"), "{login}: {}", refused.0);
            locked.push((*login, refused));
        }
        assert_eq!(locked[0].1.1.passwords, 0);
        assert_alike(&locked);
    }
}

/// Tries a wrong password.
async fn try_once(world: &World, visitor: &Visitor<'_>, login: &str) -> (String, Work) {
    let typed = [("login", login), ("password", WRONG)];
    send(world, visitor, "/login", &typed).await
}

#[tokio::test]
async fn a_forgotten_password_costs_and_says_the_same_whoever_has_what_was_typed() {
    let world = links::with_mail().await;
    people(&world).await;
    let mut got = Vec::new();
    for typed in [
        "mona",
        "mona@example.com",
        "bert",
        "bert@example.com",
        "lisa",
        "zoe",
        "nobody",
        "nobody@example.com",
        "not even a login!",
    ] {
        let sent = send(&world, &world.visitor(), FORGOTTEN, &[("login", typed)]).await;
        got.push((typed, sent));
    }
    let work = &got[0].1.1;
    assert_eq!((work.passwords, work.mails), (0, 1));
    assert_eq!(work.events, [] as [&str; 0]);
    assert_alike(&got);
}

#[tokio::test]
async fn an_address_that_somebody_has_is_asked_for_like_one_that_nobody_has() {
    let world = links::with_mail().await;
    people(&world).await;
    let asking = world.user("asking").await;
    let visitor = world.visitor();
    visitor.sign_in(&asking).await;
    let mut got = Vec::new();
    // The first ends no earlier one.
    for address in [
        "first@example.com",
        "mona@example.com",
        "bert@example.com",
        "zoe@example.com",
        "nobody@example.com",
    ] {
        let sent = send(&world, &visitor, ADDRESSES, &[("address", address)]).await;
        got.push((address, sent));
    }
    let work = &got[1].1.1;
    assert_eq!((work.passwords, work.mails), (0, 1));
    assert_eq!(work.events, ["link.requested"]);
    assert_alike(&got[1..]);
}

/// The code of an invitation, which makes the user or ends the one before.
async fn invitation(world: &World, login: &str) -> LinkCode {
    let invite = Invite {
        login: Login::parse(login).expect("a login"),
        email: None,
        name: None,
        standing: Standing::Ordinary,
    };
    let operator = World::operator();
    let invited = world.authority.invite(invite, LinkTo::Show, &operator);
    match invited.await.expect("nobody chose a password") {
        (_, LinkDelivery::Shown(link)) => link.code,
        (_, LinkDelivery::Mailed) => panic!("it was to be shown"),
    }
}

#[tokio::test]
async fn a_link_that_is_dead_says_and_costs_the_same_as_one_that_never_was() {
    let world = World::for_browsers().await;
    world.administrator("admin").await;
    let used = invitation(&world, "used").await;
    let browser = world.visitor();
    let page = links::open(&browser, &used).await;
    let chosen = [("password", "three words together")];
    let done = browser.submit(&page, "/link", &chosen).await;
    done.assert_status(303);
    let old = invitation(&world, "old").await;
    world.advance(Duration::from_hours(8 * 24));
    let ended = invitation(&world, "ended").await;
    invitation(&world, "ended").await;
    let none = LinkCode::parse("0123456789abcdefghijkl").expect("the form of a code");
    let mut got = Vec::new();
    for (what, code) in [
        ("used", used),
        ("old", old),
        ("ended", ended),
        ("none", none),
    ] {
        let visitor = world.visitor();
        let opened = visitor.get(&format!("/link/{}", code.expose())).await;
        opened.assert_status(303);
        let before = world.store.stats();
        let answer = visitor.get("/link").await;
        let after = world.store.stats();
        answer.assert_status(404);
        let costs = (
            after.statements - before.statements,
            after.writes - before.writes,
        );
        got.push((what, said(&answer, &[]), costs));
    }
    for two in got.windows(2) {
        assert_eq!(two[0].1, two[1].1, "{} and {}", two[0].0, two[1].0);
        assert_eq!(two[0].2, two[1].2, "{} and {}", two[0].0, two[1].0);
    }
}
