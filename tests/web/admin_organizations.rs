//! `/admin/organizations`: the whole life of an organization in a browser, and what is refused
//! there.

use std::time::Duration;

use counterfoil_domain::login::Login;
use counterfoil_domain::mail::{MailKind, MailWords};
use counterfoil_domain::organization::{Organization, Role};
use counterfoil_testkit::{Answer, UserActor, Visitor, World};

use super::tokens::{Says as _, confirm, signed_in};
use crate::links::{sent, with_mail};

const LIST: &str = "/admin/organizations";
const ACME: &str = "/admin/organizations/acme";
const MEMBERS: &str = "/admin/organizations/acme/members";
const TEAMS: &str = "/admin/organizations/acme/teams";

/// A site administrator with a browser.
async fn administrator(world: &World) -> (UserActor<'_>, Visitor<'_>) {
    let root = world.administrator("root").await;
    let browser = signed_in(world, &root).await;
    (root, browser)
}

/// Fills in the form of a page that goes to its own path.
async fn send(browser: &Visitor<'_>, path: &str, typed: &[(&str, &str)]) -> Answer {
    let page = browser.get(path).await;
    page.assert_status(200);
    browser.submit(&page, path, typed).await
}

/// The same, which is done: what the next page tells.
async fn done(browser: &Visitor<'_>, path: &str, typed: &[(&str, &str)]) -> Answer {
    let answer = send(browser, path, typed).await;
    let next = browser.follow(&answer).await;
    next.assert_status(200);
    next
}

async fn role_of(world: &World, organization: &Organization, user: &UserActor<'_>) -> Option<Role> {
    let role = world.store.role_in(organization.id, user.account.id).await;
    role.expect("it can be read")
}

#[tokio::test]
async fn an_organization_lives_its_whole_life_on_the_pages() {
    let world = World::for_browsers().await;
    let (_, browser) = administrator(&world).await;
    let (hubot, lisa) = (world.user("hubot").await, world.user("lisa").await);
    let none = browser.get(LIST).await;
    none.says("There is no organization yet.");
    let typed = [("organization", "acme"), ("name", "Acme Corporation")];
    let made = done(&browser, LIST, &typed).await;
    made.says("The organization acme was created.");
    made.says("Nobody is a member. Add the first owner.");
    let login = Login::parse("acme").expect("a login");
    let acme = world.authority.find_organization(&login).await;
    let acme = acme.expect("it was made");

    let typed = [("user", "hubot"), ("role", "admin")];
    let added = done(&browser, MEMBERS, &typed).await;
    added.says("hubot is an owner of acme.");
    let typed = [("user", "lisa"), ("role", "member")];
    let added = done(&browser, MEMBERS, &typed).await;
    added.says("lisa is a member of acme.");
    assert_eq!(role_of(&world, &acme, &lisa).await, Some(Role::Member));
    let promoted = done(&browser, &format!("{MEMBERS}/lisa"), &[("role", "admin")]).await;
    promoted.says("lisa is an owner of acme.");
    assert_eq!(role_of(&world, &acme, &lisa).await, Some(Role::Admin));

    let team = done(&browser, TEAMS, &[("name", "Site Reliability")]).await;
    team.says("The team Site Reliability was created.");
    team.says("Nobody is in this team.");
    let team = format!("{TEAMS}/site-reliability");
    let in_team = done(&browser, &format!("{team}/members"), &[("user", "lisa")]).await;
    in_team.says("lisa is in the team Site Reliability.");
    in_team.says("Owner of the organization");
    let out = done(&browser, &format!("{team}/members/lisa/remove"), &[]).await;
    out.says("lisa was removed from the team Site Reliability.");
    let again = done(&browser, &format!("{team}/members"), &[("user", "lisa")]).await;
    again.says("lisa is in the team Site Reliability.");
    browser
        .get(LIST)
        .await
        .says("Acme Corporation")
        .says("data-label=\"Teams\"><div><p>1</p>");

    let gone = done(&browser, &format!("{MEMBERS}/lisa/remove"), &[]).await;
    gone.says("lisa was removed from acme and its teams.");
    browser.get(&team).await.says("Nobody is in this team.");
    let gone = done(&browser, &format!("{team}/delete"), &[]).await;
    gone.says("The team Site Reliability was deleted.");
    browser.get(&team).await.assert_status(404);

    world.app(&hubot, "Board").await;
    let delete = format!("{ACME}/delete");
    let wrong = send(&browser, &delete, &[("organization", "acm")]).await;
    wrong.assert_status(422);
    wrong.says("Enter acme, the login of the organization");
    let gone = done(&browser, &delete, &[("organization", "Acme")]).await;
    gone.says("The organization acme was deleted.");
    browser.get(ACME).await.assert_status(404);
}

