//! Teams and who is in them (wire contract, section 28).

use counterfoil_domain::organization::{Organization, Role, Team};
use counterfoil_testkit::{Answer, UserActor, World};

/// acme with a team of mona's; hubot is in the organization and not in the team.
struct Scene<'w> {
    world: &'w World,
    mona: UserActor<'w>,
    hubot: UserActor<'w>,
    stranger: UserActor<'w>,
    acme: Organization,
    team: Team,
}

impl<'w> Scene<'w> {
    async fn new(world: &'w World) -> Self {
        let (mona, hubot) = (world.user("mona").await, world.user("hubot").await);
        let acme = world.organization("acme").await;
        for user in [&mona, &hubot] {
            world.join(&acme, user, Role::Member).await;
        }
        let team = world.team(&acme, "Site Reliability", &[&mona]).await;
        Self {
            world,
            mona,
            hubot,
            stranger: world.user("stranger").await,
            acme,
            team,
        }
    }

    async fn get(&self, user: &UserActor<'_>, scopes: &[&str], path: &str) -> Answer {
        self.world.get_with_scopes(user, scopes, path).await
    }

    /// The team's paths, by its slug and by its id.
    fn places(&self) -> [String; 2] {
        [
            "/orgs/acme/teams/site-reliability".to_owned(),
            format!("/teams/{}", self.team.id),
        ]
    }
}

fn texts(answer: &Answer, member: &str) -> Vec<String> {
    let list = answer.assert_status(200).json();
    let items = list.as_array().expect("a list").iter();
    items
        .map(|item| item[member].as_str().expect("a text").to_owned())
        .collect()
}

#[tokio::test]
async fn somebodys_teams_are_listed_with_their_organizations() {
    let world = World::new().await;
    let scene = Scene::new(&world).await;
    assert_answer!(scene.get(&scene.mona, &["read:org"], "/user/teams").await);
    let nowhere = scene.get(&scene.hubot, &["user"], "/user/teams").await;
    assert_eq!(texts(&nowhere, "slug"), [""; 0]);
    let refused = scene.get(&scene.mona, &["gist"], "/user/teams").await;
    assert_eq!(refused.assert_status(404).message(), "Not Found");
    assert_eq!(
        refused.header("x-accepted-oauth-scopes"),
        "admin:org, read:org, repo, user, write:org"
    );
}

#[tokio::test]
async fn an_organizations_teams_are_listed_to_its_members() {
    let world = World::new().await;
    let scene = Scene::new(&world).await;
    world.team(&scene.acme, "Design", &[]).await;
    let listed = scene
        .get(&scene.hubot, &["read:org"], "/orgs/acme/teams")
        .await;
    assert_eq!(texts(&listed, "slug"), ["site-reliability", "design"]);
    let page = scene.mona.get("/orgs/acme/teams?per_page=1&page=2").await;
    assert_eq!(texts(&page, "name"), ["Design"]);
    let refused = scene
        .get(&scene.stranger, &["read:org"], "/orgs/acme/teams")
        .await;
    refused.assert_status(403);
}

#[tokio::test]
async fn a_team_is_found_by_slug_and_by_id() {
    let world = World::new().await;
    let scene = Scene::new(&world).await;
    let [by_slug, by_id] = scene.places();
    world.next_second();
    let by_slug = scene.hubot.get(&by_slug).await;
    assert_answer!(by_slug);
    let by_id = scene.hubot.get(&by_id).await;
    assert_eq!(by_id.assert_status(200).body, by_slug.body);
    for path in ["/orgs/acme/teams/design", "/teams/999", "/teams/x"] {
        scene.mona.get(path).await.assert_status(404);
    }
}

