//! `/admin/users`: users found, looked at, and each act: what it says before, and what it does at
//! the API, in the trail and to whom it concerns.

mod invitations;
mod refused;

use std::time::Duration;

use counterfoil_domain::login::Login;
use counterfoil_domain::mail::{MailKind, MailWords};
use counterfoil_domain::organization::Role;
use counterfoil_domain::scope::Standing;
use counterfoil_testkit::{Answer, UserActor, Visitor, World};

use super::passkeys;
use super::tokens::{Says as _, accepts, signed_in};
use crate::links::{sent, with_mail};

const LIST: &str = "/admin/users";

/// A site administrator who is signed in.
async fn root(world: &World) -> (UserActor<'_>, Visitor<'_>) {
    let root = world.administrator("root").await;
    let browser = signed_in(world, &root).await;
    (root, browser)
}

/// The page that asks whether an act is meant.
async fn asked(browser: &Visitor<'_>, login: &str, act: &str) -> Answer {
    let path = format!("{LIST}/{login}/confirm/{act}");
    let page = browser.get(&path).await;
    page.assert_status(200);
    page
}

/// Sends its form, which leads to a page that tells what was done.
async fn done(browser: &Visitor<'_>, page: &Answer, login: &str, act: &str) -> Answer {
    let action = format!("{LIST}/{login}/{act}");
    let done = browser.submit(page, &action, &[]).await;
    browser.follow(&done).await
}

/// Says yes to an act.
async fn act(browser: &Visitor<'_>, login: &str, word: &str) -> Answer {
    let page = asked(browser, login, word).await;
    done(browser, &page, login, word).await
}

/// What is mailed, with whom it goes to.
async fn mailed(world: &World) -> Vec<(MailKind, String)> {
    let letters = sent(world).await.into_iter();
    let told = letters.map(|letter| match letter.words {
        MailWords::OfKind(kind) => (kind, letter.to.as_str().to_owned()),
        MailWords::AddressTaken => panic!("no address is taken"),
    });
    told.collect()
}

fn to_mona(kind: MailKind) -> Vec<(MailKind, String)> {
    vec![(kind, "mona@example.com".to_owned())]
}

/// The last event, by whom and about whom.
async fn last_event(world: &World) -> (String, String) {
    let event = world.events().await.pop().expect("there is one");
    (event.action, event.actor)
}

fn by(user: &UserActor<'_>) -> String {
    format!("account:{}", user.account.id)
}

async fn is_signed_in(browser: &Visitor<'_>) -> bool {
    browser.get("/settings/sessions").await.status == 200
}

#[tokio::test]
async fn users_are_found_by_login_address_and_name() {
    let world = World::for_browsers().await;
    let (_, browser) = root(&world).await;
    let mona = world.user("mona").await;
    world.user("bert").await;
    let id = mona.account.id;
    world.database().run(&format!(
        "UPDATE accounts SET name = 'Lisa 100%' WHERE id = {id}"
    ));
    let all = browser.get(LIST).await;
    all.says("3 users").says("href=\"/admin/users/bert\"");
    for sought in ["MON", "mona@exa", "lisa", "100%25", "ona%40"] {
        let found = browser.get(&format!("{LIST}?sought={sought}")).await;
        found.says("One user").says("href=\"/admin/users/mona\"");
        found.says_not("/admin/users/bert");
    }
    // No letter stands for another one, and none leads out of the question.
    for sought in ["_ona", "m%25a", "%27", "%5C", "nobody", "%00zz"] {
        let found = browser.get(&format!("{LIST}?sought={sought}")).await;
        found.says("No user has this in the login, an address or the name.");
    }
    let again = browser.get(&format!("{LIST}?sought=%3Cb%3E%22")).await;
    again.assert_status(200);
    again.says_not("<b>");
}

#[tokio::test]
async fn a_long_list_has_pages_and_keeps_what_is_sought() {
    let world = World::for_browsers().await;
    let (_, browser) = root(&world).await;
    world.database().run(
        "INSERT INTO accounts (kind, login, login_key, site_administrator, credential_version, created_at, updated_at)
         WITH RECURSIVE numbers(n) AS (SELECT 100 UNION ALL SELECT n + 1 FROM numbers WHERE n < 219)
         SELECT 'user', 'robot' || n, 'robot' || n, 0, 1, 1, 1 FROM numbers",
    );
    let first = browser.get(&format!("{LIST}?sought=robot")).await;
    first
        .says("120 users")
        .says("robot100")
        .says_not("robot150");
    first
        .says("/admin/users?sought=robot")
        .says("page=2\" rel=\"next\"");
    let last = browser.get(&format!("{LIST}?sought=robot&page=3")).await;
    last.says("robot219").says_not("robot199");
    for page in ["0", "4", "x", "99999999999"] {
        let far = browser
            .get(&format!("{LIST}?sought=robot&page={page}"))
            .await;
        far.assert_status(200);
    }
}

