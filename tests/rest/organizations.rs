//! Organizations and who is in them (wire contract, section 28).

use counterfoil_domain::login::Login;
use counterfoil_domain::organization::{NewOrganization, Role};
use counterfoil_testkit::{Answer, GivenToken, UserActor, World};
use http::Method;
use serde_json::{Value, json};

/// acme with mona, who administers it, and hubot, and a stranger. Tokens come with the scopes that
/// a test gives them.
struct Acme<'w> {
    world: &'w World,
    mona: UserActor<'w>,
    hubot: UserActor<'w>,
    stranger: UserActor<'w>,
}

impl<'w> Acme<'w> {
    async fn new(world: &'w World) -> Self {
        let acme = Self {
            world,
            mona: world.user("mona").await,
            hubot: world.user("hubot").await,
            stranger: world.user("stranger").await,
        };
        let organization = world.organization("acme").await;
        world.join(&organization, &acme.mona, Role::Admin).await;
        world.join(&organization, &acme.hubot, Role::Member).await;
        acme
    }

    async fn get(&self, user: &UserActor<'_>, scopes: &[&str], path: &str) -> Answer {
        self.world.get_with_scopes(user, scopes, path).await
    }
}

#[tokio::test]
async fn an_organization_is_shown_to_everybody() {
    let world = World::new().await;
    world.organization("Acme").await;
    world.next_second();
    let answer = world.anonymous().get("/orgs/acme").await;
    assert_answer!(answer);
    let missing = world.anonymous().get("/orgs/nothing").await;
    assert_eq!(missing.assert_status(404).message(), "Not Found");
}

#[tokio::test]
async fn a_user_is_no_organization_and_an_organization_no_user() {
    let world = World::new().await;
    let acme = Acme::new(&world).await;
    world.anonymous().get("/orgs/mona").await.assert_status(404);
    let shown = acme.mona.get("/users/acme").await.assert_status(200).json();
    assert_eq!(shown["type"], "Organization");
    assert_eq!(shown["node_id"], node_id(&shown));
    let nobody = world.authority.find_account(&login("acme")).await;
    assert!(nobody.is_err());
    let users = world.authority.list_accounts().await.unwrap();
    assert_eq!(users.len(), 3);
}

fn login(text: &str) -> Login {
    Login::parse(text).expect("a login")
}

fn node_id(shown: &Value) -> String {
    counterfoil_wire::view::node_id("Organization", shown["id"].as_i64().expect("an id"))
}

#[tokio::test]
async fn an_organization_cannot_sign_in() {
    let world = World::new().await;
    world.organization("acme").await;
    let anonymous = world.anonymous();
    for password in ["", "acme's password"] {
        let request = anonymous.request(Method::GET, "/user");
        let answer = request.basic("acme", password).send().await;
        assert_eq!(answer.assert_status(401).message(), "Bad credentials");
    }
}

#[tokio::test]
async fn somebodys_organizations_are_listed_to_tokens_that_may_know() {
    let world = World::new().await;
    let acme = Acme::new(&world).await;
    assert_answer!(acme.get(&acme.hubot, &["read:org"], "/user/orgs").await);
    for scopes in [["user"], ["admin:org"]] {
        let listed = acme.get(&acme.mona, &scopes, "/user/orgs").await;
        assert_eq!(listed.logins(), ["acme"]);
    }
    assert_eq!(acme.mona.get("/user/orgs").await.logins(), ["acme"]);
    let nowhere = acme.get(&acme.stranger, &["read:org"], "/user/orgs").await;
    assert_eq!(nowhere.logins(), [""; 0]);
}

#[tokio::test]
async fn a_token_without_the_scope_is_told_which_lists_organizations() {
    let world = World::new().await;
    let acme = Acme::new(&world).await;
    let refused = acme
        .get(&acme.mona, &["repo", "read:user"], "/user/orgs")
        .await;
    assert_eq!(
        refused.assert_status(403).message(),
        "You need at least read:org scope or user scope to list your organizations."
    );
    assert_eq!(refused.header("x-oauth-scopes"), "read:user, repo");
    assert_eq!(
        refused.header("x-accepted-oauth-scopes"),
        "admin:org, read:org, user, write:org"
    );
}