#[tokio::test]
async fn a_team_says_who_is_in_it() {
    let world = World::new().await;
    let scene = Scene::new(&world).await;
    for place in scene.places() {
        let listed = scene.hubot.get(&format!("{place}/members")).await;
        assert_eq!(texts(&listed, "login"), ["mona"]);
        for (login, status) in [
            ("Mona", 204),
            ("hubot", 404),
            ("nobody", 404),
            ("a--b", 404),
        ] {
            let path = format!("{place}/members/{login}");
            let answer = scene.get(&scene.hubot, &["read:org"], &path).await;
            assert_eq!(answer.status, status, "{path}");
        }
    }
    let membership = "/orgs/acme/teams/site-reliability/memberships/";
    let found = scene.mona.get(&format!("{membership}mona")).await;
    assert_eq!(
        found.assert_status(200).text(),
        format!(
            "{{\"url\":\"http://counterfoil.test/api/v3/teams/{}/memberships/mona\",\"role\":\"member\",\
             \"state\":\"active\"}}",
            scene.team.id
        )
    );
    let missing = scene.mona.get(&format!("{membership}hubot")).await;
    missing.assert_status(404);
}

#[tokio::test]
async fn nobody_looks_into_a_team_from_outside() {
    let world = World::new().await;
    let scene = Scene::new(&world).await;
    for place in scene.places() {
        for rest in ["", "/members", "/members/mona"] {
            let path = format!("{place}{rest}");
            let (stranger, narrow) = (
                scene.get(&scene.stranger, &["admin:org"], &path).await,
                scene.get(&scene.mona, &["repo", "user"], &path).await,
            );
            for refused in [stranger, narrow] {
                assert_eq!(refused.assert_status(404).message(), "Not Found", "{path}");
            }
            world.anonymous().get(&path).await.assert_status(401);
        }
    }
}

#[tokio::test]
async fn what_operators_change_holds_for_the_next_request() {
    let world = World::new().await;
    let scene = Scene::new(&world).await;
    let (operator, acme) = (World::operator(), &scene.acme.login);
    let slug = scene.team.name.slug();
    let counted = async || {
        let shown = scene.hubot.get("/orgs/acme/teams/site-reliability").await;
        shown.json()["members_count"].as_u64()
    };
    let authority = &world.authority;
    let hubot = &scene.hubot.account.login;
    let added = authority
        .add_team_member(acme, slug, hubot, &operator)
        .await;
    assert!(added.unwrap());
    assert_eq!(counted().await, Some(2));
    let again = authority
        .add_team_member(acme, slug, hubot, &operator)
        .await;
    assert!(!again.unwrap());
    // Who leaves the organization leaves its teams.
    let mona = &scene.mona.account.login;
    authority
        .remove_organization_member(acme, mona, &operator)
        .await
        .unwrap();
    assert_eq!(counted().await, Some(1));
    assert_eq!(texts(&scene.mona.get("/user/teams").await, "slug"), [""; 0]);
    let refused = authority.add_team_member(acme, slug, mona, &operator).await;
    assert_eq!(
        refused.unwrap_err().to_string(),
        "only a member of the organization can be in its teams"
    );
    authority.delete_team(acme, slug, &operator).await.unwrap();
    assert_eq!(counted().await, None);
    assert_eq!(
        texts(&scene.hubot.get("/user/teams").await, "slug"),
        [""; 0]
    );
    // The slug may be used again, by another team.
    let other = world.team(&scene.acme, "site reliability", &[]).await;
    assert_ne!(other.id, scene.team.id);
}

#[tokio::test]
async fn a_deleted_user_is_in_no_team() {
    let world = World::new().await;
    let scene = Scene::new(&world).await;
    world.next_second();
    let before = scene.hubot.get("/orgs/acme/teams/site-reliability").await;
    let modified = before.assert_status(200).header("last-modified").clone();
    world.next_second();
    let login = &scene.mona.account.login;
    world
        .authority
        .delete_account(login, &World::operator())
        .await
        .unwrap();
    let request = scene
        .hubot
        .request(http::Method::GET, "/orgs/acme/teams/site-reliability");
    let after = request.header("if-modified-since", &modified).send().await;
    assert_eq!(after.assert_status(200).json()["members_count"], 0);
}
