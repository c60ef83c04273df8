//! Organizations, teams and users by their ids: the answers are those by login and slug
//! (wire contract, sections 19 and 28).

use counterfoil_domain::organization::{Organization, Role, Team};
use counterfoil_testkit::{Answer, GivenToken, RequestBuilder, TokenActor, UserActor, World};
use http::Method;

/// acme with mona, who administers it, and hubot; both are in a team. And a stranger.
struct Scene<'w> {
    world: &'w World,
    mona: UserActor<'w>,
    acme: Organization,
    team: Team,
    /// Tokens that may know who is in an organization, of each.
    tokens: [TokenActor<'w>; 3],
}

impl<'w> Scene<'w> {
    async fn new(world: &'w World) -> Self {
        let (mona, hubot) = (world.user("mona").await, world.user("hubot").await);
        let stranger = world.user("stranger").await;
        let acme = world.organization("Acme").await;
        world.join(&acme, &mona, Role::Admin).await;
        world.join(&acme, &hubot, Role::Member).await;
        let team = world.team(&acme, "Ops", &[&mona, &hubot]).await;
        let mut tokens = Vec::new();
        for user in [&mona, &hubot, &stranger] {
            let given = GivenToken {
                scopes: &["admin:org"],
                ..GivenToken::default()
            };
            let issued = world.issue_token(user, given).await;
            tokens.push(world.anonymous().with_token(issued.token.expose()));
        }
        Self {
            world,
            mona,
            acme,
            team,
            tokens: tokens.try_into().ok().expect("there are three"),
        }
    }

    /// What everybody is answered: an owner, a member, a stranger, and whoever says nothing.
    async fn asked(&self, path: &str) -> Vec<Answer> {
        let get = Method::GET;
        let tokens = self.tokens.iter();
        let mut requests: Vec<RequestBuilder<'_>> = tokens
            .map(|token| token.request(get.clone(), path))
            .collect();
        requests.push(self.world.anonymous().request(get, path));
        let mut answers = Vec::new();
        for request in requests {
            answers.push(request.send().await);
        }
        answers
    }

    fn by_id(&self) -> String {
        format!("/organizations/{}", self.acme.id)
    }

    /// Where the team is: by its organization and its slug, by its id, and by both ids.
    fn team_places(&self) -> [String; 3] {
        [
            "/orgs/acme/teams/ops".to_owned(),
            format!("/teams/{}", self.team.id),
            format!("{}/team/{}", self.by_id(), self.team.id),
        ]
    }
}

#[tokio::test]
async fn an_organization_answers_the_same_by_login_and_by_id() {
    let world = World::new().await;
    let scene = Scene::new(&world).await;
    let mut statuses = Vec::new();
    for below in [
        "",
        "/members",
        "/members?role=admin",
        "/members?role=owner",
        "/members?filter=2fa_disabled",
        "/members/mona",
        "/members/stranger",
        "/memberships/hubot",
        "/memberships/stranger",
        "/public_members",
        "/public_members/mona",
        "/teams",
    ] {
        let by_login = scene.asked(&format!("/orgs/acme{below}")).await;
        let by_id = scene.asked(&format!("{}{below}", scene.by_id())).await;
        for (by_login, by_id) in by_login.into_iter().zip(by_id) {
            assert_eq!(by_id.status, by_login.status, "{below}");
            assert_eq!(by_id.text(), by_login.text(), "{below}");
            for header in ["location", "last-modified", "x-accepted-oauth-scopes"] {
                assert_eq!(by_id.header(header), by_login.header(header), "{below}");
            }
            statuses.push(by_id.status.as_u16());
        }
    }
    for seen in [200, 204, 302, 401, 403, 404, 422] {
        assert!(statuses.contains(&seen), "{seen} was not among the answers");
    }
}

#[tokio::test]
async fn a_team_answers_the_same_by_slug_by_id_and_by_both_ids() {
    let world = World::new().await;
    let scene = Scene::new(&world).await;
    for below in [
        "",
        "/members",
        "/members?role=maintainer",
        "/members?role=admin",
        "/members/hubot",
        "/members/stranger",
        "/memberships/mona",
        "/memberships/stranger",
    ] {
        let [by_slug, by_id, by_ids] = scene.team_places().map(|place| place + below);
        let by_slug = scene.asked(&by_slug).await;
        for path in [by_id, by_ids] {
            for (answer, expected) in scene.asked(&path).await.into_iter().zip(&by_slug) {
                assert_eq!(answer.status, expected.status, "{path}");
                if expected.status.is_success() {
                    assert_eq!(answer.body, expected.body, "{path}");
                } else {
                    // Each operation has a page of its own.
                    assert_eq!(answer.message(), expected.message(), "{path}");
                }
            }
        }
    }
}