#[tokio::test]
async fn organizations_come_in_pages() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    for number in 1..=5 {
        let organization = world.organization(&format!("org{number}")).await;
        world.join(&organization, &mona, Role::Member).await;
    }
    let first = mona.get("/user/orgs?per_page=2").await;
    assert_eq!(first.logins(), ["org1", "org2"]);
    assert_eq!(
        first.header("link"),
        "<http://counterfoil.test/api/v3/user/orgs?per_page=2&page=2>; rel=\"next\", \
         <http://counterfoil.test/api/v3/user/orgs?per_page=2&page=3>; rel=\"last\""
    );
    let last = mona.get("/user/orgs?per_page=2&page=3").await;
    assert_eq!(last.logins(), ["org5"]);
    let all = mona.get("/user/memberships/orgs?per_page=5").await;
    assert!(!all.has("link"));
    assert_eq!(all.json().as_array().unwrap().len(), 5);
}

#[tokio::test]
async fn a_member_sees_who_else_is_one() {
    let world = World::new().await;
    let acme = Acme::new(&world).await;
    let listed = acme
        .get(&acme.hubot, &["read:org"], "/orgs/ACME/members")
        .await;
    assert_eq!(listed.logins(), ["mona", "hubot"]);
    let page = acme.mona.get("/orgs/acme/members?per_page=1").await;
    assert_eq!(page.logins(), ["mona"]);
    assert!(
        page.header("link")
            .contains("/orgs/acme/members?per_page=1&page=2>")
    );
    for (login, status) in [
        ("mona", 204),
        ("HUBOT", 204),
        ("stranger", 404),
        ("nobody", 404),
    ] {
        let path = format!("/orgs/acme/members/{login}");
        let answer = acme.get(&acme.hubot, &["read:org"], &path).await;
        assert_eq!(answer.status, status, "{login}");
        assert!(status == 404 || answer.body.is_empty());
    }
}

#[tokio::test]
async fn from_outside_nobody_is_seen() {
    let world = World::new().await;
    let acme = Acme::new(&world).await;
    let check = "/orgs/Acme/members/mona";
    for (user, scopes) in [
        (&acme.stranger, &["admin:org", "user"][..]),
        (&acme.mona, &["repo", "user"]),
    ] {
        let listed = acme.get(user, scopes, "/orgs/acme/members").await;
        assert_eq!(listed.logins(), [""; 0]);
        let sent_on = acme.get(user, scopes, check).await;
        sent_on.assert_status(302);
        let place = "http://counterfoil.test/api/v3/orgs/acme/public_members/mona";
        assert_eq!(sent_on.header("location"), place);
        let followed = place
            .strip_prefix("http://counterfoil.test/api/v3")
            .unwrap();
        acme.get(user, scopes, followed).await.assert_status(404);
        let refused = acme.get(user, scopes, "/orgs/acme/memberships/mona").await;
        let message = "You must be a member of this organization.";
        assert_eq!(refused.assert_status(403).message(), message);
    }
    world.anonymous().get(check).await.assert_status(401);
}

#[tokio::test]
async fn a_membership_says_its_role() {
    let world = World::new().await;
    let acme = Acme::new(&world).await;
    let own = acme
        .get(&acme.mona, &["read:org"], "/user/memberships/orgs/acme")
        .await;
    assert_answer!(own);
    let other = acme.mona.get("/orgs/acme/memberships/hubot").await;
    let other = other.assert_status(200).json();
    assert_eq!(
        (&other["role"], &other["state"]),
        (&json!("member"), &json!("active"))
    );
    acme.mona
        .get("/orgs/acme/memberships/stranger")
        .await
        .assert_status(404);
    acme.stranger
        .get("/user/memberships/orgs/acme")
        .await
        .assert_status(404);
    for path in ["/user/memberships/orgs", "/user/memberships/orgs/acme"] {
        let refused = acme.get(&acme.mona, &["user"], path).await;
        let message = "Missing the 'read:org' scope.";
        assert_eq!(refused.assert_status(403).message(), message);
    }
}