#[tokio::test]
async fn the_page_of_a_user_says_what_they_have() {
    let world = World::for_browsers().await;
    let (_, browser) = root(&world).await;
    let mona = world.user("mona").await;
    let page = browser.get("/admin/users/mona").await;
    page.says("mona@example.com").says("None known");
    page.says("No token was ever used.").says("confirm/suspend");
    for act in [
        "unlock",
        "unsuspend",
        "end-sessions",
        "two-factor-off",
        "demote",
        "invite",
    ] {
        page.says_not(&format!("confirm/{act}\""));
    }
    let token = mona.personal_token("laptop", &["repo"]).await.token();
    let app = world.app(&mona, "Board").await;
    mona.app_token(&app, &["gist"]).await;
    assert!(accepts(&world, &token).await);
    world.enable_two_factor(&mona).await;
    let standing = Standing::SiteAdministrator;
    world.set_standing(&mona, standing).await;
    // Whatever its capitals.
    let page = browser.get("/admin/users/Mona").await;
    page.says("2, of apps 1.")
        .says("Two-factor")
        .says("Administrator");
    for act in ["two-factor-off", "demote", "reset", "delete"] {
        page.says(&format!("href=\"/admin/users/mona/confirm/{act}\""));
    }
    let list = browser.get(LIST).await;
    list.says("Two-factor").says("Administrator");
}

#[tokio::test]
async fn who_is_suspended_is_refused_everywhere_at_once_until_it_is_lifted() {
    let world = with_mail().await;
    let (root, browser) = root(&world).await;
    let mona = world.user("mona").await;
    let phone = signed_in(&world, &mona).await;
    let token = mona.personal_token("laptop", &["repo"]).await.token();
    assert!(accepts(&world, &token).await);
    let page = asked(&browser, "mona", "suspend").await;
    page.says("Suspend mona?");
    page.says("2 tokens and sessions are refused at once.");
    let page = done(&browser, &page, "mona", "suspend").await;
    page.says("mona was suspended.").says("confirm/unsuspend");
    page.says_not("confirm/suspend").says_not("confirm/reset");
    assert_eq!(
        last_event(&world).await,
        ("user.suspended".to_owned(), by(&root))
    );
    assert_eq!(mailed(&world).await, to_mona(MailKind::Suspended));
    let refused = world.anonymous().get_with_token(&token, "/user").await;
    refused.assert_status(403);
    assert!(!is_signed_in(&phone).await);
    browser.get(LIST).await.says("Suspended");
    let page = act(&browser, "mona", "unsuspend").await;
    page.says("The suspension of mona was lifted.");
    assert_eq!(
        last_event(&world).await,
        ("user.unsuspended".to_owned(), by(&root))
    );
    assert_eq!(mailed(&world).await, to_mona(MailKind::Unsuspended));
    assert!(accepts(&world, &token).await);
}

#[tokio::test]
async fn who_is_locked_out_gets_in_again() {
    let world = with_mail().await;
    let (root, browser) = root(&world).await;
    let mona = world.user("mona").await.from_address("198.51.100.7");
    let most = world.authority.settings().lockout.per_login_and_address;
    for _ in 0..most {
        let wrong = mona.with_password("wrong").get("/user").await;
        wrong.assert_status(401);
    }
    mona.get("/user").await.assert_status(403);
    sent(&world).await;
    let user = browser.get("/admin/users/mona").await;
    user.says("Sign-in is locked from one address.");
    let page = act(&browser, "mona", "unlock").await;
    page.says("mona was unlocked.").says_not("confirm/unlock");
    assert_eq!(
        last_event(&world).await,
        ("user.unlocked".to_owned(), by(&root))
    );
    assert_eq!(mailed(&world).await, to_mona(MailKind::Unlocked));
    mona.get("/user").await.assert_status(200);
}

