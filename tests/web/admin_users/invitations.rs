//! Links that administrators make for users: mailed, or shown this once.

use counterfoil_domain::link::LinkCode;
use counterfoil_domain::login::Login;
use counterfoil_domain::mail::{MailKind, MailWords};
use counterfoil_testkit::{Answer, Visitor, World};

use super::{act, asked, by, root};
use crate::links::{self, open, sent, with_mail};
use crate::web::tokens::Says as _;

const INVITE: &str = "/admin/invite";
const PASSWORD: &str = "three words together";

async fn invite(browser: &Visitor<'_>, typed: &[(&str, &str)]) -> Answer {
    let page = browser.get(INVITE).await;
    page.assert_status(200);
    browser.submit(&page, INVITE, typed).await
}

/// The code of the link that a page shows.
#[track_caller]
fn code_in(answer: &Answer) -> LinkCode {
    let html = answer.assert_status(200).text();
    let (_, after) = html.split_once("/link/").expect("a link");
    let code: String = after
        .chars()
        .take_while(char::is_ascii_alphanumeric)
        .collect();
    LinkCode::parse(&code).expect("a code")
}

/// Chooses a password by a link, and signs in by it.
async fn choose(world: &World, code: &LinkCode) {
    let visitor = world.visitor();
    let page = open(&visitor, code).await;
    let done = visitor
        .submit(&page, "/link", &[("password", PASSWORD)])
        .await;
    done.assert_status(303);
    let elsewhere = world.visitor();
    let page = elsewhere.get("/login").await;
    let typed = [("login", "mona"), ("password", PASSWORD)];
    let signed_in = elsewhere.submit(&page, "/login", &typed).await;
    signed_in.assert_status(303);
}

#[tokio::test]
async fn who_is_invited_gets_a_link_by_mail_that_names_who_sent_it() {
    let world = with_mail().await;
    let (root, browser) = root(&world).await;
    let typed = [
        ("user", "mona"),
        ("email", "mona@example.com"),
        ("name", "Mona Lisa"),
    ];
    let done = invite(&browser, &typed).await;
    let page = browser.follow(&done).await;
    page.says("mona was invited: a link is on its way.");
    page.says("mona@example.com")
        .says("not verified")
        .says("Not chosen yet");
    let actions = world.audit_actions().await;
    assert!(actions.ends_with(&["user.created".to_owned(), "link.requested".to_owned()]));
    let events = world.events().await;
    assert!(
        events
            .iter()
            .rev()
            .take(2)
            .all(|event| event.actor == by(&root))
    );
    let mut letters = sent(&world).await;
    let letter = letters.pop().expect("one waits");
    assert!(letters.is_empty());
    assert_eq!(letter.words, MailWords::OfKind(MailKind::Invitation));
    assert_eq!(letter.maker.as_ref().map(Login::as_str), Some("root"));
    choose(&world, &links::code(&letter)).await;
}

#[tokio::test]
async fn without_mail_a_link_is_shown_in_one_answer_and_nowhere_else() {
    let world = World::for_browsers().await;
    let (_, browser) = root(&world).await;
    let page = browser.get(INVITE).await;
    page.says("This server sends no mail");
    let shown = browser.submit(&page, INVITE, &[("user", "mona")]).await;
    assert_eq!(shown.header("cache-control"), "no-store");
    let code = code_in(&shown);
    shown.says("A link for mona").says("It works once, until");
    assert!(
        !world
            .events()
            .await
            .iter()
            .any(|event| { String::from_utf8_lossy(&event.bytes).contains(code.expose()) })
    );
    // Sent again it makes nothing, and the link stays good.
    let again = browser.submit(&page, INVITE, &[("user", "mona")]).await;
    again.assert_status(409);
    again.says("shown or sent before").says_not(code.expose());
    choose(&world, &code).await;
}

#[tokio::test]
async fn an_invitation_is_made_again_and_the_one_before_ends() {
    let world = World::for_browsers().await;
    let (_, browser) = root(&world).await;
    let first = code_in(&invite(&browser, &[("user", "mona")]).await);
    let page = asked(&browser, "mona", "invite").await;
    page.says("An earlier invitation works no more.");
    let action = "/admin/users/mona/invite";
    let second = code_in(&browser.submit(&page, action, &[]).await);
    browser.submit(&page, action, &[]).await.assert_status(409);
    assert_eq!(open(&world.visitor(), &first).await.status, 404);
    choose(&world, &second).await;
    // Who has a password is not invited, and has it reset.
    let user = browser.get("/admin/users/mona").await;
    user.says("confirm/reset").says_not("confirm/invite");
}