#[tokio::test]
async fn what_operators_change_holds_for_the_next_request() {
    let world = World::new().await;
    let acme = Acme::new(&world).await;
    let (operator, organization) = (World::operator(), login("acme"));
    let is_seen = async || {
        let check = acme.mona.get("/orgs/acme/members/hubot").await;
        check.status == 204
    };
    assert!(is_seen().await);
    let login = &acme.hubot.account.login;
    world
        .authority
        .remove_organization_member(&organization, login, &operator)
        .await
        .unwrap();
    assert!(!is_seen().await);
    assert_eq!(acme.hubot.get("/user/orgs").await.logins(), [""; 0]);
    world
        .authority
        .delete_organization(&organization, &operator)
        .await
        .unwrap();
    world.anonymous().get("/orgs/acme").await.assert_status(404);
    assert_eq!(acme.mona.get("/user/orgs").await.logins(), [""; 0]);
}

#[tokio::test]
async fn a_deleted_user_is_nowhere_a_member() {
    let world = World::new().await;
    let acme = Acme::new(&world).await;
    let login = &acme.hubot.account.login;
    world
        .authority
        .delete_account(login, &World::operator())
        .await
        .unwrap();
    assert_eq!(acme.mona.get("/orgs/acme/members").await.logins(), ["mona"]);
    acme.mona
        .get("/orgs/acme/members/hubot")
        .await
        .assert_status(404);
}

#[tokio::test]
async fn an_organization_takes_no_login_that_was_given() {
    let world = World::new().await;
    let _acme = Acme::new(&world).await;
    for taken in ["mona", "ACME"] {
        let new = NewOrganization {
            login: login(taken),
            name: None,
        };
        let operator = World::operator();
        let refused = world.authority.create_organization(new, &operator).await;
        assert_eq!(refused.unwrap_err().to_string(), "this login is taken");
    }
}

#[tokio::test]
async fn a_list_that_the_client_has_is_not_sent_again() {
    let world = World::new().await;
    let acme = Acme::new(&world).await;
    for path in ["/user/orgs", "/orgs/acme", "/orgs/acme/members", "/"] {
        let got = acme.mona.get(path).await;
        let tag = got.assert_status(200).header("etag").clone();
        let request = acme.mona.request(Method::GET, path);
        let again = request.header("if-none-match", &tag).send().await;
        assert!(again.assert_status(304).body.is_empty(), "{path}");
        assert_eq!(again.header("etag"), tag);
    }
}

/// The lists as sign-in proxies read them: some follow links, some count pages until one is empty.
#[tokio::test]
async fn proxies_read_a_list_to_its_end_either_way() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    for number in 1..=5 {
        let organization = world.organization(&format!("org{number}")).await;
        world.join(&organization, &mona, Role::Member).await;
        world.team(&organization, "Operators", &[&mona]).await;
    }
    let given = GivenToken {
        scopes: &["read:org", "user:email"],
        ..GivenToken::default()
    };
    let token = world.issue_token(&mona, given).await.token;
    let anonymous = world.anonymous();
    for list in ["/user/orgs", "/user/teams"] {
        let mut counted = Vec::new();
        for number in 1.. {
            let path = format!("{list}?per_page=2&page={number}");
            let page = anonymous.get_with_token(token.expose(), &path).await;
            let page = page.assert_status(200).json();
            let page = page.as_array().unwrap().clone();
            if page.is_empty() {
                break;
            }
            counted.extend(page);
        }
        assert_eq!(counted.len(), 5, "{list}");

        let mut followed = Vec::new();
        let mut next = Some(format!("{list}?per_page=2"));
        while let Some(path) = next {
            let page = anonymous.get_with_token(token.expose(), &path).await;
            followed.extend(page.assert_status(200).json().as_array().unwrap().clone());
            next = next_page(&page);
        }
        assert_eq!(followed, counted, "{list}");
    }
}

/// Where `Link` says that the next page is.
fn next_page(page: &Answer) -> Option<String> {
    let links = page.header("link");
    let next = links
        .split(", ")
        .find(|link| link.ends_with("rel=\"next\""))?;
    let (address, _) = next
        .strip_prefix("<http://counterfoil.test/api/v3")?
        .split_once('>')?;
    Some(address.to_owned())
}