#[tokio::test]
async fn all_sessions_of_a_user_end_and_tokens_work_on() {
    let world = with_mail().await;
    let (root, browser) = root(&world).await;
    let mona = world.user("mona").await;
    let token = mona.personal_token("laptop", &["repo"]).await.token();
    let (desk, phone) = (
        signed_in(&world, &mona).await,
        signed_in(&world, &mona).await,
    );
    let page = asked(&browser, "mona", "end-sessions").await;
    page.says("2 sessions end at once.").says("Last used");
    let page = done(&browser, &page, "mona", "end-sessions").await;
    page.says("All sessions of mona were ended.");
    page.says_not("confirm/end-sessions");
    assert_eq!(
        last_event(&world).await,
        ("session.ended".to_owned(), by(&root))
    );
    assert_eq!(mailed(&world).await, to_mona(MailKind::SessionsEnded));
    assert!(!is_signed_in(&desk).await && !is_signed_in(&phone).await);
    assert!(is_signed_in(&browser).await && accepts(&world, &token).await);
    // She is told where she looks after her account, too.
    let desk = signed_in(&world, &mona).await;
    let security = desk.get("/settings/security").await;
    security.says("All sessions ended").says("root");
}

#[tokio::test]
async fn two_factor_is_turned_off_for_who_lost_it() {
    let world = with_mail().await;
    let (root, browser) = root(&world).await;
    let mona = world.user("mona").await;
    world.enable_two_factor(&mona).await;
    sent(&world).await;
    mona.get("/user").await.assert_status(401);
    let page = asked(&browser, "mona", "two-factor-off").await;
    page.says("the password alone signs in");
    let page = done(&browser, &page, "mona", "two-factor-off").await;
    page.says("Two-factor was turned off for mona.");
    assert_eq!(
        last_event(&world).await,
        ("user.otp_disabled".to_owned(), by(&root))
    );
    assert_eq!(mailed(&world).await, to_mona(MailKind::TwoFactorOff));
    mona.get("/user").await.assert_status(200);
}

#[tokio::test]
async fn passkeys_end_with_two_factor_also_where_there_is_nothing_else() {
    let world = with_mail().await;
    let (root, browser) = root(&world).await;
    let mona = world.user("mona").await;
    let before = browser.get("/admin/users/mona").await.text();
    assert!(!before.contains("Passkeys"), "{before}");
    assert!(!before.contains("/confirm/two-factor-off"), "{before}");
    let device = passkeys::device_of(&world, &mona).await;
    let phone = world.visitor();
    let given = passkeys::signs_in(&phone, &device).await;
    given.assert_status(303);
    sent(&world).await;
    let page = browser.get("/admin/users/mona").await;
    page.says("<dt>Passkeys</dt><dd>1</dd>")
        .says("<dt>Two-factor</dt><dd>On</dd>");
    let page = asked(&browser, "mona", "two-factor-off").await;
    page.says("Every second factor of mona ends")
        .says("One passkey ends: it signs in no more, not even without the password.");
    let page = done(&browser, &page, "mona", "two-factor-off").await;
    page.says("Two-factor was turned off for mona.");
    assert_eq!(
        last_event(&world).await,
        ("user.passkey_removed".to_owned(), by(&root))
    );
    assert_eq!(mailed(&world).await, to_mona(MailKind::TwoFactorOff));
    assert!(!is_signed_in(&phone).await);
    let refused = passkeys::signs_in(&world.visitor(), &device).await;
    refused.assert_status(422);
    mona.get("/user").await.assert_status(200);
    let after = browser.get("/admin/users/mona").await.text();
    assert!(!after.contains("Passkeys"), "{after}");
}

