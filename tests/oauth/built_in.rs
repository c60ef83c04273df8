//! The apps that a new installation has, as their programs ask.

use counterfoil_testkit::World;
use http::Method;

use super::{AUTHORIZE, Scene, encoded, error_in, parameter, token_in};

/// Each with its client id and where it waits: at a port of the moment.
const ASKING: [(&str, &str, &str); 4] = [
    (
        "GitHub CLI",
        "178c6fc778ccc68e1d6a",
        "http://127.0.0.1:38241/callback",
    ),
    (
        "GitHub CLI",
        "178c6fc778ccc68e1d6a",
        "http://localhost:38241/",
    ),
    (
        "Git Credential Manager",
        "0120e057bd645470c1ed",
        "http://127.0.0.1:49152/",
    ),
    (
        "Git Credential Manager",
        "0120e057bd645470c1ed",
        "http://localhost:49152/",
    ),
];

#[tokio::test]
async fn they_ask_from_where_they_wait_and_people_read_whose_they_are() {
    let world = World::for_browsers().await;
    let scene = Scene::new(&world).await;
    let made = world.authority.make_built_in_apps(&World::operator()).await;
    assert_eq!(made.expect("the store is there").created.len(), 2);
    for (name, client_id, redirect) in ASKING {
        let redirect = encoded(redirect);
        let address =
            format!("{AUTHORIZE}?client_id={client_id}&redirect_uri={redirect}&scope=repo");
        let page = scene.visitor.get(&address).await;
        let text = page.assert_status(200).text();
        for said in [name, "built_in", "It cannot be verified"] {
            assert!(text.contains(said), "{said}: {text}");
        }
        let asked = scene.device_request(&[("client_id", client_id), ("scope", "repo")]);
        asked.send_unchecked().await.assert_status(200);
    }
    let elsewhere = encoded("https://cli.example.org/callback");
    let address = format!(
        "{AUTHORIZE}?client_id={}&redirect_uri={elsewhere}",
        ASKING[0].1
    );
    let page = scene.visitor.get(&address).await;
    page.assert_status(400);
}

#[tokio::test]
async fn their_organization_is_found_by_nobody() {
    let world = World::for_browsers().await;
    let scene = Scene::new(&world).await;
    let made = world.authority.make_built_in_apps(&World::operator()).await;
    let owner = made.expect("the store is there").created[0].owner;
    for path in [
        "/users/built_in".to_owned(),
        "/orgs/built_in".to_owned(),
        format!("/organizations/{owner}"),
        format!("/user/{owner}"),
    ] {
        scene.mona.get(&path).await.assert_status(404);
    }
}

#[tokio::test]
async fn a_secret_that_everybody_can_read_in_gh_opens_nothing_but_the_token_endpoint() {
    let world = World::for_browsers().await;
    let scene = Scene::new(&world).await;
    let made = world.authority.make_built_in_apps(&World::operator()).await;
    made.expect("the store is there");
    let (_, client_id, redirect) = ASKING[1];
    let secret = "34ddeff2b558a23d38fba8a6de74f086ede1cc0b";
    let address = format!(
        "{AUTHORIZE}?client_id={client_id}&redirect_uri={}&scope=repo",
        encoded(redirect)
    );
    let back = scene.led_back(&address).await;
    let code = parameter(&back, "code").expect("a code");
    let (other, code) = ("0".repeat(40), code.as_str());
    let pair = [("client_id", client_id), ("code", code)];
    let wrong = [&pair[..], &[("client_secret", other.as_str())]].concat();
    let wrong = scene.exchange_of(&wrong).send_unchecked().await;
    assert_eq!(error_in(&wrong), "incorrect_client_credentials");
    let right = [&pair[..], &[("client_secret", secret)]].concat();
    let exchanged = scene.exchange_of(&right).send_unchecked().await;
    let token = token_in(&exchanged);
    assert!(scene.accepts(&token).await);
    let public = world
        .anonymous()
        .request(Method::GET, "/meta")
        .basic(client_id, secret);
    public.send_unchecked().await.assert_status(401);
}
