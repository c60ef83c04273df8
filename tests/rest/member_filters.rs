//! Filters of lists of members: whoever maps roles to rights asks for owners, and must not get
//! everybody (wire contract, section 28).

use counterfoil_domain::organization::{Organization, Role, Team};
use counterfoil_testkit::{Answer, UserActor, World};

use super::passkeys;

/// acme with mona, who administers it, hubot, who has two factors, and otto, who has not; mona and
/// otto are in a team. And a stranger.
struct Scene<'w> {
    world: &'w World,
    mona: UserActor<'w>,
    hubot: UserActor<'w>,
    otto: UserActor<'w>,
    stranger: UserActor<'w>,
    acme: Organization,
    team: Team,
}

impl<'w> Scene<'w> {
    async fn new(world: &'w World) -> Self {
        let (mona, hubot) = (world.user("mona").await, world.user("hubot").await);
        let (otto, stranger) = (world.user("otto").await, world.user("stranger").await);
        let acme = world.organization("acme").await;
        for (user, role) in [
            (&mona, Role::Admin),
            (&hubot, Role::Member),
            (&otto, Role::Member),
        ] {
            world.join(&acme, user, role).await;
        }
        world.enable_two_factor(&hubot).await;
        let team = world.team(&acme, "Ops", &[&mona, &otto]).await;
        Self {
            world,
            mona,
            hubot,
            otto,
            stranger,
            acme,
            team,
        }
    }

    async fn get(&self, user: &UserActor<'_>, path: &str) -> Answer {
        self.world.get_with_scopes(user, &["read:org"], path).await
    }

    /// The team's paths, by its slug and by its id.
    fn places(&self) -> [String; 2] {
        [
            format!("/orgs/acme/teams/{}", self.team.name.slug()),
            format!("/teams/{}", self.team.id),
        ]
    }
}

#[tokio::test]
async fn members_are_listed_by_role() {
    let world = World::new().await;
    let scene = Scene::new(&world).await;
    for (query, expected) in [
        ("role=admin", &["mona"][..]),
        ("role=member", &["hubot", "otto"]),
        ("role=all", &["mona", "hubot", "otto"]),
        ("role=", &["mona", "hubot", "otto"]),
        ("role=member&role=admin", &["mona"]),
    ] {
        let path = format!("/orgs/acme/members?{query}");
        let listed = scene.get(&scene.otto, &path).await;
        assert_eq!(listed.logins(), expected, "{query}");
    }
    let acme = &scene.acme.login;
    let (operator, otto) = (World::operator(), &scene.otto.account.login);
    let promoted = world
        .authority
        .set_organization_member(acme, otto, Role::Admin, &operator);
    assert!(promoted.await.unwrap());
    let listed = scene.get(&scene.hubot, "/orgs/acme/members?role=admin");
    assert_eq!(listed.await.logins(), ["mona", "otto"]);
}

#[tokio::test]
async fn only_owners_learn_who_has_no_second_factor() {
    let world = World::new().await;
    let scene = Scene::new(&world).await;
    let path = "/orgs/acme/members?filter=2fa_disabled";
    let listed = scene.get(&scene.mona, path).await;
    assert_eq!(listed.logins(), ["mona", "otto"]);
    let narrow = format!("{path}&role=member");
    let members = scene.get(&scene.mona, &narrow).await;
    assert_eq!(members.logins(), ["otto"]);
    for user in [&scene.hubot, &scene.otto, &scene.stranger] {
        let refused = scene.get(user, path).await;
        let message = "Only owners can use this filter.";
        assert_eq!(refused.assert_status(422).message(), message);
    }
    // Nobody can have a second factor that is sent by text message.
    let insecure = scene.get(&scene.mona, "/orgs/acme/members?filter=2fa_insecure");
    assert_eq!(insecure.await.logins(), [""; 0]);
    let refused = scene.get(&scene.otto, "/orgs/acme/members?filter=2fa_insecure");
    refused.await.assert_status(422);
    let everybody = scene.get(&scene.hubot, "/orgs/acme/members?filter=all");
    assert_eq!(everybody.await.logins(), ["mona", "hubot", "otto"]);
    world.enable_two_factor(&scene.otto).await;
    assert_eq!(scene.get(&scene.mona, path).await.logins(), ["mona"]);
    // A passkey is a second factor too.
    passkeys::give(&world, &scene.mona, "a key in blue").await;
    assert_eq!(scene.get(&scene.mona, path).await.logins(), [""; 0]);
}

#[tokio::test]
async fn a_filter_that_is_none_is_refused() {
    let world = World::new().await;
    let scene = Scene::new(&world).await;
    let [by_slug, by_id] = scene.places();
    for path in [
        "/orgs/acme/members?role=owner".to_owned(),
        "/orgs/acme/members?role=maintainer".to_owned(),
        "/orgs/acme/members?filter=2fa".to_owned(),
        format!("{by_slug}/members?role=admin"),
        format!("{by_id}/members?role=admin"),
        "/user/memberships/orgs?state=invited".to_owned(),
    ] {
        let refused = scene.get(&scene.mona, &path).await;
        let message = refused.assert_status(422).message();
        assert!(message.starts_with("Invalid request.\n\nFor "), "{message}");
        assert!(message.contains(" is not a member of ["), "{message}");
    }
}