#[tokio::test]
async fn the_only_owner_of_an_organization_stays_and_stays_an_owner() {
    let world = World::for_browsers().await;
    let (_, browser) = administrator(&world).await;
    let (hubot, lisa) = (world.user("hubot").await, world.user("lisa").await);
    let acme = world.organization("acme").await;
    world.join(&acme, &hubot, Role::Admin).await;
    world.join(&acme, &lisa, Role::Member).await;
    let before = world.audit_actions().await;
    let said = "hubot is the only owner of acme. Make somebody else an owner first";
    let remove = format!("{MEMBERS}/hubot/remove");
    let asked = browser.get(&remove).await;
    asked.says("hubot is an owner, and looks after its apps no more.");
    for (path, typed) in [
        (remove.as_str(), vec![]),
        (
            "/admin/organizations/acme/members/hubot",
            vec![("role", "member")],
        ),
        (MEMBERS, vec![("user", "hubot"), ("role", "member")]),
    ] {
        let refused = send(&browser, path, &typed).await;
        refused.assert_status(422);
        refused
            .says("There is a problem")
            .says("is the only owner of");
    }
    browser.submit(&asked, &remove, &[]).await.says(said);
    assert_eq!(world.audit_actions().await, before);
    assert_eq!(role_of(&world, &acme, &hubot).await, Some(Role::Admin));
    // With a second one either may go.
    done(&browser, &format!("{MEMBERS}/lisa"), &[("role", "admin")]).await;
    done(&browser, &remove, &[]).await;
    assert_eq!(role_of(&world, &acme, &hubot).await, None);
    // Who is no member is not there.
    browser.get(&remove).await.assert_status(404);
}

#[tokio::test]
async fn an_operator_at_the_command_line_may_leave_an_organization_without_owners() {
    let world = World::for_browsers().await;
    let hubot = world.user("hubot").await;
    let acme = world.organization("acme").await;
    world.join(&acme, &hubot, Role::Admin).await;
    let (login, operator) = (&hubot.account.login, World::operator());
    let removed = world
        .authority
        .remove_organization_member(&acme.login, login, &operator);
    removed.await.expect("they may make another owner");
    assert_eq!(role_of(&world, &acme, &hubot).await, None);
}

/// Where a form is sent, what is typed into it, and what is said of that.
type Wrong = (
    &'static str,
    &'static [(&'static str, &'static str)],
    &'static str,
);

const IN_TEAM: &str = "/admin/organizations/acme/teams/core/members";

/// Forms in which something is wrong.
const WRONG: &[Wrong] = &[
    (
        LIST,
        &[("organization", "-"), ("name", "kept")],
        "Enter a login of 1 to 39",
    ),
    (
        LIST,
        &[("organization", "0123456789abcdef0123"), ("name", "kept")],
        "this one could be the client ID of an app",
    ),
    (
        LIST,
        &[("organization", "hubot"), ("name", "kept")],
        "This login is taken",
    ),
    (
        LIST,
        &[("organization", "kept"), ("name", "a\u{202e}b")],
        "without control characters",
    ),
    (
        MEMBERS,
        &[("user", ""), ("role", "member")],
        "Enter the login of a user",
    ),
    (
        MEMBERS,
        &[("user", "kept"), ("role", "admin")],
        "There is no user",
    ),
    (
        MEMBERS,
        &[("user", "kept!"), ("role", "admin")],
        "There is no user",
    ),
    (MEMBERS, &[("user", "hubot")], "Choose a role"),
    (
        MEMBERS,
        &[("user", "hubot"), ("role", "king")],
        "Choose a role",
    ),
    (
        TEAMS,
        &[("name", "!")],
        "Enter a name with at least one letter or digit",
    ),
    (
        TEAMS,
        &[("name", "CORE")],
        "There is a team whose name reads the same",
    ),
    (IN_TEAM, &[("user", "")], "Enter the login of a user"),
    (IN_TEAM, &[("user", "nobody")], "There is no user"),
    (IN_TEAM, &[("user", "lisa")], "is no member of acme"),
];

