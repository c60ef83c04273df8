//! What administrators do not do: to themselves, to nobody, with an old proof, or twice.

use std::time::Duration;

use counterfoil_domain::scope::Standing;
use counterfoil_testkit::{GivenToken, World};

use super::{LIST, asked, root};
use crate::web::tokens::{Says as _, signed_in};

const STALE: Duration = Duration::from_mins(16);
const ACTS: [&str; 10] = [
    "invite",
    "reset",
    "unlock",
    "unsuspend",
    "suspend",
    "end-sessions",
    "two-factor-off",
    "promote",
    "demote",
    "delete",
];

#[tokio::test]
async fn a_token_that_is_pasted_into_the_search_for_users_is_not_carried_on() {
    let world = World::for_browsers().await;
    let (root, browser) = root(&world).await;
    let token = world.issue_token(&root, GivenToken::default()).await.token;
    let token = token.expose();
    let (_, body) = token.split_once('_').expect("it has a prefix");
    for pasted in [token, &token[..20], body] {
        let address = format!("{LIST}?sought={pasted}");
        let led_on = browser.get(&address).await;
        led_on.assert_status(303);
        assert_eq!(
            led_on.header("location"),
            "/admin/users?refused=token",
            "{pasted}"
        );
        let page = browser.follow(&led_on).await;
        page.assert_status(422);
        page.says("That holds a token, which is not looked for.")
            .says_not(pasted);
        // Nor do pages repeat it that show no search, and the way through the sign-in.
        let page = browser.get(&format!("/admin?sought={pasted}")).await;
        page.assert_status(200);
        page.says("/admin?lang=").says_not(pasted);
        let led_on = world.visitor().get(&address).await;
        led_on.assert_status(303);
        assert_eq!(
            led_on.header("location"),
            "/login?return_to=%2Fadmin%2Fusers",
            "{pasted}"
        );
    }
    let link = format!("/settings/tokens/new?description={token}");
    let form = browser.get(&link).await;
    form.assert_status(200);
    form.says_not(token);
}

#[tokio::test]
async fn nobody_does_to_themselves_what_administrators_do() {
    let world = World::for_browsers().await;
    let (_, browser) = root(&world).await;
    world.user("mona").await;
    let page = browser.get("/admin/users/root").await;
    page.says("This is your own account.").says_not("/confirm/");
    let open = asked(&browser, "mona", "suspend").await;
    let csrf = open.hidden("csrf");
    let before = world.audit_actions().await;
    for act in ACTS {
        let path = format!("{LIST}/root/confirm/{act}");
        browser.get(&path).await.assert_status(404);
        // The token is of another form; there is none that would be of this one.
        let (path, fields) = (format!("{LIST}/root/{act}"), [("csrf", &*csrf)]);
        browser.post(&path, &fields).await.assert_status(403);
    }
    assert_eq!(world.audit_actions().await, before);
}

#[tokio::test]
async fn who_comes_back_with_a_form_for_the_own_account_is_refused() {
    let world = World::for_browsers().await;
    let (root, browser) = root(&world).await;
    // A page of the time when the account had another holder of the session.
    let other = world.administrator("other").await;
    let elsewhere = signed_in(&world, &other).await;
    let page = asked(&elsewhere, "root", "demote").await;
    let token = page.form("/admin/users/root/demote").hidden[0].1.clone();
    let fields = [("csrf", &*token)];
    let refused = browser.post("/admin/users/root/demote", &fields).await;
    refused.assert_status(403);
    // What is shown in its place has a token that fits, and still does nothing.
    let again = browser
        .submit(&refused, "/admin/users/root/demote", &[])
        .await;
    again.assert_status(404);
    let account = world.store.account_by_id(root.account.id).await;
    let account = account.expect("it can be read").expect("it is there");
    assert_eq!(account.standing, Standing::SiteAdministrator);
}

#[tokio::test]
async fn what_is_no_user_or_no_act_is_not_there() {
    let world = World::for_browsers().await;
    let (_, browser) = root(&world).await;
    world.user("mona").await;
    world.organization("acme").await;
    for path in [
        "/admin/users/nobody",
        "/admin/users/acme",
        "/admin/users/no%20login",
        "/admin/users/nobody/confirm/suspend",
        "/admin/users/mona/confirm/",
        "/admin/users/mona/confirm/bless",
        "/admin/users/mona/suspend",
    ] {
        browser.get(path).await.assert_status(404);
    }
}

#[tokio::test]
async fn an_old_proof_is_asked_for_again_and_the_form_survives() {
    let world = World::for_browsers().await;
    let (root, browser) = root(&world).await;
    let page = browser.get("/admin/invite").await;
    world.advance(STALE);
    // Looking at something wants no proof.
    browser.get(LIST).await.assert_status(200);
    let typed = [("user", "mona"), ("name", "Mona <b> Lisa")];
    let asked = browser.submit(&page, "/admin/invite", &typed).await;
    asked.says("Confirm that it is you").says_not("<b>");
    browser.get("/admin/users/mona").await.assert_status(404);
    let password = [("password", root.password.as_str())];
    let done = browser.submit(&asked, "/login/confirm", &password).await;
    done.assert_status(200);
    done.says("A link for mona");
    browser
        .get("/admin/users/mona")
        .await
        .says("Mona &lt;b&gt; Lisa");
}

#[tokio::test]
async fn every_act_wants_a_proof_that_is_not_old() {
    let world = World::for_browsers().await;
    let (_, browser) = root(&world).await;
    world.user("mona").await;
    let page = asked(&browser, "mona", "delete").await;
    world.advance(STALE);
    let typed = [("user", "mona")];
    let asked = browser
        .submit(&page, "/admin/users/mona/delete", &typed)
        .await;
    asked.says("Confirm that it is you");
    browser.get("/admin/users/mona").await.assert_status(200);
}

#[tokio::test]
async fn who_loses_the_rights_while_the_change_waits_changes_nothing() {
    let world = World::for_browsers().await;
    let (root, browser) = root(&world).await;
    world.user("mona").await;
    let page = asked(&browser, "mona", "suspend").await;
    world.set_standing(&root, Standing::Ordinary).await;
    let before = world.audit_actions().await;
    let sent = browser.submit(&page, "/admin/users/mona/suspend", &[]);
    sent.await.says("name=\"login\"");
    assert_eq!(world.audit_actions().await, before);
}