#[tokio::test]
async fn links_keep_the_filter_and_count_what_it_lets_through() {
    let world = World::new().await;
    let scene = Scene::new(&world).await;
    let path = "/orgs/acme/members?role=member&per_page=1";
    let first = scene.get(&scene.mona, path).await;
    assert_eq!(first.logins(), ["hubot"]);
    let place = "http://counterfoil.test/api/v3/orgs/acme/members?role=member&per_page=1&page=2";
    assert_eq!(
        first.header("link"),
        format!("<{place}>; rel=\"next\", <{place}>; rel=\"last\"")
    );
    let last = scene.get(&scene.mona, &format!("{path}&page=2")).await;
    assert_eq!(last.logins(), ["otto"]);
    let owners = scene.get(&scene.mona, "/orgs/acme/members?role=admin&per_page=1");
    assert!(!owners.await.has("link"));
}

#[tokio::test]
async fn every_filter_of_every_list_is_in_its_links() {
    let world = World::new().await;
    let scene = Scene::new(&world).await;
    let (acme, beta) = (&scene.acme, world.organization("beta").await);
    world.join(&beta, &scene.otto, Role::Member).await;
    let [mona, hubot, otto] = [&scene.mona, &scene.hubot, &scene.otto];
    let web = world.team(acme, "Web", &[mona, hubot, otto]).await;
    for (user, list, first, second) in [
        (
            mona,
            "/orgs/acme/members?filter=2fa_disabled".to_owned(),
            "mona",
            "otto",
        ),
        (
            otto,
            "/orgs/acme/teams/web/members?role=member".to_owned(),
            "hubot",
            "otto",
        ),
        (
            otto,
            format!("/teams/{}/members?role=member", web.id),
            "hubot",
            "otto",
        ),
        (
            otto,
            "/user/memberships/orgs?state=active".to_owned(),
            "acme",
            "beta",
        ),
    ] {
        let path = format!("{list}&per_page=1");
        let place = |page: u32| format!("<http://counterfoil.test/api/v3{path}&page={page}>");
        let shown = scene.get(user, &path).await;
        assert_eq!(only_login(&shown), first, "{path}");
        let ahead = place(2);
        assert_eq!(
            shown.header("link"),
            format!("{ahead}; rel=\"next\", {ahead}; rel=\"last\"")
        );
        let shown = scene.get(user, &format!("{path}&page=2")).await;
        assert_eq!(only_login(&shown), second, "{path}");
        let back = place(1);
        assert_eq!(
            shown.header("link"),
            format!("{back}; rel=\"prev\", {back}; rel=\"first\"")
        );
    }
}

/// The one login in a list, of a user or of a membership's organization.
fn only_login(listed: &Answer) -> String {
    let listed = listed.assert_status(200).json();
    let items = listed.as_array().expect("a list");
    assert_eq!(items.len(), 1, "{listed}");
    let item = &items[0];
    let account = item.get("organization").unwrap_or(item);
    account["login"].as_str().expect("a login").to_owned()
}

#[tokio::test]
async fn who_administers_an_organization_maintains_its_teams() {
    let world = World::new().await;
    let scene = Scene::new(&world).await;
    for place in scene.places() {
        for (role, expected) in [
            ("maintainer", &["mona"][..]),
            ("member", &["otto"]),
            ("all", &["mona", "otto"]),
        ] {
            let path = format!("{place}/members?role={role}");
            let listed = scene.get(&scene.hubot, &path).await;
            assert_eq!(listed.logins(), expected, "{path}");
        }
    }
    for (login, role) in [("mona", "maintainer"), ("otto", "member")] {
        let path = format!("/orgs/acme/teams/ops/memberships/{login}");
        let shown = scene.get(&scene.hubot, &path).await;
        assert_eq!(shown.assert_status(200).json()["role"], role);
    }
}

#[tokio::test]
async fn nobody_is_invited_so_no_membership_is_pending() {
    let world = World::new().await;
    let scene = Scene::new(&world).await;
    for (query, expected) in [("", 1), ("?state=active", 1), ("?state=pending", 0)] {
        let path = format!("/user/memberships/orgs{query}");
        let listed = scene.get(&scene.otto, &path).await;
        let listed = listed.assert_status(200).json();
        assert_eq!(listed.as_array().map(Vec::len), Some(expected), "{query}");
    }
}

#[tokio::test]
async fn who_is_no_member_is_told_so_by_those_who_are() {
    let world = World::new().await;
    let scene = Scene::new(&world).await;
    for login in ["stranger", "nobody"] {
        let path = format!("/orgs/acme/members/{login}");
        let answer = scene.get(&scene.otto, &path).await;
        let message = "User does not exist or is not a member of the organization";
        assert_eq!(answer.assert_status(404).message(), message);
        scene.get(&scene.stranger, &path).await.assert_status(302);
    }
}