#[tokio::test]
async fn what_is_wrong_with_a_form_is_said_and_what_was_typed_is_kept() {
    let world = World::for_browsers().await;
    let (_, browser) = administrator(&world).await;
    let acme = world.organization("acme").await;
    let hubot = world.user("hubot").await;
    world.user("lisa").await;
    world.join(&acme, &hubot, Role::Member).await;
    world.team(&acme, "Core", &[]).await;
    for (path, typed, said) in WRONG {
        let refused = send(&browser, path, typed).await;
        refused.assert_status(422);
        refused.says("There is a problem").says(said);
        if typed.iter().any(|(_, value)| value.starts_with("kept")) {
            refused.says("value=\"kept");
        }
    }
    let long = "a".repeat(256);
    for (path, typed) in [
        (
            LIST,
            vec![("organization", "kept"), ("name", long.as_str())],
        ),
        (TEAMS, vec![("name", long.as_str())]),
    ] {
        let refused = send(&browser, path, &typed).await;
        refused.assert_status(422);
        refused.says("at most 255 characters");
    }
}

#[tokio::test]
async fn who_is_concerned_is_told_by_mail() {
    let world = with_mail().await;
    let (_, browser) = administrator(&world).await;
    let hubot = world.user("hubot").await;
    let acme = world.organization("acme").await;
    // At the command line whole organizations are filled.
    world.join(&acme, &hubot, Role::Member).await;
    world.team(&acme, "core", &[]).await;
    assert_eq!(sent(&world).await.len(), 0);
    let team = format!("{TEAMS}/core/members");
    for (path, typed, kind) in [
        (
            "/admin/organizations/acme/members/hubot",
            vec![("role", "admin")],
            MailKind::MembershipChanged,
        ),
        (
            team.as_str(),
            vec![("user", "hubot")],
            MailKind::MembershipChanged,
        ),
        (
            "/admin/organizations/acme/teams/core/members/hubot/remove",
            vec![],
            MailKind::MembershipChanged,
        ),
        (
            "/admin/organizations/acme/delete",
            vec![("organization", "acme")],
            MailKind::OrganizationDeleted,
        ),
    ] {
        done(&browser, path, &typed).await;
        let letters = sent(&world).await;
        assert_eq!(letters.len(), 1, "{path}");
        assert_eq!(letters[0].words, MailWords::OfKind(kind), "{path}");
        assert_eq!(letters[0].to.as_str(), "hubot@example.com");
    }
    let own = signed_in(&world, &hubot).await;
    let events = own.get("/settings/security").await;
    events.says("Membership of an organization or a team changed");
}

#[tokio::test]
async fn who_proved_too_long_ago_who_they_are_is_asked_and_loses_no_entry() {
    let world = World::for_browsers().await;
    let (root, browser) = administrator(&world).await;
    world.advance(Duration::from_mins(16));
    let asked = send(
        &browser,
        LIST,
        &[("organization", "acme"), ("name", "Acme")],
    )
    .await;
    asked.says("Confirm that it is you");
    browser
        .get(LIST)
        .await
        .says("There is no organization yet.");
    let made = confirm(&browser, &asked, &root).await;
    browser
        .follow(&made)
        .await
        .says("The organization acme was created.");
}

#[tokio::test]
async fn members_go_on_on_a_second_page() {
    let world = World::for_browsers().await;
    let (_, browser) = administrator(&world).await;
    let acme = world.organization("acme").await;
    for number in 0..51 {
        let user = world.user(&format!("user-{number}")).await;
        world.join(&acme, &user, Role::Member).await;
    }
    browser
        .get(ACME)
        .await
        .says(">user-49<")
        .says_not(">user-50<")
        .says("Page 1 of 2");
    browser
        .get(&format!("{ACME}?page=2"))
        .await
        .says(">user-50<")
        .says_not(">user-49<");
}

#[tokio::test]
async fn the_pages_of_organizations_speak_korean() {
    let world = World::for_browsers().await;
    let root = world.administrator("root").await;
    let browser = world.visitor().speaking("ko");
    browser.sign_in(&root).await;
    let made = done(&browser, LIST, &[("organization", "acme")]).await;
    made.says("acme 조직을 만들었습니다.");
    made.says("구성원이 없습니다. 첫 소유자를 추가하세요.");
}