#[tokio::test]
async fn links_of_lists_by_id_lead_on_by_id_and_keep_the_filter() {
    let world = World::new().await;
    let scene = Scene::new(&world).await;
    world.team(&scene.acme, "Design", &[]).await;
    let [_, by_id, by_ids] = scene.team_places();
    for path in [
        format!("{}/members?role=all&per_page=1", scene.by_id()),
        format!("{}/teams?x=y&per_page=1", scene.by_id()),
        format!("{by_id}/members?role=all&per_page=1"),
        format!("{by_ids}/members?role=all&per_page=1"),
    ] {
        let place = format!("<http://counterfoil.test/api/v3{path}&page=2>");
        let first = scene.mona.get(&path).await;
        assert_eq!(
            first.assert_status(200).header("link"),
            format!("{place}; rel=\"next\", {place}; rel=\"last\"")
        );
        let last = scene.mona.get(&format!("{path}&page=2")).await;
        assert_eq!(last.json().as_array().map(Vec::len), Some(1));
        assert_ne!(last.text(), first.text());
    }
}

#[tokio::test]
async fn a_team_is_not_found_below_another_organization() {
    let world = World::new().await;
    let scene = Scene::new(&world).await;
    let other = world.organization("other").await;
    world.join(&other, &scene.mona, Role::Admin).await;
    let team = scene.team.id;
    for organization in [other.id.0, scene.mona.account.id.0, 999] {
        for below in ["", "/members", "/members/mona", "/memberships/mona"] {
            let path = format!("/organizations/{organization}/team/{team}{below}");
            let refused = scene.mona.get(&path).await;
            assert_eq!(refused.assert_status(404).message(), "Not Found", "{path}");
        }
    }
}

#[tokio::test]
async fn what_no_organization_has_as_its_id_is_not_found() {
    let world = World::new().await;
    let scene = Scene::new(&world).await;
    let user = scene.mona.account.id.to_string();
    for id in ["0", "999", "acme", "01x", "-1", "%FF", &user] {
        for below in ["", "/members", "/public_members", "/teams", "/team/1"] {
            let path = format!("/organizations/{id}{below}");
            scene.mona.get(&path).await.assert_status(404);
        }
    }
    let (authority, operator) = (&world.authority, World::operator());
    let login = &scene.acme.login;
    let deleted = authority.delete_organization(login, &operator).await;
    deleted.unwrap();
    scene.mona.get(&scene.by_id()).await.assert_status(404);
}

#[tokio::test]
async fn a_user_and_an_organization_are_shown_by_id_as_by_login() {
    let world = World::new().await;
    let scene = Scene::new(&world).await;
    for (login, id) in [("mona", scene.mona.account.id), ("acme", scene.acme.id)] {
        let by_login = scene.asked(&format!("/users/{login}")).await;
        let by_id = scene.asked(&format!("/user/{id}")).await;
        for (by_login, by_id) in by_login.into_iter().zip(by_id) {
            assert_eq!(by_id.assert_status(200).text(), by_login.text());
        }
    }
    for id in ["0", "999"] {
        let nobody = scene.mona.get(&format!("/user/{id}")).await;
        assert_eq!(nobody.assert_status(404).message(), "Not Found");
    }
    // A word in the place of the id is a path that nobody knows.
    let page = "https://docs.github.com/enterprise-server@3.19/rest";
    for path in ["/user/repos", "/user/keys", "/user/1x"] {
        let unknown = world.anonymous().get(path).await;
        assert_eq!(unknown.assert_status(404).json()["documentation_url"], page);
    }
}

#[tokio::test]
async fn no_membership_is_public() {
    let world = World::new().await;
    let scene = Scene::new(&world).await;
    for path in [
        "/users/mona/orgs",
        "/users/ACME/orgs",
        "/orgs/acme/public_members",
    ] {
        for answer in scene.asked(path).await {
            assert_eq!(answer.assert_status(200).text(), "[]", "{path}");
            assert!(!answer.has("link"));
        }
    }
    let beyond = world.anonymous().get("/users/MONA/orgs?page=3").await;
    let first = "<http://counterfoil.test/api/v3/users/mona/orgs?page=1>";
    assert_eq!(
        beyond.header("link"),
        format!("{first}; rel=\"prev\", {first}; rel=\"first\"")
    );
    for path in [
        "/users/nobody/orgs",
        "/orgs/nothing/public_members",
        "/orgs/mona/public_members",
        "/orgs/acme/public_members/mona",
        "/orgs/nothing/public_members/mona",
    ] {
        for answer in scene.asked(path).await {
            assert_eq!(answer.assert_status(404).message(), "Not Found", "{path}");
        }
    }
}