#[tokio::test]
async fn what_is_wrong_with_an_invitation_is_said_and_what_was_typed_stays() {
    let world = with_mail().await;
    let (_, browser) = root(&world).await;
    world.user("bert").await;
    for (typed, said) in [
        (
            ["", "x@example.org", ""],
            "Enter 1 to 39 letters, digits and single hyphens",
        ),
        (["no login", "x@example.org", ""], "Enter 1 to 39 letters"),
        (["mona", "", ""], "Enter an e-mail address, such as"),
        (["mona", "<b>", ""], "Enter an e-mail address, such as"),
        (
            ["mona", "bert@example.com", ""],
            "Another user has this address",
        ),
        (["bert", "new@example.org", ""], "has a password already"),
    ] {
        let [login, email, name] = typed;
        let typed = [("user", login), ("email", email), ("name", name)];
        let refused = invite(&browser, &typed).await;
        refused.assert_status(422);
        refused
            .says(said)
            .says("There is a problem")
            .says_not("<b>");
        if !login.is_empty() {
            refused.says(&format!("value=\"{login}\""));
        }
    }
    let long = "n".repeat(256);
    let typed = [
        ("user", "mona"),
        ("email", "m@example.org"),
        ("name", long.as_str()),
    ];
    invite(&browser, &typed)
        .await
        .says("Enter a name of at most 255 characters");
    browser.get("/admin/users/mona").await.assert_status(404);
}

#[tokio::test]
async fn the_login_of_somebody_who_is_gone_is_not_given_again() {
    let world = World::for_browsers().await;
    let (_, browser) = root(&world).await;
    let mona = world.user("mona").await;
    let by = World::operator();
    let deleted = world.authority.delete_account(&mona.account.login, &by);
    deleted.await.expect("she is there");
    let refused = invite(&browser, &[("user", "Mona")]).await;
    refused.assert_status(422);
    refused.says("Somebody has or had this login");
}

#[tokio::test]
async fn a_password_is_reset_by_a_link_that_is_mailed_to_a_verified_address_or_shown() {
    let world = with_mail().await;
    let (_, browser) = root(&world).await;
    world.user("mona").await;
    let bert = world.unverified_user("bert").await;
    let page = asked(&browser, "mona", "reset").await;
    page.says("A link goes to the e-mail address of mona.");
    let page = act(&browser, "mona", "reset").await;
    page.says("A link for another password of mona is on its way.");
    let letter = sent(&world).await.pop().expect("one waits");
    assert_eq!(letter.words, MailWords::OfKind(MailKind::Reset));
    choose(&world, &links::code(&letter)).await;
    let told = sent(&world).await.pop().expect("a notice");
    assert_eq!(told.words, MailWords::OfKind(MailKind::PasswordChanged));
    // Nobody showed to have the address of bert.
    let page = asked(&browser, "bert", "reset").await;
    page.says("You are shown a link once");
    let shown = browser.submit(&page, "/admin/users/bert/reset", &[]).await;
    code_in(&shown);
    assert!(sent(&world).await.is_empty());
    // The person sees that somebody had one made.
    let desk = world.visitor();
    desk.sign_in(&bert).await;
    let security = desk.get("/settings/security").await;
    security.says("Link made").says("root");
}

#[tokio::test]
async fn an_invitation_that_is_sent_again_or_refused_changes_nobody() {
    let world = with_mail().await;
    let (_, browser) = root(&world).await;
    let typed = |email, name| [("user", "mona"), ("email", email), ("name", name)];
    let old = typed("old@example.com", "Mona");
    let page = browser.get(INVITE).await;
    let invited = browser.submit(&page, INVITE, &old).await;
    invited.assert_status(303);
    let corrected = typed("new@example.com", "Mona Lisa");
    invite(&browser, &corrected).await.assert_status(303);
    let login = Login::parse("mona").expect("a login");
    let events = world.events().await.len();
    // The first form once more, as it stands in the history.
    let again = browser.submit(&page, INVITE, &old).await;
    again.assert_status(409);
    again.says("shown or sent before");
    assert_eq!(world.events().await.len(), events);
    let by = World::operator();
    let suspended = world.authority.suspend_account(&login, &by);
    assert!(suspended.await.expect("she is there"));
    let events = world.events().await.len();
    invite(&browser, &old).await.assert_status(422);
    assert_eq!(world.events().await.len(), events);
    let user = browser.get("/admin/users/mona").await;
    user.says("new@example.com").says("Mona Lisa");
    user.says_not("old@example.com");
}
