//! Pages of lists (wire contract, section 8).

use counterfoil_testkit::{UserActor, World};

const BASE: &str = "http://counterfoil.test/api/v3";

async fn fill(user: &UserActor<'_>, count: usize) {
    for number in 0..count {
        user.personal_token(&format!("number {number:03}"), &[])
            .await;
    }
}

fn link(relation: &str, query: &str) -> String {
    format!("<{BASE}/authorizations?{query}>; rel=\"{relation}\"")
}

#[tokio::test]
async fn sizes_are_clamped_and_never_refused() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    fill(&mona, 101).await;
    for (query, expected) in [
        ("", 30),
        ("per_page=1", 1),
        ("per_page=100", 100),
        ("per_page=101", 100),
        ("per_page=18446744073709551616", 100),
        ("per_page=0", 30),
        ("per_page=-1", 30),
        ("per_page=abc", 30),
        ("per_page=", 30),
        ("per_page", 30),
        ("per_page=1.5", 30),
        ("per_page=%31%30", 10),
        ("per_page=5&per_page=7", 7),
        ("per_page=%FF%00", 30),
        ("page=4", 11),
        ("page=5", 0),
        ("page=0", 30),
        ("page=-1", 30),
        ("page=abc", 30),
        ("page=18446744073709551616", 0),
        ("page=4294967295&per_page=100", 0),
    ] {
        let list = mona.get(&format!("/authorizations?{query}")).await;
        let count = list.assert_status(200).json().as_array().unwrap().len();
        assert_eq!(count, expected, "{query}");
    }
}

#[tokio::test]
async fn relations_are_those_of_the_place_in_the_recorded_order() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    fill(&mona, 5).await;
    for (query, expected) in [
        (
            "per_page=2",
            vec![
                link("next", "per_page=2&page=2"),
                link("last", "per_page=2&page=3"),
            ],
        ),
        (
            "per_page=2&page=2",
            vec![
                link("prev", "per_page=2&page=1"),
                link("next", "per_page=2&page=3"),
                link("last", "per_page=2&page=3"),
                link("first", "per_page=2&page=1"),
            ],
        ),
        (
            "page=3&per_page=2",
            vec![
                link("prev", "page=2&per_page=2"),
                link("first", "page=1&per_page=2"),
            ],
        ),
        (
            "per_page=2&page=9",
            vec![
                link("prev", "per_page=2&page=3"),
                link("first", "per_page=2&page=1"),
            ],
        ),
        (
            "per_page=4&x=%20y&z",
            vec![
                link("next", "per_page=4&x=%20y&z&page=2"),
                link("last", "per_page=4&x=%20y&z&page=2"),
            ],
        ),
        ("per_page=5", vec![]),
        ("", vec![]),
    ] {
        let list = mona.get(&format!("/authorizations?{query}")).await;
        assert_eq!(
            list.assert_status(200).header("link"),
            expected.join(", "),
            "{query}"
        );
    }
}

#[tokio::test]
async fn without_a_size_links_have_none() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    fill(&mona, 31).await;
    let list = mona.get("/authorizations").await;
    assert_eq!(
        list.header("link"),
        [link("next", "page=2"), link("last", "page=2")].join(", ")
    );
}

#[tokio::test]
async fn the_filter_stays_in_the_links() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let app = world.app(&mona, "Deployer").await;
    mona.personal_token("laptop", &[]).await;
    for _ in 0..3 {
        mona.app_token(&app, &[]).await;
    }
    let query = format!("client_id={}&per_page=2", app.client_id);
    let list = mona.get(&format!("/authorizations?{query}")).await;
    assert_eq!(list.json().as_array().unwrap().len(), 2);
    assert!(
        list.header("link")
            .starts_with(&link("next", &format!("{query}&page=2")))
    );
    assert_eq!(
        mona.ids(&format!("/authorizations?{query}&page=2"))
            .await
            .len(),
        1
    );
}

#[tokio::test]
async fn grants_have_pages_too() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    for number in 0..3 {
        let app = world.app(&mona, &format!("App {number}")).await;
        mona.app_token(&app, &[]).await;
    }
    let ids = mona.ids("/applications/grants").await;
    let first = mona.get("/applications/grants?per_page=2").await;
    assert_eq!(
        first.header("link"),
        format!(
            "<{BASE}/applications/grants?per_page=2&page=2>; rel=\"next\", <{BASE}/applications/grants?per_page=2&page=2>; rel=\"last\""
        )
    );
    assert_eq!(mona.ids("/applications/grants?per_page=2").await, ids[..2]);
    assert_eq!(
        mona.ids("/applications/grants?per_page=2&page=2").await,
        ids[2..]
    );
}

#[tokio::test]
async fn no_link_holds_a_secret_or_breaks_out_of_its_brackets() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    fill(&mona, 2).await;
    for query in [
        "access_token=hush",
        "client_secret=hush",
        "%61ccess_token=hush",
        "password=hush",
    ] {
        let list = mona
            .get(&format!("/authorizations?per_page=1&{query}"))
            .await;
        assert!(
            list.has("link") && !list.header("link").contains("hush"),
            "{query}"
        );
    }
    let list = mona.get("/authorizations?per_page=1&x=%3E%22,a").await;
    assert_eq!(list.header("link").matches('>').count(), 2);
    let long = format!("/authorizations?per_page=1&x={}", "y".repeat(20_000));
    assert!(mona.get(&long).await.header("link").len() < 500);
}