#[tokio::test]
async fn an_administrator_is_made_and_unmade_and_no_token_gains_by_it() {
    let world = with_mail().await;
    let (root, browser) = root(&world).await;
    let mona = world.user("mona").await;
    asked(&browser, "mona", "promote")
        .await
        .says("No token gains anything by it.")
        .says("mona has no second factor.");
    let page = act(&browser, "mona", "promote").await;
    page.says("mona is an administrator now.");
    assert_eq!(
        last_event(&world).await,
        ("user.standing_changed".to_owned(), by(&root))
    );
    assert_eq!(mailed(&world).await, to_mona(MailKind::StandingChanged));
    let token = mona.personal_token("admin", &["site_admin"]).await;
    let token = token.token();
    let administers = async || {
        let anonymous = world.anonymous();
        let answer = anonymous.get_with_token(&token, "/admin/tokens").await;
        answer.status == 200
    };
    assert!(administers().await);
    sent(&world).await;
    let page = asked(&browser, "mona", "demote").await;
    page.says("Scopes for administrators count for nothing in the tokens of mona");
    let page = done(&browser, &page, "mona", "demote").await;
    page.says("mona is an ordinary user now.");
    assert_eq!(mailed(&world).await, to_mona(MailKind::StandingChanged));
    assert!(!administers().await);
    // A second promotion wakes nothing, and says which tokens stay as they are.
    let page = asked(&browser, "mona", "promote").await;
    page.says("One token has scopes for administrators from before.");
    page.says("<bdi>admin</bdi>: site_admin").says_not(&token);
    done(&browser, &page, "mona", "promote").await;
    assert!(!administers().await);
}

#[tokio::test]
async fn who_types_the_login_deletes_a_user() {
    let world = with_mail().await;
    let (root, browser) = root(&world).await;
    let mona = world.user("mona").await;
    let token = mona.personal_token("laptop", &["repo"]).await.token();
    world.app(&mona, "Board").await;
    let page = asked(&browser, "mona", "delete").await;
    page.says("One app of their own is deleted");
    page.says("The login stays taken. This cannot be undone.");
    let action = "/admin/users/mona/delete";
    for typed in ["", "bert", "<b>"] {
        let refused = browser.submit(&page, action, &[("user", typed)]).await;
        refused.assert_status(422);
        refused.says("There is a problem").says("Enter mona");
        refused.says("Error: Delete mona?").says_not("<b>");
        assert!(accepts(&world, &token).await);
    }
    let deleted = browser.submit(&page, action, &[("user", "Mona")]).await;
    let list = browser.follow(&deleted).await;
    list.says("mona was deleted.").says_not("/admin/users/mona");
    let events = world.events().await;
    let event = events.iter().find(|event| event.action == "user.deleted");
    assert_eq!(event.expect("it is told").actor, by(&root));
    assert_eq!(mailed(&world).await, to_mona(MailKind::Deleted));
    assert!(!accepts(&world, &token).await);
    browser.get("/admin/users/mona").await.assert_status(404);
}

#[tokio::test]
async fn the_last_owner_of_an_organization_cannot_go() {
    let world = World::for_browsers().await;
    let (_, browser) = root(&world).await;
    let (mona, bert) = (world.user("mona").await, world.user("bert").await);
    let acme = world.organization("acme").await;
    world.join(&acme, &mona, Role::Admin).await;
    world.join(&acme, &bert, Role::Admin).await;
    let action = "/admin/users/mona/delete";
    let open = asked(&browser, "mona", "delete").await;
    // Somebody else goes meanwhile.
    let login = Login::parse("bert").expect("a login");
    let operator = World::operator();
    let left = world
        .authority
        .remove_organization_member(&acme.login, &login, &operator);
    left.await.expect("he was in it");
    let refused = browser.submit(&open, action, &[("user", "mona")]).await;
    refused.assert_status(422);
    refused.says("mona is the last owner of an organization.");
    refused
        .says("<li>acme</li>")
        .says_not("action=\"/admin/users/mona/delete\"");
    browser.get("/admin/users/mona").await.assert_status(200);
    asked(&browser, "mona", "delete").await.says("acme");
    // With another owner she can.
    world.join(&acme, &bert, Role::Admin).await;
    let page = asked(&browser, "mona", "delete").await;
    let deleted = browser.submit(&page, action, &[("user", "mona")]).await;
    browser.follow(&deleted).await.says("mona was deleted.");
}

#[tokio::test]
async fn an_act_that_was_done_meanwhile_leads_to_the_page_of_the_user() {
    let world = World::for_browsers().await;
    let (_, browser) = root(&world).await;
    world.user("mona").await;
    let page = asked(&browser, "mona", "suspend").await;
    done(&browser, &page, "mona", "suspend").await;
    let before = world.events().await.len();
    // Sent twice, or asked for once more.
    done(&browser, &page, "mona", "suspend").await;
    assert_eq!(world.events().await.len(), before);
    let gone = browser.get("/admin/users/mona/confirm/suspend").await;
    assert_eq!(gone.header("location"), "/admin/users/mona");
    world.advance(Duration::from_mins(1));
    act(&browser, "mona", "unsuspend").await;
}
